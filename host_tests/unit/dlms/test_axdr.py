# A-XDR against octets that other programs produced (vectors/axdr.json names them), and skip()
# against every truncation of them. Runs on CPython and on the MicroPython unix port.
import json
import struct
import unittest

from dlms import axdr

_ROOT = __file__.replace("\\", "/").rsplit("/unit/", 1)[0]

_STRINGS = {"octets": 9, "visible": 10, "utf8": 12}
_FIXED = {"dlong": (5, ">i"), "dlongu": (6, ">I"), "int64": (20, ">q"), "uint64": (21, ">Q")}
_INTS = {
    "int8": axdr.put_i8,
    "int16": axdr.put_i16,
    "uint8": axdr.put_u8,
    "uint16": axdr.put_u16,
    "enum": axdr.put_enum,
}
# The plain values, written here by hand from the names of the vectors.
_VALUES = {
    "axdr_dlong_-1": -1,
    "axdr_dlong_305419896": 305419896,
    "axdr_dlongu_max": 4294967295,
    "axdr_int8_-5": -5,
    "axdr_int16_-2": -2,
    "axdr_uint8_200": 200,
    "axdr_uint16_50000": 50000,
    "axdr_int64_-1": -1,
    "axdr_uint64": 81985529216486895,
    "axdr_enum_30": 30,
    "axdr_octets_empty": b"",
    "axdr_octets_obis": b"\x01\x00\x01\x08\x00\xff",
    "axdr_octets_127": b"U" * 127,
    "axdr_octets_128": b"U" * 128,
    "axdr_octets_256": b"\xaa" * 256,
    "axdr_visible_Hello": b"Hello",
    "axdr_utf8_aring": b"\xc3\xa5",
}
# year, month, day, day of week, hour, minute, second, hundredths, deviation, status
_DATE_TIMES = {
    "dt_2024-07-20T12:30:00_dow_unspec_nodev": (2024, 7, 20, 255, 12, 30, 0, 0, -32768, 0),
    "dt_utc+2_deviation_-120": (2024, 7, 20, 255, 12, 30, 0, 0, -120, 0),
    "dt_utc+2_saturday_dst": (2024, 7, 20, 6, 12, 30, 0, 0, -120, 128),
    "dt_all_wildcard": (65535, 255, 255, 255, 255, 255, 255, 255, -32768, 255),
    "dt_hundredths_50": (2024, 7, 20, 255, 12, 30, 0, 50, -32768, 0),
}


def _unhex(text):
    return bytes([int(text[i : i + 2], 16) for i in range(0, len(text), 2)])


def _load(layer):
    with open(_ROOT + "/vectors/axdr.json") as f:
        vectors = json.load(f)["vectors"]
    return [(v["name"], v, _unhex(v["hex"])) for v in vectors if v["layer"] == layer]


def _put(name, kind, out):
    """Encode the hand-written value of a vector with the function of its type."""
    value = _VALUES[name]
    if kind in _INTS:
        return _INTS[kind](out, 3, value)
    if kind in _FIXED:
        tag, form = _FIXED[kind]
        return axdr.put_fixed(out, 3, tag, b"?" + struct.pack(form, value), 1)
    return axdr.put_string(out, 3, _STRINGS[kind], b"?" + value + b"?", 1, len(value))


