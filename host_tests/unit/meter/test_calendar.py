# Dates and times with wildcards, against days that stand in any calendar.
import unittest

from meter import calendar as c
from meter import date as clock

_ANY = 255
_NONE = -0x8000


def _date(year, month, day, weekday=_ANY):
    return bytes([year >> 8, year & 255, month, day, weekday])


def _day(year, month, day):
    fields = [0, 0, 0, 0]
    clock.put_date(fields, clock.days(year, month, day))
    return fields


def _fits(date, year, month, day):
    return c.date_fits(date, 0, _day(year, month, day))


def _matches(date, first, last):
    """Every (month, day) of a stretch of days that the date means; at a place not 0."""
    found = []
    fields = [0, 0, 0, 0]
    for day in range(clock.days(*first), clock.days(*last) + 1):
        clock.put_date(fields, day)
        if c.date_fits(b"\x01\x02\x03" + date, 3, fields):
            found.append((fields[1], fields[2]))
    return found


class TestDates(unittest.TestCase):
    def test_full(self):
        self.assertEqual(
            _matches(_date(2026, 2, 28), (2025, 1, 1), (2027, 12, 31)), [(2, 28)])

    def test_each_year(self):
        found = _matches(_date(0xFFFF, 12, 25), (2024, 1, 1), (2026, 12, 31))
        self.assertEqual(found, [(12, 25)] * 3)

    def test_29_february_comes_in_leap_years(self):
        # 2024 and 2028 are leap years.
        found = _matches(_date(0xFFFF, 2, 29), (2023, 1, 1), (2029, 12, 31))
        self.assertEqual(found, [(2, 29)] * 2)
        self.assertTrue(_fits(_date(0xFFFF, 2, 29), 2028, 2, 29))

    def test_last_and_second_last_day(self):
        last = [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 30)]
        self.assertEqual(_matches(_date(0xFFFF, _ANY, 254), (2026, 1, 1), (2026, 6, 30)), last)
        second = [(m, d - 1) for m, d in last]
        self.assertEqual(_matches(_date(0xFFFF, _ANY, 253), (2026, 1, 1), (2026, 6, 30)), second)
        self.assertEqual(
            _matches(_date(0xFFFF, 2, 254), (2024, 1, 1), (2025, 12, 31)), [(2, 29), (2, 28)])

    def test_last_weekday_of_a_month(self):
        # The EU's changes of 2026: 29 March and 25 October, both Sundays.
        self.assertEqual(
            _matches(_date(0xFFFF, 3, 254, 7), (2026, 1, 1), (2026, 12, 31)), [(3, 29)])
        self.assertEqual(
            _matches(_date(0xFFFF, 10, 254, 7), (2026, 1, 1), (2026, 12, 31)), [(10, 25)])
        self.assertEqual(
            _matches(_date(0xFFFF, 10, 253, 7), (2026, 1, 1), (2026, 12, 31)), [(10, 18)])

    def test_weekday(self):
        # Mondays of November 2026; the 22nd is a Sunday.
        found = _matches(_date(0xFFFF, 11, _ANY, 1), (2026, 11, 1), (2026, 11, 30))
        self.assertEqual(found, [(11, 2), (11, 9), (11, 16), (11, 23), (11, 30)])

    def test_weekday_on_or_after_a_day(self):
        # Thanksgiving, fourth Thursday of November: the 26th in 2026, the 25th in 2027.
        date = _date(0xFFFF, 11, 22, 4)
        self.assertEqual(_matches(date, (2026, 1, 1), (2027, 12, 31)), [(11, 26), (11, 25)])

    def test_weekday_of_a_full_date_must_agree(self):
        # 2026-11-22 is a Sunday.
        self.assertTrue(c.date_good(_date(2026, 11, 22, 7), 0))
        self.assertFalse(c.date_good(_date(2026, 11, 22, 1), 0))
        self.assertTrue(_fits(_date(2026, 11, 22, 7), 2026, 11, 22))
        self.assertFalse(_fits(_date(2026, 11, 22, 7), 2026, 11, 29))

    def test_good(self):
        for date, good in (
            (_date(0xFFFF, _ANY, _ANY), True),
            (_date(2099, 12, 31), True),
            (_date(2100, 1, 1), False),
            (_date(1999, 1, 1), False),
            (_date(2026, 13, 1), False),
            (_date(2026, 0, 1), False),
            (_date(2026, 1, 0), False),
            (_date(2026, 1, 32), False),
            (_date(2026, 2, 29), False),
            (_date(2028, 2, 29), True),
            (_date(0xFFFF, 2, 29), True),
            (_date(0xFFFF, 2, 30), False),
            (_date(0xFFFF, 4, 31), False),
            (_date(0xFFFF, _ANY, 31), True),
            (_date(0xFFFF, 253, 1), False),
            (_date(0xFFFF, 1, 224), False),
            (_date(0xFFFF, 1, 1, 8), False),
            (_date(0xFFFF, 1, 1, 0), False),
        ):
            self.assertEqual(c.date_good(date, 0), good, date)

    def test_wild(self):
        for date, wild in (
            (_date(2026, 1, 1), False),
            (_date(2026, 1, 1, 4), False),
            (_date(0xFFFF, 1, 1), True),
            (_date(2026, _ANY, 1), True),
            (_date(2026, 1, 254), True),
            (_date(2026, 1, _ANY), True),
        ):
            self.assertEqual(c.wild_date(date, 0), wild, date)


