# Data, class 1 version 0. IEC 62056-6-2.
#
#   1 logical_name  octet-string(6)     dispatch.py
#   2 value         any type, one per instance for ever
from cosem import value


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attribute 2, the only one left to this class."""
    return value.get(q, out, pos)


def set(q, buf, pos: int, end: int) -> int:
    """Set attribute 2 to the Data at buf[pos:end]."""
    return value.set(q, buf, pos, end)
