# The power-fail input: low while the supply goes down and the capacitors still hold.
from machine import Pin
from port import board


class Power:
    """Asked in every pass of the main loop."""

    def __init__(self, pin: int = board.POWER_FAIL):
        self._pin = Pin(pin, Pin.IN, Pin.PULL_UP)
        self._low = False

    def fails(self) -> bool:
        """True once each time the supply begins to fail."""
        was = self._low
        self._low = not self._pin()
        return self._low and not was

    def low(self) -> bool:
        """True while it does, as far as fails() has seen it."""
        return self._low
