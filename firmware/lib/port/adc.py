# The converter: three channels in free-running round robin into a ring, without the core.
#
#   ADC 0 1 2 0 1 2 ... --FIFO--> port/ring.py: 16384 samples, u16, 12 bits used
# 24000 conversions/s, evenly spaced. While the ring's channel is set going again, the converter's
# FIFO holds the samples of those few cycles.
from machine import ADC, Pin, mem32
from micropython import const
from port import board, ring

_RING_OCTETS = const(32768)  # the most a DMA channel can go round in

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

_REQUEST_ADC = const(36)  # DMA, 2.5.3.1


class Adc:
    """The ring and its producer. ring: 32768 octets, 16384 samples in the order v, i1, i2, v..."""

    def __init__(self):
        self.ring = _ring
        self._filling = None

    def start(self) -> None:
        """Start sampling, or go on after stop() with the channel whose turn it is."""
        if self._filling is None:
            self._prepare()
        mem32[_CS_SET] = _CS_START_MANY

    def stop(self) -> None:
        """Let the conversion under way be the last one."""
        mem32[_CS_CLEAR] = _CS_START_MANY

    def produced(self) -> int:
        """Samples since the first start, modulo 2**29."""
        return self._filling.produced()

    def _prepare(self) -> None:
        for pin in (board.ADC_V, board.ADC_I1, board.ADC_I2):
            ADC(Pin(pin))  # switches the converter on and the pad to analogue
        mem32[_CS] = _CS_EN | _CS_RROBIN
        mem32[_DIV] = _DIVIDER
        mem32[_FCS] = _FCS_EN | _FCS_DREQ_EN | _FCS_CLEAR | _FCS_THRESHOLD
        self._filling = ring.Ring(self.ring, _FIFO, ring.HALF_WORD, _REQUEST_ADC)


# Placed when this module is imported, which main.py does first: where modules lie in the heap
# (make deploy) they leave no room in one piece behind them.
_ring = ring.aligned(_RING_OCTETS)
