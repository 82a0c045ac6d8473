# IEC 62056-21 sign-on of the optical port, modes E, C and A. Protocol only: the caller changes
# the line.
#
#   300 Bd 7E1   client  /?[address]!CRLF
#                meter   /XXXZ\2identCRLF        XXX flag letters, Z baud code, \2 = HDLC possible
#                client  ACK V Z Y CRLF
#   V Y  Z as offered                            another Z
#   2 2  mode E: ACK 2 Z 2 CRLF at Z Bd 7E1,     back to the start
#        then both go to 8N1 and HDLC
#   0 0  mode C: data readout at Z Bd 7E1        data readout at 300 Bd
#   0 1  break, SOH B0 ETX BCC, at Z Bd 7E1      back to the start
#   else and without an acknowledgement, as in mode A: data readout at 300 Bd
#
# A meter without a readout goes back to the start instead. NAK behind a readout repeats it. A
# request that arrives during one ends it: only a client can send that, an echo of ours cannot.
#
# Which line carries the confirmation is told differently: jdlms and the standard's wording put it
# at the new speed still in 7E1. A client that has gone to 8N1 already reads the same ten bits
# with the parity in bit 7; none is known to need it. Clients that miss it go on regardless.
from micropython import const

from dlms.readout import Readout

_LINE_START = const(0)  # 300 Bd, 7E1
_8N1 = const(0x10)
_LONGEST = const(38)  # "/?" address of 32 characters "!" CR LF, and one to notice more
_CR = const(0x0D)
_LF = const(0x0A)
_ACK = const(0x06)
_NAK = const(0x15)
_SLASH = const(0x2F)
_HDLC = const(0x3232)  # V and Y of the acknowledgement: "2" "2"
_READ_OUT = const(0x3030)
_PROGRAMMING = const(0x3031)
_BREAK_MESSAGE = b"\x01B0\x03\x71"  # SOH B0 ETX BCC: complete sign-off
_GAP_MS = const(1500)  # ta, between the characters of a message
_QUICK_MS = const(20)  # tr with a third flag letter of lower case ...
_SLOW_MS = const(200)  # ... and of upper case
_ACK_MS = const(2200)  # tt, until the client's acknowledgement or NAK has begun
# So much of a readout is handed out beforehand: more than the loop is ever away, and little
# enough that a readout ends soon when it shall.
_AHEAD_MS = const(40)
_CHARACTER_MS_BD = const(10000)  # bits of a character, in thousandths: ms = this / Bd
_TICKS_MASK = const(0x3FFFFFFF)
_IDLE = const(0)
_IDENTIFY = const(1)  # identification waits for the reaction time, characters are not heard
_CONFIRM = const(2)  # so does the confirmation, the line is at Z
_REFUSE = const(3)  # so does the break, the line is at Z
_OPEN = const(4)  # so does the readout, the line is as agreed
_WAIT_ACK = const(5)
_READING = const(6)  # readout under way
_WAIT_NAK = const(7)  # readout is out
_DONE = const(8)  # confirmation handed out: HDLC's turn


