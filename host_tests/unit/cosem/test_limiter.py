# Limiter and register monitor with a clock that is told what time it is.
import unittest

from cosem import disconnect_control, dispatch, internal, live, value
from cosem_reading import (
    CONFIGURATOR,
    READER,
    descriptor,
    obis,
    read,
    request,
    unhex,
    use_still_clock,
)
from meter import clock, events, registers, settings

_SET = 1
_OTHER, _DENIED, _UNMATCHED = 250, 3, 12
_LIMITER = "0-0:17.0.0"
_MONITOR = "0-0:16.1.0"
_POWER_IMPORT = 4  # slot, 0.1 W
_VOLTAGE = 0  # slot, 10 mV
_START_S = 9814 * 86400 + 51200  # 2026-11-14 14:13:20 UTC
_WINTER = (2026, 11, 15, 7, 0, 0, 0, 255, -60, 0)


class Relay:
    closed = None

    def set(self, closed):
        self.closed = closed


class Monotonic:
    """What meter.clock asks: seconds since the start."""

    monotonic_s = 0

    def utc_s(self):
        return _START_S + self.monotonic_s


def drain():
    codes = []
    while True:
        event = events.take()
        if event is None:
            return codes
        codes.append(event[0])


def put(class_id, code, attribute, text, dry=False):
    octets = unhex(text)
    q = request(CONFIGURATOR)
    q.dry = dry
    result = dispatch.open(q, descriptor(class_id, code, attribute), 0, _SET)
    return result or dispatch.set(q, b"?" + octets + b"?", 1, 1 + len(octets))


class _Living(unittest.TestCase):
    def setUp(self):
        use_still_clock()
        settings._values.clear()
        registers.put(_POWER_IMPORT, 0)
        registers.put(_VOLTAGE, 23000)
        self.before = clock._clock
        self.time = clock._clock = Monotonic()
        self.relay = Relay()
        self.now_s = _START_S
        self.restart()

    def tearDown(self):
        clock._clock = self.before
        settings._values.clear()
        registers.put(_POWER_IMPORT, 0)
        registers.put(_VOLTAGE, 0)
        dispatch.start()
        disconnect_control._relay = None

    def restart(self):
        dispatch.start()
        disconnect_control.use(self.relay)
        self.limiter = live.of(internal.find(71, obis(_LIMITER)))
        self.monitor = live.of(internal.find(21, obis(_MONITOR)))
        drain()

    def live(self, seconds, watts=None, step=1):
        """Live through seconds with a load; seconds may be left out."""
        if watts is not None:
            registers.put(_POWER_IMPORT, watts * 10)
        for _ in range(0, seconds, step):
            self.now_s += step
            self.time.monotonic_s += step
            self.limiter.second(self.now_s, _WINTER)
            self.monitor.second(self.now_s, _WINTER)

    def state(self):
        return read(READER, 70, "0-0:96.3.10", 3)[1]


