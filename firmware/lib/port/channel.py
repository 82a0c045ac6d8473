# One line of the meter: octets between a UART and the door of its protocol.
#
#   UART -> readinto -> door.feed      door.reply -> out -> write -> UART
# Nothing here waits: every call moves what can be moved now. The line (baud, format) changes only
# when the last bit of the last answer has left (IEC 62056-21: the acknowledgement goes out at the
# old speed).
from micropython import const

_RX_SIZE = const(256)  # octets taken per pass: 22 ms of a line at 115200 Bd, 266 ms at 9600


class Channel:
    """A UART and its door. `line` is what the UART is set to now (see port/uart.py).

    follows: the door asks for the line (the optical port does), else it stays as it is.
    """

    def __init__(self, uart, door, line: int, frame_size: int, follows: bool):
        self.door = door
        self._uart = uart
        self._line = line
        self._follows = follows
        self._rx = bytearray(_RX_SIZE)
        self._out = memoryview(bytearray(frame_size))  # the frame that is being sent
        self._at = 0
        self._end = 0

    def poll(self, now_ms: int) -> bool:
        """Move octets both ways; True when something was done."""
        busy = self._receive(now_ms)
        self.door.tick(now_ms)
        return self._send(now_ms) or busy

    def quiet(self) -> bool:
        """True when nothing is being sent."""
        return self._at == self._end and self._uart.idle()

    def _receive(self, now_ms: int) -> bool:
        n = self._uart.readinto(self._rx)
        if self._uart.errors():
            self.door.damage(now_ms)  # what came with the damage is lost with it
        elif n:
            self.door.feed(self._rx, n, now_ms)
        return n > 0

    def _send(self, now_ms: int) -> bool:
        if self._at == self._end and not self._next():
            return False
        self._at += self._uart.write(self._out[self._at : self._end])
        self.door.sending(now_ms)
        return True

    def _next(self) -> bool:
        """Fetch the next frame, unless the line has to change first."""
        if self._follows and self.door.line() != self._line:
            if not self._uart.idle():
                return False
            self._line = self.door.line()
            self._uart.set_line(self._line)
        self._at = 0
        self._end = self.door.reply(self._out)
        return self._end > 0
