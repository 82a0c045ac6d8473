# Runs on the board: dlms/fcs.py against its twin.
from compare import octets
from dlms import fcs
from twins import fcs as twin

MODULE = "dlms.fcs"


def _check(where, data, start, end):
    return where, fcs.fcs16(data, start, end), twin.fcs16(data, start, end)


def _fcs16():
    # The published check value of CRC-16/X-25, and nothing at all.
    yield "check value", fcs.fcs16(b"123456789", 0, 9), 0x906E
    yield "nothing", fcs.fcs16(b"", 0, 0), 0
    for octet in range(256):
        yield _check("table entry", bytes((octet, octet ^ 0xA5)), 0, 2)
    data = octets(24)
    for start in range(len(data)):
        for end in range(start, len(data) + 1):
            yield _check("slice", data, start, end)
    for octet in (0x00, 0x7E, 0xFF):
        yield _check("run of one octet", bytes([octet]) * 300, 0, 300)
    for kind in (bytes, bytearray, memoryview):
        yield _check("kind of buffer", kind(octets(41)), 1, 40)
    for offset in range(4):
        yield _check("part of a buffer", memoryview(octets(60))[offset:], 3, 50)
    yield _check("longest frame", octets(2047), 0, 2047)


def _moved(source, to, at, count, whole):
    """One move in a target of `whole` octets: ours and the twin's."""
    target = bytearray(b"\xee" * whole)
    other = bytearray(target)
    fcs.move(target, to, source, at, count)
    twin.move(other, to, source, at, count)
    return (to, at, count), target, other


def _move():
    source = octets(40)
    for to in range(5):
        for at in range(5):
            for count in range(20):
                yield _moved(source, to, at, count, 32)
    for kind in (bytearray, memoryview):
        yield _moved(kind(source), 3, 1, 17, 32)
    yield _moved(octets(1300), 1, 2, 1290, 1300)
    # Into a part of a buffer.
    target = bytearray(12)
    fcs.move(memoryview(target)[3:], 2, source, 1, 4)
    yield "part of a buffer", bytes(target), bytes(5) + source[1:5] + bytes(3)
    for gap in range(9):
        buf = bytearray(source)
        other = bytearray(source)
        fcs.move(buf, 2, buf, 2 + gap, 30 - gap)
        twin.move(other, 2, other, 2 + gap, 30 - gap)
        yield "towards the start", buf, other


COMPARISONS = {"fcs16": _fcs16, "move": _move}
