# ACCESS: get, set and action in one request, logical names. Green Book 9.3.10 and 9.5.
#
#   request  D9 long-invoke-id(4) date-time n specification*n n Data*n
#     specification  01 attribute | 02 attribute | 03 method | 04 or 05 attribute selector Data
#                    get            set            action      get and set with selection
#   answer   DA long-invoke-id(4) 00 00 n Data*n n (choice result)*n
#     no date-time, no specifications; null-data for nothing; choice 1 get, 2 set, 3 action
#   long-invoke-id, first octet: 80 priority, 40 confirmed, 20 break on error, 10 self-descriptive
#
# The request lies in the staging buffer, and the result of an item takes the place of its class
# there once it is done; so there is no limit on items but that of a request, and the answer is a
# source of pieces (blocks.py). Items are done in their order, each when its Data is made: a client
# that does not fetch the end of a long answer does not have the end of its request done.
from micropython import const

from cosem import dispatch
from cosem.request import Request
from dlms import axdr
from dlms.errors import NotNegotiated, NotPossible, PduTooLong, ProtocolError
from dlms.fcs import move

_ACCESS_RESPONSE = const(0xDA)
_BIT_ACCESS = const(0x40)  # conformance bit 17
_BIT_SELECTIVE = const(0x04)  # conformance bit 21
_CONFIRMED = const(0x40)  # service class, in the first octet of the long-invoke-id
_BREAK_ON_ERROR = const(0x20)
_RESPONSE_HEAD = const(7)
_SPECIFICATION = const(10)  # octets: choice and descriptor
_SELECTION_FIRST = const(4)  # choices from here on have a selector and its Data behind
_GET_OPERATION = const(0)
_SET_OPERATION = const(1)
_ACTION_OPERATION = const(2)
_NULL = const(0)
_SCOPE_VIOLATED = const(13)
_OTHER_REASON = const(250)


