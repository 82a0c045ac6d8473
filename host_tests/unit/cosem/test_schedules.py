# Classes 9, 10 and 22: scripts that run, and when. Days are those of the calendar on the wall.
import unittest

from calendar_life import (
    ANY_DATE, TABLE, TARIFF, Life, array, call, date, date_time, hour, octets, put, structure, u8,
    u16,
)
from cosem import internal, value
from cosem.table import ROWS
from cosem_reading import CONFIGURATOR, READER, obis, read, unhex, use_still_clock
from meter import events

_SCRIPTS = "0-0:10.0.100"
_SCHEDULE = "0-0:12.0.0"
_ACTION = "0-0:15.0.0"
_CALENDAR = "0-0:13.0.0"
_SPECIAL = "0-0:11.0.0"
_MESSAGE = b"\x00\x00\x60\x0d\x00\xff"
_WORKDAYS = "1111100"
_EVERY_DAY = "1111111"


def bits(text):
    padded = text + "0" * (-len(text) % 8)
    made = [int(padded[k : k + 8], 2) for k in range(0, len(padded), 8)]
    return bytes([4, len(text)] + made)


def entry(index, time, selector, weekdays=_EVERY_DAY, special="", window=0, enabled=1,
          begin=ANY_DATE, end=ANY_DATE, table=TABLE):
    return structure(
        u16(index), bytes([3, enabled]), octets(table), u16(selector), octets(hour(time)),
        u16(window), bits(weekdays), bits(special), octets(begin), octets(end))


def action(service, class_id, name, index, parameter):
    return structure(bytes([22, service]), u16(class_id), octets(name), bytes([15, index & 255]),
                     parameter)


def script(number, *actions):
    return structure(u16(number), array(*actions))


def write(text):
    """Write the active tariff."""
    return action(1, 1, TARIFF, 2, octets(text))


class _Alive(unittest.TestCase):
    def live(self, *when):
        self.life = Life(*when)
        # Nothing but what a test asks for.
        self.life.default(20, _CALENDAR, a3=array())
        self.life.default(10, _SCHEDULE, a2=array())
        self.life.default(22, _ACTION, a4=array())
        self.life.default(11, _SPECIAL, a2=array())
        self.life.default(1, "0-0:96.14.0", a2=octets(b"RATE1"))
        self.life.default(1, "0-0:96.13.0", a2=octets(b""))
        self.life.tick()
        return self.life

    def tearDown(self):
        self.life.end()

    def tariff(self):
        return value.octets(internal.find(1, TARIFF), 2)[2:]


