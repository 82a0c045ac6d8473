# GET service, logical names. Green Book 9.3.6 and 9.5.
#
#   request  C0 01 iv class(2) obis(6) attribute selection(00 | 01 selector Data)    normal
#            C0 02 iv block(4)                                                         next
#            C0 03 iv list                                                   with-list, get_list.py
#   answer   C4 01 iv 00 Data            C4 01 iv 01 data-access-result              normal
#            C4 02 iv last block(4) 01 data-access-result       block; with raw data: blocks.py
from micropython import const

from cosem import dispatch
from cosem.request import Request
from dlms import axdr, descriptor
from dlms.blocks import number_at
from dlms.errors import NotNegotiated, PduTooLong, ProtocolError
from dlms.fcs import move
from dlms.get_list import GetList

_NORMAL = const(1)
_NEXT = const(2)
_WITH_LIST = const(3)
_GET_RESPONSE = const(0xC4)
_CONFIRMED = const(0x40)  # service class, bit 6 of the invoke octet
_BIT_GET = const(0x10)  # conformance bit 19
_BIT_GET_BLOCKS = const(0x1000)  # conformance bit 11
_BIT_LIST = const(0x0200)  # conformance bit 14
_GET_OPERATION = const(0)
_OTHER_REASON = const(250)
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
        self._list = GetList(server, self._request)
        self.more = False
        self.result = 0

    def abort(self):
        """End the transfer in progress, if any."""
        self._blocks.abort()
        self._request.octets = None

    def serve(self, buf, pos: int, end: int):
        """Answer the GET-request at buf[pos:end]."""
        conformance = self._link.conformance
        if not conformance & _BIT_GET:
            raise NotNegotiated
        if end - pos < 3:
            raise ProtocolError
        choice = buf[pos + 1]
        invoke = buf[pos + 2]
        if not invoke & _CONFIRMED:
            self.abort()  # an unconfirmed GET has nobody to answer to
        elif choice == _NORMAL:
            self._normal(invoke, buf, pos + 3, end)
        elif choice == _NEXT and conformance & _BIT_GET_BLOCKS:
            self._next(invoke, buf, pos + 3, end)
        elif choice == _WITH_LIST and conformance & _BIT_LIST:
            self._with_list(invoke, buf, pos + 3, end)
        else:
            raise NotNegotiated

    def _normal(self, invoke: int, buf, pos: int, end: int):
        blocks = self._blocks
        if blocks.source:
            blocks.abort()
        result = descriptor.open(self._request, buf, pos, end, _GET_OPERATION)
        result = result or blocks.begin(self)
        if result:
            self._failed(invoke, result)
            return
        at = blocks.data - 4
        self._head(at, _NORMAL, invoke)
        self._server.out[at + 3] = 0
        if not blocks.send(at):
            self._failed(invoke, _OTHER_REASON)

    def _with_list(self, invoke: int, buf, pos: int, end: int):
        blocks = self._blocks
        blocks.abort()
        if descriptor.behind_list(buf, pos, end) != end:
            raise ProtocolError
        self._list.start(buf, pos, end)
        result = blocks.begin(self._list)
        if result:
            self._failed(invoke, result)
            return
        at = blocks.data - 3
        self._head(at, _WITH_LIST, invoke)
        if not blocks.send(at):
            raise PduTooLong

    def fill(self, at: int, stop: int) -> int:
        """Append pieces of the value until stop is reached or the value ends; may pass stop."""
        q = self._request
        out = self._server.out
        q.more = True
        while q.more and at < stop:
            at = dispatch.get(q, out, at)
            q.piece += 1
        self.more = q.more
        self.result = q.result
        return at

    def keep(self) -> bool:
        """The value goes on after this request: its selection has to last."""
        q = self._request
        if not q.selector:
            return True
        staging = self._server.staging
        if not staging.claim() or not staging.keep(q.buf, q.pos, q.end):
            return False
        q.buf = staging.buf
        q.end -= q.pos
        q.pos = 0
        return True

    def _head(self, at: int, choice: int, invoke: int):
        out = self._server.out
        out[at] = _GET_RESPONSE
        out[at + 1] = choice
        out[at + 2] = invoke

    def _failed(self, invoke: int, result: int):
        self._blocks.abort()
        at = self._blocks.data
        self._head(at, _NORMAL, invoke)
        self._server.out[at + 3] = 1
        self._server.out[at + 4] = result
        self._server.sent(at, at + 5)

    def _next(self, invoke: int, buf, pos: int, end: int):
        """GET-request-next: the client names the block it has."""
        if end - pos != 4:
            raise ProtocolError
        blocks = self._blocks
        if not blocks.waits(_GET_RESPONSE, invoke):
            self._block_failed(invoke, buf, pos, _NO_LONG_GET)
        elif number_at(buf, pos) != blocks.number:
            self._block_failed(invoke, buf, pos, _BLOCK_NUMBER_INVALID)
        else:
            failed = blocks.number + 1
            result = blocks.proceed()
            if result:
                self._block_failed(invoke, buf, pos, result)
                axdr.store_u32(self._server.out, self._server.out_pos + 4, failed)

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
