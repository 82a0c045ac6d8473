# Ring logs: profiles and events. Records are numbered from the first one ever; when a log is full
# the oldest go.
#
# A sector of log n has serial s and holds the records s * per to s * per + per - 1 in slots:
#    0 crc32 of the rest | 4 length u16 | 6 octets, up to a multiple of 8 for the longest record
# A slot that is not blank and not right is a record that was cut or has decayed: it keeps its
# number and reads as nothing. The highest bit of the sector's size says that no record before it
# counts: clear() takes such a sector, so it is one operation.
import struct
from array import array
from binascii import crc32

from dlms.fcs import move
from micropython import const

_SHIFT = const(12)
_SECTOR = const(4096)
_DATA_AT = const(32)
_SLOT_HEAD = const(6)
_CLEARED = const(0x8000)  # bit of a sector's size
_NONE = const(0xFFFF)  # no sector
_SPARED = const(2)  # ready sectors that are left to the store
_TRIES = const(3)
_SUM_SIZE = const(4)  # of the crc32
_RESIDUE = const(0x2144DF1C)  # crc32 of anything and its own crc32 behind it
_NUMBERS_MAX = const(251)

_journal = None
_logs = {}  # number -> Log
# Views of the journal's page, for a record of so many octets: slices cost as much as reading one.
_page = b""
_size = 0
_record = _rest = _sum = b""  # all of it, what is summed, the sum


def _view(page, n: int) -> None:
    global _page, _size, _record, _rest, _sum
    _page = page
    _size = n
    _record = memoryview(page)[: _SLOT_HEAD + n]
    _rest = _record[_SUM_SIZE:]
    _sum = _record[:_SUM_SIZE]


def use(journal) -> None:
    """Logs opened from now on are in a journal; None: in RAM."""
    global _journal
    _journal = journal
    _logs.clear()


def open(number: int, record_size: int, capacity: int):
    """The log of a number, 1..251, for records of at most record_size octets, 1..512.

    capacity records are wanted; Log.capacity tells how many there is room for. Records of another
    size that a log held before are given up."""
    made = _logs.get(number)
    if made is not None and made.asked == (record_size, capacity):
        return made
    if _journal is None:
        made = RamLog(record_size, capacity)
    else:
        if made is not None:
            _journal.claim(-made.claimed)
        made = Log(_journal, number, record_size, capacity)
    _logs[number] = made
    return made


def sweep() -> None:
    """Give up logs that nobody has opened, since their objects are no more."""
    if _journal is not None:
        for sector in range(_journal.sectors):
            owner = _journal.owners[sector]
            if 0 < owner <= _NUMBERS_MAX and owner not in _logs:
                _journal.release(sector)