class TestScripts(_Alive):
    def run_script(self, number, *scripts):
        self.life.default(9, _SCRIPTS, a2=array(*scripts))
        return call(9, _SCRIPTS, 1, u16(number))

    def test_writes_with_the_rights_of_the_meter(self):
        self.live(2026, 7, 1)
        # Nobody may write the active tariff.
        self.assertEqual(put(1, "0-0:96.14.0", 2, octets(b"X")), 3)
        self.assertEqual(self.run_script(7, script(3, write(b"C")), script(7, write(b"G"))), 0)
        self.assertEqual(self.tariff(), b"G")
        self.assertEqual(read(READER, 1, "0-0:96.14.0", 2), octets(b"G"))

    def test_in_order(self):
        self.live(2026, 7, 1)
        self.assertEqual(self.run_script(1, script(1, write(b"A"), write(b"B"))), 0)
        self.assertEqual(self.tariff(), b"B")

    def test_calls_methods(self):
        self.live(2026, 7, 1)
        nested = action(2, 9, TABLE, 1, u16(2))
        self.assertEqual(self.run_script(1, script(1, nested), script(2, write(b"N"))), 0)
        self.assertEqual(self.tariff(), b"N")

    def test_unknown_and_0(self):
        self.live(2026, 7, 1)
        scripts = (script(1, write(b"A")), script(0, write(b"Z")))
        self.assertEqual(self.run_script(2, *scripts), 250)
        self.assertEqual(self.run_script(0, *scripts), 0)
        self.assertEqual(self.tariff(), b"RATE1")

    def test_stops_at_the_first_that_fails(self):
        self.live(2026, 7, 1)
        unknown = action(1, 1, b"\x00\x00\x60\x0e\x63\xff", 2, octets(b"X"))
        wrong = action(1, 1, TARIFF, 2, u16(1))
        no_method = action(2, 1, TARIFF, 1, b"\x0f\x00")
        no_class = action(2, 999, TARIFF, 1, b"\x0f\x00")
        # The clock's status is not written, and it has no attribute 99 and no method 7.
        status = action(1, 8, obis("0-0:1.0.0"), 4, b"\x03\x00")
        no_attribute = action(1, 8, obis("0-0:1.0.0"), 99, b"\x03\x00")
        no_such_method = action(2, 8, obis("0-0:1.0.0"), 7, b"\x10\x00\x01")
        for broken in (unknown, wrong, no_method, no_class, status, no_attribute, no_such_method):
            self.life.default(1, "0-0:96.14.0", a2=octets(b"RATE1"))
            while events.take():
                pass
            self.assertEqual(
                self.run_script(1, script(1, write(b"A"), broken, write(b"B"))), 250)
            self.assertEqual(self.tariff(), b"A")
            self.assertEqual(events.take()[0], events.SCRIPT_FAILED)
            self.assertIsNone(events.take())

    def test_empty_places_are_passed_over(self):
        self.live(2026, 7, 1)
        empty = action(0, 0, bytes(6), 0, b"\x00")
        self.assertEqual(self.run_script(1, script(1, empty, write(b"A")), script(2)), 0)
        self.assertEqual(self.tariff(), b"A")
        self.assertEqual(call(9, _SCRIPTS, 1, u16(2)), 0)

    def test_scripts_that_run_each_other_come_to_an_end(self):
        self.live(2026, 7, 1)
        one = script(1, action(2, 9, TABLE, 1, u16(2)))
        two = script(2, action(2, 9, TABLE, 1, u16(1)))
        self.assertEqual(self.run_script(1, one, two), 250)
        self.assertEqual(self.run_script(3, one, two, script(3, write(b"A"))), 0)

    def test_refused(self):
        self.live(2026, 7, 1)
        old = read(READER, 9, _SCRIPTS, 2)
        for content, result in (
            (array(script(1), script(1)), 250),
            (array(script(1, action(3, 1, TARIFF, 2, u8(1)))), 250),
            (array(script(1, action(1, 1, TARIFF, 1, u8(1)))), 250),
            (array(script(1, action(2, 1, TARIFF, 0, u8(1)))), 250),
            (array(script(1, action(1, 1, TARIFF[:5], 2, u8(1)))), 12),
            (array(structure(u8(1), array())), 12),
            (u16(1), 12),
        ):
            self.assertEqual(put(9, _SCRIPTS, 2, content), result, content)
        self.assertEqual(call(9, _SCRIPTS, 1, u8(1)), 12)
        self.assertEqual(call(9, _SCRIPTS, 1), 12)
        self.assertEqual(put(9, _SCRIPTS, 2, array(), READER), 3)
        self.assertEqual(call(9, _SCRIPTS, 1, u16(1), READER), 3)
        self.assertEqual(read(READER, 9, _SCRIPTS, 2), old)

    def test_any_parameter_is_kept_as_it_came(self):
        self.live(2026, 7, 1)
        nested = unhex("02 02 | 01 02 1200011200 02 | 09 81 01 41")
        content = array(script(1, action(1, 1, TARIFF, 2, nested)))
        self.assertEqual(put(9, _SCRIPTS, 2, content), 0)
        self.assertEqual(read(READER, 9, _SCRIPTS, 2), content)

    def test_too_long(self):
        self.live(2026, 7, 1)
        self.assertEqual(put(9, _SCRIPTS, 2, array(
            script(1, action(1, 1, TARIFF, 2, b"\x09\x82\x03\xe8" + bytes(1000))))), 250)


