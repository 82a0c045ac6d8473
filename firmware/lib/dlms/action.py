# ACTION service, logical names. Green Book 9.3.8 and 9.5.
#
#   request  C3 01 iv method(9) (00 | 01 Data)               normal; method: class(2) obis(6) id
#            C3 02 iv block(4)                               next block of the answer
#            C3 03 iv n method*n n Data*n                    with list, action_list.py
#            C3 04 iv method(9) last block(4) length raw     first block of the parameter
#            C3 05 iv n method*n last block(4) length raw    first block of a list of parameters
#            C3 06 iv last block(4) length raw               block of it
#   answer   C7 01 iv result 00     C7 01 iv 00 01 00 Data   normal, without and with Data
#            C7 03 iv list                                   with list
#            C7 04 iv block(4)                               block taken, more to come
#            blocks of raw data: blocks.py. Raw is what returns: the bare Data, or the list
from micropython import const

from cosem import dispatch
from cosem.request import Request
from dlms import axdr
from dlms.action_list import ActionList
from dlms.blocks import number_at
from dlms.errors import NotNegotiated, PduTooLong, ProtocolError
from dlms.fcs import move

_NORMAL = const(1)
_NEXT_BLOCK = const(2)
_WITH_LIST = const(3)
_ACTION_FIRST_BLOCK = const(4)
_ACTION_LIST_FIRST_BLOCK = const(5)
_ACTION_BLOCK = const(6)
_ACTION_TAKEN = const(4)  # choice of the answer
_ACTION_RESPONSE = const(0xC7)
_CONFIRMED = const(0x40)  # service class, bit 6 of the invoke octet
_BIT_ACTION = const(0x01)  # conformance bit 23
_BIT_ACTION_BLOCKS = const(0x0400)  # conformance bit 13
_BIT_LIST = const(0x0200)  # conformance bit 14
_ACTION_OPERATION = const(2)
_METHOD = const(9)  # octets of a method descriptor
_PRESENT = b"\x01"
_MORE = const(0)  # staging.py
_COMPLETE = const(1)
_TEMPORARY_FAILURE = const(2)
_LONG_ACTION_ABORTED = const(15)
_NO_LONG_ACTION = const(16)
_OTHER_REASON = const(250)


