"""Section 9.2 for classes 21, 70 and 71: shapes, types that belong together, transitions."""

import object_walk
import pytest
from object_walk import decoded, fits

_VALUE = (0x12, (0x09, 6), 0x0F)
_SCRIPT = ((0x09, 6), 0x12)
_INTEGERS = frozenset({0x05, 0x06, 0x0F, 0x10, 0x11, 0x12, 0x14, 0x15, 0x16})
_SHAPES = {
    (21, 2): [_INTEGERS],
    (21, 3): _VALUE,
    (21, 4): [(_SCRIPT, _SCRIPT)],
    (70, 2): 0x03,
    (70, 3): 0x16,
    (70, 4): 0x16,
    (71, 2): _VALUE,
    **{(71, k): _INTEGERS for k in (3, 4, 5)},
    **{(71, k): 0x06 for k in (6, 7)},
    (71, 8): (0x12, (0x09, 12), 0x06),
    (71, 9): [0x12],
    (71, 10): 0x03,
    (71, 11): (_SCRIPT, _SCRIPT),
}
_NOT_ALLOWED = (3, 250)
_DISCONNECT, _RECONNECT = 1, 2
_INT_0 = b"\x0f\x00"
_CONFIGURATOR = next(row for row in object_walk.associations() if row["name"] == "configurator")


@pytest.fixture
def walk(host):
    return object_walk.Walk(_CONFIGURATOR, host())


def _values(walk, one):
    """Attribute -> decoded Data behind the first, shapes checked."""
    found = {}
    for attribute in sorted(one.attributes)[1:]:
        found[attribute] = decoded(walk.get(one.descriptor(attribute)))
        shape = _SHAPES[one.class_id, attribute]
        assert fits(shape, found[attribute]), f"{one} {attribute}: {found[attribute]}"
    return found


def _monitored(walk, value):
    """Tag of the attribute that a monitored_value names."""
    (_, class_id), (_, name), (_, attribute) = value[1]
    descriptor = class_id.to_bytes(2, "big") + name + bytes((attribute,))
    return decoded(walk.get(descriptor))[0]


@pytest.mark.case("COSEM_21", "Register monitor v0")
def test_register_monitor(walk):
    found = walk.of_class(21)
    assert found
    for one in found:
        values = _values(walk, one)
        thresholds, actions = values[2][1], values[4][1]
        assert {tag for tag, _ in thresholds} == {_monitored(walk, values[3])}
        assert len(thresholds) == len(actions)
        assert walk.set(one.descriptor(2), b"\x01\x01\x09\x01\x00") == 12


@pytest.mark.case("COSEM_70", "Disconnect control v0")
def test_disconnect_control(walk):
    """Mode 4 reconnects at once; mode 0 forbids everything and changes nothing."""
    (one,) = walk.of_class(70)
    values = _values(walk, one)
    assert values[3][1] in (0, 1, 2) and values[4][1] in range(7)

    def state():
        (_, output), (_, control), _ = (_values(walk, one)[k] for k in (2, 3, 4))
        assert output == (control == 1)
        return control

    assert walk.set(one.descriptor(4), b"\x16\x04") == 0
    for method, wanted in ((_DISCONNECT, 0), (_RECONNECT, 1)):
        assert walk.act(one.descriptor(method), _INT_0) == 0
        assert state() == wanted
    assert walk.set(one.descriptor(4), b"\x16\x07") in (12, 250)
    assert walk.set(one.descriptor(4), b"\x16\x00") == 0
    assert walk.act(one.descriptor(_DISCONNECT), _INT_0) in _NOT_ALLOWED
    assert state() == 1


def test_limiter(walk):
    (one,) = walk.of_class(71)
    values = _values(walk, one)
    tags = {values[k][0] for k in (3, 4, 5)}
    assert tags == {_monitored(walk, values[2])}
    assert values[3] == values[5 if values[10][1] else 4]
