"""Random octets with a shape: mutations, lengths at their limits, A-XDR Data of every type.

`rng` is a random.Random, or hypothesis's stand-in for one, which can shrink what it drew.
"""

# Octets where comparisons and lengths turn over, tags of Data, a flag, a format field.
_EDGES = b"\x00\x01\x02\x06\x09\x0a\x13\x7e\x7f\x80\x81\x82\x83\x84\xa0\xa7\xa8\xc1\xff"
_SIZES = (0, 1, 2, 4, 12, 16, 127, 128, 255, 256, 600)
_DEEP = 4  # levels of nesting; "nested" goes far beyond
# Tag -> octets of the value, for the types whose size is fixed (Blue Book 4.1.5).
_FIXED = {0: 0, 3: 1, 5: 4, 6: 4, 13: 1, 15: 1, 16: 2, 17: 1, 18: 2, 20: 8, 21: 8, 22: 1,
          23: 4, 24: 8, 25: 12, 26: 5, 27: 4}  # fmt: skip
_TEXTS = (9, 10, 12)  # octet-string, visible-string, utf8-string: length and octets
_BITS, _ARRAY, _STRUCTURE, _COMPACT = 4, 1, 2, 19


def some(rng, count):
    """`count` random octets."""
    return bytes(rng.randrange(256) for _ in range(count))


def length(rng, count):
    """An A-XDR length: mostly the right one, shortest or longer than need be, sometimes a lie."""
    kind = rng.randrange(12)
    if kind == 0:
        count = rng.choice((0, count + 1, max(count - 1, 0), 0x7F, 0xFF, 0xFFFF))
    if kind == 1:
        return b"\x84" + count.to_bytes(4, "big")
    if kind == 2:
        return b"\x82" + (count & 0xFFFF).to_bytes(2, "big")
    if count < 0x80:
        return bytes((count,))
    size = (count.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + count.to_bytes(size, "big")


def data(rng, depth=0):
    """Data of a random type; what lies in it is random too."""
    kind = rng.randrange(10 if depth < _DEEP else 8)
    if kind < 5:
        tag = rng.choice(tuple(_FIXED))
        return bytes((tag,)) + some(rng, _FIXED[tag])
    if kind < 7:
        size = rng.choice(_SIZES if depth == 0 else _SIZES[:5])
        return bytes((rng.choice(_TEXTS),)) + length(rng, size) + some(rng, min(size, 16)) * (
            size // 16 + 1 if size > 16 else 1)  # fmt: skip
    if kind == 7:
        size = rng.randrange(40)
        return bytes((_BITS,)) + length(rng, size) + some(rng, (size + 7) // 8)
    count = rng.randrange(5)
    tag = _ARRAY if kind == 8 else _STRUCTURE
    return bytes((tag,)) + length(rng, count) + b"".join(data(rng, depth + 1) for _ in range(count))


def odd_data(rng):
    """Data that no decoder should trust: endless nesting, compact arrays, unknown tags."""
    kind = rng.randrange(4)
    if kind == 0:
        return bytes((rng.choice((_ARRAY, _STRUCTURE)), 1)) * rng.randrange(1, 300) + b"\x00"
    if kind == 1:
        return bytes((_COMPACT,)) + some(rng, rng.randrange(12))
    if kind == 2:
        return bytes((rng.randrange(256),)) + some(rng, rng.randrange(20))
    return bytes((_ARRAY, 0x84, 0xFF, 0xFF, 0xFF, 0xFF)) + some(rng, 4)


def mutated(rng, octets):
    """One to three small changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        octets = rng.choice(_CHANGES)(rng, octets)
    return octets


def _place(rng, octets):
    return rng.randrange(len(octets) + 1)


def _flip(rng, octets):
    if not octets:
        return octets
    at = rng.randrange(len(octets))
    return octets[:at] + bytes((octets[at] ^ 1 << rng.randrange(8),)) + octets[at + 1 :]


def _replace(rng, octets):
    at = _place(rng, octets)
    return octets[:at] + bytes((rng.choice(_EDGES),)) + octets[at + 1 :]


def _count(rng, octets):
    # One up or down: lengths, counts, block numbers.
    at = _place(rng, octets)
    if at == len(octets):
        return octets
    return octets[:at] + bytes(((octets[at] + rng.choice((1, -1))) & 0xFF,)) + octets[at + 1 :]


def _insert(rng, octets):
    at = _place(rng, octets)
    return octets[:at] + some(rng, rng.randrange(1, 5)) + octets[at:]


def _delete(rng, octets):
    at = _place(rng, octets)
    return octets[:at] + octets[at + rng.randrange(1, 5) :]


def _cut(rng, octets):
    return octets[: _place(rng, octets)]


def _repeat(rng, octets):
    at, end = sorted((_place(rng, octets), _place(rng, octets)))
    return octets[:end] + octets[at:end] * rng.choice((1, 1, 2, 20)) + octets[end:]


def _append(rng, octets):
    return octets + some(rng, rng.randrange(1, 9))


_CHANGES = (_flip, _replace, _count, _insert, _delete, _cut, _repeat, _append)
