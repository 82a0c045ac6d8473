"""Setups and tables as the source has them: classes 24, 26, 27, 28, 29, 61, 63.

    class 24  speed = 1200, primary_addresses = [1], tabis = []
    class 26  table = 1, buffer = "00 0A", octets in hexadecimal
    class 27  speed = 9600, initialization = [ { request = "ATZ", response = "OK", delay_ms = 500 } ]
              modem_profile = ["OK", "CONNECT"]
    class 28  windows = ["always"], calls = 0, rings = [2, 4]
    class 29  repetitions = 3, repetition_delay_s = 60, windows = [], destinations = ["0123"]
    class 61  of = 3, cells = "1-0:81.7.255", groups = [1, 2], attribute = "value",
              unit = "deg", scaler = 0
    class 63  status = { slot = "PROFILE_STATUS_1", type = "unsigned" }, table = 1, entry = 1
              or entries = [ 1, 2, 3, 4, 5, 6, 7, 8 ], one for each bit
"""

from __future__ import annotations

from . import data
from .names import CLASSES, TYPES, UNITS, UNSIGNED, obis
from .source import Section

_SPEEDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
_LIST_MAX = 32
_TABLE_MAX = 512  # cosem/utility_tables.py
_NO_MODEM = 3
_OPEN = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\x00\xff"  # a date-time with nothing fixed
_SLOT_MAX = 255


def _array(elements: list[bytes]) -> bytes:
    return b"\x01" + data.length(len(elements)) + b"".join(elements)


def _structure(*elements: bytes) -> bytes:
    return b"\x02" + data.length(len(elements)) + b"".join(elements)


def _u16(value: int) -> bytes:
    return b"\x12" + value.to_bytes(2, "big")


def _speed(section: Section) -> bytes:
    speed = section.number("speed", 300, 115200)
    if speed not in _SPEEDS:
        known = ", ".join(str(one) for one in _SPEEDS)
        raise section.error(f"{speed} Bd has no number in this class, only {known} have", "speed")
    return bytes((0x16, _SPEEDS.index(speed)))


def _list(section: Section, key: str, low: int, high: int, most: int = _LIST_MAX) -> list[int]:
    """Integers within low..high."""
    found = section.items(key, [])
    for one in found:
        if isinstance(one, bool) or not isinstance(one, int) or not low <= one <= high:
            raise section.error(f"'{key}' must hold integers from {low} to {high}", key)
    if len(found) > most:
        raise section.error(f"'{key}' may hold {most} at most", key)
    return found


def _strings(section: Section, key: str) -> bytes:
    found = section.items(key, [])
    if len(found) > _LIST_MAX:
        raise section.error(f"'{key}' may hold {_LIST_MAX} at most", key)
    if not all(isinstance(one, str) and one.isascii() and len(one) < 255 for one in found):
        raise section.error(f"'{key}' must hold strings of up to 254 ASCII characters", key)
    return _array([data.octet_string(one.encode()) for one in found])


def _windows(section: Section) -> bytes:
    # Only the open window can be written here; others are for the client to set.
    found = section.items("windows", [])
    if any(one != "always" for one in found):
        raise section.error("'windows' must hold \"always\" or nothing", "windows")
    return _array([_structure(data.octet_string(_OPEN), data.octet_string(_OPEN))] * len(found))


def twisted_pair(made, section: Section, reader) -> None:
    """Class 24: mode inactive, speed, two lists."""
    made.attributes[2] = b"\x16\x00"
    made.attributes[3] = _speed(section)
    addresses = _list(section, "primary_addresses", 0, 255)
    made.attributes[4] = _array([bytes((0x11, one)) for one in addresses])
    tabis = _list(section, "tabis", -128, 127)
    made.attributes[5] = _array([bytes((0x0F, one & 0xFF)) for one in tabis])


def utility_table(made, section: Section, reader) -> None:
    """Class 26: number of the table and contents; the length follows from them."""
    made.attributes[2] = _u16(section.number("table", 0, 0xFFFF))
    try:
        contents = bytes.fromhex(section.text("buffer"))
    except ValueError:
        raise section.error("'buffer' must be pairs of hexadecimal digits", "buffer") from None
    if len(contents) > _TABLE_MAX:
        raise section.error(f"a table has {_TABLE_MAX} octets at most", "buffer")
    made.attributes[4] = data.octet_string(contents)


