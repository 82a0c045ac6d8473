"""A client of the HDLC link that keeps its counters right and its frames wrong where told to.

Frames are made by the host tools' own encoder, so HCS and FCS are right after every change.
"""

from microcosem.hdlc import DISC, FLAG, POLL, SNRM, Frame, client_address, server_address
from mutations import mutated, some

_LLC = b"\xe6\xe6\x00"
_RR, _RNR = 0x01, 0x05
_UA, _DM, _FRMR = 0x63, 0x0F, 0x87
_PHYSICAL = 17  # lower address of both lines in meter.toml
_INFO_DEFAULT = 128
_SIZES = (1, 1, 2, 4)  # octets of a server address
_PARAMETERS = {5: 0xFFFF, 6: 0xFFFF, 7: 8, 8: 8}  # SNRM: identifier -> beyond its greatest value
_CLIENTS = (16, 32, 48)


def information(octets):
    """The information field of an encoded frame; b'' when there is none."""
    at = 3
    while not octets[at] & 1:
        at += 1
    while not octets[at + 1] & 1:
        at += 1
    return octets[at + 5 : -3]


def control(octets):
    """The control octet of an encoded frame."""
    at = 3
    for _ in range(2):
        while not octets[at] & 1:
            at += 1
        at += 1
    return octets[at]


class Station:
    """The client's end of a link: N(S), N(R) and the limits that the UA told."""

    def __init__(self, client=16, size=1):
        self.client = client
        self.reset()
        self.address = server_address(1, _PHYSICAL if size > 1 else 0, size)

    def reset(self):
        """As after a UA."""
        self.n_s = self.n_r = 0
        self.max_info = _INFO_DEFAULT  # octets of an information field, either way
        self.more = False  # the answer goes on in another segment
        self.lost = False  # DM or FRMR came: only SNRM helps

    def frame(self, control, information=b"", segmented=False):
        """Octets of a frame from this client, flags included."""
        source = client_address(self.client)
        return Frame(self.address, source, control, information, segmented).encode()

    def snrm(self, parameters=b""):
        """SNRM; parameters is its whole information field."""
        return self.frame(SNRM, parameters)

    def disc(self):
        return self.frame(DISC)

    def ready(self):
        """RR with P = 1: go on, or say it again."""
        return self.frame(_RR | POLL | self.n_r << 5)

    def segments(self, apdu, size):
        """The I frames that carry an APDU in pieces of `size` octets, P = 1 in the last one only."""
        octets = _LLC + apdu
        pieces = [octets[at : at + size] for at in range(0, len(octets), size)]
        frames = []
        for number, piece in enumerate(pieces, 1):
            last = number == len(pieces)
            mark = self.n_r << 5 | self.n_s << 1 | POLL
            frames.append(self.frame(mark, piece, not last))
            self.n_s = (self.n_s + 1) & 7
        return frames

    def heard(self, octets):
        """Take one frame of the answer; returns its information field when it is an I frame."""
        mark = control(octets)
        kind = mark & ~POLL
        if kind == _UA:
            self.reset()
            self._limits(information(octets))
        elif kind in (_DM, _FRMR):
            self.lost = True
        elif not mark & 1 or mark & 0x0F == _RR:
            self.n_s = mark >> 5  # whatever was lost or repeated: the server waits for this one
        if mark & 1:
            return None
        if mark >> 1 & 7 == self.n_r:
            self.n_r = (self.n_r + 1) & 7
        self.more = bool(octets[1] & 0x08)
        return information(octets)

    def _limits(self, field):
        # 81 80 len { 05 size value }: the server's transmit limit is what it may send us.
        at = 3
        while at + 1 < len(field):
            if field[at] == 5:
                self.max_info = int.from_bytes(field[at + 2 : at + 2 + field[at + 1]], "big")
            at += 2 + field[at + 1]


class Frames:
    """Draws octets for the line: APDUs in frames, other frames, damaged frames, noise."""

    def __init__(self, rng, requests, station):
        self._rng = rng
        self._requests = requests
        self._station = station
        self._sent = [b"\x7e"]

    def draw(self):
        """The next octets to send, as a list of pieces that arrive one after the other."""
        pieces = self._rng.choice(_KINDS)(self)
        self._sent = pieces
        return pieces

    def request(self):
        """An APDU in one frame, or in segments."""
        rng, station = self._rng, self._station
        size = station.max_info if rng.randrange(4) else rng.choice((4, 10, 40))
        apdu = self._requests.draw()
        if len(apdu) // size > 30:
            size = station.max_info
        return station.segments(apdu[:3000], size)

    def on(self):
        """RR: the next segment, the last answer again, or nothing to say."""
        return [self._station.ready()]

    def numbered(self):
        """I, RR or RNR with wrong numbers, with and without poll."""
        rng = self._rng
        mark = rng.randrange(256)
        if rng.randrange(2):
            mark = mark & 0xF0 | rng.choice((_RR, _RNR))
        tail = _LLC + self._requests.draw()[:100] if rng.randrange(2) else b""
        return [self._station.frame(mark, tail, rng.randrange(8) == 0)]

    def opening(self):
        """SNRM with parameters in and out of range, DISC, and SNRM of another client."""
        rng, station = self._rng, self._station
        if rng.randrange(4) == 0:
            return [station.disc()]
        field = b"".join(self._parameter() for _ in range(rng.randrange(5)))
        field = b"\x81\x80" + bytes((len(field) & 0xFF,)) + field if field else b""
        if rng.randrange(3) == 0:
            field = mutated(rng, field)
        frame = station.snrm(field)
        if rng.randrange(4) == 0:
            frame = Station(rng.choice(_CLIENTS), rng.choice(_SIZES)).snrm(field)
        return [frame]

    def _parameter(self):
        rng = self._rng
        identifier = rng.choice(tuple(_PARAMETERS))
        size = rng.choice((0, 1, 2, 4))
        value = rng.choice((0, 1, 7, 32, 128, 2030, rng.randrange(_PARAMETERS[identifier])))
        return bytes((identifier, size)) + (value & (1 << 8 * size) - 1).to_bytes(size, "big")

    def addressed(self):
        """Any addresses, any control octet, checks right."""
        rng = self._rng
        server = mutated(rng, self._station.address)[:5] or b"\x03"
        source = bytes((rng.choice((0x21, 0x41, 0x61, 0xFF, 0x01, rng.randrange(256))),))
        mark = rng.choice((0x03, 0x13, 0x93, 0x53, 0x10, 0x11, rng.randrange(256)))
        tail = rng.choice((b"", _LLC + self._requests.draw()))
        return [Frame(server, source, mark, tail[:2040]).encode()]

    def damaged(self):
        """A good frame with its check sequences or its length wrong, cut off or run together."""
        rng = self._rng
        whole = b"".join(self._station.segments(self._requests.draw()[:300], 128))
        if rng.randrange(2):
            self._station.n_s = (self._station.n_s - 1) & 7
        return [mutated(rng, whole)]

    def again(self):
        """What was sent before, once more."""
        return self._sent

    def noise(self):
        """Plain octets, some of them behind a flag and a format field."""
        rng = self._rng
        head = rng.choice((b"", b"", b"\x7e", b"\x7e\xa0", b"\x7e\xa7\xff", bytes((FLAG,)) * 5))
        return [head + some(rng, rng.choice((1, 3, 10, 40, 200)))]


_KINDS = (
    *[Frames.request] * 10, *[Frames.on] * 3, *[Frames.numbered] * 2, Frames.opening,
    Frames.addressed, *[Frames.damaged] * 2, Frames.again, *[Frames.noise] * 2,
)  # fmt: skip
