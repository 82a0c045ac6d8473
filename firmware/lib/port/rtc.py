# The RP2040's real-time clock, which keeps UTC here. It loses its time with the power.
import machine
from micropython import const

_UNKNOWN = const(255)  # it counts whole seconds
_START = (2021, 1, 1, 4, 0)  # what the rp2 port sets it to at every reset, a Friday


class Rtc:
    """What meter.clock.Clock asks for: fields are year, month, day, day of week 1..7, h, m, s."""

    def __init__(self):
        self._rtc = machine.RTC()
        # Within the first minute after a reset; a soft reset leaves it going.
        self.lost = self._rtc.datetime()[:5] == _START

    def read(self, fields) -> bool:
        """UTC into fields[0..7]; it always answers."""
        now = self._rtc.datetime()  # day of week 0..6, 0 = Monday
        for k in range(7):
            fields[k] = now[k]
        fields[3] = now[3] + 1
        fields[7] = _UNKNOWN
        return True

    def write(self, fields) -> bool:
        """Set UTC from fields[0..6]."""
        year, month, day, weekday, hour, minute, second = fields[:7]
        self._rtc.datetime((year, month, day, weekday - 1, hour, minute, second, 0))
        self.lost = False
        return True
