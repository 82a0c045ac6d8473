# Auto connect, class 29 version 0: PSTN auto dial. IEC 62056-6-2.
#
#   1 logical_name       octet-string(6)     dispatch.py
#   2 mode               16 0: no auto dialling
#   3 repetitions        11 tries
#   4 repetition_delay   12 s
#   5 calling_window     01 n, each  02 02 | 09 0C start_time | 09 0C end_time, with wildcards
#   6 destination_list   01 n, each  09 number or address
#
# This meter has no modem and calls nobody: the mode is 0 and no other can be set.
from cosem import plain, value
from meter.calendar import window_good

_DIAL_MODE = 2
_CALLING_WINDOW = 5
_DESTINATION_LIST = 6
_FORMS = {_DIAL_MODE: b"\x16", 3: b"\x11", 4: b"\x12", _CALLING_WINDOW: b"\x01\x02\x02\x19\x19",
          _DESTINATION_LIST: b"\x01\x09\x00\xfe"}
_LIST_MAX = 32  # destinations

get = value.get


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2 to 6 to the Data at buf[pos:end]."""
    return plain.take(q, _FORMS[q.attribute], lambda what: _good(q.attribute, what), buf, pos, end)


def _good(attribute: int, what) -> bool:
    if attribute == _DIAL_MODE:
        return what == 0
    if attribute == _CALLING_WINDOW:
        return window_good(what)
    return attribute != _DESTINATION_LIST or len(what) <= _LIST_MAX
