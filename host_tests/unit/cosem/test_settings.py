# Setting attributes and calling methods of the shipped objects, by the rights of the configurator.
# Results are those of IEC 62056-5-3; octets are written by hand from IEC 62056-6-2.
import unittest

from cosem import clock, dispatch
from cosem_reading import CONFIGURATOR, PUBLIC, READER, descriptor, obis, read, request, unhex
from meter import settings
from meter.clock import Clock

_GET, _SET, _ACTION = 0, 1, 2
_POINT = (1, "0-0:96.1.10", 2)
_MESSAGE = (1, "0-0:96.13.0", 2)
_ECHO = (8192, "0-0:128.0.0", 2)
_CLOCK = "0-0:1.0.0"
_DENIED, _UNDEFINED, _INCONSISTENT, _UNMATCHED, _SCOPE, _OTHER = 3, 4, 9, 12, 13, 250


def put(item, octets, who=CONFIGURATOR, dry=False):
    """Set an attribute to encoded Data; the result."""
    q = request(who)
    q.dry = dry
    result = dispatch.open(q, descriptor(*item), 0, _SET)
    # An octet in front and behind: nothing may depend on where in the APDU the value lies.
    return result or dispatch.set(q, b"\xff" + octets + b"\xff", 1, 1 + len(octets))


def call(item, octets=b"", who=CONFIGURATOR):
    """Call a method; the result, or the Data it returns."""
    q = request(who)
    buf = b"\xff" + octets + b"\xff"
    result = dispatch.open(q, descriptor(*item), 0, _ACTION)
    result = result or dispatch.act(q, buf, 1, 1 + len(octets))
    if result or not q.returns:
        return result
    out = bytearray(260)
    made = b""
    q.more = True
    while q.more:
        end = dispatch.returned(q, out, 3)
        made += bytes(out[3:end])
        q.piece += 1
    return made


class Rtc:
    """Keeps what is written."""

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


class _Kept(unittest.TestCase):
    """Settings are as they were before."""

    def setUp(self):
        self.saved = dict(settings._values)
        settings._values.clear()

    def tearDown(self):
        settings._values.clear()
        settings._values.update(self.saved)


