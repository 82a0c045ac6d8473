# Reading allocates nothing: on MicroPython the heap is locked while every attribute of every
# object of the classes that are read again and again is resolved and encoded. CPython has no such
# lock; there the same reads just run. Setups and tables may copy a setting when they are read.
import unittest

import micropython
from cosem import associations, dispatch
from cosem.table import ROWS
from cosem_reading import READER, request, use_still_clock

_LAST_ATTRIBUTE = 9  # of the largest class
_MEASURED = (1, 3, 4, 5, 8, 15, 17, 8192)  # values, time, and what every client reads first
# The current average of a demand register: energy in nWh, more than a small integer of 32 bits.
_WORKED_OUT = (b"\x00\x05", 2)


def _nothing():
    return 0


_lock = getattr(micropython, "heap_lock", _nothing)
_unlock = getattr(micropython, "heap_unlock", _nothing)


def _read(q, codes, out):
    """All pieces of all attributes; the number of octets."""
    total = 0
    for code in codes:
        if dispatch.open(q, code, 0, 0):
            continue
        q.more = True
        while q.more:
            total += dispatch.get(q, out, 3) - 3
            q.piece += 1
    return total


class TestHeap(unittest.TestCase):
    def setUp(self):
        use_still_clock()
        self.codes = []
        for row in range(len(ROWS) // 16):
            if ROWS[row * 16] << 8 | ROWS[row * 16 + 1] not in _MEASURED:
                continue
            code = ROWS[row * 16 : row * 16 + 8]
            for attribute in range(_LAST_ATTRIBUTE + 2):
                if (code[:2], attribute) != _WORKED_OUT:
                    self.codes.append(code + bytes([attribute]))
        self.codes.append(b"\x00\x03\x01\x00\x01\x08\x01\xff\x02")  # no such object
        self.codes.append(b"\x00\x01\x01\x00\x01\x08\x00\xff\x02")  # another class

    def test_every_read(self):
        q = request(READER)
        out = bytearray(260)
        want = _read(q, self.codes, out)
        _lock()
        try:
            got = _read(q, self.codes, out)
        finally:
            _unlock()
        self.assertEqual(got, want)
        self.assertTrue(got > 4000)

    def test_secret(self):
        text = bytearray(b"12345678")
        _lock()
        try:
            right = associations.secret_equal(READER, text, 0, 8)
            text[7] = 0
            wrong = associations.secret_equal(READER, text, 0, 8)
            who = associations.select(32, 1)
        finally:
            _unlock()
        self.assertEqual((right, wrong, who), (True, False, READER))


if __name__ == "__main__":
    unittest.main()
