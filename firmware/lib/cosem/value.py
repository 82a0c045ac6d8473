# The value behind a row: a constant of the pool, a live value of the meter, or attributes that
# may be set.
#
# Row of ROWS, 16 octets:
#    0 class u16 | 2 obis 6 | 8 version u8 | 9 access profile u8 | 10 kind u8 | 11 scaler-unit u8
#    kind 0  made by the class file   12 argument u16
#    kind 1  live value               12 slot u16          14 - | 15 tag of its Data
#    kind 2  constant                 12 offset in POOL    14 length u16; a whole Data, encoded
#    kind 3  attributes               12 first entry in ATTRIBUTES u16
#                                     14 argument u8 | 15 number of entries, from attribute 2 on
# Entry of ATTRIBUTES, 8 octets:
#    0 offset in POOL u16 | 2 length u16, 0 = made by the class file | 4 key u16
#    6 longest u16: octets a string that keeps the type of its default may have, 0 = fixed size
# The constant is the default; what was set lies in meter.settings under the key, which comes from
# device, class, OBIS code and attribute, so it stays when objects are added.
from micropython import const

from cosem import live
from cosem.table import ATTRIBUTES, POOL, ROWS
from dlms import axdr
from dlms.fcs import move
from meter import registers, settings

_KIND = const(10)
_FIRST = const(12)
_SECOND = const(14)
_TAG = const(15)
_LIVE = const(1)
_CONSTANT = const(2)
_ATTRIBUTES = const(3)
_PIECE_MAX = const(256)  # what the service layer makes room for
_HEAD_MAX = const(4)  # tag and length of a string
_ENTRY = const(8)
_LENGTH = const(2)  # of an entry ...
_KEY = const(4)
_LONGEST_AT = const(6)
_SUCCESS = const(0)
_TEMPORARY_FAILURE = const(2)
_READ_WRITE_DENIED = const(3)
_TYPE_UNMATCHED = const(12)

def _slots() -> int:
    # One more than the highest slot that a row shows.
    highest = 0
    for at in range(0, len(ROWS), 16):
        if ROWS[at + _KIND] == _LIVE:
            highest = max(highest, ROWS[at + _FIRST] << 8 | ROWS[at + _FIRST + 1])
    return highest + 1


registers.room(_slots())
shown = {}  # row of a constant -> the Data that stands in its place since the start


def _u16(at: int) -> int:
    return ROWS[at] << 8 | ROWS[at + 1]


def _u16_of(table, at: int) -> int:
    return table[at] << 8 | table[at + 1]


def argument(row: int) -> int:
    """Argument of a row of kind 0 or 3."""
    at = row * 16
    if ROWS[at + _KIND] == _ATTRIBUTES:
        return ROWS[at + _SECOND]
    return _u16(at + _FIRST)


def _entry(row: int, attribute: int) -> int:
    """Position of the entry in ATTRIBUTES; -1 when the class file makes the attribute."""
    at = row * 16
    if ROWS[at + _KIND] != _ATTRIBUTES or not 2 <= attribute <= ROWS[at + _TAG] + 1:
        return -1
    at = (_u16(at + _FIRST) + attribute - 2) * _ENTRY
    return at if _u16_of(ATTRIBUTES, at + _LENGTH) else -1


def octets(row: int, attribute: int) -> bytes:
    """The whole Data of an attribute of kind 3: what was set last, else its default."""
    at = _entry(row, attribute)
    changed = settings.get(_u16_of(ATTRIBUTES, at + _KEY))
    if changed is not None:
        return changed
    first = _u16_of(ATTRIBUTES, at)
    return POOL[first : first + _u16_of(ATTRIBUTES, at + _LENGTH)]


def kept(row: int, attribute: int):
    """The whole Data that was set last, None while an attribute of kind 3 has its default."""
    return settings.get(_u16_of(ATTRIBUTES, _entry(row, attribute) + _KEY))


def has(row: int, attribute: int) -> bool:
    """Is this attribute in the table, or does the class file make it?"""
    return _entry(row, attribute) >= 0


