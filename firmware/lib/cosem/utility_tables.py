# Utility tables, class 26 version 0: one table of ANSI C12.19. IEC 62056-6-2.
#
#   1 logical_name   octet-string(6)     dispatch.py
#   2 table_ID       12 number of the table
#   3 length         06 octets of the buffer, made here
#   4 buffer         09 n contents
#
# Selective access to the buffer: 1 offset_access  02 02 | 06 offset | 12 count, count 0 = to the
# end. Selector 2, by the indices of elements, needs the layout of the table, which a buffer of
# octets has not: it is answered with scope-of-access-violated.
from cosem import plain, value
from dlms import axdr
from micropython import const

_LENGTH_OF_TABLE = const(3)
_TABLE_BUFFER = const(4)
_OFFSET_ACCESS = const(1)
_SELECTION_FORM = b"\x02\x02\x06\x12"
_FORM = b"\x09\x00\xff"
_TAG_U32 = const(6)
_TABLE_MAX = const(512)  # octets
_SCOPE_VIOLATED = const(13)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attributes 2 to 4."""
    if q.attribute == _LENGTH_OF_TABLE:
        size = len(_contents(q.row)).to_bytes(4, "big")
        return axdr.put_fixed(out, pos, _TAG_U32, size, 0)
    if not q.selector:
        return value.get(q, out, pos)
    if q.piece == 0:
        q.result = _select(q)
        if q.result:
            return pos
    return value.cut(q, q.octets, 0, len(q.octets), out, pos)


def _contents(row: int) -> bytes:
    return plain.of(row, _TABLE_BUFFER, _FORM)


def _select(q) -> int:
    # q.octets becomes the part that is asked for, as a Data of its own.
    if q.selector != _OFFSET_ACCESS:
        return _SCOPE_VIOLATED
    asked = plain.get(_SELECTION_FORM, q.buf, q.pos, q.end)
    if asked is None:
        return _TYPE_UNMATCHED
    offset, count = asked
    contents = _contents(q.row)
    if offset > len(contents) or offset + count > len(contents):
        return _OTHER_REASON
    part = contents[offset : offset + count] if count else contents[offset:]
    q.octets = plain.put(_FORM, part)
    return 0


def set(q, buf, pos: int, end: int) -> int:
    """Set the buffer to the Data at buf[pos:end]; the length follows."""
    return plain.take(q, _FORM, lambda what: len(what) <= _TABLE_MAX, buf, pos, end)
