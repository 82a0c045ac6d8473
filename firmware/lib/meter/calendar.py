# Dates and times with wildcards: do they fit, when next, when last, which season; whole numbers.
#
# A date has 5 octets, a time 4, as IEC 62056-6-2 has them:
#   year u16 | month | day | day of week 1 = Monday .. 7      hour | minute | second | hundredths
# FFFF and FF fit all. Day FE is the last of its month, FD the second last. With a day of week
# they are the last or second last such day; a numbered day with a day of week and a wild year
# or month is the first such day on or after it, within the month. Month FD and FE, the change
# to and from daylight saving, are not served. A second that is not specified is second 0, so
# that nothing happens sixty times; hundredths mean nothing.
#
# fields: year, month, day, day of week, .. of meter/date.py. A moment is a local time in
# seconds since 2000-01-01, day number * 86400 + second of the day.
from meter.date import days, month_days, rule_day, weekday
from micropython import const

_YEAR = const(0)
_MONTH = const(1)
_DAY = const(2)
_WEEKDAY = const(3)
_HOUR = const(4)
_MINUTE = const(5)
_SECOND = const(6)
_ANY = const(0xFF)
_ANY_YEAR = const(0xFFFF)
_LAST_DAY = const(0xFE)
_SECOND_LAST_DAY = const(0xFD)
_WEEK_DAYS = const(7)
_DAY_S = const(86400)
_AT_MONTH = const(2)  # within a date
_AT_DAY = const(3)
_AT_WEEKDAY = const(4)
_AT_TIME = const(5)
_OPEN_NOTHING = const(0)  # what a date leaves open, see _open
_OPEN_YEAR = const(1)
_OPEN_MONTH = const(2)
_OPEN_ALL = const(3)
_OPEN_OTHER = const(4)


def year_of(date, at: int) -> int:
    """Year of the date at date[at], FFFF = any."""
    return date[at] << 8 | date[at + 1]


