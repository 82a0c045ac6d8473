# The board's LED.
from machine import Pin
from port import board


class Led:
    """Off when made."""

    def __init__(self, pin: int = board.LED):
        self._pin = Pin(pin, Pin.OUT, value=0)

    def set(self, on: bool) -> None:
        """Switch it."""
        self._pin(1 if on else 0)
