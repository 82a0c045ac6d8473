# Classes 24, 26, 27, 28, 29, 61 and 63 of the shipped meter: octets by hand from IEC 62056-6-2.
import unittest

from cosem import dispatch
from cosem_reading import CONFIGURATOR, PUBLIC, READER, descriptor, read, request, unhex
from meter import registers, settings

_BUS, _TABLE, _MODEM = "0-0:23.0.0", "0-0:65.0.1", "0-0:2.0.0"
_ANSWER, _CONNECT = "0-0:2.2.0", "0-0:2.1.0"
_CELLS, _MAPPING = "0-0:98.10.1", "0-0:96.5.0"
_DENIED, _UNDEFINED, _UNMATCHED, _SCOPE, _OTHER = 3, 4, 12, 13, 250
_WINDOW = "01 01 02 02 09 0C FFFFFFFFFF 080000FF 8000FF 09 0C FFFFFFFFFF 0A0000FF 8000FF"


def put(class_id, code, attribute, text, who=CONFIGURATOR, dry=False):
    q = request(who)
    q.dry = dry
    octets = b"\xff" + unhex(text) + b"\xff"
    result = dispatch.open(q, descriptor(class_id, code, attribute), 0, 1)
    return result or dispatch.set(q, octets, 1, len(octets) - 1)


def call(class_id, code, method, text="0F00", who=CONFIGURATOR):
    q = request(who)
    octets = unhex(text)
    result = dispatch.open(q, descriptor(class_id, code, method), 0, 2)
    return result or dispatch.act(q, octets, 0, len(octets))


class _Kept(unittest.TestCase):
    def setUp(self):
        self.saved = dict(settings._values)
        settings._values.clear()

    def tearDown(self):
        settings._values.clear()
        settings._values.update(self.saved)


class TestSetups(_Kept):
    """Defaults of meter.toml, what may be set, and what may not."""

    def check(self, class_id, code, default, good, bad):
        for attribute, text in default:
            self.assertEqual(read(READER, class_id, code, attribute), unhex(text), (class_id, attribute))
        for attribute, text in good:
            before = read(READER, class_id, code, attribute)
            self.assertEqual(put(class_id, code, attribute, text, dry=True), 0)
            self.assertEqual(read(READER, class_id, code, attribute), before)
            self.assertEqual(put(class_id, code, attribute, text, READER), _DENIED)
            self.assertEqual(put(class_id, code, attribute, text, PUBLIC), _UNDEFINED)
            self.assertEqual(put(class_id, code, attribute, text), 0, (class_id, attribute))
            self.assertEqual(read(READER, class_id, code, attribute), unhex(text))
        for attribute, text, result in bad:
            before = read(READER, class_id, code, attribute)
            self.assertEqual(put(class_id, code, attribute, text), result, (class_id, attribute, text))
            self.assertEqual(read(READER, class_id, code, attribute), before)

    def test_twisted_pair(self):
        self.check(
            24, _BUS,
            ((1, "09 06 0000170000FF"), (2, "16 00"), (3, "16 02"), (4, "01 00"), (5, "01 00")),
            ((2, "16 00"), (3, "16 09"), (4, "01 02 11 01 11 FF"), (5, "01 01 0F 80")),
            ((2, "16 01", _OTHER), (2, "11 00", _UNMATCHED), (3, "16 0A", _OTHER), (3, "12 0001", _UNMATCHED),
             (4, "01 01 0F 01", _UNMATCHED), (4, "01 21" + "11 01" * 33, _OTHER), (4, "11 01", _UNMATCHED),
             (5, "01 01 11 01", _UNMATCHED), (1, "09 06 0000170000FF", _DENIED)),
        )  # fmt: skip

    def test_modem(self):
        self.check(
            27, _MODEM,
            ((2, "16 05"), (3, "01 01 02 03 09 03 41545A 09 02 4F4B 12 01F4"),
             (4, "01 05 09 02 4F4B 09 07 434F4E4E454354 09 04 52494E47 09 0A 4E4F2043415252494552 09 05 4552524F52")),
            ((2, "16 00"), (3, "01 00"), (3, "01 01 02 03 09 00 09 01 30 12 FFFF"), (4, "01 01 09 02 4F4B")),
            ((2, "16 0A", _OTHER), (2, "11 05", _UNMATCHED), (3, "01 01 02 02 09 00 09 00", _UNMATCHED),
             (3, "01 01 02 03 0A 00 09 00 12 0000", _UNMATCHED), (4, "01 21" + "09 00" * 33, _OTHER),
             (4, "01 01 0A 00", _UNMATCHED)),
        )  # fmt: skip

    def test_auto_answer(self):
        self.check(
            28, _ANSWER,
            ((2, "16 03"), (3, "01 00"), (4, "16 00"), (5, "11 00"), (6, "02 02 11 02 11 04")),
            ((2, "16 03"), (3, _WINDOW), (5, "11 07"), (6, "02 02 11 00 11 FF")),
            ((2, "16 00", _OTHER), (2, "16 04", _OTHER), (2, "11 03", _UNMATCHED), (4, "16 00", _DENIED),
             (3, _WINDOW.replace("080000FF", "180000FF"), _OTHER), (3, _WINDOW[:-6], _UNMATCHED),
             (5, "12 0007", _UNMATCHED), (6, "02 03 11 00 11 00 11 00", _UNMATCHED)),
        )  # fmt: skip

    def test_auto_connect(self):
        self.check(
            29, _CONNECT,
            ((2, "16 00"), (3, "11 03"), (4, "12 003C"), (5, "01 00"), (6, "01 00")),
            ((2, "16 00"), (3, "11 FF"), (4, "12 0000"), (5, _WINDOW), (6, "01 01 09 04 30313233")),
            ((2, "16 01", _OTHER), (2, "03 00", _UNMATCHED), (3, "12 0003", _UNMATCHED), (4, "11 3C", _UNMATCHED),
             (5, _WINDOW.replace("FFFFFFFFFF 08", "07EA02FF1D 08").replace("FF1D", "1DFF"), _OTHER),
             (6, "01 21" + "09 00" * 33, _OTHER), (6, "01 01 12 0001", _UNMATCHED)),
        )  # fmt: skip

    def test_mapping(self):
        each = "".join("12 00%02X" % k for k in range(8))
        self.check(
            63, _MAPPING,
            ((3, "02 02 11 00 12 0001"),),
            ((3, "02 02 11 01 01 08" + each), (3, "02 02 11 05 12 0009")),
            ((3, "02 02 11 01 01 07" + each[:-7], _OTHER), (3, "02 02 11 01 11 01", _UNMATCHED),
             (3, "02 02 11 01 01 01 11 01", _UNMATCHED), (3, "12 0001", _UNMATCHED), (2, "11 00", _DENIED)),
        )  # fmt: skip

    def test_status_word_is_live(self):
        before = registers.value(15)
        registers.put(15, 0x21)
        self.assertEqual(read(READER, 63, _MAPPING, 2), unhex("11 21"))
        registers.put(15, before)


