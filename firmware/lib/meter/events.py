# Events: codes, the log each belongs to, alarm and error bits. The numbering is that of IDIS and
# DSMR meters; the standard has none.
#
# raise_() only notes an event; cosem/event_objects.py takes it out once a second, shows its code
# in the event object 0-0:96.11.n and lets the profile 0-0:99.98.n capture. n:
#   0 standard, 1 fraud, 2 disconnector, 4 power quality, 5 communication (3 is M-Bus, not here)
from array import array

from micropython import const

# Standard event log.
POWER_DOWN = 1
POWER_UP = 2
DST_CHANGED = 3
CLOCK_OLD_TIME = 4  # stamped with the old time
CLOCK_NEW_TIME = 5
CLOCK_INVALID = 6
CALENDAR_ACTIVATED = 9
ERROR_CLEARED = 10
ALARM_CLEARED = 11
PROGRAM_ERROR = 12  # program memory, or a bug of ours
RAM_ERROR = 13
MEMORY_ERROR = 14  # non-volatile memory
WATCHDOG_ERROR = 15
MEASUREMENT_ERROR = 16
FIRMWARE_READY = 17
FIRMWARE_ACTIVATED = 18
CALENDAR_PROGRAMMED = 19
PARAMETERS_CHANGED = 47
SECRET_CHANGED = 48
FIRMWARE_REFUSED = 51
SCRIPT_FAILED = 200  # 200 and above are our own
LOG_CLEARED = 255  # in the log that was cleared
# Fraud.
WRONG_PASSWORDS = 46
# Disconnector.
READY_FOR_RECONNECTION = 59
MANUAL_DISCONNECT = 60
MANUAL_CONNECT = 61
REMOTE_DISCONNECT = 62
REMOTE_CONNECT = 63
LOCAL_DISCONNECT = 64
LIMIT_EXCEEDED = 65
LIMIT_OK = 66
LIMIT_CHANGED = 67
SWITCH_FAILED = 68
LOCAL_CONNECT = 69
MONITOR_EXCEEDED = 70  # of the first monitor; 72 and 74 of the next two
MONITOR_OK = 71

_STANDARD = const(0)
_PENDING_MAX = const(16)  # between two seconds, or while a long frame keeps the meter busy
_NOW = const(0)  # as a stamp: the moment of the capture
# First code, last code, log; any other code is for the standard log.
_LOGS = (
    b"\x28\x2e\x01"  # 40 .. 46: covers, fields, wrong passwords
    b"\x31\x32\x01"  # 49, 50: decryption failed, replay
    b"\x3b\x4b\x02"  # 59 .. 75: disconnector, limiter, monitors
    b"\x4c\x5a\x04"  # 76 .. 90: voltage, phases
    b"\x5b\x5b\x01"  # 91: current reversal
    b"\x8c\x9e\x05"  # 140 .. 158: communication
)
# Code, bit of the alarm register 0-0:97.98.0. The same bits but 2, 4 and 13, which are no errors,
# are those of the error register 0-0:97.97.0.
_ALARMS = (
    b"\x06\x00"  # clock invalid
    b"\x07\x01"  # replace battery
    b"\x02\x02"  # power up
    b"\x2f\x04"  # configuration changed
    b"\x0c\x08"  # program memory
    b"\x0d\x09"  # RAM
    b"\x0e\x0a"  # non-volatile memory
    b"\x10\x0b"  # measurement system
    b"\x0f\x0c"  # watchdog
    b"\x28\x0d\x2a\x0d\x2c\x0d\x2e\x0d\x32\x0d\x5b\x0d"  # fraud attempts
)
_ERROR_BITS = const(0x1F03)

lost = 0  # events that found no room
_codes = bytearray(_PENDING_MAX)
_logs = bytearray(_PENDING_MAX)
_stamps_s = array("I", [_NOW] * _PENDING_MAX)
_count = 0


def raise_(code: int, now_s=None) -> None:
    """Note that something has happened, at now_s: UTC seconds since 2000, None = about now."""
    _note(code, log_of(code), now_s or _NOW)


def cleared(log: int) -> None:
    """Note that an event log was cleared; it is the first entry of that log."""
    _note(LOG_CLEARED, log, _NOW)


def _note(code: int, log: int, stamp_s: int) -> None:
    global _count, lost
    if _count == _PENDING_MAX:
        lost += 1
        return
    _codes[_count] = code
    _logs[_count] = log
    _stamps_s[_count] = stamp_s
    _count += 1


def take():
    """The oldest event not taken yet: (code, log, UTC second or 0 = now); None = no more."""
    global _count
    if not _count:
        return None
    oldest = _codes[0], _logs[0], _stamps_s[0]
    _count -= 1
    for k in range(_count):
        _codes[k] = _codes[k + 1]
        _logs[k] = _logs[k + 1]
        _stamps_s[k] = _stamps_s[k + 1]
    return oldest


def log_of(code: int) -> int:
    """The n of the log that an event belongs to."""
    for at in range(0, len(_LOGS), 3):
        if _LOGS[at] <= code <= _LOGS[at + 1]:
            return _LOGS[at + 2]
    return _STANDARD


def alarm_of(code: int) -> int:
    """The bit that an event sets in the alarm register, as a number; 0 for none."""
    for at in range(0, len(_ALARMS), 2):
        if _ALARMS[at] == code:
            return 1 << _ALARMS[at + 1]
    return 0


def error_of(code: int) -> int:
    """The same for the error register."""
    return alarm_of(code) & _ERROR_BITS
