# A counter that never gives a number twice, whatever happens to the power: it reserves ahead.
#
# What is kept is the first number that was not reserved. After a cut it goes on from there, so
# numbers may be left out.
import struct

from meter import settings


class Counter:
    """Counts from first on; key of the settings; ahead: numbers reserved at a time."""

    def __init__(self, key: int, ahead: int, first: int = 0):
        self._key = key
        self._ahead = ahead
        kept = settings.get(key)
        self._next = first if kept is None else struct.unpack(">Q", kept)[0]
        self._reserved = self._next

    def next(self) -> int:
        """The next number; -1 when it could be given twice, for it can't be kept now."""
        if self._next == self._reserved:
            octets = struct.pack(">Q", self._reserved + self._ahead)
            if not settings.put(self._key, octets):
                return -1
            self._reserved += self._ahead
        self._next += 1
        return self._next - 1
