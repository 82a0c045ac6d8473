# A ring that a DMA channel fills from a register for ever, without the core.
#
#   register --request--> channel A --> buffer, round and round
#                            ^ |
#     2**29 --> channel B ---+ +- at the end of its count it wakes B
# A counts down from 2**29 transfers, 6.2 h of the converter's; at their end B writes 2**29 into
# A's count again, which starts A anew. A's write address goes on meanwhile.
import gc
from array import array

import rp2
import uctypes
from micropython import const

_COUNT = const(0x20000000)  # 2**29
_COUNT_MASK = const(0x1FFFFFFF)

# DMA, RP2040 datasheet 2.5.7
_DMA = const(0x50000000)
_DMA_STRIDE = const(0x40)
_COUNT_TRIGGER = const(0x1C)  # AL1_TRANS_COUNT_TRIG
_WORD = const(2)
_REQUEST_NONE = const(0x3F)  # as fast as possible
_HOLES = const(250)  # holes of 1 KB that a heap may have
_PAD_LEAST = const(1024)  # shorter ones would fill all small holes and leave none for heads
# Sizes of a transfer.
OCTET = 0
HALF_WORD = 1


class Ring:
    """Filled from the moment it is made; dma: channel A, whose count goes down.

    buffer: from aligned(); register: address of what is read; size: of a transfer, OCTET or
    HALF_WORD; request: number of the DREQ that tells when (2.5.3.1)."""

    def __init__(self, buffer, register: int, size: int, request: int):
        self._again = array("I", [_COUNT])  # what channel B writes
        self.dma = rp2.DMA()
        self._reload = rp2.DMA()
        self._prepare_reload()
        ctrl = self.dma.pack_ctrl(
            size=size,
            inc_read=False,
            inc_write=True,
            ring_sel=True,  # it is the write address that goes round
            ring_size=_bits(len(buffer)),
            treq_sel=request,
            chain_to=self._reload.channel,
        )
        self.dma.config(read=register, write=buffer, count=_COUNT, ctrl=ctrl, trigger=True)

    def produced(self) -> int:
        """Transfers since the ring was made, modulo 2**29."""
        return (_COUNT - self.dma.count) & _COUNT_MASK

    def _prepare_reload(self) -> None:
        dma = self._reload
        ctrl = dma.pack_ctrl(
            size=_WORD, inc_read=False, inc_write=False, treq_sel=_REQUEST_NONE
        )
        count = _DMA + self.dma.channel * _DMA_STRIDE + _COUNT_TRIGGER
        dma.config(read=self._again, write=count, count=1, ctrl=ctrl)


def _bits(size: int) -> int:
    bits = 0
    while 1 << bits < size:
        bits += 1
    return bits


def aligned(size: int):
    """A bytearray of size octets at a multiple of size, a power of two; the gap stays heap.

    What does not lie right is kept until the end, with a pad behind it up to the next multiple:
    so every try fills a hole or comes to lie behind a pad, right. Heads of bytearrays are small
    objects; there are holes for them first, or they would slip in between.
    """
    holes = [bytearray(1) for _ in range(8)]
    kept = []
    holes = None
    gc.collect()
    for _ in range(_HOLES):
        ring = bytearray(size)
        place = uctypes.addressof(ring)
        if place & (size - 1) == 0:
            return ring
        kept.append(ring)
        count = size - (place & (size - 1))
        _pad(kept, place, count if count >= _PAD_LEAST else count + size)
    raise MemoryError


def _pad(kept, place: int, count: int) -> None:
    # A pad may find holes below; it fills them until it lies above the place.
    for _ in range(100):
        pad = bytearray(count)
        kept.append(pad)
        if uctypes.addressof(pad) > place:
            return
