"""What a person reads: exact decimals, dates, texts."""

import datetime
import unittest
from decimal import Decimal

from fakes import vectors
from microcosem import values
from microcosem.axdr import Bits, Enum, Structure


class Numbers(unittest.TestCase):
    def test_scaler(self):
        for value, scaler, text in ((23051, -2, "230.51"), (5, 3, "5000"), (0, -3, "0.000"),
                                    (-1, -1, "-0.1"), (2**64 - 1, -1, "1844674407370955161.5"),
                                    (1.5, 0, "1.5")):  # fmt: skip
            self.assertEqual(f"{values.scaled(value, scaler):f}", text)
        self.assertEqual(values.scaled(1, -3), Decimal("0.001"))

    def test_what_is_no_number(self):
        for value in (None, True, b"\x01", "12", [1]):
            self.assertIsNone(values.scaled(value, 0))
        self.assertIsNone(values.scaled(1, 99))

    def test_scaler_unit(self):
        self.assertEqual(values.scaler_unit(Structure((-2, Enum(35)))), (-2, "V"))
        self.assertEqual(values.scaler_unit(Structure((0, Enum(200)))), (0, "unit 200"))
        for wrong in (None, [1, 2], Structure((1,)), Structure((b"", 1))):
            self.assertEqual(values.scaler_unit(wrong), (0, ""))


class Dates(unittest.TestCase):
    def test_as_text(self):
        for name, text in (("2024-07-20T12:30:00_dow_unspec_nodev", "2024-07-20 12:30:00"),
                           ("utc+2_deviation_-120", "2024-07-20 12:30:00 +02:00"),
                           ("utc+2_saturday_dst", "2024-07-20 12:30:00 +02:00 summer")):  # fmt: skip
            self.assertEqual(values.date_time(vectors()["dt_" + name]), text)
        wild = values.date_time(vectors()["dt_all_wildcard"])
        self.assertEqual(wild, "----" + "-" + "--" + "-" + "--" + " --:--:--")

    def test_states_of_the_clock(self):
        for status, word in ((0x01, "invalid"), (0x02, "doubtful"), (0x80, "summer")):
            octets = bytes.fromhex("07E80714060C1E0000FF88") + bytes((status,))
            self.assertIn(word, values.date_time(octets))

    def test_as_datetime(self):
        zone = datetime.timezone(datetime.timedelta(hours=2))
        found = values.to_datetime(vectors()["dt_utc+2_deviation_-120"])
        self.assertEqual(found, datetime.datetime(2024, 7, 20, 12, 30, tzinfo=zone))
        found = values.to_datetime(vectors()["dt_hundredths_50"])
        self.assertEqual(found, datetime.datetime(2024, 7, 20, 12, 30, 0, 500000))
        self.assertIsNone(values.to_datetime(vectors()["dt_all_wildcard"]))

    def test_other_lengths(self):
        for size in (0, 5, 11, 13):
            self.assertIsNone(values.date_time(bytes(size)))
            self.assertIsNone(values.to_datetime(bytes(size)))


class Texts(unittest.TestCase):
    def test_any_value(self):
        for value, text in ((None, "-"), (b"MCM10000001", "MCM10000001"), (b"\x00\xfe", "00FE"),
                            (bytes((1, 0, 1, 8, 0, 255)), "1-0:1.8.0"), (Bits("101"), "101"),
                            ([1, Structure((2, b"A"))], "[1, {2, A}]"), (True, "True")):  # fmt: skip
            self.assertEqual(values.text(value), text)

    def test_for_json(self):
        self.assertEqual(values.plain([Enum(3), Structure((b"\x01", None, True, Bits("10"), 1.5))]),
                         [3, ["01", None, True, "10", 1.5]])  # fmt: skip


if __name__ == "__main__":
    unittest.main()
