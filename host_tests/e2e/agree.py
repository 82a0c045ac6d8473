"""Two readings of the same running meter agree octet by octet, but for what moved in between.

The second may come some minutes after the first, at a steady load of feed() in conftest.py.
"""

import datetime

from microcosem import axdr, values

_WITHIN = datetime.timedelta(minutes=10)  # from one client's turn to the next
_COUNTED = 600  # seconds or Wh in that time; the load is 2 kW
_TOLERANCE = 0.01  # between two readings of a steady load
_STEPS = 50  # last digits that noise and time may move
_LOAD = 20100  # 230 V, 10 A, 30 degrees: 1992 W in tenths of a watt, and 1 % more
_ROWS = 10  # of a profile, in that time
_EXTENDED, _DEMAND, _PROFILE = 4, 5, 7
_OPERATING_TIME = bytes((0, 0, 96, 8, 0, 255))
_MOMENT_OCTETS = 12
_ASSOCIATION, _CONTEXT_INFO = 15, 5


def assert_agree(first, second):
    """first, second: {(class, obis, attribute): encoded Data} with the same keys."""
    assert second.keys() == first.keys()
    different = {key: (first[key].hex(), octets.hex()) for key, octets in second.items()
                 if not _is_own(key) and not _agree(key, first[key], octets)}  # fmt: skip
    assert not different


def _is_own(key):
    """What an association says about its context is what each client has negotiated."""
    return key[0] == _ASSOCIATION and key[2] == _CONTEXT_INFO


def _agree(key, first, second):
    """Equal octets; a live value may move, in its last digits, by a fraction, or with time."""
    if first == second:
        return True
    before, after = axdr.decode(first), axdr.decode(second)
    if first[0] != second[0]:
        return False
    if isinstance(before, bytes):
        return _moments_agree(key, before, after)
    if key[0] == _PROFILE:
        return _profiles_agree(key[2], before, after)
    if not isinstance(before, int) or len(first) != len(second):
        return False
    if key[0] in (_EXTENDED, _DEMAND) and key[2] in (2, 3):
        return 0 <= before <= _LOAD and 0 <= after <= _LOAD  # it grows as its period passes
    if _counts(key):
        return before <= after < before + _COUNTED
    return abs(after - before) <= _STEPS + _TOLERANCE * abs(before)


def _counts(key):
    """The operating time, and every energy 1-0:C.8.E."""
    obis = key[1]
    return key[2] == 2 and (obis == _OPERATING_TIME or obis[0] == 1 and obis[3] == 8)


def _moments_agree(key, before, after):
    """Two readings of a clock; the moments of a demand are those of its last period."""
    if len(before) != _MOMENT_OCTETS or len(after) != _MOMENT_OCTETS:
        return False
    if key[0] in (_EXTENDED, _DEMAND) and before[0] == 0xFF:  # not specified: no period was over
        return True
    passed = values.to_datetime(after) - values.to_datetime(before)
    return datetime.timedelta(0) <= passed < _WITHIN


def _profiles_agree(attribute, before, after):
    """The buffer and entries_in_use, when the end of a period has brought rows."""
    if attribute == 2:
        return after[: len(before)] == before and len(after) - len(before) <= _ROWS
    return attribute == 7 and before <= after <= before + _ROWS