class TestRanges(unittest.TestCase):
    def within(self, begin, end, inside, outside):
        self.assertTrue(c.range_good(begin, 0, end, 0))
        for day in inside:
            self.assertTrue(c.in_range(b"\0" + begin, 1, end, 0, _day(*day)), day)
        for day in outside:
            self.assertFalse(c.in_range(begin, 0, b"\0" + end, 1, _day(*day)), day)

    def test_full(self):
        self.within(
            _date(2025, 11, 30), _date(2026, 2, 1),
            ((2025, 11, 30), (2025, 12, 31), (2026, 1, 1), (2026, 2, 1)),
            ((2025, 11, 29), (2026, 2, 2), (2026, 12, 1), (2024, 12, 31)),
        )

    def test_open_ends(self):
        never = _date(0xFFFF, _ANY, _ANY)
        self.within(never, never, ((2000, 1, 1), (2099, 12, 31)), ())
        self.within(_date(2026, 5, 1), never, ((2026, 5, 1), (2098, 1, 1)), ((2026, 4, 30),))
        self.within(never, _date(2026, 5, 1), ((2026, 5, 1), (2003, 1, 1)), ((2026, 5, 2),))

    def test_each_year(self):
        self.within(
            _date(0xFFFF, 4, 1), _date(0xFFFF, 10, 31),
            ((2026, 4, 1), (2030, 10, 31)), ((2026, 3, 31), (2030, 11, 1)),
        )

    def test_each_year_across_new_year(self):
        self.within(
            _date(0xFFFF, 11, 1), _date(0xFFFF, 3, 31),
            ((2026, 11, 1), (2026, 12, 31), (2027, 1, 1), (2027, 3, 31)),
            ((2026, 10, 31), (2027, 4, 1)),
        )

    def test_each_month(self):
        self.within(
            _date(0xFFFF, _ANY, 28), _date(0xFFFF, _ANY, 2),
            ((2026, 1, 28), (2026, 2, 1), (2026, 12, 31)), ((2026, 1, 3), (2026, 1, 27)),
        )

    def test_ends_that_do_not_belong_together(self):
        full, yearly = _date(2026, 1, 1), _date(0xFFFF, 1, 1)
        monthly, never = _date(0xFFFF, _ANY, 1), _date(0xFFFF, _ANY, _ANY)
        for begin, end in (
            (full, yearly), (yearly, full), (yearly, never), (monthly, yearly),
            (full, _date(2026, _ANY, 1)), (yearly, _date(0xFFFF, 1, 254)),
            (full, _date(2026, 2, 30)),
        ):
            self.assertFalse(c.range_good(begin, 0, end, 0))


class TestTimes(unittest.TestCase):
    def test_last_and_next(self):
        # time; then (second of the day, last up to it, next after it).
        for time, cases in (
            ((6, 0, 0), ((21599, -1, 21600), (21600, 21600, 86400), (86399, 21600, 86400))),
            ((0, 0, 0), ((0, 0, 86400), (1, 0, 86400))),
            ((23, 59, 59), ((86398, -1, 86399), (86399, 86399, 86400))),
            ((6, 0, _ANY), ((21600, 21600, 86400), (21659, 21600, 86400))),
            ((_ANY, 15, 0), ((0, -1, 900), (899, -1, 900), (4499, 900, 4500),
                             (86399, 83700, 86400))),
            ((_ANY, _ANY, 30), ((0, -1, 30), (30, 30, 90), (86399, 86370, 86400))),
            # 6 o'clock and each minute of that hour: 06:00 to 06:59.
            ((6, _ANY, 0), ((21599, -1, 21600), (21600, 21600, 21660), (25139, 25080, 25140),
                            (25140, 25140, 86400), (80000, 25140, 86400))),
        ):
            octets = b"\xaa" + bytes(time) + b"\0"
            for second, last, coming in cases:
                self.assertEqual(c.last_time(octets, 1, second), last, (time, second))
                self.assertEqual(c.next_time(octets, 1, second), coming, (time, second))

    def test_good(self):
        for time, plain, wild in (
            ((0, 0, 0, 0), True, True),
            ((23, 59, 59, _ANY), True, True),
            ((24, 0, 0, 0), False, False),
            ((0, 60, 0, 0), False, False),
            ((0, 0, 60, 0), False, False),
            ((0, 0, 0, 1), False, False),
            ((_ANY, 0, 0, 0), False, True),
            ((0, _ANY, 0, 0), False, True),
            ((0, 0, _ANY, 0), True, True),
        ):
            self.assertEqual(c.time_good(bytes(time), 0, False), plain, time)
            self.assertEqual(c.time_good(bytes(time), 0, True), wild, time)
            self.assertEqual(c.wild_time(bytes(time), 0), _ANY in time[:2], time)


