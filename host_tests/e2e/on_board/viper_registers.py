# Runs on the board: the copy of meter/registers.py against its twin.
import random
import struct

from meter import registers
from twins import registers as twin

MODULE = "meter.registers"
_EDGES = (0, 1, -1, 127, -128, 255, 2**15, 2**30 - 1, 2**30, -(2**30), -(2**30) - 1, 2**31 - 1,
          2**31, -(2**31), 2**32 - 1, 2**62, 2**63 - 1, -(2**63))  # fmt: skip


def _numbers():
    """The edges of small, machine and register words, then any."""
    for number in _EDGES:
        yield number
    for _ in range(30):
        yield random.getrandbits(32) << 31 | random.getrandbits(31)
        yield -(random.getrandbits(32) << 28 | random.getrandbits(28))


def _copy():
    values = bytearray(5 * 8)
    for number in _numbers():
        slot = random.randrange(5)
        struct.pack_into(">q", values, slot * 8, number)
        for size in range(9):
            pos = random.randrange(7)
            out = bytearray(b"\xee" * 16)
            want = bytearray(out)
            got = registers._copy(values, slot * 8 + 8 - size, size, out, pos)
            behind = twin.copy(number, size, want, pos)
            yield (number, size, pos), (got, out), (behind, want)


COMPARISONS = {"_copy": _copy}
