# PSTN modem configuration, class 27 version 1. IEC 62056-6-2.
#
#   1 logical_name            octet-string(6)     dispatch.py
#   2 comm_speed              16 0..9 = 300, 600 .. 19200, 38400, 57600, 115200
#   3 initialization_string   01 n, each  02 03 | 09 request | 09 response | 12 delay after it, ms
#   4 modem_profile           01 n, each  09 what the modem says: OK, CONNECT, RING ..
#
# There is no modem on this meter; what is set is kept for one that reads it from here.
from cosem import plain, value

_COMM_SPEED = 2
_SPEED_LAST = 9
_FORMS = {_COMM_SPEED: b"\x16", 3: b"\x01\x02\x03\x09\x00\xfe\x09\x00\xfe\x12",
          4: b"\x01\x09\x00\xfe"}
_LIST_MAX = 32  # strings

get = value.get


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2 to 4 to the Data at buf[pos:end]."""
    return plain.take(q, _FORMS[q.attribute], lambda what: _good(q.attribute, what), buf, pos, end)


def _good(attribute: int, what) -> bool:
    if attribute == _COMM_SPEED:
        return what <= _SPEED_LAST
    return len(what) <= _LIST_MAX
