"""Demand registers, their maxima, and register activation: classes 4, 5 and 6.

    class 4   unit = "W", scaler = -1
    class 5   unit = "W", scaler = -1, energy = "import" or "export", period_s = 300, periods = 3
              maxima = ["1-0:1.6.0", "1-0:1.6.1"]        objects of class 4 that keep its greatest
    class 6   masks = { RATE1 = ["1-0:1.8.1", "1-0:2.8.1"], RATE2 = [..] }, active = "RATE1"
              Whatever is in a mask is assigned; what is not in the active one stands still.
"""

from __future__ import annotations

from . import data
from .names import TYPES, UNITS, obis, show_obis, unit_of
from .source import Section

_NEVER = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\x00\xff"
_DIRECTIONS = ("import", "export")
_UNIT, _SCALER = "W", -1  # meter/demand.py works in 0.1 W
_PERIOD_MAX, _PERIODS_MAX = 86400, 60
_ELEMENTS_MAX, _NAME_MAX = 32, 32  # cosem/register_activation.py
_RATES = "ENERGY_IMPORT_", "ENERGY_EXPORT_"  # slots of meter/tariffs.py


def _scaler_unit(made, section: Section) -> bytes:
    made.unit, made.scaler = section.text("unit"), section.number("scaler", -128, 127)
    if (made.unit, made.scaler) != (_UNIT, _SCALER):
        raise section.error(f"demand is in {_UNIT} with the scaler {_SCALER}", "unit")
    wanted = unit_of(made.obis)
    if wanted and wanted != _UNIT:
        raise section.error(f"{show_obis(made.obis)} is a quantity in {wanted}", "obis")
    return b"\x02\x02\x0f" + bytes((_SCALER & 0xFF, TYPES["enum"], UNITS[_UNIT]))


def extended(made, section: Section, reader) -> None:
    """Class 4: a maximum. Attribute 6 is its record, see cosem/extended_register.py."""
    made.attributes[3] = _scaler_unit(made, section)
    made.attributes[6] = data.octet_string(bytes(5) + _NEVER)
    made.type_name, made.source = "double-long-unsigned", "maximum of a demand"


def demand(made, section: Section, reader) -> None:
    """Class 5. Attribute 10 names the maxima, see cosem/demand_register.py."""
    made.attributes[4] = _scaler_unit(made, section)
    energy = section.text("energy")
    if energy not in _DIRECTIONS:
        raise section.error(f"'{energy}' is neither import nor export", "energy")
    made.argument = _DIRECTIONS.index(energy)
    period_s = section.number("period_s", 1, _PERIOD_MAX)
    periods = section.number("periods", 1, _PERIODS_MAX)
    made.attributes[8] = bytes((TYPES["double-long-unsigned"],)) + period_s.to_bytes(4, "big")
    made.attributes[9] = bytes((TYPES["long-unsigned"],)) + periods.to_bytes(2, "big")
    codes = [_code(section, "maxima", text) for text in section.items("maxima", [])]
    made.attributes[10] = data.octet_string(b"".join(codes))
    made.type_name, made.source = "double-long-unsigned", f"{energy}, {periods} x {period_s} s"
    reader.later.append(lambda found: _maxima(made, section, codes, found))


def _code(section: Section, key: str, text) -> bytes:
    code = obis(text) if isinstance(text, str) else None
    if code is None:
        raise section.error(f"'{text}' is no OBIS code A-B:C.D.E.F", key)
    return code


def _maxima(made, section: Section, codes: list[bytes], found: list) -> None:
    known = [item.obis for item in found if item.class_id == 4 and item.device == made.device]
    for code in codes:
        if code not in known:
            raise section.error(f"there is no object {show_obis(code)} of class 4", "maxima")


def activation(made, section: Section, reader) -> None:
    """Class 6."""
    masks = section.section("masks")
    listed = {name: [_code(masks, name, text) for text in masks.items(name)]
              for name in masks.data}  # fmt: skip
    masks.close()
    active = section.text("active")
    if active not in listed:
        raise section.error(f"there is no mask '{active}'", "active")
    for name in listed:
        if not (name.isascii() and 1 <= len(name) <= _NAME_MAX):
            raise masks.error(f"the name of a mask has 1 to {_NAME_MAX} ASCII characters", name)
    codes = list(dict.fromkeys(code for each in listed.values() for code in each))
    if max(len(codes), len(listed)) > _ELEMENTS_MAX:
        raise section.error(f"{_ELEMENTS_MAX} registers and masks are the limit", "masks")
    made.attributes[3] = _array([
        b"\x02\x02" + data.octet_string(name.encode()) + _array([
            bytes((TYPES["unsigned"], codes.index(code) + 1)) for code in each])
        for name, each in listed.items()])
    made.attributes[4] = data.octet_string(active.encode())
    made.type_name, made.source = "", f"{len(listed)} masks of {len(codes)} registers"
    made.attributes[2] = b""
    reader.later.append(lambda found: _assign(made, masks, codes, found))


def _assign(made, masks: Section, codes: list[bytes], found: list) -> None:
    elements = []
    for code in codes:
        item = next((item for item in found if item.obis == code and _runs(item)
                     and item.device == made.device), None)  # fmt: skip
        if item is None:
            raise masks.error(
                f"{show_obis(code)} is no energy by rate, no demand and no maximum of one")
        elements.append(b"\x02\x02\x12" + item.class_id.to_bytes(2, "big")
                        + data.octet_string(code))  # fmt: skip
        _alone(made, masks, elements[-1], show_obis(code), found)
    made.attributes[2] = _array(elements)


def _alone(made, masks: Section, element: bytes, shown: str, found: list) -> None:
    # Two that switch one register would undo each other.
    for other in found:
        if other is not made and other.class_id == 6 and element in other.attributes[2]:
            raise masks.error(f"{other.title()} switches {shown} as well")


def _runs(item) -> bool:
    slot = item.source.partition("live ")[2]
    return item.class_id in (4, 5) or item.class_id == 3 and slot.startswith(_RATES)


def _array(elements: list[bytes]) -> bytes:
    return b"\x01" + data.length(len(elements)) + b"".join(elements)
