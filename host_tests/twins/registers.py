"""Twin of the copy in meter/registers.py: the last octets of a number of eight."""


def copy(number, size, out, pos):
    octets = (number % (1 << 64)).to_bytes(8, "big")
    out[pos : pos + size] = octets[8 - size :]
    return pos + size