class TestLimiter(_Living):
    # meter.toml: 11500 W for 30 s, back after 60 s.

    def test_it_opens_the_relay_after_its_time(self):
        self.live(100, 11500)
        self.assertTrue(self.relay.closed)
        self.live(30, 11501)  # the first of them begins the time
        self.assertTrue(self.relay.closed)
        self.assertEqual(drain(), [])
        self.live(1)
        self.assertFalse(self.relay.closed)
        self.assertEqual(self.state(), 2)
        self.assertEqual(drain(), [65, 64])
        self.live(100)
        self.assertEqual(drain(), [])  # once

    def test_it_reconnects_after_its_time(self):
        self.live(31, 12000)
        drain()
        self.live(60, 0)
        self.assertFalse(self.relay.closed)
        self.live(1)
        self.assertTrue(self.relay.closed)
        self.assertEqual(drain(), [66, 69])

    def test_every_pause_begins_anew(self):
        for _ in range(10):
            self.live(30, 12000)
            self.live(1, 11500)
        self.assertTrue(self.relay.closed)
        self.live(31, 12000)
        self.assertFalse(self.relay.closed)
        for _ in range(10):
            self.live(60, 100)
            self.live(1, 12000)
        self.assertFalse(self.relay.closed)

    def test_seconds_left_out(self):
        self.live(40, 12000, 20)
        self.assertTrue(self.relay.closed)
        self.live(20, 12000, 20)
        self.assertFalse(self.relay.closed)

    def test_the_civil_clock_does_not_matter(self):
        self.live(10, 12000)
        self.now_s += 86400
        self.live(10)
        self.now_s -= 5 * 86400
        self.live(10)
        self.assertTrue(self.relay.closed)
        self.live(1)
        self.assertFalse(self.relay.closed)

    def test_who_was_cut_off_is_reconnected_after_a_power_failure(self):
        self.live(31, 12000)
        self.restart()
        self.assertFalse(self.relay.closed)
        self.live(60, 0)
        self.assertFalse(self.relay.closed)
        self.live(1)
        self.assertTrue(self.relay.closed)

    def test_threshold(self):
        self.assertEqual(read(READER, 71, _LIMITER, 3), unhex("06 0001C138"))  # 115000
        self.assertEqual(put(71, _LIMITER, 4, "06 00002710"), 0)  # 1000 W
        self.assertEqual(read(READER, 71, _LIMITER, 3), unhex("06 00002710"))
        self.live(31, 1001)
        self.assertFalse(self.relay.closed)
        put(71, _LIMITER, 4, "06 00002711")
        self.live(1)
        self.assertEqual([code for code in drain() if code == 67], [67])

    def test_durations(self):
        self.assertEqual(put(71, _LIMITER, 6, "06 00000005"), 0)
        self.assertEqual(put(71, _LIMITER, 7, "06 00000002"), 0)
        self.live(6, 12000)
        self.assertFalse(self.relay.closed)
        self.live(3, 0)
        self.assertTrue(self.relay.closed)

    def test_without_a_script(self):
        no = "02 02 09 06 000000000000 12 0000"
        self.assertEqual(put(71, _LIMITER, 11, "02 02" + no + no), 0)
        self.live(40, 12000)
        self.assertTrue(self.relay.closed)
        self.assertEqual(drain(), [65])

    def test_a_script_that_is_not_there(self):
        other = "02 02 09 06 00000A00C8FF 12 0001"
        self.assertEqual(put(71, _LIMITER, 11, "02 02" + other + other), 0)
        self.live(40, 12000)
        self.assertEqual(drain(), [65, 200])

    def test_types_and_ranges(self):
        for attribute, text, wanted in (
            (2, "02 03 12 0003 09 06 0100020700FF 0F 02", 0),  # export, of the same type
            (2, "02 03 12 0003 09 06 0100100700FF 0F 02", _OTHER),  # double-long
            (2, "02 03 12 0003 09 06 0100636300FF 0F 02", _OTHER),  # no such object
            (2, "02 03 12 0001 09 06 0000600100FF 0F 02", _OTHER),  # a string
            (2, "02 03 12 0003 09 06 0100020700FF 0F 03", _OTHER),
            (2, "02 02 12 0003 09 06 0100020700FF", _UNMATCHED),
            (4, "05 00000001", _UNMATCHED), (4, "12 0001", _UNMATCHED), (5, "06 0001", _UNMATCHED),
            (5, "06 00000001", 0), (6, "12 0001", _UNMATCHED), (7, "06 FFFFFFFF", 0),
            (8, "02 03 12 0001 09 0C FFFF FFFFFFFFFFFFFF 8000 FF 06 00000000", 0),
            (8, "02 03 12 0001 09 0C 07EA 0D 01 FF 00 00 00 FF 8000 00 06 00000000", _OTHER),
            (8, "02 03 12 0001 09 05 07EA 0B 01 FF 06 00000000", _UNMATCHED),
            (9, "01 00", 0), (9, "01 02 12 0001 12 0002", 0), (9, "01 01 11 01", _UNMATCHED),
            (9, "01 21" + "12 0001" * 33, _OTHER), (11, "02 01 12 0001", _UNMATCHED),
        ):
            before = read(READER, 71, _LIMITER, attribute)
            self.assertEqual(put(71, _LIMITER, attribute, text, dry=True), wanted, text)
            self.assertEqual(read(READER, 71, _LIMITER, attribute), before)
            self.assertEqual(put(71, _LIMITER, attribute, text), wanted, text)
            after = before if wanted else unhex(text)
            self.assertEqual(read(READER, 71, _LIMITER, attribute), after, text)
        for attribute in (3, 10):
            self.assertEqual(put(71, _LIMITER, attribute, "03 00"), _DENIED)


