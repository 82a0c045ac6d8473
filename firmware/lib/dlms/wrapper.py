# DOOR of the wrapper: APDUs over TCP and UDP. IEC 62056-47; port 4059 is registered for it.
#
#   0001 version | source wPort | destination wPort | length | APDU          all u16
# wPorts are SAPs; an answer has them swapped. There is no link: nothing is numbered or repeated,
# and the association ends with RLRQ or with the connection.
#
# A stream is cut anywhere and may bring several APDUs at once. Octets are taken up to the end of
# the first request that has an answer; the rest is due when the answer is gone.
from micropython import const

from dlms.fcs import move

_HEADER = const(8)
_WRAPPER_VERSION = const(1)
_LENGTH_AT = const(6)
_CLIENT_MAX = const(0x7D)  # 0 is nobody, 7F everybody


class Wrapper:
    """One peer. `server` is the application: answer(...), serves(...), released(), out.

    broken: what came is no wrapper; a stream can't be understood any further and is to be closed.
    dropped: requests without an answer, because nobody has that wPort or a datagram is damaged.
    """

    def __init__(self, server):
        self.server = server
        self.broken = False
        self.dropped = 0
        self._request = bytearray(_HEADER + server.max_pdu_rx)
        self._have = 0  # octets of it
        self._size = _HEADER  # of the request, once its header is there
        self._at = 0  # of the answer: next octet to send, and behind the last; the header
        self._end = 0  # counts from -8

    def feed(self, buf, pos: int, end: int, now_ms: int) -> int:
        """Take octets of buf[pos:end]; returns the position behind them.

        That is end, unless an answer is due or the stream is broken.
        """
        self.server.now_ms = now_ms
        while pos < end and not self.answering() and not self.broken:
            count = min(self._size - self._have, end - pos)
            move(self._request, self._have, buf, pos, count)
            self._have += count
            pos += count
            if self._have == self._size:
                self._complete()
        return pos

    def datagram(self, buf, end: int, now_ms: int):
        """Take the datagram buf[0:end]; it holds exactly one request, or it is dropped."""
        self.forget()
        if self.answering() or end <= _HEADER or end - _HEADER != _u16(buf, _LENGTH_AT):
            self.dropped += 1
            return
        self.feed(buf, 0, end, now_ms)
        if self.broken:
            self.dropped += 1
            self.forget()

    def reply(self, out) -> int:
        """Write what is to be sent next into out, 8 octets at least; its size, 0 = nothing."""
        pos = 0
        if self._at < 0:
            pos = self._put_header(out)
            self._at = 0
        server = self.server
        count = min(self._end - self._at, len(out) - pos)
        move(out, pos, server.out, server.out_pos + self._at, count)
        self._at += count
        return pos + count

    def answering(self) -> bool:
        """Is there an answer, or the rest of one, to be sent?"""
        return self._at < self._end

    def forget(self):
        """Give up the request that has begun to come."""
        self.broken = False
        self._have = 0
        self._size = _HEADER

    def closed(self):
        """The peer is gone, and with it the association."""
        self.forget()
        self._at = self._end = 0
        self.server.released()

    def _complete(self):
        """The header is there, or the whole request."""
        if self._size > _HEADER:
            self._serve()
            self.forget()
            return
        self._size += _u16(self._request, _LENGTH_AT)
        fits = _HEADER < self._size <= len(self._request)
        if not fits or _u16(self._request, 0) != _WRAPPER_VERSION:
            self.broken = True

    def _serve(self):
        request = self._request
        server = self.server
        client = _u16(request, 2)
        device = _u16(request, 4)
        if not 0 < client <= _CLIENT_MAX or not server.serves(device):
            self.dropped += 1
            return
        server.answer(client, device, request, _HEADER, self._size)
        self._end = server.out_end - server.out_pos
        self._at = -_HEADER if self._end else 0

    def _put_header(self, out) -> int:
        # The request's, which is still there: version, and the wPorts the other way round.
        move(out, 0, self._request, 0, 2)
        move(out, 2, self._request, 4, 2)
        move(out, 4, self._request, 2, 2)
        out[_LENGTH_AT] = self._end >> 8
        out[_LENGTH_AT + 1] = self._end & 0xFF
        return _HEADER


def _u16(buf, at: int) -> int:
    return buf[at] << 8 | buf[at + 1]
