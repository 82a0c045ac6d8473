# Demand, its maxima and register activation: the objects of meter.toml on a clock of their own.
import unittest

from cosem import dispatch, internal, live
from cosem_reading import READER, live_through, obis, read, unhex
from meter import settings
from meter.tariffs import rates

_WH = 1000000000
_DAY_S = 86400
_NOON_S = 9457 * _DAY_S + 43200  # 2025-11-22 12:00 UTC
_NOTHING = unhex("090C FFFF FF FF FF FFFFFFFF 8000 FF")


def _fields(now_s, deviation=0):
    """Fields of 2025-11-22 and the days behind it, local time."""
    local = now_s - deviation * 60
    day = local // _DAY_S - 9457
    seconds = local % _DAY_S
    return [2025, 11, 22 + day, (5 + day) % 7 + 1, seconds // 3600, seconds // 60 % 60,
            seconds % 60, 0, deviation, 0]  # fmt: skip


def _moment(now_s):
    fields = _fields(now_s)
    date = bytes([7, 233, 11, fields[2], fields[3]])
    return b"\x09\x0c" + date + bytes(fields[4:8]) + b"\x00\x00\x00"


def _u32(value):
    return b"\x06" + bytes([value >> 24, value >> 16 & 255, value >> 8 & 255, value & 255])


class Meter(unittest.TestCase):
    def setUp(self):
        settings._values.clear()
        dispatch.start()
        self.now_s = _NOON_S
        self.second(0)

    def tearDown(self):
        settings._values.clear()
        dispatch.start()

    def second(self, seconds, wh=0):
        """Energy, then the time that it took."""
        rates.book(wh * _WH)
        self.now_s += seconds
        live_through(self.now_s, _fields(self.now_s))

    def read(self, class_id, code, attribute):
        return read(READER, class_id, code, attribute)

    def set(self, class_id, code, attribute, data):
        return internal.set(internal.find(class_id, obis(code)), attribute, data, 0, len(data))

    def act(self, class_id, code, method, data=b"\x0f\x00"):
        return internal.act(internal.find(class_id, obis(code)), method, data, 0, len(data))


