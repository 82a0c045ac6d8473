"""What the object tests walk over: every association of meter.toml, and the objects it lists.

Data are decoded here as (tag, value): a number, octets, or a list of such pairs.
"""

import sys
from pathlib import Path

import case_client

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TOML = Path(__file__).resolve().parents[2] / "firmware" / "meter.toml"
_EVERYTHING = b"\x40\xfe\x1f"  # all an LN client may propose but ACCESS: general blocks and the rest
_NULL, _ARRAY, _STRUCTURE, _COMPACT = 0x00, 0x01, 0x02, 0x13
_FIXED = {0x03: 1, 0x05: 4, 0x06: 4, 0x0D: 1, 0x0F: 1, 0x10: 2, 0x11: 1, 0x12: 2, 0x14: 8, 0x15: 8,
          0x16: 1, 0x17: 4, 0x18: 8, 0x19: 12, 0x1A: 5, 0x1B: 4}  # fmt: skip
_SIGNED = (0x05, 0x0F, 0x10, 0x14)
_STRINGS = (0x09, 0x0A, 0x0C)
_OBJECT_LIST = (15, bytes((0, 0, 40, 0, 0, 255)), 2)
_TEMPORARY_FAILURE = b"\x02"
_PATIENCE_S = 10
NOT_SERVED = b"\xd8\x01\x02"


class NoData(AssertionError):
    """Octets that are no Data of the standard."""


def length_at(octets, at):
    """A-XDR length: (length, position behind it)."""
    first = octets[at]
    size = first & 0x7F if first & 0x80 else 0
    return (int.from_bytes(octets[at + 1 : at + 1 + size], "big") if size else first), at + 1 + size


def data_at(octets, at=0):
    """One Data: ((tag, value), position behind it)."""
    tag = octets[at]
    at += 1
    if tag == _NULL:
        return (tag, None), at
    if tag in (_ARRAY, _STRUCTURE):
        count, at = length_at(octets, at)
        items = []
        for _ in range(count):
            item, at = data_at(octets, at)
            items.append(item)
        return (tag, items), at
    return _simple(tag, octets, at)


