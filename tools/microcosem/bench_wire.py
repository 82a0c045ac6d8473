"""Answers of a meter as the emulated board's line saw them, in simulated time.

A TimedWire is the reader's port. Before the reader sends again it asks the control socket when the
meter began to answer what was sent last, so neither the reader nor the machine is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from .control import Control
from .errors import SilenceError
from .wire import Wire

_BITS = 10  # of a character, 8N1


@dataclass(frozen=True)
class Answer:
    """One request and what came back, until the reader's next request.

    sent, received: octets; wait_ms: last bit in to first bit out; send_ms: first to last bit out.
    """

    sent: int
    received: int
    wait_ms: float
    send_ms: float
    octet_ms: float

    @property
    def wire_ms(self) -> float:
        """What the octets alone need."""
        return (self.sent + self.received) * self.octet_ms

    @property
    def elapsed_ms(self) -> float:
        """First bit in to last bit out."""
        return self.sent * self.octet_ms + self.wait_ms + self.send_ms


@dataclass(frozen=True)
class Spread:
    """Least, median and greatest of some values, and how many there are."""

    least: float
    middle: float
    most: float
    count: int

    @classmethod
    def of(cls, values) -> Spread:
        values = list(values)
        return cls(min(values), median(values), max(values), len(values))


class TimedWire(Wire):
    """A port of the reader that keeps an Answer for each thing it sent."""

    def __init__(self, url: str, control: Control, port: str):
        super().__init__(url)
        self.answers: list[Answer] = []
        self._control, self._name = control, port
        self._sent = self._received = 0

    def write(self, data: bytes) -> None:
        self.note()
        super().write(data)
        self._sent = len(data)

    def read(self) -> bytes:
        data = super().read()
        self._received += len(data)
        return data

    def note(self) -> None:
        """Keeps the answer to what was sent last, if anything was."""
        if not self._sent:
            return
        state = self._control.ask("uart", port=self._name)
        answer = answer_of(self._sent, self._received, state)
        if answer is None:
            raise SilenceError("the meter left a request without an answer")
        self.answers.append(answer)
        self._sent = self._received = 0

    def taken(self) -> list[Answer]:
        """The answers so far, the last one included; the list starts anew."""
        self.note()
        answers, self.answers = self.answers, []
        return answers


def answer_of(sent: int, received: int, state: dict) -> Answer | None:
    """From the statistics of a line once an answer has come; None without one."""
    first_us = state["first_tx_start_us"]
    if first_us is None or not received:
        return None
    octet_ms = _BITS * 1000.0 / state["baud"]
    wait_ms = (first_us - state["last_rx_end_us"]) / 1000
    # The end of the last stop bit may not have been noted yet when its data bits were heard.
    send_ms = max((state["last_tx_end_us"] - first_us) / 1000, received * octet_ms)
    return Answer(sent, received, wait_ms, send_ms, octet_ms)


@dataclass(frozen=True)
class Transfer:
    """A value read with some link parameters: what was agreed, and what it took."""

    name: str
    baud: int
    max_info: int
    window: int
    octets: int  # of the value
    frames: int  # the reader's
    wire_ms: float
    elapsed_ms: float  # without the reader's own thinking

    @property
    def ratio(self) -> float:
        return self.elapsed_ms / self.wire_ms

    @classmethod
    def of(cls, name: str, baud: int, link: tuple[int, int], octets: int,
           answers: list[Answer]) -> Transfer:  # fmt: skip
        """link: information field and window that were agreed."""
        wire_ms = sum(answer.wire_ms for answer in answers)
        elapsed_ms = sum(answer.elapsed_ms for answer in answers)
        return cls(name, baud, *link, octets, len(answers), wire_ms, elapsed_ms)
