# Register monitor, class 21 version 0. IEC 62056-6-2.
#
#   1 logical_name      octet-string(6)     dispatch.py
#   2 thresholds        01 n | an integer of the type of the value, n times
#   3 monitored_value   02 03 | 12 class | 09 06 obis | 0F attribute
#   4 actions           01 n | 02 02 action_up action_down      one for each threshold
#                         02 02 | 09 06 script table | 12 selector, 0 = none
#
# A threshold is passed upwards when the value was not above it and is now, downwards the other
# way round; each passing runs its script once. The first value seen passes nothing: what happened
# without power is not known. Where a client has set fewer actions than thresholds, the rest of
# them run nothing.
from micropython import const

from cosem import internal, monitoring, value
from cosem.monitoring import SCRIPT_SIZE
from cosem.table import ROWS
from dlms import axdr, shape
from meter import events

_THRESHOLDS = const(2)
_MONITORED_VALUE = const(3)
_ACTIONS = const(4)
_COUNT_MAX = const(16)
_ACTION_SIZE = const(28)  # 02 02 and two scripts
_ROW_D = const(5)  # of the OBIS code A-B:C.D.E.F within a row
_ROW_E = const(6)
_EVENTS = const(3)  # alarm monitors 0-0:16.1.0 to .2 have events of their own
_FORMS = {
    _THRESHOLDS: b"\x01" + monitoring.INTEGER_FORM,
    _ACTIONS: b"\x01\x02\x02" + monitoring.SCRIPT_FORM + monitoring.SCRIPT_FORM,
}
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)

get = value.get


class RegisterMonitor:
    """One object of the class."""

    def __init__(self, row: int):
        self._row = row
        self._monitored = -1  # row, found at the first use
        self._attribute = 0
        self._thresholds = ()
        self._above = -1  # bit k: the value is above threshold k; -1 = not known yet

    def row_changed(self) -> None:
        """An attribute was set: what is above which threshold is found out anew."""
        self._monitored = -1

    def _open(self) -> None:
        what = value.octets(self._row, _MONITORED_VALUE)
        self._monitored = monitoring.row_of(what)
        self._attribute = monitoring.attribute_of(what)
        self._thresholds = _integers(value.octets(self._row, _THRESHOLDS))
        self._above = -1

    def second(self, now_s: int, fields) -> None:
        """Compare the value with the thresholds, and act."""
        if self._monitored < 0:
            self._open()
            if self._monitored < 0:
                return
        number = internal.number(self._monitored, self._attribute)
        above = 0
        for k in range(len(self._thresholds)):
            if number > self._thresholds[k]:
                above |= 1 << k
        passed = 0 if self._above < 0 else above ^ self._above
        self._above = above
        for k in range(len(self._thresholds)):
            if passed >> k & 1:
                self._act(k, above >> k & 1)

    def _act(self, k: int, up: int) -> None:
        at = self._row * 16
        if ROWS[at + _ROW_D] == 1 and ROWS[at + _ROW_E] < _EVENTS:
            code = events.MONITOR_EXCEEDED if up else events.MONITOR_OK
            events.raise_(code + 2 * ROWS[at + _ROW_E])
        actions = value.octets(self._row, _ACTIONS)
        if k < actions[1]:
            start = 2 + k * _ACTION_SIZE + 2
            monitoring.run(actions, start if up else start + SCRIPT_SIZE)


def _integers(array) -> tuple:
    """The numbers of an array of integers of one type."""
    if not array[1]:
        return ()
    size = (len(array) - 2) // array[1]
    return tuple(
        [internal.integer(array, at, at + size) for at in range(2, len(array), size)])


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2 to 4 to the Data at buf[pos:end]."""
    if q.attribute == _MONITORED_VALUE:
        thresholds = value.octets(q.row, _THRESHOLDS)
        tag = thresholds[2] if thresholds[1] else -1
        return monitoring.watchable(buf, pos, end, tag) or value.keep(q, buf, pos, end)
    if shape.end(_FORMS[q.attribute], buf, pos, end) != end:
        return _TYPE_UNMATCHED
    n = axdr.get_length(buf, pos + 1, end)
    if q.attribute == _THRESHOLDS:
        tag = monitoring.tag_of(value.octets(q.row, _MONITORED_VALUE))
        at = axdr.skip_length(buf, pos + 1)
        for _ in range(n):
            if buf[at] != tag:
                return _TYPE_UNMATCHED
            at = axdr.skip(buf, at, end)
    # Counts of one octet, so that what is kept can be read without a search.
    good = n <= _COUNT_MAX and buf[pos + 1] == n
    if q.attribute == _ACTIONS:
        good = good and end - pos == 2 + n * _ACTION_SIZE
    return value.keep(q, buf, pos, end) if good else _OTHER_REASON
