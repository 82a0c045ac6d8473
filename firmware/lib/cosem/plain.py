# Data of a known shape (dlms/shape.py) as plain values and back: for attributes that are lists
# of entries. Only for what happens seldom: every value comes from the heap.
#
#   array, structure   list              boolean, integers, enum  int
#   strings            their octets      bit-string               (bits, octets)
#   19, 1A, 1B         12, 5, 4 octets   FF, FE                   the whole Data
# What put() makes has lengths in their shortest form, and dates and times as octet-strings, so
# that equal values have equal octets, at the same places.
from cosem import value
from dlms import axdr, shape
from micropython import const

_ARRAY = const(1)
_STRUCTURE = const(2)
_BIT_STRING = const(4)
_OCTETS = const(9)
_VISIBLE = const(10)
_UTF8 = const(12)
_TAG_DATE_TIME = const(25)
_TAG_TIME = const(27)
_ONE_OF = const(0xFE)
_SIGNED_TAGS = b"\x05\x0f\x10\x14"
_ATTRIBUTE_MAX = const(1024)  # octets of an attribute, so that any answer can carry it
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)


def get(form, buf, pos: int, end: int):
    """The value of the Data that fills buf[pos:end]; None when it has not this shape."""
    if shape.end(form, buf, pos, end) != end:
        return None
    found = []
    _Reader(form, buf, pos, end).read(found)
    return found[0]


def put(form, what) -> bytes:
    """The Data with a value; what fits the shape."""
    out = bytearray()
    _write(form, 0, what, out)
    return bytes(out)


def of(row: int, attribute: int, form):
    """The value of an attribute that the table holds."""
    octets = value.octets(row, attribute)
    found = get(form, octets, 0, len(octets))
    assert found is not None  # nothing else was stored
    return found


def store(row: int, attribute: int, form, what, dry=False) -> int:
    """Make a value that of an attribute; a result. dry: only tell."""
    octets = put(form, what)
    if len(octets) > _ATTRIBUTE_MAX:
        return _OTHER_REASON
    return 0 if dry else value.store(row, attribute, octets)


def take(q, form, good, buf, pos: int, end: int) -> int:
    """Set attribute q.attribute to buf[pos:end] if it has the shape and good(value) says so."""
    what = get(form, buf, pos, end)
    if what is None:
        return _TYPE_UNMATCHED
    if not good(what):
        return _OTHER_REASON
    return store(q.row, q.attribute, form, what, q.dry)


class _Reader:
    """Reads Data that has the shape, once and forward: at and pos pass shape and octets."""

    def __init__(self, form, buf, pos: int, end: int):
        self._form = form
        self._at = 0
        self._buf = buf
        self._pos = pos
        self._end = end

    def read(self, found: list) -> None:
        """Add the value of the next Data."""
        # The recursion goes as deep as the shape, which is ours.
        at = self._at
        kind = self._form[at]
        if kind == _ARRAY or kind == _STRUCTURE:
            found.append(self._several(kind))
            return
        self._at = shape.behind(self._form, at) if kind >= _ONE_OF else at + 1
        if kind >= _ONE_OF:
            found.append(self._octets(self._pos, axdr.skip(self._buf, self._pos, self._end)))
        elif kind == _BIT_STRING:
            found.append(self._bits())
        elif _is_octets(kind):
            found.append(self._string(kind))
        else:
            start = self._pos + 1
            self._pos = start + axdr.size_of(kind)
            found.append(_integer(kind in _SIGNED_TAGS, self._buf, start, self._pos))

    def _several(self, kind: int) -> list:
        # An array has one shape for all, a structure one for each.
        n = self._length()
        at = self._at + kind
        self._at = at if n else shape.behind(self._form, at)
        found = []
        for _ in range(n):
            if kind == _ARRAY:
                self._at = at
            self.read(found)
        return found

    def _bits(self) -> tuple:
        self._at += 2
        n = self._length()
        return n, self._octets(self._pos, self._pos + (n + 7 >> 3))

    def _string(self, kind: int) -> bytes:
        if kind <= _UTF8:
            self._at += 2
        elif self._buf[self._pos] != _OCTETS:  # a moment by its own tag
            start = self._pos + 1
            return self._octets(start, start + axdr.size_of(kind))
        n = self._length()
        return self._octets(self._pos, self._pos + n)

    def _length(self) -> int:
        # Behind the tag.
        n = axdr.get_length(self._buf, self._pos + 1, self._end)
        self._pos = axdr.skip_length(self._buf, self._pos + 1)
        return n

    def _octets(self, start: int, behind: int) -> bytes:
        self._pos = behind
        return bytes(self._buf[start:behind])


def _integer(signed: bool, buf, start: int, behind: int) -> int:
    found = 0
    for k in range(start, behind):
        found = found << 8 | buf[k]
    if signed and buf[start] & 0x80:
        found -= 1 << 8 * (behind - start)
    return found


def _is_octets(kind: int) -> bool:
    return kind in (_OCTETS, _VISIBLE, _UTF8) or _TAG_DATE_TIME <= kind <= _TAG_TIME


def _write(form, at: int, what, out) -> None:
    kind = form[at]
    if kind >= _ONE_OF:
        out.extend(what)
        return
    out.append(_OCTETS if _is_octets(kind) and kind > _UTF8 else kind)
    if kind == _ARRAY or kind == _STRUCTURE:
        _length(len(what), out)
        at += kind
        for each in what:
            _write(form, at, each, out)
            if kind == _STRUCTURE:
                at = shape.behind(form, at)
    elif kind == _BIT_STRING:
        _length(what[0], out)
        out.extend(what[1])
    elif _is_octets(kind):
        _length(len(what), out)
        out.extend(what)
    else:
        for k in range(axdr.size_of(kind) - 1, -1, -1):
            out.append(what >> 8 * k & 0xFF)


def _length(n: int, out) -> None:
    made = bytearray(4)
    out.extend(made[: axdr.put_length(made, 0, n)])
