# A-XDR encoding of COSEM Data, a leaf. IEC 61334-6 with the Data CHOICE of IEC 62056-6-2.
#
#   Data    = tag | body                 fixed bodies: _SIZES, else length | octets
#   length  = 00..7F | 80+k then k octets, big-endian; shortest form written, any form read
#   array   = 01 count Data*count        structure = 02 count Data*count
#   bits    = 04 length in BITS, ceil(n/8) octets, first bit = most significant
#   compact = 13 type-description length contents
#
# put_x(out, pos, value) -> pos    writes a whole Data, tag included
# store_x(out, pos, value) -> pos  writes a bare field of an APDU
# get_x(buf, pos) -> value         reads a bare field or the body behind a tag
# Writers trust the caller for room; nothing here allocates for integers below 2**30.
import struct

from micropython import const

from dlms.fcs import move

_NULL = const(0)
_ARRAY = const(1)
_STRUCTURE = const(2)
_BOOLEAN = const(3)
_BIT_STRING = const(4)
_U32 = const(6)
_OCTETS = const(9)
_VISIBLE = const(10)
_UTF8 = const(12)
_I8 = const(15)
_I16 = const(16)
_U8 = const(17)
_U16 = const(18)
_COMPACT = const(19)
_ENUM = const(22)
_DONT_CARE = const(255)

# Body size by tag 0..33; 254 = the body carries its own size, 255 = no such type.
_SIZES = (  # 0..18, 19..33
    b"\x00\xfe\xfe\x01\xfe\x04\x04\xff\xff\xfe\xfe\xff\xfe\x01\xff\x01\x02\x01\x02"
    b"\xfe\x08\x08\x01\x04\x08\x0c\x05\x04\x01\x02\x04\x01\x02\x04"
)
_VARIABLE = const(254)
_INVALID = const(255)

# Three length octets already exceed the longest APDU (65535) eightfold, in bits or octets,
# and keep every length a small integer on a 32-bit target.
_LENGTH_OCTETS_MAX = const(4)
_LENGTH_MAX = const(0xFFFFFF)


def size_of(tag: int) -> int:
    """Octets in the body of a fixed-size type, 254 for one that carries a size, 255 for none."""
    if tag < 34:
        return _SIZES[tag]
    return 0 if tag == _DONT_CARE else _INVALID


def get_length(buf, pos: int, end: int) -> int:
    """Length or count at pos; -1 when cut off, indefinite (80) or beyond 0xFFFFFF."""
    if pos >= end:
        return -1
    first = buf[pos]
    if first < 0x80:
        return first
    k = first & 0x7F
    if k == 0 or k > _LENGTH_OCTETS_MAX or k >= end - pos:
        return -1
    n = 0
    for i in range(pos + 1, pos + 1 + k):
        if n > 0xFFFF:
            return -1
        n = n << 8 | buf[i]
    return n


def skip_length(buf, pos: int) -> int:
    """Position behind a length that get_length has accepted."""
    first = buf[pos]
    return pos + 1 if first < 0x80 else pos + 1 + (first & 0x7F)


def _skip_description(buf, pos: int, end: int) -> int:
    # TypeDescription: 01 count-u16 element | 02 count elements | tag. Each still owed element
    # takes an octet at least, so `owed` never passes the octets left and no depth is needed.
    owed = 1
    while owed:
        if owed > end - pos:
            return -1
        tag = buf[pos]
        pos += 1
        owed -= 1
        if tag == _ARRAY:
            pos += 2
            owed += 1
        elif tag == _STRUCTURE:
            n = get_length(buf, pos, end)
            if n < 0:
                return -1
            pos = skip_length(buf, pos)
            owed += n
        elif tag == _COMPACT or size_of(tag) == _INVALID:
            return -1
    return pos


def _skip_sized(buf, pos: int, end: int, tag: int) -> int:
    # Body of a type that carries its own size, arrays and structures excepted.
    if tag == _COMPACT:
        pos = _skip_description(buf, pos, end)
        if pos < 0:
            return -1
    n = get_length(buf, pos, end)
    if n < 0:
        return -1
    pos = skip_length(buf, pos)
    if tag == _BIT_STRING:
        n = n + 7 >> 3
    return pos + n if n <= end - pos else -1


def skip(buf, pos: int, end: int) -> int:
    """Position behind the Data at pos, whatever its type; -1 when malformed or cut off.

    Nesting is walked by counting the elements still owed, so depth costs no stack."""
    owed = 1
    while owed:
        if owed > end - pos:
            return -1
        tag = buf[pos]
        pos += 1
        owed -= 1
        size = size_of(tag)
        if size == _INVALID:
            return -1
        if size != _VARIABLE:
            pos += size
        elif tag == _ARRAY or tag == _STRUCTURE:
            n = get_length(buf, pos, end)
            if n < 0:
                return -1
            pos = skip_length(buf, pos)
            owed += n
        else:
            pos = _skip_sized(buf, pos, end, tag)
            if pos < 0:
                return -1
    return pos if pos <= end else -1


def body(buf, pos: int, end: int, tag: int) -> int:
    """Position of the body when a whole Data of type tag lies at pos, else -1.

    For strings that is the first octet of the content; get_length(buf, pos + 1, end) is its
    length."""
    if pos >= end or buf[pos] != tag or skip(buf, pos, end) < 0:
        return -1
    if size_of(tag) == _VARIABLE and tag != _COMPACT:
        return skip_length(buf, pos + 1)
    return pos + 1


