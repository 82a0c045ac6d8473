# Events as clients see them: logs with the moment of each event, codes, alarm and error register.
import unittest

from cosem import clock, dispatch, event_objects, internal, live
from cosem_reading import CONFIGURATOR, READER, descriptor, read, request, unhex
from meter import events, settings
from meter.clock import Clock

_SET, _ACTION = 1, 2
_ALARM, _ERROR = "0-0:97.98.0", "0-0:97.97.0"
_DENIED, _UNMATCHED = 3, 12
_LOGS = (0, 1, 2, 4, 5)


class Rtc:
    """UTC that stands still."""

    lost = False

    def __init__(self):
        self.fields = [2026, 11, 22, 7, 13, 30, 5, 255]

    def read(self, fields):
        for k in range(8):
            fields[k] = self.fields[k]
        return True

    def write(self, fields):
        self.fields[:7] = list(fields)[:7]
        return True


def put(code, octets):
    q = request(CONFIGURATOR)
    result = dispatch.open(q, descriptor(1, code, 2), 0, _SET)
    return result or dispatch.set(q, octets, 0, len(octets))


def bits(code):
    data = read(READER, 1, code, 2)
    assert data[0] == 6 and len(data) == 5
    return int.from_bytes(data[1:], "big")


def entries(n):
    """(date-time octets as hex, code) of an event log, oldest first."""
    data = read(READER, 7, "0-0:99.98.%d" % n, 2)
    count, at, found = data[1], 2, []
    for _ in range(count):
        # 02 02 | 09 0C date-time | 11 code
        assert data[at : at + 4] == b"\x02\x02\x09\x0c" and data[at + 16] == 17
        text = "".join(["%02X" % octet for octet in data[at + 4 : at + 16]])
        found.append((text, data[at + 17]))
        at += 18
    assert at == len(data)
    return found


class _Living(unittest.TestCase):
    def setUp(self):
        settings._values.clear()
        self.clock = Clock(Rtc(), -60, True, (65535, 3, 254, 7, 2, 0, 0, 0, -32768, 0),
                           (65535, 10, 254, 7, 3, 0, 0, 0, -32768, 0), 60)  # fmt: skip
        clock.use(self.clock)
        self.restart()

    def tearDown(self):
        settings._values.clear()
        dispatch.start()

    def restart(self):
        dispatch.start()
        while events.take():
            pass
        for n in _LOGS:
            row = internal.find(7, unhex("00 00 63 62 %02X FF" % n))
            internal.act(row, 1, b"", 0, 0)
        while events.take():
            pass

    def second(self):
        self.clock.now()
        while live.of(-1).second(self.clock.utc_s(), self.clock.fields):
            pass


class TestLogs(_Living):
    def test_each_into_its_own(self):
        for code in (9, 46, 62, 82, 158):
            events.raise_(code)
        self.second()
        now = "07EA0B16070E1E05FFFFC4"  # local, one hour ahead; the status follows
        for n, code in zip(_LOGS, (9, 46, 62, 82, 158)):
            found = entries(n)
            self.assertEqual([(text[:22], one) for text, one in found], [(now, code)])
            self.assertEqual(read(READER, 1, "0-0:96.11.%d" % n, 2), bytes((17, code)))

    def test_in_their_order(self):
        for code in (1, 2, 6, 9):
            events.raise_(code)
        self.second()
        events.raise_(17)
        self.second()
        self.assertEqual([code for _, code in entries(0)], [1, 2, 6, 9, 17])

    def test_the_moment_of_an_event_noted_late(self):
        # 2026-07-01 10:00:07 UTC, in summer: 9497 + 181 days, 36007 s; then 2026-11-22 13:00:00.
        events.raise_(events.CLOCK_OLD_TIME, (9497 + 181) * 86400 + 36007)
        events.raise_(events.CLOCK_NEW_TIME, (9497 + 325) * 86400 + 13 * 3600)
        events.raise_(events.CALENDAR_ACTIVATED)
        self.second()
        found = entries(0)
        status = "%02X" % self.clock.fields[9]
        summer = "%02X" % (self.clock.fields[9] | 0x80)
        self.assertEqual(found, [
            ("07EA0701030C0007FFFF88" + summer, 4),
            ("07EA0B16070E0000FFFFC4" + status, 5),
            ("07EA0B16070E1E05FFFFC4" + status, 9),
        ])

    def test_a_full_log_loses_the_oldest(self):
        for k in range(70):
            events.raise_(62 + k % 2)
            self.second()
        found = entries(2)
        self.assertEqual(read(READER, 7, "0-0:99.98.2", 7), unhex("06 00000040"))
        self.assertEqual([code for _, code in found], [62 + k % 2 for k in range(6, 70)])

    def test_a_log_that_is_cleared_says_so(self):
        events.raise_(62)
        self.second()
        q = request(CONFIGURATOR)
        self.assertEqual(dispatch.open(q, descriptor(7, "0-0:99.98.2", 1), 0, _ACTION), 0)
        self.assertEqual(dispatch.act(q, b"\x0f\x00", 0, 2), 0)
        self.second()
        self.assertEqual([code for _, code in entries(2)], [255])
        self.assertEqual(entries(0), [])


