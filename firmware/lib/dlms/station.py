# Addresses of a secondary station: which frames are for us, and where the answer goes.
# IEC 62056-46 clause 6.4.2.
#
#   octets  destination of a frame to the server             all stations   nobody
#   1       upper: the logical device                        7F             00
#   2       upper | lower: the physical device, 7 bits each  7F             00
#   4       upper | lower, 14 bits each                      3FFF           0000
from micropython import const

from dlms import frame
from dlms.fcs import move

_ALL_STATION = const(0x7F)
_ALL_STATION_LONG = const(0x3FFF)


class Station:
    """Our end of the line. lower: own physical address."""

    def __init__(self, lower: int):
        self.lower = lower
        self.broadcast = False  # the frame looked at last was for all stations
        self._server = bytearray(4)  # server address as the client spelt it ...
        self._size = 1
        self._client = 0  # ... and the octet of the client's address: both for the next answer

    def destination(self, r) -> int:
        """Logical device the frame in the reader r is for, -1 when not for us."""
        buf = r.buf
        at = r.server
        upper = buf[at] >> 1
        self.broadcast = upper == _ALL_STATION
        if r.client_at - at == 1:
            return upper
        lower = buf[at + 1] >> 1
        everybody = _ALL_STATION
        if r.client_at - at == 4:
            upper = upper << 7 | lower
            lower = buf[at + 2] >> 1 << 7 | buf[at + 3] >> 1
            everybody = _ALL_STATION_LONG
        self.broadcast = upper == everybody or lower == everybody
        return upper if lower == self.lower or lower == everybody else -1

    def remember(self, r):
        """Keep the addresses of the frame in the reader r: the answer goes back with them."""
        self._size = r.client_at - r.server
        move(self._server, 0, r.buf, r.server, self._size)
        self._client = r.buf[r.client_at]

    def write(self, out, control: int, info, at: int, count: int, more: bool) -> int:
        """Write the answer frame with info[at:at + count] into out; returns its size."""
        return frame.write(
            out, self._server, self._size, self._client, control, info, at, count, more
        )