class TestUtilityTable(_Kept):
    def part(self, selector, text):
        q = request(READER)
        octets = unhex(text)
        result = dispatch.open(q, descriptor(26, _TABLE, 4), 0, 0)
        q.selector = selector
        q.buf = b"\xff" + octets
        q.pos = 1
        q.end = 1 + len(octets)
        out = bytearray(280)
        end = result or dispatch.get(q, out, 2)
        return q.result or bytes(out[2:end])

    def test_attributes(self):
        for attribute, text in ((2, "12 0001"), (3, "06 00000004"), (4, "09 04 4D434D20")):
            self.assertEqual(read(READER, 26, _TABLE, attribute), unhex(text))

    def test_length_follows_the_buffer(self):
        self.assertEqual(put(26, _TABLE, 4, "09 03 010203"), 0)
        self.assertEqual(read(READER, 26, _TABLE, 3), unhex("06 00000003"))
        for text, result in (("09 820201" + "00" * 513, _OTHER), ("0A 01 41", _UNMATCHED)):
            self.assertEqual(put(26, _TABLE, 4, text), result)
        self.assertEqual(put(26, _TABLE, 3, "06 00000001"), _DENIED)
        self.assertEqual(read(READER, 26, _TABLE, 4), unhex("09 03 010203"))

    def test_offset_access(self):
        for offset, count, text in (
            (0, 0, "09 04 4D434D20"), (1, 2, "09 02 434D"), (3, 0, "09 01 20"), (4, 0, "09 00"),
        ):
            self.assertEqual(self.part(1, "02 02 06 %08X 12 %04X" % (offset, count)), unhex(text))
        for selector, text, result in (
            (1, "02 02 06 00000005 12 0000", _OTHER), (1, "02 02 06 00000003 12 0002", _OTHER),
            (1, "02 02 12 0000 12 0000", _UNMATCHED), (1, "00", _UNMATCHED),
            (2, "02 02 01 01 12 0000 12 0001", _SCOPE), (3, "00", _SCOPE),
        ):
            self.assertEqual(self.part(selector, text), result, text)

    def test_long_part(self):
        self.assertEqual(put(26, _TABLE, 4, "09 820200" + "5A" * 512), 0)
        q = request(READER)
        dispatch.open(q, descriptor(26, _TABLE, 4), 0, 0)
        q.selector = 1
        q.buf = unhex("02 02 06 00000064 12 0190")
        q.end = len(q.buf)
        out = bytearray(280)
        made = b""
        q.more = True
        while q.more:
            made += bytes(out[: dispatch.get(q, out, 0)])
            q.piece += 1
        self.assertEqual(made, unhex("09 820190") + b"\x5a" * 400)


