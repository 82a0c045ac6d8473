# Register activation, class 6 version 0. IEC 62056-6-2. Which registers run: tariffs.
#
#   1 logical_name         octet-string(6)     dispatch.py
#   2 register_assignment  01 n { 02 02 | 12 class | 09 06 obis }
#   3 mask_list            01 n { 02 02 | 09 name | 01 n { 11 index, 1 = first of attribute 2 } }
#   4 active_mask          09 name of a mask
#   methods 1 add_register, 2 add_mask, 3 delete_mask     one element of 2, one of 3, a name
# A register that is assigned and not in the active mask stands still; one that is not assigned
# to anybody runs. There is always an active mask: energy must be counted somewhere.
from cosem import internal, live, value
from cosem.table import ROWS
from dlms import axdr, shape
from meter.tariffs import rates
from micropython import const

_ASSIGNMENT = const(2)
_MASKS = const(3)
_ACTIVE = const(4)
_ADD_REGISTER = const(1)
_ADD_MASK = const(2)
_DELETE_MASK = const(3)
_NAME_TAG = const(9)
_KIND = const(10)  # of a row, value.py
_FIRST = const(12)
_LIVE = const(1)
_ARRAY = const(1)
_INDEX_TAG = const(17)
_ELEMENTS_MAX = const(32)  # registers, and masks
_SUCCESS = const(0)
_READ_WRITE_DENIED = const(3)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)

_REGISTER = b"\x02\x02\x12\x09\x06\x06"
_MASK = b"\x02\x02\x09\x01\x20\x01\x11"
_NAME = b"\x09\x01\x20"
_SHAPES = {_ASSIGNMENT: b"\x01" + _REGISTER, _MASKS: b"\x01" + _MASK, _ACTIVE: _NAME}
_PARAMETERS = {_ADD_REGISTER: _REGISTER, _ADD_MASK: _MASK, _DELETE_MASK: _NAME}


class RegisterActivation:
    """Tells the assigned registers whether they run, whenever something of it changes."""

    def __init__(self, row: int):
        self._row = row
        self._assigned = []  # rows

    def begin(self) -> None:
        self.row_changed()

    def row_changed(self) -> None:
        """Tell every assigned register; who is no longer assigned runs."""
        before = self._assigned
        keys, masks, active = _content(self._row)
        self._assigned = [internal.find(key[0], key[1]) for key in keys]
        for row in before:
            if row not in self._assigned:
                _run(row, True)
        indices = _indices(masks, active)
        for k in range(len(keys)):
            _run(self._assigned[k], k + 1 in indices)


def _run(row: int, on: bool) -> None:
    instance = live.made.get(row)
    if instance is not None:
        instance.run(on)
    elif row >= 0 and rates.has(_slot(row)):
        rates.run(_slot(row), on)


def _slot(row: int) -> int:
    """Slot of a live register, -1 for another object."""
    at = row * 16
    return ROWS[at + _FIRST] << 8 | ROWS[at + _FIRST + 1] if ROWS[at + _KIND] == _LIVE else -1


def _can_run(key) -> bool:
    # An energy by rate, a demand or a maximum.
    row = internal.find(key[0], key[1])
    if row < 0:
        return False
    return hasattr(live.made[row], "run") if row in live.made else rates.has(_slot(row))


# --- the three attributes, as lists: (class, obis); (name, indices); name ------------------------


def _content(row: int) -> list:
    return [_PARSE[k](value.octets(row, k)) for k in range(_ASSIGNMENT, _ACTIVE + 1)]


def _each(content, one) -> list:
    """What one(content, pos, end) makes of each element of an array."""
    pos = axdr.skip_length(content, 1)
    found = []
    while pos < len(content):
        end = axdr.skip(content, pos, len(content))
        found.append(one(content, pos, end))
        pos = end
    return found


def _register(content, pos: int, end: int) -> tuple:
    return axdr.get_u16(content, pos + 3), bytes(content[end - 6 : end])


