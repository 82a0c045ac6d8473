"""What an image holds: flash and RAM, the frozen modules one by one, what it adds to stock.

Everything is read from the linked image: mpy-tool.py names the data of a frozen module
KIND_module_rest, and `nm -S` gives each symbol its bytes. The characters of names and texts are
merged by the linker and have no symbol of their own; they are in the image's total only.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Iterable

from .running import ToolError, output, say

_IMAGE_ROOM = 640 * 1024  # 2 MB of flash less the board's 1408 KB of storage
_STACK_BYTES = "__MeterStackBytes"
_MODULE = "frozen_module_"
_KINDS = (
    "fun_data",
    "proto_fun",
    "children",
    "const_obj_table_data",
    "const_qstr_table_data",
    "const_obj",
    "frozen_module",
)
_NAMES = ("mp_qstr_frozen_", "mp_frozen_")
_NAMES_ROW = "(names)"
_ROOMS = ("port", "dlms", "cosem", "meter")


def symbols(image: Path) -> list[tuple[str, int, int]]:
    """(name, address, bytes) of every symbol of a linked image; bytes is 0 where it has none."""
    listed = output(["arm-none-eabi-nm", "-S", str(image)])
    if not listed:
        raise ToolError(f"{image} cannot be read: build it with `make firmware`.")
    rows = [line.split() for line in listed.splitlines()]
    return [(row[-1], int(row[0], 16), int(row[1], 16) if len(row) == 4 else 0) for row in rows]


def modules(table: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Bytes of each frozen module by its dotted name, and of the names they share."""
    rows = list(table)
    escaped = [name[len(_MODULE) :] for name, _, _ in rows if name.startswith(_MODULE)]
    # The longest name first: dlms_get must not take what belongs to dlms_get_block.
    choice = "|".join(re.escape(name) for name in sorted(escaped, key=len, reverse=True))
    owner = re.compile(rf"(?:{'|'.join(_KINDS)})_({choice})(?:_|$)")
    sizes = dict.fromkeys(map(_dotted, escaped), 0)
    for name, _, size in rows:
        match = owner.match(name) if choice else None
        if match:
            sizes[_dotted(match[1])] += size
        elif name.startswith(_NAMES):
            sizes[_NAMES_ROW] = sizes.get(_NAMES_ROW, 0) + size
    return sizes


def _dotted(escaped: str) -> str:
    """dlms_hdlc -> dlms.hdlc; a module outside the rooms keeps its name."""
    room, _, rest = escaped.partition("_")
    return f"{room}.{rest}" if room in _ROOMS and rest else escaped


def heap(table: Iterable[tuple[str, int, int]]) -> int:
    """Bytes of RAM that are heap when the image starts."""
    at = {name: address for name, address, _ in table}
    end = at["__GcHeapEnd"]
    if _STACK_BYTES in at:  # our boards take more for the stack, see mpconfigboard.h
        end = min(end, at["__StackTop"] - at[_STACK_BYTES])
    return end - at["__GcHeapStart"]


def measure(out: Path, stock: Path) -> dict:
    """All figures of the image in `out` beside those of the stock image, in bytes."""
    table = symbols(out / "firmware.elf")
    return {
        "image": (out / "firmware.bin").stat().st_size,
        "stock": (stock / "firmware.bin").stat().st_size,
        "room": _IMAGE_ROOM,
        "heap": heap(table),
        "stock_heap": heap(symbols(stock / "firmware.elf")),
        "modules": modules(table),
    }


def report(out: Path, stock: Path, *, every_module: bool) -> None:
    """Print the figures, and keep them as size.json beside the image."""
    figures = measure(out, stock)
    (out / "size.json").write_text(json.dumps(figures, indent=1) + "\n")
    for line in table_lines(figures, every_module):
        say(line)


def table_lines(figures: dict, every_module: bool) -> list[str]:
    """The figures as lines of a table."""
    image, stock, frozen = figures["image"], figures["stock"], figures["modules"]
    share = 100 * image / figures["room"]
    rows = [
        ("image", image, f"{share:.0f} % of {figures['room'] // 1024} KB"),
        ("stock MicroPython", stock, "RPI_PICO board, same sources and compiler, asyncio frozen"),
        ("over stock", image - stock, ""),
        ("frozen modules", sum(frozen.values()), ""),
    ]
    rows += [("  " + name, size, "") for name, size in _parts(frozen, every_module)]
    rows.append(("heap at the start", figures["heap"], f"stock: {figures['stock_heap']}"))
    return [f"  {name:<28} {size:>8}  {note}".rstrip() for name, size, note in rows]


def _parts(frozen: dict[str, int], every_module: bool) -> list[tuple[str, int]]:
    """Module by module, or room by room with everything else by name."""
    if every_module:
        return sorted(frozen.items(), key=lambda row: -row[1])
    rooms: dict[str, int] = {}
    for name, size in frozen.items():
        room = name.split(".")[0]
        rooms[room] = rooms.get(room, 0) + size
    return sorted(rooms.items(), key=lambda row: -row[1])
