# ACTION with list: all methods are called at once, the answer is a source of pieces (blocks.py).
#
#   request  n method*n n Data*n        in the staging buffer; null-data: no parameter
#   answer   n (result (00 | 01 00 Data))*n
#
# A method may change things, so none waits until the client fetches a block. The results stand
# behind the request in the staging buffer; what a method returns is made when it is sent.
from micropython import const

from cosem import dispatch
from dlms import axdr, descriptor
from dlms.errors import ProtocolError
from dlms.fcs import move

_ACTION_OPERATION = const(2)
_METHOD = const(9)  # octets of a method descriptor
_NULL = const(0)
_RETURNS = const(255)  # success, and Data; no action-result has this number
_WITH_DATA = b"\x00\x01\x00"  # success, return parameters, Data


class ActionList:
    """What is left of one list, after the item that q is about."""

    def __init__(self, server, request):
        self._server = server
        self._request = request
        self._method = 0  # place of the next method, parameter and result in the staging buffer
        self._parameter = 0
        self._result = 0
        self._left = 0
        self._count = 0  # to be written in front of all, 0 = written
        self.more = False
        self.result = 0

    def call(self):
        """Call every method of the list that fills the staging buffer."""
        staging = self._server.staging
        buf = staging.buf
        end = staging.end
        n = axdr.get_length(buf, 0, end)
        methods = axdr.skip_length(buf, 0)
        parameters = methods + n * _METHOD
        if n <= 0 or not descriptor.are_values(buf, parameters, end, n):
            raise ProtocolError
        self._rewind(n, methods, parameters, end)
        for _ in range(n):
            buf[self._result] = self._call(buf, end)
            self._step(buf, end)
        self._rewind(n, methods, parameters, end)

    def _rewind(self, n: int, methods: int, parameters: int, end: int):
        self._left = self._count = n
        self._method = methods
        self._parameter = axdr.skip_length(self._server.staging.buf, parameters)
        self._result = end
        self._request.more = False

    def _step(self, buf, end: int):
        self._method += _METHOD
        self._parameter = axdr.skip(buf, self._parameter, end)
        self._result += 1

    def _call(self, buf, end: int) -> int:
        q = self._request
        q.association = q.link.index
        result = dispatch.open(q, buf, self._method, _ACTION_OPERATION)
        if not result:
            start = self._parameter
            behind = axdr.skip(buf, start, end)
            result = dispatch.act(q, buf, behind if buf[start] == _NULL else start, behind)
        return _RETURNS if not result and q.returns else result

    def fill(self, at: int, stop: int) -> int:
        """Append pieces, see blocks.py."""
        q = self._request
        out = self._server.out
        if self._count:
            at = axdr.put_length(out, at, self._count)
            self._count = 0
        while at < stop and (q.more or self._left):
            if not q.more:
                at = self._next(out, at)
            if q.more:
                at = dispatch.returned(q, out, at)
                q.piece += 1
        self.more = q.more or self._left > 0
        return at

    def _next(self, out, at: int) -> int:
        """The result of the next item; q.more is set when Data follow."""
        staging = self._server.staging
        buf = staging.buf
        result = buf[self._result]
        if result == _RETURNS:
            q = self._request
            dispatch.open(q, buf, self._method, _ACTION_OPERATION)
            q.buf = buf
            q.pos = self._parameter
            q.end = axdr.skip(buf, self._parameter, staging.end)
            q.more = True
            move(out, at, _WITH_DATA, 0, 3)
        else:
            out[at] = result
            out[at + 1] = 0
        self._left -= 1
        self._step(buf, staging.end)
        return at + 3 if result == _RETURNS else at + 2

    def keep(self) -> bool:
        """All it needs is in the staging buffer."""
        return True
