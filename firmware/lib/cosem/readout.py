# Data readout: values as the lines of IEC 62056-21, one text a line. Integers only.
#
#   1.8.0(0000123.456*kWh)     id C.D.E of the OBIS code, value, unit; the unit may be missing
#
# A number has as many digits as the largest value of its type, so a column never shifts; beyond
# that it rolls over. A negative one has its sign in front. READOUT of the table, for each line:
#   0 octets of the record u8 | 1 form u8 | 2 slot u8 | 3 digits u8 | 4 decimals i8
#   5 octets of the head u8 | 6 head, up to the value | tail, behind it
# Forms: 0 text of a constant, whose row u16 lies at 2; 1 number; 2 time hhmmss; 3 date YYMMDD,
# both local.
from micropython import const

from cosem import clock, value
from cosem.table import READOUT
from dlms.fcs import move
from meter import registers

_FORM = const(1)
_SLOT = const(2)
_DIGITS = const(3)
_DECIMALS = const(4)
_HEAD_SIZE = const(5)
_FIXED_SIZE = const(6)  # octets in front of the head
_NUMBER = const(1)
_TIME = const(2)
_DATE = const(3)
_YEAR = const(0)  # of the ten fields of a date-time
_HOUR = const(4)
_TEXT_HEAD = const(2)  # tag and length of a short string
_TEXT_MAX = const(32)  # characters of a value
_NOT_IN_A_VALUE = b"()/!*"
_INSTEAD = const(0x3F)  # "?"


def end() -> int:
    """Place behind the last line; 0 when there is no readout."""
    return len(READOUT)


def after(at: int) -> int:
    """Place of the line behind the one at a place; the first one is at 0."""
    return at + READOUT[at]


def line(at: int, out, pos: int) -> int:
    """Write the line at a place to out[pos:], without its end; at most 78 characters."""
    head = READOUT[at + _HEAD_SIZE]
    move(out, pos, READOUT, at + _FIXED_SIZE, head)
    pos = _value(at, out, pos + head)
    tail = READOUT[at] - _FIXED_SIZE - head
    move(out, pos, READOUT, at + _FIXED_SIZE + head, tail)
    return pos + tail


def _value(at: int, out, pos: int) -> int:
    form = READOUT[at + _FORM]
    if form == _NUMBER:
        decimals = (READOUT[at + _DECIMALS] ^ 0x80) - 0x80
        number = registers.value(READOUT[at + _SLOT])
        return put_number(out, pos, number, READOUT[at + _DIGITS], decimals)
    if form == _TIME:
        return _three(out, pos, clock.now(), _HOUR)
    if form == _DATE:
        return _three(out, pos, clock.now(), _YEAR)
    return _text(READOUT[at + _SLOT] << 8 | READOUT[at + _DIGITS], out, pos)


def _text(row: int, out, pos: int) -> int:
    # An identifier may have come with an image: what would break the line is left out.
    content = value.constant(row)
    for k in range(_TEXT_HEAD, min(len(content), _TEXT_HEAD + _TEXT_MAX)):
        octet = content[k]
        out[pos] = octet if 0x20 <= octet < 0x7F and octet not in _NOT_IN_A_VALUE else _INSTEAD
        pos += 1
    return pos


def _three(out, pos: int, fields, k: int) -> int:
    # hhmmss, or the last two digits of the year, month and day.
    for field in range(k, k + 3):
        put_number(out, pos, fields[field], 2, 0)
        pos += 2
    return pos


def put_number(out, pos: int, number: int, digits: int, decimals: int) -> int:
    """Write number * 10**-decimals with so many digits; negative decimals append zeros."""
    if number < 0:
        out[pos] = 0x2D  # "-"
        return put_number(out, pos + 1, -number, digits, decimals)
    end = at = pos + digits + (1 if decimals > 0 else 0)
    for k in range(digits):
        if k and k == decimals:
            at -= 1
            out[at] = 0x2E  # "."
        at -= 1
        out[at] = 0x30 + number % 10
        number //= 10
    for k in range(-decimals):
        out[end + k] = 0x30
    return end + max(-decimals, 0)