class TestRegisterTable(_Kept):
    def test_capture_and_reset(self):
        registers.put(12, 5)
        registers.put(13, 0x01020304)
        self.assertEqual(read(READER, 61, _CELLS, 2), unhex("01 00"))
        self.assertEqual(read(READER, 61, _CELLS, 3), unhex("02 04 12 0001 09 06 0000603CFFFF 01 02 11 00 11 01 0F 02"))
        self.assertEqual(read(READER, 61, _CELLS, 4), unhex("02 02 0F 00 16 FF"))
        self.assertEqual(call(61, _CELLS, 2), 0)
        want = unhex("01 02 06 00000005 06 01020304")
        self.assertEqual(read(READER, 61, _CELLS, 2), want)
        registers.put(12, 0)
        registers.put(13, 0)
        self.assertEqual(read(READER, 61, _CELLS, 2), want)
        self.assertEqual(call(61, _CELLS, 1), 0)
        self.assertEqual(read(READER, 61, _CELLS, 2), unhex("01 00"))

    def test_definition_empties_the_table(self):
        self.assertEqual(call(61, _CELLS, 2, ""), 0)
        new = "02 04 12 0001 09 06 0000603CFFFF 01 02 11 01 11 09 0F 02"
        self.assertEqual(put(61, _CELLS, 3, new, dry=True), 0)
        self.assertEqual(read(READER, 61, _CELLS, 2)[:2], unhex("01 02"))
        self.assertEqual(put(61, _CELLS, 3, new), 0)
        self.assertEqual(read(READER, 61, _CELLS, 2), unhex("01 00"))
        self.assertEqual(read(READER, 61, _CELLS, 3), unhex(new))
        self.assertEqual(call(61, _CELLS, 2, "00"), 0)
        self.assertEqual(read(READER, 61, _CELLS, 2), unhex("01 02 06 00000000 00"))  # 96.60.9 is not there

    def test_secrets_are_not_captured(self):
        for text in ("02 04 12 000F 09 06 00002800FFFF 01 01 11 02 0F 07",
                     "02 04 12 0013 09 06 00001400FFFF 01 01 11 00 0F 07"):
            self.assertEqual(put(61, _CELLS, 3, text), 0)
            self.assertEqual(call(61, _CELLS, 2), 0)
            self.assertEqual(read(READER, 61, _CELLS, 2), unhex("01 01 00"))

    def test_refused(self):
        call(61, _CELLS, 2)
        before = read(READER, 61, _CELLS, 2)
        for attribute, text, result in (
            (2, "01 00", _DENIED),
            (3, "02 04 12 0001 09 06 0000603C00FF 01 01 11 01 0F 02", _OTHER),
            (3, "02 04 12 0001 09 06 0000603CFFFF 01 01 11 01 0F 00", _OTHER),
            (3, "02 04 12 0001 09 06 0000603CFFFF 01 21" + "11 01" * 33 + "0F 02", _OTHER),
            (3, "02 04 12 0001 09 05 0000603CFF 01 01 11 01 0F 02", _UNMATCHED),
            (3, "02 03 12 0001 09 06 0000603CFFFF 01 01 11 01", _UNMATCHED),
            (4, "02 02 11 00 16 1E", _UNMATCHED),
        ):
            self.assertEqual(put(61, _CELLS, attribute, text), result)
        self.assertEqual(call(61, _CELLS, 1, "12 0000"), _UNMATCHED)
        self.assertEqual(call(61, _CELLS, 1, "0F00", READER), _DENIED)
        self.assertEqual(read(READER, 61, _CELLS, 2), before)


if __name__ == "__main__":
    unittest.main()
