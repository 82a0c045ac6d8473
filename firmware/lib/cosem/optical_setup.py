# IEC local port setup, class 19 version 1: the optical port. IEC 62056-6-2.
#
#   1 logical_name   octet-string(6)     dispatch.py
#   2 default_mode   16 0 = IEC 62056-21 modes A to E
#   3 default_baud   16 0 = 300 Bd
#   4 prop_baud      16 Z of the identification
#   5 response_time  16 0 = 20 ms, 1 = 200 ms; with 0 the third flag letter is lower case
#   6 device_addr    09 n address of the sign-on
#   7 to 9 pass_p1, pass_p2, pass_w5: nobody has the right; no programming mode, see dlms/signon
#
# The generator encodes attributes 2 to 6 one behind the other into one constant of the pool.
from micropython import const

from cosem import value

_DEVICE_ADDR = const(6)
_READ_WRITE_DENIED = const(3)
_FIXED = const(2)  # octets of an enum; four of them come first


def get(q, out, pos: int) -> int:
    """Write attributes 2 to 6, one piece each."""
    if q.attribute > _DEVICE_ADDR:  # rights keep clients away; a capture comes without any
        q.result = _READ_WRITE_DENIED
        return pos
    at = (q.attribute - 2) * _FIXED
    if q.attribute < _DEVICE_ADDR:
        return value.part(q.row, at, _FIXED, out, pos)
    return value.part(q.row, at, value.size(q.row) - at, out, pos)