class TestDemandRegister(Meter):
    def test_a_quarter_of_an_hour(self):
        # 30, 60, 90 Wh in five minutes each: 120, 360, 720 W over 15 minutes.
        for wh, want in ((30, 1200), (60, 3600), (90, 7200)):
            for _ in range(5):
                self.second(60, wh // 5)
            self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(want))
            self.assertEqual(self.read(5, "1-0:1.4.0", 6), _moment(self.now_s))
        # The running window has the last two periods behind it.
        self.assertEqual(self.read(5, "1-0:1.4.0", 7), _moment(self.now_s - 600))
        self.assertEqual(self.read(5, "1-0:1.4.0", 2), _u32(6000))
        self.assertEqual(self.read(5, "1-0:1.4.0", 4), unhex("0202 0FFF 161B"))

    def test_export(self):
        # 30 Wh out in five minutes are 120 W over 15 minutes, and no import.
        for _ in range(5):
            self.second(60, -6)
        for code, want in (("2", 1200), ("1", 0)):
            self.assertEqual(self.read(5, "1-0:%s.4.0" % code, 3), _u32(want))
            self.assertEqual(self.read(3, "1-0:%s.5.0" % code, 2), _u32(want))
            self.assertEqual(self.read(4, "1-0:%s.6.0" % code, 2), _u32(want))
        self.assertEqual(self.read(4, "1-0:2.6.0", 5), _moment(self.now_s))
        self.assertEqual(self.read(4, "1-0:2.6.1", 2), _u32(1200))  # RATE1 is active
        self.assertEqual(self.read(4, "1-0:2.6.2", 2), _u32(0))
        self.second(300, 90)  # 30 Wh out and 90 Wh in within the window
        self.assertEqual(self.read(3, "1-0:1.5.0", 2), _u32(3600))
        self.assertEqual(self.read(3, "1-0:2.5.0", 2), _u32(1200))
        self.assertEqual(self.act(5, "1-0:2.4.0", 1), 0)
        self.assertEqual(self.read(3, "1-0:2.5.0", 2), _u32(0))

    def test_periods_lie_on_the_clock(self):
        self.second(7 * 60, 30)  # from 12:00 to 12:07: past one boundary
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(1200))
        self.second(2 * 60, 30)
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(1200))
        self.second(60, 0)  # 12:10
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(2400))

    def test_first_period_after_power_up_says_so(self):
        self.second(300)
        self.assertEqual(self.read(5, "1-0:1.4.0", 5), b"\x11\x80")
        self.second(300)
        self.assertEqual(self.read(5, "1-0:1.4.0", 5), b"\x11\x00")

    def test_setting_the_clock_closes_the_window(self):
        self.second(300, 30)
        self.second(60, 30)
        live.jumped(self.now_s, self.now_s + 7200)
        self.now_s += 7200
        self.second(0)
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(2400))
        self.assertEqual(self.read(5, "1-0:1.4.0", 5), b"\x11\x20")
        self.assertEqual(self.read(5, "1-0:1.4.0", 6), _moment(self.now_s))
        self.assertEqual(self.read(5, "1-0:1.4.0", 2), _u32(0))
        self.assertEqual(self.read(5, "1-0:1.4.0", 7), _moment(self.now_s))
        self.second(240, 15)  # 14:10
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(600))
        self.assertEqual(self.read(5, "1-0:1.4.0", 5), b"\x11\x20")

    def test_setting_the_clock_back(self):
        self.second(300, 30)  # 12:05
        live.jumped(self.now_s, self.now_s - 7200)
        self.now_s -= 7200
        self.second(0)  # 10:05 again: a boundary, but nothing was measured in this time yet
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(1200))
        self.assertEqual(self.read(5, "1-0:1.4.0", 6), _moment(self.now_s))
        self.second(299, 60)
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(1200))
        self.second(1)  # 60 Wh in 900 s; what came before the jump is not in it
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(2400))

    def test_a_boundary_is_passed_once(self):
        self.second(300, 30)
        self.second(300, 30)
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(2400))
        self.second(-5)  # a synchronisation, which nobody is told of: 12:09:55 again
        self.second(5, 1)
        self.second(1)
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(2400))
        self.assertEqual(self.read(5, "1-0:1.4.0", 6), _moment(self.now_s - 1))
        self.second(299, 29)  # 12:15: three times 30 Wh
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(3600))

    def test_daylight_saving_changes_no_period(self):
        # Local noon becomes 13:00 and 12:00 again; quarter hours go on.
        for deviation, wh, want in ((0, 30, 1200), (-60, 30, 2400), (0, 30, 3600), (0, 30, 3600)):
            for _ in range(5):
                rates.book(wh * _WH // 5)
                self.now_s += 60
                live_through(self.now_s, _fields(self.now_s, deviation))
            self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(want))

    def test_a_day(self):
        # n Wh in the n-th five minutes, 1 to 288: n + n-1 + n-2 = 3n - 3 Wh in a quarter of an
        # hour are 4 * (3n - 3) W, from the third on. The greatest is the last: 3444 W.
        self.second(0)
        for n in range(1, 289):
            self.second(150, n)
            self.second(150)
            if n > 2:
                self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(40 * (3 * n - 3)))
        self.assertEqual(self.read(4, "1-0:1.6.0", 2), _u32(34440))
        self.assertEqual(self.read(4, "1-0:1.6.0", 5), _moment(self.now_s))
        self.assertEqual(self.now_s, _NOON_S + _DAY_S)

    def test_reset_and_next_period(self):
        self.second(300, 30)
        self.second(60, 30)
        self.assertEqual(self.act(5, "1-0:1.4.0", 2), 0)
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(2400))
        self.assertEqual(self.read(5, "1-0:1.4.0", 2), _u32(0))
        self.second(1, 30)
        self.assertEqual(self.act(5, "1-0:1.4.0", 1), 0)
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(0))
        self.assertEqual(self.read(5, "1-0:1.4.0", 2), _u32(0))
        self.assertEqual(self.read(5, "1-0:1.4.0", 6), _moment(self.now_s))

    def test_period_can_be_set(self):
        for data, want in (
            (unhex("06 00000000"), 250),
            (unhex("06 00015181"), 250),
            (unhex("12 0384"), 12),
            (unhex("06 00000384"), 0),
        ):
            self.assertEqual(self.set(5, "1-0:1.4.0", 8, data), want)
        self.assertEqual(self.set(5, "1-0:1.4.0", 9, unhex("12 003D")), 250)
        self.assertEqual(self.set(5, "1-0:1.4.0", 9, unhex("12 0001")), 0)
        self.assertEqual(self.read(5, "1-0:1.4.0", 8), unhex("06 00000384"))
        self.second(0)
        self.second(900, 250)
        self.assertEqual(self.read(5, "1-0:1.4.0", 3), _u32(10000))