class SignOn:
    """The sign-on of one port; doors as feed, reply, tick. `line` is the line it wants.

    identification: the whole message, "/XXXZ\\2ident" CR LF; address: the device address in
    ASCII; reaction_ms: tr, 200 to 1500, from 20 when the third letter is lower case.
    """

    def __init__(self, identification: bytes, address: bytes, reaction_ms: int):
        self._identification = identification
        self._address = address.lstrip(b"0")
        self._reaction_ms = self._built_ms = reaction_ms
        self.asked = None  # called when a request has come: it may propose() something else
        self._message = bytearray(_LONGEST)
        self._readout = Readout()
        self.reset(0)

    def propose(self, z: int, quick: bool, address: bytes):
        """Another Z, a character, reaction time and device address; between two sign-ons.

        quick promises 20 ms instead of 200 ms, by a third flag letter of lower case."""
        built_ms = self._built_ms
        text = self._identification
        if quick:
            letter = text[3:4].lower()
            self._reaction_ms = built_ms if built_ms < _SLOW_MS else _QUICK_MS
        else:
            letter = text[3:4].upper()
            self._reaction_ms = max(built_ms, _SLOW_MS)
        self._identification = text[:3] + letter + bytes((z,)) + text[5:]
        self._address = address.lstrip(b"0")

    def reset(self, now_ms: int):
        """Back to the start: 300 Bd, 7E1, waiting for a request."""
        self.line = _LINE_START
        self._state = _IDLE
        self._count = 0
        self._due = False
        self._since_ms = now_ms  # when the time-out of the state began
        self._heard_ms = now_ms
        self._now_ms = now_ms
        self._ahead_ms = 0  # until all that was handed out of a readout has left

    def done(self) -> bool:
        """True when the confirmation has been handed out and HDLC begins."""
        return self._state == _DONE

    def feed(self, buf, n: int, now_ms: int):
        """Take characters; bit 7 is parity where the line has not removed it."""
        self.tick(now_ms)
        for k in range(n):
            self._heard_ms = now_ms
            if self._state == _WAIT_ACK:
                self._since_ms = now_ms
            if self._state == _IDLE or self._state >= _WAIT_ACK:
                self._character(buf[k] & 0x7F)

    def damage(self, now_ms: int):
        """A character with a parity or framing error: the message is void up to its end."""
        self._heard_ms = now_ms
        self._count = _LONGEST

    def sending(self, now_ms: int):
        """The caller is still putting characters on the line: the client's time begins later."""
        self._since_ms = now_ms

    def reply(self, out) -> int:
        """Hand out what is due: identification, confirmation, break or a line of the readout.

        out holds readout.buffer_size() octets at least.
        """
        if not self._due:
            return 0
        self._due = False
        self._since_ms = self._now_ms
        state = self._state
        if state == _READING or state == _OPEN:
            return self._read_on(out)
        if state == _IDENTIFY:
            self._state = _WAIT_ACK
            return _copy(out, self._identification)
        if state == _REFUSE:
            self.reset(self._now_ms)
            return _copy(out, _BREAK_MESSAGE)
        self._state = _DONE
        self.line |= _8N1
        z = self._identification[4]
        return _copy(out, bytes((_ACK, 0x32, z, 0x32, _CR, _LF)))

    def tick(self, now_ms: int):
        """Let time pass: reaction times, and the gaps that end a message or the sign-on."""
        self._ahead_ms = max(self._ahead_ms - ((now_ms - self._now_ms) & _TICKS_MASK), 0)
        self._now_ms = now_ms
        if self._count and (now_ms - self._heard_ms) & _TICKS_MASK > _GAP_MS:
            self._count = 0
        waited_ms = (now_ms - self._since_ms) & _TICKS_MASK
        state = self._state
        if state == _READING:
            self._due = self._ahead_ms <= _AHEAD_MS
        elif state == _WAIT_ACK:
            if waited_ms > _ACK_MS and not self._count:
                self._read_out(_LINE_START)
        elif state == _WAIT_NAK:
            if waited_ms > _ACK_MS:
                self.reset(now_ms)
        elif state != _IDLE:
            self._due = waited_ms > self._reaction_ms  # whole ms: never too early

    def _character(self, c: int):
        if c == _NAK and self._state == _WAIT_NAK:
            self._read_out(self.line)
        if c == _ACK or c == _SLASH:
            self._count = 0  # ACK and "/" open a message wherever they stand
        if self._count < _LONGEST:
            self._message[self._count] = c
        # NULs wake a sleeping meter up; anything else in front of "/" is noise.
        if self._count or c == _ACK or c == _SLASH:
            self._count = min(self._count + 1, _LONGEST)
        if c == _LF and self._count:
            self._line_end()

    def _line_end(self):
        size = self._count
        self._count = 0
        if size == _LONGEST:
            return
        m = self._message
        if self._requested(size):
            self._state = _IDENTIFY
            self.line = _LINE_START
            self._since_ms = self._heard_ms
            self._due = False
        elif self._state == _WAIT_ACK and size == 6 and m[0] == _ACK and m[4] == _CR:
            self._acknowledged(m[1] << 8 | m[3], m[2])

    def _requested(self, size: int) -> bool:
        """Is it /?!CRLF, or /?address!CRLF with our own address (leading zeros don't count)?"""
        message = bytes(self._message[:size])
        if size < 5 or not message.startswith(b"/?") or not message.endswith(b"!\r\n"):
            return False
        if self.asked:
            self.asked()
        address = message[2:-3]
        return not address or address.lstrip(b"0") == self._address

    def _acknowledged(self, choice: int, speed: int):
        # ACK V Z Y CR LF; the table at the top. Speeds change only when both named the same one.
        same = speed == self._identification[4]
        line = speed - 0x30 if same else _LINE_START
        if choice == _HDLC:
            self._answer_at(line, _CONFIRM if same else _IDLE)
        elif choice == _PROGRAMMING:
            self._answer_at(line, _REFUSE if same else _IDLE)
        else:
            self._read_out(line if choice == _READ_OUT else _LINE_START)

    def _answer_at(self, line: int, state: int):
        self.line = line
        self._state = state

    def _read_out(self, line: int):
        """Begin the readout at a line, after the reaction time."""
        self._state = _OPEN if self._readout.start() else _IDLE
        self.line = line if self._readout.more else _LINE_START
        self._since_ms = self._now_ms
        self._ahead_ms = 0

    def _read_on(self, out) -> int:
        n = self._readout.reply(out)
        self._ahead_ms += n * _CHARACTER_MS_BD // (300 << self.line)
        self._state = _READING if self._readout.more else _WAIT_NAK
        return n


def _copy(out, text: bytes) -> int:
    for k in range(len(text)):
        out[k] = text[k]
    return len(text)
