# Selective access to the buffer of a profile: what a client asks for. IEC 62056-6-2, class 7.
#
#   selector 1, range    02 04 | restricting object | from | to | 01 n selected object*n
#   selector 2, entries  02 04 | 06 from entry | 06 to entry | 12 from column | 12 to column
#   object               02 04 | 12 class | 09 06 obis | 0F attribute | 12 element: 18 octets
# Bounds belong to the range; null-data leaves an end open. Entries and columns count from 1, a 0
# at the end means the last one. No selected object: all columns.
from micropython import const

from dlms import axdr, shape
from meter import compare

_RANGE = const(1)
_ENTRIES = const(2)
_OBJECT_SIZE = const(18)
_OBJECT = b"\x02\x04\x12\x09\x06\x06\x0f\x12"
_RANGE_SHAPE = b"\x02\x04" + _OBJECT + b"\xff\xff\x01" + _OBJECT
_ENTRIES_SHAPE = b"\x02\x04\x06\x06\x12\x12"
_TIME_OF_CLOCK = b"\x02\x04\x12\x00\x08\x09\x06"  # class 8, whatever its name ..
_TIME_ATTRIBUTE = b"\x0f\x02\x12\x00\x00"  # .. its attribute 2, the whole of it
_OBJECTS_AT = const(2)  # 01 n in front of the capture objects
_NULL = const(0)
_NOTHING = const(0)  # kinds of compare.py
_MOMENT = const(2)
_SUCCESS = const(0)
_TYPE_UNMATCHED = const(12)
_SCOPE_VIOLATED = const(13)
_OTHER_REASON = const(250)


def is_time(objects, k: int) -> bool:
    """Is capture object k of the Data objects the time of a clock?"""
    at = _OBJECTS_AT + k * _OBJECT_SIZE
    return objects[at : at + 7] == _TIME_OF_CLOCK and objects[at + 13 : at + 18] == _TIME_ATTRIBUTE


def column_of(objects, buf, pos: int) -> int:
    """Index of the capture object that lies at buf[pos:pos + 18], -1 = it is none of them."""
    wanted = bytes(buf[pos : pos + _OBJECT_SIZE])
    for k in range(objects[1]):
        at = _OBJECTS_AT + k * _OBJECT_SIZE
        if objects[at : at + _OBJECT_SIZE] == wanted:
            return k
    return -1


class Selection:
    """What a client wants of a buffer; after parse() has answered 0.

    column: index of the restricting column, -1 = entries
    low, high: the bounds as Data, None = open
    first, last: entries from 1; last 0 = to the end
    wanted: one octet for each column, 1 = it is wanted; None = all
    """

    def __init__(self):
        self.column = -1
        self.low = None
        self.high = None
        self.first = 1
        self.last = 0
        self.wanted = None

    def parse(self, selector: int, buf, pos: int, end: int, objects) -> int:
        """Take the selection at buf[pos:end] for these capture objects; a result."""
        if selector == _RANGE:
            return self._range(buf, pos, end, objects)
        if selector == _ENTRIES:
            return self._entries(buf, pos, end, objects[1])
        return _SCOPE_VIOLATED

    def _range(self, buf, pos: int, end: int, objects) -> int:
        if shape.end(_RANGE_SHAPE, buf, pos, end) != end:
            return _TYPE_UNMATCHED
        pos += 2
        self.column = column_of(objects, buf, pos)
        at = axdr.skip(buf, pos, end)
        behind = axdr.skip(buf, at, end)
        self.low = _bound(buf, at, behind)
        at = behind
        behind = axdr.skip(buf, at, end)
        self.high = _bound(buf, at, behind)
        result = self._columns(buf, behind, end, objects)
        if self.column < 0:
            return _OTHER_REASON
        return result or self._bounds(is_time(objects, self.column))

    def _bounds(self, is_clock: bool) -> int:
        wanted = _MOMENT if is_clock else _NOTHING
        for bound in (self.low, self.high):
            if bound is None:
                continue
            kind = compare.kind(bound, 0, len(bound))
            if kind == _NOTHING or wanted not in (_NOTHING, kind):
                return _TYPE_UNMATCHED
            wanted = kind
            if kind == _MOMENT and not compare.is_moment(bound, compare.moment(bound, 0)):
                return _OTHER_REASON
        return _SUCCESS

    def _columns(self, buf, pos: int, end: int, objects) -> int:
        n = axdr.get_length(buf, pos + 1, end)
        pos = axdr.skip_length(buf, pos + 1)
        wanted = bytearray(objects[1])
        for _ in range(n):
            k = column_of(objects, buf, pos)
            if k < 0:
                return _OTHER_REASON
            wanted[k] = 1
            pos = axdr.skip(buf, pos, end)
        if n:
            self.wanted = wanted
        return _SUCCESS

    def _entries(self, buf, pos: int, end: int, columns: int) -> int:
        if shape.end(_ENTRIES_SHAPE, buf, pos, end) != end:
            return _TYPE_UNMATCHED
        self.first = _u32(buf, pos + 3)
        self.last = _u32(buf, pos + 8)
        first = axdr.get_u16(buf, pos + 13)
        last = min(axdr.get_u16(buf, pos + 16) or columns, columns)
        if self.first == 0 or self.last and self.last < self.first:
            return _OTHER_REASON
        if not 1 <= first <= last:
            return _OTHER_REASON
        if last - first + 1 < columns:
            self.wanted = bytearray(columns)
            for k in range(first - 1, last):
                self.wanted[k] = 1
        return _SUCCESS


def _u32(buf, pos: int) -> int:
    return axdr.get_u16(buf, pos) << 16 | axdr.get_u16(buf, pos + 2)


def _bound(buf, pos: int, end: int):
    return None if buf[pos] == _NULL else bytes(buf[pos:end])
