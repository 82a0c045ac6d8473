"""Section 9.2 for classes 4, 5 and 6: shapes, ranges, and the rules of their methods."""

import object_walk
import pytest
from object_walk import decoded, fits

_SHAPES = {
    (4, 2): 0x06,
    (4, 3): (0x0F, 0x16),
    (4, 4): 0x11,
    (4, 5): (0x09, 12),
    (5, 2): 0x06,
    (5, 3): 0x06,
    (5, 4): (0x0F, 0x16),
    (5, 5): 0x11,
    (5, 6): (0x09, 12),
    (5, 7): (0x09, 12),
    (5, 8): 0x06,
    (5, 9): 0x12,
    (6, 2): [(0x12, (0x09, 6))],
    (6, 3): [(0x09, [0x11])],
    (6, 4): 0x09,
}
_ZERO = b"\x0f\x00"
_ENERGY = bytes((0, 0, 14, 0, 1, 255))
_CONFIGURATOR = next(row for row in object_walk.associations() if row["name"] == "configurator")


@pytest.fixture
def walk(host):
    return object_walk.Walk(_CONFIGURATOR, host())


def _read(walk, one, attribute):
    found = walk.get(one.descriptor(attribute))
    assert isinstance(found, bytes), f"{one} attribute {attribute}: result {found}"
    return found


def _value(walk, one, attribute):
    return decoded(_read(walk, one, attribute))[1]


def _objects(walk, class_id):
    """The objects of a class, after the shape of every attribute has been checked."""
    found = walk.of_class(class_id)
    assert found, f"there is no object of class {class_id}"
    for one in found:
        for attribute in sorted(one.attributes)[1:]:
            data = decoded(_read(walk, one, attribute))
            assert fits(_SHAPES[class_id, attribute], data), f"{one} {attribute}: {data}"
    return found


@pytest.mark.case("COSEM_4", "Extended register v0")
def test_extended_register(walk):
    """Reset gives 0 and the time of the reset; a unit of the standard; no other parameter."""
    for one in _objects(walk, 4):
        exponent, unit = _value(walk, one, 3)
        assert -128 <= exponent[1] <= 127 and 1 <= unit[1] <= 255
        assert walk.act(one.descriptor(1), _ZERO) == 0
        assert _value(walk, one, 2) == 0
        captured = _value(walk, one, 5)
        assert captured[:5] == _value(walk, walk.of_class(8)[0], 2)[:5]  # the day of the clock
        assert walk.act(one.descriptor(1), b"\x09\x01\x00") == 12


@pytest.mark.case("COSEM_5", "Demand register v0")
def test_demand_register(walk):
    """Both averages have one type; period and number are 1 at least; reset empties both."""
    for one in _objects(walk, 5):
        assert _read(walk, one, 2)[0] == _read(walk, one, 3)[0]
        period, periods = _read(walk, one, 8), _read(walk, one, 9)
        for attribute, data, want in (
            (8, b"\x06" + bytes(4), 250), (9, b"\x12\x00\x00", 250), (8, b"\x12\x00\x3c", 12),
            (8, b"\x06\x00\x00\x00\x3c", 0), (9, b"\x12\x00\x01", 0), (8, period, 0),
            (9, periods, 0),
        ):  # fmt: skip
            assert walk.set(one.descriptor(attribute), data) == want, (attribute, data)
        assert (_read(walk, one, 8), _read(walk, one, 9)) == (period, periods)
        for method in (1, 2):
            assert walk.act(one.descriptor(method), _ZERO) == 0
            assert _value(walk, one, 2) == 0
            assert walk.act(one.descriptor(method), b"\x09\x01\x00") == 12


def _fit_together(walk, one):
    """Indices lie within the assignment, names are there once, the active mask is one of them."""
    count = len(_value(walk, one, 2))
    masks = [[part[1] for part in mask] for _, mask in _value(walk, one, 3)]
    names = [name for name, _ in masks]
    assert len(set(names)) == len(names) and _value(walk, one, 4) in names
    assert all(1 <= index <= count for _, indices in masks for _, index in indices)


@pytest.mark.case("COSEM_6", "Register activation v0")
def test_register_activation(walk):
    every = {(one.class_id, one.name) for one in walk.objects}
    for one in _objects(walk, 6):
        _fit_together(walk, one)
        assigned = [(entry[0][1], entry[1][1]) for _, entry in _value(walk, one, 2)]
        assert set(assigned) <= every and len(set(assigned)) == len(assigned)


@pytest.mark.case("COSEM_6", "Register activation v0")
def test_register_activation_methods(walk):
    (one,) = [one for one in walk.of_class(6) if one.name == _ENERGY]
    before = len(_value(walk, one, 3))
    night = b"\x09\x05NIGHT"
    assert walk.set(one.descriptor(4), night) == 250
    assert walk.act(one.descriptor(2), b"\x02\x02" + night + b"\x01\x01\x11\x02") == 0
    assert walk.act(one.descriptor(2), b"\x02\x02" + night + b"\x01\x02\x11\x02\x11\x06") == 0
    assert len(_value(walk, one, 3)) == before + 1  # the same name: replaced
    assert walk.act(one.descriptor(2), b"\x02\x02\x09\x01X\x01\x01\x11\x00") == 250
    assert walk.act(one.descriptor(2), b"\x02\x02\x09\x01X\x01\x01\x11\xff") == 250
    assert walk.set(one.descriptor(4), night) == 0
    assert walk.act(one.descriptor(3), night) == 250  # it is active
    assert walk.set(one.descriptor(4), b"\x09\x05RATE1") == 0
    assert walk.act(one.descriptor(3), night) == 0
    assert walk.act(one.descriptor(3), night) == 250
    assert walk.act(one.descriptor(1), _ZERO) == 12
    _fit_together(walk, one)
