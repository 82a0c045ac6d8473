# Association LN, class 15 version 1. IEC 62056-6-2.
#
#   1 logical_name                   octet-string(6)     dispatch.py
#   2 object_list                    01 n element*n, an element a piece
#   3 associated_partners_id         02 02 | 0F client SAP | 12 server SAP
#   4 application_context_name       09 07 60 85 74 05 08 01 context
#   5 xDLMS_context_info             02 06 | 04 18 conformance | 12 max receive | 12 max send
#                                          | 11 06 version | 0F 00 quality of service | 09 00
#   6 authentication_mechanism_name  09 07 60 85 74 05 08 02 mechanism
#   7 secret                         never readable; 09 n, the LLS secret from the next AARQ on
#   8 association_status             16 0 none, 1 pending, 2 associated
#   9 security_setup_reference       09 06 and zeros: there is no security setup
#
#   element = 02 04 | 12 class | 11 version | 09 06 obis | 02 02 | 01 n attribute*n | 01 m method*m
#   attribute = 02 03 | 0F id | 16 mode | selectors     method = 02 02 | 0F id | 16 mode
#   mode 0 none, 1 read or call, 2 write, 3 read and write
#   selectors = 00, or with selective access 01 n (0F selector)*n
from micropython import const

from cosem import associations, plain, value
from cosem.table import ACCESS, ROWS
from dlms import axdr
from dlms.fcs import move
from meter import events

_CURRENT = const(0)  # argument of 0-0:40.0.0.255, otherwise association + 1
_LIST = const(2)
_PARTNERS = const(3)
_CONTEXT_NAME = const(4)
_CONTEXT_INFO = const(5)
_MECHANISM_NAME = const(6)
_SECRET_OF = const(7)
_STATUS = const(8)
_SECRET_FORM = b"\x09\x00\xff"
_SHORTEST = const(8)  # octets of a secret; 0 would open the door
_SECRET_MAX = const(64)
_READ_WRITE_DENIED = const(3)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)
_DLMS_VERSION = const(6)
_ROW_OBIS = const(2)
_ROW_VERSION = const(8)
_ARC_CONTEXT = const(1)
_ARC_MECHANISM = const(2)
_ARCS = b"\x60\x85\x74\x05\x08"  # joint-iso-ccitt 16, country 756, organisation 5, DLMS UA 8
_HEAD = b"\x02\x04\x12\x00\x00\x11\x00\x09\x06\x00\x00\x00\x00\x00\x00\x02\x02"
_ATTRIBUTE = b"\x02\x03\x0f\x00\x16\x00\x00"
_METHOD = b"\x02\x02\x0f\x00\x16\x00"
_SELECTORS = {7: b"\x01\x02\x0f\x01\x0f\x02", 26: b"\x01\x01\x0f\x01"}  # of a class
_NO_OBJECT = b"\x00\x00\x00\x00\x00\x00"


