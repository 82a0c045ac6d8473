# Clock, class 8 version 0. IEC 62056-6-2.
#
#   1 logical_name                 octet-string(6)     dispatch.py
#   2 time                         09 0C date-time, local, with deviation and status
#   3 time_zone                    10 minutes from local normal time to UTC
#   4 status                       11 the status octet of time
#   5 daylight_savings_begin       09 0C date-time with wildcards
#   6 daylight_savings_end         09 0C date-time with wildcards
#   7 daylight_savings_deviation   0F minutes
#   8 daylight_savings_enabled     03
#   9 clock_base                   16 1 = crystal
#   1, 4 and 9 are never set. A date-time that is set may also come as 19 and 12 octets.
#
#   methods 1 adjust_to_quarter, 2 adjust_to_measuring_period, 3 adjust_to_minute,
#           4 adjust_to_preset_time      0F 00; null-data or none will do
#           5 preset_adjusting_time      02 03 | time | begin of validity | end of validity
#           6 shift_time                 10 seconds, -900 to 900
#
# A value of another type is type-unmatched, one out of range other-reason.
from array import array

from micropython import const

from cosem import internal
from dlms import axdr
from meter.date import put_minute

_TIME = const(2)
_TIME_ZONE = const(3)
_STATUS = const(4)
_BEGIN = const(5)
_END = const(6)
_DEVIATION = const(7)
_ENABLED = const(8)
_SECOND_FIELD = const(6)  # of the ten fields of a date-time
_DEVIATION_FIELD = const(8)
_STATUS_FIELD = const(9)
_DST = const(0x80)
_CRYSTAL = const(1)
_ADJUST_TO_QUARTER = const(1)
_ADJUST_TO_PERIOD = const(2)
_ADJUST_TO_MINUTE = const(3)
_ADJUST_TO_PRESET = const(4)
_PRESET = const(5)
_NULL = const(0)  # tags
_STRUCTURE = const(2)
_BOOLEAN = const(3)
_OCTETS = const(9)
_I8 = const(15)
_I16 = const(16)
_DATE_TIME = const(25)
_SUCCESS = const(0)
_TEMPORARY_FAILURE = const(2)
_READ_WRITE_DENIED = const(3)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)
_QUARTER_S = const(900)
_MINUTE_S = const(60)
_DAY_S = const(86400)
_PROFILE = const(7)
_CAPTURE_PERIOD = const(4)
_LOAD_PROFILE = b"\x01\x00\x63\x01\x00\xff"  # 1-0:99.1.0 load profile 1

_clock = None
_fields = array("i", bytes(40))  # a date-time on its way in: ten integers
_moment = array("i", (0, 0, 0, 0, 0, 0, 0, 255, 0, 0))  # what show() was told
_late = False


def use(clock) -> None:
    """Read this meter.clock.Clock from now on; main says so before it opens the doors."""
    global _clock
    _clock = clock


def now():
    """The ten fields of local time, see meter/clock.py; good until asked again."""
    assert _clock is not None  # main names it before it opens a door
    _clock.now()
    return _clock.fields


