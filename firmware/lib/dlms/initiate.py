# xDLMS InitiateRequest and its answers: what both sides can do. Green Book 9.4.3, A-XDR.
#
#   request   01 | dedicated-key 00 or 01 len key | response-allowed 00 or 01 bool |
#             quality-of-service 00 or 01 i8 | version 06 | 5F 1F 04 00 conf(3) | max-pdu u16
#   response  08 | 00 | 06 | 5F 1F 04 00 conf(3) | max-pdu u16 | 0007 (LN: vaa-name)
#   error     0E 01 06 ee      ee 0 other, 1 version-too-low, 2 incompatible-conformance,
#                                 3 pdu-size-too-short
from micropython import const

_REQUEST = const(1)
_VERSION = const(6)
_PDU_MIN = const(12)  # a client that takes less can't even take one octet of a block
_ERROR_OTHER = const(0)
_ERROR_VERSION = const(1)
_ERROR_PDU = const(3)
_MALFORMED = const(-1)
_GOOD = const(-2)


class Initiate:
    """The request's parameters: conformance (24 bits, bit 0 on top), max_pdu, response_allowed."""

    def __init__(self):
        self.conformance = 0
        self.max_pdu = 0
        self.response_allowed = True
        self._dedicated_key = False

    def parse(self, buf, pos: int, end: int) -> int:
        """Read an InitiateRequest; returns the initiate error to answer, -1 malformed, -2 good.

        The conformance is the client's proposal; the caller intersects it with the server's.
        """
        pos = self._options(buf, pos, end)
        # version, then 5F [1F] 04 00: old clients write the tag in one octet.
        if pos < 0 or pos + 2 >= end or buf[pos + 1] != 0x5F:
            return _MALFORMED
        version = buf[pos]
        pos += 3 if buf[pos + 2] == 0x1F else 2
        if pos + 7 != end or buf[pos] != 4 or buf[pos + 1]:
            return _MALFORMED
        self.conformance = buf[pos + 2] << 16 | buf[pos + 3] << 8 | buf[pos + 4]
        self.max_pdu = buf[pos + 5] << 8 | buf[pos + 6]
        return self._verdict(version)

    def _options(self, buf, pos: int, end: int) -> int:
        """The three optional fields in front of the version; returns the version's place or -1."""
        if end - pos < 5 or buf[pos] != _REQUEST:
            return -1
        pos += 1
        self._dedicated_key = buf[pos] == 1
        pos += 2 + buf[pos + 1] if self._dedicated_key else 1
        if pos + 4 > end:
            return -1
        self.response_allowed = True
        if buf[pos]:
            pos += 1
            self.response_allowed = buf[pos] != 0
        pos += 1
        return pos + 2 if buf[pos] else pos + 1

    def _verdict(self, version: int) -> int:
        if self._dedicated_key:
            return _ERROR_OTHER  # there is no ciphering it could serve
        if version < _VERSION:
            return _ERROR_VERSION
        if 0 < self.max_pdu < _PDU_MIN:
            return _ERROR_PDU
        return _GOOD


def response(conformance: int, max_pdu: int) -> bytes:
    """InitiateResponse with the negotiated conformance and the largest APDU this server takes."""
    return bytes(
        (
            0x08,
            0x00,
            _VERSION,
            0x5F,
            0x1F,
            0x04,
            0x00,
            conformance >> 16,
            conformance >> 8 & 0xFF,
            conformance & 0xFF,
            max_pdu >> 8,
            max_pdu & 0xFF,
            0x00,
            0x07,
        )
    )


def error(code: int) -> bytes:
    """ConfirmedServiceError: initiateError, initiate, code."""
    return bytes((0x0E, 0x01, 0x06, code))
