"""`rp2` as firmware/lib/port uses it: a DMA that fills a ring from mains.py, a flash in memory."""

import machine  # the doors are looked at when the count is read
from mains import mains

_ADC_FIFO = 0x4004C00C
_COUNT = 1 << 29
_BLOCK = 4096
_STORAGE = 1408 * 1024


class DMA:
    """The channel that reads the converter's FIFO counts down as samples come; others rest."""

    made = []

    def __init__(self):
        self.channel = len(DMA.made)
        self.read = self.write = self.ctrl = None
        self._sampling = False
        DMA.made.append(self)

    def pack_ctrl(self, **fields):
        return fields

    def config(self, read=None, write=None, count=None, ctrl=None, trigger=False):
        self.read, self.write, self.ctrl = read, write, ctrl
        if read == _ADC_FIFO:
            mains.ring = write
            self._sampling = True

    @property
    def count(self):
        if not self._sampling:
            return 0
        machine.pump()
        return _COUNT - mains.advance() % _COUNT


class Flash:
    """NOR flash in memory: programming clears bits, erasing sets them."""

    def __init__(self, start=0, len=_STORAGE):
        if start % _BLOCK or len % _BLOCK or start + len > _STORAGE:
            raise ValueError
        self.octets = bytearray(b"\xff" * len)

    def readblocks(self, block, buf, offset=0):
        at = block * _BLOCK + offset
        buf[:] = self.octets[at : at + len(buf)]

    def writeblocks(self, block, data, offset=None):
        at = block * _BLOCK + (offset or 0)
        if offset is None:
            self.octets[at : at + len(data)] = b"\xff" * len(data)
        for k in range(len(data)):
            self.octets[at + k] &= data[k]

    def ioctl(self, command, block):
        if command == 4:
            return len(self.octets) // _BLOCK
        if command == 5:
            return _BLOCK
        if command == 6:
            self.octets[block * _BLOCK : (block + 1) * _BLOCK] = b"\xff" * _BLOCK
        return 0
