"""A session over the wrapper: TCP without a link layer. IEC 62056-47, 5.

    0001 version | source port | destination port | length    four u16, then the APDU
The ports are the client's and the server's address; those of TCP are another thing.
"""

from __future__ import annotations

import struct
import time

from .client import Session
from .errors import GarbageError, ProtocolError, SilenceError
from .link import Link
from .wire import Wire

_VERSION = 1
_HEAD = struct.Struct(">4H")

_SILENCE = (
    "the meter does not answer: another port, an address that it does not have, "
    "or another client is connected"
)
_NO_WRAPPER = "what came back is no wrapper: the port may expect HDLC (--hdlc) or a sign-on (--mode-e)"


class WrapperSession(Session):
    """A session whose APDUs need nothing around them but their length."""

    def __init__(self, wire: Wire, client: int, server: int, timeout_s: float = 3.0):
        super().__init__(wire, Link(client, b""), timeout_s)  # a link that carries nothing
        self._ports = client, server
        self._got = b""

    def connect(self) -> None:
        """TCP is connected; there is nothing more to do."""

    def disconnect(self) -> None:
        """Closing the port does it."""

    def exchange(self, request: bytes) -> bytes:
        """Sends an APDU and returns the answer."""
        head = _HEAD.pack(_VERSION, *self._ports, len(request))
        self.wire.write(head + request)
        version, server, client, length = _HEAD.unpack(self._take(_HEAD.size))
        if version != _VERSION:
            raise GarbageError(_NO_WRAPPER)
        if (client, server) != self._ports:
            raise ProtocolError("the meter answered with other wrapper ports than it was asked at")
        return self._take(length)

    def _take(self, count: int) -> bytes:
        end = time.monotonic() + self.timeout_s
        while len(self._got) < count:
            piece = self.wire.read()
            if piece:
                self._got += piece
                end = time.monotonic() + self.timeout_s
            elif time.monotonic() >= end:
                raise SilenceError(_SILENCE)
        taken, self._got = self._got[:count], self._got[count:]
        return taken
