# A raw partition of the flash: read, program, erase. The file system has the rest.
#
# Programming only clears bits. It and erasing stop the whole chip: 0.4 ms per page of 256
# octets, 45 ms per sector (typical of the Pico's flash), while the converter's ring goes on.
import rp2
from micropython import const

SECTOR = 4096  # octets that are erased together
PAGE = 256  # octets that are programmed together
_ERASE = const(6)  # block device ioctl: erase a block


class Flash:
    """size octets, a multiple of SECTOR, from start on within the board's storage area."""

    def __init__(self, start: int, size: int):
        self.size = size
        self._flash = rp2.Flash(start=start, len=size)

    def read(self, pos: int, buf) -> None:
        """Fill buf from pos on."""
        self._flash.readblocks(pos // SECTOR, buf, pos % SECTOR)

    def program(self, pos: int, data) -> None:
        """Clear bits from pos on; pos and the length of data are multiples of PAGE."""
        self._flash.writeblocks(pos // SECTOR, data, pos % SECTOR)

    def erase(self, pos: int) -> None:
        """Set all bits of the sector at pos, a multiple of SECTOR."""
        self._flash.ioctl(_ERASE, pos // SECTOR)
