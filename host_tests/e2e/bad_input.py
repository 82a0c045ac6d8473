"""A line of a meter with us on it: bad input goes in, all that the meter sends is kept.

    with trial(target, "rs485") as line:
        line.send(b"...")              anything at all
At the end the next client on the same line must be served, at its first request, and every octet
that the meter sent since the beginning must belong to a message of its protocols.
"""

import contextlib
import random
import re
import selectors
import socket
import threading
import time

from microcosem import apdu, hdlc
from microcosem.client import open_session
from microcosem.hdlc import Frame, client_address, server_address
from microcosem.link import Link
from microcosem.wire import Wire

CLIENT, SERVER = client_address(32), server_address(1)
PASSWORD = b"12345678"  # of the reader, firmware/meter.toml
REQUEST = b"/?!\r\n"
ACKNOWLEDGE = b"\x06252\r\n"  # mode E, 9600 Bd
LLC = b"\xe6\xe6\x00"
SNRM, DISC = 0x93, 0x53
GAP_S = 0.3  # longer than the inter-octet time-out, 200 ms
_VOLTAGE = (3, bytes((1, 0, 32, 7, 0, 255)), 2)  # 10 mV; conftest.py feeds 230 V
_STEP_S = 0.05  # of the meter's time; it reacts sooner, except in the sign-on
REACTION_S = 0.5  # of the sign-on: 0.2 and the first character
_PATIENCE_S = 30.0  # real time: a busy machine must not look like a silent meter
_MESSAGES = (
    re.compile(rb"/[A-Za-z]{3}5\\2[ -.0-~]{1,16}\r\n"),  # identification
    re.compile(rb"\x06252\r\n"),  # confirmation
    # A readout, line by line: a request may end it. Then its end, with the check character.
    re.compile(rb"\x02?\d{1,3}\.\d{1,3}\.\d{1,3}\([ -'*-~]*\)\r\n"),
    re.compile(rb"!\r\n\x03[\x00-\x7f]"),
)
_GOOD = (
    apdu.aarq(PASSWORD),
    apdu.get_normal(1, bytes((0, 0, 42, 0, 0, 255)), 2),
    apdu.get_normal(1, bytes((0, 0, 96, 51, 0, 255)), 2),  # 600 octets
    apdu.get_next(1),
    apdu.rlrq(),
)
_KINDS = ("UA", "DM", "FRMR", "RR", "I")


def frame(control, information=b"", segmented=False, server=SERVER, client=CLIENT):
    """The octets of a good frame to the meter."""
    return Frame(server, client, control, information, segmented).encode()


def noise(seed, count):
    """Octets at random, more often those that begin or end something."""
    dice = random.Random(seed)
    special = b"\x7e\x7e\x7e\xa0\xa0\xa8/?!\r\n\x06\x00\xff\x03\x41\x93"
    return bytes(
        dice.choice(special) if dice.random() < 0.4 else dice.randrange(256) for _ in range(count)
    )


def strange(heard):
    """The rest of what a meter sent from the first octet on that is no message; empty if none."""
    while heard:
        size = _message(heard)
        if not size:
            return heard
        heard = heard[size:]
    return heard


def _message(heard):
    """Octets of the identification, confirmation or good frame at the start; 0 if it is none."""
    for pattern in _MESSAGES:
        if match := pattern.match(heard):
            return match.end()
    size = 2 + ((heard[1] & 7) << 8 | heard[2]) if len(heard) > 2 else 0
    if heard[0] != hdlc.FLAG or len(heard) < size or heard[size - 1] != hdlc.FLAG:
        return 0
    found = hdlc.decode(heard[1 : size - 1])
    good = found is not None and found.kind in _KINDS and len(found.destination) == 1
    return size if good else 0


