"""The HDLC link of a client: sequence numbers, segmentation, windows. IEC 62056-46.

A Link has no port and no clock. It hands out the octets to send and takes frames; the caller waits.
    snrm() -> UA -> negotiated(); request(apdu) -> step(frame) ... -> reply; disc() -> UA or DM
"""

from __future__ import annotations

from . import hdlc
from .errors import LinkError, ProtocolError

_LLC_COMMAND = b"\xe6\xe6\x00"
_LLC_RESPONSE = b"\xe6\xe7\x00"
_DEFAULT_INFO = 128  # octets, when the UA names no value
_PARAMETERS = b"\x81\x80"  # format identifier, group identifier
_MAX_INFO_TX, _MAX_INFO_RX, _WINDOW_TX, _WINDOW_RX = 5, 6, 7, 8
_FRMR_REASONS = {
    1: "unknown control field",
    2: "information not allowed",
    4: "information too long",
    8: "invalid receive number",
}
_MAX_POLLS = 50  # answers "not ready yet" before we give up


class Link:
    """One client's end of a link to one meter."""

    def __init__(self, client: int, server: bytes, max_info: int = 128, window: int = 1):
        self.client = hdlc.client_address(client)
        self.server = server
        self.own_info, self.own_window = max_info, window
        self.max_info_tx = self.max_info_rx = _DEFAULT_INFO
        self.window_tx = self.window_rx = 1
        self._reset()

    def _reset(self) -> None:
        self._v_s = self._v_r = 0
        self._segments: list[bytes] = []
        self._sent = 0  # segments the meter has acknowledged
        self._reply = bytearray()
        self._polls = 0

    # -- commands ------------------------------------------------------------------------------
    def snrm(self) -> bytes:
        """Asks for a connection; parameters only where they differ from the defaults."""
        self._reset()
        return self._frame(hdlc.SNRM, self._proposal())

    def disc(self) -> bytes:
        return self._frame(hdlc.DISC)

    def receive_ready(self) -> bytes:
        """RR with the poll bit: acknowledges, and asks for what is still due."""
        return self._frame(self._v_r << 5 | hdlc.POLL | 0x01)

    def request(self, apdu: bytes) -> bytes:
        """Starts to send an APDU; returns its first frame."""
        data = _LLC_COMMAND + apdu
        step = self.max_info_tx
        self._segments = [data[i : i + step] for i in range(0, len(data), step)]
        self._sent = self._polls = 0
        self._reply.clear()
        return self._segment()

    def _frame(self, control: int, information: bytes = b"", segmented: bool = False) -> bytes:
        frame = hdlc.Frame(self.server, self.client, control, information, segmented)
        return frame.encode()

    def _segment(self) -> bytes:
        """The segment after those acknowledged; each one polls, so each one is answered."""
        more = self._sent + 1 < len(self._segments)
        control = self._v_r << 5 | hdlc.POLL | self._v_s << 1
        return self._frame(control, self._segments[self._sent], more)

    def _proposal(self) -> bytes:
        if self.own_info == _DEFAULT_INFO and self.own_window == 1:
            return b""
        size = 1 if self.own_info < 256 else 2
        items = b""
        for item in (_MAX_INFO_TX, _MAX_INFO_RX):
            items += bytes((item, size)) + self.own_info.to_bytes(size, "big")
        for item in (_WINDOW_TX, _WINDOW_RX):
            items += bytes((item, 4)) + self.own_window.to_bytes(4, "big")
        return _PARAMETERS + bytes((len(items),)) + items

    # -- answers -------------------------------------------------------------------------------
    def is_mine(self, frame: hdlc.Frame) -> bool:
        return frame.destination == self.client and frame.source == self.server

    def negotiated(self, frame: hdlc.Frame) -> None:
        """Takes the UA: each value is from the meter's viewpoint, so its tx is our rx."""
        values = _parameters(frame.information)
        self.max_info_rx = values.get(_MAX_INFO_TX, _DEFAULT_INFO)
        self.max_info_tx = values.get(_MAX_INFO_RX, _DEFAULT_INFO)
        self.window_rx = values.get(_WINDOW_TX, 1)
        self.window_tx = values.get(_WINDOW_RX, 1)
        if self.max_info_tx < 32 or not 1 <= self.window_rx <= 7:
            raise ProtocolError("the meter proposes link parameters outside of the allowed range")

    def step(self, frame: hdlc.Frame) -> tuple[bytes, bytes | None]:
        """Takes one answer: (octets to send now or empty, the whole APDU or None)."""
        if frame.kind == "I":
            return self._information(frame)
        if frame.kind in ("RR", "RNR"):
            return self._supervisory(frame), None
        if frame.kind == "DM":
            raise LinkError("the meter has closed the connection (DM)")
        if frame.kind == "FRMR":
            raise LinkError(f"the meter rejected a frame (FRMR): {_frmr(frame.information)}")
        raise ProtocolError(f"the meter answered with a frame {frame.kind} that has no place here")

    def _information(self, frame: hdlc.Frame) -> tuple[bytes, bytes | None]:
        """In order: keep, and ask for the rest or finish. Out of order: ask again from V(R)."""
        if frame.n_s != self._v_r:
            self._count_poll()
            return (self.receive_ready() if frame.final else b""), None
        if len(frame.information) > self.max_info_rx:
            raise ProtocolError("the meter sent more octets in one frame than were agreed")
        self._v_r = self._v_r + 1 & 7
        self._acknowledged(frame.n_r)
        self._reply += frame.information
        if frame.segmented:
            return (self.receive_ready() if frame.final else b""), None
        return b"", self._strip_llc()

    def _supervisory(self, frame: hdlc.Frame) -> bytes:
        """RR for a segment: send the next. RR for the last one: nothing ready yet, poll again."""
        self._count_poll()
        self._acknowledged(frame.n_r)
        return self._segment() if self._sent < len(self._segments) else self.receive_ready()

    def _count_poll(self) -> None:
        """Counts answers that bring nothing, so that a faulty meter cannot hold us for ever."""
        self._polls += 1
        if self._polls > _MAX_POLLS + len(self._segments):
            raise LinkError("the meter answers, but never with the data that is due")

    def _acknowledged(self, n_r: int) -> None:
        """N(R) moves by one when the meter has our frame; else it stays and we send again."""
        if n_r == self._v_s + 1 & 7:
            self._v_s = n_r
            self._sent += 1

    def _strip_llc(self) -> bytes:
        reply = bytes(self._reply)
        self._reply.clear()
        if not reply.startswith(_LLC_RESPONSE):
            raise ProtocolError("an answer does not start with the LLC header E6 E7 00")
        return reply[len(_LLC_RESPONSE) :]


def _parameters(information: bytes) -> dict[int, int]:
    """81 80 len {id len value}: the values by their id; other groups are not for us."""
    if information[:2] != _PARAMETERS or len(information) < 3:
        return {}
    values, pos, end = {}, 3, min(3 + information[2], len(information))
    while pos + 2 <= end:
        size = information[pos + 1]
        values[information[pos]] = int.from_bytes(information[pos + 2 : pos + 2 + size], "big")
        pos += 2 + size
    return values


def _frmr(information: bytes) -> str:
    if len(information) < 3:
        return "no reason given"
    return _FRMR_REASONS.get(information[2], f"reason {information[2]:02X}")
