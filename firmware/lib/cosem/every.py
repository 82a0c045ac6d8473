# Attribute 0: all attributes of an object as one structure. IEC 62056-5-3, conformance bits 8, 10.
#
#   GET   02 n Data*n    null-data where the association may not read, or the object cannot
#   SET   02 n Data*n    null-data leaves an attribute as it is
from micropython import const

from cosem import associations
from cosem.table import ACCESS
from dlms import axdr

_NULL = const(0)
_STRUCTURE = const(2)
_READ_WRITE_DENIED = const(3)
_TYPE_UNMATCHED = const(12)


def get(q, one, out, pos: int) -> int:
    """Write the next piece; one(q, out, pos) writes piece q.piece of attribute q.attribute.

    The caller adds 1 to q.piece before it asks again."""
    at = associations.rights(q.association, q.row)
    count = ACCESS[at]
    if q.attribute == 0:
        pos = axdr.put_structure(out, pos, count)
    elif not associations.readable(at) >> q.attribute - 1 & 1:
        pos = axdr.put_null(out, pos)
    else:
        pos = one(q, out, pos)
    if q.result and q.piece == 0:
        q.result = 0
        pos = axdr.put_null(out, pos)
    if not q.more and q.attribute < count:
        q.attribute += 1
        q.piece = -1
        q.more = True
    return pos


def set(q, one, buf, pos: int, end: int) -> int:
    """Set each attribute by one(q, buf, pos, end), after all have been checked; a result."""
    at = associations.rights(q.association, q.row)
    n = ACCESS[at]
    if buf[pos] != _STRUCTURE or axdr.get_length(buf, pos + 1, end) != n:
        return _TYPE_UNMATCHED
    pos = axdr.skip_length(buf, pos + 1)
    dry = q.dry
    q.dry = True
    result = _each(q, one, associations.writable(at), n, buf, pos, end)
    q.dry = dry
    if result == 0 and not dry:
        result = _each(q, one, associations.writable(at), n, buf, pos, end)
    return result


def _each(q, one, writable: int, n: int, buf, pos: int, end: int) -> int:
    for k in range(n):
        behind = axdr.skip(buf, pos, end)
        if buf[pos] != _NULL:
            q.attribute = k + 1
            result = one(q, buf, pos, behind) if writable >> k & 1 else _READ_WRITE_DENIED
            if result:
                return result
        pos = behind
    return 0
