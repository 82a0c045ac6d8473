# Class 8: every attribute against octets written by hand from IEC 62056-6-2.
import unittest

from cosem_reading import PUBLIC, READER, read, unhex, use_still_clock


class TestClock(unittest.TestCase):
    def test_time(self):
        # 2026 = 07EA, November = 0B, 22 = 16, Sunday = 7, 14:30:05 = 0E1E05, 50 hundredths = 32,
        # deviation -60 = FFC4, status 00.
        still = use_still_clock()
        want = unhex("09 0C | 07EA 0B 16 07 0E1E05 32 FFC4 00")
        self.assertEqual(read(PUBLIC, 8, "0-0:1.0.0", 2), want)
        self.assertEqual(read(READER, 8, "0-0:1.0.0", 2), want)
        self.assertEqual(still.asked, 2)

    def test_summer_time(self):
        still = use_still_clock()
        still.fields[8], still.fields[9] = -120, 0x80
        self.assertEqual(read(READER, 8, "0-0:1.0.0", 2)[-3:], unhex("FF88 80"))
        self.assertEqual(read(READER, 8, "0-0:1.0.0", 4), unhex("11 80"))

    def test_settings(self):
        use_still_clock()
        for attribute, text in (
            (3, "10 FFC4"),
            (4, "11 00"),
            (5, "09 0C | FFFF 03 FE 07 02000000 8000 00"),
            (6, "09 0C | FFFF 0A FE 07 03000000 8000 00"),
            (7, "0F 3C"),
            (8, "03 01"),
            (9, "16 01"),
        ):
            self.assertEqual(read(READER, 8, "0-0:1.0.0", attribute), unhex(text), attribute)

    def test_status_is_fresh(self):
        still = use_still_clock()
        still.fields[9] = 1
        self.assertEqual(read(READER, 8, "0-0:1.0.0", 4), unhex("11 01"))
        self.assertEqual(still.asked, 1)


if __name__ == "__main__":
    unittest.main()
