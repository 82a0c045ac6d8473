# The order of encoded Data: numbers, moments and strings. IEC 62056-6-2, sort methods and range
# descriptors of class 7.
#
# A moment is a date-time, as octet-string of 12 octets or by its own tag. In a bound, octets that
# are not specified (FF, year FFFF, deviation 8000) fit everything: only the others are compared.
# With date, hour, minute and deviation of both given two moments are compared as UTC, otherwise
# as the local times that are written there. The day of week decides only where no date is given.
#
# UTC minutes count from 2000-01-01; years outside the century are cut to its ends.
import struct

from micropython import const

from dlms import axdr
from meter.date import days, month_days

_NOTHING = const(0)  # kinds: null-data, and what has no order
_NUMBER = const(1)
_MOMENT = const(2)
_STRING = const(3)

_BOOLEAN = const(3)  # tags
_OCTETS = const(9)
_VISIBLE = const(10)
_UTF8 = const(12)
_DATE_TIME = const(25)
_SIGNED_TAGS = b"\x05\x0f\x10\x14"
_UNSIGNED_TAGS = b"\x03\x06\x11\x12\x15\x16"
_FLOAT32 = const(23)
_FLOAT64 = const(24)

_MOMENT_SIZE = const(12)
_MONTH_AT = const(2)  # octets of a moment; year u16 in front
_DAY_AT = const(3)
_WEEKDAY_AT = const(4)
_HOUR_AT = const(5)
_MINUTE_AT = const(6)
_SECOND_AT = const(7)
_HUNDREDTHS_AT = const(8)
_DEVIATION_AT = const(9)
_WILD_OCTET = const(0xFF)
_WILD_YEAR = const(0xFFFF)
_NO_DEVIATION = const(-0x8000)
_DEVIATION_MIN = const(-960)  # UTC+14 and two hours of daylight saving
_DEVIATION_MAX = const(840)
_DAY_MIN = const(1440)


def kind(buf, pos: int, end: int) -> int:
    """0 nothing that has an order, 1 number, 2 moment, 3 string, of the Data at buf[pos:end]."""
    tag = buf[pos]
    if tag in _SIGNED_TAGS or tag in _UNSIGNED_TAGS or tag in (_FLOAT32, _FLOAT64):
        return _NUMBER
    if tag == _DATE_TIME:
        return _MOMENT
    if tag == _OCTETS:
        return _MOMENT if axdr.get_length(buf, pos + 1, end) == _MOMENT_SIZE else _STRING
    return _STRING if tag in (_VISIBLE, _UTF8) else _NOTHING


def column(row, index: int, pos: int = 0) -> int:
    """Position of the Data with this index, from 0, among those one behind the other at pos."""
    while index:
        pos = axdr.skip(row, pos, len(row))
        index -= 1
    return pos


def moment(buf, pos: int) -> int:
    """Position of the 12 octets of the moment at buf[pos:]."""
    return pos + 1 if buf[pos] == _DATE_TIME else axdr.skip_length(buf, pos + 1)


def number(buf, pos: int):
    """Value of the number at buf[pos:], an int or a float."""
    tag = buf[pos]
    size = axdr.size_of(tag)
    if tag == _FLOAT32 or tag == _FLOAT64:
        return struct.unpack_from(">f" if tag == _FLOAT32 else ">d", buf, pos + 1)[0]
    value = 0
    for k in range(pos + 1, pos + 1 + size):
        value = value << 8 | buf[k]
    if tag in _SIGNED_TAGS and buf[pos + 1] & 0x80:
        value -= 1 << 8 * size
    return value


def order(buf, pos: int, bound, at: int) -> int:
    """Sign of (Data at buf[pos:] minus Data at bound[at:]), which are of one kind."""
    same = kind(buf, pos, len(buf))
    if same == _NUMBER:
        one, other = number(buf, pos), number(bound, at)
        return (one > other) - (one < other)
    if same == _MOMENT:
        return order_moments(buf, moment(buf, pos), bound, moment(bound, at))
    return _order_strings(buf, pos, bound, at)


def _order_strings(buf, pos: int, bound, at: int) -> int:
    end, last = axdr.skip(buf, pos, len(buf)), axdr.skip(bound, at, len(bound))
    pos, at = axdr.skip_length(buf, pos + 1), axdr.skip_length(bound, at + 1)
    while pos < end and at < last:
        if buf[pos] != bound[at]:
            return 1 if buf[pos] > bound[at] else -1
        pos += 1
        at += 1
    return (pos < end) - (at < last)