def date_fits(date, at: int, fields) -> bool:
    """Is the day of fields one of those that the date at date[at] means?"""
    year = year_of(date, at)
    month = date[at + _AT_MONTH]
    wanted = date[at + _AT_DAY]
    if year != _ANY_YEAR and year != fields[_YEAR]:
        return False
    if month != _ANY and month != fields[_MONTH]:
        return False
    with_weekday = date[at + _AT_WEEKDAY] != _ANY
    if with_weekday and date[at + _AT_WEEKDAY] != fields[_WEEKDAY]:
        return False
    today = fields[_DAY]
    if wanted == _ANY:
        return True
    if wanted >= _SECOND_LAST_DAY:
        # 0 = last day, or within the last seven; 1 = the day before, or the seven before.
        left = month_days(fields[_YEAR], fields[_MONTH]) - today
        return (left // _WEEK_DAYS if with_weekday else left) == _LAST_DAY - wanted
    if with_weekday and (year == _ANY_YEAR or month == _ANY):
        return wanted <= today < wanted + _WEEK_DAYS
    return today == wanted


def date_good(date, at: int) -> bool:
    """Can the date at date[at] ever come? Wildcards welcome."""
    year = year_of(date, at)
    month = date[at + _AT_MONTH]
    day = date[at + _AT_DAY]
    if not (2000 <= year <= 2099 or year == _ANY_YEAR):
        return False
    if not (1 <= month <= 12 or month == _ANY):
        return False
    if not (1 <= date[at + _AT_WEEKDAY] <= _WEEK_DAYS or date[at + _AT_WEEKDAY] == _ANY):
        return False
    if day >= _SECOND_LAST_DAY:
        return True
    # Any year may be a leap year, any month may have 31 days.
    leap = 2000 if year == _ANY_YEAR else year
    return 1 <= day <= (31 if month == _ANY else month_days(leap, month)) and (
        wild_date(date, at) or _weekday_agrees(date, at)
    )


def _weekday_agrees(date, at: int) -> bool:
    given = date[at + _AT_WEEKDAY]
    day = days(year_of(date, at), date[at + _AT_MONTH], date[at + _AT_DAY])
    return given == _ANY or given == weekday(day)


def wild_date(date, at: int) -> bool:
    """Does the date at date[at] leave open, or to the month's length, which day it means?"""
    return (
        year_of(date, at) == _ANY_YEAR
        or date[at + _AT_MONTH] == _ANY
        or date[at + _AT_DAY] >= _SECOND_LAST_DAY
    )


def _open(date, at: int) -> int:
    # What the two ends of a range may leave open, from the left; anything else is no end.
    year = year_of(date, at) != _ANY_YEAR
    month = date[at + _AT_MONTH] != _ANY
    day = date[at + _AT_DAY]
    if not (year or month) and day == _ANY:
        return _OPEN_ALL
    if day >= _SECOND_LAST_DAY or year and not month:
        return _OPEN_OTHER
    return _OPEN_NOTHING if year else _OPEN_YEAR if month else _OPEN_MONTH


def range_good(begin, b: int, end, e: int) -> bool:
    """May the dates begin[b] and end[e] stand together: both full, both the same part of a year
    or of a month, or one that is wholly open and a full one."""
    if not (date_good(begin, b) and date_good(end, e)):
        return False
    first = _open(begin, b)
    last = _open(end, e)
    if first == _OPEN_OTHER or last == _OPEN_OTHER:
        return False
    return first == last or min(first, last) == _OPEN_NOTHING and max(first, last) == _OPEN_ALL


def in_range(begin, b: int, end, e: int, fields) -> bool:
    """Is the day of fields from begin[b] to end[e], both included? A range that repeats may
    reach over the end of the year or month."""
    first = _open(begin, b)
    last = _open(end, e)
    rank = min(first, last)
    if rank == _OPEN_ALL:
        return True
    today = _place(rank, fields[_YEAR], fields[_MONTH], fields[_DAY])
    low = today if first == _OPEN_ALL else _place_of(rank, begin, b)
    high = today if last == _OPEN_ALL else _place_of(rank, end, e)
    if low > high and rank != _OPEN_NOTHING:
        return today >= low or today <= high
    return low <= today <= high


def _place_of(rank: int, date, at: int) -> int:
    return _place(rank, year_of(date, at), date[at + _AT_MONTH], date[at + _AT_DAY])


def _place(rank: int, year: int, month: int, day: int) -> int:
    # Days of 32 to a month and months of 16 to a year sort as dates do.
    place = day
    if rank <= _OPEN_YEAR:
        place += month << 5
    if rank == _OPEN_NOTHING:
        place += year << 9
    return place


def time_good(time, at: int, wild: bool) -> bool:
    """Is there the time at time[at]? Only where wild, its hour and minute may be open."""
    return (
        (time[at] <= 23 or wild and time[at] == _ANY)
        and (time[at + 1] <= 59 or wild and time[at + 1] == _ANY)
        and (time[at + 2] <= 59 or time[at + 2] == _ANY)
        and (time[at + 3] == 0 or time[at + 3] == _ANY)
    )


def window_good(windows) -> bool:
    """Can each pair of date-times, start and end with wildcards, ever come?"""
    for pair in windows:
        for moment in pair:
            if not date_good(moment, 0) or not time_good(moment, _AT_TIME, True):
                return False
    return True


def wild_time(time, at: int) -> bool:
    """Does the time at time[at] come more than once a day?"""
    return time[at] == _ANY or time[at + 1] == _ANY


def _first(time, at: int) -> int:
    # Second of the day of the earliest time that fits.
    hour = 0 if time[at] == _ANY else time[at]
    minute = 0 if time[at + 1] == _ANY else time[at + 1]
    second = 0 if time[at + 2] == _ANY else time[at + 2]
    return hour * 3600 + minute * 60 + second


def _step(time, at: int) -> int:
    # Seconds from one fitting time to the next.
    return 60 if time[at + 1] == _ANY else 3600 if time[at] == _ANY else _DAY_S


def _final(time, at: int) -> int:
    # Second of the day of the latest time that fits.
    hours = 23 if time[at] == _ANY else 0
    minutes = 59 if time[at + 1] == _ANY else 0
    return _first(time, at) + hours * 3600 + minutes * 60


def last_time(time, at: int, until_s: int) -> int:
    """Latest second of the day up to until_s that the time at time[at] fits; -1 = none."""
    first = _first(time, at)
    if until_s < first:
        return -1
    step = _step(time, at)
    found = first + (until_s - first) // step * step
    return min(found, _final(time, at))


def next_time(time, at: int, after_s: int) -> int:
    """Earliest second of the day after after_s that the time at time[at] fits; 86400 = none."""
    first = _first(time, at)
    if after_s < first:
        return first
    step = _step(time, at)
    found = first + ((after_s - first) // step + 1) * step
    return found if found <= _final(time, at) else _DAY_S


def start_good(start) -> bool:
    """Can a season begin so? Ten fields: a month and a day, wild at most the year, day of week
    and time, which is then 0 o'clock."""
    day = start[_DAY]
    return (
        (2000 <= start[_YEAR] <= 2099 or start[_YEAR] == _ANY_YEAR)
        and 1 <= start[_MONTH] <= 12
        and (1 <= day <= month_days(2000, start[_MONTH]) or day in (_LAST_DAY, _SECOND_LAST_DAY))
        and (1 <= start[_WEEKDAY] <= _WEEK_DAYS or start[_WEEKDAY] == _ANY)
        and (start[_HOUR] <= 23 or start[_HOUR] == _ANY)
        and (start[_MINUTE] <= 59 or start[_MINUTE] == _ANY)
        and (start[_SECOND] <= 59 or start[_SECOND] == _ANY)
    )


def start_s(start) -> int:
    """Second of the day at which a season begins."""
    total = 0
    for k in (_HOUR, _MINUTE, _SECOND):
        total = total * 60 + (0 if start[k] == _ANY else start[k])
    return total


def season(starts, year: int, day: int, second: int) -> int:
    """Index of the season that holds at a second of a day number of a year: the one that began
    last. Before the first beginning it is the last of the list, which began the year before."""
    found = len(starts) - 1
    latest = -1
    for k in range(len(starts)):
        began = _began(starts[k], year, day, second)
        if began > latest:
            latest = began
            found = k
    return found


def _began(start, year: int, day: int, second: int) -> int:
    # Moment of the latest beginning so far, -1 = none.
    at_s = start_s(start)
    years = (year, year - 1) if start[_YEAR] == _ANY_YEAR else (start[_YEAR],)
    for each in years:
        first = rule_day(start, each)
        if first >= 0 and (first < day or first == day and at_s <= second):
            return first * _DAY_S + at_s
    return -1
