# One line of the meter: octets between a UART and the door of its protocol.
#
#   UART -> readinto -> door.feed      door.reply -> out -> write -> UART
# Nothing here waits: every call moves what can be moved now. The line (baud, format) changes only
# when the last bit of the last answer has left (IEC 62056-21: the acknowledgement goes out at the
# old speed).
#
# A pass over a silent line is one question to the UART: the door is told the time every few ms,
# and asked for an answer only after something that can make one.
from micropython import const

_RX_SIZE = const(256)  # octets taken per pass: 22 ms of a line at 115200 Bd, 266 ms at 9600
_TICK_MS = const(4)  # finer than every time-out of the protocols
_HEARING_MS = const(3)  # a frame's octets follow each other closer than this, from 4800 Bd on
_TICKS_MASK = const(0x3FFFFFFF)


class Channel:
    """A UART and its door. line: what the UART is set to now (see port/uart.py)."""

    def __init__(self, uart, door, line: int, frame_size: int):
        self.door = door
        self._uart = uart
        self._line = line
        self._rx = bytearray(_RX_SIZE)
        self._out = memoryview(bytearray(frame_size))  # the frame that is being sent
        self._at = 0
        self._end = 0
        self._due = True  # the door may have an answer
        self._before = None  # called when an answer is ready and the line silent
        self._ticked_ms = 0
        self._heard_ms = 0

    def poll(self, now_ms: int) -> bool:
        """Move octets both ways; True when something was done."""
        n = self._uart.readinto(self._rx)
        if n:
            self._receive(n, now_ms)
        elif (now_ms - self._ticked_ms) & _TICKS_MASK >= _TICK_MS:
            self._tick(now_ms)
        if self._due:
            self._send()
        return n > 0 or self._at < self._end

    def before_answers(self, do) -> None:
        """do() is called whenever an answer is ready and nothing is being sent."""
        self._before = do

    def hearing(self, now_ms: int) -> bool:
        """True while octets are coming in: the answer to them is due as soon as they end."""
        return (now_ms - self._heard_ms) & _TICKS_MASK < _HEARING_MS

    def silent(self, now_ms: int, for_ms: int) -> bool:
        """True when nothing was heard for so long."""
        return (now_ms - self._heard_ms) & _TICKS_MASK >= for_ms

    def quiet(self) -> bool:
        """True when nothing is being sent."""
        return self._at == self._end and self._uart.idle()

    def _receive(self, n: int, now_ms: int):
        self._heard_ms = now_ms
        if self._uart.errors():
            self.door.damage(now_ms)  # what came with the damage is lost with it
        else:
            self.door.feed(self._rx, n, now_ms)
        self._due = True

    def _tick(self, now_ms: int):
        self._ticked_ms = now_ms
        if self._uart.errors():
            self.door.damage(now_ms)  # a break: its octet never comes, its flag would hit the next
        if not self.quiet():
            self.door.sending(now_ms)
        self.door.tick(now_ms)
        self._due = True

    def _send(self):
        """Go on with the frame under way; after its end fetch the next one."""
        if self._at == self._end:
            if not self._line_ready():
                return
            self._begin(self.door.reply(self._out))
        if self._due:
            self._at += self._uart.write(self._out[self._at : self._end])

    def _begin(self, size: int):
        # A client that waits for its answer sends nothing: whoever must stop the core does it now.
        self._due = size > 0
        if self._due and self._before and self.quiet():
            self._before()
        self._at = 0
        self._end = size

    def _line_ready(self) -> bool:
        """Give the line the speed and format the door wants; False while bits are leaving."""
        if self.door.line() == self._line:
            return True
        if not self._uart.idle():
            return False
        self._line = self.door.line()
        self._uart.set_line(self._line)
        return True