class TestMaximum(Meter):
    def test_keeps_the_greatest_and_its_time(self):
        self.assertEqual(self.read(4, "1-0:1.6.0", 5), _NOTHING)
        self.second(300, 90)
        high = self.now_s
        self.second(300, 0)
        self.second(900, 0)
        self.assertEqual(self.read(4, "1-0:1.6.0", 2), _u32(3600))
        self.assertEqual(self.read(4, "1-0:1.6.0", 5), _moment(high))
        self.assertEqual(self.read(4, "1-0:1.6.0", 3), unhex("0202 0FFF 161B"))
        self.assertEqual(self.read(4, "1-0:1.6.0", 4), b"\x11\x80")

    def test_reset(self):
        self.second(300, 90)
        self.second(5)
        self.assertEqual(self.act(4, "1-0:1.6.0", 1), 0)
        self.assertEqual(self.read(4, "1-0:1.6.0", 2), _u32(0))
        self.assertEqual(self.read(4, "1-0:1.6.0", 5), _moment(self.now_s))

    def test_lasts(self):
        self.second(300, 90)
        when = self.now_s
        dispatch.start()
        self.second(1)
        self.assertEqual(self.read(4, "1-0:1.6.0", 2), _u32(3600))
        self.assertEqual(self.read(4, "1-0:1.6.0", 5), _moment(when))

    def test_rates_keep_their_own(self):
        self.second(300, 90)
        self.assertEqual(self.set(6, "0-0:14.0.2", 4, b"\x09\x05RATE3"), 0)
        for _ in range(3):
            self.second(300, 300)
        self.assertEqual(self.read(4, "1-0:1.6.0", 2), _u32(36000))
        self.assertEqual(self.read(4, "1-0:1.6.1", 2), _u32(3600))
        self.assertEqual(self.read(4, "1-0:1.6.3", 2), _u32(36000))


