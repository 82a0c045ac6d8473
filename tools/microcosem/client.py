"""One session with a meter: the order of the messages, the waiting, and what went wrong.

session = Session(wire, link); session.sign_on(); session.connect(); session.associate(b"...")
session.get(3, obis, 2); session.close()
"""

from __future__ import annotations

import time

from . import apdu, axdr, hdlc, modee, readout
from .errors import (
    EchoError,
    GarbageError,
    LinkError,
    PortError,
    ProtocolError,
    ReaderError,
    SignOnError,
    SilenceError,
)
from .link import Link
from .wire import Wire

SIGN_ON_BAUD = 300  # IEC 62056-21, 4.2
_SWITCH_GAP_S = 0.3  # the meter needs a moment to change its line after the last bit
_CONFIRM_S = 1.5  # longest reaction time of IEC 62056-21; a missing confirmation is no fault
_TRIES = 3
_MAX_BLOCKS = 10000  # a guard against a meter that never says "last"

_ECHO = (
    "every octet sent comes straight back: the optical head or the RS-485 adapter echoes; "
    "use --echo to take the echo out"
)
_NO_SIGN_ON = (
    "no answer to the sign-on: no meter at this port, another meter address, or the "
    "meter is still in an earlier session (it leaves that after two minutes)"
)
_NO_READOUT = (
    "no data readout behind the sign-on: the meter has none, or its end was lost on the line"
)
_NO_UA = (
    "no answer to the connection request (UA missing): wrong HDLC address or address size, "
    "wrong speed, or no meter"
)
_DM = (
    "the meter refuses the connection (DM): the session of another client is open; "
    "it ends with that client's DISC or after two minutes of silence"
)
_UA_GARBAGE = (
    "octets came back but no HDLC frame: wrong speed or parity (8N1 is needed here), "
    "or the port expects a sign-on first (--mode-e)"
)


