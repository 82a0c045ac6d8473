# The clock over an RTC that the test moves: local time, setting, restart, jumps.
import unittest

from meter import date as c
from meter.clock import Clock

_ANY = 255
_NONE = -0x8000
_EU = (
    -60,
    True,
    (65535, 3, 254, 7, 2, 0, 0, 0, _NONE, 0),
    (65535, 10, 254, 7, 3, 0, 0, 0, _NONE, 0),
    60,
)
# Second Sunday of March to first of November, 02:00 local either time; UTC-5.
_US = (
    300,
    True,
    (65535, 3, 8, 7, 2, 0, 0, 0, _NONE, 0),
    (65535, 11, 1, 7, 2, 0, 0, 0, _NONE, 0),
    60,
)
# First Sunday of October to first of April; UTC+10.
_SYDNEY = (
    -600,
    True,
    (65535, 10, 1, 7, 2, 0, 0, 0, _NONE, 0),
    (65535, 4, 1, 7, 3, 0, 0, 0, _NONE, 0),
    60,
)


class FakeRtc:
    """Keeps what is written; UTC."""

    def __init__(self, *fields):
        self.fields = list(fields)
        self.lost = False
        self.silent = False

    def read(self, fields):
        if self.silent:
            return False
        for k in range(7):
            fields[k] = self.fields[k]
        fields[7] = 255
        return True

    def write(self, fields):
        if self.silent:
            return False
        self.fields = list(fields[:7])
        self.lost = False
        return True


def _at(zone, year, month, day, hour, minute, second=0):
    """Clock whose RTC stands at a UTC time, read."""
    rtc = FakeRtc(year, month, day, c.weekday(c.days(year, month, day)), hour, minute, second)
    made = Clock(rtc, *zone)
    made.now()
    return made


def _local(clock):
    fields = list(clock.fields)
    return tuple(fields[:3] + fields[4:7])



class TestWithinOneMinute(unittest.TestCase):
    # 12:30 UTC in summer; what is worked out once a minute must not outlive what it came from.
    def setUp(self):
        self.clock = _at(_EU, 2024, 7, 20, 12, 30, 5)
        self.clock.now()

    def shows(self, hour, minute, second, deviation):
        self.clock.now()
        f = self.clock.fields
        self.assertEqual([f[4], f[5], f[6], f[8]], [hour, minute, second, deviation])

    def test_seconds_go_on(self):
        self.clock.rtc.fields[6] = 6
        self.shows(14, 30, 6, -120)

    def test_zone(self):
        self.clock.set_zone(-120)
        self.shows(15, 30, 5, -180)

    def test_daylight_saving_off_and_on(self):
        self.clock.enable_dst(False)
        self.shows(13, 30, 5, -60)
        self.clock.enable_dst(True)
        self.shows(14, 30, 5, -120)

    def test_its_deviation(self):
        self.clock.set_dst_deviation(30)
        self.shows(14, 0, 5, -90)

    def test_its_rule(self):
        self.clock.set_begin((0xFFFF, 8, 1, 0xFF, 2, 0, 0, 0, -0x8000, 0))
        self.shows(13, 30, 5, -60)

    def test_status_after_setting(self):
        clock = _at(_EU, 2024, 7, 20, 12, 30, 5)
        clock.now()
        was = clock.fields[9]
        self.assertTrue(clock.set(tuple(clock.fields[:8]) + (-0x8000, 0)))
        clock.now()
        self.assertEqual((was & 1, clock.fields[9] & 1), (1, 0))


