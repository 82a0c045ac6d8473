# The RP2040's real-time clock, which keeps UTC here. It loses its time with the power.
import machine
from micropython import const

_UNKNOWN = const(255)  # it counts whole seconds


class Rtc:
    """What meter.clock.Clock asks for: fields are year, month, day, day of week 1..7, h, m, s."""

    def __init__(self):
        self._rtc = machine.RTC()

    def read(self, fields) -> None:
        """UTC into fields[0..7]."""
        now = self._rtc.datetime()  # day of week 0..6, 0 = Monday
        for k in range(7):
            fields[k] = now[k]
        fields[3] = now[3] + 1
        fields[7] = _UNKNOWN

    def write(self, fields) -> None:
        """Set UTC from fields[0..6]."""
        year, month, day, weekday, hour, minute, second = fields[:7]
        self._rtc.datetime((year, month, day, weekday - 1, hour, minute, second, 0))