class Session:
    """A reader's side of one conversation. All waiting is here."""

    def __init__(self, wire: Wire, link: Link, timeout_s: float = 3.0):
        self.wire, self.link = wire, link
        self.timeout_s = timeout_s
        self.baud = SIGN_ON_BAUD
        self.identification: modee.Identification | None = None
        self.association: apdu.Association | None = None
        self._frames = hdlc.Deframer()
        self._queue: list[hdlc.Frame] = []
        self._connected = False

    # -- sign-on -------------------------------------------------------------------------------
    def sign_on(self, address: str = "", max_speed: str = "6") -> modee.Identification:
        """Mode E of IEC 62056-21: leaves the line at the agreed speed, 8N1, ready for HDLC."""
        self.wire.set_line(SIGN_ON_BAUD, seven_bits=True)
        self.wire.drain()
        found = modee.identification(self._identification_line(modee.request(address)))
        speed = modee.choose_speed(found, max_speed)
        self.wire.write(modee.acknowledge(speed))
        baud = modee.BAUDS.get(speed) or modee.FASTER[speed]
        self.wire.set_line(baud, seven_bits=True)
        if not self._confirmed() and speed != found.speed:
            raise SignOnError(
                f"the meter does not confirm {baud} baud; it offers {found.baud} (--max-baud)"
            )
        self.set_line(baud)
        time.sleep(_SWITCH_GAP_S)
        self.identification = found
        return found

    def read_out(self, address: str = "") -> list[readout.Line]:
        """Mode C of IEC 62056-21: the data readout, at the speed that the meter offers."""
        self.wire.set_line(SIGN_ON_BAUD, seven_bits=True)
        self.wire.drain()
        found = modee.identification(self._identification_line(modee.request(address)))
        if not found.baud:
            raise SignOnError(f"the meter proposes the speed '{found.speed}', which is unknown")
        self.identification, self.baud = found, found.baud
        message = readout.acknowledge(found.speed)
        for _ in range(_TRIES):
            self.wire.write(message)
            self.wire.set_line(found.baud, seven_bits=True)
            block = self._block(found.baud)
            if readout.is_good(block):
                return readout.lines(block)
            message = readout.NAK
        raise GarbageError("the check character of the readout is wrong each time: a bad line")

    def _block(self, baud: int) -> bytes:
        data, end = b"", self._deadline(0, baud)
        while time.monotonic() < end:
            piece = self.wire.read()
            if piece:
                data += piece
                end = self._deadline(1, baud)
            block = readout.find_block(data)
            if block is not None:
                return block
        raise SilenceError(_NO_READOUT)

    def set_line(self, baud: int) -> None:
        """8N1 for HDLC."""
        self.baud = baud
        self.wire.set_line(baud, seven_bits=False)

    def _identification_line(self, request: bytes) -> bytes:
        for _ in range(_TRIES - 1):
            self.wire.write(request)
            line = self._await_line(request)
            if line is not None:
                return line
        raise SilenceError(_NO_SIGN_ON)

    def _await_line(self, request: bytes) -> bytes | None:
        """The line; None on silence; raises on an echo or on noise."""
        data, end = b"", self._deadline(len(request), SIGN_ON_BAUD)
        while time.monotonic() < end:
            piece = self.wire.read()
            if piece:
                data += piece
                end = self._deadline(1, SIGN_ON_BAUD)
                line = modee.find_line(data.replace(request, b""))
                if line is not None:
                    return line
            if data == request:
                raise EchoError(_ECHO)
        if data:
            raise GarbageError(modee.NOT_A_LINE)
        return None

    def _deadline(self, octets: int, baud: int) -> float:
        return time.monotonic() + self.timeout_s + octets * 10 / baud

    def _confirmed(self) -> bool:
        """ACK 2 Z 2 CR LF at the new speed, still 7E1. Some meters leave it out: no fault."""
        data, end = b"", time.monotonic() + max(_CONFIRM_S, self.timeout_s)
        while time.monotonic() < end and not data.endswith(b"\n"):
            data += self.wire.read()
        return data.startswith(b"\x06")

    # -- link ----------------------------------------------------------------------------------
    def connect(self) -> None:
        """SNRM until the UA comes."""
        for _ in range(_TRIES):
            self._send(self.link.snrm())
            frame = self._frame()
            if frame is not None and frame.kind == "UA":
                self.link.negotiated(frame)
                self._connected = True
                return
            if frame is not None and frame.kind == "DM":
                raise LinkError(_DM)
        if self._frames.skipped or self._frames.bad:
            raise GarbageError(_UA_GARBAGE)
        raise SilenceError(_NO_UA)

    def disconnect(self) -> None:
        """DISC; a meter that no longer answers is left alone."""
        if self._connected:
            self._connected = False
            self._send(self.link.disc())
            self._frame()

    def close(self) -> None:
        """Releases what can be released and closes the port."""
        try:
            if self.association is not None:
                self.release()
            self.disconnect()
        except ReaderError:
            pass  # the reading is done; the meter falls back by itself
        finally:
            self.wire.close()

    def exchange(self, request: bytes) -> bytes:
        """Sends an APDU and returns the answer; lost frames are asked for again."""
        self._send(self.link.request(request))
        silent = 0
        while silent < _TRIES:
            frame = self._frame()
            if frame is None:
                silent += 1
                self._send(self.link.receive_ready())
                continue
            send, answer = self.link.step(frame)
            if answer is not None:
                return answer
            if send:
                self._send(send)
        raise SilenceError("the meter stopped answering in the middle of a session")

    def _send(self, data: bytes) -> None:
        self.wire.write(data)

    def _frame(self) -> hdlc.Frame | None:
        """The next frame for us; None on silence."""
        end = self._deadline(2 * self.link.max_info_rx, self.baud)
        while not self._queue:
            if time.monotonic() >= end:
                self._frames.reset()
                return None
            self._queue += [f for f in self._frames.feed(self.wire.read()) if self._is_for_us(f)]
        return self._queue.pop(0)

    def _is_for_us(self, frame: hdlc.Frame) -> bool:
        if frame.source == self.link.client and frame.destination == self.link.server:
            raise EchoError(_ECHO)
        return self.link.is_mine(frame)

    # -- application ---------------------------------------------------------------------------
    def associate(
        self,
        password: bytes | None = None,
        conformance: int = apdu.CONFORMANCE,
        max_pdu: int = apdu.MAX_PDU,
    ) -> apdu.Association:
        """AARQ; raises RefusedError with the meter's own reason."""
        answer = self.exchange(apdu.aarq(password, conformance, max_pdu))
        self.association = apdu.parse_aare(answer)
        return self.association

    def release(self) -> None:
        self.association = None
        self.exchange(apdu.rlrq())

    def get_octets(
        self, class_id: int, obis: bytes, attribute: int, selection: bytes = b""
    ) -> bytes:
        """The encoded Data of an attribute, put together from its blocks when it is long."""
        request = apdu.get_normal(class_id, obis, attribute, selection)
        part = apdu.parse_get(self.exchange(request))
        if not isinstance(part, apdu.Block):
            return part
        data = b""
        for number in range(1, _MAX_BLOCKS):
            if part.number != number:
                raise ProtocolError(f"the meter sent block {part.number} where {number} was due")
            data += part.data
            if part.last:
                return data
            part = apdu.parse_get(self.exchange(apdu.get_next(number)))
            if not isinstance(part, apdu.Block):
                raise ProtocolError("the meter ended a block transfer with a plain answer")
        raise ProtocolError("a long answer of the meter does not end")

    def get(self, class_id: int, obis: bytes, attribute: int):
        """The value of an attribute; raises AccessError when the meter denies it."""
        return axdr.decode(self.get_octets(class_id, obis, attribute))

    def act(self, class_id: int, obis: bytes, method: int, parameter: bytes) -> None:
        """Calls a method; raises AccessError when the meter refuses or cannot yet."""
        apdu.parse_action(self.exchange(apdu.action_normal(class_id, obis, method, parameter)))


def open_session(
    wire: Wire,
    link: Link,
    *,
    baud: int = 0,
    mode_e: bool = True,
    address: str = "",
    max_speed: str = "6",
    timeout_s: float = 3.0,
) -> Session:
    """A session with its HDLC link up; the port is closed again when that fails."""
    session = Session(wire, link, timeout_s)
    try:
        if mode_e:
            session.sign_on(address, max_speed)
        else:
            session.set_line(baud or 9600)
        session.connect()
    except (ReaderError, PortError):
        wire.close()
        raise
    return session
