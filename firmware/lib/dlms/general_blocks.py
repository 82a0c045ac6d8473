# General block transfer: any APDU, either way, in numbered blocks. Green Book 9.3.5, 9.4.6.13.
#
#   E0 | control | block number(2) | block number acknowledged(2) | length | octets of the APDU
#   control   80 last block   40 streaming: more follow   3F window: blocks this side takes
#
# Each side numbers its own blocks from 1, acknowledgements without octets included, and says
# which block of the other it has without a gap; the other goes on behind that one. So a lost
# block, a repeated one and a lost acknowledgement are all answered in the same way.
#
#   server.out   | LLC E0 ... block | LLC E0 ... block | rest |      one turn, and what stuck out
#
# The blocks of a turn stay in the answer buffer until they are acknowledged: they can be sent
# again octet by octet although the values behind them move on. So a turn has as many blocks as
# the client's window, the answer buffer and one turn of the line take, and needs no more RAM.
from micropython import const

from dlms import axdr
from dlms.errors import NotNegotiated, NotPossible, PduTooLong, ProtocolError
from dlms.fcs import move

_GENERAL = const(0xE0)
_BIT_GENERAL = const(0x200000)  # conformance bit 2
_LAST_BLOCK = const(0x80)
_STREAMING = const(0x40)
_WINDOW_MASK = const(0x3F)
_WINDOW = const(7)  # blocks taken in a turn; each is moved away at once, so any number would do
_NEVER_CARRIED = b"\x60\x62\xe0"  # AARQ, RLRQ (they are short) and itself
_PREFIX = const(6)  # tag, control, two numbers
_LLC = const(3)  # in front of every block, for the link layer
_STICKS_OUT_MAX = const(259)  # of a source, server.py


class _Whole:
    """A source with nothing behind what is made already (see blocks.py)."""

    more = False
    result = 0


