# Class 20 through simulated years, class 11 beside it. What is expected comes from the calendar
# on the wall: 2026-03-29 and 2026-10-25 are the changes of daylight saving, 2028 is a leap year.
import unittest

from calendar_life import (
    NEVER, TABLE, Life, array, call, date, date_time, hour, octets, put, structure, u8, u16,
)
from cosem import internal, value
from cosem_reading import CONFIGURATOR, READER, obis, read, unhex
from meter import date as dates
from meter import events

_CALENDAR = "0-0:13.0.0"
_SPECIAL = "0-0:11.0.0"


def season(name, month, day, week, year=0xFFFF, time="00:00"):
    return structure(octets(name), octets(date_time(year, month, day, time)), octets(week))


def week(name, *days):
    return structure(octets(name), *[u8(day) for day in days])


def day(number, *actions):
    made = []
    for time, selector in actions:
        made.append(structure(octets(hour(time)), octets(TABLE), u16(selector)))
    return structure(u8(number), array(*made))


def special(index, when, number):
    return structure(u16(index), octets(when), u8(number))


# Week S in summer, W in winter; Sundays and special days have day 2.
_SEASONS = array(season(b"S", 4, 1, b"S"), season(b"W", 11, 1, b"W"))
_WEEKS = array(week(b"S", 1, 1, 1, 1, 1, 1, 2), week(b"W", 3, 3, 3, 3, 3, 3, 2))
_DAYS = array(
    day(1, ("00:00", 2), ("06:00", 1), ("22:00", 2)),
    day(2, ("00:00", 2)),
    day(3, ("00:00", 2), ("06:30", 3), ("21:00", 2)),
)
_PLAN = {
    1: ((0, 0, 2), (6, 0, 1), (22, 0, 2)),
    2: ((0, 0, 2),),
    3: ((0, 0, 2), (6, 30, 3), (21, 0, 2)),
}
_SPECIAL_DAYS = array(
    special(1, date(0xFFFF, 12, 25), 2), special(2, date(0xFFFF, 2, 29), 2),
    special(3, date(2026, 5, 14), 2),
)


class _Calendar(unittest.TestCase):
    def live(self, *when):
        self.life = Life(*when)
        self.life.default(
            20, _CALENDAR, a2=octets(b"ACTIVE"), a3=_SEASONS, a4=_WEEKS, a5=_DAYS,
            a6=octets(b"NEW"), a7=_SEASONS, a8=_WEEKS, a9=_DAYS, a10=octets(NEVER),
        )
        self.life.default(11, _SPECIAL, a2=_SPECIAL_DAYS)
        self.life.default(10, "0-0:12.0.0", a2=array())
        self.life.default(22, "0-0:15.0.0", a4=array())
        self.life.power_cut(*when)
        self.life.take()
        return self.life

    def tearDown(self):
        self.life.end()


def _expected(year, month, number):
    """Day id of a day, by the rules of the comment above."""
    if (month, number) in ((12, 25), (2, 29)) or (year, month, number) == (2026, 5, 14):
        return 2
    if dates.weekday(dates.days(year, month, number)) == 7:
        return 2
    return 1 if 4 <= month <= 10 else 3


class TestYears(_Calendar):
    def through(self, year, changes):
        """A year, month by month, against the plan of each day. changes: of daylight saving; they
        repeat the action that holds, at 3 and at 2 o'clock."""
        life = self.live(year - 1, 12, 31, 23, 55)
        life.tick()
        life.run(300)
        for month in range(1, 13):
            last = dates.days(year, month, 1) + dates.month_days(year, month) - 1
            life.until(year, month, dates.month_days(year, month), 23, 55, step=300)
            found = life.take()[1 if month == 1 else 0:]
            for change in changes:
                if change[0] == month:
                    self.assertEqual(found.count(change), 1)
                    found.remove(change)
            wanted = []
            for number in range(dates.days(year, month, 1), last + 1):
                fields = [0, 0, 0, 0]
                dates.put_date(fields, number)
                for at in _PLAN[_expected(*fields[:3])]:
                    wanted.append((fields[1], fields[2]) + at)
            self.assertEqual(found, wanted)

    def test_2026(self):
        self.through(2026, [(3, 29, 3, 0, 2), (10, 25, 2, 0, 2)])

    def test_2028_leap_year(self):
        self.through(2028, [(3, 26, 3, 0, 2), (10, 29, 2, 0, 2)])


