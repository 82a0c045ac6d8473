"""Section 9.2 for classes 9, 10, 11, 20 and 22: shapes, and the rules of their methods."""

import object_walk
import pytest
from object_walk import decoded, fits

_SCRIPTS = [(0x12, [(0x16, 0x12, (0x09, 6), 0x0F, None)])]
_ENTRY = (0x12, 0x03, (0x09, 6), 0x12, (0x09, 4), 0x12, 0x04, 0x04, (0x09, 5), (0x09, 5))
_SEASONS = [(0x09, (0x09, 12), 0x09)]
_WEEKS = [(0x09, *[0x11] * 7)]
_DAYS = [(0x11, [((0x09, 4), (0x09, 6), 0x12)])]
_SHAPES = {
    (9, 2): _SCRIPTS,
    (10, 2): [_ENTRY],
    (11, 2): [(0x12, (0x09, 5), 0x11)],
    **{(20, k): 0x09 for k in (2, 6)},
    **{(20, k): _SEASONS for k in (3, 7)},
    **{(20, k): _WEEKS for k in (4, 8)},
    **{(20, k): _DAYS for k in (5, 9)},
    (20, 10): (0x09, 12),
    (22, 2): ((0x09, 6), 0x12),
    (22, 3): 0x16,
    (22, 4): [((0x09, 4), (0x09, 5))],
}
_EMPTY = b"\x01\x00"
_UNKNOWN = (4, 250)
_CONFIGURATOR = next(
    row for row in object_walk.associations() if row["name"] == "configurator")


@pytest.fixture
def walk(host):
    return object_walk.Walk(_CONFIGURATOR, host())


def _read(walk, one, attribute):
    found = walk.get(one.descriptor(attribute))
    assert isinstance(found, bytes), f"{one} attribute {attribute}: result {found}"
    return found


def _values(walk, class_id):
    """(object, attribute, decoded value) of every attribute behind the first, shape checked."""
    found = []
    for one in walk.of_class(class_id):
        for attribute in sorted(one.attributes)[1:]:
            data = decoded(_read(walk, one, attribute))
            assert fits(_SHAPES[class_id, attribute], data), f"{one} {attribute}: {data}"
            found.append((one, attribute, data[1]))
    assert found, f"there is no object of class {class_id}"
    return found


def _only(walk, class_id):
    return walk.of_class(class_id)[0]


def _u16(number):
    return b"\x12" + number.to_bytes(2, "big")


def _structure(*parts):
    return bytes((2, len(parts))) + b"".join(parts)


def _array(*parts):
    return bytes((1, len(parts))) + b"".join(parts)


@pytest.mark.case("COSEM_X_Y/dummy", "Zero dummies")
def test_no_dummies(walk):
    """What is not used is an empty array here; enumerations hold values of the standard."""
    for _, _, scripts in _values(walk, 9):
        for _, (_, actions) in (script for _, script in scripts):
            assert all(action[0][1] in (0, 1, 2) for _, action in actions)
    for class_id in (11, 20):
        _values(walk, class_id)
    for _, attribute, value in _values(walk, 22):
        assert attribute != 3 or 1 <= value <= 5


@pytest.mark.case("COSEM_9", "Script table v0")
def test_script_table(walk):
    """Every script that stands in a table runs; unknown 4 or 250; 0 has no effect."""
    walk.client.line.wait(2000)  # profiles open in the first second, and a script captures
    for one, _, scripts in _values(walk, 9):
        identifiers = [script[0][1] for _, script in scripts]
        assert len(set(identifiers)) == len(identifiers)
        for identifier in identifiers:
            assert walk.act(one.descriptor(1), _u16(identifier)) == 0, f"{one} {identifier}"
        assert walk.act(one.descriptor(1), _u16(0)) == 0
        assert walk.act(one.descriptor(1), _u16(max(identifiers) + 1)) in _UNKNOWN
        assert walk.act(one.descriptor(1), b"\x11\x01") == 12


def _entry(index, enabled=1):
    return _structure(
        _u16(index), bytes((3, enabled)), b"\x09\x06\x00\x00\x0a\x00\x64\xff", _u16(1),
        b"\x09\x04\x0c\x00\x00\x00", _u16(0), b"\x04\x07\xf8", b"\x04\x08\x80",
        b"\x09\x05\xff\xff\xff\xff\xff", b"\x09\x05\xff\xff\xff\xff\xff")


@pytest.mark.case("COSEM_10", "Schedule v0")
def test_schedule(walk):
    _values(walk, 10)
    one = _only(walk, 10)
    assert walk.set(one.descriptor(2), _EMPTY) == 0
    for index in (3, 1, 2):
        assert walk.act(one.descriptor(2), _entry(index)) == 0
    three = _array(_entry(1), _entry(2), _entry(3))
    assert _read(walk, one, 2) == three
    # Disable 1 to 3, enable 2 to 2.
    assert walk.act(one.descriptor(1), _structure(_u16(1), _u16(3), _u16(2), _u16(2))) == 0
    assert _read(walk, one, 2) == _array(_entry(1, 0), _entry(2), _entry(3, 0))
    assert walk.act(one.descriptor(3), _structure(_u16(2), _u16(9))) == 0
    assert _read(walk, one, 2) == _array(_entry(1, 0))
    assert walk.act(one.descriptor(2), _entry(10000)) == 250
    assert walk.act(one.descriptor(2), _u16(1)) == 12


def _special(index, year, month, day, day_id):
    date = year.to_bytes(2, "big") + bytes((month, day, 255))
    return _structure(_u16(index), b"\x09\x05" + date, bytes((0x11, day_id)))


@pytest.mark.case("COSEM_11", "Special days table v0")
def test_special_days(walk):
    _values(walk, 11)
    one = _only(walk, 11)
    assert walk.set(one.descriptor(2), _EMPTY) == 0
    assert walk.act(one.descriptor(1), _special(1, 0xFFFF, 12, 25, 2)) == 0
    assert walk.act(one.descriptor(1), _special(2, 2027, 3, 26, 2)) == 0
    assert walk.act(one.descriptor(1), _special(1, 0xFFFF, 1, 1, 3)) == 0  # the same index
    assert _read(walk, one, 2) == _array(_special(1, 0xFFFF, 1, 1, 3), _special(2, 2027, 3, 26, 2))
    assert walk.act(one.descriptor(2), _u16(1)) == 0
    assert _read(walk, one, 2) == _array(_special(2, 2027, 3, 26, 2))
    assert walk.act(one.descriptor(2), _u16(1)) in _UNKNOWN
    assert walk.act(one.descriptor(1), _special(3, 2027, 13, 1, 2)) == 250
