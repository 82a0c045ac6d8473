# The wrapper's sockets against real ones on the loopback, with a door that only echoes and a clock
# of the tests' own.
import socket
import time
import unittest

from port import network

_ADDRESS = "127.0.0.1"
_INACTIVITY_MS = 120000


class EchoServer:
    """Something with an association, for UDP."""

    class association:
        status = 0

    out = b"x" * 1295


class EchoDoor:
    """Answers every octet with itself, one at a time; B breaks the stream."""

    def __init__(self):
        self.server = EchoServer()
        self.server.association.status = 0
        self.broken = False
        self.waiting = b""
        self.gone = 0

    def feed(self, buf, pos, end, now_ms):
        if self.waiting or pos == end:
            return pos
        self.broken = buf[pos] == 0x42
        self.waiting = bytes(buf[pos : pos + 1])
        return pos + 1

    def datagram(self, buf, end, now_ms):
        self.waiting = bytes(buf[:end])

    def answering(self):
        return len(self.waiting) > 0

    def reply(self, out):
        n = len(self.waiting)
        out[:n] = self.waiting
        self.waiting = b""
        return n

    def closed(self):
        self.gone += 1
        self.waiting = b""
        self.broken = False


def _open(kind):
    """A port on the first free number."""
    for port in range(31000 + time.ticks_us() % 9000, 65000, 7):
        try:
            return kind(EchoDoor(), _ADDRESS, port, _INACTIVITY_MS), port
        except OSError:
            pass
    raise OSError("no free port")


def _connect(kind, port):
    made = socket.socket(socket.AF_INET, kind)
    made.connect(socket.getaddrinfo(_ADDRESS, port)[0][-1])
    made.setblocking(False)
    return made


class _Case(unittest.TestCase):
    def setUp(self):
        self.now_ms = 1000
        self.clients = []

    def tearDown(self):
        for client in self.clients:
            client.close()

    def run_for(self, ms):
        """Time passes, 4 ms a pass; the loopback gets some real time as well."""
        for _ in range(3):
            time.sleep_ms(1)
            self.port.poll(self.now_ms)
        for _ in range(0, ms, 4):
            self.now_ms += 4
            self.port.poll(self.now_ms)

    def got(self, client, ms=2000):
        """What has come back so far: octets; empty = the other side has closed; None = nothing."""
        self.run_for(ms)
        try:
            return client.recv(2000)
        except OSError as error:
            return None if error.errno == 11 else b""


class TestTcp(_Case):
    def setUp(self):
        super().setUp()
        self.port, self.number = _open(network.Tcp)

    def tearDown(self):
        super().tearDown()
        self.port._close()
        self.port._listening.close()

    def connect(self):
        client = _connect(socket.SOCK_STREAM, self.number)
        self.clients.append(client)
        self.run_for(8)
        return client

    def test_octets_in_order_through_a_door_that_takes_one_at_a_time(self):
        client = self.connect()
        text = bytes([65 + 32 + k % 26 for k in range(700)])
        client.send(text)
        found = b""
        for _ in range(20):
            found += self.got(client) or b""
        self.assertEqual(found, text)

    def test_close_by_the_client(self):
        client = self.connect()
        client.send(b"a")
        self.assertEqual(self.got(client), b"a")
        client.close()
        self.run_for(20)
        self.assertEqual(self.port.door.gone, 1)
        other = self.connect()
        other.send(b"b")
        self.assertEqual(self.got(other), b"b")

    def test_broken_stream_is_closed_after_the_answers_before_it(self):
        client = self.connect()
        client.send(b"abBcd")
        self.assertEqual(self.got(client), b"ab")
        self.assertEqual(self.got(client), b"")
        self.assertEqual(self.port.door.gone, 1)

    def test_second_client_is_turned_away(self):
        first = self.connect()
        first.send(b"a")
        self.assertEqual(self.got(first, 8), b"a")
        self.assertEqual(self.got(self.connect()), b"")
        first.send(b"b")
        self.assertEqual(self.got(first), b"b")
        self.assertEqual(self.port.door.gone, 0)

    def test_abandoned_connection_gives_way(self):
        first = self.connect()
        self.run_for(15200)
        second = self.connect()
        second.send(b"a")
        self.assertEqual(self.got(second), b"a")
        self.assertEqual(self.got(first), b"")
        self.assertEqual(self.port.door.gone, 1)

    def test_silent_connection_is_closed(self):
        client = self.connect()
        self.assertEqual(self.got(client, _INACTIVITY_MS - 200), None)
        self.assertEqual(self.got(client, 400), b"")


class TestUdp(_Case):
    def setUp(self):
        super().setUp()
        self.port, self.number = _open(network.Udp)

    def tearDown(self):
        super().tearDown()
        self.port._socket.close()

    def connect(self):
        client = _connect(socket.SOCK_DGRAM, self.number)
        self.clients.append(client)
        return client

    def test_everyone_is_served_until_one_associates(self):
        one, two = self.connect(), self.connect()
        for client in (one, two, one):
            client.send(b"hello")
            self.assertEqual(self.got(client, 8), b"hello")
        self.port.door.server.association.status = 2
        two.send(b"hello")
        self.assertEqual(self.got(two, 8), None)
        self.run_for(14000)
        one.send(b"still here")
        self.assertEqual(self.got(one, 8), b"still here")
        self.run_for(15100)
        gone = self.port.door.gone
        two.send(b"hello")
        self.assertEqual(self.got(two, 8), b"hello")
        self.assertEqual(self.port.door.gone, gone + 1)

    def test_silent_association_ends(self):
        one = self.connect()
        one.send(b"hello")
        self.assertEqual(self.got(one, 8), b"hello")
        gone = self.port.door.gone
        self.run_for(_INACTIVITY_MS - 200)
        self.assertEqual(self.port.door.gone, gone)
        self.run_for(400)
        self.assertEqual(self.port.door.gone, gone + 1)


if __name__ == "__main__":
    unittest.main()
