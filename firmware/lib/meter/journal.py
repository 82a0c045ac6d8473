# The journal: sectors of a raw flash partition, each with an owner that only ever appends to it.
# The owners are the key-value store (store.py) and the ring logs (log.py).
#
# Sector, 4096 octets, all numbers little-endian:
#    0 stamp  "MCJ1" | erases u32 | sectors of the partition u16 | FFFF | crc32 of these 12 octets
#   16 owner  owner u8 | 0 | size u16 | serial u32 | turn u32 | crc32 of these 12 octets
#   32 data   as the owner likes
# A sector goes round: erased and stamped (ready) -> taken by an owner, whose sectors have rising
# serial numbers -> released, when nothing in it counts any more -> erased. To take one is one
# operation, the owner's 16 octets; to release one is none: the owner knows by the serial numbers
# which of its sectors count. turn rises with every sector taken, and the next one is looked for
# behind the last one, so all that are free wear alike.
#
# No 8 octets are programmed twice, and everything has a check sequence: whatever a power cut
# leaves, the sector is found free, taken, or neither; then it is erased again.
#
# The device is a block device of MicroPython's extended protocol, whose ioctl 6 erases and whose
# writeblocks with an offset only programs: rp2.Flash(start=, len=), or one in RAM.
import struct
from binascii import crc32

from micropython import const

_SECTOR = const(4096)  # octets that are erased together
_SHIFT = const(12)
_PAGE = const(256)  # octets that are programmed together
_OWNER_AT = const(16)
_DATA_AT = const(32)
_PART = const(16)  # stamp, owner
_SUMMED = const(12)  # of either
_CELL = const(8)
_BLOCKS = const(4)  # block device ioctl
_BLOCK_SIZE = const(5)
_ERASE = const(6)
_OWNERS_MAX = const(252)
_READY = const(254)
_DIRTY = const(255)
_BAD = const(253)
_STOCK = const(4)  # sectors kept erased: 16 KB of writes without a quiet moment ...
_STOCK_MAX = const(8)  # ... or more: at the end of a month every log may begin a sector at once
_STOCK_SHARE = const(16)  # sectors of a partition for each one kept erased
_SECTORS_MIN = const(12)  # sectors a partition has
_STORE_MOST = const(8)  # sectors, store.py
_STAMP = "<4sIHH"
_OWNER = "<BBHII"
_MAGIC = b"MCJ1"
_BLANK = b"\xff" * 256


