"""The far ends of the fake UARTs: memory in unit tests, TCP doors when a meter runs.

A door carries characters (their data bits), one client at a time; a second one waits until the
first has left. Without a client, what is sent is lost, as on a line that nobody listens to.
"""

import socket

LOOPBACK = "127.0.0.1"


class Wire:
    """Characters to and from one UART, in memory; line is what the UART was last set to."""

    def __init__(self):
        self.rx = bytearray()  # on the way to the firmware
        self.tx = bytearray()  # what the firmware has sent
        self.line = None  # (baud, bits, parity)
        self.received = 0
        self.sent = 0

    def pump(self):
        """Move what can be moved."""

    def take(self, count):
        """The next characters for the firmware."""
        made = bytes(self.rx[:count])
        self.rx = self.rx[count:]
        self.received += len(made)
        return made

    def send(self, data):
        self.tx += data
        self.sent += len(data)


class Door(Wire):
    """A Wire whose far end is a TCP client."""

    def __init__(self, port):
        super().__init__()
        self.server, self.port = listen(port)
        self.client = None

    def pump(self):
        if self.client is None:
            self.client = accept(self.server)
            if self.client is None:
                self.tx = bytearray()
                return
        data = receive(self.client)
        if data == b"":
            self.client.close()
            self.client = None
        elif data is not None:
            self.rx += data
        self._flush()

    def send(self, data):
        super().send(data)
        self._flush()

    def _flush(self):
        if self.client is not None and self.tx:
            self.tx = self.tx[send(self.client, self.tx) :]


def listen(port):
    """(socket, port); port 0 = choose. MicroPython cannot tell which, so it is tried."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for candidate in [port] if port else range(20000 + id(server) // 64 % 20000, 65000, 7):
        try:
            server.bind(socket.getaddrinfo(LOOPBACK, candidate)[0][-1])
            server.listen(4)
            server.setblocking(False)
            return server, candidate
        except OSError:
            pass
    raise OSError("port %d of 127.0.0.1 cannot be opened" % port)


def free(port):
    """The port, or one to choose if it is 0, seen to be free for TCP and UDP."""
    server, port = listen(port)
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        datagrams.bind(socket.getaddrinfo(LOOPBACK, port)[0][-1])
    except OSError:
        raise OSError("UDP port %d of 127.0.0.1 cannot be opened" % port)
    finally:
        datagrams.close()
        server.close()
    return port


def accept(server):
    """The next client, or None."""
    try:
        client = server.accept()[0]
    except OSError:
        return None
    client.setblocking(False)
    client.setsockopt(6, 1, 1)  # IPPROTO_TCP, TCP_NODELAY
    return client


def receive(client):
    """Octets, b"" when the client has left, None when there is nothing yet."""
    try:
        return client.recv(4096)
    except OSError as error:
        return None if error.errno == 11 else b""  # EAGAIN


def send(client, data):
    """How many octets went out; a client that is gone swallows all."""
    try:
        return client.send(data)
    except OSError as error:
        return 0 if error.errno == 11 else len(data)


wires = [Wire(), Wire()]  # by UART number; start.py puts Doors here
