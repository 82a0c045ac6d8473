# Long answers: made piece by piece, sent whole or in service-specific blocks. Green Book 9.3.6.
#
#   GET      C4 02 iv last number(4) 00 length raw
#   ACTION   C7 02 iv last number(4) length raw
#
# What is sent comes from a *source*, any object with
#   fill(at, stop) -> at   append pieces to server.out from `at` until stop is reached or nothing
#                          is left; the last piece may pass stop, by _STICKS_OUT_MAX of server.py
#   more                   there is more to append
#   result                 not 0: it failed with this data-access-result
#   keep() -> bool         the answer outlives its request: save what of it is needed, False if
#                          that can't be (staging.py)
# The octets that stick out beyond a block wait where they are, behind it, and open the next
# block; so a block transfer needs no copy of the value. While a block is on the wire the next one
# is made behind it, a slice at a time.
from micropython import const

from dlms.fcs import move

_HEAD = const(12)  # longest header in front of raw data: C4 02 iv last number(4) 00 82 length(2)
_WHOLE_HEAD_MIN = const(3)  # C4 03 iv in front of a list that is sent whole
_SLICE = const(96)  # raw octets made ahead at a time: 2 ms of the object list's elements
_WITH_DATABLOCK = const(2)
_GET_RESPONSE = const(0xC4)
_ACTION_RESPONSE = const(0xC7)
_ID = const(0x0F)  # of the invoke octet
_BIT_GET_BLOCKS = const(0x1000)  # conformance bit 11
_BIT_ACTION_BLOCKS = const(0x0400)  # conformance bit 13


class Blocks:
    """The answer that one server is making; at most one transfer is open.

    data: where raw data begins in server.out. link: the live association (association.py).
    """

    def __init__(self, server, link):
        self._server = server
        self._link = link
        self.data = server.start + _HEAD
        self.source = None  # of the transfer in progress
        self.number = 0  # of the block sent last
        self._tag = 0
        self._invoke = 0
        self._made = 0  # made so far: out[data:_made]
        self._rest = 0  # of that, not yet sent: out[_rest:_made]

    def abort(self):
        """End the transfer in progress, if any, of the answer or of the request."""
        self._server.staging.release()
        self.source = None

    def begin(self, source) -> int:
        """Make the start of an answer, enough to know if it is a long one; returns the source's
        result."""
        source.result = 0
        source.more = True
        self.source = source
        self.number = 0
        data = self.data
        self._made = source.fill(data, data + self._link.max_pdu_tx - _WHOLE_HEAD_MIN)
        return source.result

    def send(self, at: int) -> bool:
        """Send what begin() made; out[at:data] is the head of the whole answer.

        Goes in blocks when it has to and the client can take them; else False, and the caller
        has to say so in few octets. General blocks: the answer to a request that came in them,
        and a long one where the service's own blocks were not negotiated.
        """
        general = self._server.general
        source = self.source
        if not (general.answering or source.more) and self._made - at <= self._link.max_pdu_tx:
            self._server.sent(at, self._made)
            self.abort()
            return True
        own = self._own_blocks(at) and not general.answering
        able = own or general.answering or general.offered()
        if not able or source.more and not source.keep():
            self.abort()
            return False
        if own:
            self._send_block()
        else:
            self.source = None  # the transfer is the general one's now
            general.send(source, at, self._made)
        return True

    def _own_blocks(self, at: int) -> bool:
        """Has the service of the answer at out[at:] blocks of its own? Keeps what they repeat."""
        out = self._server.out
        self._tag = out[at]
        self._invoke = out[at + 2]
        bit = 0  # ACCESS
        if self._tag == _GET_RESPONSE:
            bit = _BIT_GET_BLOCKS
        elif self._tag == _ACTION_RESPONSE:
            bit = _BIT_ACTION_BLOCKS
        return bool(self._link.conformance & bit)

    def ahead(self) -> None:
        """Make a slice of the next block, behind the one that is on the wire."""
        source = self.source
        if source is None or not self.number or not source.more:
            return
        stop = self._rest + self.room()
        if self._made < stop:
            self._made = source.fill(self._made, min(self._made + _SLICE, stop))
            if source.result:
                source.more = False  # proceed() tells it

    def proceed(self) -> int:
        """Send the next block; returns the source's result, on failure the transfer is over."""
        source = self.source
        out = self._server.out
        count = self._made - self._rest
        move(out, self.data, out, self._rest, count)
        at = self.data + count
        stop = self.data + self.room()
        if source.more and at < stop:
            at = source.fill(at, stop)
        self._made = at
        if source.result:
            self.abort()
        else:
            self._send_block()
        return source.result

    def waits(self, tag: int, invoke: int) -> bool:
        """Is a transfer of answers with this tag open for this invoke-id?"""
        return self.source is not None and self._tag == tag and not (invoke ^ self._invoke) & _ID

    def room(self) -> int:
        """Raw octets of a block in the largest answer the client takes.

        9 octets (GET) or 8 (ACTION) are in front of the length, which has 1 to 3 octets.
        """
        size = self._link.max_pdu_tx - (10 if self._tag == _GET_RESPONSE else 9)
        if size > 0xFF:
            return size - 2
        return max(size - 1, 0x7F) if size > 0x7F else size

    def _send_block(self):
        """Send out[data:_made] as the next block, at most the room of it."""
        out = self._server.out
        size = min(self._made - self.data, self.room())
        self.number += 1
        self._rest = self.data + size
        last = self._rest == self._made and not self.source.more
        # The length and the number are written backwards from the data.
        at = length_before(out, self.data, size)
        if self._tag == _GET_RESPONSE:
            at -= 1
            out[at] = 0
        at = _number_before(out, at, self.number) - 4
        out[at] = self._tag
        out[at + 1] = _WITH_DATABLOCK
        out[at + 2] = self._invoke
        out[at + 3] = 1 if last else 0
        self._server.sent(at, self._rest)
        if last:
            self.abort()


def number_at(buf, pos: int) -> int:
    """Block number at pos; -1 for one that no transfer of this server reaches."""
    if buf[pos] or buf[pos + 1]:
        return -1
    return buf[pos + 2] << 8 | buf[pos + 3]


def _number_before(out, at: int, number: int) -> int:
    out[at - 1] = number & 0xFF
    out[at - 2] = number >> 8
    out[at - 3] = 0
    out[at - 4] = 0
    return at - 4


def length_before(out, at: int, size: int) -> int:
    """Write an A-XDR length so that it ends in front of at; returns where it begins."""
    out[at - 1] = size & 0xFF
    if size < 0x80:
        return at - 1
    if size < 0x100:
        out[at - 2] = 0x81
        return at - 2
    out[at - 2] = size >> 8
    out[at - 3] = 0x82
    return at - 3