class GeneralBlocks:
    """The general block transfer of one server, at most one at a time.

    answering: a request came in general blocks and is being served: its answer goes the same way.
    `link` is the live association (association.py).
    """

    def __init__(self, server, link):
        self._server = server
        self._link = link
        self._staging = server.staging
        self._collecting = False  # a request is being put together in the staging buffer
        self._source = None  # of the answer being sent, None = none
        self.abort()

    def abort(self):
        """Forget the transfer in progress, if any."""
        if self._collecting or self._source:
            self._staging.release()  # of the request, or what its answer is made from
        self._collecting = False
        self._source = None
        self.answering = False
        self._window = 0  # of the client; 0 = not told: one block a turn
        self._received = 0  # the client's last block without a gap
        self._number = 0  # own block made last
        self._first = 0  # own block that opens server.out
        self._rest = 0  # made and in no block yet: server.out[_rest:_made]
        self._made = 0
        self._stride = 0  # octets from one block in server.out to the next

    def offered(self) -> bool:
        """May an answer go in general blocks?"""
        return bool(self._link.conformance & _BIT_GENERAL)

    # --- blocks in -----------------------------------------------------------------------------

    def serve(self, client: int, sap: int, buf, pos: int, end: int):
        """Take the block at buf[pos:end]; what it completes is served, what it misses is sent."""
        if not self.offered():
            raise NotNegotiated
        data = self._octets(buf, pos, end)
        control = buf[pos + 1]
        number = axdr.get_u16(buf, pos + 2)
        if number == 1 and data < end:
            self.abort()  # a new request ends everything before it
        self._window = control & _WINDOW_MASK
        if self._source:
            self._received = max(self._received, number)
            self._acknowledge(axdr.get_u16(buf, pos + 4))
        elif data == end and not self._received:
            raise ProtocolError  # acknowledges nothing
        elif number == 1 and control & (_LAST_BLOCK | _STREAMING) == _LAST_BLOCK:
            self._received = 1
            self._complete(client, sap, buf, data, end)
        else:
            self._collect(number, buf, data, end)
            if not control & _STREAMING:
                self._handed_over(client, sap, control & _LAST_BLOCK and number == self._received)

    def _octets(self, buf, pos: int, end: int) -> int:
        """Where the octets of the APDU begin; they go up to end."""
        if end - pos <= _PREFIX:
            raise ProtocolError
        data = axdr.skip_length(buf, pos + _PREFIX)
        if data > end or axdr.get_length(buf, pos + _PREFIX, end) != end - data:
            raise ProtocolError
        return data

    def _collect(self, number: int, buf, at: int, end: int):
        """Append the block that is due; a repeated one and one behind a gap are dropped."""
        if number != self._received + 1:
            return
        staging = self._staging
        if number == 1:
            self._collecting = staging.claim()
        if not self._collecting:
            raise NotPossible
        if not staging.keep(buf, at, end):
            raise PduTooLong
        self._received = number

    def _handed_over(self, client: int, sap: int, complete):
        """The client waits: for the answer, or to hear which block it should go on behind."""
        if complete:
            # The service may claim the buffer that its request lies in, for it copies downwards;
            # by the view it sees that the buffer is not its own yet.
            staging = self._staging
            size = staging.end
            self._collecting = False
            staging.release()
            self._complete(client, sap, memoryview(staging.buf), 0, size)
        elif self._window:
            self._number += 1
            start = self._server.start
            self._head(start, _LAST_BLOCK | _WINDOW, self._number, 0)
            self._server.sent(start, start + _PREFIX + 1)

    def _complete(self, client: int, sap: int, buf, pos: int, end: int):
        if pos == end or buf[pos] in _NEVER_CARRIED:
            raise ProtocolError
        server = self._server
        self.answering = True
        server.serve_request(client, sap, buf, pos, end)
        if self.answering and server.out_pos < server.out_end:
            self.send(_Whole, server.out_pos, server.out_end)
        self.answering = False

    # --- blocks out ----------------------------------------------------------------------------

    def send(self, source, at: int, made: int):
        """Send the APDU that begins with server.out[at:made]; source makes what follows."""
        self.answering = False
        self._source = source
        self._turn(at, made)

    def _turn(self, at: int, made: int):
        """Make and send the blocks of a turn; server.out[at:made] opens them."""
        server = self._server
        out = server.out
        source = self._source
        room = _room(self._link.max_pdu_tx)
        head = _PREFIX + _length_size(room)
        self._stride = _LLC + head + room
        self._first = self._number + 1
        left = self._blocks()
        place = server.start
        while left:
            data = place + head
            _shift(out, data, at, made - at)
            made += data - at
            if source.more and made - data < room:
                made = source.fill(made, data + room)
                if source.result:
                    raise NotPossible
            left -= 1
            self._number += 1
            at = data + min(room, made - data)
            if at == made and not source.more:
                left = 0
                at = made = self._close(place, data, made)
            else:
                control = _WINDOW | _STREAMING if left else _WINDOW
                self._head(place, control, self._number, at - data)
            place += self._stride
        self._rest = at
        self._made = made
        self._sent(server.start, at)

    def _blocks(self) -> int:
        """Blocks that may go in one turn."""
        server = self._server
        frames = (self._stride + server.line_info - 1) // server.line_info
        held = (len(server.out) - _STICKS_OUT_MAX - server.start + _LLC) // self._stride
        return max(1, min(self._window, held, server.line_window // frames))

    def _close(self, place: int, data: int, end: int) -> int:
        """Write the head of the last block and move its octets up to it; returns their end."""
        size = end - data
        at = self._head(place, _LAST_BLOCK | _WINDOW, self._number, size)
        move(self._server.out, at, self._server.out, data, size)
        return at + size

    def _head(self, at: int, control: int, number: int, size: int) -> int:
        out = self._server.out
        out[at] = _GENERAL
        out[at + 1] = control
        axdr.store_u16(out, axdr.store_u16(out, at + 2, number), self._received)
        return axdr.put_length(out, at + _PREFIX, size)

    def _sent(self, at: int, end: int):
        self._server.sent(at, end)
        self._server.out_stride = self._stride

    def _acknowledge(self, number: int):
        """The client has our blocks up to number: go on behind it."""
        if number == self._number:
            if self._rest == self._made and not self._source.more:
                self.abort()  # it has all; nothing is left to say
            else:
                self._turn(self._rest, self._made)
        elif self._first <= number + 1 <= self._number:
            self._again(number + 1)
        else:
            raise NotPossible  # of a block that was never sent, or that is gone

    def _again(self, number: int):
        """Send blocks of the last turn again, from number on, as many as the client takes now."""
        out = self._server.out
        at = place = self._server.start + (number - self._first) * self._stride
        left = min(max(1, self._window), self._number - number + 1)
        last = number + left - 1
        while left:
            left -= 1
            out[place + 1] = out[place + 1] & _LAST_BLOCK | _WINDOW | (_STREAMING if left else 0)
            axdr.store_u16(out, place + 4, self._received)
            place += self._stride
        self._sent(at, self._rest if last == self._number else place - _LLC)


def _room(pdu: int) -> int:
    """Octets of the APDU in a block of pdu octets: 6 and a length of 1 to 3 are in front."""
    size = pdu - _PREFIX - 1
    if size > 0x7F:
        size = max(0x7F, size - 1)
    return max(0xFF, size - 1) if size > 0xFF else size


def _length_size(size: int) -> int:
    if size < 0x80:
        return 1
    return 2 if size < 0x100 else 3


def _shift(out, to: int, at: int, count: int):
    """move() that may also go up: from the end, in parts that do not overlap their target."""
    step = to - at
    if step <= 0:
        move(out, to, out, at, count)
        return
    while count:
        n = min(step, count)
        count -= n
        move(out, to + count, out, at + count, n)
