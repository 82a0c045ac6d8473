# Profile generic, class 7 version 1. IEC 62056-6-2.
#
#   1 logical_name      octet-string(6)              dispatch.py
#   2 buffer            01 n | 02 columns Data*columns ..          profile_reading.py
#   3 capture_objects   01 n | 02 04 12 class, 09 06 obis, 0F attribute, 12 element ..
#   4 capture_period    06 seconds, 0 = by capture alone
#   5 sort_method       16 1 fifo, 2 lifo, 3 largest, 4 smallest, 5 nearest, 6 farthest from zero
#   6 sort_object       one of the capture objects; all zero where fifo or lifo needs none
#   7 entries_in_use    06
#   8 profile_entries   06, as many as there is room for
#   methods 1 reset, 2 capture     0F 00; null-data or none will do
#
# To set 3 to 6 or 8 empties the buffer. Attribute 2 of the table keeps what belongs to the buffer
# and is not in its log (sorted_rows.packed):
#   fcs of attributes 3 to 8 | fifo, lifo: record from which on time never went back u32
#                            | sorted: the rows
# When the fcs is not that of the attributes, a set was cut off by the power: the rows go.
from micropython import const

from cosem import internal, live, value
from cosem.profile_columns import Columns, is_capturable
from cosem.profile_reading import Reading, buffer
from cosem.profile_selection import Selection, column_of
from cosem.table import ROWS
from dlms import axdr, shape
from dlms.fcs import fcs16
from meter import compare, events, log, profile_status, sorted_rows

_BUFFER_ATTRIBUTE = const(2)
_CAPTURE_OBJECTS = const(3)
_CAPTURE_PERIOD = const(4)
_SORT_METHOD = const(5)
_SORT_OBJECT = const(6)
_ENTRIES_IN_USE = const(7)
_PROFILE_ENTRIES = const(8)
_RESET = const(1)
_IN_ORDER = const(1)
_LIFO = const(2)
_FARTHEST = const(6)
_OBJECT_SIZE = const(18)
_OBJECTS_AT = const(2)
_COLUMNS_MAX = const(40)
_SORTED_MAX = const(600)  # octets of the rows of a sorted profile
_DEVIATION_FIELD = const(8)  # of the ten fields of a date-time
_STATUS_FIELD = const(9)
_WAITING_MAX = const(4)  # rows: events of one second, or an hour of the load profile
_CRITICAL_ERROR = const(0x01)  # bits of the status word
_NOT_VALID = const(0x04)
_ADJUSTED = const(0x20)
_ERROR_REGISTER = b"\x00\x00\x61\x61\x00\xff"  # 0-0:97.97.0
_EVENT_LOG = b"\x00\x00\x63\x62"  # 0-0:99.98 and the number of the log
_ROW_OBIS = const(2)
_CRITICAL_MASK = const(0x1F00)  # memories, measurement system, watchdog
_NULL = const(0)  # tags
_U32 = const(6)
_I8 = const(15)
_SUCCESS = const(0)
_TEMPORARY_FAILURE = const(2)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)
_OBJECT_SHAPE = b"\x02\x04\x12\x09\x06\x06\x0f\x12"
_SHAPES = {
    _CAPTURE_OBJECTS: b"\x01" + _OBJECT_SHAPE,
    _CAPTURE_PERIOD: b"\x06",
    _SORT_METHOD: b"\x16",
    _SORT_OBJECT: _OBJECT_SHAPE,
    _PROFILE_ENTRIES: b"\x06",
}
_NO_OBJECT = b"\x02\x04\x12\x00\x00\x09\x06\x00\x00\x00\x00\x00\x00\x0f\x00\x12\x00\x00"
_STATUS_OBJECT = b"\x00\x01\x00\x00\x60\x0a"  # class 1, 0-0:96.10.e: words 1 and 2


