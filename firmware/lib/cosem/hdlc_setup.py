# IEC HDLC setup, class 23 version 1. IEC 62056-6-2. One object for each port.
#
#   1 logical_name                        octet-string(6)     dispatch.py
#   2 comm_speed                          16 0..9 = 300, 600 .. 19200, 38400, 57600, 115200
#   3 window_size_transmit                11 frames, 1 to 7
#   4 window_size_receive                 11 frames, 1 to 7
#   5 max_info_field_length_transmit      12 octets, 32 to what the buffers were built for
#   6 max_info_field_length_receive       12 octets, the same
#   7 inter_octet_time_out                12 ms, 20 to 6000
#   8 inactivity_time_out                 12 s, 0 = never
#   9 device_address                      12 lower HDLC address, 10 to 3FFD, 7D in two octets
# The own limits, not those agreed with the client of the moment. What is set counts when the
# link of the port ends, at once when it is closed. The optical port begins with a sign-on, which
# overrides its comm_speed.
from cosem import internal, value
from cosem.table import ROWS
from dlms import shape
from micropython import const

_HDLC_SETUP = const(23)
_CLASS_AT = const(1)  # low octet, in a row
_COMM_SPEED = const(2)
_WINDOW_TRANSMIT = const(3)
_WINDOW_RECEIVE = const(4)
_MAX_INFO_TRANSMIT = const(5)
_MAX_INFO_RECEIVE = const(6)
_INTER_OCTET = const(7)
_INACTIVITY = const(8)
_DEVICE_ADDRESS = const(9)
_LINE_115200 = const(7)  # baud code of port/uart.py, one behind 19200 ...
_SPEED_115200 = const(9)  # ... and of this class
_FORMAT = const(0x10)  # bit of a line that is no speed ...
_CODE = const(7)  # ... and those that are
_TAGS = b"\x16\x11\x11\x12\x12\x12\x12\x12"  # of attributes 2 to 9, and their ranges
_LOWEST = (0, 1, 1, 32, 32, 20, 0, 0x10)
_HIGHEST = (_SPEED_115200, 7, 7, 2030, 2030, 6000, 0xFFFF, 0x3FFD)
_LOWER_SHORT = const(0x7D)  # highest lower address in two octets
_TWO_OCTETS = const(2)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)

ports = []  # links in the order of the ports; main adds them before it opens the doors
_waiting = bytearray(2)  # 1 = something was set that the port's link has not got yet

get = value.get


def add(link) -> None:
    """Give the next port its settings, now and whenever its link has ended."""
    row = _row(len(ports))
    ports.append(link)
    if row >= 0:
        _give(link, row)
        link.closed = _closed


def _row(port: int) -> int:
    # Row of the port's object; -1 when the table has none.
    for row in range(len(ROWS) // 16):
        at = row * 16
        if ROWS[at + _CLASS_AT] == _HDLC_SETUP and not ROWS[at] and value.argument(row) == port:
            return row
    return -1


def _closed(link) -> None:
    for port in range(len(ports)):
        if ports[port] is link and _waiting[port]:
            _waiting[port] = 0
            _give(link, _row(port))


def _kept(row: int, attribute: int, otherwise: int) -> int:
    # The defaults are those that the link was made with.
    octets = value.kept(row, attribute)
    return otherwise if octets is None else internal.integer(octets, 0, len(octets))


def _give(link, row: int) -> None:
    speed = _kept(row, _COMM_SPEED, link.own_line & _CODE)
    code = _LINE_115200 if speed == _SPEED_115200 else speed
    link.own_line = link.own_line & _FORMAT | code
    info_tx, info_rx, window_tx, window_rx = link.limits.mine
    link.limits.own(
        _kept(row, _MAX_INFO_TRANSMIT, info_tx),
        _kept(row, _MAX_INFO_RECEIVE, info_rx),
        _kept(row, _WINDOW_TRANSMIT, window_tx),
        _kept(row, _WINDOW_RECEIVE, window_rx),
    )
    link.inter_octet_ms = _kept(row, _INTER_OCTET, link.inter_octet_ms)
    link.inactivity_ms = _kept(row, _INACTIVITY, link.inactivity_ms // 1000) * 1000
    link.station.lower = _kept(row, _DEVICE_ADDRESS, link.station.lower)


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2 to 9 to the Data at buf[pos:end]."""
    k = q.attribute - _COMM_SPEED
    if shape.end(_TAGS[k : k + 1], buf, pos, end) != end:
        return _TYPE_UNMATCHED
    port = value.argument(q.row)
    link = ports[port] if port < len(ports) else None
    if not _good(k + _COMM_SPEED, internal.integer(buf, pos, end), link):
        return _OTHER_REASON
    result = value.keep(q, buf, pos, end)
    if result == 0 and not q.dry:
        _waiting[port] = 1
        if link and not link.state:
            _closed(link)
    return result


def _good(attribute: int, number: int, link) -> bool:
    k = attribute - _COMM_SPEED
    if not _LOWEST[k] <= number <= _HIGHEST[k]:
        return False
    if attribute == _COMM_SPEED:  # the UARTs have neither 38400 nor 57600
        return number < _LINE_115200 or number == _SPEED_115200
    if link and (attribute == _MAX_INFO_TRANSMIT or attribute == _MAX_INFO_RECEIVE):
        return number <= link.limits.max_info
    if link and attribute == _DEVICE_ADDRESS and link.station.size == _TWO_OCTETS:
        return number <= _LOWER_SHORT
    return True
