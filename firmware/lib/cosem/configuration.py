# What clients change of the configuration: counted, dated and logged. IEC 62056-61.
#
#   0-0:96.2.0  class 1  number of configuration changes: a live value
#   0-0:96.2.1  class 1  09 0C local date-time of the last one; its constant until there was one
# An accepted SET of a setting counts, and an ACTION that changes one. What does not, because it is
# operation, or has an event of its own:
#   the time of the clock; alarm and error registers; consumer messages; the secret of an
#   association (event 48); manufacturer specific classes; resets, captures, scripts, relays
# Both values are one setting:  number u32 | date-time 12
from micropython import const

from cosem import clock, internal, live, value
from cosem.table import ROWS
from dlms import axdr
from meter import events, registers, settings

_CHANGES_OBIS = b"\x00\x00\x60\x02\x00\xff"
_DATE_OBIS = b"\x00\x00\x60\x02\x01\xff"
_ROW_C = const(4)
_ROW_D = const(5)
_DATA = const(1)  # classes
_CLOCK = const(8)
_ASSOCIATION = const(15)
_OWN = const(8192)
# Class -> methods that change a setting, bit k = method k + 1: register activation, schedule,
# special days, activity calendar.
_METHODS = {6: 0x07, 10: 0x07, 11: 0x03, 20: 0x01}
_TIME = const(2)  # attribute of the clock
_ERROR_REGISTERS = const(97)  # C of error and alarm registers
_DEVICE_DATA = const(96)
_CONSUMER_MESSAGES = const(13)  # its D of consumer messages
_KEY = const(0x20)  # of the settings
_RECORD = const(16)
_SLOT_CONFIGURATION_CHANGES = const(32)  # meter/registers.py
_SUCCESS = const(0)
_TEMPORARY_FAILURE = const(2)


class Changes:
    """What is known of the changes so far."""

    def __init__(self):
        self._date_row = internal.find(_DATA, _DATE_OBIS)
        self._fresh = False  # one is not logged yet
        kept = settings.get(_KEY)
        if kept is None:
            registers.put(_SLOT_CONFIGURATION_CHANGES, 0)
        else:
            self._show(kept)

    def _show(self, record) -> None:
        registers.put(_SLOT_CONFIGURATION_CHANGES, axdr.get_u32(record, 0))
        if self._date_row >= 0:
            value.shown[self._date_row] = b"\x09\x0c" + record[4:]

    def count(self) -> int:
        """One more, kept before it returns success; a result."""
        record = bytearray(_RECORD)
        axdr.store_u32(record, 0, registers.value(_SLOT_CONFIGURATION_CHANGES) + 1)
        axdr.store_date_time(record, 4, clock.now())
        if not settings.put(_KEY, bytes(record)):
            return _TEMPORARY_FAILURE
        self._show(bytes(record))
        self._fresh = True
        return _SUCCESS

    def second(self, now_s: int, fields) -> None:
        """Log what has changed: a client that sets twenty attributes makes one event of it."""
        if self._fresh:
            self._fresh = False
            events.raise_(events.PARAMETERS_CHANGED)


_changes = None


def start() -> None:
    """Find the objects; in front of the events, so that a change is logged within its second."""
    global _changes
    _changes = Changes()
    live.add(-2, _changes)


def changed(q, method: bool) -> int:
    """A client is about to set q.attribute of q.row, or has called the method; a result, success =
    noted."""
    at = q.row * 16
    class_id = ROWS[at] << 8 | ROWS[at + 1]
    if method:
        counts = _METHODS.get(class_id, 0) >> q.attribute - 1 & 1
    else:
        counts = _is_setting(class_id, q.attribute, at)
    assert _changes is not None  # start() comes before any request
    return _changes.count() if counts else _SUCCESS


def _is_setting(class_id: int, attribute: int, at: int) -> bool:
    if class_id == _CLOCK:
        return attribute != _TIME
    if class_id == _DATA:
        c = ROWS[at + _ROW_C]
        message = c == _DEVICE_DATA and ROWS[at + _ROW_D] == _CONSUMER_MESSAGES
        return c != _ERROR_REGISTERS and not message
    return class_id != _ASSOCIATION and class_id != _OWN
