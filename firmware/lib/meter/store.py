# Octets by key, on the journal: what was put last is what is got, whatever happened in between.
#
# Record in a sector of this owner, at a multiple of 8 octets:
#    0 key u16 | 2 length u16 | 4 crc32 of both and of the octets, from the sector's serial on
#    8 octets, up to a multiple of 8
# The record of a key that lies last, by serial and by place, counts. A record is there when its
# check sequence is right; else the next multiple of 8 is tried, so a record that was cut or has
# decayed takes no other with it. RAM holds a place for each key; the octets stay in flash.
#
# When there are more than 4 sectors the records of the oldest that still count are put again, one
# at a time, and then it is released. So the last 8 serial numbers hold all that counts: a start
# reads no others.
import struct
from binascii import crc32

from micropython import const

_OWNER_STORE = const(252)  # journal.py
_SHIFT = const(12)
_SECTOR = const(4096)
_DATA_AT = const(32)
_RECORD_HEAD = const(8)
_PAGE = const(256)
_KEEP = const(4)  # sectors, while there is nothing to do
_STORE_MOST = const(8)  # sectors at any time
_LIVE_MAX = const(12192)  # octets of records that count: three sectors
_LOST = const(-1)
_TRIES = const(3)  # of a write that does not read back


class Store:
    """get and put by key, 0..0xFFFF."""

    def __init__(self, journal):
        self._journal = journal
        self._places = {}  # key -> sector << 12 | offset of its record
        self._sectors = []  # by serial, which rises by one
        self._serial = 0  # of the newest
        self._tail = _SECTOR  # where the next record goes
        self._live = 0  # octets of records that count
        self._head = bytearray(_RECORD_HEAD)
        if not journal.fault:
            self._mount()

    def _mount(self) -> None:
        found = self._journal.serials(_OWNER_STORE)
        for serial, _, sector in found:
            if serial <= found[-1][0] - _STORE_MOST:
                self._journal.release(sector)
            else:
                self._gap(serial)
                self._sectors.append(sector)
                self._serial = serial
                self._walk(sector)
        for place in self._places.values():
            self._live += _room(self._length(place))

    def _gap(self, serial: int) -> None:
        # Sectors that are lost keep their place, for the serial numbers say how many there are.
        while self._sectors and self._serial + 1 < serial:
            self._sectors.append(_LOST)
            self._serial += 1

    def _walk(self, sector: int) -> None:
        """Find the records of a sector and where they end."""
        at = _DATA_AT
        used = self._journal.used(sector)
        while at < used:
            place = sector << _SHIFT | at
            n = self._length(place)
            if at + _RECORD_HEAD + n <= _SECTOR and self._right(place, n):
                self._places[self._head[0] | self._head[1] << 8] = place
                at += _room(n)
            else:
                at += _RECORD_HEAD
        self._tail = at

    def _length(self, place: int) -> int:
        self._journal.read(place, self._head)
        return self._head[2] | self._head[3] << 8

    def _right(self, place: int, n: int) -> bool:
        """Is this a record? Its head has been read."""
        total = crc32(memoryview(self._head)[:4], self._serial)
        page = self._journal.page
        place += _RECORD_HEAD
        while n:
            size = min(n, _PAGE)
            part = memoryview(page)[:size]
            self._journal.read(place, part)
            total = crc32(part, total)
            place += size
            n -= size
        return total == struct.unpack_from("<I", self._head, 4)[0]

    def get(self, key: int):
        """The octets put last, None when there are none."""
        place = self._places.get(key)
        if place is None:
            return None
        return self._octets(place)

    def _octets(self, place: int) -> bytes:
        octets = bytearray(self._length(place))
        self._journal.read(place + _RECORD_HEAD, octets)
        return bytes(octets)

    def put(self, key: int, octets: bytes) -> bool:
        """Keep octets; True once they are safe, False when there is no room for them now."""
        old = self.get(key)
        if old == octets:
            return True
        more = _room(len(octets)) - (0 if old is None else _room(len(old)))
        if self._live + more > _LIVE_MAX or not self._append(key, octets, 1):
            return False
        self._live += more
        return True

    def _append(self, key: int, octets: bytes, spared: int) -> bool:
        room = _room(len(octets))
        if room > _SECTOR - _DATA_AT:
            return False
        for _ in range(_TRIES):
            if self._tail + room > _SECTOR and not self._grow(spared):
                return False
            place = self._sectors[-1] << _SHIFT | self._tail
            struct.pack_into("<HH", self._head, 0, key, len(octets))
            total = crc32(octets, crc32(memoryview(self._head)[:4], self._serial))
            struct.pack_into("<I", self._head, 4, total)
            if self._journal.write(place, self._head, octets):
                self._tail += room
                self._places[key] = place
                return True
            self._tail = _SECTOR  # what does not read back once is not trusted again
        return False

    def _grow(self, spared: int) -> bool:
        """Go on in a new sector; spared: ready sectors that must be left for tidying up."""
        if len(self._sectors) >= _STORE_MOST or self._journal.ready <= spared:
            return False
        sector = self._journal.take(_OWNER_STORE, 0, self._serial + 1)
        if sector < 0:
            return False
        self._serial += 1
        self._sectors.append(sector)
        self._tail = _DATA_AT
        return True

    def tend(self, idle: bool) -> bool:
        """Tidy up one record's worth while the line is idle; True when there is more to do."""
        if not idle or len(self._sectors) <= _KEEP:
            return False
        oldest = self._sectors[0]
        for key, place in self._places.items():
            if place >> _SHIFT == oldest:
                return self._append(key, self._octets(place), 0)
        if oldest != _LOST:
            self._journal.release(oldest)
        self._sectors.pop(0)
        return True


def _room(n: int) -> int:
    # Octets of the record of n octets.
    return _RECORD_HEAD + (n + 7 & ~7)
