"""Register monitors, disconnect controls and limiters as the source has them: classes 21, 70, 71.

    class 70  mode = 4                             control_mode, 0 to 6
    class 71  monitored = "3 1-0:1.7.0.255 2"      class, object, attribute
              threshold_normal = 115000            in counts of the monitored value
              threshold_emergency = 20000
              min_over_s = 30
              min_under_s = 60
              script_table = "0-0:10.0.106"
              over = 1                             scripts; left out, or 0: none
              under = 2
              group_ids = [1, 2]                   of emergency profiles; may be left out
    class 21  monitored = "3 1-0:1.7.0.255 2"
              script_table = "0-0:10.0.106"
              thresholds = [ { value = 100000, up = 1, down = 2 } ]

The type of the thresholds is that of the monitored value, which is an integer.
"""

from __future__ import annotations

from . import data
from .names import CLASSES, SIGNED, TYPES, UNSIGNED, obis, show_obis
from .source import Section

_NO_TABLE = bytes(6)
_NEVER = b"\x09\x0c\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\x00\xff"
_CONNECTED = 1
_THRESHOLDS_MAX = 16
_IDS_MAX = 32
_SECONDS_MAX = 0xFFFFFFFF
_TYPE_OF_TAG = {TYPES[name]: name for name in (*SIGNED, *UNSIGNED) if name != "bcd"}
# Integers that a class file makes: (class, attribute) -> type.
_MADE = {(8, 3): "long", (8, 4): "unsigned", (8, 7): "integer", (70, 3): "enum"}


def disconnect_control(made, section: Section, reader) -> None:
    """Class 70: mode. The state at the first start is Connected."""
    made.attributes[3] = bytes((TYPES["enum"], _CONNECTED))
    made.attributes[4] = bytes((TYPES["enum"], section.number("mode", 0, 6)))
    made.source = f"mode {made.attributes[4][1]}"
    _in_management(made, section)


def limiter(made, section: Section, reader) -> None:
    """Class 71."""
    _in_management(made, section)
    monitored = _monitored(made, section)
    thresholds = {4: "threshold_normal", 5: "threshold_emergency"}
    numbers = {number: (key, section.raw(key)) for number, key in thresholds.items()}
    made.attributes[3] = b"\x03\x00"  # whether the last action was that over the threshold
    made.attributes[6] = _u32(section.number("min_over_s", 0, _SECONDS_MAX))
    made.attributes[7] = _u32(section.number("min_under_s", 0, _SECONDS_MAX))
    made.attributes[8] = _structure(_u16(0), _NEVER, _u32(0))
    ids = section.items("group_ids", [])
    if len(ids) > _IDS_MAX or not all(isinstance(one, int) and 0 <= one <= 0xFFFF for one in ids):
        raise section.error(f"'group_ids' holds up to {_IDS_MAX} numbers, 0 to 65535", "group_ids")
    made.attributes[9] = _array([_u16(one) for one in ids])
    scripts = [(key, section.number(key, 0, 0xFFFF, 0)) for key in ("over", "under")]
    table = _table(section, scripts)
    made.attributes[11] = _structure(*(_script(table, selector) for _, selector in scripts))
    made.source = f"of {show_obis(monitored[1])}"

    def finish(found: list) -> None:
        kind = _type(section, monitored, found)
        for number, (key, given) in numbers.items():
            made.attributes[number] = _integer(section, kind, key, given)
        _scripts_there(section, table, scripts, found)

    reader.later.append(finish)


def register_monitor(made, section: Section, reader) -> None:
    """Class 21."""
    _in_management(made, section)
    monitored = _monitored(made, section)
    entries = section.sections("thresholds")
    if not 1 <= len(entries) <= _THRESHOLDS_MAX:
        raise section.error(f"a register monitor has 1 to {_THRESHOLDS_MAX} thresholds",
                            "thresholds")
    scripts, pairs, numbers = [], [], []
    for entry in entries:
        numbers.append((entry, entry.raw("value")))
        pairs.append([(key, entry.number(key, 0, 0xFFFF, 0)) for key in ("up", "down")])
        scripts += pairs[-1]
        entry.close()
    table = _table(section, scripts)
    made.attributes[4] = _array(
        [_structure(*(_script(table, selector) for _, selector in pair)) for pair in pairs])
    made.source = f"{len(entries)} thresholds of {show_obis(monitored[1])}"

    def finish(found: list) -> None:
        kind = _type(section, monitored, found)
        made.attributes[2] = _array(
            [_integer(entry, kind, "value", given) for entry, given in numbers])
        _scripts_there(section, table, [("thresholds", selector) for _, selector in scripts],
                       found)

    reader.later.append(finish)