def _mask(content, pos: int, end: int) -> tuple:
    pos += 2  # behind 02 02
    behind = axdr.skip(content, pos, end)
    first = axdr.skip_length(content, behind + 1)
    return _name(content, pos, behind), bytes([content[k] for k in range(first + 1, end, 2)])


def _name(content, pos: int, end: int) -> bytes:
    return bytes(content[axdr.body(content, pos, end, _NAME_TAG) : end])


_PARSE = {
    _ASSIGNMENT: lambda content: _each(content, _register),
    _MASKS: lambda content: _each(content, _mask),
    _ACTIVE: lambda content: _name(content, 0, len(content)),
}


def _array(elements: list) -> bytes:
    return bytes((_ARRAY, len(elements))) + b"".join(elements)


def _encoded(number: int, content) -> bytes:
    if number == _ACTIVE:
        return bytes((_NAME_TAG, len(content))) + content
    if number == _ASSIGNMENT:
        return _array([b"\x02\x02\x12" + bytes((key[0] >> 8, key[0] & 0xFF, 9, 6)) + key[1]
                       for key in content])  # fmt: skip
    return _array([b"\x02\x02" + _encoded(_ACTIVE, mask[0])
                   + _array([bytes((_INDEX_TAG, index)) for index in mask[1]])
                   for mask in content])  # fmt: skip


def _indices(masks: list, name: bytes) -> bytes:
    for mask in masks:
        if mask[0] == name:
            return mask[1]
    return b""


def _fit(keys: list, masks: list, active: bytes) -> bool:
    """Do the three fit together, and is everything assigned something that can run?"""
    if len(keys) > _ELEMENTS_MAX or len(masks) > _ELEMENTS_MAX:
        return False
    names = [mask[0] for mask in masks]
    if _twice(keys) or _twice(names):
        return False
    for key in keys:
        if not _can_run(key):
            return False
    for mask in masks:
        if mask[1] and not 1 <= min(mask[1]) <= max(mask[1]) <= len(keys):
            return False
    return active in names


def _twice(what: list) -> bool:
    for k in range(len(what)):
        if what[k] in what[:k]:
            return True
    return False


# --- access --------------------------------------------------------------------------------------


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attributes 2 to 4."""
    return value.get(q, out, pos)


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2 to 4 to the Data at buf[pos:end]."""
    if q.attribute not in _SHAPES:
        return _READ_WRITE_DENIED
    if shape.end(_SHAPES[q.attribute], buf, pos, end) != end:
        return _TYPE_UNMATCHED
    content = _content(q.row)
    content[q.attribute - _ASSIGNMENT] = _PARSE[q.attribute](bytes(buf[pos:end]))
    return _store(q.row, q.attribute, content, q.dry)


def _store(row: int, number: int, content: list, dry: bool) -> int:
    if not _fit(*content):
        return _OTHER_REASON
    made = _encoded(number, content[number - _ASSIGNMENT])
    return _SUCCESS if dry else value.store(row, number, made)


def act(q, buf, pos: int, end: int) -> int:
    """Methods 1 to 3 with the parameter at buf[pos:end]."""
    method = q.attribute
    if method not in _PARAMETERS:
        return _READ_WRITE_DENIED
    if pos == end or shape.end(_PARAMETERS[method], buf, pos, end) != end:
        return _TYPE_UNMATCHED
    content = _content(q.row)
    if method == _ADD_REGISTER:
        content[0].append(_register(buf, pos, end))
        return _store(q.row, _ASSIGNMENT, content, False)
    mask = _mask(buf, pos, end) if method == _ADD_MASK else (_name(buf, pos, end), None)
    others = [known for known in content[1] if known[0] != mask[0]]
    if method == _ADD_MASK:
        others.append(mask)
    elif len(others) == len(content[1]):
        return _OTHER_REASON  # there is none of this name
    content[1] = others
    return _store(q.row, _MASKS, content, False)
