# GET service, logical names. Green Book 9.3.6 and 9.5.
#
#   request  C0 01 iv class(2) obis(6) attribute selection(00 | 01 selector Data)    normal
#            C0 02 iv block(4)                                                         next
#   answer   C4 01 iv 00 Data            C4 01 iv 01 data-access-result              normal
#            C4 02 iv last block(4) 01 data-access-result       block; with raw data: blocks.py
from micropython import const

from cosem import dispatch
from cosem.request import Request
from dlms.blocks import number_at
from dlms.errors import NotNegotiated, ProtocolError
from dlms.fcs import move

_NORMAL = const(1)
_NEXT = const(2)
_CONFIRMED = const(0x40)  # service class, bit 6 of the invoke octet
_BIT_GET = const(0x10)  # conformance bit 19
_BIT_SELECTIVE = const(0x04)  # conformance bit 21
_OTHER_REASON = const(250)
_SCOPE_VIOLATED = const(13)
_NO_LONG_GET = const(16)
_BLOCK_NUMBER_INVALID = const(19)


class Get:
    """The GET service of one server: requests in buf, answers in server.out.

    `link` is the live association (see association.py). The service itself is the source of
    the value of GET normal (see blocks.py).
    """

    def __init__(self, server, link):
        self._server = server
        self._link = link
        self._blocks = server.blocks
        self._request = Request(link)
        self.more = False
        self.result = 0

    def abort(self):
        """Forget what a transfer in progress would need."""

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
        blocks = self._blocks
        blocks.abort()
        invoke = buf[pos]
        if not invoke & _CONFIRMED:
            return  # an unconfirmed GET has nobody to answer to
        result = self._open(buf, pos + 1, end) or blocks.begin(self)
        if result:
            self._failed(invoke, result)
            return
        at = blocks.data - 4
        self._head(at, _NORMAL, invoke)
        self._server.out[at + 3] = 0
        if not blocks.send(at):
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

    def fill(self, at: int, stop: int) -> int:
        """Append pieces of the value until stop is reached or the value ends; may pass stop."""
        q = self._request
        out = self._server.out
        q.more = True
        while q.more and at < stop:
            q.more = False
            at = dispatch.get(q, out, at)
            q.piece += 1
        self.more = q.more
        self.result = q.result
        return at

    def _head(self, at: int, choice: int, invoke: int):
        out = self._server.out
        out[at] = 0xC4
        out[at + 1] = choice
        out[at + 2] = invoke

    def _failed(self, invoke: int, result: int):
        self._blocks.abort()
        at = self._blocks.data
        self._head(at, _NORMAL, invoke)
        self._server.out[at + 3] = 1
        self._server.out[at + 4] = result
        self._server.sent(at, at + 5)

    def _next(self, buf, pos: int, end: int):
        """GET-request-next: the client names the block it has."""
        if end - pos != 5:
            raise ProtocolError
        blocks = self._blocks
        invoke = buf[pos]
        if not blocks.waits(self, invoke):
            self._block_failed(invoke, buf, pos + 1, _NO_LONG_GET)
        elif number_at(buf, pos + 1) != blocks.number:
            self._block_failed(invoke, buf, pos + 1, _BLOCK_NUMBER_INVALID)
        else:
            result = blocks.proceed()
            if result:
                self._failed(invoke, result)

    def _block_failed(self, invoke: int, buf, number: int, result: int):
        # C4 02 iv 01 block 01 result, with the block number that was asked for.
        self._blocks.abort()
        at = self._blocks.data
        out = self._server.out
        self._head(at, _NEXT, invoke)
        out[at + 3] = 1
        move(out, at + 4, buf, number, 4)
        out[at + 8] = 1
        out[at + 9] = result
        self._server.sent(at, at + 10)