class TestPut(unittest.TestCase):
    def test_simple_types(self):
        seen = 0
        for name, v, want in _load("AXDR"):
            kind = v.get("inputs", {}).get("type")
            if name not in _VALUES:
                continue
            out = bytearray(400)
            end = _put(name, kind, out)
            self.assertEqual(bytes(out[3:end]), want, name)
            self.assertEqual(out[0:3], bytearray(3), name)
            seen += 1
        self.assertEqual(seen, len(_VALUES))

    def _same(self, name, out, end):
        for other, _, want in _load("AXDR"):
            if other == name:
                self.assertEqual(bytes(out[:end]), want, name)
                return
        self.fail(name)

    def test_null_and_boolean(self):
        out = bytearray(8)
        self._same("axdr_null", out, axdr.put_null(out, 0))
        self._same("axdr_bool_true", out, axdr.put_bool(out, 0, True))
        self._same("axdr_bool_false", out, axdr.put_bool(out, 0, False))

    def test_floats(self):
        out = bytearray(16)
        for name, tag, form, value in (
            ("axdr_float32_1.5", 23, ">f", 1.5),
            ("axdr_float64_-2.25", 24, ">d", -2.25),
        ):
            self._same(name, out, axdr.put_fixed(out, 0, tag, struct.pack(form, value), 0))

    def test_structure_scaler_unit(self):
        out = bytearray(8)
        end = axdr.put_structure(out, 0, 2)
        self._same(
            "axdr_struct_scaler_unit", out, axdr.put_enum(out, axdr.put_i8(out, end, -1), 30)
        )

    def test_arrays(self):
        out = bytearray(16)
        end = axdr.put_array(out, 0, 2)
        self._same("axdr_array_of_2_uint16", out, axdr.put_u16(out, axdr.put_u16(out, end, 1), 2))
        self._same("axdr_array_empty", out, axdr.put_array(out, 0, 0))

    def test_date_time_tag(self):
        out = bytearray(16)
        _, _, dt = _load("DATETIME")[0]
        fields = list(_DATE_TIMES["dt_2024-07-20T12:30:00_dow_unspec_nodev"])
        fields[3] = 6
        self.assertEqual(axdr.store_date_time(out, 0, fields), 12)
        src = bytes(out[:12])
        self._same("axdr_datetime_tag19_fixed12", out, axdr.put_fixed(out, 0, 25, src, 0))
        self._same("axdr_date_tag1A_fixed5", out, axdr.put_fixed(out, 0, 26, src, 0))
        self._same("axdr_time_tag1B_fixed4", out, axdr.put_fixed(out, 0, 27, src, 5))
        self.assertEqual(axdr.put_date_time(out, 0, fields), 14)
        self.assertEqual(bytes(out[:14]), b"\x09\x0c" + src)
        self.assertEqual(dt[0:4], src[0:4])


class TestDateTime(unittest.TestCase):
    def test_both_ways(self):
        vectors = {name: want for name, _, want in _load("DATETIME")}
        out, back = bytearray(20), [0] * 10
        for name, fields in _DATE_TIMES.items():
            self.assertEqual(axdr.store_date_time(out, 4, fields), 16)
            self.assertEqual(bytes(out[4:16]), vectors[name], name)
            axdr.get_date_time(out, 4, back)
            self.assertEqual(tuple(back), fields, name)

    def test_date_and_time_are_parts(self):
        vectors = {name: want for name, _, want in _load("DATETIME")}
        out = bytearray(12)
        axdr.store_date_time(out, 0, (2024, 7, 20, 255, 12, 30, 45, 25, 0, 0))
        self.assertEqual(bytes(out[:5]), vectors["date_2024-07-20"])
        self.assertEqual(bytes(out[5:9]), vectors["time_12:30:45.25"])


class TestLength(unittest.TestCase):
    def test_shortest_form(self):
        # 127 is the last one-octet length, FF the last 81 form, FFFF the last 82 form.
        for n, want in (
            (0, b"\x00"),
            (127, b"\x7f"),
            (128, b"\x81\x80"),
            (255, b"\x81\xff"),
            (256, b"\x82\x01\x00"),
            (65535, b"\x82\xff\xff"),
            (65536, b"\x83\x01\x00\x00"),
        ):
            out = bytearray(6)
            end = axdr.put_length(out, 1, n)
            self.assertEqual(bytes(out[1:end]), want)
            self.assertEqual(axdr.get_length(out, 1, end), n)
            self.assertEqual(axdr.skip_length(out, 1), end)
            for cut in range(1, end):
                self.assertEqual(axdr.get_length(out, 1, cut), -1)

    def test_longer_forms_are_read(self):
        for text in (b"\x81\x05", b"\x82\x00\x05", b"\x83\x00\x00\x05", b"\x84\x00\x00\x00\x05"):
            self.assertEqual(axdr.get_length(text, 0, len(text)), 5)
            self.assertEqual(axdr.skip_length(text, 0), len(text))

    def test_refused(self):
        # 80 is the indefinite form, 85 five octets, 84 01.. is 16777216 or more.
        for text in (b"\x80\x00", b"\x85\x00\x00\x00\x00\x05", b"\x84\x01\x00\x00\x00", b"\xff"):
            self.assertEqual(axdr.get_length(text, 0, len(text)), -1)


