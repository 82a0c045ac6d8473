# Search in the object table: the viper functions against plain twins and against known rows.
import unittest

from cosem import associations
from cosem.find import find, find_obis
from cosem.table import ROWS
from twins import find as twin


def _table(keys):
    """Rows of 16 octets with these 8-octet keys, sorted."""
    return b"".join([key + b"\xee" * 8 for key in sorted(keys)])


def _noise(n, seed):
    """n keys whose octets are mostly 0, 1 and 255, so that many share long beginnings."""
    keys = set()
    while len(keys) < n:
        key = bytearray(8)
        for i in range(8):
            seed = (seed * 1103515245 + 12345) & 0x3FFFFFFF
            key[i] = (0, 0, 0, 1, 1, 255, 128, 127)[seed >> 20 & 7]
        keys.add(bytes(key))
    return keys


class TestFind(unittest.TestCase):
    def test_every_row_of_the_meter(self):
        # Rows are sorted within a logical device.
        self.assertTrue(len(ROWS) // 16 > 40)
        for who in range(associations.count()):
            first, last = associations.first_row(who), associations.last_row(who)
            for row in range(first, last):
                wanted = b"??" + ROWS[row * 16 : row * 16 + 8]
                self.assertEqual(find(ROWS, first, last, wanted, 2), row)

    def test_against_the_twin(self):
        for n in (0, 1, 2, 3, 7, 8, 9, 100):
            rows = _table(_noise(n, n + 1))
            for key in sorted(_noise(100, n + 1)) + sorted(_noise(50, n + 99)):
                buf = b"?" + key
                self.assertEqual(find(rows, 0, n, buf, 1), twin.find(rows, 0, n, buf, 1))
                self.assertEqual(find_obis(rows, 0, n, buf, 3), twin.find_obis(rows, 0, n, buf, 3))

    def test_limits_are_kept(self):
        keys = sorted(_noise(20, 5))
        rows = _table(keys)
        for first, last in ((0, 20), (5, 20), (0, 5), (7, 8), (9, 9)):
            for row in range(20):
                want = row if first <= row < last else -1
                self.assertEqual(find(rows, first, last, keys[row], 0), want)
                self.assertEqual(
                    find_obis(rows, first, last, keys[row], 2),
                    twin.find_obis(rows, first, last, keys[row], 2),
                )

    def test_neighbours_of_a_key(self):
        # One bit changed anywhere in the key is another object.
        row = 12
        key = bytearray(ROWS[row * 16 : row * 16 + 8])
        n = len(ROWS) // 16
        for bit in range(64):
            key[bit >> 3] ^= 1 << (bit & 7)
            self.assertEqual(find(ROWS, 0, n, key, 0), twin.find(ROWS, 0, n, key, 0))
            key[bit >> 3] ^= 1 << (bit & 7)
        self.assertEqual(find(ROWS, 0, n, key, 0), row)


if __name__ == "__main__":
    unittest.main()
