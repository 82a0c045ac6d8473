"""A TOML file whose every complaint names the line."""

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
_KEY = re.compile(r"\s*(\"[^\"]+\"|[A-Za-z0-9_-]+)\s*=")
_REQUIRED: Any = object()


class SourceError(Exception):
    """Something is wrong with the source; the text is one sentence with file and line."""


def read(path: Path, shown: str) -> "Section":
    """The whole file as a Section; shown is the name that messages use."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{shown}: cannot be read: {error}.") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(_syntax(shown, str(error), text)) from None
    return Section(shown, _lines(text), (), data)


def _syntax(shown: str, reason: str, text: str) -> str:
    place = re.search(r"line (\d+)", reason)
    line = place.group(1) if place else len(text.splitlines())  # "at end of document"
    reason = re.sub(r" \(at [^)]*\)", "", reason)
    return f"{shown}:{line}: this is not TOML: {reason}."


def _lines(text: str) -> dict[tuple, int]:
    """Place of every header and key: ("object", 3, "unit") -> line number."""
    found: dict[tuple, int] = {}
    counts: dict[str, int] = {}
    here: tuple = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        key = _KEY.match(line)
        if header:
            here = _path(header.group(2), header.group(1) == "[[", counts)
            found[here] = number
        elif key:
            found.setdefault((*here, key.group(1).strip('"')), number)
    return found


def _path(name: str, in_array: bool, counts: dict[str, int]) -> tuple:
    parts: tuple = tuple(part.strip().strip('"') for part in name.split("."))
    if in_array:
        counts[name] = counts.get(name, -1) + 1
        parts += (counts[name],)
    return parts


class Section:
    """A table of the source: typed access, and messages that know where they come from."""

    def __init__(self, shown: str, lines: dict, path: tuple, data: dict, parent=None):
        self.shown = shown
        self.lines = lines
        self.path = path
        self.data = data
        self.parent = parent
        self.used: set[str] = set()

    def line(self, key: str | None = None) -> int:
        """Line of a key, or of the section; of what encloses it when it is written in one."""
        place = self.path if key is None else (*self.path, key)
        if place in self.lines:
            return self.lines[place]
        if key is not None:
            return self.line()
        return self.parent.line(self._own_key()) if self.parent else 1

    def _own_key(self) -> str | None:
        names = [part for part in self.path if isinstance(part, str)]
        return names[-1] if names else None

    def error(self, message: str, key: str | None = None) -> SourceError:
        """The exception to raise: file, line, sentence."""
        return SourceError(f"{self.shown}:{self.line(key)}: {message}.")

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
        data = self._typed(key, _REQUIRED, dict, "a table")
        return Section(self.shown, self.lines, (*self.path, key), data, self)

    def sections(self, key: str) -> list["Section"]:
        """The tables of an array of tables; none when the key is not there."""
        found = []
        for index, data in enumerate(self.items(key, [])):
            if not isinstance(data, dict):
                raise self.error(f"'{key}' must hold tables", key)
            path = (*self.path, key, index)
            found.append(Section(self.shown, self.lines, path, data, self))
        return found

    def close(self) -> None:
        """Refuse keys that nothing has asked for: they are misspelt."""
        for key in self.data:
            if key not in self.used:
                raise self.error(f"'{key}' means nothing here", key)
