# The value behind a row: a constant of the pool, a live value of the meter, or a setting.
#
# Row of ROWS, 16 octets:
#    0 class u16 | 2 obis 6 | 8 version u8 | 9 access profile u8 | 10 kind u8 | 11 scaler-unit u8
#    kind 0  made by the class file   12 argument u16
#    kind 1  live value               12 slot u16          14 - | 15 tag of its Data
#    kind 2  constant                 12 offset in POOL    14 length u16; a whole Data, encoded
#    kind 3  setting                  11 key u8; 12 and 14 as of a constant, its default
# LONGEST, two octets for each key: the octets a string may have, 0 for a type of fixed size.
from micropython import const

from cosem.table import LONGEST, POOL, ROWS
from dlms import axdr
from dlms.fcs import move
from meter import registers, settings

_KIND = const(10)
_KEY = const(11)
_FIRST = const(12)
_SECOND = const(14)
_TAG = const(15)
_LIVE = const(1)
_CONSTANT = const(2)
_SETTING = const(3)
_PIECE_MAX = const(256)  # what the service layer makes room for
_HEAD_MAX = const(4)  # tag and length of a string
_SUCCESS = const(0)
_READ_WRITE_DENIED = const(3)
_TYPE_UNMATCHED = const(12)


def _u16(at: int) -> int:
    return ROWS[at] << 8 | ROWS[at + 1]


def argument(row: int) -> int:
    """Argument of a row of kind 0."""
    return _u16(row * 16 + _FIRST)


def get(q, out, pos: int) -> int:
    """Write piece q.piece of the row's value."""
    at = q.row * 16
    kind = ROWS[at + _KIND]
    if kind == _LIVE:
        tag = ROWS[at + _TAG]
        out[pos] = tag
        return registers.copy(_u16(at + _FIRST), axdr.size_of(tag), out, pos + 1)
    if kind == _SETTING:
        if q.piece == 0:  # what is set meanwhile does not mix with what is being sent
            q.octets = settings.get(ROWS[at + _KEY])
        if q.octets is not None:
            return cut(q, q.octets, 0, len(q.octets), out, pos)
    first = _u16(at + _FIRST)
    return cut(q, POOL, first, first + _u16(at + _SECOND), out, pos)


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
    """Take the Data at buf[pos:end] for a setting; it keeps the type of its default."""
    at = q.row * 16
    if ROWS[at + _KIND] != _SETTING:
        return _READ_WRITE_DENIED
    tag = POOL[_u16(at + _FIRST)]
    start = axdr.body(buf, pos, end, tag)
    if start < 0:
        return _TYPE_UNMATCHED
    key = ROWS[at + _KEY]
    longest = LONGEST[2 * key] << 8 | LONGEST[2 * key + 1]
    if longest and end - start > longest:
        return _TYPE_UNMATCHED
    if not q.dry:
        settings.put(key, _encoded(buf, start, end - start, tag, longest))
    return _SUCCESS


def _encoded(buf, start: int, n: int, tag: int, longest: int) -> bytes:
    # Written anew: the length may have come in more octets than it needs.
    made = bytearray(_HEAD_MAX + n)
    if longest:
        return bytes(made[: axdr.put_string(made, 0, tag, buf, start, n)])
    return bytes(made[: axdr.put_fixed(made, 0, tag, buf, start)])
