# ACSE: the fields of an AARQ, and AARE, RLRE. BER. Green Book 9.4.2, ISO/IEC 8650-1.
#
#   60 len  { tag len value }          AARQ
#   61 len  A1 context  A2 result  A3 diagnostic  [BE user-information]      AARE
# Lengths: 00..7F, or 81 nn, or 82 nnnn. The indefinite length 80 is illegal.
from micropython import const

# Fields this server reads; all other tags (titles, invocation identifiers, ...) are skipped.
_FIELD_VERSION = const(0)  # 80 protocol-version, BIT STRING
_FIELD_CONTEXT = const(1)  # A1 application-context-name
_FIELD_REQUIREMENTS = const(2)  # 8A sender-acse-requirements, BIT STRING
_FIELD_MECHANISM = const(3)  # 8B mechanism-name, seven octets of an object identifier
_FIELD_VALUE = const(4)  # AC calling-authentication-value
_FIELD_USER = const(5)  # BE user-information
_TAGS = b"\x80\xa1\x8a\x8b\xac\xbe"
_FIELDS = const(6)

_OID_CONTEXT = b"\x06\x07\x60\x85\x74\x05\x08\x01"  # 2.16.756.5.8.1, then the context id
_OID_MECHANISM = b"\x60\x85\x74\x05\x08\x02"  # 2.16.756.5.8.2, then the mechanism id
_HEAD = b"\x61\x00\xa1\x09\x06\x07\x60\x85\x74\x05\x08\x01\x01"  # context LN without ciphering
_RESULT = b"\xa2\x03\x02\x01\x00\xa3\x05\xa1\x03\x02\x01\x00"  # octets 4, 7, 11 vary
_RLRE = b"\x63\x03\x80\x01\x00"  # reason normal, whatever the request's reason was


class Aarq:
    """Where the fields of an AARQ lie in its buffer: `at[f]`, `size[f]`; size -1 = absent."""

    def __init__(self):
        self.buf = b""
        self.at = [0] * _FIELDS
        self.size = [0] * _FIELDS

    def has(self, field: int) -> bool:
        """Is the field there?"""
        return self.size[field] >= 0

    def parse(self, buf, pos: int, end: int) -> bool:
        """Locate the fields of the AARQ at buf[pos:end]; False when the BER is broken."""
        self.buf = buf
        for f in range(_FIELDS):
            self.size[f] = -1
        size, pos = ber_length(buf, pos + 1, end)
        if size != end - pos:
            return False
        while pos < end:
            pos = self._field(buf, pos, end)
        return pos == end

    def _field(self, buf, pos: int, end: int) -> int:
        """Note one field; returns the position behind it, beyond end when it is broken."""
        tag = buf[pos]
        size, pos = ber_length(buf, pos + 1, end)
        if size < 0 or pos + size > end:
            return end + 1
        for f in range(_FIELDS):
            if _TAGS[f] == tag:
                if self.size[f] >= 0:
                    return end + 1  # twice the same field
                self.at[f] = pos
                self.size[f] = size
        return pos + size

    def context(self) -> int:
        """Application context id (1 = LN without ciphering), -1 when missing or foreign."""
        return self._oid(_FIELD_CONTEXT, _OID_CONTEXT)

    def mechanism(self) -> int:
        """Authentication mechanism id, 0 none, 1 LLS, ...; -1 when it is no DLMS mechanism."""
        return self._oid(_FIELD_MECHANISM, _OID_MECHANISM)

    def _oid(self, field: int, head: bytes) -> int:
        at = self.at[field]
        if self.size[field] != len(head) + 1 or not equal(self.buf, at, head):
            return -1
        return self.buf[at + len(head)]

    def bit_0(self, field: int) -> bool:
        """First bit of a BIT STRING field: `unused bits | bits ...`, most significant first."""
        return self.size[field] >= 2 and self.buf[self.at[field] + 1] & 0x80 != 0

    def inner(self, field: int, tag: int) -> int:
        """Size of the single element `tag` inside a field, its start goes to at; -1 if not so."""
        at = self.at[field]
        end = at + self.size[field]
        if self.size[field] < 2 or self.buf[at] != tag:
            return -1
        size, pos = ber_length(self.buf, at + 1, end)
        if size != end - pos:
            return -1
        self.at[field] = pos
        self.size[field] = size
        return size


def ber_length(buf, pos: int, end: int):
    """Length at pos: (length, position behind it); the length is -1 when it is illegal."""
    if pos >= end:
        return -1, pos
    first = buf[pos]
    if first < 0x80:
        return first, pos + 1
    count = first & 0x7F
    if not 1 <= count <= 2 or pos + count >= end:
        return -1, pos
    size = 0
    for k in range(1, count + 1):
        size = size << 8 | buf[pos + k]
    return size, pos + 1 + count


def equal(buf, pos: int, text: bytes) -> bool:
    """Does buf hold text at pos? The caller has checked that it is long enough."""
    for k in range(len(text)):
        if buf[pos + k] != text[k]:
            return False
    return True


def put(out, pos: int, text: bytes) -> int:
    """Append text to out; returns the new pos."""
    for k in range(len(text)):
        out[pos + k] = text[k]
    return pos + len(text)


def aare(out, pos: int, result: int, source: int, diagnostic: int, user: bytes) -> int:
    """Write an AARE at pos; returns its end.

    result 0 accepted, 1 rejected-permanent; source 1 user, 2 provider; diagnostic of that source;
    user: the xDLMS APDU of the user-information, empty = none.
    """
    start = pos
    pos = put(out, pos, _HEAD)
    at = pos
    pos = put(out, pos, _RESULT)
    out[at + 4] = result
    out[at + 7] = 0xA0 | source
    out[at + 11] = diagnostic
    if user:
        for octet in (0xBE, len(user) + 2, 0x04, len(user)):
            out[pos] = octet
            pos += 1
        pos = put(out, pos, user)
    out[start + 1] = pos - start - 2
    return pos


def rlre(out, pos: int) -> int:
    """Write the RLRE at pos; returns its end."""
    return put(out, pos, _RLRE)