class Tap:
    """Holds the connection to a door, and lends it to one client at a time at `url`.

    heard: all that the meter sent; said: all that clients sent. A thread moves the octets.
    """

    def __init__(self, port):
        self.heard, self.said = b"", b""
        self._door = socket.create_connection(("127.0.0.1", port))
        self._server = socket.create_server(("127.0.0.1", 0))
        self._client = None
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._door, selectors.EVENT_READ, self._from_meter)
        self._selector.register(self._server, selectors.EVENT_READ, self._admit)
        self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"
        self._ending = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self):
        while not self._ending:
            for key, _ in self._selector.select(0.05):
                key.data()

    def _from_meter(self):
        piece = self._door.recv(4096)
        if not piece:
            self._selector.unregister(self._door)
        self.heard += piece
        if self._client is not None:
            with contextlib.suppress(OSError):  # it has just left
                self._client.sendall(piece)

    def _admit(self):
        self._client, _ = self._server.accept()
        self._selector.register(self._client, selectors.EVENT_READ, self._from_client)

    def _from_client(self):
        try:
            piece = self._client.recv(4096)
        except ConnectionError:
            piece = b""
        self.said += piece
        if piece:
            self._door.sendall(piece)
        else:
            self._selector.unregister(self._client)
            self._client.close()
            self._client = None

    def send(self, octets):
        self._door.sendall(octets)

    def close(self):
        self._ending = True
        self._thread.join()
        for end in (self._door, self._server, self._client):
            if end is not None:
                end.close()
        self._selector.close()


class Line:
    """One line under test: a Tap, and the control door to know the meter's time and counts."""

    def __init__(self, target, door, tap, control):
        self.target, self.door = target, door
        self._tap, self._control = tap, control
        self._before = self.uart()
        self._sent = 0

    @property
    def heard(self):
        return self._tap.heard

    def uart(self):
        """Statistics of the meter's UART."""
        return self._control.ask("uart", port=self.door)

    def far_end(self, **line):
        """Emulated board only: fixes baud, bits, parity of our end, or auto=True."""
        self._control.ask("far_end", port=self.door, **line)

    def wait(self, seconds):
        """Lets so much of the meter's time pass."""
        self._control.wait(seconds)

    def send(self, octets):
        """Puts octets on the line; returns when the meter has them."""
        self._tap.send(octets)
        self._sent += len(octets)
        self._until(lambda: self.uart()["rx"] - self._before["rx"] >= self._sent)

    def send_askew(self, octets, seconds):
        """Emulated board only: octets in another format than the meter's, and a pause."""
        before = self.uart()["last_rx_end_us"]
        self._tap.send(octets)
        self._until(lambda: self.uart()["last_rx_end_us"] != before and not self.uart()["waiting"])
        self.wait(seconds)
        self._sent = self.uart()["rx"] - self._before["rx"]

    def _until(self, done):
        end = time.monotonic() + _PATIENCE_S
        while not done():
            assert time.monotonic() < end, "the meter does not react"
            self._control.wait(_STEP_S / 10)

    def settle(self):
        """Waits until the meter has nothing more to say and we have heard all of it."""
        before = -1
        while (now := self.uart()["tx"]) != before:
            before = now
            self.wait(_STEP_S)
        self._until(lambda: len(self.heard) >= self.uart()["tx"] - self._before["tx"])

    def answer(self, octets, within_s=_STEP_S):
        """Sends; all that comes back until the line is quiet."""
        mark = len(self.heard)
        self.send(octets)
        self.wait(within_s)
        self.settle()
        return self.heard[mark:]

    def frames(self, octets):
        """Sends; the frames that come back up to a final one."""
        mark, found = len(self.heard), []

        def final():
            found[:] = hdlc.Deframer().feed(self.heard[mark:])
            return found and found[-1].final

        self.send(octets)
        self._until(final)
        return found

    def message(self, octets):
        """Sends; the message of the sign-on that comes back."""
        mark = len(self.heard)
        self.send(octets)
        self._until(lambda: self.heard.endswith(b"\n", mark))
        return self.heard[mark:]

    def block(self, octets, within_s=60.0):
        """Sends; the readout that comes back, to the check character; at 300 Bd ten seconds."""
        mark, end = len(self.heard), self._control.time_s() + within_s
        self.send(octets)
        while not re.search(rb"!\r\n\x03.", self.heard[mark:], re.DOTALL):
            assert self._control.time_s() < end, "no readout"
            self.wait(_STEP_S)
        self.settle()
        return self.heard[mark:]

    def sign_on(self):
        """Up to the hand-over: 9600 Bd, HDLC, no link yet."""
        assert self.message(REQUEST)[:1] == b"/"
        assert self.message(ACKNOWLEDGE) == ACKNOWLEDGE
        self.wait(GAP_S)  # the meter changes its line behind the last bit

    def await_sign_on(self, within_s=6.0):
        """Waits until the optical port is back at 300 Bd; within the meter's time."""
        end = self._control.time_s() + within_s
        while self.uart()["baud"] not in range(295, 306):
            assert self._control.time_s() < end, "the port is not back at 300 Bd"
            self.wait(0.1)

    def next_client(self, client=32, password=PASSWORD):
        """A well-behaved reader, which needs no second try."""
        mark = len(self._tap.said)
        link = Link(client, SERVER)
        session = open_session(
            Wire(self._tap.url), link, mode_e=self.door == "optical", timeout_s=10.0
        )
        try:
            session.associate(password)
            voltage = session.get(*_VOLTAGE)
        finally:
            session.close()
        assert abs(voltage - 23000) < 230, voltage
        said = self._tap.said[mark:]
        assert said.count(REQUEST) == (self.door == "optical")
        assert [f.kind for f in hdlc.Deframer().feed(said)].count("SNRM") == 1
        self._sent += len(said)


