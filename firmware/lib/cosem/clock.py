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
#   methods 1 to 6: nobody has the right
from micropython import const

from dlms import axdr

_TIME = const(2)
_TIME_ZONE = const(3)
_STATUS = const(4)
_BEGIN = const(5)
_END = const(6)
_DEVIATION = const(7)
_ENABLED = const(8)
_STATUS_FIELD = const(9)  # of the ten fields of a date-time
_CRYSTAL = const(1)

_clock = None


def use(clock) -> None:
    """Read this meter.clock.Clock from now on; main says so before it opens the doors."""
    global _clock
    _clock = clock


def now():
    """The ten fields of local time, see meter/clock.py; good until asked again."""
    assert _clock is not None  # main names it before it opens a door
    _clock.now()
    return _clock.fields


def get(q, out, pos: int) -> int:
    """Write attributes 2 to 9, one piece each."""
    attribute = q.attribute
    clock = _clock
    assert clock is not None  # main names it before it opens a door
    if attribute == _TIME:
        return axdr.put_date_time(out, pos, now())
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
