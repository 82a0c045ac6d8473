"""`rp2` as firmware/lib/port uses it: a DMA that fills a ring from mains.py or from a line, and a
flash in memory."""

import machine  # the doors are looked at when the count is read
import wires
from mains import mains

_ADC_FIFO = 0x4004C00C
_UART_DR = {0x40034000: 0, 0x40038000: 1}
_COUNT = 1 << 29
_AT_ONCE = 128  # characters that come between two looks, as far as the far end has sent them
_BLOCK = 4096
_STORAGE = 1408 * 1024
_ERASE = 6
_ERASED = b"\xff" * _BLOCK


class DMA:
    """A channel that reads the converter's FIFO or a UART counts down as it moves; others rest."""

    made = []

    def __init__(self):
        self.channel = len(DMA.made)
        self.read = self.write = self.ctrl = None
        self.moved = 0
        DMA.made.append(self)

    def pack_ctrl(self, **fields):
        return fields

    def config(self, read=None, write=None, count=None, ctrl=None, trigger=False):
        self.read, self.write, self.ctrl = read, write, ctrl
        if read == _ADC_FIFO:
            mains.ring = write

    @property
    def count(self):
        if self.read == _ADC_FIFO:
            machine.pump()
            self.moved = mains.advance()
        elif self.read in _UART_DR:
            machine.pump()
            self._receive(wires.wires[_UART_DR[self.read]])
        else:
            return 0
        return _COUNT - self.moved % _COUNT

    def _receive(self, wire):
        mask = (1 << wire.line[1]) - 1
        for octet in wire.take(_AT_ONCE):
            self.write[self.moved % len(self.write)] = octet & mask
            self.moved += 1


class Flash:
    """NOR flash in memory, or in a file: programming clears bits, erasing sets them.

    One storage area behind all partitions, as on the chip: start and len say which part of it.
    """

    sectors = {}  # number -> octets, of those that are not blank
    file = None

    def __init__(self, start=0, len=_STORAGE):
        if start % _BLOCK or len % _BLOCK or start + len > _STORAGE:
            raise ValueError
        self.first = start // _BLOCK
        self.count = len // _BLOCK

    @classmethod
    def keep_in(cls, path):
        """Take the storage area from a file and put what changes into it; made if need be."""
        try:
            cls.file = open(path, "r+b")
        except OSError:
            cls.file = open(path, "w+b")
        cls.sectors.clear()
        for sector in range(_STORAGE // _BLOCK):
            octets = cls.file.read(_BLOCK)
            if not octets:
                break
            if octets != _ERASED:
                cls.sectors[sector] = bytearray(octets)
        for sector in range(sector, _STORAGE // _BLOCK):
            cls._save(sector)

    @classmethod
    def _save(cls, sector):
        if cls.file is not None:
            cls.file.seek(sector * _BLOCK)
            cls.file.write(cls.sectors.get(sector, _ERASED))
            cls.file.flush()

    def readblocks(self, block, buf, offset=0):
        at = block * _BLOCK + offset
        for k in range(0, len(buf), _BLOCK):
            octets = Flash.sectors.get(self.first + (at + k) // _BLOCK, _ERASED)
            buf[k : k + _BLOCK] = octets[at % _BLOCK : at % _BLOCK + len(buf) - k]

    def writeblocks(self, block, data, offset=None):
        if offset is None:
            self.ioctl(_ERASE, block)
            offset = 0
        octets = Flash.sectors.setdefault(self.first + block, bytearray(_ERASED))
        for k in range(len(data)):
            octets[offset + k] &= data[k]
        self._save(self.first + block)

    def ioctl(self, command, block):
        if command == 4:
            return self.count
        if command == 5:
            return _BLOCK
        if command == _ERASE:
            Flash.sectors.pop(self.first + block, None)
            self._save(self.first + block)
        return 0
