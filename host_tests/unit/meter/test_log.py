# Ring logs: the face that profiles and events use.
import unittest

from meter import log
from meter.journal import Journal
from nor import SECTOR, Nor


class TestInRam(unittest.TestCase):
    def setUp(self):
        self.use()
        self.log = log.open(200, 8, 3)
        self.log.clear()

    def use(self):
        log.use(None)

    def tearDown(self):
        log.use(None)

    def read(self, seq):
        out = bytearray(12)
        n = self.log.read(seq, out, 2)
        self.assertEqual(out[:2], b"\x00\x00")
        return bytes(out[2 : 2 + n])

    def test_empty(self):
        self.assertEqual(self.log.first, self.log.next)
        self.assertEqual(self.read(self.log.next), b"")

    def test_the_oldest_goes(self):
        start = self.log.next
        for octet in b"abcdefgh":
            self.assertTrue(self.log.append(bytes((octet, octet))))
        self.assertEqual(self.log.next, start + 8)
        self.assertTrue(self.log.next - self.log.first >= self.log.capacity >= 3)
        self.assertEqual(self.read(self.log.next - 1), b"hh")
        self.assertEqual(self.read(self.log.next - 3), b"ff")
        self.assertEqual(self.read(self.log.first - 1), b"")
        self.assertEqual(self.read(self.log.next), b"")

    def test_records_of_several_lengths(self):
        for octets in (b"1", b"12345678", bytearray(b"123")):
            self.assertTrue(self.log.append(octets))
            self.assertEqual(self.read(self.log.next - 1), bytes(octets))
        self.assertFalse(self.log.append(b"123456789"))

    def test_clear_keeps_the_numbers(self):
        self.log.append(b"x")
        after = self.log.next
        self.log.clear()
        self.assertEqual(self.log.first, self.log.next)
        self.assertTrue(self.log.next >= after)
        self.assertTrue(self.log.append(b"y"))
        self.assertEqual(self.read(self.log.next - 1), b"y")

    def test_opened_again(self):
        self.log.append(b"kept")
        self.assertEqual(log.open(200, 8, 3).next, self.log.next)


class TestInFlash(TestInRam):
    """The same on a journal."""

    def use(self):
        log.use(stocked(Nor(24)))


def stocked(nor):
    journal = Journal(nor)
    while journal.tend(True):
        pass
    return journal


def rows(each):
    """(number, octets) of all that can be read."""
    out = bytearray(512)
    return [(k, bytes(out[: each.read(k, out, 0)])) for k in range(each.first, each.next)]


