"""What the simulated meter must have, by arithmetic of its own: Python's datetime and whole nWh.

Nothing here imports the firmware. Times are UTC seconds since 2000 as the meter's clock should
have them; the rules are those of firmware/meter.toml and of DESIGN.md, Time.
"""

from datetime import datetime, timedelta

NWH = 10**9
EPOCH = datetime(2000, 1, 1)
INVALID, NOT_VALID, SUMMER, ADJUSTED, POWER_DOWN = 0x02, 0x04, 0x08, 0x20, 0x80
_RATES = 4


def seconds(moment):
    """UTC seconds since 2000 of a UTC datetime."""
    return int((moment - EPOCH).total_seconds())


def _last_sunday(year, month):
    day = datetime(year, month, 31)
    return day - timedelta(days=day.isoweekday() % 7)


_changes = {}


def offset_s(now_s):
    """Local time minus UTC, Central Europe: summer time between the last Sundays of March and
    October, 01:00 UTC."""
    year = (EPOCH + timedelta(seconds=now_s)).year
    if year not in _changes:
        _changes[year] = [
            seconds(_last_sunday(year, month) + timedelta(hours=1)) for month in (3, 10)
        ]
    begin, end = _changes[year]
    return 7200 if begin <= now_s < end else 3600


def local(now_s):
    return EPOCH + timedelta(seconds=now_s + offset_s(now_s))


_DAYS = {  # hour from which on a rate holds
    1: ((0, 2), (6, 1), (22, 2)),
    2: ((0, 2),),
    3: ((0, 2), (6, 1), (17, 3), (20, 1), (22, 2)),
}
_HOLIDAYS = ((1, 1), (5, 1), (12, 25), (12, 26))


def rate(now_s):
    """The rate, 1..4, that meter.toml's calendar wants."""
    at = local(now_s)
    weekday = at.isoweekday()
    if (at.month, at.day) in _HOLIDAYS or weekday == 7:
        day = 2
    elif 4 <= at.month <= 10 or weekday == 6:
        day = 1
    else:
        day = 3
    return [wanted for hour, wanted in _DAYS[day] if hour <= at.hour][-1]


class Energies:
    """Import and export in nWh, in all and by rate."""

    def __init__(self):
        self.rate = 1
        self.total = [0, 0]
        self.rates = [[0] * _RATES, [0] * _RATES]

    def book(self, nwh):
        way = int(nwh < 0)
        self.total[way] += abs(nwh)
        self.rates[way][self.rate - 1] += abs(nwh)

    def wh(self):
        """What the registers of both totals show."""
        return tuple([nwh // NWH for nwh in self.total])

    def take(self, total, rates):
        """Go on with what a meter had after a power cut."""
        self.total = list(total)
        self.rates = [list(rates[:_RATES]), list(rates[_RATES:])]


class Row:
    """A row that is due: when, its status, both registers."""

    def __init__(self, at_s, status, wh):
        self.at_s, self.status, self.wh = at_s, status, wh

    def __repr__(self):
        return f"{local(self.at_s)} {self.status:02X} {self.wh}"

    def __eq__(self, other):
        return other is not None and (self.at_s, self.status, self.wh) == (other.at_s, other.status, other.wh)


class Intervals:
    """A profile that captures at the multiples of a period of local time."""

    def __init__(self, period_s):
        self.period_s = period_s
        self.rows = []
        self.making = False  # a row came of the last second
        self._status = POWER_DOWN
        self._index = None  # None: what went before does not count

    def _of(self, now_s):
        return (now_s + offset_s(now_s)) // self.period_s

    def note(self, bits):
        self._status |= bits

    def second(self, now_s, valid, wh):
        """The meter lives through a moment."""
        if not valid:
            self.note(INVALID | NOT_VALID)
        index = self._of(now_s)
        before, self._index = self._index, index
        self.making = before is not None and before != index
        if self.making:
            summer = SUMMER if offset_s(now_s) == 7200 else 0
            self.rows.append(Row(now_s, self._status | summer, wh))
            self._status = 0 if valid else INVALID | NOT_VALID

    def set_back(self):
        self._index = None

    def started(self, now_s):
        """There is power again, and what is in rows was found."""
        last_s = self.rows[-1].at_s if self.rows else now_s + 1
        self._status = POWER_DOWN
        self._index = self._of(last_s) if last_s <= now_s else None
        self.making = False


class Billing:
    """Captures once when months have begun: [first of the month, rows that may be, cut off]."""

    def __init__(self):
        self.periods = []
        self.done = None  # local time up to which all is done
        self.making = False

    def second(self, now_s, valid, wh, energies):
        self.making = False
        if not valid:
            return
        now = local(now_s)
        first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        if self.done is not None and first > self.done:
            if not self.periods or self.periods[-1][0] != first:
                self.periods.append([first, [], False])
            row = Row(now_s, 0, wh)
            row.rates = [nwh // NWH for way in energies.rates for nwh in way]
            self.periods[-1][1].append(row)
            self.making = True
        self.done = now if self.done is None else max(self.done, now)

    def set_back(self, now_s):
        self.done = local(now_s) - timedelta(seconds=1)

    def started(self, now_s):
        """There is power again; the clock may have been set back meanwhile."""
        if self.done and self.done > local(now_s) + timedelta(hours=1):
            self.set_back(now_s)

    def power_cut(self):
        """In the second that captured: perhaps it has, and once more it may."""
        if self.making:
            self.periods[-1][2] = True
            self.done = self.periods[-1][0] - timedelta(seconds=1)
        self.making = False

    def check(self, found):
        """found: Rows, in their order, are one for each period, or more where it was cut."""
        found = list(found)
        for first, rows, cut in self.periods:
            n = 0
            while found and found[0] in rows:
                row = found.pop(0)
                _check_rates(row, rows[rows.index(row)])
                n += 1
            assert n == 1 or cut and 1 <= n <= len(rows), (first, rows, n, found[:1])
        assert not found, found


def _check_rates(row, wanted):
    # What a rate shows was saved last with a full Wh of the total, so it may be one behind.
    for found, full in zip(row.rates, wanted.rates):
        assert full - 1 <= found <= full, (row, row.rates, wanted.rates)