def order_moments(buf, pos: int, bound, at: int) -> int:
    """Sign of (12 octets of a moment at buf[pos:] minus those of a bound at bound[at:])."""
    if is_utc(bound, at) and is_utc(buf, pos):
        one, other = utc_min(buf, pos), utc_min(bound, at)
        if one != other:
            return 1 if one > other else -1
        return _order_octets(buf, pos, bound, at, _SECOND_AT)
    year = axdr.get_u16(bound, at)
    one = axdr.get_u16(buf, pos)
    if year not in (_WILD_YEAR, one):
        return 1 if one > year else -1
    return _order_octets(buf, pos, bound, at, _MONTH_AT)


def _order_octets(buf, pos: int, bound, at: int, k: int) -> int:
    # From octet k to the hundredths.
    while k <= _HUNDREDTHS_AT:
        one, other = buf[pos + k], bound[at + k]
        if one != other and _decides(bound, at, k) and one != _WILD_OCTET:
            return 1 if one > other else -1
        k += 1
    return 0


def _decides(bound, at: int, k: int) -> bool:
    if k == _WEEKDAY_AT and not _dateless(bound, at):
        return False
    return bound[at + k] != _WILD_OCTET


def _dateless(bound, at: int) -> bool:
    wild = bound[at + _MONTH_AT] & bound[at + _DAY_AT] == _WILD_OCTET
    return wild and axdr.get_u16(bound, at) == _WILD_YEAR


def is_utc(buf, pos: int) -> bool:
    """Has the moment all that makes a minute of UTC?"""
    if axdr.get_u16(buf, pos) == _WILD_YEAR or buf[pos + _MONTH_AT] == _WILD_OCTET:
        return False
    if _WILD_OCTET in (buf[pos + _DAY_AT], buf[pos + _HOUR_AT], buf[pos + _MINUTE_AT]):
        return False
    return axdr.get_i16(buf, pos + _DEVIATION_AT) != _NO_DEVIATION


def utc_min(buf, pos: int) -> int:
    """UTC minute of a moment for which is_utc holds."""
    return _local(buf, pos, False) + axdr.get_i16(buf, pos + _DEVIATION_AT)


def earliest(bound, at: int) -> int:
    """UTC minute before which every moment is less than the bound."""
    if is_utc(bound, at):
        return utc_min(bound, at)
    return _local(bound, at, False) + _DEVIATION_MIN


def latest(bound, at: int) -> int:
    """UTC minute behind which every moment is greater than the bound."""
    if is_utc(bound, at):
        return utc_min(bound, at)
    return _local(bound, at, True) + _DEVIATION_MAX


def _local(buf, pos: int, last: bool) -> int:
    """Minute of the local time; what is wild is as late as it can be, or as early."""
    year = axdr.get_u16(buf, pos)
    if year == _WILD_YEAR:
        year = 2100 if last else 1999
    year = max(1999, min(2100, year))
    month = _known(buf, pos + _MONTH_AT, last, 1, 12)
    day = _known(buf, pos + _DAY_AT, last, 1, month_days(year, month))
    day = days(year, month, min(day, month_days(year, month)))
    hour = _known(buf, pos + _HOUR_AT, last, 0, 23)
    return day * _DAY_MIN + hour * 60 + _known(buf, pos + _MINUTE_AT, last, 0, 59)


def _known(buf, pos: int, last: bool, low: int, high: int) -> int:
    if buf[pos] != _WILD_OCTET:
        return buf[pos]
    return high if last else low


def is_moment(buf, pos: int) -> bool:
    """Can the 12 octets be a moment or a bound, wild octets included?"""
    return (
        _within(buf[pos + _MONTH_AT], 1, 12)
        and _within(buf[pos + _DAY_AT], 1, 31)
        and _within(buf[pos + _WEEKDAY_AT], 1, 7)
        and _within(buf[pos + _HOUR_AT], 0, 23)
        and _within(buf[pos + _MINUTE_AT], 0, 59)
        and _within(buf[pos + _SECOND_AT], 0, 59)
        and _within(buf[pos + _HUNDREDTHS_AT], 0, 99)
    )


def _within(octet: int, low: int, high: int) -> bool:
    return octet == _WILD_OCTET or low <= octet <= high
