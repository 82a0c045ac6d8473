# The converter: three channels in free-running round robin into a ring, without the core.
#
#   ADC 0 1 2 0 1 2 ... --FIFO--> DMA channel A --> ring of 16384 samples, u16, 12 bits used
# 24000 conversions/s, evenly spaced. A counts down from 2**29 transfers, which take 6.2 h; at
# their end it wakes channel B, which writes 2**29 into A's count again, while the converter's
# FIFO holds the samples of those few cycles. A's write address goes round and round meanwhile.
import gc
from array import array

import rp2
import uctypes
from machine import ADC, Pin, mem32
from micropython import const
from port import board

_RING_OCTETS = const(32768)  # the most a DMA channel can go round in
_RING_BITS = const(15)
_COUNT = const(0x20000000)  # 2**29
_COUNT_MASK = const(0x1FFFFFFF)

# ADC, RP2040 datasheet 4.9.6
_CS = const(0x4004C000)
# Set and clear bits of CS at once: a read-modify-write could put back the selected input, which
# the round robin has moved on meanwhile.
_CS_SET = const(0x4004E000)
_CS_CLEAR = const(0x4004F000)
_FCS = const(0x4004C008)
_FIFO = const(0x4004C00C)
_DIV = const(0x4004C010)
_CS_EN = const(1 << 0)
_CS_START_MANY = const(1 << 3)
_CS_RROBIN = const(7 << 16)  # inputs 0, 1, 2
_FCS_EN = const(1 << 0)
_FCS_DREQ_EN = const(1 << 3)
_FCS_CLEAR = const(0xC00)  # overflow and underflow flags
_FCS_THRESHOLD = const(1 << 24)  # one sample is worth a request
_DIVIDER = const(1999 << 8)  # 48 MHz / 2000 = 24000 per s

# DMA, RP2040 datasheet 2.5.7
_DMA = const(0x50000000)
_DMA_STRIDE = const(0x40)
_COUNT_TRIGGER = const(0x1C)  # AL1_TRANS_COUNT_TRIG
_HALF_WORD = const(1)
_WORD = const(2)
_REQUEST_ADC = const(36)
_REQUEST_NONE = const(0x3F)  # as fast as possible


class Adc:
    """The ring and its producer. ring: 32768 octets, 16384 samples in the order v, i1, i2, v..."""

    def __init__(self):
        self.ring = _ring
        self._again = array("I", [_COUNT])  # what channel B writes
        self._dma = None
        self._reload = None

    def start(self) -> None:
        """Start sampling, or go on after stop() with the channel whose turn it is."""
        if self._dma is None:
            self._prepare()
        mem32[_CS_SET] = _CS_START_MANY

    def stop(self) -> None:
        """Let the conversion under way be the last one."""
        mem32[_CS_CLEAR] = _CS_START_MANY

    def produced(self) -> int:
        """Samples since the first start, modulo 2**29."""
        return (_COUNT - self._dma.count) & _COUNT_MASK

    def _prepare(self) -> None:
        for pin in (board.ADC_V, board.ADC_I1, board.ADC_I2):
            ADC(Pin(pin))  # switches the converter on and the pad to analogue
        mem32[_CS] = _CS_EN | _CS_RROBIN
        mem32[_DIV] = _DIVIDER
        mem32[_FCS] = _FCS_EN | _FCS_DREQ_EN | _FCS_CLEAR | _FCS_THRESHOLD
        self._dma = rp2.DMA()
        self._reload = rp2.DMA()
        self._prepare_reload()
        self._prepare_ring()

    def _prepare_ring(self) -> None:
        dma = self._dma
        ctrl = dma.pack_ctrl(
            size=_HALF_WORD,
            inc_read=False,
            inc_write=True,
            ring_sel=True,  # it is the write address that goes round
            ring_size=_RING_BITS,
            treq_sel=_REQUEST_ADC,
            chain_to=self._reload.channel,
        )
        dma.config(read=_FIFO, write=self.ring, count=_COUNT, ctrl=ctrl, trigger=True)

    def _prepare_reload(self) -> None:
        dma = self._reload
        ctrl = dma.pack_ctrl(
            size=_WORD, inc_read=False, inc_write=False, treq_sel=_REQUEST_NONE
        )
        count = _DMA + self._dma.channel * _DMA_STRIDE + _COUNT_TRIGGER
        dma.config(read=self._again, write=count, count=1, ctrl=ctrl)


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
    for _ in range(8):
        ring = bytearray(size)
        place = uctypes.addressof(ring)
        if place & (size - 1) == 0:
            return ring
        kept.append(ring)
        _pad(kept, place, size - (place & (size - 1)))
    raise MemoryError


def _pad(kept, place: int, count: int) -> None:
    # A short pad may find holes below; it fills them until it lies above the place.
    for _ in range(100):
        pad = bytearray(count)
        kept.append(pad)
        if uctypes.addressof(pad) > place:
            return


# Placed when this module is imported, which main.py does first: where modules lie in the heap
# (make deploy) they leave no room in one piece behind them.
_ring = aligned(_RING_OCTETS)
