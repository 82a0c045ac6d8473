# Echo, class 8192 version 0: manufacturer specific, for people who write clients.
#
#   1 logical_name  octet-string(6)     dispatch.py
#   2 value         octet-string, can be set
#   method 1 echo(any Data) returns its parameter, by blocks both ways if need be
from micropython import const

from cosem import value
from dlms import axdr

_SUCCESS = const(0)
_TYPE_UNMATCHED = const(12)


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attribute 2."""
    return value.get(q, out, pos)


def set(q, buf, pos: int, end: int) -> int:
    """Set attribute 2 to the Data at buf[pos:end]."""
    return value.set(q, buf, pos, end)


def act(q, buf, pos: int, end: int) -> int:
    """Method 1: there is one Data, and it comes back."""
    if axdr.skip(buf, pos, end) != end:
        return _TYPE_UNMATCHED
    q.returns = True
    return _SUCCESS


def returned(q, out, pos: int) -> int:
    """Write piece q.piece of what method 1 returns."""
    return value.cut(q, q.buf, q.pos, q.end, out, pos)
