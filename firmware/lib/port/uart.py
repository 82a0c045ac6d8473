# A serial line: machine.UART of the rp2 port (PL011), made never to wait.
#
# A line is one small int: bits 0..2 baud code (IEC 62056-21: 0..6 = 300 to 19200, 7 = 115200 as
# an extension), bit 4 set = 8N1, clear = 7E1.
#
# What comes in goes into a ring by DMA: an erase of the flash stops the core for 45 ms, and the
# FIFO holds 32 characters. What goes out is machine.UART's, which waits when it gets more than
# its buffer has room for. There is no call that tells the room, so it is computed from the time
# and the speed of the line; rounding is to the safe side.
import time

from dlms.fcs import move
from machine import UART, Pin, mem32
from micropython import const
from port import ring

_BAUDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 115200)
_8N1 = const(0x10)
_BITS = const(10)  # of a character: 7E1 and 8N1 alike
_EVEN = const(0)  # machine.UART: None no parity, 0 even, 1 odd

# 44 ms at 115200 Bd: the loop comes by far more often; the frame itself waits in its channel.
_TX_SIZE = const(512)
_FIRST = const(32)  # the FIFO; copying 512 octets takes half a millisecond
# 89 ms at 115200 Bd, 1.07 s at 9600: an erase takes 45 ms, 400 at worst, any else of the loop
# less than that. A power of two, as a DMA channel goes round in.
_RX_SIZE = const(1024)
_RX_MASK = const(1023)
_COUNT_MASK = const(0x1FFFFFFF)  # of a ring
_UNUSED = const(32)  # the least that machine.UART takes for its own buffer

# PL011, RP2040 datasheet 4.2.8; UART1 lies 0x4000 above UART0.
_BASE = const(0x40034000)
_STRIDE = const(0x4000)
_IMSC = const(0x38)
_RIS = const(0x3C)
_ICR = const(0x44)
_DMACR = const(0x48)
_RX_INTERRUPTS = const(0x50)  # RXIM, RTIM
_RX_BY_DMA = const(1 << 0)
_ERRORS = const(0x780)  # overrun, break, parity, framing
_OVERRUN = const(0x400)
_REQUEST_RX = const(21)  # DMA, 2.5.3.1: UART0 receives; UART1 is 23


class Uart:
    """UART number 0 or 1; de_pin: GPIO of an RS-485 driver enable, or None."""

    def __init__(self, number: int, line: int, de_pin=None):
        # Addresses beyond 2**30 are objects: made once, errors() is called all the time.
        self._base = _BASE + number * _STRIDE
        self._ris = self._base + _RIS
        self._uart = UART(number, 300, txbuf=_TX_SIZE, rxbuf=_UNUSED, timeout=0)
        self._rx = ring.aligned(_RX_SIZE)
        self._ring = ring.Ring(self._rx, self._base, ring.OCTET, _REQUEST_RX + 2 * number)
        self._source = self._ring.dma
        self._left = self._source.count  # what it stood at when everything read had come
        self._lost = False  # some were overwritten before they were read
        self._de = None if de_pin is None else Pin(de_pin, Pin.OUT, value=0)
        self._sending = False
        self._queued = 0  # characters handed over and, as far as is known, not yet sent
        self._since_us = 0
        self._character_us = 0
        self.set_line(line)

    def set_line(self, line: int) -> None:
        """Change speed and format; call when idle, as characters under way are lost."""
        baud = _BAUDS[line & 7]
        if line & _8N1:
            self._uart.init(baudrate=baud, bits=8, parity=None, stop=1, timeout_char=0)
        else:
            self._uart.init(baudrate=baud, bits=7, parity=_EVEN, stop=1, timeout_char=0)
        self._character_us = (_BITS * 1000000 + baud - 1) // baud
        self._queued = 0
        self._receive_by_dma()

    def _receive_by_dma(self) -> None:
        # The port's interrupt would take the characters, and clear the error flags, which last
        # until errors() has seen them.
        mem32[self._base + _IMSC] &= ~_RX_INTERRUPTS
        mem32[self._base + _DMACR] |= _RX_BY_DMA
        mem32[self._base + _ICR] = _ERRORS

    def readinto(self, buf) -> int:
        """Take what has come, as far as buf has room; the number of octets, 0 if none."""
        # Asked in every pass of the main loop, for every line: as few calls as can be.
        n = (self._left - self._source.count) & _COUNT_MASK
        if n == 0:
            return 0
        if n >= _RX_SIZE:
            self._left = self._source.count
            self._lost = True
            return 0
        at = -self._left & _RX_MASK
        if n > len(buf):
            n = len(buf)
        if n > _RX_SIZE - at:
            n = _RX_SIZE - at
        move(buf, 0, self._rx, at, n)
        self._left = (self._left - n) & _COUNT_MASK
        return n

    def write(self, data) -> int:
        """Hand over as much of data as there is room for; how many octets, 0 if none."""
        self._forget_sent()
        room = _TX_SIZE - self._queued
        n = len(data)
        if n > room:
            n = room
            data = memoryview(data)[:n]
        if n <= 0:
            return 0
        taken = 0 if self._sending else self._begin(data, n)
        if taken:
            data = memoryview(data)[taken:]
        taken += self._uart.write(data) or 0
        self._queued += taken
        return taken

    def _begin(self, data, n: int) -> int:
        """Take the line; of long data the first octets, or the bits wait until all are copied."""
        if self._de is not None:
            self._de(1)
        self._sending = True
        return (self._uart.write(memoryview(data)[:_FIRST]) or 0) if n > 2 * _FIRST else 0

    def _forget_sent(self) -> None:
        # Characters leave one after another; those that must have left make room.
        now_us = time.ticks_us()
        if self._queued == 0 or self.idle():
            self._since_us = now_us
            return
        sent = time.ticks_diff(now_us, self._since_us) // self._character_us
        if sent > 0:
            self._queued = max(self._queued - sent, 1)
            self._since_us = time.ticks_add(self._since_us, sent * self._character_us)

    def idle(self) -> bool:
        """The last bit has left; drops the driver enable then, so ask often while sending."""
        if not self._sending:
            return True
        if not self._uart.txdone():
            return False
        if self._de is not None:
            self._de(0)
        self._sending = False
        self._queued = 0
        return True

    def errors(self) -> int:
        """Flags since the last call: 80 framing, 100 parity, 200 break, 400 overrun; 0 = none."""
        seen = mem32[self._ris] & _ERRORS
        if seen:
            mem32[self._base + _ICR] = seen
        if self._lost:
            self._lost = False
            seen |= _OVERRUN
        return seen