class TestShipped(_Alive):
    """What the scripts of meter.toml do to the objects of other classes."""

    def test_tariffs(self):
        self.live(2026, 7, 1)
        for number in (3, 2, 4, 1):
            self.assertEqual(call(9, _SCRIPTS, 1, u16(number)), 0)
            mask = octets(b"RATE%d" % number)
            for class_id, code, attribute in (
                (6, "0-0:14.0.1", 4), (6, "0-0:14.0.2", 4), (1, "0-0:96.14.0", 2),
            ):
                self.assertEqual(read(READER, class_id, code, attribute), mask)

    def test_billing_captures_before_it_resets(self):
        self.live(2026, 7, 1)
        use_still_clock()
        called = []
        real = internal.act

        def act(row, method, *parameter):
            result = real(row, method, *parameter)
            called.append((ROWS[16 * row + 1], bytes(ROWS[16 * row + 2 : 16 * row + 8]), method,
                           result))
            return result

        internal.act = act
        try:
            self.assertEqual(call(9, "0-0:10.0.1", 1, u16(1)), 0)
        finally:
            internal.act = real
        codes = ["1-0:%d.6.%d" % (c, rate) for c in (1, 2) for rate in range(5)]
        maxima = [(4, obis(code), 1, 0) for code in codes]
        self.assertEqual(called, [(7, obis("0-0:98.1.0"), 2, 0)] + maxima)