class Access:
    """The ACCESS service of one server; it is the source of its answer."""

    def __init__(self, server, link):
        self._server = server
        self._link = link
        self._request = Request(link)
        self._flags = 0  # first octet of the long-invoke-id
        self._first = 0  # place of the first specification in the staging buffer
        self._item = 0  # of the next one to be done, or whose result is next
        self._value = 0  # of its Data
        self._count = 0
        self._left = 0  # items to be done
        self._results = 0  # to be sent; 0 also before the list of them begins
        self._failed = False
        self._returned = False  # pieces come from a method, not from an attribute
        self._begun = False  # a list has got its count
        self.more = False
        self.result = 0

    def abort(self):
        """Forget what a long answer would still need."""
        self._server.blocks.abort()
        self._request.octets = None

    def serve(self, buf, pos: int, end: int):
        """Carry out and answer the ACCESS-request at buf[pos:end]."""
        if not self._link.conformance & _BIT_ACCESS:
            raise NotNegotiated
        self.abort()
        start = self._list(buf, pos, end)
        blocks = self._server.blocks
        # The head goes first: the request may lie where it is kept.
        at = blocks.data - _RESPONSE_HEAD
        out = self._server.out
        out[at] = _ACCESS_RESPONSE
        move(out, at + 1, buf, pos + 1, 4)
        out[at + 5] = out[at + 6] = 0
        self._flags = buf[pos + 1]
        self._start(buf, start, end)
        if not self._flags & _CONFIRMED:
            self._silently(blocks.data)
        elif blocks.begin(self):
            raise NotPossible  # a value broke off in its middle
        elif not blocks.send(at):
            raise PduTooLong

    def _list(self, buf, pos: int, end: int) -> int:
        """Where the list of specifications begins; raises when anything behind is malformed."""
        if end - pos < 8:
            raise ProtocolError
        start = pos + 6 + buf[pos + 5]  # an absent date-time has no octets
        n = axdr.get_length(buf, start, end)
        if n <= 0:
            raise ProtocolError
        at = _behind_specifications(buf, axdr.skip_length(buf, start), end, n)
        if at < 0 or axdr.get_length(buf, at, end) != n:
            raise ProtocolError
        at = axdr.skip_length(buf, at)
        for _ in range(n):
            at = axdr.skip(buf, at, end) if at >= 0 else at
        if at != end:
            raise ProtocolError
        return start

    def _start(self, buf, start: int, end: int):
        """Keep the request and begin with its first item."""
        staging = self._server.staging
        if not staging.claim() or not staging.keep(buf, start, end):
            raise NotPossible
        buf = staging.buf
        self._count = self._left = axdr.get_length(buf, 0, staging.end)
        self._first = self._item = axdr.skip_length(buf, 0)
        at = _behind_specifications(buf, self._first, staging.end, self._count)
        self._value = axdr.skip_length(buf, at)
        self._results = 0
        self._failed = self._begun = False
        self._request.more = False

    def _silently(self, at: int):
        """An unconfirmed request is carried out; what it would answer is written over."""
        self.result = 0
        self.more = True
        while self.more and not self.result:
            self.fill(at, at + 1)
        self.abort()

    # --- the answer, see blocks.py ---------------------------------------------------------------

    def fill(self, at: int, stop: int) -> int:
        """Append pieces: n Data*n, then n (choice result)*n."""
        q = self._request
        out = self._server.out
        self.more = True
        while at < stop and self.more:
            if q.more:
                at = self._piece(out, at)
            elif not self._begun:
                at = axdr.put_length(out, at, self._count)
                self._begun = True
            elif self._left:
                at = self._do(out, at)
            else:
                at = self._result(out, at)
        return at

    def keep(self) -> bool:
        """All it needs is in the staging buffer."""
        return True

    def _piece(self, out, at: int) -> int:
        # Only its first piece can fail and be null-data instead; later the whole answer fails.
        q = self._request
        at = dispatch.returned(q, out, at) if self._returned else dispatch.get(q, out, at)
        q.piece += 1
        if q.result:
            self.result = q.result
            self.more = False
        return at

    def _do(self, out, at: int) -> int:
        """Do the next item and write its Data, or the first piece of it."""
        staging = self._server.staging
        buf = staging.buf
        item = self._item
        value = self._value
        self._item = _behind(buf, item, staging.end)
        self._value = axdr.skip(buf, value, staging.end)
        q = self._request
        q.more = False
        end = at
        result = _OTHER_REASON
        if not self._failed:
            result = self._open(buf, item) or self._carry_out(buf, item, value)
            if not result and (self._returned or _operation(buf[item]) == _GET_OPERATION):
                end = self._piece(out, at)
                result, self.result, self.more = q.result, 0, True
        if result:
            q.more = False
            self._failed = self._flags & _BREAK_ON_ERROR != 0
        buf[item + 1] = result
        self._left -= 1
        if not self._left:
            self._item = self._first
            self._begun = False  # the list of results begins, behind what follows of this Data
        return end if end > at else axdr.put_null(out, at)

    def _open(self, buf, item: int) -> int:
        q = self._request
        q.association = q.link.index
        q.selector = 0
        if buf[item] >= _SELECTION_FIRST:
            if not self._link.conformance & _BIT_SELECTIVE:
                return _SCOPE_VIOLATED
            q.selector = buf[item + _SPECIFICATION]
            q.buf = buf
            q.pos = item + _SPECIFICATION + 1
            q.end = self._item
        return dispatch.open(q, buf, item + 1, _operation(buf[item]))

    def _carry_out(self, buf, item: int, value: int) -> int:
        q = self._request
        operation = _operation(buf[item])
        self._returned = False
        if operation == _SET_OPERATION:
            return dispatch.set(q, buf, value, self._value)
        if operation == _ACTION_OPERATION:
            start = self._value if buf[value] == _NULL else value
            result = dispatch.act(q, buf, start, self._value)
            self._returned = not result and q.returns
            return result
        return 0

    def _result(self, out, at: int) -> int:
        staging = self._server.staging
        buf = staging.buf
        item = self._item
        out[at] = _operation(buf[item]) + 1
        out[at + 1] = buf[item + 1]
        self._item = _behind(buf, item, staging.end)
        self._results += 1
        self.more = self._results < self._count
        return at + 2


def _operation(choice: int) -> int:
    return choice - 1 if choice < _SELECTION_FIRST else choice - _SELECTION_FIRST


def _behind(buf, pos: int, end: int) -> int:
    """Position behind the specification at pos, -1 = malformed."""
    if end - pos < _SPECIFICATION or not 1 <= buf[pos] <= 5:
        return -1
    pos += _SPECIFICATION
    return pos if buf[pos - _SPECIFICATION] < _SELECTION_FIRST else axdr.skip(buf, pos + 1, end)


def _behind_specifications(buf, pos: int, end: int, n: int) -> int:
    while n and pos >= 0:
        pos = _behind(buf, pos, end)
        n -= 1
    return pos
