# HDLC frames, format type 3: octets of the line <-> fields. IEC 62056-46 clause 6.4.
#
#   7E | 1010 S LLL  LLLLLLLL | destination | source | control | HCS | information | FCS | 7E
#        type  |  length of everything between the flags; without information there is no HCS.
# An address is 1, 2 or 4 octets of 7 bits, the last one with bit 0 set. A client has one octet.
# There is no octet stuffing: inside the length a 7E is data.
from micropython import const

from dlms.fcs import fcs16, move

_FLAG = const(0x7E)
_FORMAT = const(0xA0)  # format type 1010
_SEGMENTED = const(0x08)  # S bit, bit 11 of the format field
_SHORTEST = const(7)  # format, two one-octet addresses, control, FCS
_OVERHEAD = const(14)  # flags 2, format 2, addresses 4 + 1, control, HCS, FCS
_INFO_DEFAULT = const(128)


def buffer_size(max_info: int) -> int:
    """Octets a buffer needs to hold any frame whose information field has max_info octets."""
    return max(max_info, _INFO_DEFAULT) + _OVERHEAD


def address_end(buf, pos: int, end: int) -> int:
    """Position behind the address at pos; -1 when it is cut off or not 1, 2 or 4 octets."""
    at = pos
    while at < end:
        at += 1
        if buf[at - 1] & 1:
            size = at - pos
            return at if size <= 2 or size == 4 else -1
    return -1


class Reader:
    """Cuts frames out of the stream of octets and checks them.

    `take` returns the octets used; after it `ready` tells whether a good frame lies in `buf`
    with its fields in the attributes. Bad frames are dropped and counted in `dropped`.
    """

    def __init__(self, max_info: int):
        self.buf = bytearray(buffer_size(max_info))  # the frame between its flags
        self.count = -1  # octets after the opening flag, -1 = hunting for a flag
        self.length = 0  # of the frame, 0 until the format field is complete
        self.dropped = 0
        self.ready = False
        self.segmented = False
        self.server = 0  # position of the server address (the destination) ...
        self.client_at = 0  # ... and of the client address
        self.control = 0
        self.info = 0  # first octet of the information field
        self.info_end = 0

    def waiting(self) -> bool:
        """True behind a flag that opens a frame, until the frame is complete or dropped."""
        return self.count >= 0

    def drop(self):
        """Give up the frame in progress and hunt for the next flag."""
        if self.count > 0:
            self.dropped += 1
        self.count = -1
        self.length = 0

    def take(self, data, pos: int, end: int) -> int:
        """Consume octets of data[pos:end] up to the end of one frame; returns the new pos."""
        self.ready = False
        while pos < end and not self.ready:
            if self.length:
                pos = self._body(data, pos, end)
            else:
                self._head(data[pos])
                pos += 1
        return pos

    def _head(self, octet: int):
        if octet == _FLAG and self.count < 1:
            self.count = 0  # opening flag, or one more of them
        elif self.count == 0:
            self.buf[0] = octet
            self.count = 1
            if octet & 0xF0 != _FORMAT:
                self.drop()
        elif self.count == 1:
            self.buf[1] = octet
            self.count = 2
            self._set_length((self.buf[0] & 7) << 8 | octet)

    def _set_length(self, length: int):
        # One octet more than the frame is collected: its closing flag.
        if _SHORTEST <= length < len(self.buf):
            self.length = length
        else:
            self.drop()

    def _body(self, data, pos: int, end: int) -> int:
        count = min(self.length + 1 - self.count, end - pos)
        move(self.buf, self.count, data, pos, count)
        self.count += count
        if self.count > self.length:
            self._complete()
        return pos + count

    def _complete(self):
        # A good frame's closing flag may open the next frame; after a bad one the length can't
        # be trusted, so the hunt starts anew (conformance case HDLC_FRAME_N7/2).
        self.ready = self.buf[self.length] == _FLAG and self._parse(self.length)
        if self.ready:
            self.count = 0
            self.length = 0
        else:
            self.drop()

    def _parse(self, length: int) -> bool:
        buf = self.buf
        fcs_at = length - 2
        self.server = 2
        self.client_at = address_end(buf, 2, fcs_at)
        # A client address has exactly one octet.
        if self.client_at < 0 or self.client_at + 1 >= fcs_at or not buf[self.client_at] & 1:
            return False
        self.segmented = buf[0] & _SEGMENTED != 0
        control_at = self.client_at + 1
        self.control = buf[control_at]
        self.info = control_at + 3
        self.info_end = fcs_at
        if control_at + 1 == fcs_at:
            self.info = fcs_at  # no information, no HCS
        elif self.info >= fcs_at or not _checked(buf, control_at + 1):
            return False
        return _checked(buf, fcs_at)


def _checked(buf, at: int) -> bool:
    check = fcs16(buf, 0, at)
    return buf[at] == check & 0xFF and buf[at + 1] == check >> 8


def _seal(out, at: int) -> int:
    # Check sequence over everything behind the opening flag, low octet first.
    check = fcs16(out, 1, at)
    out[at] = check & 0xFF
    out[at + 1] = check >> 8
    return at + 2


def write(
    out, server, size: int, client: int, control: int, info, at: int, count: int, more: bool
) -> int:
    """Write a frame to the client into out, flags included; returns its size.

    server[0:size] is the server address as the client spelt it, client the octet of the client
    address, info[at:at + count] the information field; more sets the segmentation bit.
    """
    out[0] = _FLAG
    out[3] = client
    move(out, 4, server, 0, size)
    pos = 4 + size
    out[pos] = control
    pos += 1
    length = pos + 1 + (count + 2 if count else 0)
    out[1] = _FORMAT | length >> 8 | (_SEGMENTED if more else 0)
    out[2] = length & 0xFF
    if count:
        pos = _seal(out, pos)
        move(out, pos, info, at, count)
        pos += count
    pos = _seal(out, pos)
    out[pos] = _FLAG
    return pos + 1
