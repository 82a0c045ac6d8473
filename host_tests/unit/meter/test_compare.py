# The order of encoded Data; moments are written by hand from IEC 62056-6-2, date and time formats.
import unittest

from meter import compare


def unhex(text):
    text = text.replace(" ", "")
    return bytes([int(text[i : i + 2], 16) for i in range(0, len(text), 2)])


def moment(text):
    return b"\x09\x0c" + unhex(text)


# Sunday 2026-11-22 14:30:05, UTC+1; and the same in octets that leave something open
_ROW = moment("07EA 0B 16 07 0E 1E 05 00 FFC4 00")


class TestNumbers(unittest.TestCase):
    def order(self, one, other):
        one, other = unhex(one), unhex(other)
        return compare.order(b"??" + one, 2, b"?" + other, 1)

    def test_numbers_of_any_integer_type(self):
        self.assertEqual(self.order("11 05", "12 0005"), 0)
        self.assertEqual(self.order("0F FF", "06 00000000"), -1)
        self.assertEqual(self.order("15 8000000000000000", "14 7FFFFFFFFFFFFFFF"), 1)
        self.assertEqual(self.order("16 02", "03 01"), 1)
        self.assertEqual(self.order("10 FFFE", "05 FFFFFFFE"), 0)

    def test_floats(self):
        self.assertEqual(self.order("17 3FC00000", "11 01"), 1)  # 1.5
        self.assertEqual(self.order("18 C002000000000000", "0F FE"), -1)  # -2.25

    def test_strings(self):
        self.assertEqual(self.order("09 02 4142", "09 02 4142"), 0)
        self.assertEqual(self.order("09 02 4142", "09 03 414200"), -1)
        self.assertEqual(self.order("0A 01 62", "0A 02 6161"), 1)

    def test_kinds(self):
        for text, wanted in (
            ("00", 0), ("11 05", 1), ("17 00000000", 1), ("09 02 4142", 3), ("0A 00", 3),
            ("02 00", 0), ("04 01 80", 0), ("0D 12", 0),
        ):
            data = unhex(text)
            self.assertEqual(compare.kind(data, 0, len(data)), wanted)
        self.assertEqual(compare.kind(_ROW, 0, 14), 2)
        self.assertEqual(compare.kind(b"\x19" + _ROW[2:], 0, 13), 2)


