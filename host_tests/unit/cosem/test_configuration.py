# 0-0:96.2.0 and 96.2.1: what counts as a change of the configuration, and that the count is kept.
import unittest

from cosem import dispatch, live, value
from cosem_reading import CONFIGURATOR, READER, descriptor, read, request, unhex, use_still_clock
from meter import events, settings

_COUNT, _DATE = "0-0:96.2.0", "0-0:96.2.1"
_NEVER = unhex("09 0C FFFF FF FF FF FF FF FF FF 8000 FF")
_TEMPORARY_FAILURE, _UNMATCHED = 2, 12
_POINT = "0-0:96.1.10"  # metering point identifier


class Full:
    """A store that takes nothing any more."""

    def __init__(self):
        self.kept = {}

    def get(self, key):
        return self.kept.get(key)

    def put(self, key, octets):
        if key >= 0x100:  # of an attribute: there would be room
            self.kept[key] = octets
        return key >= 0x100


class TestConfiguration(unittest.TestCase):
    def setUp(self):
        self.saved = dict(settings._values)
        settings._values.clear()
        value.shown.clear()
        self.clock = use_still_clock()  # 2026-11-22 14:30:05.50, -60
        self.start()

    def tearDown(self):
        settings.use(None)
        settings._values.clear()
        settings._values.update(self.saved)
        value.shown.clear()
        dispatch.start()

    def start(self):
        dispatch.start()
        while events.take():
            pass

    def count(self):
        data = read(READER, 1, _COUNT, 2)
        assert data[0] == 6 and len(data) == 5
        return int.from_bytes(data[1:], "big")

    def put(self, class_id, code, attribute, text, dry=False):
        return self._ask(1, class_id, code, attribute, text, dry)

    def call(self, class_id, code, method, text):
        return self._ask(2, class_id, code, method, text, False)

    def _ask(self, operation, class_id, code, number, text, dry):
        q = request(CONFIGURATOR)
        q.dry = dry
        q.link.conformance = 0xFFFFFF  # attribute 0 too
        octets = unhex(text)
        result = dispatch.open(q, descriptor(class_id, code, number), 0, operation)
        if result:
            return result
        return (dispatch.set if operation == 1 else dispatch.act)(q, octets, 0, len(octets))

    def taken(self):
        """Codes noted by the end of the second."""
        live.of(-2).second(0, None)
        found = []
        event = events.take()
        while event:
            found.append(event[0])
            event = events.take()
        return found

    def test_none_yet(self):
        self.assertEqual(self.count(), 0)
        self.assertEqual(read(READER, 1, _DATE, 2), _NEVER)
        self.assertEqual(self.taken(), [])

    def test_a_change(self):
        self.assertEqual(self.put(1, _POINT, 2, "09 01 41"), 0)
        self.assertEqual(self.count(), 1)
        self.assertEqual(read(READER, 1, _DATE, 2), unhex("09 0C 07EA 0B 16 07 0E 1E 05 32 FFC4 00"))
        self.clock.fields[6] = 6
        self.assertEqual(self.put(7, "1-0:99.1.0", 4, "06 00000384"), 0)
        self.assertEqual(self.count(), 2)
        self.assertEqual(read(READER, 1, _DATE, 2)[9], 6)
        self.assertEqual(self.taken(), [47])  # one for the second
        self.assertEqual(self.taken(), [])

    def test_every_attribute_at_once_is_one_change(self):
        self.assertEqual(self.put(1, _POINT, 0, "02 02 00 09 01 42"), 0)
        self.assertEqual(self.count(), 1)

    def test_kept(self):
        self.put(1, _POINT, 2, "09 01 41")
        before = read(READER, 1, _DATE, 2)
        value.shown.clear()
        self.start()
        self.assertEqual((self.count(), read(READER, 1, _DATE, 2)), (1, before))

    def test_what_is_refused_or_only_checked_does_not_count(self):
        self.assertEqual(self.put(1, _POINT, 2, "11 00"), _UNMATCHED)
        self.assertEqual(self.put(1, _POINT, 2, "09 01 41", dry=True), 0)
        self.assertEqual((self.count(), self.taken()), (0, []))

    def test_what_is_no_configuration(self):
        self.assertEqual(self.put(1, "0-0:96.13.0", 2, "09 02 4869"), 0)  # consumer message
        self.assertEqual(self.put(1, "0-0:97.98.0", 2, "06 00000000"), 0)  # alarms
        self.assertEqual(self.put(1, "0-0:97.97.0", 2, "06 00000000"), 0)  # errors
        self.assertEqual(self.put(8192, "0-0:128.0.0", 2, "09 01 41"), 0)
        self.assertEqual(self.put(15, "0-0:40.0.2", 7, "09 08 3837363534333231"), 0)
        self.assertEqual(self.call(4, "1-0:1.6.0", 1, "0F 00"), 0)  # reset of a maximum
        self.assertEqual(self.call(7, "0-0:98.1.0", 2, "0F 00"), 0)  # capture
        self.assertEqual(self.call(9, "0-0:10.0.100", 1, "12 0002"), 0)  # a script sets masks
        self.assertEqual((self.count(), self.taken()), (0, [48]))

    def test_methods_that_change_settings(self):
        day = "02 03 12 0009 09 05 FFFF 0A 03 FF 11 02"
        self.assertEqual(self.call(11, "0-0:11.0.0", 1, day), 0)
        self.assertEqual(self.call(11, "0-0:11.0.0", 2, "12 0009"), 0)
        self.assertEqual(self.count(), 2)
        self.assertEqual(self.taken(), [47])

    def test_a_calendar_is_programmed(self):
        self.assertEqual(self.put(20, "0-0:13.0.0", 6, "09 01 41", dry=True), 0)
        self.assertEqual(self.taken(), [])
        self.assertEqual(self.put(20, "0-0:13.0.0", 6, "09 01 41"), 0)
        self.assertEqual((self.count(), self.taken()), (1, [19, 47]))

    def test_what_cannot_be_counted_does_not_change(self):
        full = Full()
        settings.use(full)
        self.assertEqual(self.put(1, _POINT, 2, "09 01 41"), _TEMPORARY_FAILURE)
        self.assertEqual((full.kept, self.count(), self.taken()), ({}, 0, []))


if __name__ == "__main__":
    unittest.main()
