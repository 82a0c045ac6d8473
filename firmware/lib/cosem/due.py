# Scripts that are due: what the schedules and calendars have in common.
#
# An object looks at its entries only when something may be due: it knows the second of the day
# until which nothing is. What it finds goes into one queue for all objects; the last of them
# starts the scripts in the order of their moments, at the same moment the lower selector first.
#
# Moments are local time (meter/calendar.py). A moment is due when it lies behind the last one
# looked at, up to now; so each comes once, whether seconds were missed, minutes, or the hour
# that daylight saving leaves out. The hour that comes twice lies before, and is not due again.
# A step of the clock of up to 900 s, what shift_time can, is such a small one. A larger one
# back lets entries repeat. A larger one forward is as if the power had been off: what was
# missed is started once, if its entry allows it so late.
from cosem import internal, live, plain
from cosem.table import ROWS
from meter.calendar import last_time, next_time, wild_time
from meter.date import days, put_date
from micropython import const

_YEAR = const(0)
_MONTH = const(1)
_DAY = const(2)
_HOUR = const(4)
_MINUTE = const(5)
_SECOND = const(6)
_DEVIATION = const(8)
_STATUS_FIELD = const(9)
_CLOCK_INVALID = const(0x01)
_DAY_S = const(86400)
_STEP_S = const(900)
_HOUR_S = const(3600)
_MISSED_DAYS = const(366)  # what was missed longer ago is forgotten; bounds the search
_ROW_OBIS = const(2)
_ROW_E = const(6)  # of the OBIS code A-B:C.D.E.F within a row
_SCRIPT_TABLE = const(9)
_SPECIAL_DAYS = const(11)
_EXECUTE = const(1)
_DONE = b"\x06"  # shape of the moment that is kept: double-long-unsigned
_SPECIAL_DAYS_D = const(11)  # group C of a special days table
_HOWEVER_LATE = const(0xFFFF)

_parts = []  # every object that may start scripts, in the order of the rows
_queue = []  # (moment, selector, OBIS code of the script table, object to tell or None)


def add(moment: int, selector: int, table, whose=None) -> None:
    """A script is due since a moment; whose.finished() is called when it has run."""
    _queue.append((moment, selector, table, whose))


def again() -> None:
    """Let all objects look again: the special days have changed."""
    for part in _parts:
        part.again()


def _run() -> None:
    _queue.sort(key=_order)
    _, selector, table, whose = _queue.pop(0)
    start(table, selector)
    # Behind the script: a power cut between the two repeats a script, it loses none.
    if whose is not None:
        whose.finished()


def _order(one) -> tuple:
    return one[:2]


def start(table, selector: int) -> None:
    """Run a script of the table with an OBIS code; selector 0 and an unknown table do nothing."""
    row = internal.find(_SCRIPT_TABLE, table)
    if row >= 0 and selector:
        parameter = plain.put(b"\x12", selector)
        internal.act(row, _EXECUTE, parameter, 0, len(parameter))


def special_day(row: int, fields) -> int:
    """Day id that the special days table with the E of this row has for a day; 0 = none."""
    e = ROWS[row * 16 + _ROW_E]
    table = internal.find(_SPECIAL_DAYS, bytes((0, 0, _SPECIAL_DAYS_D, 0, e, 255)))
    return live.of(table).day_id(fields) if table >= 0 else 0