def show(utc_s: int) -> None:
    """Let attribute 2 tell of this UTC second since 2000, for what is logged late; 0 = of now."""
    global _late
    _late = utc_s != 0
    clock = _clock
    if not _late or clock is None:
        return
    made = _moment
    deviation = clock.deviation(utc_s // 60)
    put_minute(made, utc_s // 60 - deviation)
    made[_SECOND_FIELD] = utc_s % 60
    made[_DEVIATION_FIELD] = deviation
    summer = 0 if deviation == clock.time_zone_min else _DST
    made[_STATUS_FIELD] = now()[_STATUS_FIELD] & ~_DST | summer


def get(q, out, pos: int) -> int:
    """Write attributes 2 to 9, one piece each."""
    attribute = q.attribute
    clock = _clock
    assert clock is not None  # main names it before it opens a door
    if attribute == _TIME:
        return axdr.put_date_time(out, pos, _moment if _late else now())
    if attribute == _TIME_ZONE:
        return axdr.put_i16(out, pos, clock.time_zone_min)
    if attribute == _STATUS:
        return axdr.put_u8(out, pos, now()[_STATUS_FIELD])
    if attribute == _BEGIN:
        return axdr.put_date_time(out, pos, clock.dst_begin)
    if attribute == _END:
        return axdr.put_date_time(out, pos, clock.dst_end)
    if attribute == _DEVIATION:
        return axdr.put_i8(out, pos, clock.dst_deviation_min)
    if attribute == _ENABLED:
        return axdr.put_bool(out, pos, clock.dst_enabled)
    return axdr.put_enum(out, pos, _CRYSTAL)


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2, 3 and 5 to 8 to the Data at buf[pos:end]."""
    attribute = q.attribute
    if attribute in (_TIME, _BEGIN, _END):
        return _set_date_time(q, attribute, buf, pos, end)
    if attribute not in (_TIME_ZONE, _DEVIATION, _ENABLED):
        return _READ_WRITE_DENIED  # a script may name any
    tag = _I16 if attribute == _TIME_ZONE else _I8 if attribute == _DEVIATION else _BOOLEAN
    if buf[pos] != tag:
        return _TYPE_UNMATCHED
    clock = _clock
    assert clock is not None
    if attribute == _TIME_ZONE:
        return _kept(q, clock.set_zone, axdr.get_i16(buf, pos + 1))
    if attribute == _DEVIATION:
        return _kept(q, clock.set_dst_deviation, axdr.get_i8(buf, pos + 1))
    return _kept(q, clock.enable_dst, buf[pos + 1] != 0)


def _kept(q, change, value) -> int:
    # Asked first whether the value will do; what fails then is the store or the RTC.
    if not change(value, True):
        return _OTHER_REASON
    return _SUCCESS if q.dry or change(value, False) else _TEMPORARY_FAILURE


def _set_date_time(q, attribute: int, buf, pos: int, end: int) -> int:
    if _date_time(buf, pos, end, _fields) < 0:
        return _TYPE_UNMATCHED
    clock = _clock
    assert clock is not None
    if attribute == _TIME:
        return _kept(q, clock.set, _fields)
    return _kept(q, clock.set_begin if attribute == _BEGIN else clock.set_end, _fields)


def _date_time(buf, pos: int, end: int, fields) -> int:
    """Fill fields from 09 0C or 19 and 12 octets at pos; the position behind, -1 = none."""
    start = axdr.body(buf, pos, end, buf[pos])
    behind = axdr.skip(buf, pos, end)
    if buf[pos] not in (_OCTETS, _DATE_TIME) or behind - start != 12:
        return -1
    axdr.get_date_time(buf, start, fields)
    return behind


def act(q, buf, pos: int, end: int) -> int:
    """Call methods 1 to 6 with the parameter at buf[pos:end]."""
    method = q.attribute
    if method == _PRESET:
        return _preset(buf, pos, end)
    clock = _clock
    assert clock is not None
    if method <= _ADJUST_TO_PRESET:
        if pos != end and buf[pos] not in (_I8, _NULL):
            return _TYPE_UNMATCHED
        return _adjust(method)
    if pos == end or buf[pos] != _I16:
        return _TYPE_UNMATCHED
    return _SUCCESS if clock.shift(axdr.get_i16(buf, pos + 1)) else _OTHER_REASON


def _adjust(method: int) -> int:
    clock = _clock
    assert clock is not None
    if method == _ADJUST_TO_PRESET:
        return _SUCCESS if clock.adjust_to_preset() else _OTHER_REASON
    if method == _ADJUST_TO_QUARTER:
        done = clock.adjust(_QUARTER_S)
    elif method == _ADJUST_TO_PERIOD:
        done = clock.adjust(_measuring_period_s())
    else:
        assert method == _ADJUST_TO_MINUTE
        done = clock.adjust(_MINUTE_S)
    return _SUCCESS if done else _TEMPORARY_FAILURE


def _measuring_period_s() -> int:
    # That of the load profile; a quarter of an hour if there is none, or none by the clock.
    row = internal.find(_PROFILE, _LOAD_PROFILE)
    period_s = internal.number(row, _CAPTURE_PERIOD) if row >= 0 else 0
    return period_s if 0 < period_s <= _DAY_S else _QUARTER_S


def _preset(buf, pos: int, end: int) -> int:
    # All three are read before any is kept.
    if pos == end or buf[pos] != _STRUCTURE or axdr.get_length(buf, pos + 1, end) != 3:
        return _TYPE_UNMATCHED
    pos = axdr.skip_length(buf, pos + 1)
    times = []
    for _ in range(3):
        fields = array("i", _fields)
        pos = _date_time(buf, pos, end, fields)
        if pos < 0:
            return _TYPE_UNMATCHED
        times.append(fields)
    clock = _clock
    assert clock is not None
    return _SUCCESS if clock.preset(times[0], times[1], times[2]) else _OTHER_REASON
