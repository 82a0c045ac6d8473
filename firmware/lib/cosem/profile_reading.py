# One reading of a buffer: which rows, and the rows one by one. IEC 62056-6-2, class 7.
#
#   01 n | 02 columns Data*columns | 02 columns Data*columns | ..
# The array says first how many rows there are, so rows that must be looked at are read twice:
# when they are counted and when they are sent. Where the restricting column is the clock, and
# time never went back, bisection finds the window, and only rows near its ends are looked at:
#
#   0 ...... start ???? sure_start ========== sure_stop ???? stop ...... n
# Rows are counted from the oldest one when the reading began. A row that is lost, or was pushed
# out meanwhile, is sent as null-data in every column, so the array keeps its length; where rows
# are looked at it does not count.
from micropython import const

from dlms import axdr
from dlms.fcs import move
from meter import compare

_LIFO = const(2)
_PIECE_MAX = const(256)
_ROWS_MAX = const(128)  # octets of rows made at a time: 2 ms
_ROW_HEAD = const(2)  # 02 columns
_RECORD_MAX = const(512)  # octets of a row
_SLACK = const(280)  # what one more Data may need while it is captured, cosem/internal.py
_SUCCESS = const(0)
_TYPE_UNMATCHED = const(12)
_LONG_GET_ABORTED = const(15)

# A row while it is captured, searched or counted; all profiles, one at a time.
buffer = bytearray(_RECORD_MAX + _SLACK)


