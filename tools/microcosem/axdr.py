"""A-XDR Data as Python values. IEC 62056-62, encoding rules IEC 61334-6.

null None | array, compact-array list | structure Structure | boolean bool | bit-string Bits | integers int | enum Enum
octet-string bytes | visible and utf8 string str | float float | date-time, date, time bytes
"""

from __future__ import annotations

import struct

from .errors import ProtocolError

_MAX_DEPTH = 16  # nesting; deeper data is an attack or a fault, not a meter's value


class Structure(tuple):
    """A structure; an array is a list."""


class Bits(str):
    """A bit-string as '1' and '0', first bit first."""


class Enum(int):
    """An enumeration, kept apart from the integers."""


# tag: struct format of a value of fixed size, big-endian
_FIXED = {
    0x05: ">i",
    0x06: ">I",
    0x0D: ">B",
    0x0F: ">b",
    0x10: ">h",
    0x11: ">B",
    0x12: ">H",
    0x14: ">q",
    0x15: ">Q",
    0x17: ">f",
    0x18: ">d",
}
_RAW = {0x19: 12, 0x1A: 5, 0x1B: 4}  # date-time, date, time: no length on the wire


class Cursor:
    """Octets and a position; every read is checked against the end."""

    def __init__(self, data: bytes):
        self.data = data
        self.pos = 0

    def take(self, count: int) -> bytes:
        piece = self.data[self.pos : self.pos + count]
        if len(piece) != count:
            raise ProtocolError("an answer of the meter ends before it should")
        self.pos += count
        return piece

    def u8(self) -> int:
        return self.take(1)[0]

    def unsigned(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def length(self) -> int:
        """One octet up to 127, else 8n and n octets."""
        first = self.u8()
        if first < 0x80:
            return first
        if not 0x81 <= first <= 0x84:
            raise ProtocolError("an answer of the meter has a length that is not allowed")
        return self.unsigned(first & 0x7F)

    def rest(self) -> bytes:
        return self.take(len(self.data) - self.pos)


def decode(data: bytes):
    """The one value in data; more or fewer octets are an error."""
    cursor = Cursor(data)
    value = read(cursor)
    if cursor.pos != len(data):
        raise ProtocolError("octets are left over behind a value")
    return value


def read(cursor: Cursor, depth: int = 0):
    """The value at the cursor."""
    tag = cursor.u8()
    if tag in (0x01, 0x02):
        return _constructed(cursor, tag, depth)
    if tag in _FIXED:
        layout = _FIXED[tag]
        return struct.unpack(layout, cursor.take(struct.calcsize(layout)))[0]
    if tag in _RAW:
        return cursor.take(_RAW[tag])
    return _compact_array(cursor) if tag == 0x13 else _simple(cursor, tag)


def _constructed(cursor: Cursor, tag: int, depth: int):
    if depth >= _MAX_DEPTH:
        raise ProtocolError("a value of the meter is nested too deeply")
    items = [read(cursor, depth + 1) for _ in range(cursor.length())]
    return items if tag == 0x01 else Structure(items)


def _simple(cursor: Cursor, tag: int):
    if tag in (0x00, 0xFF):
        return None
    if tag == 0x03:
        return cursor.u8() != 0
    if tag == 0x04:
        return _bits(cursor)
    if tag == 0x09:
        return cursor.take(cursor.length())
    if tag in (0x0A, 0x0C):
        return cursor.take(cursor.length()).decode(
            "utf-8" if tag == 0x0C else "latin-1", "replace"
        )
    if tag == 0x16:
        return Enum(cursor.u8())
    raise ProtocolError(
        f"a value of the meter has the data type {tag}, which this reader cannot decode"
    )


def _compact_array(cursor: Cursor) -> list:
    """13, type description, length of the contents in octets, the contents without any tags."""
    description = _description(cursor, 0)
    contents = Cursor(cursor.take(cursor.length()))
    items = []
    while contents.pos < len(contents.data):
        start = contents.pos
        items.append(_described(contents, description))
        if contents.pos == start:
            raise ProtocolError("a compact array of the meter has elements without octets")
    return items


def _description(cursor: Cursor, depth: int):
    """A tag; (1, count, element) for an array; (2, elements) for a structure."""
    if depth >= _MAX_DEPTH:
        raise ProtocolError("a value of the meter is nested too deeply")
    tag = cursor.u8()
    if tag == 0x01:
        return tag, cursor.unsigned(2), _description(cursor, depth + 1)
    if tag == 0x02:
        return tag, [_description(cursor, depth + 1) for _ in range(cursor.length())]
    return tag


def _described(cursor: Cursor, description):
    """One element as its description says; simple values are read as if their tag stood there."""
    if isinstance(description, tuple):
        if description[0] == 0x02:
            return Structure(_described(cursor, item) for item in description[1])
        return [_described(cursor, description[2]) for _ in range(description[1])]
    tagged = Cursor(bytes((description,)) + cursor.data[cursor.pos :])
    value = read(tagged)
    cursor.pos += tagged.pos - 1
    return value


def _bits(cursor: Cursor) -> Bits:
    count = cursor.length()
    octets = cursor.take((count + 7) // 8)
    return Bits("".join(f"{octet:08b}" for octet in octets)[:count])
