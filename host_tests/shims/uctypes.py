"""`uctypes` for CPython: addressof only, and every buffer lies where the ring should lie.

CPython gives no say in where a bytearray is; the unix port, whose built-in module comes first,
has a real heap on which the placing of the ring is tested.
"""

_ADDRESS = 0x20010000


def addressof(buffer):
    """A multiple of 64 KB in the RP2040's memory."""
    return _ADDRESS
