# Octets by key: the last ones, over restarts, full partitions, decay and broken sectors.
import unittest

from meter.journal import Journal
from meter.store import Store
from nor import SECTOR, Nor


class Bench:
    """A store on a flash; again() starts it anew."""

    def __init__(self, sectors=16, content=None):
        self.nor = Nor(sectors, content)
        self.again()

    def again(self):
        self.journal = Journal(self.nor)
        self.store = Store(self.journal)
        self.tidy()

    def tidy(self):
        while self.store.tend(True) or self.journal.tend(True):
            pass


class TestStore(unittest.TestCase):
    def test_put_and_get(self):
        bench = Bench()
        self.assertIsNone(bench.store.get(0))
        values = {0: b"", 1: b"x", 0xFFFF: b"\xff" * 20, 0x1234: bytes(range(256)) * 4}
        for key, octets in values.items():
            self.assertTrue(bench.store.put(key, octets))
        for _ in range(2):
            for key, octets in values.items():
                self.assertEqual(bench.store.get(key), octets)
            bench.again()

    def test_the_last_counts(self):
        bench = Bench()
        for k in range(2000):
            self.assertTrue(bench.store.put(k % 7, b"%d" % k))
            bench.tidy()
            if k % 97 == 0:
                bench.again()
        for k in range(1993, 2000):
            self.assertEqual(bench.store.get(k % 7), b"%d" % k)

    def test_the_same_again_costs_nothing(self):
        bench = Bench()
        bench.store.put(5, b"same")
        before = bench.nor.operations
        self.assertTrue(bench.store.put(5, b"same"))
        self.assertEqual(bench.nor.operations, before)

    def test_full(self):
        bench = Bench()
        kept = {}
        key = 0
        while bench.store.put(key, bytes([key]) * 500):
            kept[key] = bytes([key]) * 500
            key += 1
            bench.tidy()
        self.assertEqual(key, 12192 // 512)  # 500 octets are a record of 512
        # What was there may still change, and makes room when it gets shorter.
        for turn in range(40):
            for other in range(key):
                kept[other] = bytes([other + turn & 0xFF]) * (500 - turn)
                self.assertTrue(bench.store.put(other, kept[other]), (turn, other))
                bench.tidy()
        self.assertTrue(bench.store.put(key, b"again"))
        kept[key] = b"again"
        bench.again()
        for other, octets in kept.items():
            self.assertEqual(bench.store.get(other), octets)

    def test_too_long(self):
        bench = Bench()
        self.assertFalse(bench.store.put(1, bytes(4057)))
        self.assertTrue(bench.store.put(1, bytes(4056)))
        self.assertIsNone(bench.store.get(2))

    def test_never_idle(self):
        # Without a quiet moment there is room for the stock, then a clear no; nothing is lost.
        bench = Bench()
        erases = sum(bench.nor.erases)
        count = 0
        while bench.store.put(1, b"%d" % count + bytes(200)):
            bench.store.tend(False)
            bench.journal.tend(False)
            count += 1
        self.assertEqual(sum(bench.nor.erases), erases)
        self.assertTrue(count >= 3 * (4064 // 216))
        self.assertEqual(bench.store.get(1), b"%d" % (count - 1) + bytes(200))
        bench.tidy()
        self.assertTrue(bench.store.put(1, b"again"))

    def test_one_record_decays(self):
        # One bit anywhere: at most the record it lies in is lost, or the sector's head.
        bench = Bench()
        for key in range(30):
            bench.store.put(key, bytes([key]) * 50)
        content = bytes(bench.nor.octets)
        sector = [k for k in range(16) if bench.journal.owners[k] == 252][0]
        for at in range(32, 64 * 30, 13):
            worse = bytearray(content)
            worse[sector * SECTOR + at] ^= 1 << at % 8
            store = Store(Journal(Nor(16, worse)))
            lost = [k for k in range(30) if store.get(k) != bytes([k]) * 50]
            self.assertTrue(len(lost) <= 1, lost)
            self.assertTrue(all(store.get(k) is None for k in lost))

    def test_a_lost_sector(self):
        bench = Bench()
        for k in range(400):
            bench.store.put(k % 40, b"%d" % k + bytes(60))
            bench.tidy()
        taken = [s for _, _, s in bench.journal.serials(252)]
        for sector in taken:
            worse = bytearray(bench.nor.octets)
            worse[sector * SECTOR + 18] ^= 1  # its owner
            other = Bench(16, worse)
            for k in range(40):  # a value that was put once, or none
                octets = other.store.get(k)
                wanted = [b"%d" % n + bytes(60) for n in range(k, 400, 40)]
                self.assertTrue(octets is None or octets in wanted, octets)
            for k in range(600):
                self.assertTrue(other.store.put(k % 40, b"new %d" % k))
                other.tidy()
            other.again()
            for k in range(560, 600):
                self.assertEqual(other.store.get(k % 40), b"new %d" % k)

    def test_a_cell_that_does_not_program(self):
        bench = Bench()
        bench.store.put(1, b"first")
        sector = [k for k in range(16) if bench.journal.owners[k] == 252][0]
        bench.nor.octets[sector * SECTOR + 0x38] = 0
        self.assertTrue(bench.store.put(2, b"second"))
        self.assertTrue(bench.journal.failures > 0)
        bench.again()
        self.assertEqual((bench.store.get(1), bench.store.get(2)), (b"first", b"second"))

    def test_all_sectors_worn_out(self):
        bench = Bench()
        bench.store.put(1, b"kept")
        bench.nor.stuck = {k: 1 for k in range(16)}
        count = 0
        while bench.store.put(2, b"%d" % count + bytes(500)):
            count += 1
            bench.tidy()
        self.assertTrue(count > 0)
        self.assertEqual(bench.store.get(1), b"kept")
        bench.again()
        self.assertEqual(bench.store.get(1), b"kept")
        self.assertEqual(bench.store.get(2), b"%d" % (count - 1) + bytes(500))

    def test_a_foreign_partition_keeps_nothing(self):
        bench = Bench(16, b"\x00" * 16 * SECTOR)
        self.assertFalse(bench.store.put(1, b"x"))
        self.assertIsNone(bench.store.get(1))
        self.assertEqual(bench.nor.operations, 0)


if __name__ == "__main__":
    unittest.main()