class TestMoments(_Calendar):
    def test_at_start_the_action_that_holds(self):
        life = self.live(2026, 7, 1, 12, 0)  # a Wednesday
        life.tick()
        self.assertEqual(life.take(), [(7, 1, 12, 0, 1)])
        self.assertEqual(value.octets(_tariff(), 2), octets(b"RATE1"))
        life.run(3600)
        self.assertEqual(life.take(), [])

    def test_to_the_second(self):
        life = self.live(2026, 7, 1, 21, 59, 58)
        life.run(1)
        life.take()
        life.run(10)
        self.assertEqual(life.moments[-1][3:6], (22, 0, 0))
        self.assertEqual(life.take(), [(7, 1, 22, 0, 2)])

    def test_missed_minutes(self):
        life = self.live(2026, 7, 1, 5, 58)
        life.tick()
        life.take()
        life.run(600, step=600)
        self.assertEqual(life.take(), [(7, 1, 6, 8, 1)])

    def test_power_cut_over_several_days_runs_the_last_action_only(self):
        life = self.live(2026, 7, 1, 5, 0)
        life.tick()
        life.take()
        life.power_cut(2026, 7, 9, 23, 0)
        life.tick()
        self.assertEqual(life.take(), [(7, 9, 23, 0, 2)])

    def test_clock_set_forward_and_back(self):
        life = self.live(2026, 7, 1, 5, 0)
        life.tick()
        life.take()
        life.set_clock(2026, 7, 1, 7, 0)
        life.run(5)
        self.assertEqual(life.take(), [(7, 1, 7, 0, 1)])
        life.set_clock(2026, 7, 1, 5, 59)
        life.run(120)
        self.assertEqual(life.take(), [(7, 1, 5, 59, 2), (7, 1, 6, 0, 1)])

    def test_small_step_repeats_the_action_that_holds(self):
        life = self.live(2026, 7, 1, 7, 0)
        life.tick()
        life.take()
        life.set_clock(2026, 7, 1, 7, 0, 20)
        life.run(5)
        self.assertEqual(len(life.take()), 1)

    def test_action_in_the_hour_that_is_left_out(self):
        # 2026-03-29: 02:30 does not exist, the clock goes from 02:00 to 03:00.
        life = self.live(2026, 3, 28, 12, 0)
        life.default(20, _CALENDAR, a5=array(
            day(1, ("00:00", 1)), day(2, ("00:00", 1), ("02:30", 4)), day(3, ("00:00", 1))))
        life.until(2026, 3, 29, 4, 0)
        self.assertEqual(life.take()[-2:], [(3, 29, 0, 0, 1), (3, 29, 3, 0, 4)])

    def test_action_in_the_hour_that_comes_twice(self):
        # 2026-10-25: at 03:00 it is 02:00 again; the state of 02:00 holds, then that of 02:30.
        life = self.live(2026, 10, 24, 12, 0)
        life.default(20, _CALENDAR, a5=array(
            day(1, ("00:00", 1)), day(2, ("00:00", 1), ("02:30", 4)), day(3, ("00:00", 1))))
        life.run(24 * 3600, step=60)
        self.assertEqual(life.take()[-4:], [
            (10, 25, 0, 0, 1), (10, 25, 2, 30, 4), (10, 25, 2, 0, 1), (10, 25, 2, 30, 4)])

    def test_season_that_begins_in_the_middle_of_a_day(self):
        life = self.live(2026, 3, 31, 23, 0)
        life.default(20, _CALENDAR, a3=array(
            season(b"S", 4, 1, b"S", time="05:00"), season(b"W", 11, 1, b"W")))
        life.until(2026, 4, 1, 12, 0)
        # W until 05:00 (00:00 -> 2), S from then on (00:00 -> 2, 06:00 -> 1).
        self.assertEqual(life.take()[1:], [(4, 1, 0, 0, 2), (4, 1, 6, 0, 1)])

    def test_a_clock_that_was_never_set_starts_nothing(self):
        life = self.live(2026, 7, 1, 5, 0)
        life.invalid = 1
        life.run(7200, step=60)
        self.assertEqual(life.take(), [])
        life.invalid = 0
        life.run(1)
        self.assertEqual(life.take(), [(7, 1, 7, 0, 1)])

    def test_without_seasons_nothing(self):
        life = self.live(2026, 7, 1, 5, 0)
        life.default(20, _CALENDAR, a3=array())
        life.run(7200, step=60)
        self.assertEqual(life.take(), [])