class TestSettings(_Kept):
    def test_default_until_it_is_set(self):
        for item in (_POINT, _MESSAGE, _ECHO):
            self.assertEqual(read(CONFIGURATOR, *item), unhex("09 00"))
        self.assertEqual(put(_POINT, unhex("09 03 414243")), 0)
        self.assertEqual(read(READER, *_POINT), unhex("09 03 414243"))
        self.assertEqual(read(READER, *_MESSAGE), unhex("09 00"))

    def test_length_is_written_in_its_shortest_form(self):
        self.assertEqual(put(_POINT, unhex("09 820003 414243")), 0)
        self.assertEqual(read(READER, *_POINT), unhex("09 03 414243"))

    def test_longest(self):
        for item, longest in ((_POINT, 48), (_MESSAGE, 512), (_ECHO, 512)):
            fits = b"\x09\x82" + bytes([longest >> 8, longest & 255]) + b"x" * longest
            self.assertEqual(put(item, fits), 0)
            value = read(CONFIGURATOR, *item)
            self.assertEqual(value[-longest:], b"x" * longest)
            more = longest + 1
            text = b"\x09\x82" + bytes([more >> 8, more & 255]) + b"y" * more
            self.assertEqual(put(item, text), _UNMATCHED)
            self.assertEqual(read(CONFIGURATOR, *item), value)

    def test_another_type(self):
        put(_POINT, unhex("09 01 41"))
        for text in ("0A 01 42", "12 0001", "00", "01 01 09 01 42", "09 02 42", "09 01 42 00", "",
                     "FE", "09"):
            self.assertEqual(put(_POINT, unhex(text)), _UNMATCHED, text)
        self.assertEqual(read(READER, *_POINT), unhex("09 01 41"))

    def test_shapes(self):
        # An array of long from -100 to 100; unsigned 10 to 250, up to 16 octets, boolean; 60 to 3600.
        numbers, record, period = [(1, "0-0:96.52.%d" % e, 2) for e in (1, 2, 18)]
        for item, default, good, unmatched, out_of_range in (
            (numbers, "01 02 10 FFFE 10 0003", ("01 00", "01 03 10 FF9C 10 0064 10 0000"),
             ("01 01 12 0001", "02 01 10 0001", "10 0001", "01 01 02 01 10 0001", "01 02 10 0001"),
             ("01 02 10 0001 10 0065", "01 01 10 FF9B")),
            (record, "02 03 11 C8 09 00 03 01", ("02 03 11 0A 09 03 414243 03 00", "02 03 11 FA 09 10" + "41" * 16 + "03 01"),
             ("02 03 11 0A 09 11" + "41" * 17 + "03 00", "02 02 11 0A 09 00", "02 04 11 0A 09 00 03 00 00",
              "02 03 11 0A 0A 00 03 00", "01 03 11 0A 11 0A 11 0A", "00"),
             ("02 03 11 09 09 00 03 00", "02 03 11 FB 09 00 03 00")),
            (period, "12 0384", ("12 003C", "12 0E10"), ("11 3C", "10 003C", "00"), ("12 003B", "12 0E11")),
        ):  # fmt: skip
            self.assertEqual(read(READER, *item), unhex(default))
            self.assertEqual(put(item, unhex(good[0]), READER), _DENIED)
            for text in good:
                before = read(READER, *item)
                self.assertEqual(put(item, unhex(text), dry=True), 0)
                self.assertEqual(read(READER, *item), before)
                self.assertEqual(put(item, unhex(text)), 0, text)
                self.assertEqual(read(READER, *item), unhex(text))
            for texts, result in ((unmatched, _UNMATCHED), (out_of_range, _OTHER)):
                for text in texts:
                    self.assertEqual(put(item, unhex(text)), result, text)
                    self.assertEqual(read(READER, *item), unhex(good[-1]))
            self.assertEqual(read(CONFIGURATOR, *item[:2], 3), _UNDEFINED)  # the shape is nobody's

    def test_longest_array(self):
        numbers = (1, "0-0:96.52.1", 2)
        self.assertEqual(put(numbers, unhex("01 820154" + "10 0001" * 340)), 0)  # 1024 octets
        self.assertEqual(put(numbers, unhex("01 820155" + "10 0001" * 341)), _OTHER)

    def test_dry(self):
        self.assertEqual(put(_POINT, unhex("09 01 41"), dry=True), 0)
        self.assertEqual(read(READER, *_POINT), unhex("09 00"))

    def test_rights(self):
        text = unhex("09 01 41")
        self.assertEqual(put(_POINT, text, READER), _DENIED)
        self.assertEqual(put(_POINT, text, PUBLIC), _UNDEFINED)
        self.assertEqual(put((1, "0-0:96.1.10", 1), text), _DENIED)
        self.assertEqual(put((1, "0-0:96.1.10", 3), text), _UNDEFINED)
        self.assertEqual(put((1, "0-0:96.1.0", 2), text), _DENIED)  # a constant
        self.assertEqual(put((3, "1-0:1.8.0", 2), unhex("06 00000000")), _DENIED)
        self.assertEqual(put((3, "0-0:96.1.10", 2), text), _INCONSISTENT)

    def test_selection(self):
        q = request(CONFIGURATOR)
        self.assertEqual(dispatch.open(q, descriptor(*_POINT), 0, _SET), 0)
        q.selector = 1
        self.assertEqual(dispatch.set(q, unhex("09 01 41"), 0, 3), _SCOPE)
        self.assertEqual(read(READER, *_POINT), unhex("09 00"))

    def test_what_is_being_sent_stays(self):
        old = b"\x09\x82\x01\x90" + b"o" * 400
        new = b"\x09\x82\x01\x90" + b"n" * 400
        put(_MESSAGE, old)
        q = request(READER)
        dispatch.open(q, descriptor(*_MESSAGE), 0, _GET)
        out = bytearray(256)
        made = bytes(out[: dispatch.get(q, out, 0)])
        put(_MESSAGE, new)
        q.piece = 1
        self.assertEqual(made + bytes(out[: dispatch.get(q, out, 0)]), old)
        self.assertEqual(read(READER, *_MESSAGE), new)

    def test_echo(self):
        method = (8192, "0-0:128.0.0", 1)
        for octets in (unhex("00"), unhex("02 02 12 0001 09 01 41"), b"\x09\x82\x02\x58" + b"e" * 600):
            self.assertEqual(call(method, octets), octets)
        for text in ("", "09 02 41", "0F 00 00"):
            self.assertEqual(call(method, unhex(text)), _UNMATCHED)
        self.assertEqual(call((8192, "0-0:128.0.0", 2), unhex("00")), _UNDEFINED)
        self.assertEqual(call(method, unhex("00"), READER), _UNDEFINED)

    def test_methods_nobody_may_call(self):
        self.assertEqual(call((3, "1-0:1.8.0", 1), unhex("0F 00")), _DENIED)
        self.assertEqual(call((15, "0-0:40.0.0", 1), unhex("09 00")), _DENIED)
        self.assertEqual(call((15, "0-0:40.0.0", 5), unhex("09 00")), _UNDEFINED)
        self.assertEqual(call((8, _CLOCK, 0), unhex("0F 00")), _UNDEFINED)


