# The rows of a sorted profile: the most interesting first, and no more than fit. IEC 62056-6-2,
# class 7, sort methods 3 largest, 4 smallest, 5 nearest to zero, 6 farthest from zero.
#
# A row is the Data of its columns one behind the other. There are few of them, so they are kept
# in RAM, and all of them in one octet-string among the settings:
#
#   09 length | size u16, row | size u16, row | ..
from micropython import const

from dlms import axdr
from meter import compare

_LARGEST = const(3)
_SMALLEST = const(4)
_NEAREST = const(5)
_FARTHEST = const(6)
_NUMBER = const(1)  # kinds of compare.py
_NOTHING = const(0)
_OCTETS = const(9)


def is_better(row, other, index: int, method: int) -> bool:
    """Does row come before other by their columns `index`? Equal ones stay as they came."""
    pos, at = compare.column(row, index), compare.column(other, index)
    same = compare.kind(row, pos, len(row))
    if same == _NOTHING:
        return False
    if same != compare.kind(other, at, len(other)):
        return True  # what cannot be compared is the least interesting
    if same == _NUMBER:
        return _is_better_number(compare.number(row, pos), compare.number(other, at), method)
    # Zero means nothing to a moment or a string: near it is small, far from it large.
    order = compare.order(row, pos, other, at)
    return order < 0 if method in (_SMALLEST, _NEAREST) else order > 0


def _is_better_number(one, other, method: int) -> bool:
    if method in (_NEAREST, _FARTHEST):
        one, other = abs(one), abs(other)
    return one < other if method in (_SMALLEST, _NEAREST) else one > other


def inserted(rows, row: bytes, index: int, method: int, most: int):
    """A new list with the row in its place; rows itself when it would come behind the last."""
    place = len(rows)
    while place and is_better(row, rows[place - 1], index, method):
        place -= 1
    if place >= most:
        return rows
    return rows[:place] + [row] + rows[place : most - 1]


def packed(rows) -> bytes:
    """All rows as one Data."""
    content = b"".join([bytes((len(row) >> 8, len(row) & 0xFF)) + row for row in rows])
    head = bytearray(4)
    head[0] = _OCTETS
    return bytes(head[: axdr.put_length(head, 1, len(content))]) + content


def unpacked(content: bytes):
    """The rows of a Data that packed() made."""
    rows = []
    pos = axdr.skip_length(content, 1)
    while pos < len(content):
        size = axdr.get_u16(content, pos)
        rows.append(content[pos + 2 : pos + 2 + size])
        pos += 2 + size
    return rows
