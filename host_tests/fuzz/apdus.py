"""Request APDUs of every service, well-formed by the Green Book's grammar and often beside it.

A Requests object remembers what the meter answered, so that a transfer in blocks goes on where
it is: most of what can go wrong needs more than one request.
"""

from cosem.table import ROWS
from mutations import data, length, mutated, odd_data, some

_STRIDE = 16  # of a row in ROWS; it begins with class and logical name
_OBJECTS = [bytes(ROWS[at : at + 8]) for at in range(0, len(ROWS), _STRIDE)]
_CONTEXTS = (b"\x01", b"\x02", b"\x03", b"\x04", b"\x07")
_PASSWORDS = {16: None, 32: b"12345678", 48: b"87654321"}  # demo keys of meter.toml
_WHOLE = b"\xff\xff\xff"  # every conformance bit
_OTHER_TAGS = b"\x05\x06\x0d\x0e\x0f\x16\x18\x21\x61\x63\xc4\xc5\xc7\xc8\xc9\xcb\xd3\xd8\xda\xdb\xdd"
_GET, _SET, _ACTION, _ACCESS, _GENERAL_BLOCK = b"\xc0", b"\xc1", b"\xc3", b"\xd9", b"\xe0"


def _tlv(tag, content):
    size = len(content)
    head = bytes((tag, size)) if size < 0x80 else bytes((tag, 0x81, size & 0xFF))
    return head + content


def initiate(conformance=_WHOLE, max_pdu=0xFFFF, head=b"\x00\x00\x00"):
    """InitiateRequest (Green Book 9.5): 01, options, version 6, 5F1F 04 00 bits, PDU size."""
    return b"\x01" + head + b"\x06\x5f\x1f\x04\x00" + conformance + max_pdu.to_bytes(2, "big")


def aarq(password=None, user=None, context=b"\x01", extra=b""):
    """A whole AARQ; the association of client 16 takes it without a password."""
    body = extra + _tlv(0xA1, b"\x06\x07\x60\x85\x74\x05\x08\x01" + context)
    if password is not None:
        body += b"\x8a\x02\x07\x80\x8b\x07\x60\x85\x74\x05\x08\x02\x01"
        body += _tlv(0xAC, _tlv(0x80, password))
    return _tlv(0x60, body + _tlv(0xBE, _tlv(0x04, initiate() if user is None else user)))


def opening(client, max_pdu=0xFFFF):
    """The AARQ that opens the association of this client."""
    return aarq(_PASSWORDS[client], initiate(max_pdu=max_pdu))