class TestClock(_Kept):
    def setUp(self):
        _Kept.setUp(self)
        self.rtc = Rtc()
        self.clock = Clock(self.rtc, -60)
        clock.use(self.clock)

    def now(self):
        """Local month to second."""
        self.clock.now()
        return tuple(self.clock.fields)[1:3] + tuple(self.clock.fields)[4:7]

    def put(self, attribute, text, dry=False):
        return put((8, _CLOCK, attribute), unhex(text), dry=dry)

    def call(self, method, text=""):
        return call((8, _CLOCK, method), unhex(text))

    def test_time_in_both_forms(self):
        self.assertEqual(self.now(), (11, 22, 14, 30, 5))
        for text in ("09 0C", "19"):
            self.rtc.fields[:3] = [2026, 11, 22]
            # 2025-03-04 06:07:08, deviation of the clock itself
            self.assertEqual(self.put(2, text + "07E9 03 04 FF 06 07 08 FF 8000 FF"), 0)
            self.assertEqual(self.now(), (3, 4, 6, 7, 8))
        self.assertEqual(read(READER, 8, _CLOCK, 2), unhex("09 0C 07E9 03 04 02 06 07 08 FF FFC4 00"))

    def test_time_that_is_none(self):
        for text, want in (
            ("09 0C 07E9 0D 04 FF 06 07 08 FF 8000 FF", _OTHER),
            ("09 0C 07E9 02 1D FF 06 07 08 FF 8000 FF", _OTHER),
            ("09 0C 07E9 03 04 FF 18 07 08 FF 8000 FF", _OTHER),
            ("09 0C 07E9 03 04 FF 06 07 3C FF 8000 FF", _OTHER),
            ("09 0C 07E9 03 04 FF 06 07 08 FF 7FFF FF", _OTHER),
            ("09 0B 07E9 03 04 FF 06 07 08 FF 8000", _UNMATCHED),
            ("09 0D 07E9 03 04 FF 06 07 08 FF 8000 FF 00", _UNMATCHED),
            ("06 00000000", _UNMATCHED),
        ):
            self.assertEqual(self.put(2, text), want, text)
        self.assertEqual(self.now(), (11, 22, 14, 30, 5))

    def test_zone(self):
        # -841, 721; -840, 720
        for text, want in (
            ("10 FCB7", _OTHER), ("10 02D1", _OTHER), ("10 FCB8", 0), ("10 02D0", 0),
            ("11 3C", _UNMATCHED), ("12 003C", _UNMATCHED), ("10 00", _UNMATCHED),
        ):
            self.assertEqual(self.put(3, text), want, text)
        self.assertEqual(self.put(3, "10 0000", dry=True), 0)
        self.assertEqual(read(READER, 8, _CLOCK, 3), unhex("10 02D0"))

    def test_daylight_saving(self):
        begin = "09 0C FFFF 04 FE 07 02 00 00 00 8000 00"
        end = "09 0C FFFF 09 01 07 03 00 00 00 8000 00"
        self.assertEqual(self.put(5, begin), 0)
        self.assertEqual(self.put(6, end), 0)
        self.assertEqual(self.put(7, "0F 1E"), 0)
        self.assertEqual(self.put(8, "03 01"), 0)
        for attribute, text in ((5, begin), (6, end), (7, "0F 1E"), (8, "03 01")):
            self.assertEqual(read(READER, 8, _CLOCK, attribute), unhex(text))
        # 2026: from the last Sunday of April to the first of September, half an hour.
        self.rtc.fields[:7] = [2026, 7, 1, 3, 12, 0, 0]
        self.assertEqual(self.now(), (7, 1, 13, 30, 0))
        for attribute, text, want in (
            (5, "09 0C FFFF 0D FE 07 02 00 00 00 8000 00", _OTHER),
            (5, "09 0C FFFF FF FE 07 02 00 00 00 8000 00", _OTHER),
            (6, "09 0C FFFF 09 20 07 03 00 00 00 8000 00", _OTHER),
            (6, "09 0C FFFF 09 01 08 03 00 00 00 8000 00", _OTHER),
            (6, "09 0C FFFF 09 01 07 18 00 00 00 8000 00", _OTHER),
            (7, "0F 79", _OTHER), (7, "0F 87", _OTHER), (7, "10 003C", _UNMATCHED),
            (8, "11 01", _UNMATCHED), (8, "00", _UNMATCHED),
        ):
            self.assertEqual(self.put(attribute, text), want, text)
        self.assertEqual(self.now(), (7, 1, 13, 30, 0))

    def test_never_written(self):
        for attribute, text in ((1, "09 06 0000010000FF"), (4, "11 00"), (9, "16 01")):
            self.assertEqual(self.put(attribute, text), _DENIED)

    def test_adjust(self):
        for method, want in ((1, (14, 30, 0)), (2, (14, 30, 0)), (3, (14, 38, 0))):
            for parameter in ("0F 00", "00", ""):
                self.rtc.fields[4:7] = [13, 37, 29] if method < 3 else [13, 37, 30]
                self.assertEqual(self.call(method, parameter), 0)
                self.assertEqual(self.now()[2:], want)
            self.assertEqual(self.call(method, "12 0000"), _UNMATCHED)

    def test_shift(self):
        for text, want in (("10 0384", (14, 45, 5)), ("10 FC7C", (14, 30, 5)), ("10 0001", (14, 30, 6))):
            self.assertEqual(self.call(6, text), 0)
            self.assertEqual(self.now()[2:], want)
        for text, want in (("10 0385", _OTHER), ("10 FC7B", _OTHER), ("0F 00", _UNMATCHED), ("", _UNMATCHED),
                           ("00", _UNMATCHED)):
            self.assertEqual(self.call(6, text), want)
        self.assertEqual(self.now()[2:], (14, 30, 6))

    def test_preset(self):
        time = "09 0C 07EA 0B 16 FF 10 00 00 FF 8000 FF"  # 16:00:00
        start = "09 0C 07EA 0B 16 FF 0E 00 00 FF 8000 FF"  # 14:00
        end = "19 07EA 0B 16 FF 0F 00 00 FF 8000 FF"  # 15:00
        self.assertEqual(self.call(4, "0F 00"), _OTHER)  # nothing is preset
        self.assertEqual(self.call(5, "02 03" + time + start + end), 0)
        self.assertEqual(self.now()[2:], (14, 30, 5))
        self.assertEqual(self.call(4, "0F 00"), 0)
        self.assertEqual(self.now()[2:], (16, 0, 0))
        self.assertEqual(self.call(4, "0F 00"), _OTHER)  # its time has passed

    def test_preset_that_is_none(self):
        time = "09 0C 07EA 0B 16 FF 10 00 00 FF 8000 FF"
        late = "09 0C 07EA 0B 16 FF 11 00 00 FF 8000 FF"
        wild = "09 0C 07EA 0B FF FF 11 00 00 FF 8000 FF"
        for text, want in (
            ("02 03" + time + late + time, _OTHER),
            ("02 03" + wild + time + late, _OTHER),
            ("02 03" + time + wild + late, _OTHER),
            ("02 02" + time + late, _UNMATCHED),
            ("02 03" + time + late + "06 00000000", _UNMATCHED),
            ("01 03" + time + time + late, _UNMATCHED),
            ("09 00", _UNMATCHED),
            ("", _UNMATCHED),
        ):
            self.assertEqual(self.call(5, text), want, text)
        self.assertEqual(self.call(4, "0F 00"), _OTHER)