def _tariff():
    return internal.find(1, b"\x00\x00\x60\x0e\x00\xff")


class TestSpecialDays(_Calendar):
    def test_inserted_for_today_it_holds_at_once(self):
        life = self.live(2026, 7, 1, 12, 0)
        life.tick()
        life.take()
        self.assertEqual(call(11, _SPECIAL, 1, special(9, date(2026, 7, 1), 2)), 0)
        life.run(1)
        self.assertEqual(life.take(), [(7, 1, 12, 0, 2)])
        self.assertEqual(call(11, _SPECIAL, 2, u16(9)), 0)
        life.run(1)
        self.assertEqual(life.take(), [(7, 1, 12, 0, 1)])

    def test_first_of_the_table_wins(self):
        life = self.live(2026, 7, 1, 12, 0)
        life.default(11, _SPECIAL, a2=array(
            special(1, date(0xFFFF, 7, 1), 3), special(2, date(2026, 7, 1), 2)))
        life.tick()
        self.assertEqual(life.take(), [(7, 1, 12, 0, 3)])

    def test_insert_replaces_by_index_and_by_date(self):
        self.live(2026, 7, 1)
        self.assertEqual(call(11, _SPECIAL, 1, special(2, date(2027, 1, 1), 7)), 0)
        self.assertEqual(call(11, _SPECIAL, 1, special(8, date(0xFFFF, 12, 25), 3)), 0)
        self.assertEqual(read(READER, 11, _SPECIAL, 2), array(
            special(2, date(2027, 1, 1), 7), special(3, date(2026, 5, 14), 2),
            special(8, date(0xFFFF, 12, 25), 3)))

    def test_refused(self):
        self.live(2026, 7, 1)
        old = read(READER, 11, _SPECIAL, 2)
        good = special(1, date(2026, 1, 1), 1)
        for content, result in (
            (array(special(1, date(2026, 13, 1), 1)), 250),
            (array(special(1, date(2026, 2, 29), 1)), 250),
            (array(special(1, date(2026, 1, 1), 0)), 250),
            (array(good, special(1, date(2026, 1, 2), 1)), 250),
            (array(structure(u16(1), octets(b"\x07\xea\x01\x01"), u8(1))), 12),
            (array(structure(u16(1), octets(date(2026, 1, 1)), u16(1))), 12),
            (structure(good), 12),
            (octets(b"x"), 12),
        ):
            self.assertEqual(put(11, _SPECIAL, 2, content), result, content)
        self.assertEqual(call(11, _SPECIAL, 2, u16(77)), 250)
        self.assertEqual(call(11, _SPECIAL, 2, u8(1)), 12)
        self.assertEqual(call(11, _SPECIAL, 2), 12)
        self.assertEqual(call(11, _SPECIAL, 1, special(0, date(2026, 4, 31), 1)), 250)
        self.assertEqual(call(11, _SPECIAL, 1, u16(1)), 12)
        self.assertEqual(put(11, _SPECIAL, 2, array(), READER), 3)
        self.assertEqual(call(11, _SPECIAL, 1, good, READER), 3)
        self.assertEqual(read(READER, 11, _SPECIAL, 2), old)

    def test_date_type_and_long_lengths_are_kept_in_one_form(self):
        self.live(2026, 7, 1)
        # 1A date; 01 81 01: a length in more octets than it needs.
        content = unhex("01 81 01 | 02 03 | 12 0001 | 1A 07EA 01 01 FF | 11 02")
        self.assertEqual(put(11, _SPECIAL, 2, content), 0)
        self.assertEqual(read(READER, 11, _SPECIAL, 2), array(special(1, date(2026, 1, 1), 2)))

    def test_too_many(self):
        self.live(2026, 7, 1)
        many = [special(k, date(2026, 1 + k // 28, 1 + k % 28), 1) for k in range(74)]
        self.assertEqual(put(11, _SPECIAL, 2, array(*many)), 250)  # 74 * 14 + 2 > 1024
        self.assertEqual(put(11, _SPECIAL, 2, array(*many[:73])), 0)
        self.assertEqual(call(11, _SPECIAL, 1, special(99, date(2027, 1, 1), 1)), 250)


class TestPassive(_Calendar):
    def setUp(self):
        self.new = array(
            day(1, ("00:00", 4)), day(2, ("00:00", 4)), day(3, ("00:00", 4), ("12:00", 1)))

    def set_passive(self, *when):
        life = self.live(*when)
        self.assertEqual(put(20, _CALENDAR, 9, self.new), 0)
        life.tick()
        life.take()
        return life

    def check_active(self, new):
        name = octets(b"NEW" if new else b"ACTIVE")
        self.assertEqual(read(READER, 20, _CALENDAR, 2), name)
        self.assertEqual(read(READER, 20, _CALENDAR, 5), self.new if new else _DAYS)
        self.assertEqual(read(READER, 20, _CALENDAR, 6), octets(b"NEW"))
        self.assertEqual(read(READER, 20, _CALENDAR, 9), self.new)

    def test_by_method(self):
        life = self.set_passive(2026, 7, 1, 12, 0)
        while events.take():
            pass
        for parameter in (b"\x0f\x00", b"\x00", b""):
            self.assertEqual(call(20, _CALENDAR, 1, parameter), 0)
            self.check_active(True)
            self.assertEqual(events.take()[0], 9)  # passive calendar activated
            life.run(1)
            self.assertEqual([one[4] for one in life.take()], [4])
        self.assertEqual(call(20, _CALENDAR, 1, u16(0)), 12)

    def test_in_the_future(self):
        life = self.set_passive(2026, 7, 1, 12, 0)
        self.assertEqual(put(20, _CALENDAR, 10, octets(date_time(2026, 7, 2, "13:30"))), 0)
        life.until(2026, 7, 2, 13, 29, 59)
        self.check_active(False)
        life.take()
        life.run(1)
        self.check_active(True)
        self.assertEqual(life.take(), [(7, 2, 13, 30, 4)])
        self.assertEqual(read(READER, 20, _CALENDAR, 10), octets(NEVER))

    def test_with_a_deviation(self):
        # 13:30 UTC, deviation 0, is 15:30 in summer.
        life = self.set_passive(2026, 7, 1, 12, 0)
        self.assertEqual(put(20, _CALENDAR, 10, octets(date_time(2026, 7, 1, "13:30", 0))), 0)
        life.until(2026, 7, 1, 15, 29, 59)
        self.check_active(False)
        life.run(1)
        self.check_active(True)

    def test_in_the_past_at_once(self):
        life = self.set_passive(2026, 7, 1, 12, 0)
        self.assertEqual(put(20, _CALENDAR, 10, octets(date_time(2025, 1, 1))), 0)
        life.run(1)
        self.check_active(True)
        self.assertEqual(read(READER, 20, _CALENDAR, 10), octets(NEVER))

    def test_with_the_power_off(self):
        life = self.set_passive(2026, 7, 1, 12, 0)
        self.assertEqual(put(20, _CALENDAR, 10, octets(date_time(2026, 8, 1))), 0)
        life.power_cut(2026, 9, 1, 12, 0)
        life.tick()
        self.check_active(True)
        self.assertEqual(life.take(), [(9, 1, 12, 0, 4)])

    def test_cut_off_copy_is_made_good(self):
        life = self.set_passive(2026, 7, 1, 12, 0)
        life.default(20, _CALENDAR, a11=b"\x03\x01", a2=octets(b"NEW"))
        life.power_cut(2026, 7, 1, 12, 1)
        self.check_active(True)
        self.assertEqual(value.octets(internal.find(20, obis(_CALENDAR)), 11), b"\x03\x00")

    def test_what_does_not_belong_together_is_not_activated(self):
        life = self.set_passive(2026, 7, 1, 12, 0)
        for attribute, content in (
            (7, array(season(b"S", 4, 1, b"X"))),
            (8, array(week(b"S", 1, 1, 1, 1, 1, 1, 9), week(b"W", 1, 1, 1, 1, 1, 1, 1))),
            (9, array(day(1, ("06:00", 1)), day(2, ("00:00", 1)), day(3, ("00:00", 1)))),
        ):
            old = read(READER, 20, _CALENDAR, attribute)
            self.assertEqual(put(20, _CALENDAR, attribute, content), 0)
            self.assertEqual(call(20, _CALENDAR, 1, b"\x0f\x00"), 250)
            self.assertEqual(put(20, _CALENDAR, 10, octets(date_time(2026, 1, 1))), 0)
            life.run(2)
            self.assertEqual(read(READER, 20, _CALENDAR, 10), octets(NEVER))
            self.assertEqual(put(20, _CALENDAR, attribute, old), 0)
        self.check_active(False)

    def test_refused(self):
        self.set_passive(2026, 7, 1, 12, 0)
        good = season(b"S", 4, 1, b"S")
        for attribute, content, result in (
            (7, array(good, good), 250),
            (7, array(season(b"S", 255, 1, b"S")), 250),
            (7, array(structure(octets(b"S"), octets(b"\xff" * 11), octets(b"S"))), 12),
            (8, array(week(b"S", 1, 1, 1, 1, 1, 1, 1), week(b"S", 2, 2, 2, 2, 2, 2, 2)), 250),
            (8, array(week(b"S", 1, 1, 1, 1, 1, 1)), 12),
            (9, array(day(1, ("00:00", 1)), day(1, ("00:00", 1))), 250),
            (9, array(day(1, ("00:00", 1), ("00:00", 2))), 250),
            (9, array(day(1, ("24:00", 1))), 250),
            (9, array(structure(u8(1), structure(u8(1)))), 12),
            (6, u16(1), 12),
            (10, octets(date_time(0xFFFF, 1, 1)), 250),
            (10, octets(date_time(2026, 2, 29)), 250),
            (10, octets(date_time(2026, 1, 1, "24:00")), 250),
            (10, octets(date_time(2026, 1, 1, deviation=2000)), 250),
            (10, octets(NEVER[:11]), 12),
            (2, octets(b"X"), 3),
            (5, self.new, 3),
            (11, b"\x03\x01", 4),
        ):
            self.assertEqual(put(20, _CALENDAR, attribute, content), result, content)
        self.assertEqual(put(20, _CALENDAR, 9, self.new, READER), 3)
        self.assertEqual(call(20, _CALENDAR, 1, b"\x0f\x00", READER), 3)
        self.check_active(False)

    def test_what_was_read_can_be_written_back(self):
        self.live(2026, 7, 1)
        for attribute in range(6, 11):
            content = read(CONFIGURATOR, 20, _CALENDAR, attribute)
            self.assertEqual(put(20, _CALENDAR, attribute, content), 0)
            self.assertEqual(read(CONFIGURATOR, 20, _CALENDAR, attribute), content)

    def test_date_time_by_its_own_tag(self):
        self.live(2026, 7, 1)
        self.assertEqual(put(20, _CALENDAR, 10, b"\x19" + date_time(2027, 1, 1)), 0)
        self.assertEqual(read(READER, 20, _CALENDAR, 10), octets(date_time(2027, 1, 1)))


if __name__ == "__main__":
    unittest.main()
