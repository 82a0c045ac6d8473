# Status words of the load profiles, AMR profile status 0-0:96.10.e.255: what is to be known about
# the values of an interval. A leaf but for the slots.
#
#   01 critical error   02 clock invalid   04 data not valid   08 daylight saving
#   20 clock adjusted   80 power down
# Daylight saving is as it is at the end of the interval; whatever else happened within it stays
# until its row is there.
from micropython import const

from meter import registers

_SLOT_PROFILE_STATUS_1 = const(15)  # meter/registers.py; the second word has the next slot
_STATUS_WORDS = const(2)
_CLOCK_INVALID = const(0x02)
_NOT_VALID = const(0x04)
_SUMMER = const(0x08)
_POWER_DOWN = const(0x80)
_STATUS_INVALID = const(0x01)  # bits of the clock's status
_STATUS_SUMMER = const(0x80)

_words = bytearray(_STATUS_WORDS)
_summer = 0
_invalid = 0  # what an invalid clock adds


def powered_up() -> None:
    """The meter has started: in the interval that goes on there was no power."""
    for word in range(_STATUS_WORDS):
        _words[word] = _POWER_DOWN
    renew()


def note(bits: int) -> None:
    """Something happened within the intervals of all words."""
    for word in range(_STATUS_WORDS):
        _words[word] |= bits


def show(clock_status: int) -> None:
    """Once a second, and what the clock says: the last octet of a date-time."""
    global _summer, _invalid
    _invalid = _CLOCK_INVALID | _NOT_VALID if clock_status & _STATUS_INVALID else 0
    note(_invalid)
    _summer = _SUMMER if clock_status & _STATUS_SUMMER else 0
    renew()


def renew() -> None:
    """Bring the live values up to date."""
    for word in range(_STATUS_WORDS):
        registers.put(_SLOT_PROFILE_STATUS_1 + word, _words[word] | _summer)


def captured(word: int) -> None:
    """The row of the interval is there; the next one begins with what the clock is now."""
    _words[word] = _invalid
    renew()
