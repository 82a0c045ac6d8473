# Ring logs: the face that profiles and events use.
import unittest

from meter import log


class TestLog(unittest.TestCase):
    def setUp(self):
        self.log = log.open(200, 8, 3)
        self.log.clear()

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
        self.assertEqual((self.log.first, self.log.next), (after, after))
        self.assertTrue(self.log.append(b"y"))
        self.assertEqual(self.read(after), b"y")

    def test_opened_again(self):
        self.log.append(b"kept")
        self.assertEqual(log.open(200, 8, 3).next, self.log.next)


if __name__ == "__main__":
    unittest.main()
