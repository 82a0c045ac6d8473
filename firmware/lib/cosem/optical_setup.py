# IEC local port setup, class 19 version 1: the optical port. IEC 62056-6-2.
#
#   1 logical_name   octet-string(6)     dispatch.py
#   2 default_mode   16 0 = IEC 62056-21 modes A to E
#   3 default_baud   16 0 = 300 Bd
#   4 prop_baud      16 Z of the identification; 9 = 115200 Bd is our Z 7
#   5 response_time  16 0 = 20 ms, 1 = 200 ms; with 0 the third flag letter is lower case
#   6 device_addr    09 n address of the sign-on, 1 to 32 letters and digits
#   7 to 9 pass_p1, pass_p2, pass_w5: nobody has the right; no programming mode, see dlms/signon
#
# What is set counts from the next request of a sign-on on. The port always begins with a sign-on
# at 300 Bd: whoever comes to a meter with a probe knows nothing else of it.
from cosem import internal, value
from dlms import axdr, shape
from micropython import const

_DEFAULT_MODE = const(2)
_DEFAULT_BAUD = const(3)
_PROP_BAUD = const(4)
_RESPONSE_TIME = const(5)
_DEVICE_ADDR = const(6)
_LOCAL_PORT_SETUP = const(19)
_OPTICAL_PORT = b"\x00\x00\x14\x00\x00\xff"
_ENUM = b"\x16"
_OCTETS = const(9)
_ADDRESS_MAX = const(32)  # IEC 62056-21, 6.3.1
_SPEED_19200 = const(6)
_SPEED_115200 = const(9)
_Z_0 = const(0x30)
_Z_115200 = const(0x37)
_READ_WRITE_DENIED = const(3)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)

_signon = None
_waiting = False  # something was set that the sign-on does not know yet


def use(signon) -> None:
    """Give the sign-on of the optical port its settings, now and at each request."""
    global _signon
    _signon = signon
    signon.asked = _asked
    row = internal.find(_LOCAL_PORT_SETUP, _OPTICAL_PORT)
    for attribute in (_PROP_BAUD, _RESPONSE_TIME, _DEVICE_ADDR):
        if value.kept(row, attribute) is not None:
            _give()
            break


def get(q, out, pos: int) -> int:
    """Write attributes 2 to 6, one piece each."""
    if q.attribute > _DEVICE_ADDR:  # rights keep clients away; a capture comes without any
        q.result = _READ_WRITE_DENIED
        return pos
    return value.get(q, out, pos)


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2 to 6 to the Data at buf[pos:end]."""
    global _waiting
    start = pos + 1
    if q.attribute == _DEVICE_ADDR:
        start = axdr.body(buf, pos, end, _OCTETS)
        if start < 0 or not 1 <= end - start <= _ADDRESS_MAX:
            return _TYPE_UNMATCHED
    elif shape.end(_ENUM, buf, pos, end) != end:
        return _TYPE_UNMATCHED
    if not _good(q.attribute, buf, start, end):
        return _OTHER_REASON
    if q.dry:
        return 0
    tag = bytes(buf[pos : pos + 1]) if start == pos + 1 else bytes((_OCTETS, end - start))
    result = value.store(q.row, q.attribute, tag + bytes(buf[start:end]))
    _waiting = _waiting or result == 0
    return result


def _good(attribute: int, buf, start: int, end: int) -> bool:
    number = buf[start]
    if attribute == _DEVICE_ADDR:
        return _alphanumeric(buf, start, end)
    if attribute == _PROP_BAUD:
        return number <= _SPEED_19200 or number == _SPEED_115200
    return number <= 1 if attribute == _RESPONSE_TIME else number == 0


def _alphanumeric(buf, pos: int, end: int) -> bool:
    for k in range(pos, end):
        c = buf[k] | 0x20  # letters in lower case; digits have the bit
        if not (0x61 <= c <= 0x7A or 0x30 <= buf[k] <= 0x39):
            return False
    return True


def _asked() -> None:
    global _waiting
    if _waiting:
        _waiting = False
        _give()


def _give() -> None:
    row = internal.find(_LOCAL_PORT_SETUP, _OPTICAL_PORT)
    speed = value.octets(row, _PROP_BAUD)[1]
    quick = value.octets(row, _RESPONSE_TIME)[1] == 0
    z = _Z_115200 if speed == _SPEED_115200 else _Z_0 + speed
    _signon.propose(z, quick, value.octets(row, _DEVICE_ADDR)[2:])
