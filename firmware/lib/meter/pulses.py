# The metrology pulse: one flash of the LED for each Wh, import or export (1000 pulses per kWh).
#
# Energy is booked once a window, so the Wh of a window come at once; they are spread evenly over
# the time until the next one. The count of pulses is exact, a single pulse is up to a window late.
from micropython import const

_WIDTH_MS = const(40)  # at least 30 ms, for an optical counter
_WINDOW_MS = const(1000)
_TICKS_MASK = const(0x3FFFFFFF)


class Pulses:
    """tick() it often; it returns whether the LED is lit. energy_wh: what needs no pulse now."""

    def __init__(self, energy_wh: int):
        self._sent_wh = energy_wh
        self._since_ms = 0  # when the last pulse began
        self._period_ms = 0  # to the next one
        self._lit = False

    def tick(self, energy_wh: int, now_ms: int) -> bool:
        """energy_wh: import and export together, never falling; now_ms wraps at 2**30."""
        waited_ms = (now_ms - self._since_ms) & _TICKS_MASK
        if self._lit:
            self._lit = waited_ms < _WIDTH_MS
        elif energy_wh > self._sent_wh and waited_ms >= self._period_ms:
            self._begin(energy_wh - self._sent_wh, now_ms)
        return self._lit

    def _begin(self, due: int, now_ms: int) -> None:
        self._lit = True
        self._sent_wh += 1
        self._since_ms = now_ms
        self._period_ms = max(_WINDOW_MS // due, 2 * _WIDTH_MS)
