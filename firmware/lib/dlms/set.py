# SET service, logical names. Green Book 9.3.7 and 9.5.
#
#   request  C1 01 iv attribute Data                        normal; attribute: descriptor.py
#            C1 02 iv attribute last block(4) length raw    first block
#            C1 03 iv last block(4) length raw              block
#            C1 04 iv n attribute*n n Data*n                with list
#            C1 05 iv n attribute*n last block(4) length raw   list, first block
#   answer   C5 01 iv result         C5 02 iv block(4)      normal; block taken, more to come
#            C5 03 iv result block(4)                       last block, or the end of the transfer
#            C5 04 iv n result*n block(4)                   last block of a list
#            C5 05 iv n result*n                            with list
from micropython import const

from cosem import dispatch
from cosem.request import Request
from dlms import axdr, descriptor
from dlms.errors import NotNegotiated, PduTooLong, ProtocolError
from dlms.fcs import move

_NORMAL = const(1)  # choices of the request
_SET_FIRST_BLOCK = const(2)
_SET_BLOCK = const(3)
_SET_WITH_LIST = const(4)
_SET_LIST_FIRST_BLOCK = const(5)
_SET_TAKEN = const(2)  # choices of the answer
_SET_LAST_BLOCK = const(3)
_SET_LAST_BLOCK_LIST = const(4)
_SET_LIST = const(5)
_CONFIRMED = const(0x40)  # service class, bit 6 of the invoke octet
_BIT_SET = const(0x08)  # conformance bit 20
_BIT_SET_BLOCKS = const(0x0800)  # conformance bit 12
_BIT_LIST = const(0x0200)  # conformance bit 14
_SET_OPERATION = const(1)
_MORE = const(0)  # staging.py
_COMPLETE = const(1)
_WRONG_NUMBER = const(2)
_TEMPORARY_FAILURE = const(2)
_LONG_SET_ABORTED = const(17)
_NO_LONG_SET = const(18)
_BLOCK_NUMBER_INVALID = const(19)
_OTHER_REASON = const(250)


