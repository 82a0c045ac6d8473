"""Data readout of IEC 62056-21 in mode C, client side. Bytes only.

meter  STX  line CR LF ...  ! CR LF  ETX  BCC      7E1, BCC: exclusive or of all behind STX
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from operator import xor

from .errors import GarbageError

NAK = b"\x15"
_STX, _ETX = b"\x02", b"\x03"
_SET = re.compile(r"([^()/!]*)\(([^()/!]*)\)")


@dataclass(frozen=True)
class Line:
    """One value: its address, mostly C.D.E of the OBIS code, and its unit, which may be ''."""

    address: str
    value: str
    unit: str


def acknowledge(speed: str) -> bytes:
    """ACK 0 Z 0: normal protocol, speed Z, data readout."""
    return b"\x060" + speed.encode("ascii") + b"0\r\n"


def find_block(data: bytes) -> bytes | None:
    """STX to BCC in what has come so far; None: wait for more."""
    start = data.find(_STX)
    end = data.find(_ETX, start) if start >= 0 else -1
    return data[start : end + 2] if 0 <= end < len(data) - 1 else None


def is_good(block: bytes) -> bool:
    """Does the check character fit? Then the exclusive or with it is zero."""
    return reduce(xor, block[1:]) == 0


def lines(block: bytes) -> list[Line]:
    """The values of a good block; address(value) repeats within a line."""
    found = []
    for line in block[1:-2].decode("ascii", "replace").split("\r\n"):
        sets = _SET.findall(line)
        if "".join(f"{address}({content})" for address, content in sets) != line.rstrip("!"):
            raise GarbageError(f"the readout has a line that is none: {line!r}")
        for address, content in sets:
            value, _, unit = content.partition("*")
            before = found[-1].address if found else ""  # a value may leave its address out
            found.append(Line(address or before, value, unit))
    return found
