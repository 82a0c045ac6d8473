"""Section 9: every attribute of every object of every association, and the rules of the classes.

Shapes, counts of attributes and of methods are those of the Blue Book's class descriptions.
"""

import object_walk
import pytest
from object_walk import decoded, fits

_SHAPES = {  # (class, attribute) -> shape, see object_walk.fits; attribute 1 is (0x09, 6)
    (1, 2): None,
    (3, 2): None,
    (3, 3): (0x0F, 0x16),
    (8, 2): (0x09, 12),
    (8, 3): 0x10,
    (8, 4): 0x11,
    (8, 5): (0x09, 12),
    (8, 6): (0x09, 12),
    (8, 7): 0x0F,
    (8, 8): 0x03,
    (8, 9): 0x16,
    (15, 2): [(0x12, 0x11, (0x09, 6), (0x01, 0x01))],
    (15, 3): (0x0F, 0x12),
    (15, 4): frozenset({(0x09, 7), (0x11, 0x11, 0x12, 0x11, 0x11, 0x11, 0x11)}),
    (15, 5): (0x04, 0x12, 0x12, 0x11, 0x0F, 0x09),
    (15, 6): frozenset({(0x09, 7), (0x11, 0x11, 0x12, 0x11, 0x11, 0x11, 0x11)}),
    (15, 8): 0x16,
    (15, 9): (0x09, 6),
    (15, 10): [(0x11, 0x0A)],
    (15, 11): (0x11, 0x0A),
    (17, 2): [(0x12, 0x09)],
    (19, 2): 0x16,
    (19, 3): 0x16,
    (19, 4): 0x16,
    (19, 5): 0x16,
    (19, 6): 0x09,
    (19, 7): 0x09,
    (19, 8): 0x09,
    (19, 9): 0x09,
    (23, 2): 0x16,
    (23, 3): 0x11,
    (23, 4): 0x11,
    (23, 5): 0x12,
    (23, 6): 0x12,
    (23, 7): 0x12,
    (23, 8): 0x12,
    (23, 9): 0x12,
    (24, 2): 0x16,
    (24, 3): 0x16,
    (24, 4): [0x11],
    (24, 5): [0x0F],
    (26, 2): 0x12,
    (26, 3): 0x06,
    (26, 4): 0x09,
    (27, 2): 0x16,
    (27, 3): [(0x09, 0x09, 0x12)],
    (27, 4): [0x09],
    (28, 2): 0x16,
    (28, 3): [((0x09, 12), (0x09, 12))],
    (28, 4): 0x16,
    (28, 5): 0x11,
    (28, 6): (0x11, 0x11),
    (29, 2): 0x16,
    (29, 3): 0x11,
    (29, 4): 0x12,
    (29, 5): [((0x09, 12), (0x09, 12))],
    (29, 6): [0x09],
    (61, 2): [None],
    (61, 3): (0x12, (0x09, 6), [0x11], 0x0F),
    (61, 4): (0x0F, 0x16),
    (63, 2): frozenset({0x04, 0x06, 0x09, 0x0A, 0x0C, 0x11, 0x12, 0x15}),
    (63, 3): (0x11, frozenset({0x12, 0x01})),
}
# (class, version) -> number of attributes and methods that the standard gives it
_SIZES = {(1, 0): (2, 0), (3, 0): (3, 1), (8, 0): (9, 6), (15, 1): (9, 4), (15, 2): (11, 6),
          (4, 0): (5, 1), (5, 0): (9, 2), (6, 0): (4, 3), (7, 1): (8, 2), (9, 0): (2, 1),
          (10, 0): (2, 3), (11, 0): (2, 2), (20, 0): (10, 1), (21, 0): (4, 0), (22, 0): (4, 0),
          (70, 0): (4, 2), (71, 0): (11, 0),
          (15, 3): (11, 6), (17, 0): (2, 1), (18, 0): (7, 4), (19, 1): (9, 0), (23, 1): (9, 0),
          (24, 1): (5, 0), (26, 0): (4, 0), (27, 1): (4, 0), (28, 0): (6, 0), (29, 0): (6, 0),
          (61, 0): (4, 2), (63, 0): (3, 0)}  # fmt: skip
