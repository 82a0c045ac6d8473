# The meter's clock: civil time over an RTC that keeps UTC, and seconds that nobody sets.
#
# Fields as in meter/date.py, status included:
#   01 invalid: never set, or lost with the power   02 doubtful: recovered, nobody vouches for it
#   80 daylight saving time
# Settings (meter/settings.py), the clock's own keys:
#   10 zone   zone i16 | minutes of daylight saving i8 | enabled u8 | begin 12 | end 12
#   11 time   UTC seconds u32, the last that is known | status u8
#   12 preset date-time 12 | first UTC minute u32 | last UTC minute u32
from array import array
from struct import pack, unpack

from dlms import axdr
from meter import date, events, settings
from meter.date import Zone, put_minute
from micropython import const

_YEAR = const(0)
_MONTH = const(1)
_DAY = const(2)
_HOUR = const(4)
_MINUTE = const(5)
_SECOND = const(6)
_HUNDREDTHS = const(7)
_DEVIATION = const(8)
_STATUS = const(9)

_INVALID = const(0x01)
_DOUBTFUL = const(0x02)
_DST = const(0x80)
_ANY = const(0xFF)
_ANY_YEAR = const(0xFFFF)
_NO_DEVIATION = const(-0x8000)
_DAY_S = const(86400)
_END_MIN = const(52596000)  # 2100-01-01
_ZONE_MIN = const(-840)  # UTC+14
_ZONE_MAX = const(720)  # UTC-12
_DST_MAX = const(120)
_SHIFT_MAX = const(900)
_SYNCHRONISED_S = const(9)  # a larger change is a jump; DESIGN.md, Time
_REMEMBER_S = const(3600)  # 175 000 records of 5 octets in 20 years
_TICKS_MASK = const(0x3FFFFFFF)
_KEY_ZONE = const(0x10)
_KEY_TIME = const(0x11)
_KEY_PRESET = const(0x12)

_clock = None


def utc_s() -> int:
    """Seconds since 2000-01-01 00:00 UTC of the clock that was started last; 0 = none yet."""
    return _clock.utc_s() if _clock else 0


def monotonic_s() -> int:
    """Seconds since the start; setting the clock does not move them. For durations."""
    return _clock.monotonic_s if _clock else 0


def _nobody(old_s: int, new_s: int) -> None:
    # Is told of jumps until there is somebody.
    pass


