# IEC 62056-21 sign-on of the optical port, mode E. Protocol only: the caller changes the line.
#
#   300 Bd 7E1   client  /?[address]!CRLF
#                meter   /XXXZ\2identCRLF        XXX flag letters, Z baud code, \2 = HDLC possible
#                client  ACK 2 Z 2 CRLF          V = 2 HDLC, Y = 2 binary mode
#   Z Bd   7E1   meter   ACK 2 Z 2 CRLF          confirmation, then both go to 8N1 and HDLC
#
# Which line carries the confirmation is told differently: jdlms and the standard's wording put it
# at the new speed still in 7E1. A client that has gone to 8N1 already reads the same ten bits
# with the parity in bit 7; none is known to need it. Clients that miss it go on regardless.
from micropython import const

_LINE_START = const(0)  # 300 Bd, 7E1
_8N1 = const(0x10)
_LONGEST = const(38)  # "/?" address of 32 characters "!" CR LF, and one to notice more
_LF = const(0x0A)
_ACK = const(0x06)
_GAP_MS = const(1500)  # ta, between the characters of a message
_ACK_MS = const(2200)  # tt, until the client's acknowledgement has begun
_CHAR_MS = const(34)  # 10 bits at 300 Bd, rounded up
_TICKS_MASK = const(0x3FFFFFFF)
_IDLE = const(0)
_IDENTIFY = const(1)  # identification waits for the reaction time
_WAIT_ACK = const(2)
_CONFIRM = const(3)  # line is at Z; the confirmation waits for the reaction time
_DONE = const(4)  # confirmation handed out: HDLC's turn


class SignOn:
    """The sign-on of one port; doors as feed, reply, tick. `line` is the line it wants.

    identification: the whole message, "/XXXZ\\2ident" CR LF; address: the device address in
    ASCII; reaction_ms: tr, 200 to 1500, from 20 when the third letter is lower case.
    """

    def __init__(self, identification: bytes, address: bytes, reaction_ms: int):
        self._identification = identification
        self._address = address.lstrip(b"0")
        self._reaction_ms = reaction_ms
        self._message = bytearray(_LONGEST)
        self.reset(0)

    def reset(self, now_ms: int):
        """Back to the start: 300 Bd, 7E1, waiting for a request."""
        self.line = _LINE_START
        self._state = _IDLE
        self._count = 0
        self._due = False
        self._since_ms = now_ms

    def done(self) -> bool:
        """True when the confirmation has been handed out and HDLC begins."""
        return self._state == _DONE

    def feed(self, buf, n: int, now_ms: int):
        """Take characters; bit 7 is parity where the line has not removed it."""
        self.tick(now_ms)
        for k in range(n):
            if self._state == _IDLE or self._state == _WAIT_ACK:
                self._since_ms = now_ms
                self._character(buf[k] & 0x7F, now_ms)

    def damage(self, now_ms: int):
        """A character with a parity or framing error: the message is void up to its end."""
        self._since_ms = now_ms
        self._count = _LONGEST

    def reply(self, out) -> int:
        """Hand out the identification or the confirmation once its reaction time is over."""
        if not self._due:
            return 0
        self._due = False
        if self._state == _IDENTIFY:
            self._state = _WAIT_ACK
            return _copy(out, self._identification)
        self._state = _DONE
        self.line |= _8N1
        z = self._identification[4]
        return _copy(out, bytes((_ACK, 0x32, z, 0x32, 0x0D, _LF)))

    def tick(self, now_ms: int):
        """Let time pass: reaction times, and the gaps that end a message or the sign-on."""
        waited_ms = (now_ms - self._since_ms) & _TICKS_MASK
        if self._state == _IDENTIFY or self._state == _CONFIRM:
            self._due = waited_ms >= self._reaction_ms
        elif self._state == _WAIT_ACK and not self._count:
            # The identification itself is on the line first.
            if waited_ms > _ACK_MS + _CHAR_MS * len(self._identification) + self._reaction_ms:
                self.reset(now_ms)
        elif self._state < _DONE and self._count and waited_ms > _GAP_MS:
            self.reset(now_ms)

    def _character(self, c: int, now_ms: int):
        if c == _ACK or c == 0x2F:
            self._count = 0  # ACK and "/" open a message wherever they stand
        if self._count < _LONGEST:
            self._message[self._count] = c
        # NULs wake a sleeping meter up; anything else in front of "/" is noise.
        if self._count or c == _ACK or c == 0x2F:
            self._count = min(self._count + 1, _LONGEST)
        if c == _LF and self._count:
            self._line_end(now_ms)

    def _line_end(self, now_ms: int):
        size = self._count
        self._count = 0
        if size == _LONGEST:
            return
        if self._state == _WAIT_ACK and self._message[0] == _ACK:
            self._acknowledged(size)
        elif self._requested(size):
            self._state = _IDENTIFY
            self.line = _LINE_START

    def _requested(self, size: int) -> bool:
        """Is it /?!CRLF, or /?address!CRLF with our own address (leading zeros don't count)?"""
        message = bytes(self._message[:size])
        if size < 5 or not message.startswith(b"/?") or not message.endswith(b"!\r\n"):
            return False
        address = message[2:-3]
        return not address or address.lstrip(b"0") == self._address

    def _acknowledged(self, size: int):
        # ACK V Z Y CR LF. The speed changes only when both sides named the same Z.
        m = self._message
        z = self._identification[4]
        if size == 6 and m[1] == 0x32 and m[2] == z and m[3] == 0x32:
            self._state = _CONFIRM
            self.line = z - 0x30
        else:
            self._state = _IDLE


def _copy(out, text: bytes) -> int:
    for k in range(len(text)):
        out[k] = text[k]
    return len(text)