_MANUFACTURER = 8192  # classes from here on are ours
_READ, _WRITE = 1, 2  # bits of an access mode, 0 to 3
_DENIED, _UNDEFINED = 3, 4
_GET_LIST, _SET, _ACTION = 14, 20, 23  # bits of the conformance block
_CLOCK_TIME = (8, 2)
_BIT_REGISTERS = (bytes((0, 0, 97, 97, 0, 255)), bytes((0, 0, 97, 98, 0, 255)))  # error, alarm
_CURRENT = bytes((0, 0, 40, 0, 0, 255))
_SAP_ASSIGNMENT = bytes((0, 0, 41, 0, 0, 255))
_DEVICE_NAME = bytes((0, 0, 42, 0, 0, 255))
_ARCS = bytes.fromhex("6085740508")
_LIVE = (3, 8)  # classes whose values change by themselves

_ROWS = object_walk.associations()


@pytest.fixture(params=_ROWS, ids=[row["name"] for row in _ROWS])
def walk(request, host):
    return object_walk.Walk(request.param, host())


@pytest.fixture
def walks(host):
    """One for each association, each on a meter of its own."""
    return lambda: (object_walk.Walk(row, host()) for row in _ROWS)


def _attributes(walk, wanted, without=0):
    """(object, attribute) with these bits of the access mode set and those not."""
    for one in walk.objects:
        for attribute, mode in one.attributes.items():
            if mode & wanted == wanted and not mode & without:
                yield one, attribute


def _read(walk, one, attribute):
    found = walk.get(one.descriptor(attribute))
    assert isinstance(found, bytes), f"{one} attribute {attribute}: result {found}"
    return found


# --- 9.1 -------------------------------------------------------------------------------------


@pytest.mark.case("COSEM_X_Y/not_readable", "Attribute not readable")
def test_not_readable(walk):
    tried = 0
    for one, attribute in _attributes(walk, 0, _READ):
        assert walk.get(one.descriptor(attribute)) == _DENIED, f"{one} {attribute}"
        tried += 1
    assert tried  # the secret of an association at least


@pytest.mark.case("COSEM_X_Y/writable", "Writable attribute")
def test_writable(walks):
    tried = 0
    for walk in walks():
        for one, attribute in _attributes(walk, _READ | _WRITE):
            value = _read(walk, one, attribute)
            assert walk.set(one.descriptor(attribute), value) == 0, f"{one} {attribute}"
            now = _read(walk, one, attribute)
            if one.name in _BIT_REGISTERS:  # what is set elsewhere is an event with a bit of its own
                assert all(a & b == b for a, b in zip(now, value)), f"{one} {attribute}"
            elif (one.class_id, attribute) != _CLOCK_TIME:
                assert now == value, f"{one} {attribute}"
            tried += 1
    assert tried


@pytest.mark.case("COSEM_X_Y/not_writable", "Attribute not writable")
def test_not_writable(walk):
    wanted = _DENIED if walk.offers(_SET) else None
    for one, attribute in _attributes(walk, 0, _WRITE):
        value = walk.get(one.descriptor(attribute))
        data = value if isinstance(value, bytes) and len(value) < 900 else b"\x11\x05"
        assert walk.set(one.descriptor(attribute), data) == wanted, f"{one} {attribute}"
        if one.class_id not in _LIVE:
            assert walk.get(one.descriptor(attribute)) == value, f"{one} {attribute}"


@pytest.mark.case("COSEM_OBJLIST_1", "object_list is complete and consistent")
def test_object_list(walk):
    listed = [(one.class_id, one.version, one.name) for one in walk.objects]
    assert len(set(listed)) == len(listed)
    for one in walk.objects:
        assert _read(walk, one, 1) == b"\x09\x06" + one.name, str(one)
        if one.class_id < _MANUFACTURER:
            attributes, methods = _SIZES[one.class_id, one.version]
            assert sorted(one.attributes) == list(range(1, attributes + 1)), str(one)
            assert sorted(one.methods) == list(range(1, methods + 1)), str(one)