class Reading:
    """A client reads profile (profile_generic.Profile), all of it until select() says otherwise.

    left: rows still to be sent, after select()
    """

    def __init__(self, profile):
        self._profile = profile
        self._mark = profile.mark
        self._rows = profile.rows
        self._size = profile.columns.size
        self._width = profile.columns.width()
        self._first = 0 if profile.rows is not None else profile.log.first
        self._start = self._sure_start = 0
        self._stop = self._sure_stop = profile.entries()
        self._wanted = None
        self._count = self._width  # columns of a row that is sent
        self._selection = None
        self._down = profile.method == _LIFO
        self._long = bytearray(0)  # a row that does not fit a piece, and how much of it was sent
        self._sent = 0
        self.left = self._stop

    # --- which rows --------------------------------------------------------------------------

    def select(self, selection) -> int:
        """Keep to a selection; a data-access-result."""
        if selection.wanted is not None:
            self._wanted = selection.wanted
            self._count = sum(selection.wanted)
        if selection.column < 0:
            self._select_entries(selection)
            return _SUCCESS
        self._selection = selection
        if not self._comparable():
            return _TYPE_UNMATCHED
        if self._profile.in_order(selection.column):
            self._find_window()
        elif selection.low or selection.high:
            self._sure_stop = 0
        self.left = self._matching()
        return _SUCCESS

    def _select_entries(self, selection) -> None:
        n = self._stop
        first = min(selection.first - 1, n)
        last = min(selection.last or n, n)
        if self._down:
            first, last = n - last, n - first
        self._start = self._sure_start = first
        self._stop = self._sure_stop = max(first, last)
        self.left = self._stop - first

    def _comparable(self) -> bool:
        # Are the bounds of the kind that the column has? The first row that is there tells.
        for bound in (self._selection.low, self._selection.high):
            if bound is not None:
                for i in range(self._stop):
                    at, end = self._column(i)
                    kind = compare.kind(buffer, at, end) if end else 0
                    if kind:
                        return kind == compare.kind(bound, 0, len(bound))
        return True

    def _find_window(self) -> None:
        low, high = self._selection.low, self._selection.high
        if low is not None:
            at = compare.moment(low, 0)
            self._start = self._bisect(compare.earliest(low, at))
            self._sure_start = self._bisect(compare.latest(low, at) + 1)
        if high is not None:
            at = compare.moment(high, 0)
            self._sure_stop = self._bisect(compare.earliest(high, at))
            self._stop = self._bisect(compare.latest(high, at) + 1)
        if self._sure_stop < self._sure_start:
            self._sure_stop = self._sure_start = self._start
        if self._stop < self._start:
            self._stop = self._start

    def _bisect(self, minute: int) -> int:
        """First row of this UTC minute or a later one."""
        low, high = 0, self._stop
        while low < high:
            middle = probe = (low + high) >> 1
            found = self._minute(probe)
            while found < 0 and probe + 1 < high:  # lost
                probe += 1
                found = self._minute(probe)
            if 0 <= found < minute:
                low = probe + 1
            else:
                high = middle
        return low

    def _minute(self, i: int) -> int:
        at, end = self._column(i)
        if not end or compare.kind(buffer, at, end) == 0:
            return -1
        return compare.utc_min(buffer, compare.moment(buffer, at))

    def _matching(self) -> int:
        count = max(0, self._sure_stop - self._sure_start)
        for i in range(self._start, self._stop):
            if not self._sure_start <= i < self._sure_stop:
                count += self._matches(buffer, 0, self._fetch(i, buffer, 0))
        return count

    def _column(self, i: int) -> tuple:
        """Where the Data of the restricting column of row i begins and ends in buffer."""
        end = self._fetch(i, buffer, 0)
        return _data(buffer, 0, end, self._selection.column)

    def _matches(self, buf, pos: int, end: int) -> bool:
        selection = self._selection
        pos, end = _data(buf, pos, end, selection.column)
        if not end:
            return False
        for bound, sign in ((selection.low, 1), (selection.high, -1)):
            if bound is not None:
                if compare.kind(buf, pos, end) != compare.kind(bound, 0, len(bound)):
                    return False
                if compare.order(buf, pos, bound, 0) * sign < 0:
                    return False
        return True

    # --- the rows ----------------------------------------------------------------------------

    def _fetch(self, i: int, out, pos: int) -> int:
        """Write row i; the position behind it, 0 when it is lost."""
        if self._rows is not None:
            row = self._rows[i]
            move(out, pos, row, 0, len(row))
            return pos + len(row)
        n = self._profile.log.read(self._first + i, out, pos)
        return pos + n if n else 0

    def piece(self, q, out, pos: int) -> int:
        """Write the next rows at out[pos:], or what fits a piece of one; sets q.more, q.result."""
        if self._mark != self._profile.mark:
            q.result = _LONG_GET_ABORTED  # the buffer was emptied meanwhile
            return pos
        if self._sent or self._size + _ROW_HEAD > _PIECE_MAX:
            pos = self._part(out, pos)
        else:
            last = pos + _ROWS_MAX - self._size - _ROW_HEAD
            pos = self._row(out, pos)
            while self.left > 0 and pos <= last:
                pos = self._row(out, pos)
        q.more = self._sent > 0 or self.left > 0
        return pos

    def _part(self, out, pos: int) -> int:
        if not self._sent:
            self._long = bytearray(self._size + _ROW_HEAD)
            self._long = self._long[: self._row(self._long, 0)]
        n = min(_PIECE_MAX, len(self._long) - self._sent)
        move(out, pos, self._long, self._sent, n)
        self._sent += n
        if self._sent == len(self._long):
            self._sent = 0
        return pos + n

    def _row(self, out, pos: int) -> int:
        self.left -= 1
        while self._start < self._stop:
            i = self._next()
            end = self._fetch(i, out, pos + _ROW_HEAD)
            if self._sure_start <= i < self._sure_stop:
                break
            if end and self._matches(out, pos + _ROW_HEAD, end):
                break
        else:
            end = 0
        if end and self._wanted is None:
            axdr.put_structure(out, pos, self._width)
            return end
        return self._cut(out, pos, end)

    def _next(self) -> int:
        if self._down:
            self._stop -= 1
            return self._stop
        self._start += 1
        return self._start - 1

    def _cut(self, out, pos: int, end: int) -> int:
        """Keep the columns that are wanted of the row at out[pos + 2:end]; end 0: it is lost."""
        wanted = self._wanted
        at = axdr.put_structure(out, pos, self._count)
        if not end:
            for _ in range(self._count):
                at = axdr.put_null(out, at)
            return at
        assert wanted is not None  # _row sends whole rows itself
        pos = at
        for k in range(self._width):
            behind = axdr.skip(out, pos, end)
            if wanted[k]:
                move(out, at, out, pos, behind - pos)
                at += behind - pos
            pos = behind
        return at


def _data(buf, pos: int, end: int, column: int) -> tuple:
    # (pos, end) of the Data of a column in the row buf[pos:end]; end 0 = there is none.
    if not end:
        return 0, 0
    pos = compare.column(buf, column, pos)
    return pos, axdr.skip(buf, pos, end)
