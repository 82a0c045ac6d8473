# Class 8: every attribute against octets written by hand from IEC 62056-6-2.
import unittest

from cosem import clock, dispatch, internal
from cosem_reading import (
    CONFIGURATOR, PUBLIC, READER, descriptor, read, request, unhex, use_still_clock,
)
from meter import date, settings
from meter.clock import Clock

_TEMPORARY_FAILURE = 2


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


class Rtc:
    """Seconds since 2000 that the test sets; UTC."""

    lost = False
    silent = False

    def __init__(self, *fields):
        self.write(fields)

    def read(self, fields):
        date.put_minute(fields, self.utc_s // 60)
        fields[6] = self.utc_s % 60
        return True

    def write(self, fields):
        self.utc_s = 0 if self.silent else date.seconds(fields)
        return not self.silent


class FullStore:
    def get(self, key):
        return None

    def put(self, key, octets):
        return False


class TestChanging(unittest.TestCase):
    def setUp(self):
        dispatch.start()
        self.saved = dict(settings._values)
        settings._values.clear()
        self.clock = Clock(Rtc(2026, 11, 22, 7, 13, 37, 29), -60)
        clock.use(self.clock)

    def tearDown(self):
        settings.use(None)
        settings._values.clear()
        settings._values.update(self.saved)
        dispatch.start()

    def call(self, method, text):
        q = request(CONFIGURATOR)
        self.assertEqual(dispatch.open(q, descriptor(8, "0-0:1.0.0", method), 0, 2), 0)
        data = unhex(text)
        return dispatch.act(q, data, 0, len(data))

    def put(self, attribute, text):
        q = request(CONFIGURATOR)
        self.assertEqual(dispatch.open(q, descriptor(8, "0-0:1.0.0", attribute), 0, 1), 0)
        data = unhex(text)
        return dispatch.set(q, data, 0, len(data))

    def test_adjust_to_measuring_period(self):
        # 14:37:29 local; quarters, hours, days of the load profile. 0: it is not captured by the
        # clock, and more than a day is no period of a day: quarters again.
        row = internal.find(7, unhex("0100630100FF"))
        for period_s, wanted in (
            (900, (22, 14, 30)), (3600, (22, 15, 0)), (86400, (23, 0, 0)), (0, (22, 14, 30)),
            (172800, (22, 14, 30)),
        ):
            data = b"\x06" + bytes((0, period_s >> 16, period_s >> 8 & 255, period_s & 255))
            self.assertEqual(internal.set(row, 4, data, 0, 5), 0)
            self.clock.set((2026, 11, 22, 255, 14, 37, 29, 255, -0x8000, 255))
            self.assertEqual(self.call(2, "0F 00"), 0)
            self.clock.now()
            fields = list(self.clock.fields)
            self.assertEqual((fields[2], fields[4], fields[5]), wanted)
            self.assertEqual(fields[6], 0)

    def test_what_is_not_safe_is_not_confirmed(self):
        settings.use(FullStore())
        for attribute, text in (
            (2, "09 0C 07E9 03 04 FF 06 07 08 FF 8000 FF"), (3, "10 FF88"),
            (5, "09 0C FFFF 04 FE 07 02 00 00 00 8000 00"),
            (6, "09 0C FFFF 09 01 07 03 00 00 00 8000 00"), (7, "0F 1E"), (8, "03 01"),
        ):
            before = read(READER, 8, "0-0:1.0.0", attribute)
            self.assertEqual(self.put(attribute, text), _TEMPORARY_FAILURE)
            self.assertEqual(read(READER, 8, "0-0:1.0.0", attribute), before)
        for method in (1, 2, 3):
            self.assertEqual(self.call(method, "0F 00"), _TEMPORARY_FAILURE)

    def test_a_chip_that_does_not_answer(self):
        self.clock.rtc.silent = True
        text = "09 0C 07E9 03 04 FF 06 07 08 FF 8000 FF"
        self.assertEqual(self.put(2, text), _TEMPORARY_FAILURE)


if __name__ == "__main__":
    unittest.main()