class Every:
    """A request for attribute 0 with the bits for it."""

    def __init__(self, who, bits=0x00A000):
        self.q = request(who)
        self.q.link.conformance = bits

    def open(self, class_id, code, operation):
        return dispatch.open(self.q, descriptor(class_id, code, 0), 0, operation)

    def read(self, class_id, code):
        result = self.open(class_id, code, _GET)
        made = b""
        self.q.more = not result
        out = bytearray(260)
        while self.q.more:
            made += bytes(out[: dispatch.get(self.q, out, 0)])
            self.q.piece += 1
        return result or made

    def put(self, class_id, code, text):
        octets = unhex(text)
        result = self.open(class_id, code, _SET)
        return result or dispatch.set(self.q, octets, 0, len(octets))


class TestEvery(_Kept):
    """Attribute 0, conformance bits 8 and 10."""

    def test_not_negotiated(self):
        self.assertEqual(Every(READER, 0x008000).read(1, "0-0:96.1.0"), _UNDEFINED)
        self.assertEqual(Every(CONFIGURATOR, 0x002000).put(1, "0-0:96.1.10", "02 02 00 00"), _UNDEFINED)
        self.assertEqual(Every(CONFIGURATOR).open(8, _CLOCK, _ACTION), _UNDEFINED)

    def test_read(self):
        self.assertEqual(Every(READER).read(1, "0-0:96.1.0"),
                         unhex("02 02 | 09 06 0000600100FF | 09 08 3130303030303031"))
        register = Every(READER).read(3, "1-0:1.8.0")
        self.assertEqual(register[:11], unhex("02 03 09 06 0100010800FF 06"))
        self.assertEqual(register[15:], unhex("02 02 0F 00 16 1E"))

    def test_long_and_unreadable(self):
        text = b"\x09\x82\x01\x90" + b"m" * 400
        put(_MESSAGE, text)
        self.assertEqual(Every(READER).read(1, "0-0:96.13.0"),
                         unhex("02 02 | 09 06") + obis("0-0:96.13.0") + text)
        # The secret, attribute 7, is null-data; so each one alone, put together.
        alone = b"\x02\x09"
        for attribute in range(1, 10):
            alone += b"\x00" if attribute == 7 else read(READER, 15, "0-0:40.0.1", attribute)
        self.assertEqual(Every(READER).read(15, "0-0:40.0.1"), alone)

    def test_set(self):
        point = "0-0:96.1.10"
        self.assertEqual(Every(CONFIGURATOR).put(1, point, "02 02 00 09 01 41"), 0)
        self.assertEqual(read(READER, *_POINT), unhex("09 01 41"))
        self.assertEqual(Every(CONFIGURATOR).put(1, point, "02 02 00 00"), 0)
        for text, want in (
            ("02 02 09 06 0000600100FF 09 01 42", _DENIED),
            ("02 01 09 01 42", _UNMATCHED),
            ("02 03 00 09 01 42 00", _UNMATCHED),
            ("01 02 00 09 01 42", _UNMATCHED),
            ("02 02 00 12 0001", _UNMATCHED),
            ("02 02 00 09 01", _UNMATCHED),
        ):
            self.assertEqual(Every(CONFIGURATOR).put(1, point, text), want, text)
        self.assertEqual(read(READER, *_POINT), unhex("09 01 41"))

    def test_all_or_nothing(self):
        clock.use(Clock(Rtc(), -60))
        # Zone 0, and a deviation of daylight saving that is out of range.
        bad = "02 09 00 00 10 0000 00 00 00 0F 7F 03 01 00"
        self.assertEqual(Every(CONFIGURATOR).put(8, _CLOCK, bad), _OTHER)
        self.assertEqual(read(READER, 8, _CLOCK, 3), unhex("10 FFC4"))
        good = bad.replace("7F", "1E")
        self.assertEqual(Every(CONFIGURATOR).put(8, _CLOCK, good), 0)
        self.assertEqual(read(READER, 8, _CLOCK, 3), unhex("10 0000"))
        self.assertEqual(read(READER, 8, _CLOCK, 7), unhex("0F 1E"))

    def test_a_class_that_sets_nothing(self):
        self.assertEqual(Every(CONFIGURATOR).put(3, "1-0:1.8.0", "02 03 00 00 00"), 0)
        self.assertEqual(Every(CONFIGURATOR).put(3, "1-0:1.8.0", "02 03 00 06 00000000 00"), _DENIED)


if __name__ == "__main__":
    unittest.main()
