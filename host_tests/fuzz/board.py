"""The emulated board through its doors, for the same cases as the doors in this process.

The image runs untouched; only the speed of RS-485 is set at the prompt, to 115200 Bd, because
simulated time costs real time. At the end the firmware's own stats() tell bugs and heap.
"""

import contextlib
import socket
import time
from collections import Counter

import config
from apdus import opening
from doors import ACCEPTED, ACKNOWLEDGE, NAME, NAME_ANSWER, PUBLIC, Broken
from frames import Station
from microcosem.bench_prompt import Prompt
from microcosem.hdlc import POLL, Deframer, Frame
from microcosem.target import Target

_LINE = 0x17  # 115200 Bd, 8N1: the line int of port/uart.py
_FAST = f"c = loop.channels[1]; c._line = {_LINE}; c._uart.set_line({_LINE})"
_START_S = 1.0  # until main.py is in its loop
_PATIENCE_S = 30.0  # real time: a busy machine is no silent board
_STEP_S = 0.006
_SILENT_S = 0.05  # a link answers sooner, or not at all; a collection of garbage takes 20 ms
_LOST_S = 1.0  # of silence, simulated and real, after which octets do not come any more
_OVER_S = 2.0  # of silence: no message goes on so late
_SILENT_SLOW_S = 0.5  # of the sign-on: reaction time and the first character
_LAST_S = 30.0
_GAP_MS = 250  # longer than the inter-octet time-out
_LONG_MS = 1000
_CLOSED_S = 3.0  # optical port, behind DISC: back to 300 Bd
_BROADCAST = Frame(b"\xff", b"\x21", 0x43).encode()  # DISC to all stations


class Board:
    """A running emulated board; `door(name)` is one of its lines."""

    def __init__(self):
        with contextlib.ExitStack() as opened:
            self._target = opened.enter_context(Target("pico"))
            self.control = opened.enter_context(self._target.control())
            self.control.wait(_START_S)
            self._prompt = opened.enter_context(Prompt(self._target.doors["prompt"]))
            self._prompt.run(_FAST)
            self.before = self.stats()
            self._prompt.start("run()")
            self._open = opened.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._open.close()

    def door(self, name):
        return BoardDoor(name, self._target.doors[name], self.control)

    def stats(self):
        """(heap used, heap free, overruns, frames dropped, bugs) of the stopped meter."""
        return self._prompt.value("print(stats())")

    def end(self):
        """Stops the meter; raises when it caught a bug or its heap has grown."""
        self._prompt.interrupt()
        after = self.stats()
        if after[4]:
            bug = self._prompt.run("print([repr(c.door.link.server.last_bug) if hasattr("
                                   "c.door, 'link') else repr(c.door.server.last_bug) "
                                   "for c in loop.channels])")  # fmt: skip
            raise Broken(f"{after[4]} bugs were caught: {bug}")
        return self.before, after