@pytest.mark.case("COSEM_OBJLIST_1", "object_list is complete and consistent")
def test_what_is_not_listed_is_not_there(walks):
    """Whatever any association sees, in this one it answers only when it is listed."""
    every = list(walks())
    union = {(one.class_id, one.name): one for walk in every for one in walk.objects}
    hidden = 0
    for row in _ROWS:
        walk = next(walk for walk in walks() if walk.row is row)
        listed = {(one.class_id, one.name) for one in walk.objects}
        for key, one in union.items():
            if key not in listed:
                assert walk.get(one.descriptor(1)) == _UNDEFINED, f"{row['name']} {one}"
                hidden += 1
    assert hidden


@pytest.mark.case("COSEM_MAND_1", "Current association object")
def test_current_association(walk):
    (current,) = [one for one in walk.of_class(15) if one.name == _CURRENT]

    def value(attribute):
        return decoded(_read(walk, current, attribute))[1]

    assert [item[1] for item in value(3)] == [walk.row["client"], walk.server]
    assert value(4) == _ARCS + b"\x01\x01"  # LN without ciphering
    assert value(6) == _ARCS + (b"\x02\x01" if walk.row.get("password") else b"\x02\x00")
    assert value(8) == 2  # associated
    for attribute in sorted(current.attributes)[8:]:
        assert fits(_SHAPES[15, attribute], decoded(_read(walk, current, attribute)))


@pytest.mark.case("COSEM_MAND_2", "SAP assignment")
def test_sap_assignment(walks):
    """The management device lists all devices of meter.toml under the names they give."""
    names = {
        walk.server: decoded(walk.get(b"\x00\x01" + _DEVICE_NAME + b"\x02"))[1] for walk in walks()
    }
    assert set(names) == {device["sap"] for device in object_walk.meter_toml()["device"]}
    public = next(walk for walk in walks() if walk.row["client"] == 16 and walk.server == 1)
    listed = decoded(public.get(b"\x00\x11" + _SAP_ASSIGNMENT + b"\x02"))[1]
    found = [(sap, name) for (_, sap), (_, name) in (item[1] for item in listed)]
    assert sorted(found) == sorted(names.items())
    assert len({name for _, name in found}) == len(found)


@pytest.mark.case("COSEM_MAND_3", "Logical device name")
def test_logical_device_name(walks):
    letters = object_walk.meter_toml()["identity"]["manufacturer"].encode()
    names = {}
    for walk in walks():
        tag, name = decoded(walk.get(b"\x00\x01" + _DEVICE_NAME + b"\x02"))
        assert tag == 0x09 and len(name) <= 16 and name[:3] == letters
        assert names.setdefault(walk.server, name) == name
    assert len(set(names.values())) == len(names)


@pytest.mark.case("COSEM_MULTI_1", "Multiple references")
def test_multiple_references(walks):
    """Ten values, one of them long, and the attributes of one object: together and one by one."""
    tried = 0
    for walk in walks():
        if not walk.offers(_GET_LIST):
            continue
        values = [one for one in walk.objects if one.class_id in (1, 3)]
        wanted = [one.descriptor(2) for one in values if _is_still(walk, one)][:10]
        for clock in walk.of_class(8):  # a device need not have one
            wanted += [clock.descriptor(k) for k in (1, 3, 5, 6)]
        assert walk.get_list(wanted) == [walk.get(one) for one in wanted]
        tried += 1
    assert tried


@pytest.mark.case("APPL_GETLIST_P2", "Multiple references comparison")
def test_multiple_references_of_all_sizes(walks):
    """A short and a long value, ten of classes 1 and 3, four attributes of one object."""
    tried = 0
    for walk in walks():
        long = [one for one in walk.of_class(1) if len(_read(walk, one, 2)) > 500]
        if not walk.offers(_GET_LIST) or not long:
            continue
        some = [one for one in walk.of_class(1) + walk.of_class(3) if _is_still(walk, one)][:10]
        wanted = [one.descriptor(2) for one in some + long[:1]]
        wanted += [walk.of_class(15)[0].descriptor(k) for k in (1, 3, 4, 5)]
        assert walk.get_list(wanted) == [walk.get(one) for one in wanted]
        tried += 1
    assert tried


