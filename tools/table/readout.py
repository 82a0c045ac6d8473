"""Section [readout]: the lines of the data readout, IEC 62056-21 modes A and C.

[readout]
"0.0.0" = "0-0:96.1.0"          a constant text, or what the meter shows in its place
"0.9.1" = "0-0:1.0.0 time"      the clock, hhmmss
"0.9.2" = "0-0:1.0.0 date"      the clock, YYMMDD
"1.8.0" = "1-0:1.8.0 kWh"       a live value in its unit, or in that with k or M in front
firmware/lib/cosem/readout.py tells the layout of a record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .names import SIGNED, UNSIGNED, obis, show_obis
from .objects import CONSTANT, LIVE, Object
from .source import Section

_TEXT, _NUMBER, _TIME, _DATE = range(4)
_ID = re.compile(r"\d{1,3}\.\d{1,3}(\.\d{1,3})?$")
_VALUE_MAX = 32  # characters of a value in a readout
_PREFIXES = {"": 0, "k": 3, "M": 6}
_CLOCK = {"time": ("0.9.1", _TIME, "hhmmss"), "date": ("0.9.2", _DATE, "YYMMDD")}
_CLASSES = (3, 1, 8)


@dataclass
class Line:
    """A line: what is fixed of it, and how its value is made."""

    head: str
    tail: str
    shape: str  # of the value, for people
    name: str
    form: int = _TEXT
    slot: int = 0
    digits: int = 0
    decimals: int = 0

    @property
    def text(self) -> str:
        return self.head + self.shape + self.tail

    def record(self) -> bytes:
        """As the firmware reads it."""
        head, tail = self.head.encode(), self.tail.encode()
        fixed = bytes((self.form, self.slot, self.digits, self.decimals & 0xFF, len(head)))
        return bytes((1 + len(fixed) + len(head) + len(tail),)) + fixed + head + tail


def read(root: Section, found: list[Object]) -> list[Line]:
    """The lines in their order; none when the section is missing: then there is no readout."""
    if not root.has("readout"):
        return []
    section = root.section("readout")
    return [_line(section, key, found) for key in section.data]


def _line(section: Section, key: str, found: list[Object]) -> Line:
    if not _ID.match(key) or max(int(part) for part in key.split(".")) > 255:
        raise section.error(f"'{key}' is no reduced OBIS code C.D.E", key)
    words = section.text(key).split()
    code = obis(words[0]) if len(words) in (1, 2) else None
    if code is None:
        raise section.error(
            f"'{section.text(key)}' must be an OBIS code A-B:C.D.E.F and a unit, time or date", key)
    made = _object(found, code)
    if made is None:
        raise section.error(f"there is no object {show_obis(code)} to read out", key)
    wanted = words[1] if len(words) == 2 else ""
    if made.class_id == 8:
        return _clock(section, key, made, wanted)
    if made.kind == LIVE:
        return _live(section, key, made, wanted)
    return _text(section, key, made, wanted, found)


def _object(found: list[Object], code: bytes) -> Object | None:
    # Of the management logical device; a register before others of the same code.
    for class_id in _CLASSES:
        for made in found:
            if (made.device, made.class_id, made.obis) == (1, class_id, code):
                return made
    return None


def _clock(section: Section, key: str, made: Object, wanted: str) -> Line:
    if wanted not in _CLOCK:
        raise section.error("of a clock the 'time' or the 'date' is read out", key)
    own, form, shape = _CLOCK[wanted]
    if key != own:
        raise section.error(f"the {wanted} of the clock is {own}, not {key}", key)
    return Line(key + "(", ")", shape, f"{made.name}, {wanted}", form)


def _live(section: Section, key: str, made: Object, wanted: str) -> Line:
    _same_code(section, key, made)
    unit = "" if made.unit == "none" else made.unit
    wanted = wanted or unit
    prefix = wanted[: len(wanted) - len(unit)] if wanted.endswith(unit) else "?"
    if prefix not in _PREFIXES or prefix and not unit:
        raise section.error(f"{made.title()} is in {made.unit}, which '{wanted}' is not", key)
    decimals = _PREFIXES[prefix] - made.scaler
    digits = max(len(str(_largest(made.type_name))), decimals + 1)
    tail = f"*{wanted})" if wanted else ")"
    return Line(key + "(", tail, _shape(digits, decimals), made.name, _NUMBER, made.argument,
                digits, decimals)


def _largest(kind: str) -> int:
    """The largest magnitude a type of integer holds."""
    return 1 << 8 * SIGNED[kind] - 1 if kind in SIGNED else (1 << 8 * UNSIGNED[kind]) - 1


def _shape(digits: int, decimals: int) -> str:
    if decimals <= 0:
        return "0" * (digits - decimals)
    return "0" * (digits - decimals) + "." + "0" * decimals


def _text(section: Section, key: str, made: Object, wanted: str, found: list[Object]) -> Line:
    if made.kind != CONSTANT or made.type_name not in ("octet-string", "visible-string"):
        raise section.error(
            f"{made.title()} is no live value, no constant text and no clock", key)
    if not key.startswith("0.0."):  # numbers of the meter go by 0.0.n, whatever object has them
        _same_code(section, key, made)
    if wanted:
        raise section.error(f"a text has no unit '{wanted}'", key)
    content = made.constant[2:]  # 09 or 0A and one octet of length, as it is short
    if len(content) > _VALUE_MAX or not re.fullmatch(rb"[ -~]*", content) or set(content) & set(
        b"()/!*"
    ):
        raise section.error(
            f"a text of the readout has at most {_VALUE_MAX} printable characters without "
            "( ) / ! and *", key)
    row = found.index(made)
    return Line(key + "(", ")", content.decode(), made.name, _TEXT, row >> 8, row & 0xFF)


def _same_code(section: Section, key: str, made: Object) -> None:
    own = "{}.{}.{}".format(*made.obis[2:5])
    if key != own:
        raise section.error(f"{show_obis(made.obis)} is read out as {own}, not as {key}", key)
