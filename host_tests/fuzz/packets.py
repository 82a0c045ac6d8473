"""Requests in the wrapper of IEC 62056-47, right, beside it and cut anywhere.

0001 version | source wPort | destination wPort | length | APDU          all u16
"""

from mutations import mutated, some

_VERSION = 1
_SERVER = 1
_LENGTHS = (0, 1, 7, 1024, 1025, 2048, 0x7FFF, 0xFFFF)


def packet(client, apdu, server=_SERVER, size=None, version=_VERSION):
    """An APDU with its header; size is what the header says of it."""
    size = len(apdu) if size is None else size
    return b"".join(n.to_bytes(2, "big") for n in (version, client, server, size)) + apdu


class Packets:
    """Draws octets for the stream, as frames.Frames does for the line."""

    def __init__(self, rng, requests, client):
        self._rng = rng
        self._requests = requests
        self.client = client
        self._sent = [b"\x00"]

    def draw(self):
        """The next octets to send, as a list of pieces that arrive one after the other."""
        self._sent = self._rng.choice(_KINDS)(self)
        return self._sent

    def request(self):
        """A whole request at once."""
        return [packet(self.client, self._requests.draw()[:3000])]

    def pieces(self):
        """A request cut in two or three."""
        whole = self.request()[0]
        cuts = sorted(self._rng.randrange(len(whole) + 1) for _ in range(2))
        return [piece for piece in (whole[: cuts[0]], whole[cuts[0] : cuts[1]], whole[cuts[1] :])
                if piece]  # fmt: skip

    def several(self):
        """Requests that come in one piece."""
        return [b"".join(self.request()[0] for _ in range(self._rng.randrange(2, 5)))]

    def header(self):
        """Any wPorts, versions and lengths."""
        rng = self._rng
        apdu = self._requests.draw()[:100]
        return [packet(
            rng.choice((0, self.client, 16, 0x7D, 0x7E, 0xFFFF)), apdu,
            rng.choice((0, 1, 1, 2, 0x3FFF, 0xFFFF)),
            rng.choice((len(apdu), *_LENGTHS)), rng.choice((1, 1, 0, 2, 0xFFFF)))]  # fmt: skip

    def damaged(self):
        return [mutated(self._rng, self.request()[0])]

    def again(self):
        return self._sent

    def noise(self):
        return [some(self._rng, self._rng.choice((1, 8, 40, 600)))]


_KINDS = (
    *[Packets.request] * 10, *[Packets.pieces] * 3, *[Packets.several] * 2, *[Packets.header] * 2,
    *[Packets.damaged] * 2, Packets.again, Packets.noise,
)  # fmt: skip
