"""A NOR flash in memory as a block device of MicroPython's extended protocol, with a power switch.

Programming clears bits, a page of 256 octets at a time; ioctl 6 sets those of a sector. Each page
and each sector is one operation. The power may fail in any of them, and a failed one leaves one of
several pictures (FIRST..LAST), from nothing done to all done.
"""

import binascii

SECTOR = 4096
PAGE = 256
BEFORE, HALF, BITS, BACK, AFTER = range(5)  # what a cut leaves of the operation
_BLANK = b"\xff" * SECTOR


class PowerCut(BaseException):
    """The power failed in an operation; what catches exceptions does not catch that."""


class Nor:
    """sectors sectors, blank; content: what it holds instead."""

    def __init__(self, sectors, content=None):
        self.sectors = sectors
        self.octets = bytearray(content or _BLANK * sectors)
        self.operations = 0
        self.programs = 0
        self.erases = [0] * sectors
        self.cut_at = None  # (number of the operation, from 1, picture)
        self.stuck = {}  # sector -> bits that cannot be set any more, at its octet 0x123
        self.watch = None  # called before each operation with (sector, offset, data or None)

    def ioctl(self, command, argument):
        if command == 4:
            return self.sectors
        if command == 5:
            return SECTOR
        if command == 6:
            self._operate(argument, 0, None)
        return 0

    def readblocks(self, block, buf, offset=0):
        at = block * SECTOR + offset
        assert offset + len(buf) <= SECTOR, "a read over the end of a sector"
        buf[:] = self.octets[at : at + len(buf)]

    def writeblocks(self, block, data, offset):
        assert offset % PAGE == 0 and len(data) % PAGE == 0 and offset + len(data) <= SECTOR
        for at in range(0, len(data), PAGE):
            self._operate(block, offset + at, bytes(data[at : at + PAGE]))

    def _operate(self, sector, offset, data):
        self.operations += 1
        if self.watch:
            self.watch(sector, offset, data)
        picture = AFTER
        cut = self.cut_at is not None and self.cut_at[0] == self.operations
        if cut:
            picture = self.cut_at[1]
        self.leave(sector, offset, data, picture)
        if cut:
            raise PowerCut()

    def leave(self, sector, offset, data, picture):
        """Let an operation happen as far as a picture shows."""
        at = sector * SECTOR + offset
        if data is None:
            self.erases[sector] += 1
            after = _erased(self.octets[at : at + SECTOR], picture)
            if sector in self.stuck and picture == AFTER:
                after[0x123] &= ~self.stuck[sector] & 0xFF
        else:
            self.programs += 1
            after = _programmed(self.octets[at : at + PAGE], data, picture)
        self.octets[at : at + len(after)] = after


def _some(seed, k):
    # Bits that nobody chose.
    return binascii.crc32(bytes((seed & 0xFF, k & 0xFF, k >> 8))) & 0xFF


def _erased(old, picture):
    half = SECTOR // 2
    if picture == BEFORE:
        return old
    if picture == HALF:  # the head is gone, the rest is there
        old[:half] = _BLANK[:half]
    elif picture == BACK:  # the rest is gone, the head is there
        old[half:] = _BLANK[:half]
    elif picture == BITS:  # some bits of every fourth octet are left behind
        for k in range(0, SECTOR, 4):
            old[k] |= _some(old[k], k)
    else:
        old[:] = _BLANK
    return old


def _programmed(old, data, picture):
    places = [k for k in range(PAGE) if data[k] != 0xFF]
    half = len(places) // 2
    if picture == BEFORE:
        return old
    for k in places:
        if picture == AFTER or picture == HALF and k < places[half]:
            old[k] &= data[k]
        elif picture == HALF and k == places[half]:
            old[k] &= data[k] | 0xF0
        elif picture == BITS:  # some of the bits, everywhere
            old[k] &= data[k] | _some(data[k], k)
        elif picture == BACK and k >= places[half]:
            old[k] &= data[k]
    return old
