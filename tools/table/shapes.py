"""Shapes of settings, as firmware/lib/dlms/shape.py reads them, and in words for docs/objects.md."""

from __future__ import annotations

from .names import SIGNED, TYPES, UNSIGNED
from .source import Section

ANY_SIZE = 0xFF
_RANGE, _ONE_OF = 0xFC, 0xFE
_STRINGS = {"octet-string": "octets", "visible-string": "octets", "utf8-string": "octets",
            "bit-string": "bits"}
_UNSETTABLE = ("null-data", "compact-array", "dont-care")
_SHORT_MAX = 254
_NAMES = {tag: name for name, tag in TYPES.items()}


def simple(section: Section, kind: str) -> bytes:
    """Shape of a value that has no elements; keys 'min', 'max', 'longest'."""
    tag = TYPES[kind]
    if kind in _UNSETTABLE:
        raise section.error(f"a '{kind}' cannot be set", "type")
    if kind in _STRINGS:
        longest = section.number("longest", 1, _SHORT_MAX, ANY_SIZE)
        return bytes((tag, 0, longest))
    if section.has("min") or section.has("max"):
        return _range(section, kind)
    # A date or time keeps its tag: the type of a value is for ever.
    return bytes((_ONE_OF, 1, tag)) if kind in ("date-time", "date", "time") else bytes((tag,))


def _range(section: Section, kind: str) -> bytes:
    if kind not in SIGNED and kind not in UNSIGNED:
        raise section.error(f"a '{kind}' has no 'min' and 'max'", "type")
    size = SIGNED.get(kind) or UNSIGNED[kind]
    lowest = -(1 << 8 * size - 1) if kind in SIGNED else 0
    highest = lowest + (1 << 8 * size) - 1
    low = section.number("min", lowest, highest, lowest)
    high = section.number("max", low, highest, highest)
    section.number("value", low, high)
    bounds = [(bound - lowest).to_bytes(size, "big") for bound in (low, high)]
    return bytes((_RANGE, TYPES[kind])) + b"".join(bounds)


def of_elements(section: Section, kind: str, forms: list[bytes]) -> bytes:
    """Shape of an array or a structure of these."""
    if kind == "structure":
        return bytes((TYPES[kind], len(forms))) + b"".join(forms)
    if len(set(forms)) != 1:
        raise section.error(
            "an array that can be set needs elements, all of one shape and range", "elements")
    return bytes((TYPES[kind],)) + forms[0]


def ranged(form: bytes) -> bool:
    """Is it more than a type?"""
    return form[0] in (_RANGE, TYPES["array"], TYPES["structure"])


def words(form: bytes) -> str:
    """The shape for people."""
    return _words(form, 0)[0]


def _words(form: bytes, at: int) -> tuple[str, int]:
    kind = form[at]
    if kind == TYPES["array"]:
        text, at = _words(form, at + 1)
        return f"array of {text}", at
    if kind == TYPES["structure"]:
        count, texts, at = form[at + 1], [], at + 2
        for _ in range(count):
            text, at = _words(form, at)
            texts.append(text)
        return f"structure of ({', '.join(texts)})", at
    if kind == _RANGE:
        return _range_words(form, at + 1)
    if kind == _ONE_OF:
        return _NAMES[form[at + 2]], at + 3
    name = _NAMES[kind]
    if name not in _STRINGS:
        return name, at + 1
    most = "" if form[at + 2] == ANY_SIZE else f" of up to {form[at + 2]} {_STRINGS[name]}"
    return name + most, at + 3


def _range_words(form: bytes, at: int) -> tuple[str, int]:
    name = _NAMES[form[at]]
    size = SIGNED.get(name) or UNSIGNED[name]
    lowest = -(1 << 8 * size - 1) if name in SIGNED else 0
    low = int.from_bytes(form[at + 1 : at + 1 + size], "big") + lowest
    high = int.from_bytes(form[at + 1 + size : at + 1 + 2 * size], "big") + lowest
    return f"{name} from {low} to {high}", at + 1 + 2 * size