def _is_still(walk, one):
    """Twice the same value."""
    return walk.get(one.descriptor(2)) == walk.get(one.descriptor(2))


# --- 9.2 -------------------------------------------------------------------------------------


def _check_class(walks, class_id):
    """Shape of every readable attribute of every object of a class; values by object."""
    found = {}
    for walk in walks():
        for one, attribute in _attributes(walk, _READ):
            if one.class_id == class_id and attribute > 1:
                data = decoded(_read(walk, one, attribute))
                assert fits(_SHAPES[class_id, attribute], data), f"{one} {attribute}: {data}"
                found[walk.row["name"], str(one), attribute] = data[1]
    assert found, f"there is no object of class {class_id}"
    return found


def _of(found, attribute):
    return [value for (_, _, number), value in found.items() if number == attribute]


@pytest.mark.case("COSEM_1", "Data v0")
def test_data(walks):
    for walk in walks():
        for one in walk.of_class(1):
            tags = {_read(walk, one, 2)[0] for _ in range(2)}
            assert len(tags) == 1, str(one)


@pytest.mark.case("COSEM_3", "Register v0")
def test_register(walks):
    for exponent, unit in _of(_check_class(walks, 3), 3):
        assert -128 <= exponent[1] <= 127 and 1 <= unit[1] <= 255 and unit[1] != 0


@pytest.mark.case("COSEM_8", "Clock v0")
def test_clock(walks):
    found = _check_class(walks, 8)
    assert all(-120 <= minutes <= 120 for minutes in _of(found, 7))
    assert all(0 <= base <= 5 for base in _of(found, 9))


@pytest.mark.case("COSEM_15", "Association LN v0..v3")
def test_association(walks):
    """Status 0 to 2; of the own one conformance and sizes are those of the negotiation."""
    found = _check_class(walks, 15)
    assert all(0 <= status <= 2 for status in _of(found, 8))
    for walk in walks():
        current = next(one for one in walk.of_class(15) if one.name == _CURRENT)
        info = [item[1] for item in decoded(_read(walk, current, 5))[1]]
        assert int.from_bytes(info[0], "big") == walk.conformance
        assert info[2] == 1024  # max_send: what this client has said it takes
        assert info[3] == 6 and info[1] > 0


@pytest.mark.case("COSEM_15/m", "Association LN methods")
def test_association_methods(walk):
    """Nobody has the right to change lists and secrets here: 3, and nothing is changed."""
    (current,) = [one for one in walk.of_class(15) if one.name == _CURRENT]
    before = walk.get(current.descriptor(2))
    wanted = _DENIED if walk.offers(_ACTION) else None
    for method, mode in current.methods.items():
        assert mode == 0
        assert walk.act(current.descriptor(method), b"\x09\x08" + bytes(8)) == wanted, method
    assert walk.get(current.descriptor(2)) == before


@pytest.mark.case("COSEM_17", "SAP assignment v0")
def test_sap_assignment_class(walks):
    _check_class(walks, 17)


@pytest.mark.case("COSEM_19", "IEC local port setup v1")
def test_local_port(walks):
    found = _check_class(walks, 19)
    assert all(mode in (0, 1, 2) for mode in _of(found, 2))
    assert all(0 <= code <= 9 for code in _of(found, 3) + _of(found, 4))
    assert all(code in (0, 1) for code in _of(found, 5))


@pytest.mark.case("COSEM_23", "IEC HDLC setup v1")
def test_hdlc_setup(walks):
    found = _check_class(walks, 23)
    assert all(0 <= speed <= 9 for speed in _of(found, 2))
    assert all(1 <= window <= 7 for window in _of(found, 3) + _of(found, 4))
    assert all(32 <= size <= 2030 for size in _of(found, 5) + _of(found, 6))
    assert all(20 <= gap_ms <= 6000 for gap_ms in _of(found, 7))