def _which(q) -> int:
    # The alias 0-0:40.0.0.255 means whoever asks.
    n = value.argument(q.row)
    return q.association if n == _CURRENT else n - 1


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attributes 2 to 9; dispatch keeps 7 away."""
    attribute = q.attribute
    a = _which(q)
    if attribute == _LIST:
        return _object_list(q, a, out, pos)
    if attribute == _PARTNERS:
        return _partners(a, out, pos)
    if attribute == _CONTEXT_NAME:
        return _name(out, pos, _ARC_CONTEXT, associations.context(a))
    if attribute == _CONTEXT_INFO:
        return _context_info(a, q.link, out, pos)
    if attribute == _MECHANISM_NAME:
        return _name(out, pos, _ARC_MECHANISM, associations.mechanism(a))
    if attribute == _STATUS:
        live = associations.live_link(a, q.link)
        return axdr.put_enum(out, pos, live.status if live else 0)
    if attribute == _SECRET_OF:  # rights keep clients away; a capture comes without any
        q.result = _READ_WRITE_DENIED
        return pos
    return axdr.put_octets(out, pos, _NO_OBJECT, 0, 6)


def set(q, buf, pos: int, end: int) -> int:
    """Set the secret to the octet-string at buf[pos:end], of 8 to 64 octets."""
    a = _which(q)
    given = plain.get(_SECRET_FORM, buf, pos, end)
    if given is None:
        return _TYPE_UNMATCHED
    row = associations.own_row(a)
    if row < 0 or not associations.has_secret(a) or not _SHORTEST <= len(given) <= _SECRET_MAX:
        return _OTHER_REASON
    if q.dry:
        return 0
    result = value.store(row, _SECRET_OF, plain.put(_SECRET_FORM, given))
    if result == 0:
        events.raise_(events.SECRET_CHANGED)
    return result


def _object_list(q, a: int, out, pos: int) -> int:
    # Piece 0 is the head of the array, piece k the element of the k-th visible object.
    n = associations.visible_count(a)
    q.more = q.piece < n
    if q.piece == 0:
        return axdr.put_array(out, pos, n)
    return _element(a, associations.visible_row(a, q.piece - 1), out, pos)


def _element(a: int, row: int, out, pos: int) -> int:
    # The octets that never change come from templates: a list of 50 objects has 3000 octets,
    # and a call for each of its 800 Data would take longer than the line at 115200 Bd.
    at = row * 16
    move(out, pos, _HEAD, 0, 17)
    move(out, pos + 3, ROWS, at, 2)
    out[pos + 6] = ROWS[at + _ROW_VERSION]
    move(out, pos + 9, ROWS, at + _ROW_OBIS, 6)
    class_id = ROWS[at] << 8 | ROWS[at + 1]
    at = associations.rights(a, row)
    return _methods(at, out, _attributes(at, class_id, out, pos + 17))


def _attributes(at: int, class_id: int, out, pos: int) -> int:
    n = ACCESS[at]
    selective = associations.SELECTIVE.get(class_id)
    readable = associations.readable(at)
    writable = associations.writable(at)
    pos = axdr.put_array(out, pos, n)
    for k in range(n):
        move(out, pos, _ATTRIBUTE, 0, 7)
        out[pos + 3] = k + 1
        out[pos + 5] = readable >> k & 1 | (writable >> k & 1) << 1
        pos += 7
        if k + 1 == selective:
            selectors = _SELECTORS[class_id]
            move(out, pos - 1, selectors, 0, len(selectors))
            pos += len(selectors) - 1
    return pos


def _methods(at: int, out, pos: int) -> int:
    n = ACCESS[at + 1]
    allowed = associations.callable_methods(at)
    pos = axdr.put_array(out, pos, n)
    for k in range(n):
        move(out, pos, _METHOD, 0, 6)
        out[pos + 3] = k + 1
        out[pos + 5] = allowed >> k & 1
        pos += 6
    return pos


def _partners(a: int, out, pos: int) -> int:
    pos = axdr.put_i8(out, axdr.put_structure(out, pos, 2), associations.client(a))
    return axdr.put_u16(out, pos, associations.server(a))


def _name(out, pos: int, arc: int, last: int) -> int:
    # The object identifier without its BER tag and length, as clients compare it.
    out[pos] = 9
    out[pos + 1] = 7
    move(out, pos + 2, _ARCS, 0, 5)
    out[pos + 7] = arc
    out[pos + 8] = last
    return pos + 9


def _context_info(a: int, own, out, pos: int) -> int:
    # A closed association shows what the meter would offer, and sizes 0.
    live = associations.live_link(a, own)
    pos = axdr.put_structure(out, pos, 6)
    out[pos] = 4
    out[pos + 1] = 24
    pos = axdr.store_u24(out, pos + 2, live.conformance if live else associations.conformance(a))
    pos = axdr.put_u16(out, pos, live.max_pdu_rx if live else 0)
    pos = axdr.put_u16(out, pos, live.max_pdu_tx if live else 0)
    pos = axdr.put_i8(out, axdr.put_u8(out, pos, _DLMS_VERSION), 0)
    return axdr.put_octets(out, pos, _NO_OBJECT, 0, 0)