class TestDaylightSaving(unittest.TestCase):
    def check(self, zone, utc, local, deviation, summer):
        clock = _at(zone, *utc)
        self.assertEqual(_local(clock), local)
        self.assertEqual(clock.fields[8], deviation)
        self.assertEqual(clock.fields[9] & 0x80, 0x80 if summer else 0)

    def test_european_union(self):
        self.check(_EU, (2024, 3, 31, 0, 59, 59), (2024, 3, 31, 1, 59, 59), -60, False)
        self.check(_EU, (2024, 3, 31, 1, 0, 0), (2024, 3, 31, 3, 0, 0), -120, True)
        self.check(_EU, (2024, 10, 27, 0, 59, 59), (2024, 10, 27, 2, 59, 59), -120, True)
        self.check(_EU, (2024, 10, 27, 1, 0, 0), (2024, 10, 27, 2, 0, 0), -60, False)
        self.check(_EU, (2024, 12, 31, 23, 30, 0), (2025, 1, 1, 0, 30, 0), -60, False)
        self.check(_EU, (2023, 12, 31, 22, 59, 59), (2023, 12, 31, 23, 59, 59), -60, False)

    def test_west_of_greenwich(self):
        self.check(_US, (2024, 3, 10, 6, 59, 0), (2024, 3, 10, 1, 59, 0), 300, False)
        self.check(_US, (2024, 3, 10, 7, 0, 0), (2024, 3, 10, 3, 0, 0), 240, True)
        self.check(_US, (2024, 11, 3, 5, 59, 0), (2024, 11, 3, 1, 59, 0), 240, True)
        self.check(_US, (2024, 11, 3, 6, 0, 0), (2024, 11, 3, 1, 0, 0), 300, False)
        self.check(_US, (2024, 1, 1, 4, 0, 0), (2023, 12, 31, 23, 0, 0), 300, False)

    def test_south_of_the_equator(self):
        self.check(_SYDNEY, (2024, 1, 15, 0, 0, 0), (2024, 1, 15, 11, 0, 0), -660, True)
        self.check(_SYDNEY, (2024, 4, 6, 15, 59, 0), (2024, 4, 7, 2, 59, 0), -660, True)
        self.check(_SYDNEY, (2024, 4, 6, 16, 0, 0), (2024, 4, 7, 2, 0, 0), -600, False)
        self.check(_SYDNEY, (2024, 10, 5, 15, 59, 0), (2024, 10, 6, 1, 59, 0), -600, False)
        self.check(_SYDNEY, (2024, 10, 5, 16, 0, 0), (2024, 10, 6, 3, 0, 0), -660, True)
        self.check(_SYDNEY, (2024, 12, 31, 13, 30, 0), (2025, 1, 1, 0, 30, 0), -660, True)

    def test_switched_off(self):
        zone = (-60, False) + _EU[2:]
        self.check(zone, (2024, 7, 1, 12, 0, 0), (2024, 7, 1, 13, 0, 0), -60, False)

    def test_no_zone_is_utc(self):
        self.check((), (2024, 7, 1, 12, 0, 0), (2024, 7, 1, 12, 0, 0), 0, False)

    def test_each_second_around_the_changes_is_there_once(self):
        # Local time less its deviation is UTC again, whatever the season.
        for month, day in ((3, 31), (10, 27)):
            for hour in range(24):
                for minute in (0, 30, 59):
                    clock = _at(_EU, 2024, month, day, hour, minute)
                    fields = clock.fields
                    local = c.days(fields[0], fields[1], fields[2]) * 1440
                    local += fields[4] * 60 + fields[5]
                    utc = c.days(2024, month, day) * 1440 + hour * 60 + minute
                    self.assertEqual(local + fields[8], utc)

    def test_rule_changed(self):
        clock = _at(_EU, 2024, 7, 1, 12, 0)
        self.assertEqual(_local(clock), (2024, 7, 1, 14, 0, 0))
        self.assertTrue(clock.set_begin((65535, 8, 1, _ANY, 2, 0, 0, 0, _NONE, 0)))
        clock.now()
        self.assertEqual(_local(clock), (2024, 7, 1, 13, 0, 0))