def get(q, out, pos: int) -> int:
    """Write piece q.piece of the row's value, of kind 3 of attribute q.attribute."""
    at = q.row * 16
    kind = ROWS[at + _KIND]
    if kind == _LIVE:
        tag = ROWS[at + _TAG]
        out[pos] = tag
        return registers.copy(_u16(at + _FIRST), axdr.size_of(tag), out, pos + 1)
    if kind == _ATTRIBUTES:
        return _attribute(q, _entry(q.row, q.attribute), out, pos)
    if q.row in shown:
        return cut(q, shown[q.row], 0, len(shown[q.row]), out, pos)
    first = _u16(at + _FIRST)
    return cut(q, POOL, first, first + _u16(at + _SECOND), out, pos)


def _attribute(q, entry: int, out, pos: int) -> int:
    if q.piece == 0:  # what is set meanwhile does not mix with what is being sent
        q.octets = settings.get(_u16_of(ATTRIBUTES, entry + _KEY))
    if q.octets is not None:
        return cut(q, q.octets, 0, len(q.octets), out, pos)
    first = _u16_of(ATTRIBUTES, entry)
    return cut(q, POOL, first, first + _u16_of(ATTRIBUTES, entry + _LENGTH), out, pos)


def constant(row: int) -> bytes:
    """The whole Data of a row of kind 2, as it is shown."""
    first = _u16(row * 16 + _FIRST)
    return shown.get(row) or POOL[first : first + size(row)]


def size(row: int) -> int:
    """Octets of the constant of a row."""
    return _u16(row * 16 + _SECOND)


def part(row: int, start: int, n: int, out, pos: int) -> int:
    """Write n octets of the constant of a row, from start on."""
    move(out, pos, POOL, _u16(row * 16 + _FIRST) + start, n)
    return pos + n


def cut(q, source, start: int, end: int, out, pos: int) -> int:
    """Write piece q.piece of the octets source[start:end]."""
    # Cut regardless of what the octets mean: the client sees them only joined together.
    start += q.piece * _PIECE_MAX
    n = end - start
    if n > _PIECE_MAX:
        n = _PIECE_MAX
        q.more = True
    move(out, pos, source, start, n)
    return pos + n


def set(q, buf, pos: int, end: int) -> int:
    """Take the Data at buf[pos:end] for an attribute that keeps the type of its default."""
    at = _entry(q.row, q.attribute)
    if at < 0:
        return _READ_WRITE_DENIED
    tag = POOL[_u16_of(ATTRIBUTES, at)]
    start = axdr.body(buf, pos, end, tag)
    longest = _u16_of(ATTRIBUTES, at + _LONGEST_AT)
    if start < 0 or longest and end - start > longest:
        return _TYPE_UNMATCHED
    if q.dry:
        return _SUCCESS
    return store(q.row, q.attribute, _encoded(buf, start, end - start, tag, longest))


def keep(q, buf, pos: int, end: int) -> int:
    """Take buf[pos:end], which the class file has found good, for attribute q.attribute."""
    return _SUCCESS if q.dry else store(q.row, q.attribute, bytes(buf[pos:end]))


def store(row: int, attribute: int, content: bytes) -> int:
    """Make content, a whole Data, the attribute's value; it is safe when this returns 0."""
    at = _entry(row, attribute)
    if at < 0:
        return _READ_WRITE_DENIED
    if not settings.put(_u16_of(ATTRIBUTES, at + _KEY), content):
        return _TEMPORARY_FAILURE
    live.changed(row)
    return _SUCCESS


def _encoded(buf, start: int, n: int, tag: int, longest: int) -> bytes:
    # Written anew: the length may have come in more octets than it needs.
    made = bytearray(_HEAD_MAX + n)
    if longest:
        return bytes(made[: axdr.put_string(made, 0, tag, buf, start, n)])
    return bytes(made[: axdr.put_fixed(made, 0, tag, buf, start)])
