# GET service and its block transfer, logical names. Green Book 9.3.6 and 9.5.
#
#   request  C0 01 iv class(2) obis(6) attribute selection(00 | 01 selector Data)    normal
#            C0 02 iv block(4)                                                         next
#   answer   C4 01 iv 00 Data            C4 01 iv 01 data-access-result              normal
#            C4 02 iv last block(4) 00 length raw   or   .. 01 data-access-result   block
#
# A value is made piece by piece straight into the answer. When it does not fit, the octets that
# stick out beyond the block wait where they are, behind it, and open the next block.
from micropython import const

from cosem import dispatch
from cosem.request import Request
from dlms.errors import NotNegotiated, ProtocolError
from dlms.fcs import move

_NORMAL = const(1)
_NEXT = const(2)
_CONFIRMED = const(0x40)  # service class, bit 6 of the invoke octet
_BIT_GET = const(0x10)  # conformance bit 19
_BIT_BLOCKS = const(0x1000)  # conformance bit 11
_BIT_SELECTIVE = const(0x04)  # conformance bit 21
_HEAD = const(12)  # longest header in front of a block's raw data
_NORMAL_HEAD = const(4)
_OTHER_REASON = const(250)
_SCOPE_VIOLATED = const(13)
_NO_LONG_GET = const(16)
_BLOCK_NUMBER_INVALID = const(19)


class Get:
    """The GET service of one server: requests in buf, answers in server.out.

    `link` is the live association (see association.py).
    """

    def __init__(self, server, link):
        self._server = server
        self._link = link
        self._request = Request(link)
        self._data = server.start + _HEAD  # where a value begins in server.out
        self.abort()

    def abort(self):
        """End the block transfer in progress, if any."""
        self._block = 0  # number of the block sent last, 0 = no transfer
        self._rest = 0  # made and not yet sent: out[_rest:_rest_end]
        self._rest_end = 0

    def serve(self, buf, pos: int, end: int):
        """Answer the GET-request at buf[pos:end]."""
        if not self._link.conformance & _BIT_GET:
            raise NotNegotiated
        if end - pos < 3:
            raise ProtocolError
        choice = buf[pos + 1]
        if choice == _NORMAL:
            self._normal(buf, pos + 2, end)
        elif choice == _NEXT:
            self._next(buf, pos + 2, end)
        else:
            raise NotNegotiated  # with-list: not offered

    def _normal(self, buf, pos: int, end: int):
        self.abort()
        invoke = buf[pos]
        if not invoke & _CONFIRMED:
            return  # an unconfirmed GET has nobody to answer to
        result = self._open(buf, pos + 1, end)
        if result:
            self._failed(invoke, result)
            return
        room = self._room()
        at = self._fill(self._data, self._data + room)
        q = self._request
        if q.result:
            self._failed(invoke, q.result)
        elif not q.more and at - self._data <= self._link.max_pdu_tx - _NORMAL_HEAD:
            self._whole(invoke, at)
        elif self._link.conformance & _BIT_BLOCKS:
            self._send_block(invoke, at, room)
        else:
            self._failed(invoke, _OTHER_REASON)

    def _open(self, buf, pos: int, end: int) -> int:
        """Resolve attribute and selection at buf[pos:end]; returns a data-access-result."""
        q = self._request
        if end - pos < 10 or buf[pos + 9] and end - pos < 12:
            return _OTHER_REASON
        q.selector = buf[pos + 10] if buf[pos + 9] else 0
        if q.selector and not self._link.conformance & _BIT_SELECTIVE:
            return _SCOPE_VIOLATED
        if not q.selector and end - pos != 10:
            return _OTHER_REASON
        q.association = self._link.index
        q.buf = buf
        q.pos = pos + 11
        q.end = end
        return dispatch.open(q, buf, pos)

    def _room(self) -> int:
        """Raw octets of a block in the largest answer the client takes.

        Header: C4 02 iv last number(4) 00 = 9, and 1 to 3 octets of length.
        """
        size = self._link.max_pdu_tx - 10
        if size > 0xFF:
            return size - 2
        return max(size - 1, 0x7F) if size > 0x7F else size

    def _fill(self, at: int, stop: int) -> int:
        """Append pieces of the value until stop is reached or the value ends; may pass stop."""
        q = self._request
        out = self._server.out
        q.more = True
        while q.more and at < stop:
            q.more = False
            at = dispatch.get(q, out, at)
            q.piece += 1
        return at

    def _whole(self, invoke: int, end: int):
        at = self._data - _NORMAL_HEAD
        self._head(at, _NORMAL, invoke)
        self._server.out[at + 3] = 0
        self._server.sent(at, end)

    def _head(self, at: int, choice: int, invoke: int):
        out = self._server.out
        out[at] = 0xC4
        out[at + 1] = choice
        out[at + 2] = invoke

    def _failed(self, invoke: int, result: int):
        at = self._data
        self._head(at, _NORMAL, invoke)
        self._server.out[at + 3] = 1
        self._server.out[at + 4] = result
        self._server.sent(at, at + 5)

    def _send_block(self, invoke: int, made: int, room: int):
        """Send out[_data:made] as the next block, at most room octets of it."""
        out = self._server.out
        size = min(made - self._data, room)
        at = self._data
        # The length and the number are written backwards from the data.
        at = _length_before(out, at, size) - 1
        out[at] = 0
        self._block += 1
        at = _number_before(out, at, self._block) - 1
        self._rest = self._data + size
        self._rest_end = made
        last = made == self._rest and not self._request.more
        out[at] = 1 if last else 0
        self._head(at - 3, _NEXT, invoke)
        self._server.sent(at - 3, self._rest)
        if last:
            self.abort()

    def _next(self, buf, pos: int, end: int):
        """GET-request-next: the client names the block it has."""
        if end - pos != 5:
            raise ProtocolError
        invoke = buf[pos]
        if not self._block:
            self._block_failed(invoke, buf, pos + 1, _NO_LONG_GET)
        elif _number(buf, pos + 1) != self._block:
            self._block_failed(invoke, buf, pos + 1, _BLOCK_NUMBER_INVALID)
            self.abort()
        else:
            self._continue(invoke)

    def _continue(self, invoke: int):
        count = self._rest_end - self._rest
        room = self._room()
        move(self._server.out, self._data, self._server.out, self._rest, count)
        at = self._data + count
        q = self._request
        if q.more:
            at = self._fill(at, self._data + room)
        if q.result:
            self._failed(invoke, q.result)
            self.abort()
        else:
            self._send_block(invoke, at, room)

    def _block_failed(self, invoke: int, buf, number: int, result: int):
        # C4 02 iv 01 block 01 result, with the block number that was asked for.
        at = self._data
        out = self._server.out
        self._head(at, _NEXT, invoke)
        out[at + 3] = 1
        move(out, at + 4, buf, number, 4)
        out[at + 8] = 1
        out[at + 9] = result
        self._server.sent(at, at + 10)


def _number(buf, pos: int) -> int:
    # Block numbers of this server stay far below 2**16; a larger one is wrong anyway.
    if buf[pos] or buf[pos + 1]:
        return -1
    return buf[pos + 2] << 8 | buf[pos + 3]


def _number_before(out, at: int, number: int) -> int:
    out[at - 1] = number & 0xFF
    out[at - 2] = number >> 8
    out[at - 3] = 0
    out[at - 4] = 0
    return at - 4


def _length_before(out, at: int, size: int) -> int:
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