class Part:
    """An object that may start scripts. Its look(now_s, fields, second) is called when something
    may be due, and sets until."""

    def __init__(self, row: int):
        self.row = row
        self.until = 0  # second of the day up to which nothing is due
        self.late = True  # after the start and after the clock was set
        self._from = 0
        self._day = -1  # of the month, -1 = look again
        self.deviation = 0  # of the last look
        if _parts and row <= _parts[-1].row:  # all objects are made anew
            _parts.clear()
            _queue.clear()
        _parts.append(self)

    def second(self, now_s: int, fields) -> bool:
        """Once a second, see live.py; a script at a time."""
        second = fields[_HOUR] * 3600 + fields[_MINUTE] * 60 + fields[_SECOND]
        quiet = self._from <= second < self.until and fields[_DAY] == self._day
        if not quiet or fields[_DEVIATION] != self.deviation:
            self._wake(now_s, fields, second)
        if not _queue or _parts[-1] is not self:
            return False
        _run()
        return bool(_queue)

    def _wake(self, now_s: int, fields, second: int) -> None:
        # A clock that was never set starts nothing.
        if fields[_STATUS_FIELD] & _CLOCK_INVALID:
            self.again()
            return
        self.look(now_s, fields, second)
        self._from = second
        self._day = fields[_DAY]
        self.deviation = fields[_DEVIATION]
        self.late = False

    def look(self, now_s: int, fields, second: int) -> None:
        """Add what is due; of the class."""

    def again(self) -> None:
        """Look again at the next second."""
        self._day = -1

    def jumped(self, old_s: int, new_s: int) -> None:
        """The clock was set."""
        self.again()
        if abs(new_s - old_s) > _STEP_S:
            self.late = True

    def row_changed(self) -> None:
        """An attribute was set."""
        self.again()


class Entry:
    """A script and when it is due: time of 4 octets; days is for the class, which is asked
    whether a day is one of them."""

    def __init__(self, time, days_of, window_min: int, table, selector: int):
        self.time = time
        self.days = days_of
        self.window_min = window_min  # how late it may start, 65535 = no limit
        self.table = table
        self.selector = selector
        # Once an hour or a minute: the next one comes soon, what was missed is not made up for.
        self.often = wild_time(time, 0)


class Watch(Part):
    """An object with entries that are due at moments; entries() and on(entry, fields) are of
    the class. The attribute `kept`, seen by nobody, holds the moment up to which all is done."""

    def __init__(self, row: int, kept: int):
        Part.__init__(self, row)
        self._kept = kept
        self._done = plain.of(row, kept, _DONE)
        self._anew = not self._done  # nothing was missed up to now
        self._own = False

    def jumped(self, old_s: int, new_s: int) -> None:
        """The clock was set; far back, what is to come then comes again."""
        Part.jumped(self, old_s, new_s)
        if new_s < old_s - _STEP_S:
            self._anew = True

    def row_changed(self) -> None:
        """The entries were set: what they would have started before is not made up for."""
        if not self._own:
            self._anew = True
            self.again()

    def look(self, now_s: int, fields, second: int) -> None:
        """Add the entries that are due since the last look."""
        now = days(fields[_YEAR], fields[_MONTH], fields[_DAY]) * _DAY_S + second
        # Ahead of the time by more than daylight saving: the clock was set back meanwhile.
        if self._anew or self.late and self._done > now + _HOUR_S:
            self._done = now - 1
            self.finished()
        self._anew = False
        entries = self.entries()
        if now > self._done:
            self._missed(entries, now)
            self._done = now
        self.until = _DAY_S
        for entry in entries:
            if self.on(entry, fields):
                self.until = min(self.until, next_time(entry.time, 0, second))

    def _missed(self, entries, now: int) -> None:
        # Back from now, day by day, until each entry was found or its moment has been done.
        left = list(entries)
        fields = [0, 0, 0, 0]
        day = now // _DAY_S
        until = now % _DAY_S
        oldest = max(self._done // _DAY_S, day - _MISSED_DAYS)
        while left and day >= oldest:
            put_date(fields, day)
            for entry in tuple(left):
                found = last_time(entry.time, 0, until) if self.on(entry, fields) else -1
                if found >= 0:
                    left.remove(entry)
                    self._add(entry, day * _DAY_S + found, now)
            day -= 1
            until = _DAY_S - 1

    def _add(self, entry, moment: int, now: int) -> None:
        if moment <= self._done or self.late and not _soon_enough(entry, now - moment):
            return
        add(moment, entry.selector, entry.table, None if entry.often else self)

    def finished(self) -> None:
        """Keep how far all is done."""
        self._own = True
        plain.store(self.row, self._kept, _DONE, self._done)
        self._own = False

    def entries(self) -> list:
        """Its Entry instances; of the class."""
        return []

    def on(self, entry, fields) -> bool:
        """Is the day of fields one of the entry's? Of the class."""
        return False


def _soon_enough(entry, late_s: int) -> bool:
    if entry.often:
        return late_s == 0
    return entry.window_min == _HOWEVER_LATE or late_s <= entry.window_min * 60
