# Values that a client may change, and nothing else: by key, an encoded Data each. A leaf.
#
# A key that was never put has the default of the object table. They live in RAM so far; a store
# that makes them last takes the place of these two functions.

_values = {}  # key u16 -> bytes; at most one of each settable attribute's length


def get(key: int):
    """The octets put last, None when there are none."""
    return _values.get(key)


def put(key: int, octets: bytes) -> bool:
    """Keep octets from now on; True once they are safe. Keys below 0x100 are the meter's own."""
    _values[key] = octets
    return True