class TestMoments(unittest.TestCase):
    def order(self, bound, row=_ROW):
        return compare.order(row, 0, b"?" + moment(bound), 1)

    def test_as_utc_when_the_deviation_is_given(self):
        self.assertEqual(self.order("07EA 0B 16 07 0D 1E 05 00 0000 00"), 0)
        self.assertEqual(self.order("07EA 0B 16 07 0D 1E 06 00 0000 00"), -1)
        self.assertEqual(self.order("07EA 0B 16 07 0D 1D 3B 00 0000 00"), 1)
        # 23:30 of the day before in UTC-10 is 09:30 UTC
        self.assertEqual(self.order("07EA 0B 15 06 17 1E 00 00 0258 00"), 1)

    def test_as_local_time_when_it_is_not(self):
        self.assertEqual(self.order("07EA 0B 16 FF 0E 1E 05 FF 8000 FF"), 0)
        self.assertEqual(self.order("07EA 0B 16 FF 0E 1F 00 FF 8000 FF"), -1)
        self.assertEqual(self.order("07EA 0B 16 FF 0E 1E FF FF 8000 FF"), 0)
        self.assertEqual(self.order("07EA 0B FF FF FF FF FF FF 8000 FF"), 0)
        self.assertEqual(self.order("07E9 FF FF FF FF FF FF FF 8000 FF"), 1)
        self.assertEqual(self.order("FFFF FF FF FF 0E 1F FF FF 8000 FF"), -1)
        self.assertEqual(self.order("FFFF FF FF FF FF FF FF FF 8000 FF"), 0)

    def test_the_day_of_week_counts_where_no_date_is_given(self):
        self.assertEqual(self.order("07EA 0B 16 01 0E 1E 05 FF 8000 FF"), 0)
        self.assertEqual(self.order("FFFF FF FF 06 FF FF FF FF 8000 FF"), 1)
        self.assertEqual(self.order("FFFF FF FF 07 0F FF FF FF 8000 FF"), -1)

    def test_the_hour_that_comes_twice(self):
        # 2026-10-25 02:30: first at UTC+2, an hour later again at UTC+1
        summer = moment("07EA 0A 19 07 02 1E 00 00 FF88 80")
        winter = moment("07EA 0A 19 07 02 1E 00 00 FFC4 00")
        self.assertEqual(compare.order(summer, 0, winter, 0), -1)
        self.assertEqual(compare.order(winter, 0, summer, 0), 1)
        for row in (summer, winter):
            self.assertEqual(self.order("07EA 0A 19 FF 02 1E 00 FF 8000 FF", row), 0)

    def test_utc_minutes(self):
        # 2000-01-02 00:00 in UTC+1 is 23 h behind the beginning of the century
        self.assertEqual(compare.utc_min(unhex("07D0 01 02 07 00 00 00 00 FFC4 00"), 0), 1380)
        self.assertEqual(compare.utc_min(unhex("07D0 01 01 06 00 0A 3B 00 0000 00"), 0), 10)
        self.assertFalse(compare.is_utc(unhex("07D0 01 01 06 00 0A 3B 00 8000 00"), 0))
        self.assertFalse(compare.is_utc(unhex("07D0 01 01 06 00 FF 3B 00 0000 00"), 0))

    def test_what_is_a_moment(self):
        for text, wanted in (
            ("07EA 0B 16 FF 0E 1E 05 FF 8000 FF", True), ("07EA 0D 16 FF 0E 1E 05 FF 8000 FF", False),
            ("07EA 0B 20 FF 0E 1E 05 FF 8000 FF", False), ("07EA 0B 16 08 0E 1E 05 FF 8000 FF", False),
            ("07EA 0B 16 FF 18 1E 05 FF 8000 FF", False), ("07EA 0B 16 FF 0E 3C 05 FF 8000 FF", False),
            ("07EA 0B 16 FF 0E 1E 3C FF 8000 FF", False), ("07EA 0B 16 FF 0E 1E 05 64 8000 FF", False),
            ("FFFF FF FF FF FF FF FF FF 8000 FF", True), ("07EA 00 16 FF 0E 1E 05 FF 8000 FF", False),
        ):
            self.assertEqual(compare.is_moment(unhex(text), 0), wanted, text)


class TestLimits(unittest.TestCase):
    def test_every_moment_outside_the_limits_has_one_order(self):
        # The limits say where nothing needs to be compared; here all of it is.
        bounds = [
            "07EA 0B 16 FF 0E 1E 05 FF 8000 FF", "07EA 0B 16 07 0E 1E 05 00 FFC4 00",
            "07EA FF 0F FF FF FF FF FF 8000 FF", "07EA 02 FF FF FF FF FF FF 8000 FF",
            "FFFF FF FF 03 0C FF FF FF 8000 FF", "FFFF 06 FF FF FF FF FF FF 8000 FF",
            "07EA 0B FF FF FF 1E FF FF FFC4 00", "07D1 01 01 FF 00 00 00 FF 8000 FF",
        ]
        decided = 0
        for bound in [unhex(text) for text in bounds]:
            first, last = compare.earliest(bound, 0), compare.latest(bound, 0)
            for month in range(1, 13):
                for day in (1, 2, 14, 15, 16, 27, 28):
                    for hour in (0, 1, 13, 14, 15, 23):
                        row = bytes([7, 0xEA, month, day, 1, hour, 30, 0, 0, 0xFF, 0xC4, 0])
                        minute = compare.utc_min(row, 0)
                        order = compare.order_moments(row, 0, bound, 0)
                        if minute < first:
                            self.assertEqual(order, -1)
                        elif minute > last:
                            self.assertEqual(order, 1)
                        else:
                            decided -= 1
                        decided += 1
        self.assertTrue(decided > 500)


if __name__ == "__main__":
    unittest.main()
