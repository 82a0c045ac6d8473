# Data, class 1 version 0. IEC 62056-6-2.
#
#   1 logical_name  octet-string(6)     dispatch.py
#   2 value         any type, one per instance for ever
#
# A value that is a structure or an array, or has a range, has a shape (dlms/shape.py) in the table
# behind it, where a third attribute would be.
from cosem import value
from dlms import shape
from micropython import const

_SHAPE_AT = const(3)
_OUT_OF_RANGE = const(-2)
_LONGEST_DATA = const(1024)  # octets, so that any answer can carry it
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attribute 2, the only one left to this class."""
    return value.get(q, out, pos)


def set(q, buf, pos: int, end: int) -> int:
    """Set attribute 2 to the Data at buf[pos:end]."""
    if not value.has(q.row, _SHAPE_AT):
        return value.set(q, buf, pos, end)
    behind = shape.end(value.octets(q.row, _SHAPE_AT), buf, pos, end)
    if behind == _OUT_OF_RANGE or end - pos > _LONGEST_DATA:
        return _OTHER_REASON
    return value.keep(q, buf, pos, end) if behind == end else _TYPE_UNMATCHED
