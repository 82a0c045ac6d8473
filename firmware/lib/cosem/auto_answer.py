# Auto answer, class 28 version 0. IEC 62056-6-2.
#
#   1 logical_name       octet-string(6)     dispatch.py
#   2 mode               16 3: no modem connected
#   3 listening_window   01 n, each  02 02 | 09 0C start_time | 09 0C end_time, with wildcards
#   4 status             16 0: inactive
#   5 number_of_calls    11 calls
#   6 number_of_rings    02 02 | 11 rings within the window | 11 rings outside
#
# This meter has no modem: the mode is 3 and no other can be set. One client writes 4 for it; the
# standard's list ends with 3.
from cosem import plain, value
from dlms import axdr
from meter.calendar import window_good
from micropython import const

_ANSWER_MODE = 2
_LISTENING_WINDOW = 3
_ANSWER_STATUS = const(4)
_NO_MODEM = const(3)
_FORMS = {_ANSWER_MODE: b"\x16", _LISTENING_WINDOW: b"\x01\x02\x02\x19\x19", 5: b"\x11",
          6: b"\x02\x02\x11\x11"}


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attributes 2 to 6."""
    if q.attribute == _ANSWER_STATUS:
        return axdr.put_enum(out, pos, 0)
    return value.get(q, out, pos)


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2, 3, 5 and 6 to the Data at buf[pos:end]."""
    return plain.take(q, _FORMS[q.attribute], lambda what: _good(q.attribute, what), buf, pos, end)


def _good(attribute: int, what) -> bool:
    if attribute == _ANSWER_MODE:
        return what == _NO_MODEM
    return attribute != _LISTENING_WINDOW or window_good(what)