class TestEmergency(_Living):
    # 2300 W. From 2000 to 2026 there are 26 * 365 + 7 = 9497 days, to November 14 another 317.

    def emergency(self):
        active = read(READER, 71, _LIMITER, 10)
        threshold = internal.integer(read(READER, 71, _LIMITER, 3), 0, 5)
        self.assertEqual(threshold, 23000 if active[1] else 115000)
        return active == b"\x03\x01"

    def profile(self, ident, moment, seconds):
        text = "02 03 12 %04X" % ident + moment + "06 %08X" % seconds
        self.assertEqual(put(71, _LIMITER, 8, text), 0)

    def test_it_holds_for_its_duration(self):
        for form in ("09 0C", "19"):
            self.now_s = _START_S
            self.assertEqual(put(71, _LIMITER, 9, "01 02 12 0007 12 0009"), 0)
            # 15:15:00 at UTC+1 is 14:15:00 UTC, 100 s from here; for 50 s
            self.profile(9, form + "07EA 0B 0E FF 0F 0F 00 FF FFC4 00", 50)
            self.live(99)
            self.assertFalse(self.emergency())
            self.live(1)
            self.assertTrue(self.emergency())
            self.live(49)
            self.assertTrue(self.emergency())
            self.live(1)
            self.assertFalse(self.emergency())
        self.assertEqual(drain(), [67] * 4)

    def test_local_time(self):
        put(71, _LIMITER, 9, "01 01 12 0009")
        self.profile(9, "09 0C 07EA 0B 0E FF 0F 0F 00 FF 8000 00", 50)
        self.live(99)
        self.assertFalse(self.emergency())
        self.live(1)
        self.assertTrue(self.emergency())

    def test_another_group(self):
        put(71, _LIMITER, 9, "01 01 12 0008")
        self.profile(9, "09 0C 07EA 0B 0E FF 0F 0D 00 FF FFC4 00", 50000)
        self.live(5)
        self.assertFalse(self.emergency())
        put(71, _LIMITER, 9, "01 01 12 0009")
        self.live(1)
        self.assertTrue(self.emergency())

    def test_it_limits(self):
        put(71, _LIMITER, 9, "01 01 12 0009")
        self.profile(9, "09 0C 07EA 0B 0E FF 0F 0D 00 FF FFC4 00", 50000)
        self.live(31, 2301)
        self.assertFalse(self.relay.closed)

    def test_the_clock_decides_at_once(self):
        put(71, _LIMITER, 9, "01 01 12 0009")
        self.profile(9, "09 0C 07EA 0B 0F FF 0F 0D 00 FF FFC4 00", 3600)
        self.live(1)
        self.assertFalse(self.emergency())
        self.now_s += 86400
        self.live(1)
        self.assertTrue(self.emergency())

    def test_a_time_without_a_date_never_comes(self):
        put(71, _LIMITER, 9, "01 01 12 0009")
        self.profile(9, "09 0C FFFF FF FF FF FF FF FF FF 8000 FF", 0xFFFFFFFF)
        self.live(10)
        self.assertFalse(self.emergency())


