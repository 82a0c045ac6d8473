"""OBIS codes: reading and printing them, names of the usual ones, units. IEC 62056-61."""

from __future__ import annotations

import re

from .errors import UsageError

# Abstract objects: C.D.E -> (class, name)
_ABSTRACT = {
    "1.0.0": (8, "clock"),
    "40.0.0": (15, "current association"),
    "41.0.0": (17, "SAP assignment"),
    "42.0.0": (1, "logical device name"),
    "0.2.0": (1, "active firmware identifier"),
    "0.2.1": (1, "active firmware version"),
    "0.2.8": (1, "active firmware signature"),
    "20.0.0": (19, "optical port setup"),
    "96.1.0": (1, "serial number"),
    "96.1.1": (1, "device ID 2"),
    "96.1.2": (1, "device ID 3"),
    "96.1.10": (1, "metering point"),
    "96.8.0": (3, "time of operation"),
    "96.9.0": (3, "temperature of the board"),
    "97.97.0": (1, "error register"),
}

# Electricity, group C below 20; phases L1 L2 L3 are 20, 40, 60 higher
_QUANTITIES = {
    1: "active {} import",
    2: "active {} export",
    3: "reactive {} +",
    4: "reactive {} -",
    9: "apparent {} +",
    10: "apparent {} -",
    11: "current",
    12: "voltage",
    13: "power factor",
    14: "frequency",
    15: "active {} absolute",
    16: "active {} net",
}
_SPECIAL = {
    "0.0.0": (1, "electricity ID 1"),
    "0.2.0": (1, "firmware identifier"),
    "0.3.0": (3, "meter constant, active energy"),
    "0.6.0": (3, "nominal voltage"),
    "0.6.1": (3, "nominal current"),
    "0.6.2": (3, "nominal frequency"),
    "0.6.3": (3, "maximum current"),
    "91.7.0": (3, "current neutral"),
    "92.7.0": (3, "voltage neutral"),
}
_PHASES = ("", " L1", " L2", " L3")

UNITS = {
    1: "a",
    2: "mo",
    3: "wk",
    4: "d",
    5: "h",
    6: "min",
    7: "s",
    8: "°",
    9: "°C",
    27: "W",
    28: "VA",
    29: "var",
    30: "Wh",
    31: "VAh",
    32: "varh",
    33: "A",
    34: "C",
    35: "V",
    44: "Hz",
    45: "1/Wh",
    46: "1/varh",
    47: "1/VAh",
    48: "V²h",
    49: "A²h",
    52: "K",
    56: "%",
    57: "Ah",
    70: "dBm",
    255: "",
}

CLASSES = {
    1: "Data",
    3: "Register",
    4: "Extended register",
    5: "Demand register",
    7: "Profile generic",
    8: "Clock",
    15: "Association LN",
    17: "SAP assignment",
    19: "IEC local port setup",
    22: "Single action schedule",
    23: "IEC HDLC setup",
    64: "Security setup",
    70: "Disconnect control",
}

# [class/] [A-B:] C.D.E [.F or *F] [/attribute]
_ARGUMENT = re.compile(
    r"(?:(?P<cls>\d+)/)?"
    r"(?:(?P<a>\d+)[-.](?P<b>\d+)[:.])??"
    r"(?P<c>\d+)\.(?P<d>\d+)\.(?P<e>\d+)(?:[.*&](?P<f>\d+))?"
    r"(?:/(?P<attr>\d+))?"
)


def parse(text: str) -> tuple[int | None, bytes, int | None]:
    """'[class/]A-B:C.D.E[.F][/attribute]' -> class or None, six octets, attribute or None."""
    match = _ARGUMENT.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"'{text}' is no OBIS code; write it like 1-0:1.8.0 or 0.0.1.0.0.255")
    a, b, c, d, e, f, class_id, attribute = (
        -1 if match[key] is None else int(match[key])
        for key in ("a", "b", "c", "d", "e", "f", "cls", "attr")
    )
    if a < 0:
        a, b = (1, 0) if c < 94 else (0, 0)
    parts = (a, b, c, d, e, 255 if f < 0 else f)
    if max(parts) > 255:
        raise UsageError(f"'{text}' is no OBIS code: each part is at most 255")
    if class_id > 0xFFFF or attribute > 127:
        raise UsageError(f"'{text}' names a class or an attribute that cannot exist")
    return _given(class_id), bytes(parts), _given(attribute)


def _given(number: int) -> int | None:
    return None if number < 0 else number


def show(obis: bytes) -> str:
    """A-B:C.D.E, and .F when it says more than 255 does."""
    a, b, c, d, e, f = obis
    return f"{a}-{b}:{c}.{d}.{e}" + ("" if f == 255 else f".{f}")


def name(obis: bytes) -> str:
    """What the code stands for; empty when this table does not know."""
    return _lookup(obis)[1]


def usual_class(obis: bytes) -> int:
    """The interface class such an object usually has; 0 when unknown."""
    return _lookup(obis)[0]


def unit(number: int) -> str:
    return UNITS.get(number, f"unit {number}")


def _lookup(obis: bytes) -> tuple[int, str]:
    a, _, c, d, e, f = obis
    key = f"{c}.{d}.{e}"
    if f != 255:
        return 0, ""
    if a == 0:
        return _ABSTRACT.get(key) or _numbered(c, d, e)
    return (_SPECIAL.get(key) or _electricity(c, d, e)) if a == 1 else (0, "")


def _numbered(c: int, d: int, e: int) -> tuple[int, str]:
    """Families of objects that differ in E only."""
    if (c, d) == (40, 0):
        return 15, f"association {e}"
    if (c, d) == (22, 0):
        return 23, "HDLC setup"
    if (c, d) == (96, 1):
        return 1, f"device ID {e + 1}"
    return 0, ""


def _electricity(c: int, d: int, e: int) -> tuple[int, str]:
    """Energies (D = 8) and instantaneous values (D = 7) by quantity, phase and tariff."""
    phase, quantity = divmod(c, 20) if c < 80 else (0, 0)
    words = _QUANTITIES.get(quantity)
    if words is None or d not in (7, 8):
        return 0, ""
    words = words.format("energy" if d == 8 else "power") + _PHASES[phase]
    if d == 8:
        words += " total" if e == 0 else f" tariff {e}"
    elif e:
        return 3, f"{words}, harmonic {e}"
    return 3, words
