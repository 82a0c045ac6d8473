# Runs on the board: cosem/find.py against its twin, in the image's own table and in made ones.
import random

from cosem import associations, find
from cosem.table import ROWS
from twins import find as twin

MODULE = "cosem.find"
_STRIDE = 16
_SIZES = (0, 1, 2, 3, 4, 7, 8, 9, 31)


def _key():
    """A key whose octets are mostly alike, so that many share long beginnings."""
    return bytes([random.choice(b"\x00\x00\x00\x01\x01\x7f\x80\xff") for _ in range(8)])


def _table(size):
    """(rows, their keys) of a sorted table."""
    keys = set()
    while len(keys) < size:
        keys.add(_key())
    keys = sorted(keys)
    return b"".join([key + b"\xee" * 8 for key in keys]), keys


def _devices():
    """(first, last) rows of each logical device; only within one of them rows are sorted."""
    spans = {
        (associations.first_row(a), associations.last_row(a))
        for a in range(associations.count())
    }
    return sorted(spans)


def _cases():
    """(rows, first, last, buf, pos): every row, its neighbours, limits, strangers."""
    for first, last in _devices():
        for row in range(first, last):
            key = ROWS[row * _STRIDE : row * _STRIDE + 8]
            yield ROWS, first, last, b"?" * (row % 4) + key, row % 4
        middle = _STRIDE * ((first + last) // 2)
        key = bytearray(ROWS[middle : middle + 8])
        for bit in range(64):
            key[bit >> 3] ^= 1 << (bit & 7)
            yield ROWS, first, last, key, 0
            key[bit >> 3] ^= 1 << (bit & 7)
    for size in _SIZES:
        made, keys = _table(size)
        for key in keys + [_key() for _ in range(20)] + [bytes(8), b"\xff" * 8]:
            first = random.randrange(size + 1)
            yield made, 0, size, key, 0
            yield made, first, random.randrange(first, size + 1), memoryview(b"??" + key)[1:], 1


def _find():
    for rows, first, last, buf, pos in _cases():
        where = first, last, bytes(buf), pos
        yield where, find.find(rows, first, last, buf, pos), twin.find(rows, first, last, buf, pos)


def _find_obis():
    for rows, first, last, buf, pos in _cases():
        pos += 2
        got = find.find_obis(rows, first, last, buf, pos)
        yield (first, last, bytes(buf)), got, twin.find_obis(rows, first, last, buf, pos)


COMPARISONS = {"find": _find, "find_obis": _find_obis}