class TestRegisterActivation(Meter):
    def running(self):
        return [k for k in range(8) if rates.split >> k & 1]

    def test_as_shipped(self):
        self.assertEqual(self.running(), [0, 4])
        self.assertEqual(self.read(6, "0-0:14.0.1", 4), b"\x09\x05RATE1")
        assigned = self.read(6, "0-0:14.0.1", 2)
        self.assertEqual(assigned[:15], unhex("0108 0202 12 0003 0906 0100010801FF"))
        masks = self.read(6, "0-0:14.0.1", 3)
        self.assertEqual(masks[:17], unhex("0104 0202 0905 5241544531 0102 1101 1102"))

    def test_the_mask_switches_energies(self):
        before = list(rates.nwh)
        rates.book(3)
        self.assertEqual(self.set(6, "0-0:14.0.1", 4, b"\x09\x05RATE4"), 0)
        rates.book(5)
        rates.book(-7)
        gained = [now - then for now, then in zip(rates.nwh, before)]
        self.assertEqual(gained, [3, 0, 0, 5, 0, 0, 0, 7])

    def test_the_mask_lasts(self):
        self.set(6, "0-0:14.0.1", 4, b"\x09\x05RATE2")
        dispatch.start()
        self.assertEqual(self.running(), [1, 5])

    def test_what_does_not_fit_is_refused_and_changes_nothing(self):
        for attribute, data, want in (
            (4, b"\x09\x05RATE9", 250),
            (4, b"\x0a\x05RATE2", 12),
            (4, b"\x09\x00", 12),
            (3, unhex("0101 0202 0905 5241544531 0101 1109"), 250),  # there is no 9th register
            (3, unhex("0101 0202 0905 5241544532 0101 1101"), 250),  # the active one is missing
            (3, unhex("0100"), 250),
            (3, unhex("0101 0202 0905 5241544531 0101 1201"), 12),
            (2, unhex("0101 0202 12 0003 0906 0100010800FF"), 250),  # the total always runs
            (2, unhex("0101 0202 12 0003 0906 0100010801FF"), 250),  # masks name more than one
            (2, unhex("0101 0202 12 0001 0906 0100010801FF"), 250),  # no such object
            (3, unhex("0102") + unhex("0202 0905 5241544531 0100") * 2, 250),  # one name twice
        ):
            before = dict(settings._values)
            self.assertEqual(self.set(6, "0-0:14.0.1", attribute, data), want)
            self.assertEqual(settings._values, before)
        self.assertEqual(self.running(), [0, 4])

    def test_lengths_in_any_form(self):
        self.assertEqual(self.set(6, "0-0:14.0.1", 4, b"\x09\x81\x05RATE2"), 0)
        self.assertEqual(self.read(6, "0-0:14.0.1", 4), b"\x09\x05RATE2")
        self.assertEqual(self.running(), [1, 5])

    def test_methods(self):
        act = self.act
        self.assertEqual(act(6, "0-0:14.0.1", 3, b"\x09\x05RATE1"), 250)  # it is active
        self.assertEqual(act(6, "0-0:14.0.1", 3, b"\x09\x05RATE9"), 250)
        self.assertEqual(act(6, "0-0:14.0.1", 3, b"\x09\x05RATE4"), 0)
        self.assertEqual(self.set(6, "0-0:14.0.1", 4, b"\x09\x05RATE4"), 250)
        both = unhex("0202 0905 5241544531 0102 1101 1103")  # RATE1 runs rates 1 and 2 of import
        self.assertEqual(act(6, "0-0:14.0.1", 2, both), 0)
        self.assertEqual(self.running(), [0, 1])
        register = unhex("0202 12 0005 0906 0100010400FF")
        self.assertEqual(act(6, "0-0:14.0.1", 1, register), 0)
        self.assertEqual(self.read(6, "0-0:14.0.1", 2)[:2], unhex("0109"))
        self.assertEqual(act(6, "0-0:14.0.1", 1, b"\x0f\x00"), 12)
        # Once more it would be in no mask, and stand for ever.
        self.assertEqual(act(6, "0-0:14.0.1", 1, register), 250)
        self.assertEqual(self.read(6, "0-0:14.0.1", 2)[:2], unhex("0109"))

    def test_who_is_no_longer_assigned_runs(self):
        self.set(6, "0-0:14.0.2", 3, unhex("0101 0202 0905 5241544531 0100"))
        self.assertEqual(self.set(6, "0-0:14.0.2", 2, unhex("0100")), 0)
        self.second(300, 90)
        for rate in range(5):
            self.assertEqual(self.read(4, "1-0:1.6.%d" % rate, 2), _u32(3600))


if __name__ == "__main__":
    unittest.main()
