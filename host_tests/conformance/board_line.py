"""The emulated board through its TCP doors; time is the board's."""

import contextlib

import bad_input
import octets
from microcosem.target import Target

_BROADCAST = octets.frame(b"\xff\x21\x43")  # DISC to all stations, which nobody answers
_GAP_MS = 300  # longer than the inter-octet time-out, 200 ms
_RESPONSE_S = 0.1  # the board answers within milliseconds


class Board:
    """A running board; line(door) lends a line that is as if the board had just been started."""

    kind = "pico"

    def __init__(self):
        self._target = Target("pico")
        self._open = contextlib.ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._target.stop()

    def alive(self):
        return self._target.alive()

    @contextlib.contextmanager
    def line(self, door):
        target = self._target
        with target.control() as control, contextlib.closing(
            bad_input.Tap(target.doors[door])
        ) as tap:
            line = Line(bad_input.Line(target, door, tap, control))
            line.at_rest()
            yield line


class Line:
    """One line of the board, as host_line.Line is one of the meter in this process."""

    def __init__(self, line):
        self._line = line
        self._mark = 0

    def at_rest(self):
        """Closes whatever link was left open; the optical port goes back to 300 Bd."""
        self.wait(_GAP_MS)
        self._line.send(_BROADCAST)
        self.wait(_GAP_MS)
        if self._line.door == "optical":
            self._line.await_sign_on(15.0)
        self._line.settle()
        self._mark = len(self._line.heard)

    @property
    def baud(self):
        return self._line.uart()["baud"]

    def send(self, data):
        self._line.send(data)

    def send_slowly(self, data, gap_ms=4):
        for octet in data:
            self._line.send(bytes((octet,)))
            self.wait(gap_ms)

    def wait(self, ms):
        self._line.wait(ms / 1000)

    def listen(self):
        slow = self._line.uart()["bits"] == 7  # the sign-on, and its confirmation
        self._line.wait(bad_input.REACTION_S if slow else _RESPONSE_S)
        self._line.settle()
        heard, self._mark = self._line.heard[self._mark :], len(self._line.heard)
        return heard

    def nothing(self):
        """What comes although nothing should: waits longer than for an answer."""
        self.wait(_GAP_MS)
        return self.listen()

    def exchange(self, data):
        self.send(data)
        return self.listen()
