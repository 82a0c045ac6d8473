"""APDUs of a client: association (BER, ISO 8650-1), GET and ACTION (A-XDR). IEC 62056-53, LN referencing."""

from __future__ import annotations

from dataclasses import dataclass

from .axdr import Cursor
from .errors import AccessError, ProtocolError, RefusedError, ServiceError

_CONTEXT_LN = bytes.fromhex("60857405080101")  # LN referencing, no ciphering
_MECHANISM_LLS = bytes.fromhex("60857405080201")
_ACSE_AUTHENTICATION = b"\x8a\x02\x07\x80"  # sender-acse-requirements, authentication bit
CONFORMANCE = 0x00101D  # block-transfer-get 001000, get 10, set 08, selective 04, action 01
MAX_PDU = 1024  # octets this reader takes in one APDU
_VERSION = 6
_INVOKE = 0xC1  # confirmed, high priority, invoke id 1

AARE, RLRE, GET_RESPONSE, ACTION_RESPONSE = 0x61, 0x63, 0xC4, 0xC7
_EXCEPTION, _CONFIRMED_ERROR = 0xD8, 0x0E
_NORMAL, _DATABLOCK = 1, 2


@dataclass(frozen=True)
class Association:
    """What the meter granted: conformance bits and the longest APDU that it takes."""

    conformance: int
    max_pdu: int


@dataclass(frozen=True)
class Block:
    """A part of a long answer."""

    number: int
    last: bool
    data: bytes


# -- association -------------------------------------------------------------------------------
def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    head = bytes((tag, size)) if size < 0x80 else bytes((tag, 0x81, size))
    return head + content


def initiate_request(conformance: int, max_pdu: int) -> bytes:
    """01, no dedicated key, response allowed, no quality of service, version, conformance, size."""
    return (
        bytes((0x01, 0x00, 0x00, 0x00, _VERSION, 0x5F, 0x1F, 0x04, 0x00))
        + conformance.to_bytes(3, "big")
        + max_pdu.to_bytes(2, "big")
    )


def aarq(password: bytes | None, conformance: int = CONFORMANCE, max_pdu: int = MAX_PDU) -> bytes:
    """Association request: lowest security without a password, low level security with one."""
    body = _tlv(0xA1, _tlv(0x06, _CONTEXT_LN))
    if password is not None:
        body += (
            _ACSE_AUTHENTICATION + _tlv(0x8B, _MECHANISM_LLS) + _tlv(0xAC, _tlv(0x80, password))
        )
    return _tlv(0x60, body + _tlv(0xBE, _tlv(0x04, initiate_request(conformance, max_pdu))))


def rlrq() -> bytes:
    """Release request, reason normal."""
    return bytes((0x62, 0x03, 0x80, 0x01, 0x00))


def parse_aare(apdu: bytes) -> Association:
    """Takes the association response; raises RefusedError with the meter's reason."""
    fields = dict(_fields(_expect(apdu, AARE)))
    result = _last_octet(fields, 0xA2)
    source, diagnostic = _diagnostic(fields.get(0xA3, b""))
    user_information = fields.get(0xBE, b"")[2:]
    if result != 0:
        raise RefusedError(_refusal(source, diagnostic, user_information), diagnostic)
    if diagnostic == 14:
        raise RefusedError(
            "the meter asks for high level security, which this reader cannot do", 14
        )
    return _initiate_response(user_information)


def _fields(content: bytes):
    cursor = Cursor(content)
    while cursor.pos < len(content):
        tag = cursor.u8()
        yield tag, cursor.take(cursor.length())


def _expect(apdu: bytes, tag: int) -> bytes:
    """The content of a BER APDU with the wanted tag."""
    refuse_errors(apdu)
    cursor = Cursor(apdu)
    found = cursor.u8()
    if found != tag:
        raise ProtocolError(f"the meter answered with APDU {found:02X} where {tag:02X} was due")
    return cursor.take(cursor.length())


def _last_octet(fields: dict[int, bytes], tag: int) -> int:
    value = fields.get(tag)
    if not value:
        raise ProtocolError("the association response of the meter is incomplete")
    return value[-1]


def _diagnostic(content: bytes) -> tuple[str, int]:
    """A3 len A1|A2 len 02 01 nn: who refuses (user or provider), and the number."""
    if len(content) < 5:
        raise ProtocolError("the association response of the meter has no diagnostic")
    return ("provider" if content[0] == 0xA2 else "user"), content[-1]


def _initiate_response(content: bytes) -> Association:
    """08 qos 06 5F1F 04 00 conformance(3) size(2) vaa(2)."""
    if content[:1] == bytes((_CONFIRMED_ERROR,)):
        raise RefusedError(f"the meter refused the association: {_confirmed_error(content)}")
    cursor = Cursor(content)
    if cursor.u8() != 0x08:
        raise ProtocolError("the association response carries no InitiateResponse")
    if cursor.u8():
        cursor.u8()  # quality of service
    if cursor.u8() != _VERSION or cursor.take(4) != b"\x5f\x1f\x04\x00":
        raise ProtocolError("the InitiateResponse of the meter is not DLMS version 6")
    return Association(cursor.unsigned(3), cursor.unsigned(2))


_DIAGNOSTICS = {
    1: "no reason given",
    2: "the application context is not supported",
    3: "the client's title is not recognised",
    11: "the authentication mechanism is not recognised",
    12: "an authentication mechanism is required: give a password",
    13: "authentication failure: the password is wrong",
    14: "authentication is required: give a password",
}


