# Values that a client may change, and what else is kept by key: an encoded Data each. A leaf.
#
# A key that was never put has the default of the object table. The store (store.py) takes them;
# where there is none they live in RAM.

_values = {}  # key u16 -> bytes; at most one of each settable attribute's length
_store = None


def use(store) -> None:
    """Keep everything in a store, an object with get and put; None: in RAM again."""
    global _store
    _store = store


def get(key: int):
    """The octets put last, None when there are none."""
    return _values.get(key) if _store is None else _store.get(key)


def put(key: int, octets: bytes) -> bool:
    """Keep octets from now on; True once they are safe. Keys below 0x100 are the meter's own."""
    if _store is None:
        _values[key] = octets
        return True
    return _store.put(key, octets)
