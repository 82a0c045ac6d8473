# Access to objects with the meter's own rights: for scripts, captures, monitors. One level of a
# class file calling another goes through here, so class files need not know each other.
from micropython import const

from cosem import associations
from cosem.find import find as find_row
from cosem.request import Request
from cosem.table import ROWS
from meter import registers

_KIND = const(10)
_FIRST = const(12)
_LIVE = const(1)
_VALUE = const(2)
_REGISTER = const(3)
_MANAGEMENT = const(1)  # SAP of the management logical device, whose rows come first
_SIZE_MAX = const(256)  # of a Data read in here: one piece
_SCRATCH = const(280)  # ... and what a piece may stick out
_UNSIGNED_TAGS = b"\x06\x11\x12\x15\x16"
_SIGNED_TAGS = b"\x05\x0f\x10\x14"
_BOOLEAN = const(3)

_get = _set = _act = None  # of dispatch.py, which says so at the start
_idle = []  # Requests between two uses; scripts that call scripts need more than one
_scratch = bytearray(_SCRATCH)


def use(get, set, act) -> None:
    """dispatch.py gives its inner functions; see there."""
    global _get, _set, _act
    _get = get
    _set = set
    _act = act


def find(class_id: int, obis, at: int = 0) -> int:
    """Row of the object with the OBIS code obis[at:at + 6] in logical device 1, -1 = none."""
    key = bytes((class_id >> 8, class_id & 0xFF)) + bytes(obis[at : at + 6])
    return find_row(ROWS, 0, associations.rows_of(_MANAGEMENT), key, 0)


def _request(row: int, number: int) -> Request:
    q = _idle.pop() if _idle else Request(None)
    q.row = row
    q.attribute = number
    q.piece = 0
    q.more = q.returns = q.every = q.dry = False
    q.result = q.selector = 0
    return q


def get(row: int, attribute: int, out, pos: int) -> int:
    """Write the whole Data of an attribute at out[pos]; the position behind it.

    -1 when it fails or is longer than 256 octets; out has room for 280."""
    assert _get is not None
    q = _request(row, attribute)
    end = _get(q, out, pos)
    good = not (q.result or q.more) and end - pos <= _SIZE_MAX
    _idle.append(q)
    return end if good else -1


def set(row: int, attribute: int, buf, pos: int, end: int) -> int:
    """Set an attribute to the Data at buf[pos:end]; a data-access-result."""
    assert _set is not None
    q = _request(row, attribute)
    result = _set(q, buf, pos, end)
    _idle.append(q)
    return result


def act(row: int, method: int, buf, pos: int, end: int) -> int:
    """Call a method with the Data at buf[pos:end], pos = end for none; an action-result."""
    assert _act is not None
    q = _request(row, method)
    q.buf = buf
    q.pos = pos
    q.end = end
    result = _act(q, buf, pos, end)
    q.buf = None
    _idle.append(q)
    return result


def number(row: int, attribute: int) -> int:
    """The value of an attribute that is an integer, an enum or a boolean; 0 for another."""
    at = row * 16
    if attribute == _VALUE and ROWS[at + 1] == _REGISTER and ROWS[at + _KIND] == _LIVE:
        return registers.value(ROWS[at + _FIRST] << 8 | ROWS[at + _FIRST + 1])
    end = get(row, attribute, _scratch, 0)
    return integer(_scratch, 0, end) if end > 0 else 0


def integer(buf, pos: int, end: int) -> int:
    """The integer in the Data that fills buf[pos:end]; 0 for another type."""
    tag = buf[pos]
    if tag not in _UNSIGNED_TAGS and tag not in _SIGNED_TAGS and tag != _BOOLEAN:
        return 0
    value = 0
    for k in range(pos + 1, end):
        value = value << 8 | buf[k]
    if tag in _SIGNED_TAGS and buf[pos + 1] & 0x80:
        value -= 1 << 8 * (end - pos - 1)
    return value