class TestSetting(unittest.TestCase):
    def setUp(self):
        self.clock = _at(_EU, 2021, 1, 1, 0, 0)

    def utc(self):
        fields = self.clock.rtc.fields
        return tuple(fields[:3] + fields[4:7])

    def test_invalid_until_set(self):
        self.assertFalse(self.clock.valid())
        self.assertEqual(self.clock.fields[9], 1)
        self.assertTrue(self.clock.set((2024, 7, 20, 6, 12, 30, 15, 0, _NONE, 0xFF)))
        self.assertTrue(self.clock.valid())
        self.clock.now()
        self.assertEqual(self.clock.fields[9], 0x80)

    def test_local_time_of_the_season(self):
        self.clock.set((2024, 7, 20, _ANY, 12, 30, 15, _ANY, _NONE, _ANY))
        self.assertEqual(self.utc(), (2024, 7, 20, 10, 30, 15))
        self.clock.set((2024, 1, 20, _ANY, 12, 30, 15, _ANY, _NONE, _ANY))
        self.assertEqual(self.utc(), (2024, 1, 20, 11, 30, 15))

    def test_deviation_counts(self):
        self.clock.set((2024, 7, 20, _ANY, 12, 30, 15, _ANY, 0, _ANY))
        self.assertEqual(self.utc(), (2024, 7, 20, 12, 30, 15))
        self.clock.set((2024, 7, 20, _ANY, 1, 30, 15, _ANY, -120, _ANY))
        self.assertEqual(self.utc(), (2024, 7, 19, 23, 30, 15))

    def test_the_hour_that_happens_twice(self):
        self.clock.set((2024, 10, 27, _ANY, 2, 30, 0, _ANY, _NONE, _ANY))
        self.assertEqual(self.utc(), (2024, 10, 27, 0, 30, 0))
        self.clock.set((2024, 10, 27, _ANY, 2, 30, 0, _ANY, -60, _ANY))
        self.assertEqual(self.utc(), (2024, 10, 27, 1, 30, 0))

    def test_weekday_is_made_not_taken(self):
        self.clock.set((2024, 7, 20, 1, 12, 30, 15, 0, _NONE, 0))
        self.clock.now()
        self.assertEqual(self.clock.fields[3], 6)

    def test_date_only_and_time_only(self):
        self.clock.set((2024, 7, 20, 6, 12, 30, 15, 0, _NONE, 0))
        self.clock.set((2024, 8, 1, _ANY, _ANY, _ANY, _ANY, _ANY, _NONE, _ANY))
        self.clock.now()
        self.assertEqual(_local(self.clock), (2024, 8, 1, 12, 30, 15))
        self.clock.set((65535, _ANY, _ANY, _ANY, 7, 1, 2, _ANY, _NONE, _ANY))
        self.clock.now()
        self.assertEqual(_local(self.clock), (2024, 8, 1, 7, 1, 2))

    def test_part_of_a_time_does_not_make_it_valid(self):
        self.clock.set((2024, 8, 1, _ANY, _ANY, _ANY, _ANY, _ANY, _NONE, _ANY))
        self.assertFalse(self.clock.valid())

    def test_what_is_no_time_changes_nothing(self):
        before = self.utc()
        for wrong in (
            (2024, 13, 1, 12, 0, 0),
            (2024, 0, 1, 12, 0, 0),
            (2024, 2, 30, 12, 0, 0),
            (2023, 2, 29, 12, 0, 0),
            (2024, 4, 31, 12, 0, 0),
            (2024, 4, 0, 12, 0, 0),
            (2024, 4, 1, 24, 0, 0),
            (2024, 4, 1, 12, 60, 0),
            (2024, 4, 1, 12, 0, 60),
            (1999, 4, 1, 12, 0, 0),
            (2100, 1, 1, 0, 0, 0),
        ):
            wanted = wrong[:3] + (_ANY,) + wrong[3:] + (_ANY, _NONE, _ANY)
            self.assertFalse(self.clock.set(wanted))
            self.assertEqual(self.utc(), before)
        self.assertFalse(self.clock.valid())

    def test_read_back(self):
        for wanted in (
            (2024, 2, 29, 4, 23, 59, 59),
            (2000, 1, 1, 6, 1, 0, 0),
            (2099, 12, 31, 4, 22, 59, 59),
            (2030, 6, 15, 6, 0, 0, 0),
        ):
            self.assertTrue(self.clock.set(wanted + (_ANY, _NONE, _ANY)))
            self.clock.now()
            self.assertEqual(tuple(self.clock.fields)[:7], wanted)

    def test_shift(self):
        self.clock.set((2024, 12, 31, _ANY, 23, 59, 50, _ANY, _NONE, _ANY))
        for seconds, wanted in (
            (15, (2025, 1, 1, 0, 0, 5)),
            (-6, (2024, 12, 31, 23, 59, 59)),
            (900, (2025, 1, 1, 0, 14, 59)),
            (-900, (2024, 12, 31, 23, 59, 59)),
        ):
            self.clock.shift(seconds)
            self.clock.now()
            self.assertEqual(_local(self.clock), wanted)

    def test_adjust(self):
        for minutes, time, wanted in (
            (15, (12, 7, 29), (12, 0, 0)),
            (15, (12, 7, 30), (12, 15, 0)),
            (15, (12, 52, 30), (13, 0, 0)),
            (15, (23, 59, 59), (0, 0, 0)),
            (1, (12, 7, 29), (12, 7, 0)),
            (1, (12, 7, 30), (12, 8, 0)),
            (60, (12, 29, 59), (12, 0, 0)),
            (60, (12, 30, 0), (13, 0, 0)),
        ):
            self.clock.set((2024, 5, 5, _ANY) + time + (_ANY, _NONE, _ANY))
            self.assertTrue(self.clock.adjust(60 * minutes))
            self.clock.now()
            self.assertEqual(tuple(self.clock.fields)[4:7], wanted)


if __name__ == "__main__":
    unittest.main()
