# Setting the clock, seen from the objects that live by it: DESIGN.md, Time, row by row, on the
# objects of meter.toml with a real clock over an RTC that the test moves.
import unittest

from cosem import clock, dispatch, internal, live
from cosem_reading import (
    CONFIGURATOR,
    READER,
    descriptor,
    live_through,
    obis,
    read,
    request,
    unhex,
)
from meter import clock as meter_clock
from meter import date, events, settings
from meter.clock import Clock
from meter.date import days

_NONE = -0x8000
_EU = (
    -60, True, (65535, 3, 254, 7, 2, 0, 0, 0, _NONE, 0),
    (65535, 10, 254, 7, 3, 0, 0, 0, _NONE, 0), 60,
)
_CLOCK = "0-0:1.0.0"
_LOAD = "1-0:99.1.0"
_EVENTS = "0-0:99.98.0"
_DEMAND = "1-0:1.4.0"
_ADJUSTED = 0x20


class Rtc:
    lost = False

    def __init__(self, utc_s):
        self.utc_s = utc_s

    def read(self, fields):
        date.put_minute(fields, self.utc_s // 60)
        fields[6] = self.utc_s % 60
        fields[7] = 0
        return True

    def write(self, fields):
        self.utc_s = date.seconds(fields)
        return True


def _row(text):
    """Day, hour, minute, second and the octet behind the time of a row 02 nn 09 0C .. 11 xx."""
    return text[5], text[7], text[8], text[9], text[15]


def _rows(class_id, code):
    """The rows of a profile whose second column is an octet; 2026 is 07EA."""
    pieces = read(READER, class_id, code, 2).split(b"\x09\x0c\x07\xea")[1:]
    return [_row(b"\x09\x0c\x07\xea" + piece) for piece in pieces]


class TestJumps(unittest.TestCase):
    def setUp(self):
        self.saved = dict(settings._values)
        settings._values.clear()
        while events.take():
            pass
        dispatch.start()
        # Tuesday 2026-11-24 10:07:30 local, a clock that is valid.
        self.rtc = Rtc(days(2026, 11, 24) * 86400 + 9 * 3600 + 450)
        self.clock = Clock(self.rtc, *_EU)
        self.clock.start()
        self.clock._status = 0
        self.clock.jumped = live.jumped
        clock.use(self.clock)
        self.ticks_ms = 0
        self.run_for(2)
        for code in (_LOAD, _EVENTS):
            internal.act(internal.find(7, obis(code)), 1, b"", 0, 0)
        self.run_for(2)
        self.noted = len(_rows(7, _EVENTS))

    def tearDown(self):
        settings._values.clear()
        settings._values.update(self.saved)
        meter_clock._clock = None
        dispatch.start()

    def run_for(self, seconds, step=1):
        """The main loop's seconds."""
        for _ in range(0, seconds, step):
            self.rtc.utc_s += step
            self.ticks_ms = (self.ticks_ms + 1000 * step) & 0x3FFFFFFF
            now_s = self.clock.second(self.ticks_ms)
            live_through(now_s, self.clock.fields)

    def set(self, day, hour, minute, second=0, month=11):
        """As a client does: attribute 2."""
        q = request(CONFIGURATOR)
        self.assertEqual(dispatch.open(q, descriptor(8, _CLOCK, 2), 0, 1), 0)
        data = unhex("09 0C 07EA") + bytes((month, day, 255, hour, minute, second)) + unhex(
            "FF 8000 FF")
        self.assertEqual(dispatch.set(q, data, 0, len(data)), 0)

    def load(self):
        """Day, hour, minute and whether the clock was adjusted."""
        return [(row[0], row[1], row[2], row[4] & _ADJUSTED) for row in _rows(7, _LOAD)]

    def test_forward_over_periods(self):
        # 10:15, 10:30, 10:45 and 11:00 are left out: one row, at 11:03.
        self.set(24, 11, 3)
        self.run_for(2)
        self.assertEqual(self.load(), [(24, 11, 3, _ADJUSTED)])
        self.run_for(780)
        self.assertEqual(self.load()[1:], [(24, 11, 15, 0)])

    def test_forward_within_a_period(self):
        self.set(24, 10, 9)
        self.run_for(60)
        self.assertEqual(self.load(), [])
        self.run_for(360)
        self.assertEqual(self.load(), [(24, 10, 15, _ADJUSTED)])

    def test_back_over_a_period(self):
        self.run_for(1500, 10)
        self.assertEqual([row[:3] for row in self.load()], [(24, 10, 15), (24, 10, 30)])
        self.set(24, 10, 10)
        self.run_for(1300, 10)
        self.assertEqual(
            [row[:3] for row in self.load()],
            [(24, 10, 15), (24, 10, 30), (24, 10, 15), (24, 10, 30)])
        self.assertEqual([row[3] for row in self.load()], [0, 0, _ADJUSTED, 0])

    def test_synchronised_over_the_end_of_a_period(self):
        self.run_for(450 - 7)  # 10:14:57
        before = self.load()
        self.clock.shift(5)
        self.run_for(2)
        self.clock.shift(-4)
        self.run_for(30)
        self.assertEqual(before, [])
        self.assertEqual(self.load(), [(24, 10, 15, 0)])
        self.assertEqual(_rows(7, _EVENTS)[self.noted :], [])

    def test_events(self):
        self.set(24, 8, 0)
        self.run_for(3)
        rows = _rows(7, _EVENTS)[self.noted :]
        self.assertEqual([row[4] for row in rows], [4, 5])
        self.assertEqual([row[:3] for row in rows], [(24, 10, 7), (24, 8, 0)])

    def test_demand(self):
        before = read(READER, 5, _DEMAND, 5)
        self.set(24, 11, 3)
        self.run_for(1)
        flagged = read(READER, 5, _DEMAND, 5)
        self.assertEqual((before[-1] & _ADJUSTED, flagged[-1] & _ADJUSTED), (0, _ADJUSTED))
        # capture_time and start_time_current: the new time
        for attribute in (6, 7):
            self.assertEqual(tuple(read(READER, 5, _DEMAND, attribute)[7:9]), (11, 3))

    def test_a_day_with_the_hour_left_out(self):
        # From 00:00 to 06:00 on the day when daylight saving begins are five hours.
        self.set(29, 0, 0, 0, 3)
        self.run_for(5 * 3600, 60)
        hours = [row[1] for row in self.load()]
        self.assertEqual([hours.count(hour) for hour in range(6)], [3, 4, 0, 4, 4, 4])
        self.assertEqual(_rows(7, _EVENTS)[-1][4], 3)

    def test_a_day_with_an_hour_twice(self):
        self.set(25, 0, 0, 0, 10)
        self.run_for(7 * 3600, 60)
        hours = [row[1] for row in self.load()]
        self.assertEqual([hours.count(hour) for hour in range(6)], [3, 4, 8, 4, 4, 4])


if __name__ == "__main__":
    unittest.main()