class Requests:
    """Draws one APDU after the other; `saw` is told every answer."""

    def __init__(self, rng):
        self._rng = rng
        self._block = 0  # number of the block seen or sent last
        self._last = b""

    def saw(self, answer):
        """Keep the block number of C4 02, C5 02/03, C7 02/04, E0."""
        if len(answer) >= 8 and answer[0] in b"\xc4\xc5\xc7" and answer[1] in b"\x02\x03\x04":
            at = 3 if answer[0] == 0xC5 else 4
            self._block = int.from_bytes(answer[at : at + 4], "big")
        elif len(answer) >= 6 and answer[0] == 0xE0:
            self._block = int.from_bytes(answer[2:4], "big")

    def draw(self):
        """An APDU: a request, one third of them mutated."""
        rng = self._rng
        made = rng.choice(_SERVICES)(self)
        if rng.randrange(12) == 0 and self._last:
            cut = rng.randrange(len(self._last) + 1)
            made = self._last[:cut] + made[cut:]  # the head of one request, the tail of another
        if rng.randrange(3) == 0:
            made = mutated(rng, made)
        self._last = made
        return made

    # --- parts ---------------------------------------------------------------------------------

    def _invoke(self):
        return bytes((self._rng.choice((0xC1, 0xC1, 0xC1, 0x41, 0x81, 0x01, 0xC2, 0xFF)),))

    def _name(self):
        rng = self._rng
        name = rng.choice(_OBJECTS)
        return mutated(rng, name)[:8].ljust(8, b"\x00") if rng.randrange(10) == 0 else name

    def _attribute(self):
        rng = self._rng
        number = rng.choice((2, 2, 3, rng.randrange(12), 0, rng.randrange(256)))
        return self._name() + bytes((number,))

    def _selection(self):
        rng = self._rng
        if rng.randrange(4):
            return b"\x00"
        return b"\x01" + bytes((rng.randrange(5),)) + self._data()

    def _data(self):
        rng = self._rng
        return odd_data(rng) if rng.randrange(8) == 0 else data(rng)

    def _number(self):
        """A block number: mostly the next one or the one just seen."""
        rng = self._rng
        step = rng.choice((0, 0, 1, 1, 2, -1))
        number = rng.randrange(1 << 32) if rng.randrange(12) == 0 else max(self._block + step, 0)
        self._block = number & 0xFFFF
        return (number & 0xFFFFFFFF).to_bytes(4, "big")

    def _raw_block(self, number=None):
        # DataBlock-SA: last-block, block-number, raw-data.
        rng = self._rng
        raw = self._data() if rng.randrange(2) else some(rng, rng.randrange(60))
        last = bytes((rng.choice((0, 0, 1)),))
        number = self._number() if number is None else number
        return last + number + length(rng, len(raw)) + raw

    def _first_block(self):
        self._block = 1
        return self._raw_block((1).to_bytes(4, "big"))

    def _list(self, make, count=None):
        count = self._rng.choice((0, 1, 1, 2, 3, 10, 40)) if count is None else count
        return length(self._rng, count) + b"".join(make() for _ in range(count))

    def _lists(self, make, value):
        """Two lists that belong together: of one length, except for every eighth time."""
        count = self._rng.choice((0, 1, 1, 2, 2, 3, 10, 40))
        other = None if self._rng.randrange(8) == 0 else count
        return self._list(make, count) + self._list(value, other)

    def _selected(self):
        return self._attribute() + self._selection()

    def _parameter(self):
        return b"\x00" if self._rng.randrange(3) == 0 else b"\x01" + self._data()

    # --- services ------------------------------------------------------------------------------

    def get(self):
        """GET normal, next, with-list."""
        kind = self._rng.choice((1, 1, 1, 2, 2, 3))
        head = _GET + bytes((kind,)) + self._invoke()
        if kind == 1:
            return head + self._selected()
        return head + (self._number() if kind == 2 else self._list(self._selected))

    def set(self):
        """SET normal, with first block, with block, with-list, with-list and first block."""
        kind = self._rng.randrange(1, 6)
        head = _SET + bytes((kind,)) + self._invoke()
        if kind == 1:
            return head + self._selected() + self._data()
        if kind == 2:
            return head + self._selected() + self._first_block()
        if kind == 3:
            return head + self._raw_block()
        if kind == 4:
            return head + self._lists(self._selected, self._data)
        return head + self._list(self._selected) + self._first_block()

    def action(self):
        """ACTION normal, next, with-list, first block, with-list and first block, block."""
        kind = self._rng.randrange(1, 7)
        head = _ACTION + bytes((kind,)) + self._invoke()
        if kind == 1:
            return head + self._attribute() + self._parameter()
        if kind == 2:
            return head + self._number()
        if kind == 3:
            return head + self._lists(self._attribute, self._data)
        if kind == 4:
            return head + self._attribute() + self._first_block()
        if kind == 5:
            return head + self._list(self._attribute) + self._first_block()
        return head + self._raw_block()

    def access(self):
        """ACCESS: long-invoke-id, date-time, specifications, data."""
        rng = self._rng
        head = _ACCESS + rng.choice((b"\x40", b"\xc0", b"\x00")) + some(rng, 3)
        head += length(rng, 12) + some(rng, 12) if rng.randrange(4) == 0 else b"\x00"
        return head + self._lists(self._specification, self._data)

    def _specification(self):
        kind = self._rng.randrange(1, 6)
        tail = b"\x01" + self._data() if kind > 3 else b""  # selective GET and SET
        return bytes((kind,)) + self._attribute() + tail

    def general_block(self):
        """General block transfer: control (last, streaming, window), numbers, a piece of an APDU."""
        rng = self._rng
        control = rng.choice((0x80, 0x81, 0x00, 0x01, 0xC1, 0x41, rng.randrange(256)))
        number, acknowledged = self._number()[2:], self._number()[2:]
        piece = rng.choice((Requests.get, Requests.set, Requests.action))(self)
        piece = piece[: rng.choice((0, 5, 20, 400))]
        return (_GENERAL_BLOCK + bytes((control,)) + number + acknowledged
                + length(rng, len(piece)) + piece)  # fmt: skip

    def associate(self):
        """An AARQ of some client, with fields missing, strange or in excess."""
        rng = self._rng
        password = rng.choice((None, b"12345678", b"87654321", b"", some(rng, 9)))
        extra = rng.choice((b"", b"", b"\x80\x02\x07\x80", b"\xa2\x03\x02\x01\x01", b"\xa6\x0a\x04\x08ABCDEFGH"))
        user = initiate(
            rng.choice((_WHOLE, b"\x00\x50\x1f", b"\x00\x00\x00", some(rng, 3))),
            rng.choice((0xFFFF, 0, 11, 64, 128, 1024, rng.randrange(65536))),
            rng.choice((b"\x00\x00\x00", b"\x00\x00\x00", b"\x01\x10" + bytes(16) + b"\x00\x00", b"\x00\x01\x00")),
        )  # fmt: skip
        return aarq(password, user, rng.choice((b"\x01", b"\x01", rng.choice(_CONTEXTS))), extra)

    def release(self):
        """RLRQ with and without a reason and user-information."""
        rng = self._rng
        inner = rng.choice((b"", b"\x80\x01\x00", b"\x80\x01\x00" + _tlv(0xBE, _tlv(4, initiate()))))
        return _tlv(0x62, inner)

    def other(self):
        """A tag that is no request of this server, or any octets."""
        rng = self._rng
        tag = bytes((rng.choice(_OTHER_TAGS),)) if rng.randrange(3) else some(rng, 1)
        return tag + some(rng, rng.randrange(30))


_SERVICES = (
    *[Requests.get] * 6, *[Requests.set] * 6, *[Requests.action] * 5, *[Requests.access] * 2,
    *[Requests.general_block] * 3, *[Requests.associate] * 2, Requests.release, Requests.other,
)  # fmt: skip
