# ACSE: the fields of an AARQ or RLRQ, and AARE, RLRE. BER. Green Book 9.4.2, ISO/IEC 8650-1.
#
#   60 len  { tag len value }                                                AARQ
#   61 len  A1 context  A2 result  A3 diagnostic  [BE user-information]      AARE
#   62 len  [80 01 reason]  [BE user-information]                            RLRQ
# Lengths: 00..7F, or 81 nn, or 82 nnnn. The indefinite length 80 is illegal. A constructed field
# (bit 20 of its tag) holds exactly one element, which fills it.
from micropython import const

# The grammar, a row a field: its tag, and the tag inside where only one will do. The order of the
# fields in the APDU is free, since no tag means two things; none may come twice. Fields that
# stand in no row are skipped.
_GRAMMAR = (
    b"\x80\x00"  # 0 protocol-version, BIT STRING; of an RLRQ the reason
    b"\xa1\x06"  # 1 application-context-name
    b"\x8a\x00"  # 2 sender-acse-requirements, BIT STRING
    b"\x8b\x00"  # 3 mechanism-name, an object identifier without its tag
    b"\xac\x80"  # 4 calling-authentication-value, the form charstring
    b"\xbe\x04"  # 5 user-information
    # From here on well-formed is enough: nothing in this server depends on them.
    b"\xa2\x00"  # called-AP-title
    b"\xa3\x00"  # called-AE-qualifier
    b"\xa4\x00"  # called-AP-invocation-identifier
    b"\xa5\x00"  # called-AE-invocation-identifier
    b"\xa6\x00"  # calling-AP-title
    b"\xa7\x00"  # calling-AE-qualifier
    b"\xa8\x00"  # calling-AP-invocation-identifier
    b"\xa9\x00"  # calling-AE-invocation-identifier, the user; class 15 version 1 knows none
    b"\xbd\x00"  # implementation-information
)
_ROWS = const(15)
_FIELDS = const(6)  # of these the place is kept
_FIELD_CONTEXT = const(1)
_FIELD_MECHANISM = const(3)
_CONSTRUCTED = const(0x20)
_ABSENT = const(-1)
_OTHER_FORM = const(-2)  # there, but not with the tag inside that the grammar wants

_OID_CONTEXT = b"\x60\x85\x74\x05\x08\x01"  # 2.16.756.5.8.1, then the context id
_OID_MECHANISM = b"\x60\x85\x74\x05\x08\x02"  # 2.16.756.5.8.2, then the mechanism id
_HEAD = b"\x61\x00\xa1\x09\x06\x07\x60\x85\x74\x05\x08\x01\x01"  # context LN without ciphering
_RESULT = b"\xa2\x03\x02\x01\x00\xa3\x05\xa1\x03\x02\x01\x00"  # octets 4, 7, 11 vary
_RLRE = b"\x63\x03\x80\x01\x00"  # reason normal, whatever the request's reason was


class Fields:
    """Where the fields of an AARQ or RLRQ lie in its buffer: `at[f]`, `size[f]` octets.

    f is a row of the grammar. at and size are those of the value, inside any inner element.
    """

    def __init__(self):
        self.buf = b""
        self.at = [0] * _FIELDS
        self.size = [0] * _FIELDS
        self._seen = 0  # bit f = field f was met

    def has(self, field: int) -> bool:
        """Is the field there, in whatever form?"""
        return self.size[field] != _ABSENT

    def parse(self, buf, pos: int, end: int) -> bool:
        """Locate the fields of the APDU at buf[pos:end]; False when the BER is broken."""
        self.buf = buf
        self._seen = 0
        for f in range(_FIELDS):
            self.size[f] = _ABSENT
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
        behind = pos + size
        inner = 0
        if tag & _CONSTRUCTED:
            inner = buf[pos] if size else 0
            size, pos = ber_length(buf, pos + 1, behind)
            if size < 0 or pos + size != behind:
                return end + 1
        for f in range(_ROWS):
            if _GRAMMAR[f * 2] == tag and not self._note(f, inner, pos, size):
                return end + 1
        return behind

    def _note(self, f: int, inner: int, pos: int, size: int) -> bool:
        """Keep the place of field f; False when it was there before."""
        again = self._seen >> f & 1
        self._seen |= 1 << f
        if f < _FIELDS:
            self.at[f] = pos
            self.size[f] = size if inner == _GRAMMAR[f * 2 + 1] else _OTHER_FORM
        return not again

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