class TestGet(unittest.TestCase):
    def test_integers(self):
        # Compared with the struct module, which shares no code with the shifts under test.
        text = b"\x00\x12\x34\x56\x78\x9a\xbc\xde\xf0\xff\xff\xff\xfe\xff\x80\x00\x00\x00\x00\x7f"
        for name, form, size in (
            ("u16", ">H", 2),
            ("i16", ">h", 2),
            ("i8", ">b", 1),
        ):
            get = getattr(axdr, "get_" + name)
            for pos in range(len(text) - size + 1):
                want = struct.unpack_from(form, text, pos)[0]
                self.assertEqual(get(text, pos), want, name)

    def test_bare_fields(self):
        out = bytearray(9)
        self.assertEqual(
            axdr.store_u32(out, axdr.store_u24(out, axdr.store_u16(out, 0, 1), 2), 3), 9
        )
        self.assertEqual(bytes(out), b"\x00\x01\x00\x00\x02\x00\x00\x00\x03")


class TestSkip(unittest.TestCase):
    def test_every_vector_and_every_truncation(self):
        for name, _, want in _load("AXDR"):
            n = len(want)
            padded = b"\x55" + want + b"\x55"
            self.assertEqual(axdr.skip(padded, 1, n + 2), n + 1, name)
            self.assertEqual(axdr.skip(padded, 1, n + 1), n + 1, name)
            for cut in range(n):
                self.assertEqual(axdr.skip(want, 0, cut), -1, name)

    def test_unknown_tags(self):
        # 7, 8, 11 and 14 are obsolete, 34..254 never were assigned.
        for tag in [7, 8, 11, 14] + list(range(34, 255)):
            self.assertEqual(axdr.skip(bytes([tag]) + bytes(20), 0, 21), -1)

    def test_counts_beyond_the_buffer(self):
        for text in (b"\x01\x05\x00\x00", b"\x02\x82\xff\xff\x00", b"\x09\x83\xff\xff\xff\x00"):
            self.assertEqual(axdr.skip(text, 0, len(text)), -1)

    def test_deep_nesting_costs_no_stack(self):
        depth = 5000
        text = b"\x02\x01" * depth + b"\x00"
        self.assertEqual(axdr.skip(text, 0, len(text)), 2 * depth + 1)
        self.assertEqual(axdr.skip(text, 0, len(text) - 1), -1)
        description = b"\x13" + b"\x01\x00\x01" * depth + b"\x11" + b"\x01\x05"
        self.assertEqual(axdr.skip(description, 0, len(description)), len(description))

    def test_compact_array_of_structures_of_arrays(self):
        # structure of { array of 3 unsigned, long-unsigned }: 5 octets per element.
        text = b"\x13\x02\x02\x01\x00\x03\x11\x12\x05\x01\x02\x03\x00\x04"
        self.assertEqual(axdr.skip(text, 0, len(text)), len(text))
        self.assertEqual(axdr.skip(b"\x13\x13\x12\x01\x00", 0, 5), -1)
        self.assertEqual(axdr.skip(b"\x13\x07\x00", 0, 3), -1)

    def test_no_octets_make_it_raise(self):
        # A small generator of noise: x -> 5x + 1 (mod 2**16), its upper octet.
        x, noise = 1, bytearray(4000)
        for i in range(len(noise)):
            x = (5 * x + 12345) & 0xFFFF
            noise[i] = x >> 8 if i & 1 else x >> 8 & 0x1F
        for pos in range(0, 4000, 3):
            end = min(pos + pos % 61, 4000)
            got = axdr.skip(noise, pos, end)
            self.assertTrue(got == -1 or pos < got <= end)

    def test_body(self):
        self.assertEqual(axdr.body(b"\x12\x00\x05", 0, 3, 18), 1)
        self.assertEqual(axdr.body(b"\x12\x00", 0, 2, 18), -1)
        self.assertEqual(axdr.body(b"\x12\x00\x05", 0, 3, 16), -1)
        self.assertEqual(axdr.body(b"\x09\x81\x01A", 0, 4, 9), 3)
        self.assertEqual(axdr.body(b"\x09\x02A", 0, 3, 9), -1)


if __name__ == "__main__":
    unittest.main()
