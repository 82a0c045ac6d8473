# The disconnect relay: its pin is high while the supply is connected. It has no feedback.
from machine import Pin
from port import board


class Relay:
    """Left alone, and so open, until it is told what to be."""

    def __init__(self, number: int = board.RELAY):
        self._number = number
        self._pin = None

    def set(self, closed: bool) -> None:
        """Close or open it."""
        level = 1 if closed else 0
        if self._pin is None:
            # Made with its level: the pin is never low in between when it is to be high.
            self._pin = Pin(self._number, Pin.OUT, value=level)
        else:
            self._pin(level)