class Profile:
    """One object of the class.

    columns: profile_columns.Columns, None before the first use. method: sort_method
    log, rows: where the rows are, the other one is None. capacity: profile_entries
    mark: changes when the buffer is emptied
    """

    def __init__(self, row: int):
        self._row = row
        self.mark = 0
        self.method = _IN_ORDER
        self.columns = None
        self.log = None
        self.rows = None
        self.capacity = 0
        self._period_s = 0
        self._sort = 0  # column
        self._then_s = -1  # the second lived through last, and the period it was in
        self._index = 0
        self._waiting = []  # rows that the log could not take yet
        self._last_min = -1  # UTC minute of the youngest row ...
        self._last_local_s = 0  # ... and the same as local time
        self._ordered = 0  # record from which on time never went back
        profile_status.powered_up()

    # --- what it is like ---------------------------------------------------------------------

    def open(self) -> None:
        """Find the rows; at the first use, when all the captured objects are there."""
        if self.columns is not None:
            return
        row = self._row
        objects = value.octets(row, _CAPTURE_OBJECTS)
        self.columns = Columns(objects)
        self.method = value.octets(row, _SORT_METHOD)[1]
        self._period_s = compare.number(value.octets(row, _CAPTURE_PERIOD), 0)
        self._sort = max(0, column_of(objects, value.octets(row, _SORT_OBJECT), 0))
        self._find_rows(compare.number(value.octets(row, _PROFILE_ENTRIES), 0))

    def _find_rows(self, entries: int) -> None:
        size = self.columns.size
        kept = sorted_rows.unpacked(value.octets(self._row, _BUFFER_ATTRIBUTE))
        if self.method > _LIFO:
            self.log = None
            self.rows = kept[1:]
            self.capacity = min(entries, _SORTED_MAX // (size + 2))
        else:
            self.rows = None
            self.log = log.open(value.argument(self._row), size, entries)
            self.capacity = self.log.capacity
        if not kept or kept[0] != self._layout():
            self.empty()
        elif self.log is not None:
            self._resume(kept[1])

    def _resume(self, ordered: bytes) -> None:
        self._ordered = axdr.get_u16(ordered, 0) << 16 | axdr.get_u16(ordered, 2)
        seq = self.log.next
        while seq > self.log.first:  # what the power cut off reads as nothing
            seq -= 1
            if self.log.read(seq, buffer, 0):
                self._note_youngest(buffer)
                return

    def _layout(self) -> bytes:
        content = b""
        for k in (3, 4, 5, 6, 8):
            content += value.octets(self._row, k)
        return _u16(fcs16(content, 0, len(content)))

    def entries(self) -> int:
        """entries_in_use."""
        return self.log.next - self.log.first if self.rows is None else len(self.rows)

    def in_order(self, column: int) -> bool:
        """Are the rows ordered by this column, which is the clock?"""
        if self.rows is not None or column != self.columns.time:
            return False
        return self._ordered <= self.log.first

    # --- rows --------------------------------------------------------------------------------

    def second(self, now_s: int, fields) -> None:
        """Capture when another multiple of the period has begun, in local time."""
        self.open()
        profile_status.show(fields[_STATUS_FIELD])
        self._enter_waiting()
        period = self._period_s
        if not period or now_s <= self._then_s:  # seconds that come again after a small step
            return
        deviation_s = fields[_DEVIATION_FIELD] * 60
        index = (now_s - deviation_s) // period
        before = self._index
        if self._then_s < 0:
            # After a start the youngest row tells how far it had got: one row closes the interval.
            last_s = self._last_min * 60
            before = self._last_local_s // period if 0 <= last_s <= now_s else index
        self._then_s = now_s
        self._index = index
        if index != before:
            self.capture(True)

    def jumped(self, old_s: int, new_s: int) -> None:
        """The clock was set. Forward over the end of a period: one row; back: none now."""
        profile_status.note(_ADJUSTED)
        if new_s < old_s:
            self._then_s = -1

    def capture(self, wait=False) -> int:
        """Add a row of what the columns are now; an action-result. wait: a row for which flash has
        no room before the next quiet moment waits for it, since nobody asks again."""
        self.open()
        columns = self.columns
        if columns.status >= 0:
            if _has_failed():
                profile_status.note(_CRITICAL_ERROR)
            profile_status.renew()
        row = bytes(memoryview(buffer)[: columns.capture()])
        entered = self._enter_waiting() and self._enter(row)
        if not entered:
            if not (wait and self.rows is None):
                return _TEMPORARY_FAILURE
            if len(self._waiting) == _WAITING_MAX:
                profile_status.note(_NOT_VALID)  # of the next row, for this one is lost
                return _TEMPORARY_FAILURE
            self._waiting.append(row)
        if columns.status >= 0:
            profile_status.captured(columns.status)
        return _SUCCESS

    def _enter_waiting(self) -> bool:
        """Nothing waits any more."""
        while self._waiting and self._enter(self._waiting[0]):
            self._waiting.pop(0)
        return not self._waiting

    def _enter(self, row: bytes) -> bool:
        """Keep a row, and know the youngest."""
        if not self._keep(row):
            return False
        before = self._last_min
        self._note_youngest(row)
        if self.rows is None and (self._last_min < before or self._last_min < 0):
            self._ordered = self.log.next - 1
            self._save()
        return True

    def _note_youngest(self, row) -> None:
        self._last_min = minute = self.columns.minute(row)
        if minute >= 0:
            self._last_local_s = (minute - self.columns.deviation(row)) * 60

    def _keep(self, row: bytes) -> bool:
        old = self.rows
        if old is None:
            return self.log.append(row)
        self.rows = sorted_rows.inserted(old, row, self._sort, self.method, self.capacity)
        if self.rows is old or self._save():
            return True
        self.rows = old
        return False

    def _save(self) -> bool:
        parts = [self._layout()]
        if self.rows is not None:
            parts += self.rows
        else:
            parts.append(_u16(self._ordered >> 16) + _u16(self._ordered))
        return value.store(self._row, _BUFFER_ATTRIBUTE, sorted_rows.packed(parts)) == _SUCCESS

    def empty(self) -> int:
        """Forget all rows; an action-result."""
        if self.rows is None and not self.log.clear():
            return _TEMPORARY_FAILURE
        self.mark += 1
        self._last_min = -1
        self._waiting = []
        if self.rows is None:
            self._ordered = self.log.next
        else:
            self.rows = []
        return _SUCCESS if self._save() else _TEMPORARY_FAILURE

    def note_cleared(self) -> None:
        """A client clears the rows; an event log begins anew with that."""
        at = self._row * 16 + _ROW_OBIS
        if ROWS[at : at + 4] == _EVENT_LOG:
            events.cleared(ROWS[at + 4])

    def changed(self) -> None:
        """One of the attributes was set, after the buffer was emptied."""
        self.columns = None
        self._then_s = -1
        self.note_cleared()
        self.open()


def _has_failed() -> bool:
    row = internal.find(1, _ERROR_REGISTER)
    return row >= 0 and internal.number(row, 2) & _CRITICAL_MASK != 0


def _u16(number: int) -> bytes:
    """Two octets."""
    return bytes((number >> 8 & 0xFF, number & 0xFF))


# --- services ------------------------------------------------------------------------------------


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attributes 2 to 8; of attribute 2 what q.selector selects."""
    profile = live.of(q.row)
    profile.open()
    if q.attribute == _BUFFER_ATTRIBUTE:
        return _get_buffer(q, profile, out, pos)
    if q.attribute == _ENTRIES_IN_USE or q.attribute == _PROFILE_ENTRIES:
        out[pos] = _U32
        used = q.attribute == _ENTRIES_IN_USE
        return axdr.store_u32(out, pos + 1, profile.entries() if used else profile.capacity)
    return value.get(q, out, pos)


def _get_buffer(q, profile, out, pos: int) -> int:
    if q.piece:
        return q.octets.piece(q, out, pos)
    if not (q.selector or profile.entries()):  # nothing is taken from the heap for nothing
        return axdr.put_array(out, pos, 0)
    reading = Reading(profile)
    if q.selector:
        selection = Selection()
        objects = value.octets(q.row, _CAPTURE_OBJECTS)
        q.result = selection.parse(q.selector, q.buf, q.pos, q.end, objects)
        q.result = q.result or reading.select(selection)
        if q.result:
            return pos
    q.octets = reading
    q.more = reading.left > 0
    return axdr.put_array(out, pos, reading.left)


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 3 to 6 and 8 to the Data at buf[pos:end], and empty the buffer."""
    if shape.end(_SHAPES[q.attribute], buf, pos, end) != end:
        return _TYPE_UNMATCHED
    result = _CHECKS[q.attribute](q.row, buf, pos, end)
    if result or q.dry:
        return result
    profile = live.of(q.row)
    profile.open()
    result = profile.empty() or value.keep(q, buf, pos, end)
    if not result:
        profile.changed()
    return result


def _check_objects(row: int, buf, pos: int, end: int) -> int:
    n = buf[pos + 1]
    if not 1 <= n <= _COLUMNS_MAX or end - pos != _OBJECTS_AT + n * _OBJECT_SIZE:
        return _OTHER_REASON
    for at in range(pos + _OBJECTS_AT, end, _OBJECT_SIZE):
        if not is_capturable(buf, at):
            return _OTHER_REASON
    # Sorted rows need their column.
    if value.octets(row, _SORT_METHOD)[1] > _LIFO:
        if column_of(bytes(buf[pos:end]), value.octets(row, _SORT_OBJECT), 0) < 0:
            return _OTHER_REASON
    return _SUCCESS


def _check_period(row: int, buf, pos: int, end: int) -> int:
    return _OTHER_REASON if buf[pos + 1] & 0x80 else _SUCCESS


def _check_method(row: int, buf, pos: int, end: int) -> int:
    method = buf[pos + 1]
    if not 1 <= method <= _FARTHEST:
        return _OTHER_REASON
    objects = value.octets(row, _CAPTURE_OBJECTS)
    if method > _LIFO and column_of(objects, value.octets(row, _SORT_OBJECT), 0) < 0:
        return _OTHER_REASON
    return _SUCCESS


def _check_sort_object(row: int, buf, pos: int, end: int) -> int:
    if column_of(value.octets(row, _CAPTURE_OBJECTS), buf, pos) >= 0:
        return _SUCCESS
    none = bytes(buf[pos:end]) == _NO_OBJECT and value.octets(row, _SORT_METHOD)[1] <= _LIFO
    return _SUCCESS if none else _OTHER_REASON


def _check_entries(row: int, buf, pos: int, end: int) -> int:
    return _SUCCESS if compare.number(buf, pos) else _OTHER_REASON


_CHECKS = {
    _CAPTURE_OBJECTS: _check_objects,
    _CAPTURE_PERIOD: _check_period,
    _SORT_METHOD: _check_method,
    _SORT_OBJECT: _check_sort_object,
    _PROFILE_ENTRIES: _check_entries,
}


def act(q, buf, pos: int, end: int) -> int:
    """Call method 1, reset, or 2, capture."""
    if pos != end and buf[pos] not in (_I8, _NULL):
        return _TYPE_UNMATCHED
    profile = live.of(q.row)
    profile.open()
    if q.attribute == _RESET:
        profile.note_cleared()
        return profile.empty()
    return profile.capture(q.link is None)
