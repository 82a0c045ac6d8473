# Guessing passwords is slowed down: a delay that grows with the failures of an association.
#
#   failures in a row   1  2  3  4  5  6  7   8   9  10 and more
#   delay, s            0  0  0  1  2  4  8  16  32  60
# Three slips of a person cost nothing; a machine gets 60 guesses an hour. Nothing waits: while a
# delay runs, the association answers as to a wrong password and does not look at it.
from meter import events
from micropython import const

_FREE = const(3)  # failures without a delay
_STEP_MS = const(1000)
_STEPS = const(7)  # the last one
_LONGEST_MS = const(60000)
_TICKS_MASK = const(0x3FFFFFFF)  # of a millisecond counter that wraps at 2**30


class Throttle:
    """Failures of each association, by its number below count. Times in ms modulo 2**30."""

    def __init__(self, count: int):
        self._failures = bytearray(count)
        self._since_ms = [0] * count  # the last one that counted

    def closed(self, index: int, now_ms: int) -> bool:
        """Is no password of this association looked at now?"""
        steps = self._failures[index] - _FREE
        if steps <= 0:
            return False
        delay_ms = min(_STEP_MS << steps - 1, _LONGEST_MS)
        return (now_ms - self._since_ms[index]) & _TICKS_MASK < delay_ms

    def failed(self, index: int, now_ms: int):
        """A password was looked at and is wrong."""
        self._since_ms[index] = now_ms
        if self._failures[index] < _FREE + _STEPS:
            self._failures[index] += 1
            if self._failures[index] == _FREE:  # once until a password is right
                events.raise_(events.WRONG_PASSWORDS)

    def passed(self, index: int):
        """A password was right: the failures are forgotten."""
        self._failures[index] = 0
