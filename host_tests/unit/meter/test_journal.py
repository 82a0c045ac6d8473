# The journal's sectors: found again, erased in turn, refused when they are somebody else's.
import struct
import unittest
from binascii import crc32

from meter.journal import Journal
from nor import SECTOR, Nor

_STOCK = 4


def stocked(nor):
    """A journal with its stock of erased sectors."""
    journal = Journal(nor)
    while journal.tend(True):
        pass
    return journal


class TestMount(unittest.TestCase):
    def test_the_stock_grows_with_the_partition(self):
        for sectors, wanted in ((12, 4), (80, 5), (192, 8), (352, 8)):
            self.assertEqual(stocked(Nor(sectors)).ready, wanted)

    def test_a_blank_partition_is_formatted(self):
        nor = Nor(12)
        journal = stocked(nor)
        self.assertIsNone(journal.fault)
        self.assertEqual(journal.ready, _STOCK)
        self.assertEqual(sum(nor.erases), _STOCK)

    def test_the_stamp(self):
        nor = Nor(12)
        journal = stocked(nor)
        sector = journal.take(7, 0x123, 0x45678)
        body = b"MCJ1" + struct.pack("<IHH", 1, 12, 0xFFFF)
        at = sector * SECTOR
        self.assertEqual(nor.octets[at : at + 16], body + struct.pack("<I", crc32(body)))
        body = struct.pack("<BBHII", 7, 0, 0x123, 0x45678, 0)
        self.assertEqual(nor.octets[at + 16 : at + 32], body + struct.pack("<I", crc32(body)))

    def test_found_again(self):
        nor = Nor(12)
        journal = stocked(nor)
        taken = [journal.take(9, 5, serial) for serial in (3, 1, 2)]
        again = Journal(nor)
        self.assertEqual(again.ready, 1)
        self.assertEqual(
            again.serials(9), [(1, 5, taken[1]), (2, 5, taken[2]), (3, 5, taken[0])]
        )
        self.assertEqual(again.serials(8), [])

    def test_something_else_stays_as_it_is(self):
        for at in (0, 100, 12 * SECTOR - 1):
            nor = Nor(12)
            nor.octets[at] = 0x7E
            before = bytes(nor.octets)
            journal = Journal(nor)
            self.assertEqual(journal.fault, "the partition holds something else")
            while journal.tend(True):
                pass
            self.assertEqual((journal.ready, journal.take(1, 8, 0)), (0, -1))
            self.assertEqual(journal.claim(3), 0)
            self.assertEqual(nor.octets, before)

    def test_another_size_is_something_else(self):
        nor = Nor(12)
        stocked(nor)
        self.assertIsNotNone(Journal(Nor(13, nor.octets + b"\xff" * SECTOR)).fault)
        self.assertIsNotNone(Journal(Nor(11)).fault)

    def test_cut_in_the_first_stamp(self):
        for bits in (b"\x4d", b"\xff\x43", b"\x4d\x43\x4a\xf1"):
            nor = Nor(12)
            nor.octets[SECTOR : SECTOR + len(bits)] = bits
            self.assertIsNone(Journal(nor).fault)
            self.assertEqual(stocked(nor).ready, _STOCK)


class TestSectors(unittest.TestCase):
    def test_they_wear_alike(self):
        nor = Nor(16)
        journal = stocked(nor)
        held = journal.take(1, 8, 0)
        for serial in range(300):
            sector = journal.take(2, 8, serial)
            self.assertNotEqual(sector, held)
            journal.release(sector)
            while journal.tend(True):
                pass
            if serial % 7 == 0:
                journal = Journal(nor)
                for _, _, each in journal.serials(2):
                    journal.release(each)
        others = nor.erases[:held] + nor.erases[held + 1 :]
        # One for each that was taken, the held one too, and the stock; the held one's is not in it.
        self.assertEqual(sum(others), 301 + _STOCK - 1)
        self.assertTrue(max(others) - min(others) <= 2, others)

    def test_erases_are_remembered(self):
        nor = Nor(12)
        for _ in range(12 * 5):
            journal = stocked(nor)
            journal.release(journal.take(1, 8, 0))
        self.assertTrue(max(nor.erases) <= journal.erases <= max(nor.erases) + 12)

    def test_erase_only_when_idle(self):
        nor = Nor(12)
        journal = Journal(nor)
        self.assertFalse(journal.tend(False))
        self.assertEqual(nor.operations, 0)

    def test_a_worn_out_sector_is_left_alone(self):
        nor = Nor(12)
        nor.stuck = {k: 1 for k in range(9)}
        journal = stocked(nor)
        self.assertEqual((journal.ready, journal.failures), (3, 9))
        for _ in range(3):
            self.assertTrue(journal.take(1, 8, 0) >= 9)
        self.assertEqual(journal.take(1, 8, 0), -1)

    def test_what_does_not_read_back(self):
        nor = Nor(12)
        journal = stocked(nor)
        sector = journal.take(1, 8, 0)
        nor.octets[sector * SECTOR + 0x300] = 0xFE
        self.assertTrue(journal.write(sector << 12 | 0x2F8, b"12345678", b""))
        self.assertFalse(journal.write(sector << 12 | 0x300, b"\x01", b""))
        self.assertEqual(journal.failures, 1)

    def test_write_over_pages(self):
        nor = Nor(12)
        journal = stocked(nor)
        sector = journal.take(1, 8, 0)
        for start, head, body in ((32, 8, 700), (1000, 30, 2), (2040, 8, 8), (3072, 0, 1024)):
            octets = bytes([k * 7 & 0xFF for k in range(head + body)])
            self.assertTrue(journal.write(sector << 12 | start, octets[:head], octets[head:]))
            out = bytearray(head + body)
            journal.read(sector << 12 | start, out)
            self.assertEqual(out, octets)


if __name__ == "__main__":
    unittest.main()
