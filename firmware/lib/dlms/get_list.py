# GET with list, the answer as a source of pieces (blocks.py). Green Book 9.3.6.
#
#   request  C0 03 iv n (class(2) obis(6) attribute selection)*n
#   answer   C4 03 iv n (00 Data | 01 data-access-result)*n
from micropython import const

from cosem import dispatch
from dlms import axdr, descriptor

_GET_OPERATION = const(0)


class GetList:
    """What is left of one list: the items at buf[pos:end], after the one that q is about."""

    def __init__(self, server, request):
        self._server = server
        self._request = request
        self._buf = None
        self._start = 0
        self._pos = 0
        self._end = 0
        self._left = 0  # items that were not begun
        self._count = 0  # to be written in front of all, 0 = written
        self.more = False
        self.result = 0

    def start(self, buf, pos: int, end: int):
        """Take a list that descriptor.behind_list has accepted."""
        self._buf = buf
        self._start = pos
        self._end = end
        self._left = self._count = axdr.get_length(buf, pos, end)
        self._pos = axdr.skip_length(buf, pos)
        self._request.more = False

    def fill(self, at: int, stop: int) -> int:
        """Append pieces, see blocks.py."""
        q = self._request
        out = self._server.out
        if self._count:
            at = axdr.put_length(out, at, self._count)
            self._count = 0
        while at < stop and (q.more or self._left):
            at = self._follow(out, at) if q.more else self._first(out, at)
        self.more = q.more or self._left > 0
        return at

    def _first(self, out, at: int) -> int:
        """The next item: its choice, and the first piece of its value."""
        q = self._request
        end = descriptor.behind(self._buf, self._pos, self._end)
        result = descriptor.open(q, self._buf, self._pos, end, _GET_OPERATION)
        self._pos = end
        self._left -= 1
        if not result:
            out[at] = 0
            end = dispatch.get(q, out, at + 1)
            q.piece += 1
            result = q.result
        if not result:
            return end
        q.more = False
        out[at] = 1
        out[at + 1] = result
        return at + 2

    def _follow(self, out, at: int) -> int:
        # A value that fails in its middle can't be taken back: the transfer fails.
        q = self._request
        at = dispatch.get(q, out, at)
        q.piece += 1
        if q.result:
            self.result = q.result
            self._left = 0
        return at

    def keep(self) -> bool:
        """The answer goes on after this request; see blocks.py."""
        staging = self._server.staging
        if not staging.claim() or not staging.keep(self._buf, self._start, self._end):
            return False
        q = self._request
        q.buf = self._buf = staging.buf
        q.pos -= self._start
        q.end -= self._start
        self._pos -= self._start
        self._end -= self._start
        self._start = 0
        return True
