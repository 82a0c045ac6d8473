"""Class 18: block_size = 512, the octets of a block, and enabled = true, if not said otherwise."""

from __future__ import annotations

_BLOCK_SIZE, _ENABLED = 2, 5  # attributes
_SMALLEST, _LARGEST = 16, 960  # image_transfer.py


def bind(made, section, reader) -> None:
    """The two attributes that are data; the others say how the transfer is doing."""
    size = section.number("block_size", _SMALLEST, _LARGEST, 512)
    enabled = section.flag("enabled") if section.has("enabled") else True
    made.attributes[_BLOCK_SIZE] = b"\x06" + size.to_bytes(4, "big")
    made.attributes[_ENABLED] = bytes((3, enabled))
