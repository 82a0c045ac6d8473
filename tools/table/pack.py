"""The octets of cosem/table.py; value.py and associations.py tell the layouts."""

from __future__ import annotations

import binascii
from dataclasses import dataclass, field

from .associations import Association
from .names import UNITS
from .objects import ATTRIBUTES, BUILTIN, CONSTANT, LIVE, Object, tag
from .source import SourceError

_POOL_MAX = 0xFFFF
_ROWS_MAX = 0xFFFF


@dataclass
class Packed:
    """The byte tables, and how long each row is where that matters to the reader."""

    rows: list[bytes] = field(default_factory=list)
    access: list[bytes] = field(default_factory=list)
    scalers: list[bytes] = field(default_factory=list)
    associations: list[bytes] = field(default_factory=list)
    views: list[bytes] = field(default_factory=list)
    attributes: list[bytes] = field(default_factory=list)  # of the objects of kind 3
    pool: bytes = b""
    readout: list[bytes] = field(default_factory=list)
    secrets: bytes = b""  # apart from the pool, which answers are cut from

    def size(self) -> int:
        """Octets of ROM in all."""
        parts = (self.rows, self.access, self.scalers, self.associations, self.views,
                 self.attributes, self.readout)
        return len(self.pool + self.secrets) + sum(len(b"".join(part)) for part in parts)


def pack(objects: list[Object], known: list[Association]) -> Packed:
    """Everything, in the order of objects."""
    made = Packed()
    # Longest first: a short constant is often part of a long one.
    every = [item.constant for item in objects]
    every += [content for item in objects for content in item.attributes.values()]
    for content in sorted(every, key=len, reverse=True):
        if content not in made.pool:
            made.pool += content
    if len(made.pool) > _POOL_MAX:
        raise SourceError(f"the constants have {len(made.pool)} octets, more than {_POOL_MAX}.")
    keys: dict[int, Object] = {}
    for item in objects:
        _attributes(item, made, keys)
    made.rows = [_row(item, made) for item in objects]
    for index, who in enumerate(known):
        made.associations.append(_association(index, who, objects, made))
    return made


def _attributes(item: Object, made: Packed, keys: dict[int, Object]) -> None:
    """Entries from attribute 2 to the last one that the table holds; value.py tells the layout."""
    if item.kind != ATTRIBUTES:
        return
    item.first = len(made.attributes)
    for number in range(2, max(item.attributes, default=1) + 1):
        content = item.attributes.get(number, b"")
        key = _key(item, number)
        if content and keys.setdefault(key, item) is not item:
            raise item.section.error(
                f"{item.title()} and {keys[key].title()} have attributes with the same key: one "
                "of them needs another OBIS code", "obis")
        longest = item.longest if number == 2 else 0
        at = made.pool.index(content) if content else 0
        made.attributes.append(_u16(at) + _u16(len(content)) + _u16(key) + _u16(longest))


def _key(item: Object, number: int) -> int:
    # Of the object, not of its row: what a client has set outlives a table with more objects.
    # Keys below 0x100 are the meter's own.
    what = _u16(item.device) + _u16(item.class_id) + item.obis + bytes([number])
    key = binascii.crc_hqx(what, 0xFFFF)
    return key if key > 0xFF else key | 0x8000


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _shared(table: list[bytes], entry: bytes, what: str) -> int:
    if entry not in table:
        table.append(entry)
    if len(table) > 256:
        raise SourceError(f"there are more than 256 different {what}.")
    return table.index(entry)


def _row(item: Object, made: Packed) -> bytes:
    profile = _shared(made.access, b"".join(item.rights), "access profiles")
    scaler = 0
    if item.class_id == 3:
        pair = bytes([item.scaler & 0xFF, UNITS[item.unit]])
        scaler = _shared(made.scalers, pair, "pairs of scaler and unit")
    first, second = item.argument, 0
    if item.kind == LIVE:
        second = tag(item)
    elif item.kind == CONSTANT:
        first, second = made.pool.index(item.constant), len(item.constant)
    elif item.kind == ATTRIBUTES:
        first = item.first
        second = item.argument << 8 | max(item.attributes, default=1) - 1
    assert item.kind in (BUILTIN, LIVE, CONSTANT, ATTRIBUTES)
    head = _u16(item.class_id) + item.obis + bytes([item.version, profile, item.kind, scaler])
    return head + _u16(first) + _u16(second)


def _association(index: int, who: Association, objects: list[Object], made: Packed) -> bytes:
    rows = [row for row, item in enumerate(objects) if item.device == who.server]
    seen = [row for row in rows if objects[row].seen_by(index)]
    view = len(made.views)
    made.views.extend(_u16(row) for row in seen)
    secret = len(made.secrets)
    made.secrets += who.secret
    return (
        bytes([who.client]) + _u16(who.server) + bytes([who.context, who.mechanism])
        + who.conformance.to_bytes(3, "big") + _u16(secret)
        + bytes([len(who.secret)]) + _u16(rows[0]) + _u16(rows[-1] + 1)
        + _u16(view) + _u16(len(seen))
    )