class TestSchedule(_Alive):
    def test_weekdays(self):
        # 2026-07-03 is a Friday.
        life = self.live(2026, 7, 3, 0, 0)
        self.assertEqual(put(10, _SCHEDULE, 2, array(entry(1, "12:00", 1, _WORKDAYS))), 0)
        life.until(2026, 7, 8)
        self.assertEqual(life.take(), [(7, d, 12, 0, 1) for d in (3, 6, 7)])

    def test_to_the_second_and_once(self):
        life = self.live(2026, 7, 3, 11, 59, 0)
        put(10, _SCHEDULE, 2, array(entry(1, "12:00:30", 1)))
        life.run(120)
        self.assertEqual([one[3:6] for one in life.moments], [(12, 0, 30)])

    def test_dates_across_new_year(self):
        life = self.live(2026, 10, 30)
        put(10, _SCHEDULE, 2, array(entry(
            1, "12:00", 1, begin=date(0xFFFF, 12, 31), end=date(0xFFFF, 1, 2))))
        life.until(2027, 2, 1, step=600)
        self.assertEqual(life.take(), [(12, 31, 12, 0, 1), (1, 1, 12, 0, 1), (1, 2, 12, 0, 1)])

    def test_dates_of_one_year(self):
        life = self.live(2026, 2, 26)
        put(10, _SCHEDULE, 2, array(entry(
            1, "12:00", 1, begin=date(2026, 2, 28), end=date(2026, 3, 1))))
        life.until(2027, 4, 1, step=600)
        self.assertEqual(life.take(), [(2, 28, 12, 0, 1), (3, 1, 12, 0, 1)])

    def test_special_days(self):
        # 1 July: id 2; 2 July: id 9; 4 July, a Saturday: id 2.
        life = self.live(2026, 7, 1)
        life.default(11, _SPECIAL, a2=array(
            structure(u16(1), octets(date(2026, 7, 1)), u8(2)),
            structure(u16(2), octets(date(2026, 7, 2)), u8(9)),
            structure(u16(3), octets(date(2026, 7, 4)), u8(2)),
        ))
        put(10, _SCHEDULE, 2, array(
            entry(1, "12:00", 1, _WORKDAYS, "01"),
            entry(2, "13:00", 2, _WORKDAYS),
            entry(3, "14:00", 3, "0000000", "000000001"),
        ))
        life.until(2026, 7, 6)
        self.assertEqual(life.take(), [
            (7, 1, 12, 0, 1), (7, 2, 14, 0, 3), (7, 3, 12, 0, 1), (7, 3, 13, 0, 2),
            (7, 4, 12, 0, 1)])

    def test_same_moment_lower_script_first(self):
        life = self.live(2026, 7, 3)
        put(10, _SCHEDULE, 2, array(
            entry(1, "12:00", 4), entry(2, "12:00", 2), entry(3, "11:00", 3)))
        life.run(1)
        life.run(13 * 3600, step=13 * 3600)
        self.assertEqual([one[4] for one in life.take()], [3, 2, 4])

    def test_merged_with_the_calendar_by_time(self):
        # Power off from 5 to 9: the schedule's 07:00 and 08:30, the calendar's 08:00.
        life = self.live(2026, 7, 3, 5, 0)
        week = structure(octets(b"W"), u8(1), u8(1), u8(1), u8(1), u8(1), u8(1), u8(1))
        day = structure(u8(1), array(
            structure(octets(hour("00:00")), octets(TABLE), u16(1)),
            structure(octets(hour("08:00")), octets(TABLE), u16(2))))
        life.default(
            20, _CALENDAR, a4=array(week), a5=array(day),
            a3=array(structure(octets(b"S"), octets(date_time(0xFFFF, 1, 1)), octets(b"W"))))
        put(10, _SCHEDULE, 2, array(
            entry(1, "08:30", 4, window=0xFFFF), entry(2, "07:00", 3, window=0xFFFF)))
        life.run(1)
        life.take()
        life.power_cut(2026, 7, 3, 9, 0)
        life.tick()
        self.assertEqual([one[4] for one in life.take()], [3, 2, 4])
        self.assertEqual(self.tariff(), b"RATE4")

    def test_validity_window(self):
        # Off from 11:00 to 12:31: 31 minutes late.
        for window, late in ((0, 0), (30, 0), (31, 1), (0xFFFF, 1)):
            life = self.live(2026, 7, 3, 10, 0)
            put(10, _SCHEDULE, 2, array(entry(1, "12:00", 1, window=window)))
            life.until(2026, 7, 3, 11, 0)
            life.power_cut(2026, 7, 3, 12, 31)
            life.tick()
            life.run(7200, step=60)
            self.assertEqual(life.take(), [(7, 3, 12, 31, 1)] * late, window)
            life.end()
        self.live(2026, 7, 3)

    def test_missed_many_times_it_runs_once(self):
        life = self.live(2026, 7, 3, 10, 0)
        put(10, _SCHEDULE, 2, array(entry(1, "12:00", 1, window=0xFFFF)))
        life.until(2026, 7, 3, 11, 0)
        life.power_cut(2026, 7, 20, 11, 0)
        life.run(600)
        self.assertEqual(life.take(), [(7, 20, 11, 0, 1)])
        life.power_cut(2026, 7, 20, 11, 30)
        life.run(600)
        self.assertEqual(life.take(), [])

    def test_switched_on_at_the_moment(self):
        life = self.live(2026, 7, 3, 10, 0)
        put(10, _SCHEDULE, 2, array(entry(1, "12:00", 1, window=0)))
        life.run(1)
        life.power_cut(2026, 7, 3, 12, 0)
        life.run(600)
        self.assertEqual(len(life.take()), 0)  # the tick at 12:00:01 is late
        life.power_cut(2026, 7, 4, 12, 0)
        life.tick()
        self.assertEqual(life.take(), [(7, 4, 12, 0, 1)])

    def test_a_loop_that_stood_still_is_not_late(self):
        life = self.live(2026, 7, 3, 11, 50)
        put(10, _SCHEDULE, 2, array(entry(1, "12:00", 1, window=0)))
        life.run(1)
        life.run(1800, step=1800)
        self.assertEqual(life.take(), [(7, 3, 12, 20, 1)])

    def test_clock_set_forward_is_like_power_off(self):
        for window, late in ((30, 0), (60, 1)):
            life = self.live(2026, 7, 3, 11, 50)
            put(10, _SCHEDULE, 2, array(entry(1, "12:00", 1, window=window)))
            life.run(1)
            life.set_clock(2026, 7, 3, 12, 45)
            life.run(5)
            self.assertEqual(len(life.take()), late, window)
            life.end()
        self.live(2026, 7, 3)

    def test_clock_set_back_repeats(self):
        life = self.live(2026, 7, 3, 11, 50)
        put(10, _SCHEDULE, 2, array(entry(1, "12:00", 1)))
        life.run(3600, step=10)
        life.set_clock(2026, 7, 3, 11, 50)
        life.run(3600, step=10)
        self.assertEqual(life.take(), [(7, 3, 12, 0, 1)] * 2)

    def test_small_steps_neither_repeat_nor_leave_out(self):
        life = self.live(2026, 7, 3, 11, 50)
        put(10, _SCHEDULE, 2, array(entry(1, "12:00", 1)))
        life.until(2026, 7, 3, 12, 5)
        life.set_clock(2026, 7, 3, 11, 55)  # 10 minutes back
        life.run(1200)
        life.until(2026, 7, 4, 11, 55)
        life.set_clock(2026, 7, 4, 12, 5)  # 10 minutes on
        life.run(1200)
        self.assertEqual(life.take(), [(7, 3, 12, 0, 1), (7, 4, 12, 5, 1)])

    def test_daylight_saving(self):
        # 2026-03-29 has no 02:30; 2026-10-25 has it twice.
        life = self.live(2026, 3, 28)
        put(10, _SCHEDULE, 2, array(entry(1, "02:30", 1)))
        life.until(2026, 3, 31)
        self.assertEqual(life.take(), [(3, 28, 2, 30, 1), (3, 29, 3, 0, 1), (3, 30, 2, 30, 1)])
        life.end()
        life = self.live(2026, 10, 24)
        put(10, _SCHEDULE, 2, array(entry(1, "02:30", 1)))
        life.until(2026, 10, 27)
        self.assertEqual(
            life.take(), [(10, 24, 2, 30, 1), (10, 25, 2, 30, 1), (10, 26, 2, 30, 1)])

    def test_inserted_for_a_time_that_is_over(self):
        life = self.live(2026, 7, 3, 12, 30)
        self.assertEqual(call(10, _SCHEDULE, 2, entry(1, "12:00", 1, window=0xFFFF)), 0)
        life.run(3600, step=10)
        life.power_cut(2026, 7, 3, 14, 0)
        life.run(60)
        self.assertEqual(life.take(), [])

    def test_unknown_script_and_table(self):
        life = self.live(2026, 7, 3, 11, 59)
        put(10, _SCHEDULE, 2, array(
            entry(1, "12:00", 77), entry(2, "12:00", 1, table=bytes(6)), entry(3, "12:00", 0),
            entry(4, "12:00", 2)))
        life.run(120)
        self.assertEqual(self.tariff(), b"RATE2")

    def test_enable_disable(self):
        self.live(2026, 7, 3)
        numbers = (1, 2, 3, 10, 9999)
        put(10, _SCHEDULE, 2, array(*[entry(k, "12:00", 1) for k in numbers]))
        for ranges, enabled in (
            ((1, 9999, 2, 3), (2, 3)),  # all off, two on
            ((3, 3, 9999, 9999), (2, 9999)),
            ((2, 1, 1, 0), (2, 9999)),  # two empty ranges
            ((0, 0, 0, 65535), (1, 2, 3, 10, 9999)),
            ((10, 10, 10, 10), (1, 2, 3, 10, 9999)),  # A first, then B
        ):
            given = structure(*[u16(number) for number in ranges])
            self.assertEqual(call(10, _SCHEDULE, 1, given), 0)
            self.assertEqual(read(READER, 10, _SCHEDULE, 2), array(
                *[entry(k, "12:00", 1, enabled=int(k in enabled)) for k in numbers]))

    def test_disabled_does_nothing(self):
        life = self.live(2026, 7, 3, 11, 0)
        put(10, _SCHEDULE, 2, array(entry(1, "12:00", 1, enabled=0)))
        life.until(2026, 7, 4)
        self.assertEqual(life.take(), [])

    def test_insert_and_delete(self):
        self.live(2026, 7, 3)
        for number in (5, 1, 3):
            self.assertEqual(call(10, _SCHEDULE, 2, entry(number, "12:00", number)), 0)
        self.assertEqual(call(10, _SCHEDULE, 2, entry(3, "13:00", 4)), 0)
        self.assertEqual(read(READER, 10, _SCHEDULE, 2), array(
            entry(1, "12:00", 1), entry(3, "13:00", 4), entry(5, "12:00", 5)))
        self.assertEqual(call(10, _SCHEDULE, 3, structure(u16(2), u16(4))), 0)
        self.assertEqual(call(10, _SCHEDULE, 3, structure(u16(9), u16(1))), 0)
        self.assertEqual(read(READER, 10, _SCHEDULE, 2), array(
            entry(1, "12:00", 1), entry(5, "12:00", 5)))

    def test_dates_as_date_times(self):
        self.live(2026, 7, 3)
        begin, end = date(2026, 1, 1) + b"\xff" * 4 + b"\x80\x00\xff", ANY_DATE
        self.assertEqual(call(10, _SCHEDULE, 2, entry(1, "12:00", 1, begin=begin, end=end)), 0)
        self.assertEqual(
            read(READER, 10, _SCHEDULE, 2), array(entry(1, "12:00", 1, begin=begin[:5])))

    def test_refused(self):
        self.live(2026, 7, 3)
        put(10, _SCHEDULE, 2, array(entry(1, "12:00", 1)))
        old = read(READER, 10, _SCHEDULE, 2)
        for content, result in (
            (entry(0, "12:00", 1), 250),
            (entry(10000, "12:00", 1), 250),
            (entry(1, "24:00", 1), 250),
            (entry(1, "255:00", 1), 250),
            (entry(1, "12:00", 1, begin=date(2026, 2, 30)), 250),
            (entry(1, "12:00", 1, begin=date(2026, 1, 1), end=date(0xFFFF, 1, 1)), 250),
            (entry(1, "12:00", 1, "111111"), 12),
            (entry(1, "12:00", 1, begin=b"\xff" * 6), 12),
            (entry(1, "12:00", 1, table=TABLE[:5]), 12),
        ):
            self.assertEqual(call(10, _SCHEDULE, 2, content), result, content)
            self.assertEqual(put(10, _SCHEDULE, 2, array(content)), result, content)
        self.assertEqual(put(10, _SCHEDULE, 2, array(*[entry(1, "12:00", 1)] * 2)), 250)
        self.assertEqual(call(10, _SCHEDULE, 1, structure(u16(1), u16(1))), 12)
        self.assertEqual(call(10, _SCHEDULE, 3, u16(1)), 12)
        self.assertEqual(call(10, _SCHEDULE, 3, structure(u16(1), u16(1)), READER), 3)
        self.assertEqual(read(READER, 10, _SCHEDULE, 2), old)


