"""Profiles, class 7: capture objects by name, checked against all the objects of the meter.

    columns = ["0-0:1.0.0.255 time", "1-0:1.8.0.255", "1-0:1.8.0.255 scaler_unit 2"]
    period_s = 900          0 = by the method capture alone
    entries = 960
    sort = "fifo"           or "lifo", or "largest 1-0:1.7.0.255 value", smallest, nearest_to_zero,
                            farthest_from_zero: by that column

A column is an OBIS code, the name of an attribute ("value" when it is left out, "all" for all of
them) and the number of an element, when only that is wanted. "class 3" behind the OBIS code picks
one of several objects with that code.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass

from . import data
from .names import CLASSES, TYPES, obis
from .source import Section

_METHODS = ("fifo", "lifo", "largest", "smallest", "nearest_to_zero", "farthest_from_zero")
_UNSORTED = 2
_COLUMNS_MAX = 40
_RECORD_MAX = 512
_ENTRIES_MAX = 0xFFFFFF
_PERIOD_MAX = 0x7FFFFFFF
_LOGS = 0x7F  # numbers of the logs of profiles, 1 to 127
_PROFILE, _BUFFER, _ASSOCIATION = 7, 2, 15
_NO_OBJECT = b"\x02\x04\x12\x00\x00\x09\x06" + bytes(6) + b"\x0f\x00\x12\x00\x00"
# Octets of attributes that the class file makes; what is not listed may grow to 34.
_MOMENT, _WORD, _OCTET = 14, 3, 2
_MADE = {
    (8, 2): _MOMENT, (8, 3): _WORD, (8, 4): _OCTET, (8, 5): _MOMENT, (8, 6): _MOMENT,
    (8, 7): _OCTET, (8, 8): _OCTET, (8, 9): _OCTET, (3, 3): 6, (7, 7): 5, (7, 8): 5,
    (4, 5): _MOMENT, (5, 6): _MOMENT, (5, 7): _MOMENT, (70, 2): _OCTET, (70, 3): _OCTET,
}
_GROWS = 34


@dataclass
class Column:
    """One capture object and the octets that its Data may have."""

    encoded: bytes
    size: int


def bind(made, section: Section, reader) -> None:
    """Attributes 2 to 8 of a profile; the columns when all objects are there."""
    if made.device != 1:
        raise section.error("profiles belong to the management logical device, number 1", "device")
    columns = section.items("columns")
    if not 1 <= len(columns) <= _COLUMNS_MAX:
        raise section.error(f"a profile has 1 to {_COLUMNS_MAX} columns", "columns")
    method, _, by = section.text("sort", "fifo").partition(" ")
    if method not in _METHODS:
        raise section.error(f"'{method}' is none of {', '.join(_METHODS)}", "sort")
    number = _METHODS.index(method) + 1
    if bool(by) != (number > _UNSORTED):
        raise section.error(f"'{method}' is {'not ' if by else ''}by a column", "sort")
    made.attributes[2] = data.octet_string(b"")  # what is kept beside the rows
    made.attributes[4] = _u32(section.number("period_s", 0, _PERIOD_MAX))
    made.attributes[5] = bytes((TYPES["enum"], number))
    made.attributes[8] = _u32(section.number("entries", 1, _ENTRIES_MAX))
    made.argument = binascii.crc_hqx(made.obis, 0xFFFF) % _LOGS + 1
    made.source = f"{method}, every {section.raw('period_s')} s" if section.raw("period_s") else (
        f"{method}, by capture")
    reader.later.append(lambda found: _finish(made, section, columns, by, found))


def _u32(number: int) -> bytes:
    return bytes((TYPES["double-long-unsigned"],)) + number.to_bytes(4, "big")


def _finish(made, section: Section, columns: list, by: str, found: list) -> None:
    parts = [_column(section, "columns", text, found) for text in columns]
    encoded = [part.encoded for part in parts]
    if len(set(encoded)) != len(encoded):
        raise section.error("a column stands there twice", "columns")
    size = sum(part.size for part in parts)
    if size > _RECORD_MAX:
        raise section.error(
            f"a row has up to {size} octets and {_RECORD_MAX} is the limit", "columns")
    made.attributes[3] = b"\x01" + data.length(len(encoded)) + b"".join(encoded)
    made.attributes[6] = _column(section, "sort", by, found).encoded if by else _NO_OBJECT
    if by and made.attributes[6] not in encoded:
        raise section.error(f"'{by}' is not one of the columns", "sort")
    made.source += f"; {len(parts)} columns, rows of up to {size} octets"
    for other in found:
        if other.class_id == _PROFILE and other is not made and other.argument == made.argument:
            raise section.error(
                f"{made.title()} and {other.title()} would share a log: one of them needs "
                "another OBIS code", "obis")


def _column(section: Section, key: str, text, found: list) -> Column:
    words = text.split() if isinstance(text, str) else []
    code = obis(words[0]) if words else None
    if code is None:
        raise section.error(f"'{text}' is no column: an OBIS code and an attribute", key)
    picked, words = _class(words[1:])
    known = [one for one in found if one.device == 1 and one.obis == code
             and picked in (None, one.class_id)]
    if not known:
        raise section.error(f"there is no object '{text}'", key)
    if len(known) > 1:
        raise section.error(f"several objects are '{text}': say 'class' and its number", key)
    try:
        attribute, element = _attribute(known[0], words)
    except ValueError as error:
        raise section.error(f"'{text}': {error}", key) from None
    if known[0].class_id == _ASSOCIATION:
        raise section.error(f"'{text}': an association tells of who asks, and nobody does", key)
    if known[0].class_id == _PROFILE and attribute in (0, _BUFFER):
        raise section.error(f"'{text}': the buffer of a profile is not captured", key)
    encoded = (b"\x02\x04\x12" + known[0].class_id.to_bytes(2, "big") + data.octet_string(code)
               + bytes((TYPES["integer"], attribute, TYPES["long-unsigned"], 0, element)))
    return Column(encoded, _size(known[0], attribute, element))


def _class(words: list[str]) -> tuple[int | None, list[str]]:
    # .. class 3 ..
    if len(words) > 1 and words[0] == "class" and words[1].isdigit():
        return int(words[1]), words[2:]
    return None, words


def _attribute(one, words: list[str]) -> tuple[int, int]:
    """Numbers of the attribute and the element that the words name."""
    _, title, names, _, secret = CLASSES[one.class_id]
    name = words[0] if words else "value"
    if name != "all" and name not in names:
        raise ValueError(f"the class {title} has no attribute '{name}', only {', '.join(names)}")
    number = 0 if name == "all" else names.index(name) + 1
    if number in secret:
        raise ValueError("nobody may read that")
    if len(words) > 2 or len(words) == 2 and not (words[1].isdigit() and 1 <= int(words[1]) < 256):
        raise ValueError("behind the attribute there is at most the number of an element, 1 to 255")
    return number, int(words[1]) if len(words) == 2 else 0


def _size(one, attribute: int, element: int) -> int:
    if element:
        return _GROWS
    if attribute == 0:
        count = len(CLASSES[one.class_id][2])
        return 2 + sum(_size(one, number, 0) for number in range(1, count + 1))
    if attribute == 1:
        return 8
    if (one.class_id, attribute) in _MADE:
        return _MADE[one.class_id, attribute]
    if attribute == 2 and one.longest:
        return one.longest + 4
    default = one.attributes.get(attribute) or (one.constant if attribute == 2 else b"")
    if default:
        return len(default)
    if attribute == 2 and one.type_name:
        return _of_type(one.type_name)
    return _GROWS


def _of_type(name: str) -> int:
    sizes = {"unsigned": 2, "integer": 2, "enum": 2, "boolean": 2, "long": 3, "long-unsigned": 3,
             "double-long": 5, "double-long-unsigned": 5, "long64": 9, "long64-unsigned": 9}
    return sizes.get(name, _GROWS)
