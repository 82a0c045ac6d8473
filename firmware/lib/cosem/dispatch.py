# From a request to the file of its interface class: the only place that lists the classes.
#
# Cosem-Attribute-Descriptor, 9 octets:  class u16 | obis 6 | attribute i8   (IEC 62056-5-3)
from micropython import const

from cosem import association_ln, associations, clock, data, hdlc_setup, optical_setup, register
from cosem import sap
from cosem.find import find, find_obis
from cosem.table import ACCESS, ROWS
from dlms import axdr

_ROW_CLASS_LOW = const(1)
_ROW_OBIS = const(2)
_SUCCESS = const(0)  # data-access-result, IEC 62056-5-3
_READ_WRITE_DENIED = const(3)
_OBJECT_UNDEFINED = const(4)
_CLASS_INCONSISTENT = const(9)
_SCOPE_VIOLATED = const(13)

_GET = {
    1: data.get,
    3: register.get,
    8: clock.get,
    15: association_ln.get,
    17: sap.get,
    19: optical_setup.get,
    23: hdlc_setup.get,
}


def open(q, buf, pos: int) -> int:
    """Resolve the descriptor at buf[pos:pos+9] for q.association and the operation GET.

    Returns a data-access-result; on 0 q.row, q.attribute and q.piece are set."""
    q.result = _resolve(q, buf, pos)
    return q.result


def _resolve(q, buf, pos: int) -> int:
    # Outcomes: 0 readable; 4 no such object for this association, or no such attribute;
    # 9 the object is of another class; 3 the attribute exists and may not be read.
    a = q.association
    row = find(ROWS, associations.first_row(a), associations.last_row(a), buf, pos)
    at = associations.rights(a, row) if row >= 0 else 0
    if row < 0 or not associations.visible(at):
        return _elsewhere(a, buf, pos + 2)
    attribute = buf[pos + 8]
    if attribute == 0 or attribute > ACCESS[at]:
        return _OBJECT_UNDEFINED
    if not associations.readable(at) >> attribute - 1 & 1:
        return _READ_WRITE_DENIED
    q.row = row
    q.attribute = attribute
    q.piece = 0
    return _SUCCESS


def _elsewhere(a: int, buf, pos: int) -> int:
    # Only an object that the association may see betrays that its class was wrong.
    row = associations.first_row(a)
    last = associations.last_row(a)
    while True:
        row = find_obis(ROWS, row, last, buf, pos)
        if row < 0:
            return _OBJECT_UNDEFINED
        if associations.visible(associations.rights(a, row)):
            return _CLASS_INCONSISTENT
        row += 1


def get(q, out, pos: int) -> int:
    """Write piece q.piece of the attribute that open() resolved at out[pos]; at most 256 octets.

    On failure q.result is not 0 and pos comes back unchanged."""
    q.result = _SUCCESS
    q.more = False
    if q.selector:
        q.result = _SCOPE_VIOLATED  # no class of ours has selective access
        return pos
    at = q.row * 16
    if q.attribute == 1:  # logical_name, the same in every class
        return axdr.put_octets(out, pos, ROWS, at + _ROW_OBIS, 6)
    return _GET[ROWS[at + _ROW_CLASS_LOW]](q, out, pos)
