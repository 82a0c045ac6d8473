# Activity calendar, class 20 version 0. IEC 62056-6-2.
#
#   1 logical_name                     octet-string(6)     dispatch.py
#   2 calendar_name_active             09 octets
#   3 season_profile_active            01 n, each  02 03 | 09 season_profile_name
#                                        | 09 0C season_start | 09 week_name
#   4 week_profile_table_active        01 n, each  02 08 | 09 week_profile_name
#                                        | 11 day_id, from Monday to Sunday
#   5 day_profile_table_active         01 n, each  02 02 | 11 day_id | 01 m, each
#                                        02 03 | 09 04 start_time | 09 06 script_logical_name
#                                              | 12 script_selector
#   6 to 9 as 2 to 5                   of the passive calendar; only these are set
#  10 activate_passive_calendar_time   09 0C date-time, all of it open = never
#   method 1 activate_passive_calendar 0F 00; null-data or none will do
#
# The calendar holds a state, such as the tariff: the last action of the day up to now. Its script
# runs whenever another action has become the last one, and again after the start, a step of the
# clock or of daylight saving, and an activation. On a special day (table 0-0:11.0.e with the e
# of the calendar) its day_id takes the place of that of the week. A calendar without seasons
# does nothing.
#
# Each attribute is checked when it is set, the passive calendar as a whole when it is activated,
# at once if activate_passive_calendar_time has passed; the time is then open again. Attribute 11,
# which nobody sees, says that a copy has begun: a power cut in it is made good at the start.
from array import array

from cosem import due, live, plain, value
from dlms import axdr
from meter import events
from meter.calendar import date_good, next_time, season, start_good, start_s, time_good, wild_date
from meter.date import days
from micropython import const

_CALENDAR_NAME = const(2)
_SEASON_PROFILE = const(3)
_WEEK_PROFILE = const(4)
_DAY_PROFILE = const(5)
_TO_PASSIVE = const(4)  # from an active attribute to its passive one
_ACTIVATE_AT = const(10)
_COPYING = const(11)
_NAME_FORM = b"\x09\x00\xff"
_SEASON_FORM = b"\x01\x02\x03\x09\x00\xff\x19\x09\x00\xff"
_WEEK_FORM = b"\x01\x02\x08\x09\x00\xff\x11\x11\x11\x11\x11\x11\x11"
_DAY_FORM = b"\x01\x02\x02\x11\x01\x02\x03\x1b\x09\x06\x06\x12"
_DATE_TIME_FORM = b"\x19"
_FLAG_FORM = b"\x03"
_FORMS = (_NAME_FORM, _SEASON_FORM, _WEEK_FORM, _DAY_FORM)
_NEVER_TIME = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\x00\xff"
_NO_DEVIATION = const(-0x8000)
_SUMMER_MAX = const(960)  # minutes, summer time included
_YEAR = const(0)  # of fields
_MONTH = const(1)
_DAY = const(2)
_WEEKDAY = const(3)
_HOUR = const(4)
_MINUTE = const(5)
_SECOND = const(6)
_DEVIATION = const(8)
_TIME_AT = const(5)  # within the octets of a date-time
_DAY_S = const(86400)
_NULL = const(0)
_I8 = const(15)
_SUCCESS = const(0)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)

get = value.get