class BoardDoor:
    """As doors.HdlcDoor, on the other side of a UART."""

    def __init__(self, name, port, control):
        self.name = name
        self.answers = Counter()
        self.sent = 0
        self._control = control
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setblocking(False)
        self._frames = Deframer()
        self._final = False
        uart = self._uart()
        self._rx, self._tx = uart["rx"], uart["tx"]
        self._sent = self._heard = 0  # octets since then
        self.limits = Station()
        self._station = Station(PUBLIC)

    def close(self):
        self._socket.close()

    def _uart(self):
        return self._control.ask("uart", port=self.name)

    def hear(self, octets):
        """Everything the board answers until it is silent or has said the last word."""
        self.sent += 1
        slow = self._uart()["bits"] == 7
        self._socket.sendall(octets)
        self._sent += len(octets)
        self._until_taken(slow)
        return self._listen(_SILENT_SLOW_S if slow else _SILENT_S, slow)

    def wait(self, ms):
        """Let time pass; what takes longer than a second is for the doors with a clock of their own."""
        self._control.wait(min(ms, _LONG_MS) / 1000)
        return self._listen(_STEP_S, self._uart()["bits"] == 7)

    def _until_taken(self, slow):
        # The doors are sockets of their own: only the UART's counters tell who is ahead. Octets
        # that arrive while the meter changes the line are nobody's.
        began = time.monotonic()
        step_s = _STEP_S if slow else _STEP_S / 10
        before, still_s = -1, 0.0
        while still_s < _LOST_S or time.monotonic() < began + _LOST_S:
            uart = self._uart()
            taken = uart["rx"] - self._rx
            if taken >= self._sent:
                return
            if time.monotonic() > began + _PATIENCE_S:
                raise Broken("the board does not take what it is sent")
            still_s = 0.0 if taken != before or uart["waiting"] else still_s + step_s
            before = taken
            self._control.wait(step_s)
        self._sent = taken

    def _listen(self, silent_s, slow):
        answers, quiet, waited, self._final = [], 0.0, 0.0, False
        while quiet < silent_s and not self._final:
            self._control.wait(_STEP_S)
            came = self._came()
            answers += self._cut(came, slow)
            quiet = 0.0 if came else quiet + _STEP_S
            waited += _STEP_S
            if waited > _LAST_S:
                raise Broken("the board does not stop sending")
        return answers

    def _came(self):
        """What the board has sent, all that its UART has counted."""
        octets = b""
        wanted = self._uart()["tx"] - self._tx
        end = time.monotonic() + _PATIENCE_S
        while self._heard + len(octets) < wanted:
            try:
                octets += self._socket.recv(65536)
            except BlockingIOError:
                time.sleep(0.001)
            if time.monotonic() > end:
                raise Broken("octets of the board got lost")
        self._heard += len(octets)
        return octets

    def _cut(self, octets, slow):
        """Whole messages: frames, or the text of the sign-on as it came."""
        if slow:
            self.answers["sign-on"] += bool(octets)
            return [octets] if octets else []
        answers = []
        for frame in self._frames.feed(octets):
            self._judge(frame)
            self._final = frame.final
            answers.append(frame.encode())
        if self._frames.bad or self._frames.skipped:
            raise Broken(f"octets that are no frame: {octets.hex()}")
        return answers

    def _judge(self, frame):
        field = self.limits.heard(frame.encode())
        if field is not None and len(field) > self.limits.max_info:
            raise Broken(f"{len(field)} octets in a frame, {self.limits.max_info} negotiated")

    # --- the promises --------------------------------------------------------------------------

    def sign_on(self):
        """Mode E up to HDLC; all that the meter said."""
        self._await_sign_on()
        said = []
        for message in (b"/?!\r\n", ACKNOWLEDGE):
            said += self.hear(message)
        return b"".join(said)

    def _await_sign_on(self):
        for _ in range(100):
            if self._uart()["bits"] == 7:
                self._listen(_OVER_S, True)  # whatever had begun ends, a data readout too
                return
            self._control.wait(2.0)
        raise Broken("the optical port does not fall back to 300 Bd")

    def settle(self):
        """The end of a case: the next client is served."""
        self.wait(_GAP_MS)
        if self.name == "optical":
            if self._uart()["bits"] == 8:
                self.hear(_BROADCAST)
                self._control.wait(_CLOSED_S)
            said = self.sign_on()
            if said != config.IDENTIFICATION + ACKNOWLEDGE:
                raise Broken(f"no sign-on: {said!r}")
            self.wait(_GAP_MS)
        else:
            self.hear(_BROADCAST)
        self._serve()

    def _serve(self):
        station = self._station
        self._one(station.snrm())
        station.reset()
        for apdu, wanted in ((opening(PUBLIC), ACCEPTED), (NAME, NAME_ANSWER)):
            (frame,) = station.segments(apdu, 128)
            field = station.heard(self._one(frame))
            if field is None or wanted not in field:
                raise Broken(f"{apdu.hex()} was answered with {field}")
        self._one(station.disc())

    def _one(self, octets):
        answers = self.hear(octets)
        if len(answers) != 1 or answers[0][:1] != b"\x7e" or not answers[0][5] & POLL:
            uart = self._uart()
            raise Broken(f"{octets.hex()} was answered with {[a.hex() for a in answers]}; "
                         f"{uart['overruns']} overruns of the UART")  # fmt: skip
        return answers[0]