class TestRegisters(_Living):
    def test_events_set_bits(self):
        self.assertEqual((bits(_ALARM), bits(_ERROR)), (0, 0))
        for code in (6, 46, 14, 9):
            events.raise_(code)
        self.second()
        self.assertEqual(bits(_ALARM), 1 << 0 | 1 << 13 | 1 << 10)
        self.assertEqual(bits(_ERROR), 1 << 0 | 1 << 10)

    def test_they_outlive_the_power(self):
        events.raise_(14)
        self.second()
        self.restart()
        self.assertEqual((bits(_ALARM), bits(_ERROR)), (1 << 10, 1 << 10))

    def test_a_client_clears(self):
        for code in (6, 46):
            events.raise_(code)
        self.second()
        # What is written stays; what was never set is not set by it.
        self.assertEqual(put(_ALARM, unhex("06 FFFF0001")), 0)
        self.assertEqual(bits(_ALARM), 1)
        self.second()
        self.assertEqual([code for _, code in entries(0)], [6, 11])
        self.assertEqual(put(_ERROR, unhex("06 00000000")), 0)
        self.assertEqual(bits(_ERROR), 0)
        self.second()
        self.assertEqual([code for _, code in entries(0)], [6, 11, 10])
        self.assertEqual(put(_ALARM, unhex("06 00000001")), 0)  # as it was: no event
        self.second()
        self.assertEqual(len(entries(0)), 3)

    def test_a_bit_comes_again(self):
        for _ in range(2):
            events.raise_(46)
            self.second()
            self.assertEqual(bits(_ALARM), 1 << 13)
            self.assertEqual(put(_ALARM, unhex("06 00000000")), 0)
            self.assertEqual(bits(_ALARM), 0)

    def test_types(self):
        self.assertEqual(put(_ALARM, unhex("12 0000")), _UNMATCHED)
        self.assertEqual(put("0-0:96.11.0", unhex("11 00")), _DENIED)


class TestPower(_Living):
    def test_power_failures_are_counted(self):
        for failures in (1, 2):
            event_objects.powered_up(9822 * 86400 + 60)
            self.assertEqual(read(READER, 1, "0-0:96.7.0", 2), b"\x06\x00\x00\x00" + bytes((failures,)))
        event_objects.powered_up(0)
        self.assertEqual(read(READER, 1, "0-0:96.7.0", 2), b"\x06\x00\x00\x00\x02")
        self.second()
        found = entries(0)
        self.assertEqual([code for _, code in found], [1, 2, 1, 2, 2])
        self.assertEqual(found[0][0][:22], "07EA0B1607010100FFFFC4")  # 00:01:00 UTC

    def test_the_alarm(self):
        event_objects.powered_up(0)
        self.second()
        self.assertEqual((bits(_ALARM), bits(_ERROR)), (1 << 2, 0))


if __name__ == "__main__":
    unittest.main()
