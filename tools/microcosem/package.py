"""The image of a firmware: modules that a meter lays over those it was built with.

     0 4D 43 49 4D  "MCIM" | 4 version 01 | 5 00
     6 mpy u16      version in the low octet, processor and sub-version above; 0 = sources only
     8 length u32   octets behind this header
    12 board, 16 octets | 28 identifier, 32 octets | 60 four octets 00
    64 SHA-256 of the octets 0..63 and of all behind the header
    96 room for a signature, 64 octets 00
   160 modules: length of the name u8 | name, as meter/energy.mpy | length u32 | octets
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass

from .errors import ReaderError

HEADER = 160
_HEAD = struct.Struct(">4sBxHI16s32s4x")
_MAGIC, _VERSION = b"MCIM", 1
_BOARD_MAX, _IDENTIFIER_MAX = 16, 32
_NAME = re.compile(r"(?:(?:port|dlms|cosem|meter)/)?[a-z0-9_]+\.m?py")
# What a meter runs before it looks at an image.
_NEVER = ("boot", "meter/slots", "port/files", "port/watchdog")
_NATIVE = 0xFC00  # bits of mpy that name a processor


class ImageError(ReaderError):
    """An image that cannot be built, or is none."""

    kind = "image"


@dataclass(frozen=True)
class Package:
    """What an image holds; modules maps a name to its octets."""

    identifier: str
    board: str
    modules: dict[str, bytes]
    mpy: int = 0


def pack(package: Package) -> bytes:
    """The octets of an image."""
    if not package.modules:
        raise ImageError("an image needs at least one module")
    identifier = _text(package.identifier, _IDENTIFIER_MAX, "identifier")
    board = _text(package.board, _BOARD_MAX, "board's name")
    body = b"".join(_module(name, octets) for name, octets in package.modules.items())
    head = _HEAD.pack(_MAGIC, _VERSION, package.mpy, len(body), board, identifier)
    return head + hashlib.sha256(head + body).digest() + bytes(64) + body


def _text(text: str, longest: int, what: str) -> bytes:
    if not text or not text.isascii() or len(text) > longest:
        raise ImageError(f"the {what} has 1 to {longest} ASCII characters")
    return text.encode()


def _module(name: str, octets: bytes) -> bytes:
    if not _NAME.fullmatch(name):
        raise ImageError(f"'{name}' is no module of the firmware: port/x.py, main.py and so on")
    if name.rpartition(".")[0] in _NEVER:
        raise ImageError(f"'{name}' chooses the image, so it cannot be in one")
    return bytes((len(name),)) + name.encode() + struct.pack(">I", len(octets)) + octets


def unpack(octets: bytes) -> Package:
    """The image that the octets are; ImageError when they are none, or a damaged one."""
    if len(octets) < HEADER or octets[:5] != _MAGIC + bytes((_VERSION,)):
        raise ImageError("this is no image of a firmware")
    _, _, mpy, length, board, identifier = _HEAD.unpack(octets[: _HEAD.size])
    body = octets[HEADER:]
    if len(body) != length:
        raise ImageError(f"the image should have {HEADER + length} octets and has {len(octets)}")
    if hashlib.sha256(octets[: _HEAD.size] + body).digest() != octets[64:96]:
        raise ImageError("the image is damaged: its SHA-256 is another one")
    return Package(_ascii(identifier), _ascii(board), _modules(body), mpy)


def _ascii(octets: bytes) -> str:
    return octets.rstrip(b"\x00").decode("ascii", "replace")


def _modules(body: bytes) -> dict[str, bytes]:
    found, at = {}, 0
    while at < len(body):
        n = body[at]
        name, at = body[at + 1 : at + 1 + n], at + 1 + n + 4
        length = int.from_bytes(body[at - 4 : at], "big")
        found[_ascii(name)] = body[at : at + length]
        at += length
    if at != len(body):
        raise ImageError("the modules of the image do not end where it ends")
    return found


def mpy_of(modules: dict[str, bytes]) -> int:
    """The mpy of an image: of its compiled modules, those with native code first."""
    made = 0
    for name, octets in modules.items():
        if name.endswith(".mpy"):
            if octets[:1] != b"M" or len(octets) < 4:
                raise ImageError(f"'{name}' is no compiled module")
            found = octets[1] | octets[2] << 8
            native, known = found & _NATIVE, made & _NATIVE
            if made and (made & 0xFF != found & 0xFF or (native and known and native != known)):
                raise ImageError(f"'{name}' was compiled for another MicroPython")
            made = found if native or not made else made
    return made


def name_of(path: str) -> str:
    """The name in an image of a file: what is behind lib/, or the file's own name."""
    path = path.replace("\\", "/")
    return path.rpartition("/lib/")[2] if "/lib/" in path else path.rpartition("/")[2]