@contextlib.contextmanager
def on(target, door):
    """A Line; at its end all that was heard must have been protocol."""
    with target.control() as control, contextlib.closing(Tap(target.doors[door])) as tap:
        line = Line(target, door, tap, control)
        if door == "optical":
            line.await_sign_on()
        try:
            yield line
        finally:
            if target.kind == "pico":
                line.far_end(auto=True)
        line.settle()
        assert strange(line.heard) == b"", line.heard.hex(" ")


@contextlib.contextmanager
def trial(target, door, within_s=6.0):
    """A Line; at its end, after the pause that bad input may need, comes the next client.

    within_s: of the meter's time, until the optical port must take a sign-on again.
    """
    with on(target, door) as line:
        yield line
        if door == "optical":
            line.await_sign_on(within_s)
        else:
            line.wait(GAP_S)
        line.next_client()


_TAGS = bytes((0x01, 0x05, 0x60, 0x62, 0xC0, 0xC1, 0xC3, 0xC8, 0xD9, 0xE0))


def _damaged(dice, good):
    """Some octets changed, the end cut off, a piece doubled."""
    made = bytearray(good)
    for _ in range(dice.randrange(4)):
        made[dice.randrange(len(made))] = dice.choice(
            (0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256))
        )
    at = dice.randrange(len(made) + 1)
    return bytes(dice.choice((made, made[:at], made[:at] + made[at // 2 :]))[:110])


def apdus(seed, count):
    """APDUs: damaged good ones, known tags with anything behind, anything."""
    dice = random.Random(seed)
    for _ in range(count):
        good = dice.choice(_GOOD)
        yield dice.choice(
            (
                _damaged(dice, good),
                _damaged(dice, good),
                bytes((dice.choice(_TAGS),)) + dice.randbytes(dice.randrange(60)),
                dice.randbytes(dice.randrange(1, 90)),
            )
        )


class Talker:
    """Keeps the numbers of one link, so that any APDU comes in a frame that is due."""

    def __init__(self, line):
        self._line = line
        assert [found.kind for found in line.frames(frame(SNRM))] == ["UA"]
        self._n_s = self._n_r = 0

    def ask(self, request):
        """The first frame of the answer: I, or RR when there is none."""
        control = self._n_r << 5 | 0x10 | self._n_s << 1
        (answer,) = self._line.frames(frame(control, LLC + request))
        self._n_s = self._n_s + 1 & 7
        assert answer.kind in ("I", "RR") and answer.n_r == self._n_s, request.hex()
        if answer.kind == "I":
            assert answer.n_s == self._n_r
            self._n_r = self._n_r + 1 & 7
        return answer.information[3:]
