# What a Data must look like, a leaf: the shape of an attribute or a parameter as octets.
#
#   tag             this type of fixed size: 03 boolean, 0F integer, 12 long-unsigned, 16 enum, ..
#   tag lo hi       a string of lo to hi octets, hi FF = any: 09, 0A, 0C; 04 counts bits
#   19, 1A, 1B      date-time, date, time, by their own tag or as octet-string of 12, 5, 4 octets
#   01 shape        array of any number of elements
#   02 n shape*n    structure
#   FE n tag*n      one of these types, whatever is in them
#   FC tag lo hi    an integer of this type from lo to hi, both of its size; the sign bit of a
#                   signed one is turned over in them, so that octets compare as numbers do
#   FF              any Data
# Example, class 9 scripts: 01 02 02  12  01 02 05  16 12 09 06 06 0F FF
from dlms import axdr
from micropython import const

_ARRAY = const(1)
_STRUCTURE = const(2)
_BIT_STRING = const(4)
_OCTETS = const(9)
_VISIBLE = const(10)
_UTF8 = const(12)
_DATE_TIME = const(25)
_TIME_ONLY = const(27)
_RANGE = const(0xFC)
_ONE_OF = const(0xFE)
_ANY_DATA = const(0xFF)
_ANY_SIZE = const(0xFF)
_NO_SHAPE = const(-1)
_OUT_OF_RANGE = const(-2)
_SIGNED_TAGS = b"\x05\x0f\x10\x14"
_MOMENT_SIZES = b"\x0c\x05\x04"  # of date-time, date, time


def end(shape, buf, pos: int, stop: int) -> int:
    """Position behind the Data at buf[pos:stop] when it has the shape; -1 when it has another, -2
    when an integer is out of its range."""
    return _match(shape, 0, buf, pos, stop)


def _match(shape, at: int, buf, pos: int, stop: int) -> int:
    kind = shape[at]
    if pos >= stop:
        return -1
    if kind == _ARRAY or kind == _STRUCTURE:
        return _elements(shape, at, buf, pos, stop)
    if kind == _RANGE:
        return _ranged(shape, at, buf, pos, stop)
    if kind == _ONE_OF:
        given = buf[pos] in shape[at + 2 : at + 2 + shape[at + 1]]
        return axdr.skip(buf, pos, stop) if given else -1
    if kind == _ANY_DATA:
        return axdr.skip(buf, pos, stop)
    if _is_string(kind):
        return _string(kind, shape[at + 1], shape[at + 2], buf, pos, stop)
    if _DATE_TIME <= kind <= _TIME_ONLY and buf[pos] == _OCTETS:
        size = _MOMENT_SIZES[kind - _DATE_TIME]
        return _string(_OCTETS, size, size, buf, pos, stop)
    return axdr.skip(buf, pos, stop) if buf[pos] == kind else -1


def _elements(shape, at: int, buf, pos: int, stop: int) -> int:
    # Recursion goes as deep as the shape, which is ours, not as deep as the Data.
    kind = shape[at]
    n = axdr.get_length(buf, pos + 1, stop)
    if buf[pos] != kind or n < 0 or kind == _STRUCTURE and n != shape[at + 1]:
        return -1
    pos = axdr.skip_length(buf, pos + 1)
    at += kind  # behind 01, or behind 02 n
    for _ in range(n):
        pos = _match(shape, at, buf, pos, stop)
        if pos < 0:
            return pos
        if kind == _STRUCTURE:
            at = behind(shape, at)
    return pos


def _ranged(shape, at: int, buf, pos: int, stop: int) -> int:
    tag = shape[at + 1]
    behind = axdr.skip(buf, pos, stop)
    if buf[pos] != tag or behind < 0:
        return _NO_SHAPE
    number = bytearray(buf[pos + 1 : behind])
    if tag in _SIGNED_TAGS:
        number[0] ^= 0x80
    size = len(number)
    low = shape[at + 2 : at + 2 + size]
    high = shape[at + 2 + size : at + 2 + 2 * size]
    return behind if low <= bytes(number) <= high else _OUT_OF_RANGE


def _string(tag: int, low: int, high: int, buf, pos: int, stop: int) -> int:
    behind = axdr.skip(buf, pos, stop)
    if buf[pos] != tag or behind < 0:
        return -1
    n = axdr.get_length(buf, pos + 1, stop)
    return behind if low <= n and (n <= high or high == _ANY_SIZE) else -1


def _is_string(kind: int) -> bool:
    return kind in (_BIT_STRING, _OCTETS, _VISIBLE, _UTF8)


def behind(shape, at: int) -> int:
    """Place behind the shape at shape[at]."""
    # `owed` counts the shapes still to be passed.
    owed = 1
    while owed:
        kind = shape[at]
        owed -= 1
        if kind == _ARRAY:
            owed += 1
        elif kind == _STRUCTURE:
            at += 1
            owed += shape[at]
        elif kind == _ONE_OF:
            at += 1 + shape[at + 1]
        elif kind == _RANGE:
            at += 1 + 2 * axdr.size_of(shape[at + 1])
        elif _is_string(kind):
            at += 2
        at += 1
    return at