class Action:
    """The ACTION service of one server: requests in buf, answers in server.out.

    The service itself is the source of what a single method returns (see blocks.py).
    """

    def __init__(self, server, link):
        self._server = server
        self._link = link
        self._blocks = server.blocks
        self._staging = server.staging
        self._request = Request(link)
        self._list = ActionList(server, self._request)
        self.more = False
        self.result = 0

    def abort(self):
        """Forget the blocks that came so far, and those that were not fetched."""
        self._blocks.abort()

    def serve(self, buf, pos: int, end: int):
        """Carry out and answer the ACTION-request at buf[pos:end]."""
        if not self._link.conformance & _BIT_ACTION:
            raise NotNegotiated
        if end - pos < 3:
            raise ProtocolError
        self._choose(buf[pos + 1], buf[pos + 2], buf, pos + 3, end)
        if not buf[pos + 2] & _CONFIRMED:
            self._server.sent(0, 0)

    def _choose(self, choice: int, invoke: int, buf, pos: int, end: int):
        bits = self._link.conformance
        blocks = bits & _BIT_ACTION_BLOCKS
        if choice == _ACTION_BLOCK and blocks:
            self._block(invoke, buf, pos, end)
        elif choice == _NEXT_BLOCK and blocks:
            self._next(invoke, buf, pos, end)
        else:
            self.abort()
            if choice == _NORMAL:
                self._normal(invoke, buf, pos, end)
            elif choice == _WITH_LIST and bits & _BIT_LIST:
                self._with_list(invoke, buf, pos, end)
            elif choice == _ACTION_FIRST_BLOCK and blocks:
                self._first(invoke, buf, pos, end)
            elif choice == _ACTION_LIST_FIRST_BLOCK and blocks and bits & _BIT_LIST:
                self._first_of_list(invoke, buf, pos, end)
            else:
                raise NotNegotiated

    def _normal(self, invoke: int, buf, pos: int, end: int):
        result = self._call(buf, pos, end)
        if result or not self._request.returns:
            self._done(invoke, result)
            return
        blocks = self._blocks
        result = blocks.begin(self)
        at = blocks.data - 6
        self._head(at, _NORMAL, invoke)
        move(self._server.out, at + 3, b"\x00\x01\x00", 0, 3)
        if result or not blocks.send(at):
            self._done(invoke, result or _OTHER_REASON)

    def _call(self, buf, pos: int, end: int) -> int:
        """Call the method of method(9) (00 | 01 Data); an action-result."""
        start = pos + _METHOD + 1
        if start > end or not buf[start - 1] and start != end:
            return _OTHER_REASON
        q = self._request
        q.association = self._link.index
        result = dispatch.open(q, buf, pos, _ACTION_OPERATION)
        return result or dispatch.act(q, buf, start, end)

    def _with_list(self, invoke: int, buf, pos: int, end: int):
        """Call a list of methods that lies in the staging buffer, or goes there first."""
        staging = self._staging
        if buf is not staging.buf:
            if not staging.claim() or not staging.keep(buf, pos, end):
                self._done(invoke, _TEMPORARY_FAILURE)
                return
        self._list.call()
        blocks = self._blocks
        result = blocks.begin(self._list)
        at = blocks.data - 3
        self._head(at, _WITH_LIST, invoke)
        if result:
            self._done(invoke, result)
        elif not blocks.send(at):
            raise PduTooLong

    def _first(self, invoke: int, buf, pos: int, end: int):
        # What may not be called anyway is refused before its parameter has come.
        block = pos + _METHOD
        if end - block < 6:
            raise ProtocolError
        q = self._request
        q.association = self._link.index
        staging = self._staging
        result = dispatch.open(q, buf, pos, _ACTION_OPERATION)
        if result:
            self._done(invoke, result)
        elif staging.begin(invoke, False, buf, pos, block) and staging.keep(_PRESENT, 0, 1):
            self._take(invoke, buf, block, end)
        else:
            self._done(invoke, _TEMPORARY_FAILURE)

    def _first_of_list(self, invoke: int, buf, pos: int, end: int):
        n = axdr.get_length(buf, pos, end)
        block = axdr.skip_length(buf, pos) + n * _METHOD
        if n <= 0 or end - block < 6:
            raise ProtocolError
        if self._staging.begin(invoke, True, buf, pos, block):
            self._take(invoke, buf, block, end)
        else:
            self._done(invoke, _TEMPORARY_FAILURE)

    def _block(self, invoke: int, buf, pos: int, end: int):
        if end - pos < 6:
            raise ProtocolError
        if self._staging.awaits(invoke):
            self._take(invoke, buf, pos, end)
        else:
            self._done(invoke, _NO_LONG_ACTION)

    def _take(self, invoke: int, buf, pos: int, end: int):
        """One block of parameters: keep it, or call what is complete, or give up."""
        staging = self._staging
        state = staging.block(buf, pos, end)
        if state == _MORE:
            at = self._blocks.data
            self._head(at, _ACTION_TAKEN, invoke)
            move(self._server.out, at + 3, buf, pos + 1, 4)
            self._server.sent(at, at + 7)
        elif state != _COMPLETE:
            self._done(invoke, _LONG_ACTION_ABORTED)
        else:
            staging.number = 0  # what follows is the answer
            if staging.list:
                self._with_list(invoke, staging.buf, 0, staging.end)
            else:
                self._normal(invoke, staging.buf, 0, staging.end)

    def _next(self, invoke: int, buf, pos: int, end: int):
        """The client names the block of the answer that it has."""
        if end - pos != 4:
            raise ProtocolError
        blocks = self._blocks
        if not blocks.waits(_ACTION_RESPONSE, invoke):
            self._done(invoke, _NO_LONG_ACTION)
        elif number_at(buf, pos) != blocks.number or blocks.proceed():
            self._done(invoke, _LONG_ACTION_ABORTED)

    def fill(self, at: int, stop: int) -> int:
        """Append pieces of what the method returns, see blocks.py."""
        q = self._request
        out = self._server.out
        q.more = True
        while q.more and at < stop:
            at = dispatch.returned(q, out, at)
            q.piece += 1
        self.more = q.more
        self.result = q.result
        return at

    def keep(self) -> bool:
        """The answer goes on after this request: the parameter it is made from has to last."""
        q = self._request
        staging = self._staging
        if q.buf is staging.buf:
            return True
        if not staging.claim() or not staging.keep(q.buf, q.pos, q.end):
            return False
        q.buf = staging.buf
        q.end -= q.pos
        q.pos = 0
        return True

    def _head(self, at: int, choice: int, invoke: int):
        out = self._server.out
        out[at] = _ACTION_RESPONSE
        out[at + 1] = choice
        out[at + 2] = invoke

    def _done(self, invoke: int, result: int):
        """C7 01 iv result 00, and nothing is left to do."""
        self.abort()
        at = self._blocks.data
        self._head(at, _NORMAL, invoke)
        self._server.out[at + 3] = result
        self._server.out[at + 4] = 0
        self._server.sent(at, at + 5)
