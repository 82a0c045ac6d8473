"""HDLC frames of format type 3, as a client sends and receives them. IEC 62056-46.

7E | format 2 | destination 1, 2 or 4 | source 1 | control | [HCS 2 | information] | FCS 2 | 7E
format = 1010 S LLLLLLLLLLL; the length counts the octets between the flags, both excluded.
There is no byte stuffing: a 7E inside a frame is data, the length says where the frame ends.
"""

from __future__ import annotations

from dataclasses import dataclass

FLAG = 0x7E
POLL = 0x10  # P in a command, F in a response
_FORMAT_3 = 0xA0
_SEGMENTED = 0x08
_LENGTH_HIGH = 0x07
_SHORTEST = 7  # format, two addresses of one octet, control, FCS


def _remainder(octet: int) -> int:
    """What one octet leaves in the register: eight steps of the reflected polynomial 8408."""
    for _ in range(8):
        octet = (octet >> 1) ^ (0x8408 if octet & 1 else 0)
    return octet


_REMAINDERS = [_remainder(octet) for octet in range(256)]


def fcs16(data: bytes) -> int:
    """CRC-16/X-25: starts at FFFF, inverted at the end."""
    crc = 0xFFFF
    for octet in data:
        crc = crc >> 8 ^ _REMAINDERS[(crc ^ octet) & 0xFF]
    return crc ^ 0xFFFF


def _checked(data: bytes) -> bytes:
    """data with its check sequence behind it, low octet first."""
    return data + fcs16(data).to_bytes(2, "little")


def _is_checked(data: bytes) -> bool:
    return len(data) > 2 and fcs16(data[:-2]) == int.from_bytes(data[-2:], "little")


def client_address(sap: int) -> bytes:
    """One octet: seven bits and the mark of the last octet."""
    return bytes((sap << 1 | 1,))


def server_address(logical: int, physical: int = 0, size: int = 1) -> bytes:
    """The address of the meter in 1 octet (logical only), 2 or 4 octets (logical, physical)."""
    if size == 1:
        return client_address(logical)
    if size == 2:
        return bytes((logical << 1, physical << 1 | 1))
    return bytes(
        (logical >> 6 & 0xFE, logical << 1 & 0xFE, physical >> 6 & 0xFE, physical << 1 & 0xFE | 1)
    )


@dataclass(frozen=True)
class Frame:
    """One frame. `destination` and `source` are the address octets as they stand on the wire."""

    destination: bytes
    source: bytes
    control: int
    information: bytes = b""
    segmented: bool = False

    @property
    def final(self) -> bool:
        return bool(self.control & POLL)

    @property
    def kind(self) -> str:
        """I, RR, RNR, SNRM, DISC, UA, DM, FRMR, UI or the control octet in hex."""
        if not self.control & 1:
            return "I"
        supervisory = {0x01: "RR", 0x05: "RNR"}.get(self.control & 0x0F)
        return supervisory or _UNNUMBERED.get(self.control & ~POLL) or f"{self.control:02X}"

    @property
    def n_s(self) -> int:
        return self.control >> 1 & 7

    @property
    def n_r(self) -> int:
        return self.control >> 5

    def encode(self) -> bytes:
        """The octets on the wire, both flags included."""
        head_size = 3 + len(self.destination) + len(self.source)
        length = head_size + (len(self.information) + 2 if self.information else 0) + 2
        segmented = _SEGMENTED if self.segmented else 0
        head = bytes((_FORMAT_3 | segmented | length >> 8, length & 0xFF))
        head += self.destination + self.source + bytes((self.control,))
        body = _checked(head) + self.information if self.information else head
        return bytes((FLAG,)) + _checked(body) + bytes((FLAG,))


_UNNUMBERED = {0x83: "SNRM", 0x43: "DISC", 0x63: "UA", 0x0F: "DM", 0x87: "FRMR", 0x03: "UI"}
SNRM, DISC = 0x93, 0x53


def decode(body: bytes) -> Frame | None:
    """The frame between two flags; None when a check or a length is wrong."""
    if len(body) < _SHORTEST or _length(body) != len(body) or not _is_checked(body):
        return None
    destination = _address_at(body, 2)
    source = _address_at(body, 2 + len(destination))
    control_pos = 2 + len(destination) + len(source)
    if not destination or not source or control_pos + 3 > len(body):
        return None
    rest = body[control_pos + 1 : -2]
    if rest and not _is_checked(body[: control_pos + 3]):  # HCS: format to control
        return None
    segmented = bool(body[0] & _SEGMENTED)
    return Frame(destination, source, body[control_pos], rest[2:], segmented)


def _length(body: bytes) -> int:
    """The eleven bits of the format field."""
    return (body[0] & _LENGTH_HIGH) << 8 | body[1]


def _address_at(body: bytes, pos: int) -> bytes:
    """Address octets from pos up to the one with its low bit set, at most 4; empty if none."""
    for size in range(1, 5):
        if pos + size > len(body):
            break
        if body[pos + size - 1] & 1:
            return body[pos : pos + size]
    return b""


class Deframer:
    """Cuts a stream of octets into frames; what is not a frame is skipped and counted."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.skipped = 0  # octets outside of any frame
        self.bad = 0  # frames whose check sequence did not hold

    def feed(self, data: bytes) -> list[Frame]:
        """Takes octets as they come; returns the frames that they completed."""
        self._buffer += data
        frames = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def reset(self) -> None:
        """Forgets an incomplete frame (after a time-out)."""
        if self._buffer != bytes((FLAG,)):  # the closing flag of the last frame stays behind
            self.skipped += len(self._buffer)
        self._buffer.clear()

    def _next(self) -> Frame | None:
        while self._to_flag():
            size = self._size()
            if size < 0:
                self._skip(1)
            elif len(self._buffer) < size:
                return None
            elif (frame := self._cut(size)) is not None:
                return frame
        return None

    def _to_flag(self) -> bool:
        """Drops everything before the first flag that a frame may follow."""
        at = self._buffer.find(FLAG)
        self._skip(len(self._buffer) if at < 0 else at)
        while self._buffer[:2] == bytes((FLAG, FLAG)):
            del self._buffer[0]
        return len(self._buffer) > 2

    def _skip(self, count: int) -> None:
        self.skipped += count
        del self._buffer[:count]

    def _size(self) -> int:
        """Size of the frame at the start of the buffer with its flags; -1 when it is none."""
        if self._buffer[1] & 0xF0 != _FORMAT_3:
            return -1
        length = _length(self._buffer[1:3])
        return length + 2 if length >= _SHORTEST else -1

    def _cut(self, size: int) -> Frame | None:
        """Takes the frame out; its closing flag stays, it may open the next frame."""
        if self._buffer[size - 1] != FLAG:
            self._skip(1)
            return None
        frame = decode(bytes(self._buffer[1 : size - 1]))
        if frame is None:
            self.bad += 1
            self._skip(1)
        else:
            del self._buffer[: size - 1]
        return frame
