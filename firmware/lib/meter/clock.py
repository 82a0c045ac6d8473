# Local time, daylight saving and the state of the clock; whole numbers only.
#
# The RTC keeps UTC, so neither daylight saving nor a change of the zone touches it. Fields, ten
# numbers, the order of a date-time: year, month, day, day of week 1..7 (1 = Monday), hour,
# minute, second, hundredths (255 = not known), deviation, status.
#   deviation  minutes from local time to UTC: UTC+1 is -60. -32768 = not specified
#   status     01 invalid: the clock was never set, 80 daylight saving time
# A rule (when daylight saving begins, ends) has the same fields. Year, month, day and day of week
# may be wild: FFFF and FF fit all, day FE is the last and FD the second last of the month. A
# day of week picks, of the days that fit, the first such day on or after a numbered day, and
# the last or second last such day of the month. Its time is local time just before the change,
# its deviation is not looked at.
from array import array

from micropython import const

_YEAR = const(0)
_MONTH = const(1)
_DAY = const(2)
_WEEKDAY = const(3)
_HOUR = const(4)
_MINUTE = const(5)
_SECOND = const(6)
_HUNDREDTHS = const(7)
_DEVIATION = const(8)
_STATUS = const(9)

_INVALID = const(0x01)
_DST = const(0x80)
_ANY = const(0xFF)
_ANY_YEAR = const(0xFFFF)
_LAST = const(0xFE)
_SECOND_LAST = const(0xFD)
_NO_DEVIATION = const(-0x8000)
_DAY_MIN = const(1440)
_NEVER = const(0x3FFFFFFF)
_ZONE_MIN = const(-840)  # UTC+14
_ZONE_MAX = const(720)  # UTC-12
_DST_MAX = const(120)
_SHIFT_MAX = const(900)

_WILD = (_ANY_YEAR, _ANY, _ANY, _ANY, _ANY, _ANY, _ANY, _ANY, _NO_DEVIATION, _ANY)
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


def rule_day(rule, year: int) -> int:
    """Day number on which a rule applies in a year; -1 = not in that year."""
    month = rule[_MONTH]
    if rule[_YEAR] not in (year, _ANY_YEAR) or not 1 <= month <= 12:
        return -1
    wanted = rule[_WEEKDAY]
    first = days(year, month, 1)
    last = first + month_days(year, month) - 1
    if rule[_DAY] in (_LAST, _SECOND_LAST):
        return _from_the_end(last, wanted, rule[_DAY] == _SECOND_LAST)
    start = first if rule[_DAY] == _ANY else first + rule[_DAY] - 1
    if 1 <= wanted <= 7:
        start += (wanted - weekday(start)) % 7
    return start if start <= last else -1


def _from_the_end(last: int, wanted: int, second: bool) -> int:
    if not 1 <= wanted <= 7:
        return last - 1 if second else last
    last -= (weekday(last) - wanted) % 7
    return last - 7 if second else last


