"""A TOML file whose every complaint names the line.

include = ["meter.toml"], at the top, puts other files of the same folder below it: tables are
merged, key by key; an object, association or logical device takes the place of the one with the
same identity and else comes behind the others.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_STRING = re.compile(r"\"([^\"]*)\"")
_QUOTED = re.compile(r"'([^']*)'")
_KEY = re.compile(r"\s*(\"[^\"]+\"|[A-Za-z0-9_-]+)\s*=")
_REQUIRED: Any = object()
# Array of tables -> the keys that tell one of its tables from the others, and their defaults.
_IDENTITIES = {
    "object": {"obis": "", "class": 0, "device": 1}, "association": {"name": ""},
    "device": {"sap": 0},
}


class SourceError(Exception):
    """Something is wrong with the source; the text is one sentence with file and line."""


def read(path: Path, shown: str) -> "Section":
    """The whole file as a Section; shown is the name that messages use."""
    data, places = _load(path, shown, ())
    return Section(shown, places, (), data)


def _load(path: Path, shown: str, above: tuple) -> tuple[dict, dict]:
    """Data and places of a file with all that it includes; above: the files that include it."""
    data, places = _parse(path, shown)
    top = Section(shown, places, (), data)
    merged: dict = {}
    merged_places: dict = {}
    for name in top.items("include", []):
        if not isinstance(name, str) or Path(name).name != name:
            raise top.error("'include' must name files of the same folder", "include")
        inner = path.parent / name
        if inner in (path, *above) or not inner.is_file():
            what = "it is included by itself" if inner.is_file() else "there is no such file"
            raise top.error(f"'{name}' cannot be included: {what}", "include")
        below = _load(inner, str(Path(shown).with_name(name)), (path, *above))
        _merge(merged, merged_places, *below)
    data.pop("include", None)
    _merge(merged, merged_places, data, places)
    return merged, merged_places


def _merge(data: dict, places: dict, own: dict, own_places: dict, at: tuple = ()) -> None:
    """Lay the tables of `own` over those of `data`; the path of both is `at`."""
    if at in own_places:
        places[at] = own_places[at]
    for key, value in own.items():
        old, here = data.get(key), (*at, key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, places, value, own_places, here)
        elif isinstance(old, list) and key in _IDENTITIES and not at:
            _lay(old, places, value, own_places, key)
        else:
            data[key] = value
            _move(places, here, own_places, here)


def _lay(old: list, places: dict, own: list, own_places: dict, key: str) -> None:
    # Each takes a place once: what stands twice in one file is told by who reads the tables.
    known = [_identity(item, key) for item in old]
    for index, item in enumerate(own):
        wanted = _identity(item, key)
        place = known.index(wanted) if wanted in known else len(old)
        if place < len(known):
            known[place] = []
        old[place : place + 1] = [item]
        _move(places, (key, place), own_places, (key, index))


def _identity(item, key: str) -> list:
    if not isinstance(item, dict):
        return [item]
    parts = [str(item.get(name, default)) for name, default in _IDENTITIES[key].items()]
    if parts[0].count(".") == 3:  # an OBIS code with its F
        parts[0] = parts[0].removesuffix(".255")
    return parts


def _move(places: dict, there: tuple, own_places: dict, here: tuple) -> None:
    for old in [path for path in places if path[: len(there)] == there]:
        del places[old]
    for path, place in own_places.items():
        if path[: len(here)] == here:
            places[there + path[len(here) :]] = place


def _parse(path: Path, shown: str) -> tuple[dict, dict]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{shown}: cannot be read: {error}.") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(_syntax(shown, str(error), text)) from None
    return data, _places(text, shown)


def _syntax(shown: str, reason: str, text: str) -> str:
    place = re.search(r"line (\d+)", reason)
    line = place.group(1) if place else len(text.splitlines())  # "at end of document"
    reason = re.sub(r" \(at [^)]*\)", "", reason)
    return f"{shown}:{line}: this is not TOML: {reason}."


def _places(text: str, shown: str) -> dict[tuple, tuple[str, int]]:
    """Place of headers, keys, strings of long arrays: ("object", 3, "unit") -> (file, 7)."""
    found: dict[tuple, tuple[str, int]] = {}
    counts: dict[str, int] = {}
    here: tuple = ()
    last: tuple = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        key = _KEY.match(line)
        if header:
            here = _path(header.group(2), header.group(1) == "[[", counts)
            found[here] = shown, number
        elif key:
            last = (*here, key.group(1).strip('"'))
            found.setdefault(last, (shown, number))
        else:
            for string in _STRING.findall(line.partition("#")[0]):
                found.setdefault((*last, string), (shown, number))
    return found


def _path(name: str, in_array: bool, counts: dict[str, int]) -> tuple:
    parts: tuple = tuple(part.strip().strip('"') for part in name.split("."))
    if not in_array and parts[0] in counts:  # [object.masks] belongs to the last [[object]]
        parts = (parts[0], counts[parts[0]], *parts[1:])
    if in_array:
        counts[name] = counts.get(name, -1) + 1
        parts += (counts[name],)
    return parts


class Section:
    """A table of the source: typed access, and messages that know where they come from."""

    def __init__(self, shown: str, places: dict, path: tuple, data: dict, parent=None):
        self.shown = shown
        self.places = places
        self.path = path
        self.data = data
        self.parent = parent
        self.used: set[str] = set()

    def _known(self, key: str | None = None) -> tuple:
        """Path of a key, or of the section; of what encloses it when it is in one."""
        path = self.path if key is None else (*self.path, key)
        if path in self.places:
            return path
        if key is not None:
            return self._known()
        return self.parent._known(self._own_key()) if self.parent else ()

    def _own_key(self) -> str | None:
        names = [part for part in self.path if isinstance(part, str)]
        return names[-1] if names else None

    def error(self, message: str, key: str | None = None) -> SourceError:
        """The exception to raise: file, line, sentence."""
        path = self._known(key)
        for text in _QUOTED.findall(message):  # the element of a long array that is meant
            path = next((inner for inner in self.places if inner[:-1] == path
                         and text and text in str(inner[-1])), path)  # fmt: skip
        shown, line = self.places.get(path, (self.shown, 1))
        return SourceError(f"{shown}:{line}: {message}.")

    def has(self, key: str) -> bool:
        """Is the key there?"""
        return key in self.data

    def raw(self, key: str, default: Any = _REQUIRED) -> Any:
        """The value of a key as TOML gives it."""
        self.used.add(key)
        if key in self.data:
            return self.data[key]
        if default is _REQUIRED:
            raise self.error(f"'{key}' is missing")
        return default

    def _typed(self, key: str, default: Any, kind, words: str) -> Any:
        value = self.raw(key, default)
        if value is default and key not in self.data:
            return value
        if not isinstance(value, kind) or isinstance(value, bool) and kind is not bool:
            raise self.error(f"'{key}' must be {words}", key)
        return value

    def text(self, key: str, default: Any = _REQUIRED) -> str:
        """A string."""
        return self._typed(key, default, str, "a string")

    def flag(self, key: str, default: Any = _REQUIRED) -> bool:
        """A boolean."""
        return self._typed(key, default, bool, "true or false")

    def number(self, key: str, low: int, high: int, default: Any = _REQUIRED) -> int:
        """An integer within low..high."""
        value = self._typed(key, default, int, "an integer")
        if value is not default and not low <= value <= high:
            raise self.error(f"'{key}' is {value} and must be {low} to {high}", key)
        return value

    def real(self, key: str, low: float, high: float) -> float:
        """A number within low..high, with or without a decimal point."""
        value = self._typed(key, _REQUIRED, (int, float), "a number")
        if not low <= value <= high:
            raise self.error(f"'{key}' is {value} and must be {low} to {high}", key)
        return float(value)

    def items(self, key: str, default: Any = _REQUIRED) -> list:
        """An array."""
        return self._typed(key, default, list, "an array")

    def section(self, key: str) -> "Section":
        """The table below a key."""
        if key not in self.data and all(isinstance(part, str) for part in self.path):
            raise self.error(f"the section [{'.'.join((*self.path, key))}] is missing")
        data = self._typed(key, _REQUIRED, dict, "a table")
        return Section(self.shown, self.places, (*self.path, key), data, self)

    def sections(self, key: str) -> list["Section"]:
        """The tables of an array of tables; none when the key is not there."""
        found = []
        for index, data in enumerate(self.items(key, [])):
            if not isinstance(data, dict):
                raise self.error(f"'{key}' must hold tables", key)
            path = (*self.path, key, index)
            found.append(Section(self.shown, self.places, path, data, self))
        return found

    def close(self) -> None:
        """Refuse keys that nothing has asked for: they are misspelt."""
        for key in self.data:
            if key not in self.used:
                raise self.error(f"'{key}' means nothing here", key)
