# Classes 1, 3 and 17: constants of every type, live values, scaler and unit, the SAP list.
# Octets are written by hand from IEC 62056-6-2 or come from vectors/axdr.json.
import json
import struct
import unittest

import config
from cosem_reading import PUBLIC, READER, pieces, read, unhex
from dlms import axdr
from meter import registers

_ROOT = __file__.replace("\\", "/").rsplit("/unit/", 1)[0]
_SLOT_VOLTAGE = 0  # meter/registers.py
_SLOT_POWER = 3
_SLOT_POWER_FACTOR = 7
_SLOT_ENERGY_IMPORT = 9


class TestConstants(unittest.TestCase):
    def test_types_that_have_vectors(self):
        with open(_ROOT + "/vectors/axdr.json") as f:
            want = {v["name"]: unhex(v["hex"]) for v in json.load(f)["vectors"]}
        for code, name in (
            (0, "axdr_null"), (3, "axdr_bool_true"), (4, "axdr_bitstring_10101"),
            (6, "axdr_dlongu_max"), (10, "axdr_visible_Hello"), (13, "axdr_bcd_12"),
            (19, "axdr_compactarray_3_uint16"), (21, "axdr_uint64"), (22, "axdr_enum_30"),
            (23, "axdr_float32_1.5"), (24, "axdr_float64_-2.25"), (26, "axdr_date_tag1A_fixed5"),
        ):
            self.assertEqual(read(READER, 1, "0-0:96.50.%d" % code, 2), want[name], name)

    def test_types_written_by_hand(self):
        for code, text in (
            (1, "01 02 | 10 FFFE | 10 0003"),
            (2, "02 02 | 11 C8 | 09 00"),
            (5, "05 80000000"),
            (9, "09 04 0001FEFF"),
            (12, "0C 07 5A C3A4 686C6572"),  # Z, a with diaeresis in UTF-8, hler
            (15, "0F 80"),
            (16, "10 8000"),
            (17, "11 FF"),
            (18, "12 FFFF"),
            (20, "14 8000000000000000"),
            (25, "19 07E80714 06 0C1E0000 FF88 80"),
            (27, "1B 0C1E2D19"),
        ):
            self.assertEqual(read(READER, 1, "0-0:96.50.%d" % code, 2), unhex(text), code)

    def test_identity(self):
        # The logical device name is manufacturer and serial number, at most 16 octets.
        manufacturer, serial, firmware = config.IDENTITY
        self.assertTrue(len(manufacturer) == 3 and len(serial) <= 13)
        for code, text in (("0-0:42.0.0", manufacturer + serial), ("0-0:96.1.0", serial),
                           ("0-0:0.2.0", firmware)):
            self.assertEqual(read(PUBLIC, 1, code, 2), bytes([9, len(text)]) + text)

    def test_long_octet_string_comes_in_pieces(self):
        # 09 82 02 58 and 600 octets are 604: two pieces of 256 and one of 92.
        found = pieces(READER, 1, "0-0:96.51.0", 2)
        self.assertEqual([len(piece) for piece in found], [256, 256, 92])
        want = b"\x09\x82\x02\x58" + bytes([i % 251 for i in range(600)])
        self.assertEqual(b"".join(found), want)

    def test_lengths_around_the_one_octet_form(self):
        ramp = bytes([i % 251 for i in range(128)])
        self.assertEqual(read(READER, 1, "0-0:96.51.1", 2), b"\x09\x7f" + ramp[:127])
        self.assertEqual(read(READER, 1, "0-0:96.51.2", 2), b"\x09\x81\x80" + ramp)


class TestRegisters(unittest.TestCase):
    def _live(self, slot, code, tag, form, values):
        before = registers.value(slot)
        for value in values:
            registers.put(slot, value)
            want = bytes([tag]) + struct.pack(form, value)
            self.assertEqual(read(READER, 3, code, 2), want)
        registers.put(slot, before)

    def test_live_values(self):
        self._live(_SLOT_VOLTAGE, "1-0:32.7.0", 18, ">H", (0, 23000, 65535))
        self._live(_SLOT_POWER, "1-0:16.7.0", 5, ">i", (0, 1, -1, 12345678, -2147483648))
        self._live(_SLOT_POWER_FACTOR, "1-0:13.7.0", 16, ">h", (1000, -1000, 0))
        self._live(_SLOT_ENERGY_IMPORT, "1-0:1.8.0", 6, ">I", (0, 4294967295))

    def test_energy_wraps_like_its_type(self):
        # A double-long-unsigned of Wh starts again at 2**32, IEC 62056-6-2.
        before = registers.value(_SLOT_ENERGY_IMPORT)
        registers.put(_SLOT_ENERGY_IMPORT, 2**32 + 5)
        self.assertEqual(read(READER, 3, "1-0:1.8.0", 2), unhex("06 00000005"))
        registers.put(_SLOT_ENERGY_IMPORT, before)

    def test_scaler_unit(self):
        # Units: 27 W = 1B, 28 VA = 1C, 30 Wh = 1E, 33 A = 21, 35 V = 23, 44 Hz = 2C, 45 1/Wh = 2D,
        # 7 s = 07, 255 none = FF. Scalers -1 = FF, -2 = FE, -3 = FD.
        for code, text in (
            ("1-0:1.8.0", "0F00 161E"), ("1-0:2.8.0", "0F00 161E"), ("1-0:32.7.0", "0FFE 1623"),
            ("1-0:31.7.0", "0FFD 1621"), ("1-0:91.7.0", "0FFD 1621"), ("1-0:1.7.0", "0FFF 161B"),
            ("1-0:2.7.0", "0FFF 161B"), ("1-0:16.7.0", "0FFF 161B"), ("1-0:9.7.0", "0FFF 161C"),
            ("1-0:13.7.0", "0FFD 16FF"), ("1-0:14.7.0", "0FFE 162C"), ("0-0:96.8.0", "0F00 1607"),
            ("1-0:0.3.0", "0FFD 162D"),
        ):
            self.assertEqual(read(READER, 3, code, 3), unhex("0202" + text), code)

    def test_meter_constant(self):
        # 1000 pulses per kWh: 1000 * 10**-3 per Wh.
        self.assertEqual(read(READER, 3, "1-0:0.3.0", 2), unhex("12 03E8"))


class TestSapAssignment(unittest.TestCase):
    def test_list(self):
        name = config.IDENTITY[0] + config.IDENTITY[1]
        # {1, name}, {18, name and the SAP}
        want = unhex("01 02 | 02 02 | 12 0001") + bytes([9, len(name)]) + name
        want += unhex("02 02 | 12 0012") + bytes([9, len(name) + 3]) + name + b"-18"
        self.assertEqual(read(PUBLIC, 17, "0-0:41.0.0", 2), want)
        self.assertEqual(axdr.skip(want, 0, len(want)), len(want))


if __name__ == "__main__":
    unittest.main()
