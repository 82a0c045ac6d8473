"""Constant Data written in the source, encoded in A-XDR. IEC 61334-6, IEC 62056-6-2.

    { type = "long-unsigned", value = 5 }          integers, enum, bcd, boolean, floats
    { type = "octet-string", hex = "0102" }        or text = "..", or ramp = 600 for 00 01 .. FA 00
    { type = "bit-string", bits = "10101" }
    { type = "date-time", hex = "07E8.." }         date, time too: their 12, 5, 4 octets
    { type = "array", elements = [ {..}, {..} ] }  structure too
    { type = "compact-array", of = "long-unsigned", values = [1, 2, 3] }
    { type = "null-data" }                         dont-care too
    { type = "octet-string", text = "", longest = 48 }      a setting, and its default
    { type = "boolean", value = true, setting = true }
    { type = "integer", value = 5, min = 0, max = 9, setting = true }
    { type = "array", elements = [ {..}, {..} ], setting = true }   structure too: what a client
                                                   sets has this shape; inside, min, max, longest
    { identity = "serial" }                        an octet-string of the [identity]
"""

from __future__ import annotations

import struct

from . import shapes
from .names import SIGNED, TYPES, UNSIGNED
from .source import Section

STRINGS = ("octet-string", "visible-string", "utf8-string")
_FIXED = {"date-time": 12, "date": 5, "time": 4}
_FLOATS = {"float32": ">f", "float64": ">d"}
_RAMP = 251  # a prime, so that no block size hides a repeated or missing octet
_LONGEST = 0xFFFF


def length(n: int) -> bytes:
    """Length or count in its shortest form."""
    if n < 0x80:
        return bytes([n])
    octets = (n.bit_length() + 7) // 8
    return bytes([0x80 | octets]) + n.to_bytes(octets, "big")


def octet_string(content: bytes) -> bytes:
    """An octet-string Data."""
    return b"\x09" + length(len(content)) + content


def encode(section: Section, identity: dict[str, bytes],
           form: bytearray | None = None) -> tuple[str, bytes]:
    """Type name and whole Data of a constant; of a setting its shape is added to form."""
    if section.has("identity") and form is None:
        name = section.text("identity")
        if name not in identity:
            known = ", ".join(sorted(identity))
            raise section.error(f"the identity has no '{name}', only {known}", "identity")
        section.close()
        return "octet-string", octet_string(identity[name])
    kind = section.text("type")
    if kind not in TYPES:
        raise section.error(f"'{kind}' is no COSEM data type", "type")
    body = _body(section, kind, identity, form)
    section.close()
    if len(body) > _LONGEST:
        raise section.error(f"the value has {len(body)} octets and {_LONGEST} is the limit")
    return kind, bytes([TYPES[kind]]) + body


def _body(section: Section, kind: str, identity: dict[str, bytes],
          form: bytearray | None) -> bytes:
    if kind in ("array", "structure"):
        return _elements(section, kind, identity, form)
    if form is not None:
        form += shapes.simple(section, kind)
    if kind in SIGNED or kind in UNSIGNED:
        return integer(section, kind, "value", section.raw("value"))
    if kind == "boolean":
        return b"\x01" if section.flag("value") else b"\x00"
    if kind in _FLOATS:
        return struct.pack(_FLOATS[kind], section.real("value", -3.4e38, 3.4e38))
    if kind in STRINGS:
        content = _content(section, kind)
        if form and form[-1] != shapes.ANY_SIZE and len(content) > form[-1]:
            raise section.error("the default is longer than 'longest'", "longest")
        return length(len(content)) + content
    if kind in _FIXED:
        return _fixed(section, kind)
    if kind == "bit-string":
        return _bits(section)
    if kind == "compact-array":
        return _compact(section)
    return b""


def fixed(kind: str) -> bool:
    """Has the type a body of one size?"""
    return kind in SIGNED or kind in UNSIGNED or kind in _FIXED or kind in _FLOATS or (
        kind == "boolean")


def integer(section: Section, kind: str, key: str, value) -> bytes:
    """Body of an integer after its range has been checked."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise section.error(f"'{key}' must be an integer for the type {kind}", key)
    signed = kind in SIGNED
    size = SIGNED[kind] if signed else UNSIGNED[kind]
    low = -(1 << 8 * size - 1) if signed else 0
    high = (1 << 8 * size - signed) - 1
    if not low <= value <= high:
        raise section.error(f"{value} is out of range for {kind}, {low} to {high}", key)
    return value.to_bytes(size, "big", signed=signed)


def _content(section: Section, kind: str) -> bytes:
    given = [key for key in ("text", "hex", "ramp") if section.has(key)]
    if len(given) != 1:
        raise section.error(f"a constant {kind} needs one of 'text', 'hex' and 'ramp'")
    if given == ["ramp"]:
        return bytes(i % _RAMP for i in range(section.number("ramp", 1, _LONGEST - 8)))
    if given == ["hex"]:
        return hexadecimal(section)
    text = section.text("text")
    if kind != "utf8-string" and not (text.isascii() and text.isprintable()):
        raise section.error(f"the text of a {kind} must be printable ASCII", "text")
    return text.encode()


def hexadecimal(section: Section) -> bytes:
    """Octets of the key 'hex'; spaces are welcome."""
    try:
        return bytes.fromhex(section.text("hex"))
    except ValueError:
        raise section.error("'hex' must be pairs of hexadecimal digits", "hex") from None


def _fixed(section: Section, kind: str) -> bytes:
    content = hexadecimal(section)
    if len(content) != _FIXED[kind]:
        raise section.error(f"a {kind} has {_FIXED[kind]} octets, not {len(content)}", "hex")
    return content


def _bits(section: Section) -> bytes:
    bits = section.text("bits")
    if not set(bits) <= {"0", "1"}:
        raise section.error("'bits' must be made of 0 and 1", "bits")
    padded = bits + "0" * (-len(bits) % 8)
    octets = bytes(int(padded[i : i + 8], 2) for i in range(0, len(padded), 8))
    return length(len(bits)) + octets


def _compact(section: Section) -> bytes:
    # type description | length of the contents | contents without tags
    kind = section.text("of")
    if kind not in SIGNED and kind not in UNSIGNED:
        raise section.error("a compact-array is offered for integers only", "of")
    values = section.items("values")
    contents = b"".join(integer(section, kind, "values", value) for value in values)
    return bytes([TYPES[kind]]) + length(len(contents)) + contents


def _elements(section: Section, kind: str, identity: dict[str, bytes],
              form: bytearray | None) -> bytes:
    forms = [None if form is None else bytearray() for _ in section.items("elements")]
    pairs = [encode(element, identity, inner)
             for element, inner in zip(section.sections("elements"), forms)]
    if form is not None:
        form += shapes.of_elements(section, kind, [bytes(inner or b"") for inner in forms])
    if kind == "array" and len({name for name, _ in pairs}) > 1:
        raise section.error("the elements of an array must be of one type", "elements")
    return length(len(pairs)) + b"".join(encoded for _, encoded in pairs)
