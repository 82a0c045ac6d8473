# Events where clients see them: event objects, event logs, alarm and error register.
#
#   0-0:96.11.n  class 1  code of the last event of log n: a live value of the meter
#   0-0:99.98.n  class 7  event log n: a fifo of clock and 0-0:96.11.n, captured at each event
#   0-0:97.98.0  class 1  alarm register   06, bits of meter/events.py; a setting, so they stay
#   0-0:97.97.0  class 1  error register   06, the same
#   0-0:96.7.0   class 1  number of power failures: a live value
# n: 0 standard, 1 fraud, 2 disconnector, 4 power quality, 5 communication. An object that is not
# in the table is left out. A client clears bits of the two registers by writing what is to stay;
# it cannot set one.
from micropython import const

from cosem import clock, internal, live, value
from meter import events, registers, settings

_LOGS = const(6)
_DATA = const(1)  # classes
_PROFILE_GENERIC = const(7)
_CAPTURE = const(2)
_LOG_OBIS = b"\x00\x00\x63\x62"  # 0-0:99.98 and n
_ALARM_OBIS = b"\x00\x00\x61\x62\x00\xff"
_ERROR_OBIS = b"\x00\x00\x61\x61\x00\xff"
_VALUE = const(2)
_ENTRIES_IN_USE = const(7)
_U32 = const(6)
_SLOT_EVENT_STANDARD = const(25)  # meter/registers.py; the others follow
_SLOT_POWER_FAILURES = const(31)
_KEY_POWER_FAILURES = const(0x40)  # of the settings


class Bits:
    """A register of bits that events set and clients clear."""

    def __init__(self, row: int, event: int):
        self._row = row
        self._event = event  # when a client has cleared some
        self._bits = self._read()
        self._ours = False  # we are storing

    def _read(self) -> int:
        octets = value.octets(self._row, _VALUE)
        return internal.integer(octets, 0, len(octets))

    def add(self, bits: int) -> None:
        """Set bits. They are lost with the power when they cannot be stored."""
        if bits & ~self._bits:
            self._store(self._bits | bits)

    def _store(self, bits: int) -> None:
        self._bits = bits
        self._ours = True
        value.store(self._row, _VALUE, bytes((_U32,)) + bits.to_bytes(4, "big"))
        self._ours = False

    def row_changed(self) -> None:
        """A client has written: what it left stays, what it invented goes."""
        if self._ours:
            return
        written = self._read()
        left = written & self._bits
        if left != self._bits:
            events.raise_(self._event)
        if left != written:
            self._store(left)
        self._bits = left


class EventObjects:
    """All of them together."""

    def __init__(self):
        self._rows = [_log_row(n) for n in range(_LOGS)]
        self._alarm = _bits(_ALARM_OBIS, events.ALARM_CLEARED)
        self._error = _bits(_ERROR_OBIS, events.ERROR_CLEARED)

    def second(self, now_s: int, fields) -> bool:
        """Enter what has happened into the logs, an event at a time."""
        event = events.take()
        if event is None:
            return False
        self._enter(event[0], event[1], event[2])
        return True

    def _enter(self, code: int, log: int, stamp_s: int) -> None:
        registers.put(_SLOT_EVENT_STANDARD + log, code)
        if self._alarm:
            self._alarm.add(events.alarm_of(code))
        if self._error:
            self._error.add(events.error_of(code))
        row = self._rows[log]
        if row >= 0:
            clock.show(stamp_s)
            try:
                internal.act(row, _CAPTURE, b"", 0, 0)
            finally:
                clock.show(0)


def _log_row(n: int) -> int:
    return internal.find(_PROFILE_GENERIC, _LOG_OBIS + bytes((n, 0xFF)))


def _bits(code: bytes, event: int):
    row = internal.find(_DATA, code)
    if row < 0 or not value.has(row, _VALUE):
        return None
    made = Bits(row, event)
    live.add(row, made)
    return made


def start() -> None:
    """Find the objects; behind all others, so that a second's events are logged within it."""
    live.add(-1, EventObjects())


def powered_up(failed_s: int) -> None:
    """The meter starts. failed_s: UTC second since 2000 when the power failed, as far as the meter
    knows; 0 = it did not."""
    kept = settings.get(_KEY_POWER_FAILURES)
    count = int.from_bytes(kept, "big") if kept else 0
    if failed_s:
        count += 1
        settings.put(_KEY_POWER_FAILURES, count.to_bytes(4, "big"))
        events.raise_(events.POWER_DOWN, failed_s)
    registers.put(_SLOT_POWER_FAILURES, count)
    events.raise_(events.POWER_UP)
