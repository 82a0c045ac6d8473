# Dates, zones and daylight saving; whole numbers only, nothing here knows what time it is.
#
# Fields, ten numbers, the order of a date-time: year, month, day, day of week 1..7 (1 = Monday),
# hour, minute, second, hundredths (255 = not known), deviation, status.
#   deviation  minutes from local time to UTC: UTC+1 is -60. -32768 = not specified
# Days, minutes and seconds are counted from 2000-01-01 00:00. Seconds outgrow a small int of a
# 32-bit MicroPython in 2034, days and minutes never do.
# A rule (when daylight saving begins, ends) has the same fields. Year, month, day and day of week
# may be wild: FFFF and FF fit all, day FE is the last and FD the second last of the month. A
# day of week picks, of the days that fit, the first such day on or after a numbered day, and
# the last or second last such day of the month. Its time is local time just before the change,
# its deviation is not looked at.
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
_NO_DEVIATION = const(-0x8000)
_LAST_DAY = const(0xFE)
_SECOND_LAST_DAY = const(0xFD)
_DAY_MIN = const(1440)
_NEVER_MIN = const(0x3FFFFFFF)

WILD = (_ANY_YEAR, _ANY, _ANY, _ANY, _ANY, _ANY, _ANY, _ANY, _NO_DEVIATION, _ANY)
_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)  # days before a month


def is_leap(year: int) -> bool:
    """Gregorian leap year."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_days(year: int, month: int) -> int:
    """Number of days of a month, 1..12."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def days(year: int, month: int, day: int) -> int:
    """Days since 2000-01-01 of a date from 2000 to 2099 and a year either side."""
    y = year - 2000
    before = y * 365 + (y + 3) // 4 + _BEFORE[month - 1]
    if month > 2 and is_leap(year):
        before += 1
    return before + day - 1


def weekday(day: int) -> int:
    """1 = Monday .. 7 = Sunday of a day number; day 0, 2000-01-01, was a Saturday."""
    return (day + 5) % 7 + 1


def put_date(fields, day: int) -> None:
    """Year, month, day and day of week of a day number, into fields."""
    year = 2000 + day * 4 // 1461
    month = 12
    while days(year, month, 1) > day:
        month -= 1
    fields[_YEAR] = year
    fields[_MONTH] = month
    fields[_DAY] = day - days(year, month, 1) + 1
    fields[_WEEKDAY] = weekday(day)