class Journal:
    """A partition that was mounted; fault is None or the sentence that says why it was not."""

    def __init__(self, device):
        self.fault = None
        self.sectors = device.ioctl(_BLOCKS, 0)
        self.erases = 0  # the most that any sector has seen
        self.torn = 0  # sectors found neither free nor taken: a cut, or decay
        self.ready = 0  # sectors that can be taken at once
        self.failures = 0  # programs and erases that did not read back
        self.page = bytearray(_PAGE)  # what is read and programmed, a page at a time
        self.starved = False  # there was nothing to erase when it was needed
        self._device = device
        self._view = memoryview(self.page)
        self._part = bytearray(_PART)
        self._stock = max(_STOCK, min(_STOCK_MAX, self.sectors // _STOCK_SHARE))
        self._claimed = _STORE_MOST + max(_STOCK, self.sectors // 4)
        self._turn = 0
        self._taken = 0  # the sector taken last
        self._erased = 0
        self.owners = bytearray(self.sectors)
        self._mount()

    # Mounting

    def _mount(self) -> None:
        if self._device.ioctl(_BLOCK_SIZE, 0) != _SECTOR or self.sectors < _SECTORS_MIN:
            self.fault = "the partition has not 12 or more sectors of 4096 octets"
        else:
            known = 0
            for sector in range(self.sectors):
                known += self._look(sector)
            if not known and not self._all_blank():
                self.fault = "the partition holds something else"
        if self.fault:
            for sector in range(self.sectors):
                self.owners[sector] = _BAD
        self._erased = self._taken
        for step in range(self.sectors):  # erasing is ahead of taking
            sector = (self._taken + step) % self.sectors
            if self.owners[sector] == _READY:
                self._erased = sector

    def _look(self, sector: int) -> bool:
        """Find a sector's state; False when nothing in it is ours."""
        stamped = self._stamp(sector)
        fields = self._owner(sector)
        if fields:
            self.owners[sector] = fields[0]
            if fields[4] >= self._turn:
                self._turn = fields[4] + 1
                self._taken = sector
            return True
        ready = stamped and self._part == _BLANK[:_PART]
        self.owners[sector] = _READY if ready else _DIRTY
        self.ready += ready
        self.torn += not ready
        return stamped

    def _read_part(self, sector: int, at: int) -> bool:
        # True when its check sequence is right.
        self._device.readblocks(sector, self._part, at)
        return crc32(self._part[:_SUMMED]) == struct.unpack_from("<I", self._part, _SUMMED)[0]

    def _stamp(self, sector: int) -> bool:
        if not self._read_part(sector, 0):
            return False
        magic, erases, sectors, _ = struct.unpack_from(_STAMP, self._part, 0)
        if magic != _MAGIC or sectors != self.sectors:
            return False
        self.erases = max(self.erases, erases)
        return True

    def _owner(self, sector: int):
        # (owner, 0, size, serial, turn), None when there is none.
        if not self._read_part(sector, _OWNER_AT):
            return None
        fields = struct.unpack_from(_OWNER, self._part, 0)
        return fields if 0 < fields[0] <= _OWNERS_MAX else None

    def _all_blank(self) -> bool:
        # The very first stamp may have been cut: some of its bits, and nothing else.
        first = self._stamp_of(1)
        for sector in range(self.sectors):
            self._device.readblocks(sector, self._part, 0)
            for k in range(_PART):
                if self._part[k] & first[k] != first[k]:
                    return False
            if self.used(sector, _PART) > _PART:
                return False
        self.torn = 0
        return True

    def used(self, sector: int, start: int = _DATA_AT) -> int:
        """Offset behind the last octet that is not blank, a multiple of 8; at least start."""
        for at in range(_SECTOR - _PAGE, -1, -_PAGE):
            self._device.readblocks(sector, self.page, at)
            if self.page != _BLANK:
                return max(start, at + self._used_of_page())
        return start

    def _used_of_page(self) -> int:
        at = _PAGE
        while at and self._view[at - _CELL : at] == _BLANK[:_CELL]:
            at -= _CELL
        return at

    # What owners do

    def claim(self, wanted: int) -> int:
        """How many of the sectors wanted an owner may have at a time; negative: it gives back."""
        granted = min(wanted, max(0, self.sectors - self._claimed))
        if self.fault:
            return 0
        self._claimed += granted
        return granted

    def take(self, owner: int, size: int, serial: int) -> int:
        """A blank sector for an owner, 1..252; -1 when none is ready."""
        for step in range(1, self.sectors + 1):
            sector = (self._taken + step) % self.sectors
            if self.owners[sector] != _READY:
                continue
            struct.pack_into(_OWNER, self._part, 0, owner, 0, size, serial, self._turn)
            self._sum()
            self.owners[sector] = _DIRTY
            self.ready -= 1
            if self.write(sector << _SHIFT | _OWNER_AT, self._part, b""):
                self._turn += 1
                self._taken = sector
                self.owners[sector] = owner
                return sector
        return -1

    def release(self, sector: int) -> None:
        """Nothing in a sector counts any more."""
        self.owners[sector] = _DIRTY

    def serials(self, owner: int) -> list:
        """(serial, size, sector) of an owner's sectors, by serial."""
        found = []
        for sector in range(self.sectors):
            if self.owners[sector] == owner:
                fields = self._owner(sector)
                if fields:
                    found.append((fields[3], fields[2], sector))
        found.sort()
        return found

    def read(self, pos: int, buf) -> None:
        """Fill buf from pos on, sector << 12 | offset; all of it lies in one sector."""
        self._device.readblocks(pos >> _SHIFT, buf, pos & _SECTOR - 1)

    def write(self, pos: int, head, body) -> bool:
        """Program head and body behind it, into blank octets of one sector.

        False when it does not read back: these octets are lost."""
        total = len(head) + len(body)
        done = 0
        while done < total:
            n = min(total - done, _PAGE - (pos + done & _PAGE - 1))
            if not self._program(pos + done, n, head, body, done):
                self.failures += 1
                return False
            done += n
        return True

    def _program(self, pos: int, n: int, head, body, done: int) -> bool:
        # Octets done..done + n - 1 of head + body, all in one page.
        start = pos & _PAGE - 1
        page = self.page
        page[:] = _BLANK
        at = start
        if done < len(head):
            part = min(n, len(head) - done)
            page[at : at + part] = head[done : done + part]
            at += part
            done += part
        done -= len(head)
        page[at : start + n] = body[done : done + start + n - at]
        wanted = crc32(self._view[start : start + n])
        sector = pos >> _SHIFT
        offset = pos & _SECTOR - _PAGE
        self._device.writeblocks(sector, page, offset)
        self._device.readblocks(sector, page, offset)
        return crc32(self._view[start : start + n]) == wanted

    # Housekeeping

    def wipe(self) -> None:
        """Erase everything, whoever's it is; after that the memory is made anew."""
        for sector in range(self.sectors):
            self._device.ioctl(_ERASE, sector)

    def tend(self, idle: bool) -> bool:
        """Erase one sector if one is needed and the line is idle; True when there is more to do.

        45 ms, 400 ms at worst: the core stands still."""
        if self.ready >= self._stock:
            return False
        if idle:
            for step in range(1, self.sectors + 1):
                sector = (self._erased + step) % self.sectors
                if self.owners[sector] == _DIRTY:
                    self._erased = sector
                    self._erase(sector)
                    return True
            self.starved = True
        return False

    def _erase(self, sector: int) -> None:
        erases = self.erases
        if self._read_part(sector, 0):
            erases = struct.unpack_from("<I", self._part, 4)[0]
        self._device.ioctl(_ERASE, sector)
        stamp = self._stamp_of(erases + 1)
        # A sector that does not get blank is left alone; after the next start it is tried again.
        blank = self.used(sector, 0) == 0 and self.write(sector << _SHIFT, stamp, b"")
        self.owners[sector] = _READY if blank else _BAD
        self.ready += blank
        self.erases = max(self.erases, erases + 1)
        self.failures += not blank

    def _stamp_of(self, erases: int):
        struct.pack_into(_STAMP, self._part, 0, _MAGIC, erases, self.sectors, 0xFFFF)
        self._sum()
        return bytes(self._part)

    def _sum(self) -> None:
        struct.pack_into("<I", self._part, _SUMMED, crc32(self._part[:_SUMMED]))