def _start(year, month, day, weekday=_ANY, hour=0, minute=0):
    return (year, month, day, weekday, hour, minute, 0, 0, _NONE, _ANY)


def _season(starts, year, month, day, second=0):
    return c.season(starts, year, clock.days(year, month, day), second)


class TestSeasons(unittest.TestCase):
    def test_each_year_whatever_the_order(self):
        summer, winter = _start(0xFFFF, 4, 1), _start(0xFFFF, 11, 1)
        for starts, s, w in (((summer, winter), 0, 1), ((winter, summer), 1, 0)):
            for year in (2026, 2027):
                self.assertEqual(_season(starts, year, 1, 1), w)
                self.assertEqual(_season(starts, year, 3, 31, 86399), w)
                self.assertEqual(_season(starts, year, 4, 1), s)
                self.assertEqual(_season(starts, year, 10, 31, 86399), s)
                self.assertEqual(_season(starts, year, 11, 1), w)
                self.assertEqual(_season(starts, year, 12, 31, 86399), w)

    def test_in_the_middle_of_a_day(self):
        starts = (_start(0xFFFF, 4, 1, _ANY, 2, 30), _start(0xFFFF, 11, 1))
        self.assertEqual(_season(starts, 2026, 4, 1, 8999), 1)
        self.assertEqual(_season(starts, 2026, 4, 1, 9000), 0)

    def test_one_season_is_for_ever(self):
        self.assertEqual(_season((_start(0xFFFF, 7, 1),), 2026, 1, 1), 0)

    def test_of_one_year(self):
        # Two yearly ones, and an exception in the summer of 2026 only.
        starts = (_start(0xFFFF, 1, 1), _start(2026, 6, 1), _start(2026, 7, 1))
        self.assertEqual(_season(starts, 2026, 5, 31), 0)
        self.assertEqual(_season(starts, 2026, 6, 15), 1)
        self.assertEqual(_season(starts, 2026, 12, 31), 2)
        self.assertEqual(_season(starts, 2027, 1, 1), 0)

    def test_before_the_first_it_is_the_last_of_the_list(self):
        starts = (_start(2027, 1, 1), _start(2027, 7, 1))
        self.assertEqual(_season(starts, 2026, 8, 1), 1)

    def test_a_year_ago_still_counts(self):
        starts = (_start(2024, 1, 1), _start(2025, 2, 1))
        self.assertEqual(_season(starts, 2030, 1, 1), 1)

    def test_last_sunday_of_a_month(self):
        # 29 March 2026 and 28 March 2027 are the last Sundays.
        starts = (_start(0xFFFF, 3, 254, 7), _start(0xFFFF, 10, 254, 7))
        self.assertEqual(_season(starts, 2026, 3, 28), 1)
        self.assertEqual(_season(starts, 2026, 3, 29), 0)
        self.assertEqual(_season(starts, 2027, 3, 27), 1)
        self.assertEqual(_season(starts, 2027, 3, 28), 0)

    def test_29_february_begins_a_season_in_leap_years(self):
        starts = (_start(0xFFFF, 1, 1), _start(0xFFFF, 2, 29))
        self.assertEqual(_season(starts, 2028, 3, 1), 1)
        self.assertEqual(_season(starts, 2027, 3, 1), 0)

    def test_good(self):
        for start, good in (
            (_start(0xFFFF, 2, 29), True),
            (_start(0xFFFF, 2, 30), False),
            (_start(0xFFFF, _ANY, 1), False),
            (_start(0xFFFF, 1, _ANY), False),
            (_start(0xFFFF, 3, 254, 7), True),
            (_start(0xFFFF, 3, 1, 8), False),
            (_start(2026, 3, 1, _ANY, 24), False),
            (_start(2026, 3, 1, _ANY, _ANY, _ANY), True),
            (_start(1999, 3, 1), False),
        ):
            self.assertEqual(c.start_good(start), good, start)


if __name__ == "__main__":
    unittest.main()