def times(*pairs):
    return array(*[structure(octets(time), octets(on)) for time, on in pairs])


_FIRST = (hour("00:00"), date(0xFFFF, 255, 1))


class TestSingleAction(_Alive):
    def begin(self, kind, *pairs):
        self.life.default(22, _ACTION, a2=structure(octets(TABLE), u16(2)), a3=bytes([22, kind]),
                          a4=times(*pairs))
        self.life.take()

    def test_first_of_the_month_for_a_year(self):
        life = self.live(2027, 12, 31, 23, 0)
        self.begin(1, _FIRST)
        life.until(2029, 1, 1, 1, step=300)
        months = [(m, 1, 0, 0, 2) for m in range(1, 13)]
        self.assertEqual(life.take(), months + [(1, 1, 0, 0, 2)])

    def test_last_day_of_the_month_in_a_leap_year(self):
        life = self.live(2028, 1, 1)
        self.begin(1, (hour("23:59"), date(0xFFFF, 255, 254)))
        life.until(2028, 4, 1)
        self.assertEqual([one[:3] for one in life.moments], [
            (2028, 1, 31), (2028, 2, 29), (2028, 3, 31)])

    def test_several_full_dates(self):
        life = self.live(2026, 1, 1)
        self.begin(4, (hour("06:00"), date(2026, 2, 28)), (hour("07:00"), date(2027, 2, 28)),
                   (hour("08:00"), date(2025, 2, 28)))
        life.until(2028, 1, 1, step=600)
        self.assertEqual(life.take(), [(2, 28, 6, 0, 2), (2, 28, 7, 0, 2)])

    def test_each_quarter_of_an_hour(self):
        life = self.live(2026, 1, 1, 0, 0, 1)
        self.begin(5, *[(bytes([255, m, 0, 0]), ANY_DATE) for m in (0, 15, 30, 45)])
        life.run(7200, step=1)
        found = [one[2:4] for one in life.take()]
        self.assertEqual(found, [(0, 15), (0, 30), (0, 45), (1, 0), (1, 15), (1, 30), (1, 45),
                                 (2, 0)])

    def test_each_minute_is_not_made_up_for(self):
        life = self.live(2026, 1, 1, 0, 0, 1)
        self.begin(1, (b"\xff\xff\x00\x00", ANY_DATE))
        life.run(180)
        self.assertEqual(len(life.take()), 3)
        life.power_cut(2026, 1, 1, 5, 0, 30)
        life.tick()
        self.assertEqual(life.take(), [])
        life.run(30)
        self.assertEqual(life.take(), [(1, 1, 5, 1, 2)])

    def test_missed_with_the_power_off_it_runs_once(self):
        life = self.live(2026, 1, 15)
        self.begin(1, _FIRST)
        life.run(3)
        life.power_cut(2026, 4, 7, 12, 0)  # three times missed
        life.run(60)
        self.assertEqual(life.take(), [(4, 7, 12, 0, 2)])
        life.power_cut(2026, 4, 8, 12, 0)
        life.run(60)
        self.assertEqual(life.take(), [])
        life.power_cut(2026, 5, 1, 0, 0, 0)
        life.run(60)
        self.assertEqual(life.take(), [(5, 1, 0, 0, 2)])

    def test_power_cut_behind_the_moment_does_not_repeat(self):
        life = self.live(2026, 4, 30, 23, 59)
        self.begin(1, _FIRST)
        life.run(90)
        self.assertEqual(len(life.take()), 1)
        life.power_cut(2026, 5, 1, 0, 0, 45)
        life.run(3600)
        self.assertEqual(life.take(), [])

    def test_daylight_saving_in_the_hour_that_is_left_out(self):
        life = self.live(2026, 3, 29, 1, 0)
        self.begin(1, (hour("02:15"), ANY_DATE))
        life.run(4 * 3600, step=10)
        self.assertEqual(life.take(), [(3, 29, 3, 0, 2)])

    def test_first_start_makes_up_for_nothing(self):
        life = self.live(2026, 1, 15)
        life.default(22, _ACTION, a5=b"\x06\x00\x00\x00\x00")
        self.begin(1, _FIRST)
        life.power_cut(2026, 4, 7, 12, 0)
        life.run(60)
        self.assertEqual(life.take(), [])

    def test_a_clock_that_was_wrong_for_years_does_not_stop_it(self):
        life = self.live(2040, 1, 15)
        self.begin(1, _FIRST)
        life.until(2040, 2, 2)
        life.power_cut(2026, 1, 31, 23, 0)
        life.take()
        life.run(7200, step=10)
        self.assertEqual(life.take(), [(2, 1, 0, 0, 2)])

    def test_types(self):
        day, other = date(2026, 5, 1), date(2026, 6, 1)
        at, later = hour("06:00"), hour("07:00")
        cases = {
            1: (((at, day),), ((at, ANY_DATE),), ((b"\xff\x00\x00\x00", ANY_DATE),)),
            2: (((at, day), (at, other)),),
            3: (((at, day), (at, date(0xFFFF, 1, 1))),),
            4: (((at, day), (later, other)),),
            5: (((at, day), (later, ANY_DATE)),),
        }
        bad = {
            1: (((at, day), (at, other)),),
            2: (((at, day), (later, other)), ((at, date(0xFFFF, 5, 1)),)),
            3: (((at, day), (later, other)),),
            4: (((at, day), (later, ANY_DATE)), ((b"\xff\x00\x00\x00", day),)),
            5: (((at, date(2026, 2, 29)),), ((hour("24:00"), day),),
                ((b"\x06\x00\x00\x01", day),)),
        }
        self.live(2026, 1, 1)
        for kind in range(1, 6):
            self.assertEqual(put(22, _ACTION, 4, array()), 0)
            self.assertEqual(put(22, _ACTION, 3, bytes([22, kind])), 0)
            for pairs in cases[kind]:
                self.assertEqual(put(22, _ACTION, 4, times(*pairs)), 0, pairs)
                self.assertEqual(read(READER, 22, _ACTION, 4), times(*pairs))
            for pairs in bad[kind]:
                self.assertEqual(put(22, _ACTION, 4, times(*pairs)), 250, pairs)
            self.assertEqual(read(READER, 22, _ACTION, 4), times(*cases[kind][-1]))

    def test_refused(self):
        self.live(2026, 1, 1)
        self.begin(1, (hour("06:00"), ANY_DATE))
        for attribute, content, result in (
            (3, bytes([22, 0]), 250),
            (3, bytes([22, 6]), 250),
            (3, bytes([22, 2]), 250),  # the date has wildcards
            (3, u8(1), 12),
            (2, structure(octets(TABLE), u8(1)), 12),
            (2, structure(octets(TABLE[:5]), u16(1)), 12),
            (4, times((b"\x06\x00\x00", ANY_DATE)), 12),
            (4, u16(1), 12),
            (5, b"\x06\x00\x00\x00\x01", 4),
        ):
            self.assertEqual(put(22, _ACTION, attribute, content), result, content)
        self.assertEqual(put(22, _ACTION, 4, array(), READER), 3)
        for attribute in (2, 3, 4):
            content = read(CONFIGURATOR, 22, _ACTION, attribute)
            self.assertEqual(put(22, _ACTION, attribute, content), 0)


if __name__ == "__main__":
    unittest.main()