class Log:
    """Records first..next - 1 are there; first == next: none."""

    def __init__(self, journal, number: int, record_size: int, capacity: int):
        self.asked = (record_size, capacity)
        self._journal = journal
        self._number = number
        self._size = record_size
        self._slot = _SLOT_HEAD + record_size + 7 & ~7
        self._per = (_SECTOR - _DATA_AT) // self._slot
        self.claimed = most = journal.claim((capacity + self._per - 1) // self._per + 1)
        self._sectors = array("H", [_NONE] * max(most, 1))  # of serial s: [s % most]
        self.capacity = min(capacity, max(most - 1, 0) * self._per)
        self._oldest = 0  # serial
        self._last = 0  # serial behind the newest
        self._head = bytearray(_SLOT_HEAD)
        self.first = 0
        self.next = 0
        self._mount()
        self._bound()

    def _mount(self) -> None:
        found = self._journal.serials(self._number)
        if found:
            self._last = found[-1][0] + 1
            self._oldest = max(0, self._last - len(self._sectors))
        for serial, size, sector in found:
            if size & ~_CLEARED != self._size:
                self._oldest = max(self._oldest, serial + 1)
            elif size & _CLEARED:
                self._oldest = max(self._oldest, serial)
        for serial, size, sector in found:
            if serial < self._oldest or not self.capacity:
                self._journal.release(sector)
            else:
                self._sectors[serial % len(self._sectors)] = sector
        self.next = self._last * self._per
        if self._oldest < self._last:
            used = self._journal.used(self._sector(self._last - 1)) - _DATA_AT
            self.next += (used + self._slot - 1) // self._slot - self._per

    def _sector(self, serial: int) -> int:
        return self._sectors[serial % len(self._sectors)]

    def _bound(self) -> None:
        self.first = max(self._oldest * self._per, self.next - self.capacity)

    def append(self, octets) -> bool:
        """Add a record; True once it is safe, False when there is no room for it now."""
        if len(octets) > self._size or not self.capacity:
            return False
        for _ in range(_TRIES):
            if self.next == self._last * self._per and not self._grow(0):
                return False
            place = self._place(self.next)
            self._set_head(octets)
            self.next += 1
            self._bound()
            if self._journal.write(place, self._head, octets):
                return True
        return False

    def _set_head(self, octets) -> None:
        struct.pack_into("<H", self._head, 4, len(octets))
        total = crc32(octets, crc32(memoryview(self._head)[4:], self.next))
        struct.pack_into("<I", self._head, 0, total)

    def _place(self, seq: int) -> int:
        sector = self._sector(seq // self._per)
        return sector << _SHIFT | _DATA_AT + seq % self._per * self._slot

    def _grow(self, flag: int) -> bool:
        """Go on in a new sector; the oldest one goes when it is in the way."""
        if self._journal.ready <= _SPARED:
            return False
        sector = self._journal.take(self._number, self._size | flag, self._last)
        if sector < 0:
            return False
        self._last += 1
        self._forget(self._last - 1 if flag else self._last - len(self._sectors))
        self._sectors[(self._last - 1) % len(self._sectors)] = sector
        return True

    def _forget(self, until: int) -> None:
        # Releases the sectors with serials below until.
        while self._oldest < until:
            at = self._oldest % len(self._sectors)
            if self._sectors[at] != _NONE:
                self._journal.release(self._sectors[at])
                self._sectors[at] = _NONE
            self._oldest += 1

    def read(self, seq: int, out, pos: int) -> int:
        """Write record seq at out[pos:]; its octets, 0 when it is lost or not there."""
        if not self.first <= seq < self.next:
            return 0
        per = self._per
        sector = self._sectors[seq // per % len(self._sectors)]
        if sector == _NONE:
            return 0
        place = sector << _SHIFT | _DATA_AT + seq % per * self._slot
        page = self._journal.page
        if self._slot > len(page):
            return self._read_long(place, seq, out, pos)
        if _page is not page or _size > self._size:
            _view(page, self._size)
        self._journal.read(place, _record)
        n = page[4] | page[5] << 8
        if n != _size:
            if n > self._size:
                return 0
            _view(page, n)
            self._journal.read(place, _record)
        if crc32(_sum, crc32(_rest, seq)) != _RESIDUE:
            return 0
        move(out, pos, page, _SLOT_HEAD, n)
        return n

    def _read_long(self, place: int, seq: int, out, pos: int) -> int:
        # A record that is longer than a page.
        self._journal.read(place, self._head)
        n = self._head[4] | self._head[5] << 8
        if n > self._size:
            return 0
        part = memoryview(out)[pos : pos + n]
        self._journal.read(place + _SLOT_HEAD, part)
        total = crc32(part, crc32(memoryview(self._head)[4:], seq))
        return n if total == struct.unpack_from("<I", self._head, 0)[0] else 0

    def clear(self) -> bool:
        """Forget all records; numbers go on. True once it is safe."""
        if self.first == self.next:
            return True
        if not self._grow(_CLEARED):
            return False
        self.next = (self._last - 1) * self._per
        self._bound()
        return True


class RamLog:
    """A log where there is no partition: its records go with the power."""

    def __init__(self, record_size: int, capacity: int):
        self.asked = (record_size, capacity)
        self.capacity = capacity
        self.first = 0
        self.next = 0
        self._size = record_size
        self._kept = {}  # sequence number -> octets

    def append(self, octets) -> bool:
        """As Log.append."""
        if len(octets) > self._size:
            return False
        self._kept[self.next] = bytes(octets)
        self.next += 1
        if self.next - self.first > self.capacity:
            self._kept.pop(self.first)
            self.first += 1
        return True

    def read(self, seq: int, out, pos: int) -> int:
        """As Log.read."""
        octets = self._kept.get(seq)
        if octets is None:
            return 0
        out[pos : pos + len(octets)] = octets
        return len(octets)

    def clear(self) -> bool:
        """As Log.clear."""
        self._kept.clear()
        self.first = self.next
        return True