def put_minute(fields, minute: int) -> None:
    """All fields down to the minute."""
    put_date(fields, minute // _DAY_MIN)
    fields[_HOUR] = minute % _DAY_MIN // 60
    fields[_MINUTE] = minute % 60


def minutes(fields) -> int:
    """Minutes of the fields' own time, seconds cut off."""
    day = days(fields[_YEAR], fields[_MONTH], fields[_DAY])
    return day * _DAY_MIN + fields[_HOUR] * 60 + fields[_MINUTE]


def seconds(fields) -> int:
    """Seconds of the fields' own time; local fields give local seconds."""
    return minutes(fields) * 60 + fields[_SECOND]


def is_time(fields) -> bool:
    """Do the first seven fields make a time between 2000 and 2099?"""
    if not (2000 <= fields[_YEAR] <= 2099 and 1 <= fields[_MONTH] <= 12):
        return False
    return (
        1 <= fields[_DAY] <= month_days(fields[_YEAR], fields[_MONTH])
        and 0 <= fields[_HOUR] <= 23
        and 0 <= fields[_MINUTE] <= 59
        and 0 <= fields[_SECOND] <= 59
    )


def is_rule(rule) -> bool:
    """Is it a rule? Wild: year, day, day of week and the time, which is then 0 o'clock."""
    return (
        (rule[_YEAR] == _ANY_YEAR or 2000 <= rule[_YEAR] <= 2099)
        and 1 <= rule[_MONTH] <= 12
        and (1 <= rule[_DAY] <= 31 or rule[_DAY] in (_ANY, _LAST_DAY, _SECOND_LAST_DAY))
        and (1 <= rule[_WEEKDAY] <= 7 or rule[_WEEKDAY] == _ANY)
        and (0 <= rule[_HOUR] <= 23 or rule[_HOUR] == _ANY)
        and (0 <= rule[_MINUTE] <= 59 or rule[_MINUTE] == _ANY)
    )


def rule_day(rule, year: int) -> int:
    """Day number on which a rule applies in a year; -1 = not in that year."""
    month = rule[_MONTH]
    if rule[_YEAR] not in (year, _ANY_YEAR) or not 1 <= month <= 12:
        return -1
    wanted = rule[_WEEKDAY]
    first = days(year, month, 1)
    last = first + month_days(year, month) - 1
    if rule[_DAY] in (_LAST_DAY, _SECOND_LAST_DAY):
        return _from_the_end(last, wanted, rule[_DAY] == _SECOND_LAST_DAY)
    start = first if rule[_DAY] == _ANY else first + rule[_DAY] - 1
    if 1 <= wanted <= 7:
        start += (wanted - weekday(start)) % 7
    return start if start <= last else -1


def _from_the_end(last: int, wanted: int, second: bool) -> int:
    if not 1 <= wanted <= 7:
        return last - 1 if second else last
    last -= (weekday(last) - wanted) % 7
    return last - 7 if second else last


def _change(rule, year: int, deviation: int) -> int:
    # UTC minute of a rule in a year; never, if it does not apply.
    day = rule_day(rule, year)
    if day < 0:
        return _NEVER_MIN
    hour = 0 if rule[_HOUR] == _ANY else rule[_HOUR]
    minute = 0 if rule[_MINUTE] == _ANY else rule[_MINUTE]
    return day * _DAY_MIN + hour * 60 + minute + deviation


class Zone:
    """A zone and its daylight saving.

    zone_min: minutes from local normal time to UTC; dst: daylight saving or not; begin, end: its
    rules; dst_min: minutes that it adds."""

    def __init__(self, zone_min: int, dst: bool, begin, end, dst_min: int):
        self.time_zone_min = zone_min
        self.dst_enabled = dst
        self.dst_begin = begin
        self.dst_end = end
        self.dst_deviation_min = dst_min
        self._year = -1  # the year the two changes below belong to
        self._begin = _NEVER_MIN
        self._end = _NEVER_MIN

    def deviation(self, utc_min: int) -> int:
        """Minutes from local time to UTC at a UTC minute."""
        if self.dst_enabled and self._is_summer(utc_min):
            return self.time_zone_min - self.dst_deviation_min
        return self.time_zone_min

    def _is_summer(self, utc_min: int) -> bool:
        self._work_out((utc_min - self.time_zone_min) // _DAY_MIN * 4 // 1461 + 2000)
        if self._begin <= self._end:
            return self._begin <= utc_min < self._end
        # South of the equator the year begins and ends in summer.
        return utc_min >= self._begin or utc_min < self._end

    def _work_out(self, year: int) -> None:
        # The changes of one year, UTC minutes; kept until another year is asked for.
        if year == self._year:
            return
        self._year = year
        self._begin = _change(self.dst_begin, year, self.time_zone_min)
        summer = self.time_zone_min - self.dst_deviation_min
        self._end = _change(self.dst_end, year, summer)

    def deviation_of_local(self, local_min: int, near_min: int) -> int:
        """Deviation of a local minute. Of the hour that comes twice the pass nearer to the UTC
        minute near_min is meant; in the hour left out normal time goes on."""
        normal = self.time_zone_min
        summer = normal - self.dst_deviation_min
        is_summer = self.deviation(local_min + summer) == summer
        if is_summer and self.deviation(local_min + normal) == normal:
            early = abs(local_min + summer - near_min)
            return summer if early <= abs(local_min + normal - near_min) else normal
        return summer if is_summer else normal

    def forget(self) -> None:
        """The zone or a rule is another one: what was worked out of it no longer holds."""
        self._year = -1
