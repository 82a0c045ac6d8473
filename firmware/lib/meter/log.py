# Ring logs: profiles and events. Records are numbered from the first one ever; when a log is full
# the oldest go. They live in RAM so far.
_logs = {}  # number -> Log


def open(number: int, record_size: int, capacity: int) -> "Log":
    """The log of a number, 1..255, for records of at most record_size octets, 1..512.

    capacity records are wanted; Log.capacity tells how many there is room for."""
    if number not in _logs:
        _logs[number] = Log(record_size, capacity)
    return _logs[number]


class Log:
    """Records first..next - 1 are there; first == next: none."""

    def __init__(self, record_size: int, capacity: int):
        self.capacity = capacity
        self.first = 0
        self.next = 0
        self._size = record_size
        self._kept = {}  # sequence number -> octets

    def append(self, octets) -> bool:
        """Add a record; True once it is safe."""
        if len(octets) > self._size:
            return False
        self._kept[self.next] = bytes(octets)
        self.next += 1
        if self.next - self.first > self.capacity:
            self._kept.pop(self.first)
            self.first += 1
        return True

    def read(self, seq: int, out, pos: int) -> int:
        """Write record seq at out[pos:]; its octets, 0 when it is lost or not there."""
        octets = self._kept.get(seq)
        if octets is None:
            return 0
        out[pos : pos + len(octets)] = octets
        return len(octets)

    def clear(self) -> None:
        """Forget all records; numbers go on."""
        self._kept.clear()
        self.first = self.next