def _refusal(source: str, diagnostic: int, user_information: bytes) -> str:
    if source == "provider":
        reason = "no common version" if diagnostic == 2 else "no reason given"
    elif diagnostic < 2 and user_information[:1] == bytes((_CONFIRMED_ERROR,)):
        reason = _confirmed_error(user_information)
    else:
        reason = _DIAGNOSTICS.get(diagnostic, "see the standard")
    return f"the meter refused the association: {reason} ({source} diagnostic {diagnostic})"


# -- errors ------------------------------------------------------------------------------------
_STATES = {1: "service not allowed", 2: "service unknown"}
_CAUSES = {
    1: "operation not possible",
    2: "service not supported",
    3: "other reason",
    4: "PDU too long",
    5: "deciphering error",
    6: "invocation counter error",
}
_INITIATE_ERRORS = {
    1: "the DLMS version is too low",
    2: "no service in common",
    3: "the PDU size is too short",
    4: "refused by the meter",
}


def refuse_errors(apdu: bytes) -> None:
    """Raises when an APDU is an exception-response or a confirmed-service-error."""
    if len(apdu) >= 3 and apdu[0] == _EXCEPTION:
        state = _STATES.get(apdu[1], f"state {apdu[1]}")
        cause = _CAUSES.get(apdu[2], f"error {apdu[2]}")
        raise ServiceError(f"the meter answered with an exception: {state}, {cause}")
    if apdu[:1] == bytes((_CONFIRMED_ERROR,)):
        raise ServiceError(f"the meter answered with an error: {_confirmed_error(apdu)}")


def _confirmed_error(content: bytes) -> str:
    if len(content) < 4:
        return "confirmed service error"
    if content[2] == 6:
        return _INITIATE_ERRORS.get(content[3], f"initiate error {content[3]}")
    return f"confirmed service error {content[1]}/{content[2]}/{content[3]}"


# -- GET ---------------------------------------------------------------------------------------
def get_normal(class_id: int, obis: bytes, attribute: int, selection: bytes = b"") -> bytes:
    """GET of one attribute; selection: the selector and its Data, empty for none."""
    return (
        bytes((0xC0, _NORMAL, _INVOKE))
        + class_id.to_bytes(2, "big")
        + obis
        + bytes((attribute, bool(selection)))
        + selection
    )


def select_entries(first: int, last: int) -> bytes:
    """Selection of rows first..last, from 1, of a profile's buffer, all columns: class 7."""
    # 02 | structure of 4 | 06 from entry | 06 to entry | 12 from column | 12 to column, 0 = last
    entries = b"".join(b"\x06" + entry.to_bytes(4, "big") for entry in (first, last))
    return b"\x02\x02\x04" + entries + b"\x12\x00\x01\x12\x00\x00"


def get_next(number: int) -> bytes:
    """Asks for the block after this one."""
    return bytes((0xC0, _DATABLOCK, _INVOKE)) + number.to_bytes(4, "big")


def parse_get(apdu: bytes) -> bytes | Block:
    """The Data of a whole answer, or a block of a long one; raises AccessError on a refusal."""
    refuse_errors(apdu)
    cursor = Cursor(apdu)
    if cursor.u8() != GET_RESPONSE:
        raise ProtocolError(f"the meter answered a GET with APDU {apdu[0]:02X}")
    choice, invoke = cursor.u8(), cursor.u8()
    if invoke & 0x0F != _INVOKE & 0x0F:
        raise ProtocolError("the meter's answer belongs to another request")
    if choice == _NORMAL:
        return _result(cursor)
    if choice == _DATABLOCK:
        return _block(cursor)
    raise ProtocolError(f"the meter's answer to a GET has the unknown form {choice}")


def _result(cursor: Cursor) -> bytes:
    if cursor.u8():
        raise AccessError(cursor.u8())
    return cursor.rest()


def _block(cursor: Cursor) -> Block:
    last, number = cursor.u8() != 0, cursor.unsigned(4)
    if cursor.u8():
        raise AccessError(cursor.u8())
    data = cursor.take(cursor.length())
    if cursor.pos != len(cursor.data):
        raise ProtocolError("octets are left over behind a data block")
    return Block(number, last, data)


# -- ACTION ------------------------------------------------------------------------------------
def action_normal(class_id: int, obis: bytes, method: int, parameter: bytes) -> bytes:
    """ACTION of one method with an encoded Data as its parameter."""
    return (
        bytes((0xC3, _NORMAL, _INVOKE))
        + class_id.to_bytes(2, "big")
        + obis
        + bytes((method, 0x01))
        + parameter
    )


def parse_action(apdu: bytes) -> None:
    """Takes the answer to an ACTION that returns nothing; raises AccessError on a refusal."""
    refuse_errors(apdu)
    cursor = Cursor(apdu)
    if cursor.u8() != ACTION_RESPONSE:
        raise ProtocolError(f"the meter answered an ACTION with APDU {apdu[0]:02X}")
    choice, invoke, result = cursor.u8(), cursor.u8(), cursor.u8()
    if invoke & 0x0F != _INVOKE & 0x0F:
        raise ProtocolError("the meter's answer belongs to another request")
    if choice != _NORMAL:
        raise ProtocolError(f"the meter's answer to an ACTION has the unknown form {choice}")
    if result:
        raise AccessError(result)