class TestRing(unittest.TestCase):
    def setUp(self):
        self.nor = Nor(24)
        self.again()

    def tearDown(self):
        log.use(None)

    def again(self):
        self.journal = stocked(self.nor)
        log.use(self.journal)

    def fill(self, each, numbers, size=100):
        for k in numbers:
            self.assertTrue(each.append(bytes([k & 0xFF]) * (size - k % 7)))
            while self.journal.tend(True):
                pass

    def test_round_and_round(self):
        for turn in range(9):
            each = log.open(7, 100, 90)  # 36 in a sector of 112 octets each
            self.fill(each, range(each.next, each.next + 61))
            for _ in range(2):
                self.assertEqual(each.next, 61 * (turn + 1))
                self.assertEqual(each.first, max(0, each.next - 90))
                for k, octets in rows(each):
                    self.assertEqual(octets, bytes([k & 0xFF]) * (100 - k % 7))
                self.again()
                each = log.open(7, 100, 90)

    def test_wear_of_a_ring(self):
        each = log.open(7, 512, 7)
        before = sum(self.nor.erases)
        self.fill(each, range(700), 512)  # 7 in a sector
        self.assertEqual(sum(self.nor.erases) - before, 100)

    def test_logs_do_not_mix(self):
        logs = [log.open(number, 20 + number, 30) for number in (1, 2, 3)]
        for k in range(200):
            self.fill(logs[k % 3], [k], 20)
        self.again()
        for number in (1, 2, 3):
            found = rows(log.open(number, 20 + number, 30))
            self.assertEqual(len(found), 30)
            wanted = list(range(number - 1, 200, 3))[-30:]
            self.assertEqual([octets[0] for _, octets in found], wanted)

    def test_read_in_turns(self):
        """Logs share what they are read through: short, long, and longer than a page of flash."""
        all_of_them = [log.open(number, size, 20) for number, size in ((7, 9), (8, 200), (9, 400))]
        for each, size in zip(all_of_them, (9, 200, 400)):
            self.fill(each, range(20), size)
        for k in range(20):
            for each, size in zip(all_of_them, (9, 200, 400)):
                out = bytearray(size)
                self.assertEqual(each.read(k, out, 0), size - k % 7)
                self.assertEqual(bytes(out), bytes([k]) * (size - k % 7) + bytes(k % 7))

    def test_capacity_is_what_there_is_room_for(self):
        # 24 sectors: 8 of the store, a quarter to go round; one log has 9 in use and one more.
        one = log.open(1, 250, 10000)  # 15 in a sector
        two = log.open(2, 250, 20)
        self.assertEqual((one.capacity, two.capacity), (9 * 15, 0))
        self.assertFalse(two.append(b"x"))
        self.assertEqual(two.read(0, bytearray(250), 0), 0)
        self.fill(one, range(400), 250)
        self.assertEqual(len(rows(one)), 135)

    def test_smaller_for_another(self):
        log.open(1, 250, 10000)
        one = log.open(1, 250, 30)  # gives back what it had
        self.assertEqual((one.capacity, log.open(2, 250, 20).capacity), (30, 20))

    def test_cleared_for_good(self):
        each = log.open(5, 16, 100)
        for turn in range(5):
            self.fill(each, range(9), 16)
            number = each.next
            self.assertTrue(each.clear())
            self.assertEqual(rows(each), [])
            self.assertTrue(each.next >= number)
            self.again()
            each = log.open(5, 16, 100)
            self.assertEqual(rows(each), [])
        before = self.nor.operations
        self.assertTrue(each.clear())  # nothing to do
        self.assertEqual(self.nor.operations, before)

    def test_another_size_is_another_log(self):
        self.fill(log.open(5, 16, 100), range(9), 16)
        self.again()
        each = log.open(5, 24, 100)
        self.assertEqual(rows(each), [])
        self.fill(each, [1, 2], 24)
        self.again()
        self.assertEqual(len(rows(log.open(5, 24, 100))), 2)

    def test_sweep(self):
        self.fill(log.open(5, 512, 35), range(50), 512)
        self.fill(log.open(6, 512, 1), range(1), 512)
        self.again()
        kept = log.open(6, 512, 1)
        log.sweep()
        self.assertEqual(len(rows(kept)), 1)
        self.again()
        self.assertEqual(self.journal.owners.find(b"\x06") >= 0, True)
        for k in range(400):
            self.fill(log.open(8, 512, 10), [k], 512)
            log.sweep()
        self.assertEqual(self.journal.owners.find(b"\x05"), -1)

    def test_decay(self):
        # One bit anywhere in a sector costs one record, or the sector; the others stay.
        each = log.open(5, 100, 90)
        self.fill(each, range(90))
        all_rows = rows(each)
        content = bytes(self.nor.octets)
        sector = self.journal.serials(5)[1][2]
        for at in range(0, SECTOR, 37):
            worse = bytearray(content)
            worse[sector * SECTOR + at] ^= 1 << at % 8
            log.use(Journal(Nor(24, worse)))
            found = rows(log.open(5, 100, 90))
            self.assertEqual(len(found), 90)
            lost = sum(1 for one, other in zip(found, all_rows) if one != other)
            self.assertTrue(lost <= (36 if 16 <= at < 32 else 1), (at, lost))
            for (_, octets), other in zip(found, all_rows):
                self.assertIn(octets, (other[1], b""))

    def test_a_cell_that_does_not_program(self):
        each = log.open(5, 100, 90)
        self.fill(each, range(3))
        sector = self.journal.serials(5)[0][2]
        self.nor.octets[sector * SECTOR + 32 + 3 * 112 + 50] = 0
        self.assertTrue(each.append(b"moved on" * 9))
        self.assertEqual([octets for _, octets in rows(each)][3:], [b"", b"moved on" * 9])

    def test_no_quiet_moment(self):
        each = log.open(5, 512, 50)
        count = 0
        while each.append(b"%d" % count):
            count += 1
        self.assertEqual(count, 14)  # two of the four sectors in stock; two are the store's
        self.assertEqual(len(rows(each)), 14)

    def test_foreign(self):
        log.use(Journal(Nor(24, b"\x00" * 24 * SECTOR)))
        each = log.open(5, 16, 10)
        self.assertEqual((each.capacity, each.append(b"x"), each.clear()), (0, False, True))


if __name__ == "__main__":
    unittest.main()
