# IEC twisted pair (1) setup, class 24 version 1: the Euridis bus. IEC 62056-6-2.
#
#   1 logical_name           octet-string(6)     dispatch.py
#   2 mode                   16 0 inactive, 1 active
#   3 speed                  16 0..9 = 300, 600 .. 19200, 38400, 57600, 115200
#   4 primary_address_list   01 n, each 11 primary address
#   5 tabi_list              01 n, each 0F tabi
#
# This meter has no such bus: what a client sets is kept, and the mode stays 0.
from cosem import plain, value

_BUS_MODE = 2
_BUS_SPEED = 3
_SPEED_LAST = 9
_FORMS = {_BUS_MODE: b"\x16", _BUS_SPEED: b"\x16", 4: b"\x01\x11", 5: b"\x01\x0f"}
_LIST_MAX = 32  # addresses

get = value.get


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2 to 5 to the Data at buf[pos:end]."""
    return plain.take(q, _FORMS[q.attribute], lambda what: _good(q.attribute, what), buf, pos, end)


def _good(attribute: int, what) -> bool:
    if attribute == _BUS_MODE:
        return what == 0
    if attribute == _BUS_SPEED:
        return what <= _SPEED_LAST
    return len(what) <= _LIST_MAX