def _in_management(made, section: Section) -> None:
    if made.device != 1:
        raise section.error(
            f"class {made.class_id} belongs to the management logical device, number 1", "device")


def _monitored(made, section: Section) -> tuple[int, bytes, int]:
    """Class, OBIS code and attribute of 'monitored'; the attribute of the object as well."""
    text = section.text("monitored")
    words = text.split()
    code = obis(words[1]) if len(words) == 3 else None
    if code is None or not (words[0].isdigit() and words[2].isdigit()):
        raise section.error(
            f"'{text}' is no value like '3 1-0:1.7.0.255 2': class, object, attribute",
            "monitored")
    class_id, index = int(words[0]), int(words[2])
    if class_id not in CLASSES or not 2 <= index <= len(CLASSES[class_id][2]):
        raise section.error(
            f"'{text}': the firmware serves no attribute {words[2]} of class {words[0]}",
            "monitored")
    number = {21: 3, 71: 2}[made.class_id]
    made.attributes[number] = _structure(
        _u16(class_id), data.octet_string(code), bytes((TYPES["integer"], index)))
    return class_id, code, index


def _type(section: Section, monitored: tuple[int, bytes, int], found: list) -> str:
    """Type name of the monitored value."""
    class_id, code, index = monitored
    for one in found:
        if (one.device, one.class_id, one.obis) == (1, class_id, code):
            kind = _type_of(one, index)
            if kind in SIGNED or kind in UNSIGNED:
                return kind
            raise section.error(
                f"attribute {index} of {one.title()} is no integer that can be compared",
                "monitored")
    raise section.error(f"there is no object {show_obis(code)} of class {class_id}", "monitored")


def _type_of(one, index: int) -> str:
    if (one.class_id, index) in _MADE:
        return _MADE[one.class_id, index]
    if index in one.attributes:
        return _TYPE_OF_TAG.get(one.attributes[index][0], "")
    # The averages of a demand register are of one type, wherever it says which.
    return one.type_name


def _integer(section: Section, kind: str, key: str, given) -> bytes:
    return bytes((TYPES[kind],)) + data.integer(section, kind, key, given)


def _table(section: Section, scripts: list[tuple[str, int]]) -> bytes:
    """The OBIS code of 'script_table', which is there when a script is."""
    if not any(selector for _, selector in scripts):
        return _NO_TABLE
    text = section.text("script_table")
    code = obis(text)
    if code is None:
        raise section.error(f"'{text}' is no OBIS code A-B:C.D.E.F", "script_table")
    return code


def _scripts_there(section: Section, table: bytes, scripts: list[tuple[str, int]],
                   found: list) -> None:
    there = [one for one in found if (one.device, one.class_id, one.obis) == (1, 9, table)]
    for key, selector in scripts:
        if selector and not (there and selector in there[0].scripts):
            raise section.error(f"there is no script {selector} in {show_obis(table)}", key)


def _script(table: bytes, selector: int) -> bytes:
    return _structure(data.octet_string(table if selector else _NO_TABLE), _u16(selector))


def _array(elements: list[bytes]) -> bytes:
    return b"\x01" + data.length(len(elements)) + b"".join(elements)


def _structure(*elements: bytes) -> bytes:
    return b"\x02" + data.length(len(elements)) + b"".join(elements)


def _u16(number: int) -> bytes:
    return bytes((TYPES["long-unsigned"],)) + number.to_bytes(2, "big")


def _u32(number: int) -> bytes:
    return bytes((TYPES["double-long-unsigned"],)) + number.to_bytes(4, "big")


BOUND = {21: register_monitor, 70: disconnect_control, 71: limiter}
