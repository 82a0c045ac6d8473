"""What is measured through the RS-485 line of the running meter, with the reader's own client."""

from __future__ import annotations

import time
from dataclasses import dataclass

from . import apdu, axdr
from .bench_prompt import Prompt
from .bench_store import LOAD_PROFILE
from .bench_wire import Answer, Spread, TimedWire, Transfer
from .client import Session
from .control import Control
from .errors import ProtocolError, SilenceError
from .hdlc import Deframer
from .link import Link
from .target import Target

_PORT = "rs485"  # firmware/meter.toml
_CLIENT, _SERVER = 32, b"\x03"  # the reader; logical device 1
PASSWORD = b"12345678"  # the demo key
_PATIENCE_S = 30.0  # real time: a busy machine must not make the reader repeat itself

POWER = (3, bytes((1, 0, 1, 7, 0, 255)), 2)  # active power import
_CLOCK = (8, bytes((0, 0, 1, 0, 0, 255)), 2)
_LIST = (15, bytes((0, 0, 40, 0, 0, 255)), 2)
GETS = (  # name, attribute, how often
    ("register 1-0:1.7.0, value", POWER, 200),
    ("clock 0-0:1.0.0, time", _CLOCK, 60),
    ("object list 0-0:40.0.0, first block of 1024 octets", _LIST, 60),
)
LINKS = ((128, 1), (128, 7), (512, 1), (2030, 7))  # information field, window proposed
_PROFILE = (7, LOAD_PROFILE, 2)
ROWS = (100, 1000)  # of the load profile, its youngest ones
ENDS = ((128, 1), (2030, 7))  # of LINKS: rows take their time
SPEEDS = {9600: 0x15, 115200: 0x17}  # Bd: the line of port/uart.py, 8N1


class Line:
    """A reader on the RS-485 line whose every answer is timed."""

    def __init__(self, target: Target, control: Control):
        self._target, self._control = target, control
        self.baud = 9600  # firmware/meter.toml; see set_baud()

    def set_baud(self, prompt: Prompt, baud: int) -> None:
        """Lets the stopped meter's line have another speed; the far end follows."""
        prompt.run(f"loop.channels[1]._uart.set_line({SPEEDS[baud]})")
        self.baud = baud

    def session(self, max_info: int = 128, window: int = 1) -> tuple[Session, TimedWire]:
        """A session that is not connected yet, and its wire."""
        wire = TimedWire(self._target.url(_PORT), self._control, _PORT)
        link = Link(_CLIENT, _SERVER, max_info, window)
        session = Session(wire, link, _PATIENCE_S)
        session.set_line(self.baud)
        return session, wire


def waits(answers: list[Answer]) -> list[float]:
    return [answer.wait_ms for answer in answers]


def first_answer(session: Session, request: bytes) -> None:
    """Sends a GET and takes the first frame of its answer; the rest is never asked for."""
    link, frames = session.link, Deframer()
    session.wire.write(link.request(request))
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        for frame in frames.feed(session.wire.read()):
            if link.is_mine(frame):
                link.step(frame)
                return
    raise SilenceError("the meter left a GET without an answer")


def gets(line: Line) -> dict[str, list[float]]:
    """Waiting times of the GETs, ms, by name; one association for all."""
    session, wire = line.session()
    session.connect()
    session.associate(PASSWORD)
    wire.taken()
    found = {}
    for name, attribute, count in GETS:
        request = apdu.get_normal(*attribute)
        for _ in range(count):
            first_answer(session, request)
        found[name] = waits(wire.taken())
    session.close()
    return found


@dataclass(frozen=True)
class Openings:
    """Waiting times, ms, of every step of many associations."""

    ua: Spread
    aare: Spread
    get: Spread
    rlre: Spread
    count: int


def openings(line: Line, count: int) -> Openings:
    """Connect, associate with a password, GET, release, disconnect; and again."""
    session, wire = line.session()
    steps: list[list[float]] = []
    for _ in range(count):
        session.connect()
        session.associate(PASSWORD)
        session.get(*POWER)
        session.release()
        session.disconnect()
        steps.append(waits(wire.taken()))
    session.close()
    ua, aare, get, rlre, _ = zip(*steps, strict=True)
    return Openings(Spread.of(ua), Spread.of(aare), Spread.of(get), Spread.of(rlre), count)


def transfers(line: Line, rows: int) -> list[Transfer]:
    """Every reading over every link at the line's speed; rows: that the load profile has."""
    found = [transfer(line, "register", POWER, LINKS[0])]  # one frame whatever the link
    found += [transfer(line, "object list", _LIST, link) for link in LINKS]
    for count in ROWS:
        if count <= rows:
            found += [profile_rows(line, rows, count, link) for link in ENDS]
    return found


def profile_rows(line: Line, rows: int, count: int, link: tuple[int, int]) -> Transfer:
    """Reads the youngest rows of the load profile, which has so many, by entries."""
    selection = apdu.select_entries(rows - count + 1, rows)
    return transfer(line, f"load profile, {count} rows", _PROFILE, link, selection, count)


def transfer(line: Line, name: str, attribute: tuple, link: tuple[int, int],
             selection: bytes = b"", count: int = 0) -> Transfer:  # fmt: skip
    """Reads an attribute over a link of these parameters, as far as the meter agrees.

    count: elements that the array has to have, 0 for any."""
    session, wire = line.session(*link)
    session.connect()
    session.associate(PASSWORD)
    wire.taken()
    class_id, obis, number = attribute
    value = session.get_octets(class_id, obis, number, selection)
    answers = wire.taken()
    agreed = session.link.max_info_rx, session.link.window_rx
    session.close()
    found = axdr.decode(value)
    if count and not (isinstance(found, list) and len(found) == count):
        raise ProtocolError(f"the meter did not send {count} rows")
    return Transfer.of(name, line.baud, agreed, len(value), answers)


def busy_percent(control: Control, seconds: float) -> float:
    """Share of the core while the meter runs and both lines are silent."""
    before = control.ask("cpu")
    control.wait(seconds)
    after = control.ask("cpu")
    busy, idle = (after[name] - before[name] for name in ("busy_us", "idle_us"))
    return 100.0 * busy / (busy + idle)
