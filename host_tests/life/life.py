"""A meter's life: time passes, energy flows, the power fails, somebody sets the clock; after each
step the meter is what expect.py says."""

import reading
from expect import ADJUSTED, INVALID, NWH, POWER_DOWN, Billing, Energies, Intervals, local, offset_s, rate
from nor import AFTER, BACK, BITS, HALF, PowerCut
from world import World

_PICTURES = (HALF, BITS, BACK, AFTER)
_SLOTS = tuple(range(9, 11)) + tuple(range(17, 25))  # both totals, eight rates
_POWER_FAIL_PIN = 22
_SPARED = 1  # sectors that nobody takes before the next quiet moment
_SYNCHRONISED_S = 9
_DAY_S = 86400
_TIDY_S = 2
_MINUTE = 60
_HOUR = 3600
_REMEMBERED_S = 3600  # how old the time may be that a meter without battery goes on from
_RANGES = 8
_POWER_UP = 2  # event
_LOGGED = 40  # starts whose events the log of 255 entries holds for certain
_ALIKE = 4  # rows that are the same, at most: a clock that goes back and back
_REASONS = POWER_DOWN | ADJUSTED | INVALID


class Life:
    """From a UTC datetime on; seed decides all that happens by chance."""

    def __init__(self, start, seed):
        self.world = World(start, seed)
        self.random = self.world.random
        self.energies = Energies()
        self.load = Intervals(900)
        self.daily = Intervals(86400)
        self.billing = Billing()
        self.profiles = ((self.load, reading.LOAD), (self.daily, reading.DAILY))
        self.ahead_s = 0  # the meter's clock against the true time
        self.valid = False
        self.ups = []  # when the meter lived its first second
        self.cuts = 0
        self.lost_rows = 0
        self.jumps = 0
        self.late = 0  # steps whose Wh could not be saved at once
        self._read = [0, 0]  # rows of both profiles that were read and compared
        self._shown = [0] * len(_SLOTS)
        self._recent = [0, 0]  # nWh since the meter saved them for their age
        self._polled_s = 0
        self._flowing = 0  # nWh of the window that is being booked
        self._wanted_s = None  # how far ahead a client is setting the clock ...
        self._to_s = 0  # ... and to what
        self._day, self._synchronised_s = None, 0
        self._known_s = 0  # what the meter's clock said last

    def close(self):
        self.world.close()

    @property
    def now_s(self):
        """What the meter's clock should say."""
        return self.world.now_s + self.ahead_s

    # --- power -------------------------------------------------------------------------------

    def begin(self):
        """The first start, and the clock is set."""
        self.world.start()
        self._first_second()
        self.set_clock(self.world.now_s)

    def power_off(self, for_s, battery=True, warned=False):
        """The power goes between two operations, and comes again.

        warned: the power-fail pin told in time, and the supply lasts until all is saved."""
        self.world.flash.cut_at = None
        if warned:
            self._warn()
            self._recent = [0, 0]
        self._restart(for_s, battery)

    def _warn(self):
        self.world.module("machine").Pin.states[_POWER_FAIL_PIN] = 0
        self.world.loop.meter.power_fail()
        self.world.loop.clock.remember()

    def _restart(self, for_s, battery, cuts=0):
        """cuts: that many times the power fails again while the meter starts."""
        self.cuts += 1
        self._known_s = went_s = self.now_s
        self.billing.power_cut()
        while True:
            self.world.flash.revive()
            self.world.now_s += for_s
            if not battery:
                self.world.chip.lose()
            if cuts:
                self.cut_soon(12)
                cuts -= 1
            try:
                self.world.start()
                self._found(went_s, battery)
                self._first_second()
                self.world.flash.cut_at = None
                return
            except PowerCut:
                self.cuts += 1
                self.billing.power_cut()
                went_s = self._known_s
                for_s = 1

    def _found(self, went_s, battery):
        """What the meter knows after a start."""
        self._found_time(went_s)
        self._found_energy()
        reader = reading.Reader(self.world.server())
        for profile, obis in self.profiles:
            if profile.making:
                self._found_row(profile, reader.last(obis, _ALIKE))
            profile.started(self.now_s)

    def _found_time(self, went_s):
        self._known_s = clock_s = self.world.loop.clock.utc_s()
        if self.world.loop.clock.valid():
            self._found_valid(clock_s)
            return
        if not self.valid and clock_s == self.now_s:
            return  # the chip carried on what was not valid before
        if self._wanted_s is not None and clock_s in (self._to_s, self.world.now_s + self._wanted_s):
            went_s = clock_s  # a client was just setting it: to be valid it had to be confirmed
        self.valid = False
        self.ahead_s = clock_s - self.world.now_s
        assert went_s - _REMEMBERED_S - 300 <= clock_s <= went_s, (clock_s, went_s)

    def _found_valid(self, clock_s):
        # As it was, or as a client was just setting it.
        if self._wanted_s is not None and clock_s == self.world.now_s + self._wanted_s:
            self.ahead_s = self._wanted_s
            self.valid = True
            self.billing.started(clock_s)
        assert self.valid and clock_s == self.now_s

    def _found_energy(self):
        energy, rates = self.world.loop.meter.energy, self.world.module("meter.tariffs").rates
        found = (energy.import_nwh, energy.export_nwh)
        mine = self.energies
        flow = abs(self._flowing)
        for way in (0, 1):
            lost = mine.total[way] - found[way]
            assert 0 <= lost < NWH + flow, (way, lost, flow)
            assert lost <= self._recent[way], (way, lost, self._recent)
            for k in range(4):
                gone = mine.rates[way][k] - rates.nwh[4 * way + k]
                assert 0 <= gone <= lost, (way, k, gone, lost)
            assert sum(rates.nwh[4 * way : 4 * way + 4]) == found[way]
        mine.take(found, rates.nwh)
        self._flowing = 0
        self._recent = [0, 0]
        self._polled_s = self.world.now_s
        self._rise()

    def _found_row(self, profile, entries):
        # The row in flight is there, or it is not: nothing else is. A clock that went back makes
        # rows that are alike, so as many of them must be there.
        last = profile.rows[-1]
        wanted = [row == last for row in profile.rows[-_ALIKE:]]
        found = [reading.row(columns) == last for columns in entries]
        if _run(found) < _run(wanted):
            profile.rows.pop()
            self.lost_rows += 1

    def _first_second(self):
        before = self.energies.rate
        running = self.world.module("meter.tariffs").rates.split
        self._live()
        self.ups.append(self.now_s)
        if not self.valid and running != 0xFF:  # nothing switches; it is as the script left it
            found = [k for k in range(4) if running >> k & 1]
            assert len(found) == 1 and running == 0x11 << found[0]
            assert found[0] + 1 in (before, self._wanted)
            self.energies.rate = found[0] + 1

    # --- time --------------------------------------------------------------------------------

    _wanted = 1  # the rate that the calendar wanted last

    def _live(self):
        """One moment of the meter."""
        wh = self._saved()
        self.load.second(self.now_s, self.valid, wh)
        self.daily.second(self.now_s, self.valid, wh)
        self.billing.second(self.now_s, self.valid, wh, self.energies)
        if self.valid:
            self._wanted = rate(self.now_s)
        self.world.once()
        if self.world.now_s - self._polled_s >= _MINUTE:
            self._polled_s = self.world.now_s
            self._recent = [0, 0]
        if self.valid:
            self.energies.rate = self._wanted
        for profile, _ in self.profiles:
            profile.making = False
        self.billing.making = False

    def step(self, for_s, nwh):
        """Time passes, nwh flow; the power may fail in it."""
        self.world.now_s += for_s
        self._flow(nwh)
        try:
            self.world.loop.meter.energy.book(nwh)
            self._flowing = 0
            self._live()
            self._rest(for_s)
        except PowerCut:
            self._restart(self.outage_s(), self.random.random() < 0.8, self.random.choice((0, 0, 1, 3)))
            return
        self._check()

    def _rest(self, for_s):
        # The quiet moments of the seconds that the step left out.
        for _ in range(for_s // _TIDY_S):
            if not self.world.loop.memory.tend(True):
                return

    def _flow(self, nwh):
        self._flowing = nwh
        self.energies.book(nwh)
        self._recent[nwh < 0] += abs(nwh)

    def _rise(self):
        # No register is lower than it was, whatever happened.
        registers = self.world.module("meter.registers")
        found = [registers.value(slot) for slot in _SLOTS]
        assert all([one >= other for one, other in zip(found, self._shown)]), (found, self._shown)
        self._shown = found

    def _saved(self):
        # What both totals show: all that is full, unless nothing can be saved just now.
        registers = self.world.module("meter.registers")
        shown = registers.value(_SLOTS[0]), registers.value(_SLOTS[1])
        if shown != self.energies.wh():
            self.late += 1
            assert self.world.loop.memory.journal.ready <= _SPARED
        return shown

    def _check(self):
        self._rise()
        rates = self.world.module("meter.tariffs").rates
        mine = self.energies
        assert rates.nwh == mine.rates[0] + mine.rates[1], (local(self.now_s), mine.rates, rates.nwh)
        for way in (0, 1):
            assert sum(mine.rates[way]) == mine.total[way]

    def outage_s(self):
        """Mostly short, sometimes over rows, now and then over days."""
        kind = self.random.random()
        longest = 5 if kind < 0.5 else 600 if kind < 0.8 else 4 * _HOUR if kind < 0.97 else 200000
        return self.random.randint(1, longest)

    def cut_soon(self, within):
        """Let the power fail in one of the next operations of the flash."""
        at = self.world.flash.operations + self.random.randint(1, within)
        self.world.flash.cut_at = (at, self.random.choice(_PICTURES))

    def set_clock(self, to_s):
        """A client sets the clock to a UTC second of the meter's."""
        old_s = self.now_s
        reader = reading.Reader(self.world.server())
        self._wanted_s = to_s - self.world.now_s
        self._to_s = to_s
        try:
            assert reader.set_clock(to_s)
        except PowerCut:
            self._restart(self.outage_s(), True)
            return
        finally:
            self._wanted_s = None
        self.ahead_s = to_s - self.world.now_s
        self.valid = True
        if not self._synchronises(abs(to_s - old_s)):
            self.jumps += 1
            for profile, _ in self.profiles:
                profile.note(ADJUSTED)
                if to_s < old_s:
                    profile.set_back()
        if to_s < old_s - 900:
            self.billing.set_back(to_s)

    def _synchronises(self, by_s):
        # Up to 9 s within a day since the start are no jump.
        if by_s > _SYNCHRONISED_S:
            return False
        day = (self.world.starts, self.world.lived_s() // _DAY_S)
        if day != self._day:
            self._day, self._synchronised_s = day, 0
        self._synchronised_s += by_s
        return self._synchronised_s <= _SYNCHRONISED_S

    # --- reading -----------------------------------------------------------------------------

    def visit(self):
        """A reader takes what is new in both profiles, and looks at the rest."""
        reader = reading.Reader(self.world.server())
        for k, (profile, obis) in enumerate(self.profiles):
            columns = reader.get(7, obis, 2)
            found = [row for row in map(reading.row, columns) if row is not None]
            assert len(columns) - len(found) <= self.lost_rows
            new = profile.rows[self._read[k] :]
            assert len(found) >= len(new)
            assert found[len(found) - len(new) :] == new, _first_difference(found, new)
            self._read[k] = len(profile.rows)
            self._look_for_gaps(found, profile.period_s)
            self._read_by_date(reader, obis, found)
        self._look_at_billing(reader)
        self._look_at_events(reader)
        assert not self.world.module("cosem.live").bugs

    @staticmethod
    def _look_for_gaps(rows, period_s):
        # One interval behind the other, or the status says why not.
        for before, row in zip(rows, rows[1:]):
            one, other = [(r.at_s + offset_s(r.at_s)) // period_s for r in (before, row)]
            twice = row.at_s - before.at_s == period_s  # the hour that is left out, or comes twice
            assert other == one + 1 or twice or row.status & _REASONS, (before, row)

    def _read_by_date(self, reader, obis, rows):
        for _ in range(_RANGES if rows else 0):
            first, last = sorted([self.random.choice(rows).at_s for _ in range(2)])
            first += self.random.choice((-60, 0, 0, 60))
            last += self.random.choice((-60, 0, 0, 60))
            found = map(reading.row, reader.between(obis, first, last))
            found = [row for row in found if row is not None]
            wanted = [row for row in rows if first <= row.at_s <= last]
            assert found == wanted, (local(first), local(last), len(found), len(wanted))

    def _look_at_billing(self, reader):
        found = []
        for columns in reader.get(7, reading.BILLING, 2):
            row = reading.billing_row(columns)
            if row is not None:
                found.append(row)
        self.billing.check(found)

    def _look_at_events(self, reader):
        n = reader.get(1, reading.POWER_FAILURES, 2)
        assert len(self.ups) - 1 <= n <= self.world.starts - 1, (n, len(self.ups), self.world.starts)
        log = [columns for columns in reader.get(7, reading.STANDARD_LOG, 2) if columns[0]]
        ups = [reading.moment(columns[0]) for columns in log if columns[1] == _POWER_UP]
        for up_s in self.ups[-_LOGGED:]:
            assert up_s in ups, (local(up_s), len(log))
            ups = ups[ups.index(up_s) + 1 :]


def _run(alike):
    """How many at the end are alike."""
    return len(alike) if all(alike) else alike[::-1].index(False)


def _first_difference(found, wanted):
    found = found[len(found) - len(wanted) :]
    for one, other in zip(found, wanted):
        if one != other:
            return f"the meter has {one}, wanted was {other}"
    return "lengths"
