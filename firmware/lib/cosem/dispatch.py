# From a request to the file of its interface class, by the tables of classes.py. A class or a
# number without a function there is kept away by the rights, which the generator checks.
#
# Descriptor of an attribute or a method, 9 octets, IEC 62056-5-3:
#   class u16 | obis 6 | number i8
from micropython import const

from cosem import associations, classes, every, internal, live
from cosem.find import find, find_obis
from cosem.table import ACCESS, ROWS
from dlms import axdr

_ROW_OBIS = const(2)
_LOGICAL_NAME = const(1)
_GET_OPERATION = const(0)
_SET_OPERATION = const(1)
_ACTION_OPERATION = const(2)
_BIT_EVERY_SET = const(0x8000)  # conformance bit 8
_BIT_EVERY_GET = const(0x2000)  # conformance bit 10
_SUCCESS = const(0)  # data-access-result and action-result, IEC 62056-5-3
_READ_WRITE_DENIED = const(3)
_OBJECT_UNDEFINED = const(4)
_CLASS_INCONSISTENT = const(9)
_TYPE_UNMATCHED = const(12)
_SCOPE_VIOLATED = const(13)


def start() -> None:
    """Make the instance of every object that has one, in the order of the rows; once."""
    internal.use(_one, _set_one, _act_one)
    live.clear()
    for row in range(len(ROWS) // 16):
        make = classes.MAKE.get(ROWS[row * 16] << 8 | ROWS[row * 16 + 1])
        if make is not None:
            live.add(row, make(row))
    live.begin()
    for begin in classes.START:
        begin()


def open(q, buf, pos: int, operation: int) -> int:
    """Resolve the descriptor at buf[pos:pos+9] for q.association; operation 0 GET, 1 SET,
    2 ACTION. Returns a result; on 0 q.row, q.attribute and q.piece are set."""
    q.result = _resolve(q, buf, pos, operation)
    return q.result


def _resolve(q, buf, pos: int, operation: int) -> int:
    # Outcomes: 0 good; 4 no such object for this association, or no such attribute or method;
    # 9 the object is of another class; 3 it exists and the association has no right.
    a = q.association
    row = find(ROWS, associations.first_row(a), associations.last_row(a), buf, pos)
    at = associations.rights(a, row) if row >= 0 else 0
    if row < 0 or not associations.visible(at):
        return _elsewhere(a, buf, pos + 2)
    number = buf[pos + 8]
    if number == 0 and not _every_offered(q, operation):
        return _OBJECT_UNDEFINED
    if number > ACCESS[at + 1 if operation == _ACTION_OPERATION else at]:
        return _OBJECT_UNDEFINED
    if number and not allowed(at, operation) >> number - 1 & 1:
        return _READ_WRITE_DENIED
    q.row = row
    q.attribute = number
    q.every = number == 0
    q.piece = 0
    return _SUCCESS


def allowed(at: int, operation: int) -> int:
    """Attributes or methods of associations.rights() at `at`, bit k = number k + 1."""
    at += 2 + 2 * operation
    return ACCESS[at] << 8 | ACCESS[at + 1]


def _every_offered(q, operation: int) -> bool:
    # Attribute 0 stands for all; there is no method 0.
    if operation == _GET_OPERATION:
        return q.link.conformance & _BIT_EVERY_GET != 0
    return operation == _SET_OPERATION and q.link.conformance & _BIT_EVERY_SET != 0


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


def _class(q) -> int:
    at = q.row * 16
    return ROWS[at] << 8 | ROWS[at + 1]


def get(q, out, pos: int) -> int:
    """Write piece q.piece of the attribute that open() resolved at out[pos]; at most 256 octets.

    On failure q.result is not 0 and pos comes back unchanged."""
    q.result = _SUCCESS
    q.more = False
    # The Data of the selector is at q.buf[q.pos:q.end].
    if q.selector and q.attribute != associations.SELECTIVE.get(_class(q)):
        q.result = _SCOPE_VIOLATED
        return pos
    pos = every.get(q, _one, out, pos) if q.every else _one(q, out, pos)
    if not q.more:
        q.octets = None  # what the class file held on to
    return pos


def _one(q, out, pos: int) -> int:
    if q.attribute == 1:  # logical_name, the same in every class
        return axdr.put_octets(out, pos, ROWS, q.row * 16 + _ROW_OBIS, 6)
    return classes.GET[_class(q)](q, out, pos)


def set(q, buf, pos: int, end: int) -> int:
    """Set what open() resolved to the Data that fills buf[pos:end]; returns a result.

    A value is checked whole before anything changes. With q.dry it is only checked."""
    if q.selector:
        return _SCOPE_VIOLATED
    if axdr.skip(buf, pos, end) != end:
        return _TYPE_UNMATCHED
    if q.dry or not classes.CHANGED:
        return _set(q, buf, pos, end)
    # Counted before it is done, once it is known to be good: no change goes uncounted.
    q.dry = True
    result = _set(q, buf, pos, end)
    q.dry = False
    return result or _changed(q, False) or _set(q, buf, pos, end)


def _set(q, buf, pos: int, end: int) -> int:
    if q.every:
        return every.set(q, classes.SET.get(_class(q)), buf, pos, end)
    return classes.SET[_class(q)](q, buf, pos, end)


def _changed(q, method: bool) -> int:
    # Of a client: what scripts do is no change of the configuration.
    for note in classes.CHANGED:
        return note(q, method)
    return _SUCCESS


def _set_one(q, buf, pos: int, end: int) -> int:
    # Scripts may name what the class does not serve, or not have.
    one = classes.SET.get(_class(q))
    last = ACCESS[associations.rights(0, q.row)]
    if one is None or not _LOGICAL_NAME < q.attribute <= last:
        return _READ_WRITE_DENIED
    return one(q, buf, pos, end)


def _act_one(q, buf, pos: int, end: int) -> int:
    if not 1 <= q.attribute <= ACCESS[associations.rights(0, q.row) + 1]:
        return _READ_WRITE_DENIED
    return _act(q, buf, pos, end)


def act(q, buf, pos: int, end: int) -> int:
    """Call the method that open() resolved; its parameter fills buf[pos:end], pos = end for none.

    Returns a result; what it returns is left to returned() when q.returns is set."""
    return _act(q, buf, pos, end) or _changed(q, True)


def _act(q, buf, pos: int, end: int) -> int:
    q.returns = False
    q.buf = buf
    q.pos = pos
    q.end = end
    if pos != end and axdr.skip(buf, pos, end) != end:
        return _TYPE_UNMATCHED
    method = classes.ACT.get(_class(q))
    return method(q, buf, pos, end) if method else _READ_WRITE_DENIED


def returned(q, out, pos: int) -> int:
    """Write piece q.piece of the Data that act() returns at out[pos], as get() does."""
    q.result = _SUCCESS
    q.more = False
    return classes.RETURNED[_class(q)](q, out, pos)