def modem(made, section: Section, reader) -> None:
    """Class 27: speed, what is said to the modem, what it says."""
    made.attributes[2] = _speed(section)
    lines = []
    for line in section.sections("initialization"):
        texts = [data.octet_string(line.text(key).encode()) for key in ("request", "response")]
        lines.append(_structure(*texts, _u16(line.number("delay_ms", 0, 0xFFFF))))
        line.close()
    made.attributes[3] = _array(lines)
    made.attributes[4] = _strings(section, "modem_profile")


def auto_answer(made, section: Section, reader) -> None:
    """Class 28: windows, calls and rings; there is no modem."""
    made.attributes[2] = bytes((0x16, _NO_MODEM))
    made.attributes[3] = _windows(section)
    made.attributes[5] = bytes((0x11, section.number("calls", 0, 255, 0)))
    rings = _list(section, "rings", 0, 255)
    if len(rings) != 2:
        raise section.error("'rings' is two numbers: within a window and outside", "rings")
    made.attributes[6] = _structure(*(bytes((0x11, one)) for one in rings))


def auto_connect(made, section: Section, reader) -> None:
    """Class 29: tries, windows and destinations; there is no modem."""
    made.attributes[2] = b"\x16\x00"
    made.attributes[3] = bytes((0x11, section.number("repetitions", 0, 255)))
    made.attributes[4] = _u16(section.number("repetition_delay_s", 0, 0xFFFF))
    made.attributes[5] = _windows(section)
    made.attributes[6] = _strings(section, "destinations")


def register_table(made, section: Section, reader) -> None:
    """Class 61: the objects whose values make a row of cells; it is empty at first."""
    class_id = section.number("of", 1, 0xFFFF)
    code = obis(section.text("cells"))
    if code is None or code[4] != 255:
        raise section.error("'cells' must be an OBIS code with 255 in the place of E", "cells")
    if class_id not in CLASSES:
        raise section.error(f"the firmware does not serve class {class_id}", "of")
    names = CLASSES[class_id][2]
    name = section.text("attribute", "value")
    if name not in names:
        raise section.error(f"class {class_id} has no attribute '{name}'", "attribute")
    groups = _list(section, "groups", 0, 255)
    made.attributes[2] = b"\x01\x00"
    made.attributes[3] = _structure(
        _u16(class_id), data.octet_string(code), _array([bytes((0x11, one)) for one in groups]),
        bytes((0x0F, names.index(name) + 1)))
    unit = section.text("unit")
    if unit not in UNITS:
        raise section.error(f"'{unit}' is no unit of the standard", "unit")
    scaler = section.number("scaler", -128, 127)
    made.attributes[4] = _structure(bytes((0x0F, scaler & 0xFF)), bytes((0x16, UNITS[unit])))


def status_mapping(made, section: Section, reader) -> None:
    """Class 63: a live value and what its bits stand for."""
    status = section.section("status")
    slot, kind = status.text("slot"), status.text("type")
    if slot not in reader.slots or reader.slots[slot] > _SLOT_MAX:
        raise status.error(f"the meter has no live value '{slot}'", "slot")
    if kind not in UNSIGNED or kind in ("enum", "bcd"):
        raise status.error("a status word is an unsigned integer", "type")
    status.close()
    made.argument, made.source = reader.slots[slot], f"live {slot}"
    made.attributes[2] = bytes([TYPES[kind]]) + bytes(UNSIGNED[kind])
    table = bytes((0x11, section.number("table", 0, 255)))
    if section.has("entries"):
        entries = _list(section, "entries", 0, 0xFFFF, 64)
        if len(entries) != 8 * UNSIGNED[kind]:
            raise section.error("'entries' needs one number for each bit", "entries")
        made.attributes[3] = _structure(table, _array([_u16(one) for one in entries]))
    else:
        made.attributes[3] = _structure(table, _u16(section.number("entry", 0, 0xFFFF)))


BOUND = {24: twisted_pair, 26: utility_table, 27: modem, 28: auto_answer, 29: auto_connect,
         61: register_table, 63: status_mapping}