def get_u16(buf, pos: int) -> int:
    """Unsigned 16-bit field."""
    return buf[pos] << 8 | buf[pos + 1]


def get_u32(buf, pos: int) -> int:
    """Unsigned, 4 octets."""
    return buf[pos] << 24 | buf[pos + 1] << 16 | buf[pos + 2] << 8 | buf[pos + 3]


def get_i8(buf, pos: int) -> int:
    """Signed 8-bit field."""
    v = buf[pos]
    return v - 256 if v & 0x80 else v


def get_i16(buf, pos: int) -> int:
    """Signed 16-bit field."""
    v = buf[pos] << 8 | buf[pos + 1]
    return v - 0x10000 if v & 0x8000 else v


def store_u16(out, pos: int, value: int) -> int:
    """16 bits of value, big-endian; signed values in two's complement."""
    out[pos] = value >> 8 & 0xFF
    out[pos + 1] = value & 0xFF
    return pos + 2


def store_u24(out, pos: int, value: int) -> int:
    """24 bits of value: the conformance block."""
    out[pos] = value >> 16 & 0xFF
    return store_u16(out, pos + 1, value)


def store_u32(out, pos: int, value: int) -> int:
    """Unsigned 32-bit field."""
    struct.pack_into(">I", out, pos, value)
    return pos + 4


# date-time: year u16, month, day, day of week 1 = Monday, hour, minute, second, hundredths,
# deviation i16 in minutes from local time to UTC, status. FFFF/FF and 8000 = not specified.
# fields = those ten values in that order. IEC 62056-6-2, date and time formats.
def store_date_time(out, pos: int, fields) -> int:
    """The 12 octets of a date-time from ten integers (deviation signed)."""
    pos = store_u16(out, pos, fields[0])
    for i in range(1, 8):
        out[pos] = fields[i]
        pos += 1
    pos = store_u16(out, pos, fields[8])
    out[pos] = fields[9]
    return pos + 1


def get_date_time(buf, pos: int, fields) -> None:
    """Fill the ten fields from 12 octets at pos; deviation -32768 = not specified."""
    fields[0] = get_u16(buf, pos)
    for i in range(1, 8):
        fields[i] = buf[pos + 1 + i]
    fields[8] = get_i16(buf, pos + 9)
    fields[9] = buf[pos + 11]


def put_length(out, pos: int, n: int) -> int:
    """Length or count in its shortest form, n <= 0xFFFFFF."""
    if n < 0x80:
        out[pos] = n
        return pos + 1
    if n < 0x100:
        out[pos] = 0x81
        out[pos + 1] = n
        return pos + 2
    if n < 0x10000:
        out[pos] = 0x82
        return store_u16(out, pos + 1, n)
    out[pos] = 0x83
    return store_u24(out, pos + 1, n)


def put_null(out, pos: int) -> int:
    out[pos] = _NULL
    return pos + 1


def _put_8(out, pos: int, tag: int, value: int) -> int:
    out[pos] = tag
    out[pos + 1] = value & 0xFF
    return pos + 2


def put_bool(out, pos: int, value) -> int:
    """03 00 | 03 01"""
    return _put_8(out, pos, _BOOLEAN, 1 if value else 0)


def put_i8(out, pos: int, value: int) -> int:
    """integer, -128..127"""
    return _put_8(out, pos, _I8, value)


def put_u8(out, pos: int, value: int) -> int:
    """unsigned, 0..255"""
    return _put_8(out, pos, _U8, value)


def put_enum(out, pos: int, value: int) -> int:
    """enum, 0..255"""
    return _put_8(out, pos, _ENUM, value)


def put_i16(out, pos: int, value: int) -> int:
    """long, -32768..32767"""
    out[pos] = _I16
    return store_u16(out, pos + 1, value)


def put_u16(out, pos: int, value: int) -> int:
    """long-unsigned, 0..65535"""
    out[pos] = _U16
    return store_u16(out, pos + 1, value)


def put_u32(out, pos: int, value: int) -> int:
    """double-long-unsigned."""
    out[pos] = _U32
    return store_u32(out, pos + 1, value)


def put_array(out, pos: int, count: int) -> int:
    """Head of an array; the caller puts count Data of one type behind it."""
    out[pos] = _ARRAY
    return put_length(out, pos + 1, count)


def put_structure(out, pos: int, count: int) -> int:
    """Head of a structure; the caller puts count Data behind it."""
    out[pos] = _STRUCTURE
    return put_length(out, pos + 1, count)


def put_octets(out, pos: int, src, start: int, n: int) -> int:
    """octet-string of n octets of src from start"""
    return put_string(out, pos, _OCTETS, src, start, n)


def put_string(out, pos: int, tag: int, src, start: int, n: int) -> int:
    """octet-string (9), visible-string (10) or utf8-string (12) of n octets of src."""
    out[pos] = tag
    pos = put_length(out, pos + 1, n)
    move(out, pos, src, start, n)
    return pos + n


def put_date_time(out, pos: int, fields) -> int:
    """date-time in an octet-string, the form clients expect: 09 0C and 12 octets of fields."""
    return store_date_time(out, _put_8(out, pos, _OCTETS, 12), fields)


def put_fixed(out, pos: int, tag: int, src, start: int) -> int:
    """Any fixed-size type (date-time 25, date 26, time 27, ...) from its octets in src."""
    size = _SIZES[tag]
    out[pos] = tag
    move(out, pos + 1, src, start, size)
    return pos + 1 + size