class Set:
    """The SET service of one server: requests in buf, answers in server.out."""

    def __init__(self, server, link):
        self._server = server
        self._link = link
        self._staging = server.staging
        self._request = Request(link)

    def abort(self):
        """Forget the blocks that came so far; the values stay as they are."""
        self._server.blocks.abort()

    def serve(self, buf, pos: int, end: int):
        """Carry out and answer the SET-request at buf[pos:end]."""
        if not self._link.conformance & _BIT_SET:
            raise NotNegotiated
        if end - pos < 3:
            raise ProtocolError
        self._choose(buf[pos + 1], buf[pos + 2], buf, pos + 3, end)
        if not buf[pos + 2] & _CONFIRMED:
            self._server.sent(0, 0)

    def _choose(self, choice: int, invoke: int, buf, pos: int, end: int):
        bits = self._link.conformance
        blocks = bits & _BIT_SET_BLOCKS
        if choice == _SET_BLOCK and blocks:
            self._block(invoke, buf, pos, end)
            return
        self.abort()
        if choice == _NORMAL:
            self._answer(_NORMAL, invoke, self._normal(buf, pos, end))
        elif choice == _SET_FIRST_BLOCK and blocks:
            self._first(invoke, buf, pos, end)
        elif choice == _SET_WITH_LIST and bits & _BIT_LIST:
            at = self._with_list(_SET_LIST, invoke, buf, pos, end)
            self._server.sent(self._server.start, at)
        elif choice == _SET_LIST_FIRST_BLOCK and blocks and bits & _BIT_LIST:
            self._first_of_list(invoke, buf, pos, end)
        else:
            raise NotNegotiated

    def _normal(self, buf, pos: int, end: int) -> int:
        """Set the attribute at pos to the Data behind it; a data-access-result."""
        q = self._request
        value = descriptor.behind(buf, pos, end)
        if value < 0:
            return _OTHER_REASON
        result = descriptor.open(q, buf, pos, value, _SET_OPERATION)
        return result or dispatch.set(q, buf, value, end)

    def _with_list(self, choice: int, invoke: int, buf, pos: int, end: int) -> int:
        """Set every attribute of the list; writes the answer and returns its end."""
        values = descriptor.behind_list(buf, pos, end)
        n = axdr.get_length(buf, pos, end)
        if values < 0 or not descriptor.are_values(buf, values, end, n):
            raise ProtocolError
        # Head, a count of at most 3 octets, the results, and the number of the last block.
        at = self._server.start
        out = self._server.out
        room = self._link.max_pdu_tx - (4 if choice == _SET_LAST_BLOCK_LIST else 0)
        if axdr.put_length(out, at + 3, n) - at + n > room:
            raise PduTooLong
        pos = axdr.skip_length(buf, pos)
        value = axdr.skip_length(buf, values)
        at = axdr.put_length(out, self._head(choice, invoke), n)
        for _ in range(n):
            out[at] = self._item(buf, pos, value, end)
            at += 1
            pos = descriptor.behind(buf, pos, end)
            value = axdr.skip(buf, value, end)
        return at

    def _item(self, buf, pos: int, value: int, end: int) -> int:
        q = self._request
        result = descriptor.open(q, buf, pos, descriptor.behind(buf, pos, end), _SET_OPERATION)
        return result or dispatch.set(q, buf, value, axdr.skip(buf, value, end))

    def _first(self, invoke: int, buf, pos: int, end: int):
        # What may not be set anyway is refused before its value has come.
        block = descriptor.behind(buf, pos, end)
        if end - block < 6 or block < 0:
            raise ProtocolError
        result = descriptor.open(self._request, buf, pos, block, _SET_OPERATION)
        if result:
            self._over(invoke, result, buf, block + 1)
        else:
            self._begin(invoke, False, buf, pos, block, end)

    def _first_of_list(self, invoke: int, buf, pos: int, end: int):
        block = descriptor.behind_list(buf, pos, end)
        if end - block < 6 or block < 0:
            raise ProtocolError
        self._begin(invoke, True, buf, pos, block, end)

    def _begin(self, invoke: int, with_list: bool, buf, pos: int, block: int, end: int):
        if self._staging.begin(invoke, with_list, buf, pos, block):
            self._take(invoke, buf, block, end)
        else:
            self._over(invoke, _TEMPORARY_FAILURE, buf, block + 1)

    def _block(self, invoke: int, buf, pos: int, end: int):
        if end - pos < 6:
            raise ProtocolError
        if self._staging.awaits(invoke):
            self._take(invoke, buf, pos, end)
        else:
            self._over(invoke, _NO_LONG_SET, buf, pos + 1)

    def _take(self, invoke: int, buf, pos: int, end: int):
        """One block: keep it, or carry out the whole request, or give up."""
        staging = self._staging
        state = staging.block(buf, pos, end)
        if state == _MORE:
            at = self._head(_SET_TAKEN, invoke)
            self._send_numbered(at, buf, pos + 1)
        elif state == _COMPLETE and staging.list:
            at = self._with_list(_SET_LAST_BLOCK_LIST, invoke, staging.buf, 0, staging.end)
            self._send_numbered(at, buf, pos + 1)
            self.abort()
        elif state == _COMPLETE:
            self._over(invoke, self._normal(staging.buf, 0, staging.end), buf, pos + 1)
        elif state == _WRONG_NUMBER:
            self._over(invoke, _BLOCK_NUMBER_INVALID, buf, pos + 1)
        else:
            self._over(invoke, _LONG_SET_ABORTED, buf, pos + 1)

    def _over(self, invoke: int, result: int, buf, number: int):
        """The transfer is over: C5 03 iv result and the number at buf[number:]."""
        self.abort()
        at = self._head(_SET_LAST_BLOCK, invoke)
        self._server.out[at] = result
        self._send_numbered(at + 1, buf, number)

    def _answer(self, choice: int, invoke: int, result: int):
        at = self._head(choice, invoke)
        self._server.out[at] = result
        self._server.sent(self._server.start, at + 1)

    def _head(self, choice: int, invoke: int) -> int:
        at = self._server.start
        out = self._server.out
        out[at] = 0xC5
        out[at + 1] = choice
        out[at + 2] = invoke
        return at + 3

    def _send_numbered(self, at: int, buf, number: int):
        move(self._server.out, at, buf, number, 4)
        self._server.sent(self._server.start, at + 4)