class ActivityCalendar(due.Part):
    """The calendar of a row."""

    def __init__(self, row: int):
        due.Part.__init__(self, row)
        self._last = -1  # moment of the action that holds
        if plain.of(row, _COPYING, _FLAG_FORM):
            self._copy()

    def jumped(self, old_s: int, new_s: int) -> None:
        """The clock was set: the action that holds then runs, even if it is the same."""
        self.again()
        self.late = True

    def look(self, now_s: int, fields, second: int) -> None:
        """Run the action that holds if it is a new one."""
        day = days(fields[_YEAR], fields[_MONTH], fields[_DAY])
        self.until = _DAY_S
        self._activate_in_time(day, second, fields[_DEVIATION])
        if fields[_DEVIATION] != self.deviation:
            self.late = True
        action = self._current(fields, day, second)
        if action is None:
            return
        time_s, table, selector = action
        moment = day * _DAY_S + time_s
        if self.late or moment != self._last:
            due.add(moment, selector, table)
        self._last = moment

    def _current(self, fields, day: int, second: int):
        # (second of the day, OBIS code, selector) of the action that holds, None = none.
        found = None
        for time, table, selector in self._actions(fields, day, second):
            at_s = _second_of(time)
            if at_s > second:
                self._wait_for(at_s)
            elif found is None or at_s >= found[0]:
                found = (at_s, table, selector)
        return found

    def _actions(self, fields, day: int, second: int) -> list:
        wanted = self._day_of_week(fields, day, second)
        if wanted:
            wanted = due.special_day(self.row, fields) or wanted
        for day_id, actions in plain.of(self.row, _DAY_PROFILE, _DAY_FORM):
            if day_id == wanted:
                return actions
        return []

    def _day_of_week(self, fields, day: int, second: int) -> int:
        seasons = plain.of(self.row, _SEASON_PROFILE, _SEASON_FORM)
        starts = [_fields_of(each[1]) for each in seasons]
        for start in starts:
            self._wait_for_start(start_s(start), second)
        if not starts:
            return 0
        wanted = seasons[season(starts, fields[_YEAR], day, second)][2]
        for week in plain.of(self.row, _WEEK_PROFILE, _WEEK_FORM):
            if week[0] == wanted:
                return week[fields[_WEEKDAY]]
        return 0

    def _wait_for_start(self, at_s: int, second: int) -> None:
        # A season may begin in the middle of a day; looking once in vain on others costs nothing.
        if at_s > second:
            self._wait_for(at_s)

    def _wait_for(self, second: int) -> None:
        self.until = min(self.until, second)

    def _activate_in_time(self, day: int, second: int, deviation: int) -> None:
        octets = plain.of(self.row, _ACTIVATE_AT, _DATE_TIME_FORM)
        if octets == _NEVER_TIME:
            return
        at = _fields_of(octets)
        moment = days(at[_YEAR], at[_MONTH], at[_DAY]) * _DAY_S
        moment += at[_HOUR] * 3600 + at[_MINUTE] * 60 + at[_SECOND]
        if at[_DEVIATION] != _NO_DEVIATION:
            moment += (at[_DEVIATION] - deviation) * 60
        left = moment - day * _DAY_S - second
        if left > 0:
            self._wait_for(second + left if left < _DAY_S else _DAY_S)
        elif self.activate() != _SUCCESS:
            # Not once more every second.
            plain.store(self.row, _ACTIVATE_AT, _DATE_TIME_FORM, _NEVER_TIME)

    def activate(self) -> int:
        """Let the passive calendar be the active one too; a result."""
        seasons = plain.of(self.row, _SEASON_PROFILE + _TO_PASSIVE, _SEASON_FORM)
        weeks = plain.of(self.row, _WEEK_PROFILE + _TO_PASSIVE, _WEEK_FORM)
        day_profiles = plain.of(self.row, _DAY_PROFILE + _TO_PASSIVE, _DAY_FORM)
        if not _whole(seasons, weeks, day_profiles):
            return _OTHER_REASON
        result = plain.store(self.row, _COPYING, _FLAG_FORM, 1)
        return result or self._copy()

    def _copy(self) -> int:
        # The flag stands until all is done, so a copy that was cut off begins anew.
        result = _SUCCESS
        for k in range(_CALENDAR_NAME, _DAY_PROFILE + 1):
            result = result or value.store(self.row, k, value.octets(self.row, k + _TO_PASSIVE))
        result = result or plain.store(self.row, _ACTIVATE_AT, _DATE_TIME_FORM, _NEVER_TIME)
        result = result or plain.store(self.row, _COPYING, _FLAG_FORM, 0)
        if result == _SUCCESS:
            events.raise_(events.CALENDAR_ACTIVATED)
        self.late = True
        self.again()
        return result


def _fields_of(octets):
    fields = array("i", bytes(40))  # ten integers
    axdr.get_date_time(octets, 0, fields)
    return fields


def _whole(seasons, weeks, day_profiles) -> bool:
    """Does each season have its week, each week its days, each day an action at 0 o'clock?"""
    day_ids = [each[0] for each in day_profiles]
    names = [week[0] for week in weeks]
    for each in seasons:
        if each[2] not in names:
            return False
    for week in weeks:
        for day_id in week[1:]:
            if day_id not in day_ids:
                return False
    return all([_begins_at_midnight(each[1]) for each in day_profiles])


def _begins_at_midnight(actions) -> bool:
    return any([_second_of(time) == 0 for time, _, _ in actions])


def _second_of(time) -> int:
    # Of the day; a second that is not specified is second 0.
    return next_time(time, 0, -1)


def _unlike(entries) -> bool:
    # Names and day ids stand once.
    seen = []
    for entry in entries:
        if entry[0] in seen:
            return False
        seen.append(entry[0])
    return True


def _seasons_good(seasons) -> bool:
    return _unlike(seasons) and all([start_good(_fields_of(each[1])) for each in seasons])


def _days_good(day_profiles) -> bool:
    for _, actions in day_profiles:
        for time, _, _ in actions:
            if not time_good(time, 0, False):
                return False
        if not _unlike([[_second_of(action[0])] for action in actions]):
            return False
    return _unlike(day_profiles)


def _time_to_activate_good(octets) -> bool:
    # All of it open, or a whole date and time; the day of week, hundredths, status may be open.
    if octets == _NEVER_TIME:
        return True
    deviation = axdr.get_i16(octets, 9)
    return (
        date_good(octets, 0)
        and not wild_date(octets, 0)
        and octets[_TIME_AT] <= 23
        and octets[_TIME_AT + 1] <= 59
        and octets[_TIME_AT + 2] <= 59
        and (deviation == _NO_DEVIATION or -_SUMMER_MAX <= deviation <= _SUMMER_MAX)
    )


def _any(_) -> bool:
    return True


_GOOD = (_any, _seasons_good, _unlike, _days_good)


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 6 to 10 to the Data at buf[pos:end]."""
    if q.attribute == _ACTIVATE_AT:
        return plain.take(q, _DATE_TIME_FORM, _time_to_activate_good, buf, pos, end)
    k = q.attribute - _CALENDAR_NAME - _TO_PASSIVE
    result = plain.take(q, _FORMS[k], _GOOD[k], buf, pos, end)
    if result == _SUCCESS and not q.dry:
        events.raise_(events.CALENDAR_PROGRAMMED)
    return result


def act(q, buf, pos: int, end: int) -> int:
    """Call activate_passive_calendar with the parameter at buf[pos:end]."""
    if pos != end and buf[pos] not in (_I8, _NULL):
        return _TYPE_UNMATCHED
    return live.of(q.row).activate()