class Clock:
    """Local time over an RTC that keeps UTC.

    rtc: read(fields) puts UTC into fields[0..7]; write(fields) takes fields[0..6], UTC. The
    others, config.CLOCK: minutes from local normal time to UTC, daylight saving or not, the two
    rules, minutes that daylight saving adds.
    """

    def __init__(self, rtc, zone_min=0, dst=False, begin=_WILD, end=_WILD, dst_min=60):
        self.rtc = rtc
        self.time_zone_min = zone_min
        self.dst_enabled = dst
        self.dst_begin = begin
        self.dst_end = end
        self.dst_deviation_min = dst_min
        self.fields = array("i", _WILD)
        self._work = array("i", _WILD)
        self._status = _INVALID
        self._year = -1  # the year the two changes below belong to
        self._begin = _NEVER
        self._end = _NEVER
        self._minute = -1  # the UTC minute that fields belong to
        self._preset = None  # time to set, first and last UTC minute in which it may be
        self._preset_from = _NEVER
        self._preset_to = _NEVER

    def valid(self) -> bool:
        """The clock has been set since the start."""
        return self._status & _INVALID == 0

    def now(self) -> None:
        """Fill fields with local time; all but the seconds are worked out once a minute."""
        utc = self._work
        self.rtc.read(utc)
        minute = _minutes(utc)
        if minute != self._minute:
            self._minute = minute
            self._show(minute)
        self.fields[_SECOND] = utc[_SECOND]
        self.fields[_HUNDREDTHS] = utc[_HUNDREDTHS]

    def utc_s(self) -> int:
        """Seconds since 2000-01-01 00:00 UTC."""
        self.rtc.read(self._work)
        return _minutes(self._work) * 60 + self._work[_SECOND]

    def _show(self, minute: int) -> None:
        deviation = self.deviation(minute)
        local = minute - deviation
        fields = self.fields
        put_date(fields, local // _DAY_MIN)
        fields[_HOUR] = local % _DAY_MIN // 60
        fields[_MINUTE] = local % 60
        fields[_DEVIATION] = deviation
        fields[_STATUS] = self._status | (0 if deviation == self.time_zone_min else _DST)

    def deviation(self, utc_min: int) -> int:
        """Minutes from local time to UTC at a UTC minute since 2000-01-01."""
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

    def set(self, wanted, dry=False) -> bool:
        """Set local time from ten fields; False, and nothing changed, if they make no time.

        dry: only tell; so in every function below that has it.

        Wild octets keep what the clock has; a deviation that is not specified means the local
        time of that moment; day of week, hundredths and status are not stored.
        """
        self.now()
        made = self._work
        for k in range(_SECOND + 1):
            wild = _ANY_YEAR if k == _YEAR else _ANY
            made[k] = self.fields[k] if wanted[k] == wild else wanted[k]
        utc = self._utc(made, wanted[_DEVIATION])
        if utc < 0 or dry:
            return utc >= 0
        self._write(utc, made[_SECOND])
        # Part of a time does not make an invalid one valid.
        if wanted[_YEAR] != _ANY_YEAR and not _has_wild(wanted):
            self._status &= ~_INVALID
            self._minute = -1
        return True

    def _utc(self, fields, deviation: int) -> int:
        # UTC minute of local fields, -1 if they make no time within the century.
        if not _is_time(fields):
            return -1
        local = _minutes(fields)
        if deviation == _NO_DEVIATION:
            deviation = self._deviation_of_local(local)
        elif not _ZONE_MIN - _DST_MAX <= deviation <= _ZONE_MAX + _DST_MAX:
            return -1
        return local + deviation

    def _deviation_of_local(self, local_min: int) -> int:
        # In the hour that happens twice this answers summer; in the one left out, winter.
        summer = self.time_zone_min - self.dst_deviation_min
        if self.deviation(local_min + summer) == summer:
            return summer
        return self.time_zone_min

    def set_zone(self, minutes: int, dry=False) -> bool:
        """Minutes from local normal time to UTC, -840..720; UTC stays what it is."""
        if not _ZONE_MIN <= minutes <= _ZONE_MAX:
            return False
        if not dry:
            self.time_zone_min = minutes
            self._forget()
        return True

    def set_rule(self, begin: bool, rule, dry=False) -> bool:
        """When daylight saving begins or ends: ten fields with wildcards."""
        if not _is_rule(rule):
            return False
        if not dry and begin:
            self.dst_begin = tuple(rule)
        elif not dry:
            self.dst_end = tuple(rule)
        self._forget()
        return True

    def set_dst_deviation(self, minutes: int, dry=False) -> bool:
        """Minutes that daylight saving adds, -120..120."""
        if not -_DST_MAX <= minutes <= _DST_MAX:
            return False
        if not dry:
            self.dst_deviation_min = minutes
            self._forget()
        return True

    def enable_dst(self, enabled: bool, dry=False) -> bool:
        """Daylight saving or not."""
        if not dry:
            self.dst_enabled = enabled
            self._forget()
        return True

    def _forget(self) -> None:
        # What was worked out of the zone and the rules no longer holds.
        self._year = -1
        self._minute = -1

    def preset(self, wanted, start, end) -> bool:
        """Keep a time for adjust_to_preset between two others (method 5); ten full fields each."""
        first = self._utc(start, start[_DEVIATION])
        last = self._utc(end, end[_DEVIATION])
        if first < 0 or last < first or self._utc(wanted, wanted[_DEVIATION]) < 0:
            return False
        self._preset = tuple(wanted)
        self._preset_from = first
        self._preset_to = last
        return True

    def adjust_to_preset(self) -> bool:
        """Set the preset time if now is its moment (method 4)."""
        self.rtc.read(self._work)
        if not self._preset_from <= _minutes(self._work) <= self._preset_to:
            return False
        return self._preset is not None and self.set(self._preset)

    def shift(self, seconds: int) -> bool:
        """Move the time by some seconds, -900..900 (method 6)."""
        if not -_SHIFT_MAX <= seconds <= _SHIFT_MAX:
            return False
        self.rtc.read(self._work)
        self._move(seconds)
        return True

    def adjust(self, minutes: int) -> None:
        """Move the time to the nearest multiple of some minutes, 1..60 (methods 1 to 3)."""
        self.rtc.read(self._work)
        period_s = minutes * 60
        local_s = (self._work[_MINUTE] % minutes) * 60 + self._work[_SECOND]
        self._move(-local_s if 2 * local_s < period_s else period_s - local_s)

    def _move(self, seconds: int) -> None:
        # Work holds the UTC to move from.
        seconds += self._work[_SECOND]
        self._write(_minutes(self._work) + seconds // 60, seconds % 60)

    def _write(self, utc_min: int, second: int) -> None:
        made = self._work
        put_date(made, utc_min // _DAY_MIN)
        made[_HOUR] = utc_min % _DAY_MIN // 60
        made[_MINUTE] = utc_min % 60
        made[_SECOND] = second
        self.rtc.write(made)


def _minutes(fields) -> int:
    # Minutes since 2000-01-01 00:00 in the fields' own time.
    day = days(fields[_YEAR], fields[_MONTH], fields[_DAY])
    return day * _DAY_MIN + fields[_HOUR] * 60 + fields[_MINUTE]


def _change(rule, year: int, deviation: int) -> int:
    # UTC minute of a rule in a year; never, if it does not apply.
    day = rule_day(rule, year)
    if day < 0:
        return _NEVER
    hour = 0 if rule[_HOUR] == _ANY else rule[_HOUR]
    minute = 0 if rule[_MINUTE] == _ANY else rule[_MINUTE]
    return day * _DAY_MIN + hour * 60 + minute + deviation


def _has_wild(fields) -> bool:
    # Among month, day, hour and minute; a time without its seconds is a time.
    return _ANY in (fields[_MONTH], fields[_DAY], fields[_HOUR], fields[_MINUTE])


def _is_rule(rule) -> bool:
    # Wild: year, day of week, and the time, which is then 0 o'clock. The month is named.
    return (
        (rule[_YEAR] == _ANY_YEAR or 2000 <= rule[_YEAR] <= 2099)
        and 1 <= rule[_MONTH] <= 12
        and (1 <= rule[_DAY] <= 31 or rule[_DAY] in (_ANY, _LAST, _SECOND_LAST))
        and (1 <= rule[_WEEKDAY] <= 7 or rule[_WEEKDAY] == _ANY)
        and (0 <= rule[_HOUR] <= 23 or rule[_HOUR] == _ANY)
        and (0 <= rule[_MINUTE] <= 59 or rule[_MINUTE] == _ANY)
    )


def _is_time(fields) -> bool:
    # The RTC of the RP2040 counts four-digit years; this clock knows those of one century.
    if not (2000 <= fields[_YEAR] <= 2099 and 1 <= fields[_MONTH] <= 12):
        return False
    return (
        1 <= fields[_DAY] <= month_days(fields[_YEAR], fields[_MONTH])
        and 0 <= fields[_HOUR] <= 23
        and 0 <= fields[_MINUTE] <= 59
        and 0 <= fields[_SECOND] <= 59
    )
