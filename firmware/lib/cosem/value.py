# The value behind a row: a constant of the pool or a live value of the meter.
#
# Row of ROWS, 16 octets:
#    0 class u16 | 2 obis 6 | 8 version u8 | 9 access profile u8 | 10 kind u8 | 11 scaler-unit u8
#    kind 0  made by the class file   12 argument u16
#    kind 1  live value               12 slot u16          14 - | 15 tag of its Data
#    kind 2  constant                 12 offset in POOL    14 length u16; a whole Data, encoded
from micropython import const

from cosem.table import POOL, ROWS
from dlms import axdr
from dlms.fcs import move
from meter import registers

_KIND = const(10)
_FIRST = const(12)
_SECOND = const(14)
_TAG = const(15)
_LIVE = const(1)
_CONSTANT = const(2)
_PIECE_MAX = const(256)  # what the service layer makes room for


def _u16(at: int) -> int:
    return ROWS[at] << 8 | ROWS[at + 1]


def argument(row: int) -> int:
    """Argument of a row of kind 0."""
    return _u16(row * 16 + _FIRST)


def get(q, out, pos: int) -> int:
    """Write piece q.piece of the row's value."""
    at = q.row * 16
    if ROWS[at + _KIND] != _LIVE:
        return _constant(q, at, out, pos)
    tag = ROWS[at + _TAG]
    out[pos] = tag
    return registers.copy(_u16(at + _FIRST), axdr.size_of(tag), out, pos + 1)


def size(row: int) -> int:
    """Octets of the constant of a row."""
    return _u16(row * 16 + _SECOND)


def part(row: int, start: int, n: int, out, pos: int) -> int:
    """Write n octets of the constant of a row, from start on."""
    move(out, pos, POOL, _u16(row * 16 + _FIRST) + start, n)
    return pos + n


def _constant(q, at: int, out, pos: int) -> int:
    # Cut regardless of what the octets mean: the client sees them only joined together.
    start = q.piece * _PIECE_MAX
    n = _u16(at + _SECOND) - start
    if n > _PIECE_MAX:
        n = _PIECE_MAX
        q.more = True
    move(out, pos, POOL, _u16(at + _FIRST) + start, n)
    return pos + n
