# IEC HDLC setup, class 23 version 1. IEC 62056-6-2. One object for each port, read only.
#
#   1 logical_name                        octet-string(6)     dispatch.py
#   2 comm_speed                          16 0..9 = 300, 600 .. 19200, 38400, 57600, 115200
#   3 window_size_transmit                11 frames
#   4 window_size_receive                 11 frames
#   5 max_info_field_length_transmit      12 octets
#   6 max_info_field_length_receive       12 octets
#   7 inter_octet_time_out                12 ms
#   8 inactivity_time_out                 12 s, 0 = never
#   9 device_address                      12 lower HDLC address
# The own limits, not those agreed with the client of the moment; both directions share them.
from micropython import const

from cosem import value
from dlms import axdr

_COMM_SPEED = const(2)
_WINDOW_TRANSMIT = const(3)
_WINDOW_RECEIVE = const(4)
_MAX_INFO_TRANSMIT = const(5)
_MAX_INFO_RECEIVE = const(6)
_INTER_OCTET = const(7)
_INACTIVITY = const(8)
_LINE_115200 = const(7)  # baud code of port/uart.py, one behind 19200 ...
_SPEED_115200 = const(9)  # ... and of this class

# Each (link, baud code) in the order of the ports; main adds them before it opens the doors.
ports = []


def get(q, out, pos: int) -> int:
    """Write attributes 2 to 9, one piece each, of the port in the row's argument."""
    attribute = q.attribute
    link, speed = ports[value.argument(q.row)]
    if attribute == _COMM_SPEED:
        return axdr.put_enum(out, pos, _SPEED_115200 if speed == _LINE_115200 else speed)
    if attribute == _WINDOW_TRANSMIT or attribute == _WINDOW_RECEIVE:
        return axdr.put_u8(out, pos, link.limits.window)
    if attribute == _MAX_INFO_TRANSMIT or attribute == _MAX_INFO_RECEIVE:
        return axdr.put_u16(out, pos, link.limits.max_info)
    if attribute == _INTER_OCTET:
        return axdr.put_u16(out, pos, link.inter_octet_ms)
    if attribute == _INACTIVITY:
        return axdr.put_u16(out, pos, link.inactivity_ms // 1000)
    return axdr.put_u16(out, pos, link.station.lower)
