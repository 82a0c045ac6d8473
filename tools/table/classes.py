"""Which file serves a class, and firmware/lib/cosem/classes.py: the files that a table needs.

A class file has, by these names and at its top level, what dispatch.py asks of it: get, set, act,
returned; and when its objects have a life of their own, one class that is made of a row. So a new
class is its file, a line in FILES, and its names in names.py.
"""

from __future__ import annotations

import ast
from pathlib import Path

from .objects import Object

# Class id -> module of the room cosem.
FILES = {
    1: "data",
    3: "register",
    4: "extended_register",
    5: "demand_register",
    6: "register_activation",
    7: "profile_generic",
    8: "clock",
    9: "script_table",
    10: "schedule",
    11: "special_days",
    15: "association_ln",
    17: "sap",
    18: "image_transfer",
    19: "optical_setup",
    20: "activity_calendar",
    21: "register_monitor",
    22: "single_action_schedule",
    23: "hdlc_setup",
    24: "twisted_pair",
    26: "utility_tables",
    27: "modem_configuration",
    28: "auto_answer",
    29: "auto_connect",
    61: "register_table",
    63: "status_mapping",
    70: "disconnect_control",
    71: "limiter",
    8192: "echo",
}
_ROOM = Path(__file__).resolve().parents[2] / "firmware" / "lib" / "cosem"
_FUNCTIONS = ("get", "set", "act", "returned")
# An event shows itself by one of these: logs 0-0:99.98.n, registers 0-0:97.97.0 and 97.98.0, last
# codes 0-0:96.11.n, power failures 0-0:96.7.0.
_EVENT_CODES = ((0x63, 0x62), (0x61, 0x61), (0x61, 0x62), (0x60, 0x0B), (0x60, 0x07))
# A change of the configuration by one of these: 0-0:96.2.0 and 96.2.1.
_CHANGE_CODES = (bytes((0, 0, 96, 2, 0, 255)), bytes((0, 0, 96, 2, 1, 255)))


class File:
    """What a class file offers, read out of its source: nothing of it is run."""

    def __init__(self, module: str) -> None:
        tree = ast.parse((_ROOM / f"{module}.py").read_text(encoding="utf-8"))
        self.module = module
        self.names = {name for node in tree.body for name in _bound(node)}
        made = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        self.instance = next((node.name for node in made if _made_of_a_row(node)), "")


def _bound(node: ast.stmt) -> list[str]:
    """Names that a statement at the top level binds."""
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.ImportFrom):
        return [name.asname or name.name for name in node.names]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _made_of_a_row(node: ast.ClassDef) -> bool:
    return any(
        isinstance(inner, ast.FunctionDef)
        and inner.name == "__init__"
        and [a.arg for a in inner.args.args] == ["self", "row"]
        for inner in node.body
    )


def events_shown(objects: list[Object]) -> bool:
    """Is there an object that shows events?"""
    return any(bytes(item.obis[:2]) == b"\0\0" and tuple(item.obis[2:4]) in _EVENT_CODES
               for item in objects)


def changes_shown(objects: list[Object]) -> bool:
    """Is there an object that shows changes of the configuration?"""
    return any(item.obis in _CHANGE_CODES for item in objects)


def text(objects: list[Object], head: str) -> str:
    """The product: dispatch.py's tables of functions, for the classes of these objects."""
    files = {number: File(FILES[number])
             for number in sorted({item.class_id for item in objects})}
    # Started in this order: what happens within a second is logged within it.
    started = ["configuration"] * changes_shown(objects) + ["event_objects"] * events_shown(objects)
    modules = sorted([file.module for file in files.values()] + started)
    lines = ["# " + head, "# The files of the classes that the table has; dispatch.py asks them.",
             "from cosem import (", *(f"    {module}," for module in modules), ")"]
    for name in _FUNCTIONS:
        lines += _entries(name.upper(), {number: f"{file.module}.{name}"
                          for number, file in files.items() if name in file.names})
    lines += _entries("MAKE", {number: f"{file.module}.{file.instance}"
                      for number, file in files.items() if file.instance})
    lines += ["", "# Started behind all objects.", f"START = {_tuple(started, 'start')}"]
    lines += ["", "# Told of every SET and ACTION of a client that was accepted.",
              f"CHANGED = {_tuple([one for one in started if one == 'configuration'], 'changed')}"]
    return "\n".join(lines) + "\n"


def _tuple(modules: list[str], function: str) -> str:
    inner = ", ".join(f"{module}.{function}" for module in modules)
    return f"({inner},)" if len(modules) == 1 else f"({inner})"


def _entries(name: str, entries: dict[int, str]) -> list[str]:
    if not entries:
        return ["", f"{name} = {{}}"]
    return ["", f"{name} = {{", *(f"    {number}: {what}," for number, what in entries.items()),
            "}"]
