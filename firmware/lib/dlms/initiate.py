# xDLMS InitiateRequest and its answers: what both sides can do. Green Book 9.4.3, A-XDR.
#
#   request   01 | dedicated-key 00 or 01 len key | response-allowed 00 or 01 bool |
#             quality-of-service 00 or 01 i8 | version 06 | 5F 1F 04 00 conf(3) | max-pdu u16
#   response  08 | quality-of-service 00 or 01 i8 | 06 | 5F 1F 04 00 conf(3) | max-pdu u16 |
#             0007 (LN: vaa-name)
#   error     0E 01 06 ee      ee 0 other, 1 version-too-low, 2 incompatible-conformance,
#                                 3 pdu-size-too-short
from micropython import const

_REQUEST = const(1)
_VERSION = const(6)
_PDU_MIN = const(12)  # a client that takes less can't even take one octet of a block
_ERROR_OTHER = const(0)
_ERROR_VERSION = const(1)
_ERROR_CONFORMANCE = const(2)
_ERROR_PDU = const(3)
_GOOD = const(-1)
_NO_QUALITY = const(-1)
_CONFORMANCE_AT = const(7)  # in a response without quality-of-service
_PDU_AT = const(10)
_RESPONSE = b"\x08\x00\x06\x5f\x1f\x04\x00\x00\x00\x00\x00\x00\x00\x07"


class Initiate:
    """The request's parameters: conformance (24 bits, bit 0 on top), max_pdu, response_allowed.

    quality: the octet of quality-of-service, -1 when there was none.
    """

    def __init__(self):
        self.conformance = 0
        self.max_pdu = 0
        self.response_allowed = True
        self.quality = _NO_QUALITY
        self._version = 0
        self._dedicated_key = False

    def parse(self, buf, pos: int, end: int) -> bool:
        """Read the InitiateRequest at buf[pos:end]; False when it is malformed."""
        self.response_allowed = True
        pos = self._options(buf, pos, end)
        # version, then 5F [1F] 04 00: old clients write the tag in one octet.
        if pos < 0 or pos + 2 >= end or buf[pos + 1] != 0x5F:
            return False
        self._version = buf[pos]
        pos += 3 if buf[pos + 2] == 0x1F else 2
        if pos + 7 != end or buf[pos] != 4 or buf[pos + 1]:
            return False
        self.conformance = buf[pos + 2] << 16 | buf[pos + 3] << 8 | buf[pos + 4]
        self.max_pdu = buf[pos + 5] << 8 | buf[pos + 6]
        return True

    def _options(self, buf, pos: int, end: int) -> int:
        """The three optional fields in front of the version; returns the version's place or -1."""
        if end - pos < 5 or buf[pos] != _REQUEST or buf[pos + 1] > 1:
            return -1
        pos += 1
        self._dedicated_key = buf[pos] == 1
        pos += 2 + buf[pos + 1] if self._dedicated_key else 1
        if pos + 4 > end or buf[pos] > 1:
            return -1
        if buf[pos]:
            pos += 1
            self.response_allowed = buf[pos] != 0
        pos += 1
        if buf[pos] > 1:
            return -1
        self.quality = buf[pos + 1] if buf[pos] else _NO_QUALITY
        return pos + 2 if buf[pos] else pos + 1

    def judge(self, offered: int) -> int:
        """The initiate error to answer, or -1 when it is good; offered: the server's conformance.

        The checks come in this order: dedicated key, version, conformance, size.
        """
        if self._dedicated_key:
            return _ERROR_OTHER  # there is no ciphering it could serve
        if self._version < _VERSION:
            return _ERROR_VERSION
        if not self.conformance & offered:
            return _ERROR_CONFORMANCE
        if 0 < self.max_pdu < _PDU_MIN:
            return _ERROR_PDU
        return _GOOD


def response(conformance: int, max_pdu: int, quality: int) -> bytes:
    """InitiateResponse with the negotiated conformance and the largest APDU this server takes.

    quality: what the client asked for comes back, -1 = it did not ask.
    """
    made = bytearray(_RESPONSE)
    made[_CONFORMANCE_AT] = conformance >> 16
    made[_CONFORMANCE_AT + 1] = conformance >> 8 & 0xFF
    made[_CONFORMANCE_AT + 2] = conformance & 0xFF
    made[_PDU_AT] = max_pdu >> 8
    made[_PDU_AT + 1] = max_pdu & 0xFF
    if quality < 0:
        return bytes(made)
    return bytes((_RESPONSE[0], 1, quality)) + bytes(made[2:])


def error(code: int) -> bytes:
    """ConfirmedServiceError: initiateError, initiate, code."""
    return bytes((0x0E, 0x01, 0x06, code))
