"""Sign-on of IEC 62056-21 up to the hand-over to HDLC in mode E, client side. Bytes only.

client  / ? address ! CR LF                       300 Bd 7E1
meter   / XXX Z \\ 2 ident CR LF                   300 Bd 7E1
client  ACK 2 Z 2 CR LF                           300 Bd 7E1
meter   ACK 2 Z 2 CR LF                           speed of Z, 7E1; then both go on in 8N1
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import GarbageError, SignOnError, UsageError

BAUDS = {"0": 300, "1": 600, "2": 1200, "3": 2400, "4": 4800, "5": 9600, "6": 19200}
FASTER = {"7": 115200}  # an agreement of this project, outside of the standard
_MAX_LINE = 64  # octets: / + 3 + 1 + "\\2" + 16 + CR LF, and noise before it
_MAX_ADDRESS = 32


@dataclass(frozen=True)
class Identification:
    """What a meter says about itself: maker, speed character, mode E, identification text."""

    maker: str
    speed: str
    mode_e: bool
    text: str

    @property
    def baud(self) -> int:
        return BAUDS.get(self.speed) or FASTER.get(self.speed, 0)


def request(address: str = "") -> bytes:
    """The request message; without an address every meter on the line answers."""
    if len(address) > _MAX_ADDRESS or not (address.isalnum() or address.replace(" ", "") == ""):
        raise UsageError("a meter address has at most 32 letters and digits")
    return b"/?" + address.encode("ascii") + b"!\r\n"


def find_line(data: bytes) -> bytes | None:
    """The identification line in what has come so far, without CR LF; None: wait for more."""
    start = data.find(b"/")
    end = data.find(b"\r\n", start) if start >= 0 else -1
    if end >= 0:
        return data[start:end]
    if len(data) > _MAX_LINE:
        raise GarbageError(NOT_A_LINE)
    return None


NOT_A_LINE = (
    "what came back is no identification of a meter: wrong speed or parity at the "
    "optical port (it must be 300 baud 7E1 here), or noise on the line"
)


def identification(line: bytes) -> Identification:
    """Takes '/XXXZ\\2ident' apart."""
    text = line.decode("ascii", "replace")
    if len(text) < 5 or not text[1:4].isalpha() or not text.isprintable():
        raise GarbageError(NOT_A_LINE)
    mode_e = text[5:7] == "\\2"
    ident = text[7:] if text[5:6] == "\\" else text[5:]
    return Identification(text[1:4], text[4], mode_e, ident)


def choose_speed(offered: Identification, limit: str) -> str:
    """The speed character to acknowledge: the meter's own, or a lower one we were told to use."""
    if not offered.mode_e:
        raise SignOnError(f"the meter {offered.maker} {offered.text} does not offer mode E")
    if not offered.baud:
        raise SignOnError(f"the meter proposes the speed '{offered.speed}', which is unknown")
    return min(offered.speed, limit)


def acknowledge(speed: str) -> bytes:
    """ACK 2 Z 2: HDLC protocol, speed Z, binary mode."""
    return b"\x062" + speed.encode("ascii") + b"2\r\n"
