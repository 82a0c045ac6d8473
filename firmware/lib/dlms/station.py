# Addresses of a secondary station: which frames are for us, and where the answer goes.
# IEC 62056-46 clause 6.4.2.
#
#   octets  destination of a frame to the server             all stations   nobody   calling
#   1       upper: the logical device                        7F             00       -
#   2       upper | lower: the physical device, 7 bits each  7F             00       7E
#   4       upper | lower, 14 bits each                      3FFF           0000     3FFE
#
# Inopportune lengths (table 5): a station with 4 octets takes 2 as the halves widened; one with 1
# takes longer ones only when their lower address is all stations; anything else is discarded.
from micropython import const

from dlms import frame
from dlms.fcs import move

_ALL_STATION = const(0x7F)
_ALL_STATION_LONG = const(0x3FFF)


class Station:
    """Our end of the line. lower: own physical address; size: octets of the own address.

    Size 0 takes whatever the client uses: right where the station is alone on its line. On a bus
    with others of the same logical device, one octet would be answered by all of them.
    """

    def __init__(self, lower: int, size: int):
        self.lower = lower
        self.size = size
        self.calling = False  # set by whoever has called the client: then 7E or 3FFE is us too
        self.broadcast = False  # the frame looked at last was for all stations ...
        self.all_devices = False  # ... and for all their logical devices
        self._server = bytearray(4)  # server address as the client spelt it ...
        self._spelt = 1
        self._client = 0  # ... and the octet of the client's address: both for the next answer

    def destination(self, r) -> int:
        """Logical device the frame in the reader r is for, -1 when not for us."""
        buf = r.buf
        at = r.server
        size = r.client_at - at
        upper = buf[at] >> 1
        self.broadcast = self.all_devices = upper == _ALL_STATION
        if size == 1:
            return upper if self.size < 2 else -1
        lower = buf[at + 1] >> 1
        everybody = _ALL_STATION
        if size == 4:
            upper = upper << 7 | lower
            lower = buf[at + 2] >> 1 << 7 | buf[at + 3] >> 1
            everybody = _ALL_STATION_LONG
        self.all_devices = upper == everybody
        self.broadcast = self.all_devices or lower == everybody
        if lower == everybody or self._known(size) and self._own(lower, everybody):
            return upper
        return -1

    def _known(self, size: int) -> bool:
        # Numbers compare alike in 2 and 4 octets, which is all the widening there is.
        return not self.size or size == self.size or size == 2 and self.size == 4

    def _own(self, lower: int, everybody: int) -> bool:
        # The own address must fit the answer when the client did not name it.
        return lower == self.lower or (
            self.calling and lower == everybody - 1 and self.lower < lower
        )

    def remember(self, r):
        """Keep the addresses of the frame in the reader r: the answer goes back with them."""
        size = self._spelt = r.client_at - r.server
        self._client = r.buf[r.client_at]
        if size == 1:
            self._server[0] = r.buf[r.server]
            return
        move(self._server, 0, r.buf, r.server, size)
        if self.calling:
            self._name(size)

    def _name(self, size: int):
        # A call is answered with the real address, from which the client learns it.
        self._server[size - 1] = (self.lower << 1 | 1) & 0xFF
        if size == 4:
            self._server[2] = self.lower >> 7 << 1

    def write(self, out, control: int, info, at: int, count: int, more: bool) -> int:
        """Write the answer frame with info[at:at + count] into out; returns its size."""
        return frame.write(
            out, self._server, self._spelt, self._client, control, info, at, count, more
        )
