# Single action schedule, class 22 version 0. IEC 62056-6-2.
#
#   1 logical_name      octet-string(6)     dispatch.py
#   2 executed_script   02 02 | 09 06 script_logical_name | 12 script_selector
#   3 type              16 1 one entry; 2, 3 several of one time; 4, 5 several of any times;
#                          in 1, 3 and 5 the date may have wildcards, in 2 and 4 it is full
#   4 execution_time    01 n, each  02 02 | 09 04 time | 09 05 date; none = disabled
#
# Attributes 3 and 4 are set one by one and must fit each other at any time: to get from one type
# to another, empty 4 first. A wild hour or minute comes again each hour or minute, with any type
# but 2 and 4. An execution missed with the power off is made up for once, however late, because
# a billing period must end; one that comes each hour or minute is not.
#
# Attribute 5, which nobody sees, is the moment up to which all is done (due.py).
from cosem import due, plain, value
from meter.calendar import date_fits, date_good, time_good, wild_date
from micropython import const

_EXECUTED_SCRIPT = const(2)
_ACTION_TYPE = const(3)
_EXECUTION_TIME = const(4)
_ACTION_KEPT = const(5)
_SCRIPT_FORM = b"\x02\x02\x09\x06\x06\x12"
_TYPE_FORM = b"\x16"
_FORM = b"\x01\x02\x02\x1b\x1a"
_TYPE_ONE = const(1)
_FULL_DATES = (2, 4)
_ONE_TIME = (2, 3)
_TYPE_MAX = const(5)
_HOWEVER_LATE = const(0xFFFF)

get = value.get


class SingleActionSchedule(due.Watch):
    """The schedule of a row."""

    def __init__(self, row: int):
        due.Watch.__init__(self, row, _ACTION_KEPT)

    def entries(self) -> list:
        """One for each execution time."""
        table, selector = plain.of(self.row, _EXECUTED_SCRIPT, _SCRIPT_FORM)
        found = []
        for time, date in plain.of(self.row, _EXECUTION_TIME, _FORM):
            found.append(due.Entry(time, date, _HOWEVER_LATE, table, selector))
        return found

    def on(self, entry, fields) -> bool:
        """Is the day of fields one of the entry's?"""
        return date_fits(entry.days, 0, fields)


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2, 3 and 4 to the Data at buf[pos:end]."""
    if q.attribute == _EXECUTED_SCRIPT:
        return plain.take(q, _SCRIPT_FORM, bool, buf, pos, end)
    if q.attribute == _ACTION_TYPE:
        times = plain.of(q.row, _EXECUTION_TIME, _FORM)
        return plain.take(q, _TYPE_FORM, lambda kind: _fit(kind, times), buf, pos, end)
    kind = plain.of(q.row, _ACTION_TYPE, _TYPE_FORM)
    return plain.take(q, _FORM, lambda times: _fit(kind, times), buf, pos, end)


def _fit(kind: int, times) -> bool:
    """May a schedule of this type have these execution times?"""
    if not _TYPE_ONE <= kind <= _TYPE_MAX or kind == _TYPE_ONE and len(times) > 1:
        return False
    for time, date in times:
        full = kind in _FULL_DATES
        if not time_good(time, 0, not full) or not date_good(date, 0):
            return False
        if full and wild_date(date, 0) or kind in _ONE_TIME and time != times[0][0]:
            return False
    return True
