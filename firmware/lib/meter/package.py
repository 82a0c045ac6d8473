# An image of the class Image transfer: modules that are laid over the frozen ones.
#
#    0 4D 43 49 4D      "MCIM"
#    4 01               version of this format
#    5 -
#    6 mpy u16          sys.implementation._mpy of compiled modules: version in the low octet,
#                       processor above; 0 = all modules are sources
#    8 length u32       octets behind this header
#   12 board 16         the target board's name, filled up with 00
#   28 identifier 32    the firmware identifier, filled up with 00
#   60 -4
#   64 digest 32        SHA-256 of the octets 0..63 and all behind the header
#   96 signature 64     of the digest; room for it, 00 so far
#  160 modules, one after the other:
#        n u8 | name, n octets, as meter/energy.mpy | length u32 | octets
import hashlib

from micropython import const

HEADER = 160
DIGEST = 64
_BODY_LENGTH = const(8)
_BOARD = const(12)
_IDENTIFIER = const(28)
_SIGNED_OVER = const(64)
_DIGEST_SIZE = const(32)
_MAGIC = b"MCIM\x01"
_ROOMS = ("port", "dlms", "cosem", "meter")
# What runs before anything is laid over: a copy of it would never be seen.
_NEVER = ("boot", "meter/slots", "port/files", "port/watchdog")
_PROCESSOR = const(0xFC00)  # bits of _mpy that name the processor of native code


def identifier(header) -> bytes:
    """The firmware identifier that a header names."""
    return _text(header, _IDENTIFIER, _SIGNED_OVER - 4)


def digest(header) -> bytes:
    """The SHA-256 that a header names."""
    return bytes(header[DIGEST : DIGEST + _DIGEST_SIZE])


def _text(header, start: int, end: int) -> bytes:
    octets = bytes(header[start:end])
    at = octets.find(b"\x00")
    return octets if at < 0 else octets[:at]


def fits(header, size: int, board: bytes, mpy: int) -> bool:
    """Is this the header of an image of `size` octets that this meter can run?"""
    if size < HEADER or bytes(header[: len(_MAGIC)]) != _MAGIC:
        return False
    if int.from_bytes(bytes(header[_BODY_LENGTH : _BODY_LENGTH + 4]), "big") != size - HEADER:
        return False
    if not identifier(header) or _text(header, _BOARD, _IDENTIFIER) != board:
        return False
    wanted = header[6] << 8 | header[7]
    if not wanted:
        return True
    # The same version; native code for this processor and of its sub-version, or none.
    if not mpy or wanted & 0xFF != mpy & 0xFF:
        return False
    return not wanted & _PROCESSOR or wanted >> 8 == mpy >> 8


def sha256(header):
    """The digest's beginning; what is behind the header is still to be added."""
    made = hashlib.sha256()
    made.update(bytes(header[:_SIGNED_OVER]))
    return made


def module(name: str) -> str:
    """What a module's file may be called: its name without the ending, "" for another one."""
    stem, dot, ending = name.partition(".")
    room, slash, inner = stem.rpartition("/")
    if ending not in ("py", "mpy") or stem in _NEVER or (slash and room not in _ROOMS):
        return ""
    for letter in inner:
        if not ("a" <= letter <= "z" or "0" <= letter <= "9" or letter == "_"):
            return ""
    return stem if inner else ""
