"""The live values that the firmware offers: names and numbers read from meter/registers.py.

The file declares each as one line, `_SLOT_VOLTAGE = const(0)  # 10 mV, unsigned`; only its
syntax tree is read, nothing of the firmware runs here. What a slot measures is said below, so
that an object cannot give it a wrong unit or scaler.
"""

from __future__ import annotations

import ast
from pathlib import Path

from .source import SourceError

# Slot -> unit and scaler of one count, and whether it can be negative; None = a bare number.
MEANINGS = {
    "VOLTAGE": ("V", -2, False),
    "CURRENT_1": ("A", -3, False),
    "CURRENT_2": ("A", -3, False),
    "POWER": ("W", -1, True),
    "POWER_IMPORT": ("W", -1, False),
    "POWER_EXPORT": ("W", -1, False),
    "POWER_2": ("W", -1, True),
    "APPARENT": ("VA", -1, False),
    "POWER_FACTOR": ("none", -3, True),
    "FREQUENCY": ("Hz", -2, False),
    "ENERGY_IMPORT": ("Wh", 0, False),
    "ENERGY_EXPORT": ("Wh", 0, False),
    **{f"ENERGY_{way}_{rate}": ("Wh", 0, False)
       for way in ("IMPORT", "EXPORT") for rate in (1, 2, 3, 4)},
    **{f"L{phase}_{name}": meaning for phase in (2, 3) for name, meaning in {
        "VOLTAGE": ("V", -2, False), "CURRENT": ("A", -3, False), "POWER": ("W", -1, True),
        "POWER_IMPORT": ("W", -1, False), "POWER_EXPORT": ("W", -1, False),
        "APPARENT": ("VA", -1, False), "POWER_FACTOR": ("none", -3, True),
        "ENERGY_IMPORT": ("Wh", 0, False), "ENERGY_EXPORT": ("Wh", 0, False)}.items()},
    **{f"REACTIVE_{way}": ("var", -1, False) for way in ("IMPORT", "EXPORT")},
    **{f"REACTIVE_ENERGY_{way}{rate}": ("varh", 0, False)
       for way in ("IMPORT", "EXPORT") for rate in ("", "_1", "_2", "_3", "_4")},
    **{f"REACTIVE_ENERGY_Q{quadrant}": ("varh", 0, False) for quadrant in (1, 2, 3, 4)},
    **{f"APPARENT_ENERGY_{way}": ("VAh", 0, False) for way in ("IMPORT", "EXPORT")},
    "ANGLE_U2_U1": ("deg", 0, False),
    "ANGLE_U3_U1": ("deg", 0, False),
    "LAST_DEMAND_IMPORT": ("W", -1, False),
    "LAST_DEMAND_EXPORT": ("W", -1, False),
    "OPERATING_TIME_S": ("s", 0, False),
}


def read(path: Path, shown: str) -> dict[str, int]:
    """Slot name without _SLOT_ -> number."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise SourceError(f"{shown}: the slots cannot be read: {error}.") from None
    found: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name.startswith("_SLOT_"):
                found[name[6:]] = _number(node, shown)
    if not found:
        raise SourceError(f"{shown}: there is no line '_SLOT_name = const(number)'.")
    return found


def _number(node: ast.Assign, shown: str) -> int:
    # const(5), the form MicroPython folds.
    call = node.value
    if isinstance(call, ast.Call) and len(call.args) == 1:
        argument = call.args[0]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, int):
            return argument.value
    raise SourceError(f"{shown}:{node.lineno}: a slot must be written as const(number).")
