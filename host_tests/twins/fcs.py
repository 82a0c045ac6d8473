"""Twin of dlms/fcs.py: CRC-16/X-25 by its polynomial, bit by bit, and the copy as a slice."""


def fcs16(buf, start, end):
    crc = 0xFFFF
    for octet in buf[start:end]:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc ^ 0xFFFF


def move(target, to, source, at, count):
    target[to : to + count] = bytes(source[at : at + count])