class TestRegisterMonitor(_Living):
    _UP = "02 02 09 06 00000A006AFF 12 0001"
    _DOWN = "02 02 09 06 00000A006AFF 12 0002"
    _NONE = "02 02 09 06 000000000000 12 0000"

    def volts(self, volts):
        registers.put(_VOLTAGE, volts * 100)
        self.live(1)

    def test_each_passing_once(self):
        self.assertEqual(put(21, _MONITOR, 4, "01 01 02 02" + self._UP + self._DOWN), 0)
        self.volts(230)
        drain()
        self.volts(253)  # not above
        self.assertTrue(self.relay.closed)
        self.volts(254)
        self.assertFalse(self.relay.closed)
        self.assertEqual(drain(), [70, 64])
        self.volts(255)
        self.assertEqual(drain(), [])
        self.volts(253)
        self.assertTrue(self.relay.closed)
        self.assertEqual(drain(), [71, 69])

    def test_the_first_value_passes_nothing(self):
        put(21, _MONITOR, 4, "01 01 02 02" + self._UP + self._DOWN)
        self.volts(300)
        self.assertEqual(drain(), [])
        self.volts(200)
        self.assertEqual(drain()[0], 71)

    def test_several_thresholds(self):
        # 200 V, 240 V, 260 V; only that of 240 V acts
        self.assertEqual(put(21, _MONITOR, 2, "01 03 12 4E20 12 5DC0 12 6590"), 0)
        nothing = "02 02" + self._NONE + self._NONE
        actions = "01 03" + nothing + "02 02" + self._UP + self._DOWN + nothing
        self.assertEqual(put(21, _MONITOR, 4, actions), 0)
        self.volts(190)
        self.volts(230)
        self.assertTrue(self.relay.closed)
        self.volts(300)
        self.assertFalse(self.relay.closed)
        self.volts(250)
        self.assertFalse(self.relay.closed)
        self.volts(190)
        self.assertTrue(self.relay.closed)
        # upwards 200, 240 and its script, 260; downwards 260, 200, 240 and its script
        self.assertEqual(drain(), [70, 70, 64, 70, 71, 71, 71, 69])

    def test_types_and_ranges(self):
        for attribute, text, wanted in (
            (2, "01 00", 0), (2, "01 02 12 0001 12 0002", 0), (2, "01 01 06 00000001", _UNMATCHED),
            (2, "01 02 12 0001 06 00000001", _UNMATCHED), (2, "12 0001", _UNMATCHED),
            (2, "01 11" + "12 0001" * 17, _OTHER), (2, "01 01 09 01 00", _UNMATCHED),
            (3, "02 03 12 0003 09 06 01000E0700FF 0F 02", 0),  # frequency, long-unsigned
            (3, "02 03 12 0003 09 06 0100010700FF 0F 02", _OTHER),
            (4, "01 00", 0), (4, "01 01 02 02" + self._NONE + self._NONE, 0),
            (4, "01 01 02 01" + self._NONE, _UNMATCHED),
            (4, "01 11" + ("02 02" + self._NONE + self._NONE) * 17, _OTHER),
        ):
            before = read(READER, 21, _MONITOR, attribute)
            self.assertEqual(put(21, _MONITOR, attribute, text, dry=True), wanted, text)
            self.assertEqual(read(READER, 21, _MONITOR, attribute), before)
            self.assertEqual(put(21, _MONITOR, attribute, text), wanted, text)
            after = before if wanted else unhex(text)
            self.assertEqual(read(READER, 21, _MONITOR, attribute), after, text)

    def test_without_thresholds_any_value_may_be_watched(self):
        put(21, _MONITOR, 2, "01 00")
        power = "02 03 12 0003 09 06 0100010700FF 0F 02"
        self.assertEqual(put(21, _MONITOR, 3, power), 0)
        self.assertEqual(put(21, _MONITOR, 2, "01 01 06 00000064"), 0)
        self.assertEqual(put(21, _MONITOR, 2, "01 01 12 0064"), _UNMATCHED)


class TestTable(_Living):
    def test_what_is_hidden_in_attribute_3(self):
        row = internal.find(71, obis(_LIMITER))
        self.assertEqual(value.octets(row, 3), b"\x03\x00")
        self.live(31, 12000)
        self.assertEqual(value.octets(row, 3), b"\x03\x01")


if __name__ == "__main__":
    unittest.main()
