# The raw partition of the flash that the meter's memory has: a block device of MicroPython's
# extended protocol. The file system has the storage before it (boards/METER_PICO/_boot.py).
#
# Programming only clears bits. It and erasing stop the whole chip: 0.7 ms per page of 256 octets,
# 45 ms per sector (typical of the Pico's flash; 3 and 400 ms at worst), while the converter's ring
# goes on.
import struct

import rp2
from micropython import const
from port import board

_SECTOR = const(4096)
_MAGIC_AT = const(8)  # of littlefs, in its first block ...
_BLOCKS_AT = const(28)  # ... and how many blocks it has


def partition():
    """The partition, from board.MEMORY_START on in the storage area.

    None when a file system reaches into it, as that of a stock MicroPython does."""
    head = bytearray(_BLOCKS_AT + 4)
    rp2.Flash().readblocks(0, head, 0)
    if head[_MAGIC_AT : _MAGIC_AT + 8] == b"littlefs":
        if struct.unpack_from("<I", head, _BLOCKS_AT)[0] * _SECTOR > board.MEMORY_START:
            return None
    return rp2.Flash(start=board.MEMORY_START, len=board.MEMORY_SIZE)
