# The clock over its life: what lasts, jumps and their events, seconds that nobody sets.
import unittest

from meter import clock as module
from meter import date, events, settings
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


class Rtc:
    """Stands still until the test moves it; UTC seconds since 2000."""

    def __init__(self, utc_s=662688000):  # 2021-01-01
        self.utc_s = utc_s
        self.lost = False
        self.silent = False

    def read(self, fields):
        if self.silent:
            return False
        date.put_minute(fields, self.utc_s // 60)
        fields[6] = self.utc_s % 60
        fields[7] = 255
        return True

    def write(self, fields):
        if self.silent:
            return False
        self.utc_s = date.seconds(fields)
        self.lost = False
        return True


class Store:
    """Keeps nothing more once it is full."""

    def __init__(self):
        self.values = {}
        self.full = False

    def get(self, key):
        return self.values.get(key)

    def put(self, key, octets):
        if not self.full:
            self.values[key] = octets
        return not self.full


def _put_and_cut(store):
    """A put that keeps, and behind which the power fails."""

    def put(key, octets):
        store.values[key] = octets
        raise OSError

    return put


def _heard():
    """Events since the last question: (code, UTC second or 0)."""
    found = []
    event = events.take()
    while event:
        found.append((event[0], event[2]))
        event = events.take()
    return found


class _Life(unittest.TestCase):
    def setUp(self):
        self.store = Store()
        settings.use(self.store)
        self.rtc = Rtc()
        self.jumps = []
        self.clock = self.start()

    def tearDown(self):
        settings.use(None)
        module._clock = None
        _heard()

    def start(self):
        """A new life: RTC and store as they are."""
        _heard()
        clock = Clock(self.rtc, *_EU)
        clock.start()
        clock.jumped = self.jumped
        return clock

    def jumped(self, old_s, new_s):
        self.jumps.append((old_s, new_s))

    def set(self, *fields):
        """Year, month, day, hour, minute, second."""
        wanted = fields[:3] + (_ANY,) + fields[3:] + (_ANY, _NONE, _ANY)
        return self.clock.set(wanted)

    def shown(self):
        self.clock.now()
        return tuple(self.clock.fields[:3]) + tuple(self.clock.fields[4:7])

    def status(self):
        self.clock.now()
        return self.clock.fields[9]


class TestWhatLasts(_Life):
    def test_zone_and_rules(self):
        begin = (65535, 9, 254, 7, 2, 45, 0, 0, _NONE, 0)
        end = (2030, 4, 1, 7, 3, 45, 0, 0, _NONE, 0)
        self.assertTrue(self.clock.set_zone(-765))
        self.assertTrue(self.clock.set_begin(begin))
        self.assertTrue(self.clock.set_end(end))
        self.assertTrue(self.clock.set_dst_deviation(-30))
        self.assertTrue(self.clock.enable_dst(False))
        again = self.start()
        self.assertEqual(
            (again.time_zone_min, again.dst_begin, again.dst_end, again.dst_deviation_min,
             again.dst_enabled), (-765, begin, end, -30, False))

    def test_until_then_as_configured(self):
        self.assertEqual((self.clock.time_zone_min, self.clock.dst_begin), _EU[:1] + _EU[2:3])

    def test_that_it_was_set(self):
        self.assertEqual(self.status(), 1)
        self.set(2026, 7, 1, 12, 0, 0)
        self.clock = self.start()
        self.assertEqual(self.status(), 0x80)

    def test_part_of_a_time_is_not_enough(self):
        self.clock.set((65535, _ANY, _ANY, _ANY, 12, 0, 0, _ANY, _NONE, _ANY))
        self.clock = self.start()
        self.assertEqual(self.status(), 1)

    def test_preset(self):
        self.set(2026, 7, 1, 12, 0, 0)
        at = (2026, 7, 1, _ANY, 14, 0, 0, 0, _NONE, 0)
        until = (2026, 7, 1, _ANY, 12, 30, 0, 0, _NONE, 0)
        since = (2026, 7, 1, _ANY, 11, 30, 0, 0, _NONE, 0)
        self.assertTrue(self.clock.preset(at, since, until))
        self.clock = self.start()
        self.assertTrue(self.clock.adjust_to_preset())
        self.assertEqual(self.shown(), (2026, 7, 1, 14, 0, 0))
        self.assertFalse(self.clock.adjust_to_preset())  # it is past 12:30 now

    def test_nothing_is_confirmed_that_was_not_stored(self):
        self.set(2026, 7, 1, 12, 0, 0)
        self.store.full = True
        before = self.rtc.utc_s
        self.jumps.clear()
        at = (2026, 7, 1, _ANY, 14, 0, 0, 0, _NONE, 0)
        self.assertFalse(self.set(2026, 7, 2, 12, 0, 0))
        self.assertFalse(self.clock.shift(60))
        self.assertFalse(self.clock.adjust(3600) and self.clock.adjust(900))
        self.assertFalse(self.clock.set_zone(0))
        self.assertFalse(self.clock.set_begin((65535, 8, 1, _ANY, 2, 0, 0, 0, _NONE, 0)))
        self.assertFalse(self.clock.set_end((65535, 8, 1, _ANY, 2, 0, 0, 0, _NONE, 0)))
        self.assertFalse(self.clock.set_dst_deviation(30))
        self.assertFalse(self.clock.enable_dst(False))
        self.assertFalse(self.clock.preset(at, at, at))
        self.assertEqual((self.rtc.utc_s, self.jumps), (before, []))
        self.assertEqual(self.shown(), (2026, 7, 1, 12, 0, 0))
        self.assertEqual(self.clock._pack_zone(), Clock(self.rtc, *_EU)._pack_zone())


class TestPowerFailure(_Life):
    def test_time_lost(self):
        self.set(2026, 7, 1, 12, 0, 0)
        self.rtc.utc_s += 1800
        self.clock.remember()  # the power-fail pin
        self.rtc.utc_s, self.rtc.lost = 662688000, True
        self.clock = self.start()
        self.assertEqual(self.shown(), (2026, 7, 1, 12, 30, 0))
        self.assertEqual(self.status(), 0x81)
        self.assertEqual([code for code, _ in _heard()], [events.CLOCK_INVALID])
        self.set(2026, 7, 1, 12, 31, 0)
        self.assertEqual(self.status(), 0x80)

    def test_remembered_every_hour(self):
        self.set(2026, 7, 1, 12, 0, 0)
        for k in range(125):
            self.rtc.utc_s += 60
            self.clock.second(k * 60000)
        self.rtc.utc_s, self.rtc.lost = 662688000, True
        self.clock = self.start()
        self.assertEqual(self.shown()[3], 14)

    def test_remembered_at_the_start(self):
        # Lost within the hour behind a start, it goes back to that and not to before the cut.
        self.set(2026, 7, 1, 12, 0, 0)
        self.rtc.utc_s += 86400
        self.clock = self.start()
        self.rtc.utc_s, self.rtc.lost = 662688000, True
        self.clock = self.start()
        self.assertEqual((self.shown(), self.status()), ((2026, 7, 2, 12, 0, 0), 0x81))

    def test_cut_while_an_invalid_time_is_set(self):
        # Between the memory and the chip: what the chip has is as invalid as before.
        self.rtc.utc_s = 900000000
        put, self.store.put = self.store.put, _put_and_cut(self.store)
        self.assertRaises(OSError, self.set, 2026, 7, 1, 12, 0, 0)
        self.store.put = put
        self.clock = self.start()
        self.assertEqual((self.rtc.utc_s, self.status() & 0x7F), (900000000, 1))
        self.set(2026, 7, 1, 12, 0, 0)
        self.clock = self.start()
        self.assertEqual(self.status(), 0x80)

    def test_time_kept(self):
        self.set(2026, 7, 1, 12, 0, 0)
        self.rtc.utc_s += 86400 * 30
        self.clock = self.start()
        self.assertEqual((self.shown(), self.status()), ((2026, 7, 31, 12, 0, 0), 0x80))
        self.assertEqual(_heard(), [])

    def test_doubtful_when_it_went_back(self):
        self.set(2026, 7, 1, 12, 0, 0)
        self.rtc.utc_s -= 60
        self.clock = self.start()
        self.assertEqual(self.status(), 0x82)
        self.set(2026, 7, 1, 12, 0, 0)
        self.assertEqual(self.status(), 0x80)

    def test_set_back_is_no_reason_to_doubt(self):
        self.set(2026, 7, 1, 12, 0, 0)
        self.set(2026, 6, 1, 12, 0, 0)
        self.clock = self.start()
        self.assertEqual(self.status(), 0x80)

    def test_silent_rtc(self):
        self.set(2026, 7, 1, 12, 0, 0)
        self.clock.second(0)
        self.rtc.silent = True
        self.clock.second(90000)
        self.assertEqual((self.shown(), self.status()), ((2026, 7, 1, 12, 1, 30), 0x82))
        self.assertFalse(self.set(2026, 7, 1, 13, 0, 0))
        self.rtc.silent = False
        self.rtc.utc_s += 100
        self.clock.second(100000)
        self.assertEqual((self.shown(), self.status()), ((2026, 7, 1, 12, 1, 40), 0x80))


    def test_silent_right_after_it_was_set(self):
        self.set(2026, 7, 1, 12, 0, 0)
        self.clock.second(0)
        self.set(2026, 8, 1, 12, 0, 0)
        self.rtc.silent = True
        self.assertEqual(self.shown(), (2026, 8, 1, 12, 0, 0))

    def test_set_as_soon_as_it_answers(self):
        self.rtc.silent = True
        self.shown()
        self.rtc.silent = False
        self.assertTrue(self.set(2026, 7, 1, 12, 0, 0))
        self.assertEqual(self.status(), 0x80)

    def test_what_the_rtc_did_not_take_is_not_remembered(self):
        self.set(2026, 7, 1, 12, 0, 0)
        self.rtc.silent = True
        self.assertFalse(self.set(2026, 8, 1, 12, 0, 0))
        self.rtc.silent = False
        self.clock = self.start()
        self.assertEqual(self.status(), 0x80)  # not doubtful: it stands behind nothing

    def test_no_event_at_the_start(self):
        self.set(2026, 7, 1, 12, 0, 0)
        self.clock = self.start()
        self.clock.second(0)
        self.assertEqual(_heard(), [])


class TestJumps(_Life):
    def setUp(self):
        _Life.setUp(self)
        self.set(2026, 3, 1, 12, 0, 0)
        self.now_s = self.rtc.utc_s
        self.jumps.clear()
        _heard()

    def test_forward(self):
        self.assertTrue(self.set(2026, 3, 1, 12, 0, 10))
        self.assertEqual(self.jumps, [(self.now_s, self.now_s + 10)])
        self.assertEqual(_heard(), [(4, self.now_s), (5, self.now_s + 10)])

    def test_back(self):
        self.assertTrue(self.clock.shift(-900))
        self.assertEqual(self.jumps, [(self.now_s, self.now_s - 900)])
        self.assertEqual(_heard(), [(4, self.now_s), (5, self.now_s - 900)])

    def test_synchronised(self):
        for seconds in (4, -4, 1, 0):
            self.assertTrue(self.clock.shift(seconds))
        self.assertEqual((self.jumps, _heard()), ([], []))
        self.assertEqual(self.rtc.utc_s, self.now_s + 1)

    def test_nine_seconds_a_day_and_no_more(self):
        at = self.now_s
        self.clock.second(0)
        for expected in ([], [(at + 9, at + 10)]):
            self.clock.shift(9 if not expected else 1)
            self.assertEqual(self.jumps, expected)
        self.clock.second(86400000)
        self.clock.shift(-9)
        self.assertEqual(len(self.jumps), 1)
        self.clock.shift(-1)
        self.assertEqual(self.jumps[1:], [(at + 1, at)])

    def test_told_when_it_already_shows_the_new_time(self):
        self.clock.jumped = lambda old_s, new_s: self.jumps.append(self.shown())
        self.set(2026, 3, 2, 8, 0, 0)
        self.assertEqual(self.jumps, [(2026, 3, 2, 8, 0, 0)])

    def test_across_the_change_of_daylight_saving(self):
        # From 01:30 to 03:30 local are sixty minutes on the day that it begins.
        self.set(2026, 3, 29, 1, 30, 0)
        self.jumps.clear()
        self.set(2026, 3, 29, 3, 30, 0)
        old_s, new_s = self.jumps[0]
        self.assertEqual(new_s - old_s, 3600)
        self.assertEqual(self.status(), 0x80)
        self.set(2026, 3, 29, 1, 30, 0)
        self.assertEqual(self.jumps[1], (new_s, old_s))
        self.assertEqual(self.status(), 0)

    def test_in_the_hour_that_comes_twice(self):
        # 2026-10-25: 02:00 to 03:00 is there at 00:00 and again at 01:00 UTC. A correction
        # without a deviation stays in the pass that it is.
        for deviation in (-120, -60):
            self.clock.set((2026, 10, 25, _ANY, 2, 30, 0, 0, deviation, _ANY))
            at_s = self.rtc.utc_s
            self.set(2026, 10, 25, 2, 31, 0)
            self.assertEqual(self.rtc.utc_s, at_s + 60)
            self.assertEqual(self.clock.fields[8], deviation)

    def test_the_hour_left_out(self):
        # Normal time goes on in it: 02:30 on 2026-03-29 is 03:30 of summer.
        self.set(2026, 3, 29, 2, 30, 0)
        self.assertEqual(self.shown(), (2026, 3, 29, 3, 30, 0))

    def test_from_inside_a_jump(self):
        # A script that shifts at each jump ends neither in recursion nor without being told.
        def once_more(old_s, new_s):
            self.jumps.append((old_s, new_s))
            if len(self.jumps) < 3:
                self.clock.shift(900)

        self.clock.jumped = once_more
        at = self.now_s
        self.clock.shift(60)
        self.assertEqual(self.jumps, [(at, at + 60)])
        self.clock.second(1000)
        self.clock.second(2000)
        self.clock.second(3000)
        self.assertEqual(self.jumps, [(at, at + 60), (at + 60, at + 960), (at + 960, at + 1860)])

    def test_two_inside_of_one(self):
        def twice(old_s, new_s):
            self.jumps.append((old_s, new_s))
            if len(self.jumps) == 1:
                self.clock.shift(900)
                self.clock.shift(900)

        self.clock.jumped = twice
        at = self.now_s
        self.clock.shift(60)
        self.clock.second(1000)
        self.assertEqual(self.jumps, [(at, at + 60), (at + 60, at + 1860)])

    def test_bounds(self):
        self.assertFalse(self.clock.set((2099, 12, 31, _ANY, 23, 59, 50, 0, 60, _ANY), True))
        self.assertTrue(self.clock.set((2099, 12, 31, _ANY, 23, 59, 50, 0, 0, _ANY)))
        self.assertFalse(self.clock.shift(10))
        self.assertTrue(self.clock.shift(9))
        self.assertFalse(self.clock.adjust(60))
        self.assertEqual(self.rtc.utc_s, 3155759999)
        self.assertFalse(self.clock.set((2099, 12, 31, _ANY, 23, 59, 50, 0, 60, _ANY)))
        self.assertTrue(self.clock.set((2000, 1, 1, _ANY, 0, 0, 5, 0, 0, _ANY)))
        self.assertFalse(self.clock.shift(-6))
        self.assertFalse(self.clock.set((2000, 1, 1, _ANY, 0, 0, 5, 0, -60, _ANY)))
        self.assertEqual(self.rtc.utc_s, 5)

    def test_far_years(self):
        # Across 2**30 and 2**31 s since 2000.
        for year, month, day, utc_s in ((2034, 1, 9, 0x40000000), (2068, 1, 19, 0x80000000)):
            self.rtc.utc_s = utc_s - 60
            self.jumps.clear()
            self.assertTrue(self.clock.shift(120))
            self.assertEqual(self.jumps, [(utc_s - 60, utc_s + 60)])
            self.assertEqual(_heard()[-2:], [(4, utc_s - 60), (5, utc_s + 60)])
            self.assertEqual(self.shown()[:3], (year, month, day))
            self.clock.remember()
            self.rtc.utc_s, self.rtc.lost = 0, True
            self.clock = self.start()
            self.assertEqual(self.rtc.utc_s, utc_s + 60)
            self.assertEqual(self.clock.second(0), utc_s + 60)


class TestFarAway(unittest.TestCase):
    # Seconds since 2000 by Python's datetime: 2**30 - 1 is the largest small int of a 32-bit
    # MicroPython, 2**31 - 1 and 2**32 - 1 of words.
    def test_utc_seconds(self):
        for fields, utc_s in (
            ((2000, 1, 1, 0, 0, 0), 0),
            ((2024, 2, 29, 12, 0, 0), 762523200),
            ((2034, 1, 9, 13, 37, 3), 0x3FFFFFFF),
            ((2034, 1, 9, 13, 37, 4), 0x40000000),
            ((2068, 1, 19, 3, 14, 7), 0x7FFFFFFF),
            ((2068, 1, 19, 3, 14, 8), 0x80000000),
            ((2099, 12, 31, 23, 59, 59), 3155759999),
        ):
            clock = Clock(Rtc(utc_s))
            self.assertEqual(clock.utc_s(), utc_s)
            clock.now()
            shown = list(clock.fields)
            self.assertEqual(tuple(shown[:3] + shown[4:7]), fields)

    def test_local_time_may_leave_the_century(self):
        clock = Clock(Rtc(3155758200), -60)  # 23:30 of the last day
        clock.now()
        self.assertEqual(list(clock.fields)[:7], [2100, 1, 1, 5, 0, 30, 0])
        clock = Clock(Rtc(1800), 60)
        clock.now()
        self.assertEqual(list(clock.fields)[:7], [1999, 12, 31, 5, 23, 30, 0])


class TestAdjusting(_Life):
    def check(self, period_s, before, after):
        self.assertTrue(self.set(*before))
        self.assertTrue(self.clock.adjust(period_s))
        self.assertEqual(self.shown(), after)

    def test_in_local_time(self):
        # UTC+5:45: a local hour begins at a quarter past one of UTC.
        self.clock.set_zone(-345)
        self.check(3600, (2026, 1, 5, 12, 29, 59), (2026, 1, 5, 12, 0, 0))
        self.check(3600, (2026, 1, 5, 12, 30, 0), (2026, 1, 5, 13, 0, 0))
        self.check(86400, (2026, 1, 5, 11, 59, 59), (2026, 1, 5, 0, 0, 0))
        self.check(86400, (2026, 2, 28, 12, 0, 0), (2026, 3, 1, 0, 0, 0))
        self.check(1, (2026, 2, 28, 12, 0, 17), (2026, 2, 28, 12, 0, 17))

    def test_a_period_that_does_not_fill_the_day(self):
        # Seven hours: 0, 7, 14, 21 o'clock and again midnight.
        self.check(25200, (2026, 1, 5, 22, 29, 59), (2026, 1, 5, 21, 0, 0))
        self.check(25200, (2026, 1, 5, 22, 30, 0), (2026, 1, 6, 0, 0, 0))


class TestSeconds(_Life):
    def test_monotonic(self):
        self.clock.second(0x3FFFFFFF - 499)  # ticks begin anew behind 3FFFFFFF
        self.assertEqual(module.monotonic_s(), 0)
        self.clock.second(500)
        self.assertEqual(module.monotonic_s(), 1)
        self.set(2030, 1, 1, 0, 0, 0)
        self.clock.second(1499)
        self.assertEqual(module.monotonic_s(), 1)
        self.clock.second(1500)
        self.set(2020, 1, 1, 0, 0, 0)
        self.assertEqual(module.monotonic_s(), 2)
        self.clock.second((1500 + 86400000 * 10) % 0x40000000)
        self.assertEqual(module.monotonic_s(), 2 + 864000)

    def test_no_millisecond_is_lost(self):
        now_ms = 0
        for k in range(1000):
            self.clock.second(now_ms)
            now_ms += 1001 + k % 17
        self.assertEqual(self.clock.monotonic_s, sum([1001 + k % 17 for k in range(999)]) // 1000)

    def test_of_the_started_clock(self):
        self.set(2026, 7, 1, 12, 0, 0)
        self.assertEqual(module.utc_s(), self.rtc.utc_s)
        module._clock = None
        self.assertEqual((module.utc_s(), module.monotonic_s()), (0, 0))

    def test_second_and_fields_belong_together(self):
        self.set(2026, 7, 1, 12, 0, 0)
        self.assertEqual(self.clock.second(0), self.rtc.utc_s)
        self.assertEqual(list(self.clock.fields[4:7]), [12, 0, 0])

    def test_daylight_saving_is_an_event_and_no_jump(self):
        self.set(2026, 3, 29, 1, 59, 58)
        self.jumps.clear()
        self.clock.second(0)
        _heard()
        for k in range(4):
            self.rtc.utc_s += 1
            self.clock.second(1000 * k)
        at_s = self.rtc.utc_s - 2
        self.assertEqual((_heard(), self.jumps), ([(3, at_s)], []))
        self.assertEqual(self.shown(), (2026, 3, 29, 3, 0, 2))
        self.clock.enable_dst(False)
        self.clock.second(5000)
        self.assertEqual([code for code, _ in _heard()], [3])


if __name__ == "__main__":
    unittest.main()
