"""Data against the octets of other programs, and what must not be accepted."""

import json
import unittest
from pathlib import Path

from microcosem import axdr
from microcosem.errors import ProtocolError

_FILE = Path(__file__).resolve().parents[2] / "vectors" / "axdr.json"
_VALUES = {  # written by hand from the names of the vectors
    "axdr_null": None,
    "axdr_bool_true": True,
    "axdr_bool_false": False,
    "axdr_bitstring_10101": "10101",
    "axdr_dlong_-1": -1,
    "axdr_dlong_305419896": 305419896,
    "axdr_dlongu_max": 4294967295,
    "axdr_octets_empty": b"",
    "axdr_octets_127": b"U" * 127,
    "axdr_octets_128": b"U" * 128,
    "axdr_octets_256": b"\xaa" * 256,
    "axdr_octets_obis": b"\x01\x00\x01\x08\x00\xff",
    "axdr_visible_Hello": "Hello",
    "axdr_utf8_aring": "\u00e5",
    "axdr_int8_-5": -5,
    "axdr_int16_-2": -2,
    "axdr_uint8_200": 200,
    "axdr_uint16_50000": 50000,
    "axdr_int64_-1": -1,
    "axdr_uint64": 81985529216486895,
    "axdr_enum_30": 30,
}


def _vectors():
    rows = json.loads(_FILE.read_text(encoding="utf-8"))["vectors"]
    return {row["name"]: bytes.fromhex(row["hex"]) for row in rows}


class Known(unittest.TestCase):
    def test_values(self):
        known = _vectors()
        for name, value in _VALUES.items():
            self.assertEqual(axdr.decode(known[name]), value, name)

    def test_array_and_structure(self):
        self.assertEqual(axdr.decode(bytes.fromhex("0102120001120002")), [1, 2])
        value = axdr.decode(bytes.fromhex("02020FFF161E"))
        self.assertEqual(
            (value, type(value), type(value[1])), ((-1, 30), axdr.Structure, axdr.Enum)
        )

    def test_floats(self):
        self.assertEqual(axdr.decode(bytes.fromhex("173FC00000")), 1.5)
        self.assertEqual(axdr.decode(bytes.fromhex("18C002000000000000")), -2.25)

    def test_compact_arrays(self):
        self.assertEqual(axdr.decode(bytes.fromhex("13 12 06 000100020003")), [1, 2, 3])
        rows = axdr.decode(bytes.fromhex("13 02 02 12 06 0C 0001 00000064 0002 000000C8"))
        self.assertEqual(rows, [(1, 100), (2, 200)])
        for text in ("13 12 05 0001000200", "13 00 01 00", "13 12 06 0001", "13 0101"):
            with self.assertRaises(ProtocolError):
                axdr.decode(bytes.fromhex(text))


class Refused(unittest.TestCase):
    def test_every_cut(self):
        whole = bytes.fromhex("0202090601000108 00FF0102120001120002".replace(" ", ""))
        axdr.decode(whole)
        for size in range(len(whole)):
            with self.assertRaises(ProtocolError):
                axdr.decode(whole[:size])

    def test_left_over(self):
        with self.assertRaises(ProtocolError):
            axdr.decode(b"\x11\x05\x00")

    def test_unknown_types_and_lengths(self):
        for text in ("07", "0E00", "0980", "09850000000001", "63"):
            with self.assertRaises(ProtocolError):
                axdr.decode(bytes.fromhex(text))

    def test_nesting(self):
        with self.assertRaises(ProtocolError):
            axdr.decode(b"\x01\x01" * 40 + b"\x00")

    def test_a_huge_count_costs_nothing(self):
        with self.assertRaises(ProtocolError):
            axdr.decode(bytes.fromhex("0184FFFFFFFF"))


if __name__ == "__main__":
    unittest.main()