class Clock(Zone):
    """Local time over an RTC that keeps UTC.

    rtc: read(fields) puts UTC into fields[0..7], False = it does not answer; write(fields) takes
    fields[0..6], UTC, False = it did not; lost: it lost its time since it was written. The others,
    config.CLOCK, are those of a Zone until a client sets them.
    jumped: a callable (old_s, new_s), called after the clock was set by more than 9 s.
    A change that is no jump is a synchronisation: DESIGN.md, Time.
    """

    def __init__(self, rtc, zone_min=0, dst=False, begin=date.WILD, end=date.WILD, dst_min=60):
        Zone.__init__(self, zone_min, dst, begin, end, dst_min)
        self.rtc = rtc
        self.jumped = _nobody
        self.fields = array("i", date.WILD)
        self.monotonic_s = 0
        self._work = array("i", date.WILD)
        self._status = _INVALID
        self._minute = -1  # the UTC minute that fields belong to
        self._silent = False  # the RTC does not answer
        self._known_s = 0  # a UTC second ...
        self._known_at_s = 0  # ... and the monotonic one that it was
        self._ticks_ms = -1  # when second() was told the time last
        self._rest_ms = 0
        self._remembered_s = 0
        self._day = 0  # of monotonic time ...
        self._synchronised_s = 0  # ... and the sum of its small changes
        self.stopped_s = 0  # UTC second remembered last before this start; 0 = none
        self._telling = False
        self._later_s = -1  # what the clock was before a jump that is not told yet
        self._summer = -1  # daylight saving a second ago, 0 or 80; -1 = not known

    def start(self) -> None:
        """Take the zone, the rules and what is known of the time from the settings; once."""
        global _clock
        _clock = self
        zone = settings.get(_KEY_ZONE)
        if zone is not None:
            self._unpack_zone(zone)
        lost = not self.rtc.read(self._work) or self.rtc.lost
        kept = settings.get(_KEY_TIME)
        if kept is not None:
            known_s, self._status = unpack(">IB", kept)
            self.stopped_s = known_s
            if lost:
                self._lose(known_s)
            else:
                if date.seconds(self._work) < known_s and not self._status:
                    self._status = _DOUBTFUL
                self.remember()  # should the chip lose it before the hour is over
        if self._status & _INVALID:
            events.raise_(events.CLOCK_INVALID, self.utc_s())

    def _lose(self, known_s: int) -> None:
        # Goes on from the last moment known, invalid, so that rows and events keep their order.
        self._status = _INVALID
        self._remember(known_s, _INVALID)
        self._known(known_s)
        self._silent = not self._write(known_s)
        self._minute = -1

    def second(self, now_ms: int) -> int:
        """What is due once a second; now_ms: ticks modulo 2**30. The UTC second of fields."""
        self._elapse(now_ms)
        if self._silent:  # asked once a second, because asking a dead bus takes 50 ms
            self._silent = not self.rtc.read(self._work)
            self._minute = -1
        now_s = self.utc_s()
        if self.rtc.lost and not self._status & _INVALID:
            self._lose(self._known_s + self.monotonic_s - self._known_at_s)
            events.raise_(events.CLOCK_INVALID, self._known_s)
        elif not self._silent:
            self._known(now_s)
        self._watch()
        if self.monotonic_s - self._remembered_s >= _REMEMBER_S:
            self.remember()
        if self._later_s >= 0:
            old_s = self._later_s
            self._later_s = -1
            self._tell(old_s, now_s)
        self.now()  # afresh: a script may have set it
        return date.seconds(self.fields) + self.fields[_DEVIATION] * 60

    def _elapse(self, now_ms: int) -> None:
        if self._ticks_ms >= 0:
            self._rest_ms += (now_ms - self._ticks_ms) & _TICKS_MASK
            self.monotonic_s += self._rest_ms // 1000
            self._rest_ms %= 1000
        self._ticks_ms = now_ms

    def _watch(self) -> None:
        # Daylight saving that begins or ends, whatever the reason.
        self.now()
        summer = self.fields[_STATUS] & _DST
        if self._summer not in (summer, -1):
            events.raise_(events.DST_CHANGED, self.utc_s())
        self._summer = summer

    def _known(self, now_s: int) -> None:
        self._known_s = now_s
        self._known_at_s = self.monotonic_s

    def remember(self) -> bool:
        """Store the time: once an hour, and when the power fails. True when it is safe."""
        self._remembered_s = self.monotonic_s
        return self._remember(self.utc_s(), self._status)

    def _remember(self, now_s: int, status: int) -> bool:
        return settings.put(_KEY_TIME, pack(">IB", now_s, status))

    def valid(self) -> bool:
        """Not invalid: it was set, and has not lost the time since."""
        return self._status & _INVALID == 0

    def _read(self):
        """UTC, ten fields; carried on when the RTC is silent."""
        utc = self._work
        if self._silent or not self.rtc.read(utc):
            if not self._silent:
                self._silent = True
                self._minute = -1
            now_s = self._known_s + self.monotonic_s - self._known_at_s
            put_minute(utc, now_s // 60)
            utc[_SECOND] = now_s % 60
            utc[_HUNDREDTHS] = _ANY
        return utc

    def now(self) -> None:
        """Fill fields with local time; all but the seconds are worked out once a minute."""
        utc = self._read()
        minute = date.minutes(utc)
        if minute != self._minute:
            self._minute = minute
            self._show(minute)
        self.fields[_SECOND] = utc[_SECOND]
        self.fields[_HUNDREDTHS] = utc[_HUNDREDTHS]

    def utc_s(self) -> int:
        """Seconds since 2000-01-01 00:00 UTC."""
        return date.seconds(self._read())

    def _show(self, minute: int) -> None:
        deviation = self.deviation(minute)
        fields = self.fields
        put_minute(fields, minute - deviation)
        fields[_DEVIATION] = deviation
        fields[_STATUS] = self._shown_status() | (
            0 if deviation == self.time_zone_min else _DST)

    def _shown_status(self) -> int:
        # Never invalid and doubtful both.
        return _DOUBTFUL if self._silent and not self._status else self._status

    def set(self, wanted, dry=False) -> bool:
        """Set local time from ten fields; False, and nothing changed, if they make no time or it
        can't be kept.

        dry: only tell whether they make a time; so in every function below that has it.

        Wild octets keep what the clock has; a deviation that is not specified means the local
        time of that moment; day of week, hundredths and status are not stored.
        """
        self.now()
        made = self._work
        near_min = date.minutes(made)
        for k in range(_SECOND + 1):
            wild = _ANY_YEAR if k == _YEAR else _ANY
            made[k] = self.fields[k] if wanted[k] == wild else wanted[k]
        utc = self._utc(made, wanted[_DEVIATION], near_min)
        if utc < 0 or dry:
            return utc >= 0
        # Part of a time does not make an invalid one valid.
        whole = wanted[_YEAR] != _ANY_YEAR and not _has_wild(wanted)
        return self._set(utc * 60 + made[_SECOND], 0 if whole else self._status)

    def _utc(self, fields, deviation: int, near_min: int) -> int:
        # UTC minute of local fields, -1 if they make no time within the century.
        if not date.is_time(fields):
            return -1
        local = date.minutes(fields)
        if deviation == _NO_DEVIATION:
            deviation = self.deviation_of_local(local, near_min)
        elif not _ZONE_MIN - _DST_MAX <= deviation <= _ZONE_MAX + _DST_MAX:
            return -1
        utc = local + deviation
        return utc if utc < _END_MIN else -1

    def shift(self, seconds: int) -> bool:
        """Move the time by some seconds, -900..900 (method 6)."""
        if not -_SHIFT_MAX <= seconds <= _SHIFT_MAX:
            return False
        return self._set(self.utc_s() + seconds, self._status)

    def adjust(self, period_s: int) -> bool:
        """Move the time to the nearest start of a period, 1..86400 s; they are counted from
        local midnight (methods 1 to 3)."""
        now_s = self.utc_s()
        of_day_s = (now_s - self.deviation(now_s // 60) * 60) % _DAY_S
        past_s = of_day_s % period_s
        ahead_s = min(period_s - past_s, _DAY_S - of_day_s)
        return self._set(now_s + (-past_s if past_s < ahead_s else ahead_s), self._status)

    def _set(self, new_s: int, status: int) -> bool:
        # Remembered first: a time that is confirmed must not be forgotten. One that was invalid is
        # valid when the chip has it: should the power fail in between, the chip has the old one.
        if not 0 <= new_s // 60 < _END_MIN:
            return False
        old_s = self.utc_s()
        if not self._remember(new_s, self._status):
            return False
        if not (self._write(new_s) and self._remember(new_s, status)):
            self._write(old_s)
            self._remember(old_s, self._status)
            return False
        self._silent = False
        self._status = status
        self._minute = -1
        self._known(new_s)
        self._tell(old_s, new_s)
        return True

    def _write(self, utc_s: int) -> bool:
        made = self._work
        put_minute(made, utc_s // 60)
        made[_SECOND] = utc_s % 60
        return self.rtc.write(made)

    def _tell(self, old_s: int, new_s: int) -> None:
        if self._telling:
            # Whoever is told of a jump made another one: with the next second.
            self._later_s = old_s if self._later_s < 0 else self._later_s
            return
        if self._synchronises(abs(new_s - old_s)):
            return
        events.raise_(events.CLOCK_OLD_TIME, old_s)
        events.raise_(events.CLOCK_NEW_TIME, new_s)
        self._telling = True
        try:
            self.jumped(old_s, new_s)
        finally:
            self._telling = False

    def _synchronises(self, by_s: int) -> bool:
        # Small changes that add up to more within a day of monotonic time are jumps as well:
        # nobody moves the clock in steps that leave no trace.
        if by_s > _SYNCHRONISED_S:
            return False
        day = self.monotonic_s // _DAY_S
        if day != self._day:
            self._day = day
            self._synchronised_s = 0
        self._synchronised_s += by_s
        return self._synchronised_s <= _SYNCHRONISED_S

    def set_zone(self, minutes: int, dry=False) -> bool:
        """Minutes from local normal time to UTC, -840..720; UTC stays what it is."""
        if not _ZONE_MIN <= minutes <= _ZONE_MAX:
            return False
        return dry or self._keep_zone("time_zone_min", minutes)

    def set_begin(self, rule, dry=False) -> bool:
        """When daylight saving begins: ten fields with wildcards."""
        return date.is_rule(rule) and (dry or self._keep_zone("dst_begin", tuple(rule)))

    def set_end(self, rule, dry=False) -> bool:
        """When daylight saving ends."""
        return date.is_rule(rule) and (dry or self._keep_zone("dst_end", tuple(rule)))

    def set_dst_deviation(self, minutes: int, dry=False) -> bool:
        """Minutes that daylight saving adds, -120..120."""
        if not -_DST_MAX <= minutes <= _DST_MAX:
            return False
        return dry or self._keep_zone("dst_deviation_min", minutes)

    def enable_dst(self, enabled: bool, dry=False) -> bool:
        """Daylight saving or not."""
        return dry or self._keep_zone("dst_enabled", enabled)

    def _keep_zone(self, name: str, value) -> bool:
        was = getattr(self, name)
        setattr(self, name, value)
        safe = settings.put(_KEY_ZONE, self._pack_zone())
        if not safe:
            setattr(self, name, was)
        # What was worked out of the zone and the rules no longer holds.
        self.forget()
        self._minute = -1
        return safe

    def _pack_zone(self) -> bytes:
        made = bytearray(28)
        axdr.store_date_time(made, 4, self.dst_begin)
        axdr.store_date_time(made, 16, self.dst_end)
        head = pack(">hbB", self.time_zone_min, self.dst_deviation_min, self.dst_enabled)
        made[:4] = head
        return bytes(made)

    def _unpack_zone(self, kept) -> None:
        self.time_zone_min, self.dst_deviation_min, enabled = unpack(">hbB", kept[:4])
        self.dst_enabled = enabled != 0
        self.dst_begin = _fields_at(kept, 4)
        self.dst_end = _fields_at(kept, 16)
        self.forget()

    def preset(self, wanted, start, end) -> bool:
        """Keep a time for adjust_to_preset between two others (method 5); ten full fields each."""
        near_min = date.minutes(self._read())
        first = self._utc(start, start[_DEVIATION], near_min)
        last = self._utc(end, end[_DEVIATION], near_min)
        if first < 0 or last < first or self._utc(wanted, wanted[_DEVIATION], near_min) < 0:
            return False
        made = bytearray(12)
        axdr.store_date_time(made, 0, wanted)
        return settings.put(_KEY_PRESET, bytes(made) + pack(">II", first, last))

    def adjust_to_preset(self) -> bool:
        """Set the preset time if now is its moment (method 4)."""
        kept = settings.get(_KEY_PRESET)
        if kept is None:
            return False
        first, last = unpack(">II", kept[12:])
        return first <= date.minutes(self._read()) <= last and self.set(_fields_at(kept, 0))


def _fields_at(octets, pos: int) -> tuple:
    fields = array("i", date.WILD)
    axdr.get_date_time(octets, pos, fields)
    return tuple(fields)


def _has_wild(fields) -> bool:
    # Among month, day, hour and minute; a time without its seconds is a time.
    return _ANY in (fields[_MONTH], fields[_DAY], fields[_HOUR], fields[_MINUTE])
