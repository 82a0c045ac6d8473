# The push button between its pin and ground.
from machine import Pin
from micropython import const
from port import board

_HELD = const(32)  # looks, one every 8 ms: a person presses for a quarter of a second


class Button:
    """Looked at every few ms."""

    def __init__(self, number: int = board.BUTTON):
        self._pin = Pin(number, Pin.IN, Pin.PULL_UP)
        self._looks = 0  # in a row that found it down

    def pressed(self) -> bool:
        """True once for each time it is held; what bounces or is shorter is no press."""
        if self._pin():
            self._looks = 0
            return False
        if self._looks <= _HELD:
            self._looks += 1
        return self._looks == _HELD
