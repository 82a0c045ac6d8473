# FCS-16 against its definition bit by bit, and against vectors of other programs.
import unittest

from dlms import fcs
from dlms_vectors import vectors


def bitwise(data):
    """CRC-16/X-25 from the polynomial: x^16 + x^12 + x^5 + 1, reflected 8408."""
    crc = 0xFFFF
    for octet in data:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc ^ 0xFFFF


class TestFcs(unittest.TestCase):
    def test_vectors(self):
        v = vectors()
        for data, name in (
            (b"123456789", "fcs_123456789"),
            (b"\xa0\x07\x03\x21\x93", "fcs_07032193"),
            (b"\xa0\x21\x00\x02\x00\x23\x21\x93", "fcs_header_A021000200232193"),
        ):
            check = fcs.fcs16(data, 0, len(data))
            self.assertEqual(bytes((check & 0xFF, check >> 8)), v[name])

    def test_every_octet_by_definition(self):
        # One octet after every possible low half of the register: all 256 table entries.
        for octet in range(256):
            data = bytes((0x55, octet, octet ^ 0xA5))
            self.assertEqual(fcs.fcs16(data, 0, 3), bitwise(data))

    def test_slice_bounds(self):
        data = b"\x01123456789\xff"
        self.assertEqual(fcs.fcs16(data, 1, 10), bitwise(b"123456789"))
        self.assertEqual(fcs.fcs16(data, 4, 4), bitwise(b""))

    def test_long_run(self):
        data = bytes([k * 7 & 0xFF for k in range(2030)])
        self.assertEqual(fcs.fcs16(data, 0, 2030), bitwise(data))


class TestMove(unittest.TestCase):
    def test_moves_only_count(self):
        target = bytearray(b"......")
        fcs.move(target, 2, b"abcdef", 1, 3)
        self.assertEqual(bytes(target), b"..bcd.")

    def test_overlap_towards_the_start(self):
        buf = bytearray(b"0123456789")
        fcs.move(buf, 1, buf, 3, 6)
        self.assertEqual(bytes(buf), b"0345678789")


if __name__ == "__main__":
    unittest.main()
