# Average power over a block or a sliding window; whole numbers only. IEC 62056-6-2, class 5.
#
#   T = period * periods           |--p--|--p--|--p..|   periods = 3
#   last     energy of the last complete T, over T
#   current  energy since the start of the running T, over T: it ramps up, it is no power
# At the end of a period the window moves on by one period.


class Demand:
    """Energies in nWh, averages in 0.1 W; period_s >= 1, periods 1..60."""

    def __init__(self, period_s: int, periods: int):
        self.period_s = period_s
        self.periods = periods
        self.reset()

    def reset(self) -> None:
        """Both averages 0, nothing of the window complete."""
        self.last = 0
        self.restart()

    def restart(self) -> None:
        """A new window; the last average stays."""
        self._done = []  # nWh of the complete periods of the window, oldest first
        self._running = 0

    def add(self, nwh: int) -> None:
        """Energy of the running period."""
        self._running += nwh

    def current(self) -> int:
        """Average of the running window, 0.1 W."""
        return self._average(sum(self._done) + self._running)

    def end_period(self) -> None:
        """A period is complete: the last average is that of the window that ends now."""
        self._done.append(self._running)
        self._running = 0
        self.last = self._average(sum(self._done))
        if len(self._done) == self.periods:
            self._done.pop(0)

    def next_period(self) -> None:
        """The window ends early: its energy so far over the whole of T is the last average."""
        self.last = self.current()
        self.restart()

    def started(self) -> int:
        """Complete periods that the running window has behind it."""
        return len(self._done)

    def _average(self, nwh: int) -> int:
        # nWh / s * 3600 s/h = nW; 1e8 nW are 0.1 W. To the nearest.
        over = self.period_s * self.periods * 100000000
        return (nwh * 3600 + over // 2) // over