def _simple(tag, octets, at):
    if tag in _FIXED:
        end = at + _FIXED[tag]
        value = octets[at:end]
        if tag <= 0x16:
            value = int.from_bytes(value, "big", signed=tag in _SIGNED)
    elif tag == _COMPACT:
        return _compact(octets, at)
    elif tag in _STRINGS or tag == 0x04:
        size, at = length_at(octets, at)
        end = at + ((size + 7) // 8 if tag == 0x04 else size)
        value = octets[at:end]
    else:
        raise NoData(f"there is no Data with tag {tag:02X}")
    if end > len(octets):
        raise NoData(f"Data is cut off: {octets.hex(' ')}")
    return (tag, value), end


def _compact(octets, at):
    """Only compact arrays of one simple type: type description of one octet."""
    size, start = length_at(octets, at + 1)
    return (_COMPACT, octets[start : start + size]), start + size


def decoded(octets):
    """The Data that fills the octets exactly."""
    data, end = data_at(octets)
    if end != len(octets):
        raise NoData(f"{len(octets) - end} octets behind the Data: {octets.hex(' ')}")
    return data


def fits(shape, data):
    """Has a Data this shape?

    None any, 0x12 the tag, (0x09, 6) octets of that size, ((…), …) a structure of these,
    [shape] an array of that, {a, b} one of them.
    """
    tag, value = data
    if shape is None:
        return True
    if isinstance(shape, int):
        return tag == shape
    if isinstance(shape, (set, frozenset)):
        return any(fits(one, data) for one in shape)
    if isinstance(shape, list):
        return tag == _ARRAY and all(fits(shape[0], item) for item in value)
    if len(shape) == 2 and shape[0] in _STRINGS and isinstance(shape[1], int) and shape[1] < 100:
        return tag == shape[0] and len(value) == shape[1]
    same = tag == _STRUCTURE and len(value) == len(shape)
    return same and all(fits(one, item) for one, item in zip(shape, value))


class Object:
    """An element of an object list."""

    def __init__(self, element):
        (_, class_id), (_, version), (_, name), (_, (attributes, methods)) = element[1]
        self.class_id, self.version, self.name = class_id, version, name
        self.attributes = {item[1][0][1]: item[1][1][1] for item in attributes[1]}
        self.methods = {item[1][0][1]: item[1][1][1] for item in methods[1]}

    def __str__(self):
        a, b, c, d, e, f = self.name
        return f"{self.class_id} {a}-{b}:{c}.{d}.{e}.{f}"

    def descriptor(self, attribute):
        return self.class_id.to_bytes(2, "big") + self.name + bytes((attribute & 0xFF,))


class Walk:
    """One open association of a meter, proposing all there is."""

    def __init__(self, row, meter):
        self.row = row
        password = row.get("password") or {}
        self.server = row["server"]
        self.client = case_client.Client(
            meter.line("rs485"), row["client"], bytes((row["server"] << 1 | 1,)), 512, 1
        )
        self.client.disconnect()
        self.client.connect()
        aare = self.client.associate(password.get("text", "").encode(), _EVERYTHING, 1024)
        at = aare.index(b"\x5f\x1f\x04\x00") + 4
        self.conformance = int.from_bytes(aare[at : at + 3], "big")
        self.objects = [Object(element) for element in self._list()]

    def _list(self):
        class_id, name, attribute = _OBJECT_LIST
        return decoded(self.get(class_id.to_bytes(2, "big") + name + bytes((attribute,))))[1]

    def offers(self, bit):
        """Was this bit of the conformance block negotiated? Bit 0 is the first on the line."""
        return bool(self.conformance >> 23 - bit & 1)

    def get(self, descriptor):
        """The octets of a Data, or the data-access-result."""
        return case_client.read(self.client, descriptor)

    def set(self, descriptor, data):
        """Data-access-result; None when the service is not there.

        temporary-failure means what it says: the store erases flash when the line is idle, so
        the meter is left alone for a second and asked again."""
        for _ in range(_PATIENCE_S):
            answer = self.client.ask(b"\xc1\x01\xc1" + descriptor + b"\x00" + data)
            if answer[:3] != b"\xc5\x01\xc1" or answer[3:] != _TEMPORARY_FAILURE:
                break
            self.client.line.wait(1000)
        if answer == NOT_SERVED:
            return None
        assert answer[:3] == b"\xc5\x01\xc1" and len(answer) == 4, answer.hex(" ")
        return answer[3]

    def act(self, descriptor, parameter):
        """Action-result; None when the service is not there."""
        answer = self.client.ask(b"\xc3\x01\xc1" + descriptor + b"\x01" + parameter)
        if answer == NOT_SERVED:
            return None
        assert answer[:3] == b"\xc7\x01\xc1", answer.hex(" ")
        return answer[3]

    def get_list(self, descriptors):
        """GET with list, through blocks where they come: a list as get() gives."""
        request = b"\xc0\x03\xc1" + bytes((len(descriptors),))
        answer = self.client.ask(request + b"".join(one + b"\x00" for one in descriptors))
        results = answer[3:] if answer[:2] == b"\xc4\x03" else self._blocks(answer)
        count, at = length_at(results, 0)
        found = []
        for _ in range(count):
            start = at + 1
            if results[at] == 0:
                _, at = data_at(results, start)
                found.append(results[start:at])
            else:
                found.append(results[start])
                at = start + 1
        assert at == len(results), results.hex(" ")
        return found

    def _blocks(self, answer):
        made = b""
        number = 1
        while True:
            assert answer[:2] == b"\xc4\x02" and answer[4:9] == number.to_bytes(4, "big") + b"\x00"
            size, at = length_at(answer, 9)
            assert len(answer) == at + size
            made += answer[at:]
            if answer[3]:
                return made
            answer = self.client.ask(b"\xc0\x02\xc1" + number.to_bytes(4, "big"))
            number += 1

    def of_class(self, class_id):
        return [one for one in self.objects if one.class_id == class_id]


def meter_toml():
    """meter.toml as it is."""
    return tomllib.loads(_TOML.read_text(encoding="utf-8"))


def associations():
    """The association tables of meter.toml."""
    return meter_toml()["association"]
