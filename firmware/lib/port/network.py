# The wrapper's TCP and UDP ports: non-blocking sockets, polled by the main loop.
#
# Only for targets with a network: main.py imports this when config.WRAPPER_PORT says so, because
# a MicroPython without one has no socket module. Receiving allocates, as sockets do.
#
# Each of the two serves one peer at a time, like a serial line. Another is turned away, unless
# the first has been silent for so long that it has probably crashed.
import socket

from micropython import const

_EAGAIN = const(11)
_CHUNK = const(512)  # octets per pass; a longer request or answer takes more passes
_BACKLOG = const(2)
_TICK_MS = const(4)  # new connections and time-outs are looked after this often
_ABANDONED_MS = const(15000)  # a peer silent for so long does not keep another one out
_TICKS_MASK = const(0x3FFFFFFF)
_CLOSED = b""


def _bound(kind: int, address: str, port: int):
    """A non-blocking socket on that port; OSError when it cannot be had."""
    made = socket.socket(socket.AF_INET, kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(socket.getaddrinfo(address, port)[0][-1])
    made.setblocking(False)
    return made


def _would_block(error: OSError) -> bool:
    return error.errno == _EAGAIN


class Tcp:
    """Connections to a dlms.wrapper.Wrapper; inactivity_ms 0 = a silent one is never closed."""

    def __init__(self, door, address: str, port: int, inactivity_ms: int):
        self.door = door
        self._inactivity_ms = inactivity_ms
        self._listening = _bound(socket.SOCK_STREAM, address, port)
        self._listening.listen(_BACKLOG)
        self._peer = None
        self._in = _CLOSED  # octets that came, from _pos on not yet taken
        self._pos = 0
        self._out = memoryview(bytearray(_CHUNK))
        self._at = 0
        self._end = 0
        self._ticked_ms = 0
        self._heard_ms = 0

    def poll(self, now_ms: int) -> bool:
        """Move octets both ways; True when something was done."""
        busy = False
        if self._peer is not None:
            busy = self._receive(now_ms)
            busy = self._send() or busy
        if (now_ms - self._ticked_ms) & _TICKS_MASK >= _TICK_MS:
            self._ticked_ms = now_ms
            self._tick(now_ms)
        return busy

    def _receive(self, now_ms: int) -> bool:
        """Octets go to the door when it is ready for them, and only then are more fetched."""
        if self._at < self._end or self.door.answering():
            return False
        if self._pos == len(self._in):
            got = self._fetch()
            if got is None:
                return False
            if got == _CLOSED:
                self._close()
                return True
            self._in = got
            self._pos = 0
            self._heard_ms = now_ms
        self._pos = self.door.feed(self._in, self._pos, len(self._in), now_ms)
        if self.door.broken:
            self._close()
        return True

    def _fetch(self):
        """What has come; None when nothing has, empty when the peer is gone."""
        try:
            return self._peer.recv(_CHUNK)
        except OSError as error:
            return None if _would_block(error) else _CLOSED

    def _send(self) -> bool:
        if self._at == self._end:
            self._at = 0
            self._end = self.door.reply(self._out)
        if self._at == self._end:
            return False
        try:
            self._at += self._peer.send(self._out[self._at : self._end]) or 0
        except OSError as error:
            if not _would_block(error):
                self._close()
            return False
        return True

    def _tick(self, now_ms: int):
        silent_ms = (now_ms - self._heard_ms) & _TICKS_MASK
        if self._peer is not None and self._inactivity_ms and silent_ms > self._inactivity_ms:
            self._close()
        try:
            newcomer = self._listening.accept()[0]
        except OSError:
            return  # nobody
        if self._peer is not None and silent_ms <= _ABANDONED_MS:
            newcomer.close()
            return
        self._close()
        newcomer.setblocking(False)
        self._peer = newcomer
        self._heard_ms = now_ms

    def _close(self):
        """End the connection; what was on its way is lost with it."""
        if self._peer is not None:
            self._peer.close()
            self._peer = None
            self.door.closed()
        self._in = _CLOSED
        self._pos = self._at = self._end = 0


class Udp:
    """Datagrams to a dlms.wrapper.Wrapper; an association belongs to the address it came from."""

    def __init__(self, door, address: str, port: int, inactivity_ms: int):
        self.door = door
        self._inactivity_ms = inactivity_ms
        self._socket = _bound(socket.SOCK_DGRAM, address, port)
        self._peer = None
        self._heard_ms = 0
        self._size = len(door.server.out)  # no request is longer than this, and no answer
        self._out = bytearray(self._size)

    def poll(self, now_ms: int) -> bool:
        """Serve one datagram; True when there was one."""
        silent_ms = (now_ms - self._heard_ms) & _TICKS_MASK
        if self._peer is not None and self._inactivity_ms and silent_ms > self._inactivity_ms:
            self._leave()
        try:
            got, peer = self._socket.recvfrom(self._size)
        except OSError:
            return False
        if peer != self._peer:
            if self.door.server.association.status and silent_ms <= _ABANDONED_MS:
                return True
            self._leave()
        self._peer = peer
        self._heard_ms = now_ms
        self.door.datagram(got, len(got), now_ms)
        self._answer(peer)
        return True

    def _answer(self, peer):
        n = self.door.reply(self._out)
        if n:
            try:
                self._socket.sendto(memoryview(self._out)[:n], peer)
            except OSError:
                pass  # as lost on the way

    def _leave(self):
        self._peer = None
        self.door.closed()
