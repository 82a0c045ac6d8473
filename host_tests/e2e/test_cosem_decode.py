"""The octets of the object model as two independent clients read them: gurux_dlms, dlms-cosem.

No line and no link here: the values come straight out of cosem.dispatch, piece by piece.
"""

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from dlms_cosem.dlms_data import DlmsDataParser
from dlms_cosem.parsers import AssociationObjectListParser
from dlms_cosem.time import datetime_from_bytes
from gurux_dlms import GXByteBuffer, GXDLMSClient
from gurux_dlms.enums import Conformance
from gurux_dlms.objects import (
    GXDLMSAssociationLogicalName,
    GXDLMSClock,
    GXDLMSRegister,
    GXDLMSSapAssignment,
)

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(_ROOT / "host_tests" / "unit" / "cosem"))

import config  # noqa: E402
from cosem import clock as clock_class  # noqa: E402
from cosem_reading import PUBLIC, READER, read  # noqa: E402
from meter import registers  # noqa: E402
from meter.clock import Clock  # noqa: E402

_TOML = tomllib.loads((_ROOT / "firmware" / "meter.toml").read_text(encoding="utf-8"))
_NAMES = {PUBLIC: "public", READER: "reader"}
# class: (version served, its attributes, its methods), as the Blue Book has them
_CLASSES = {
    1: (0, 2, 0), 3: (0, 3, 1), 4: (0, 5, 1), 5: (0, 9, 2), 6: (0, 4, 3), 7: (1, 8, 2),
    8: (0, 9, 6), 9: (0, 2, 1), 10: (0, 2, 3), 11: (0, 2, 2), 15: (1, 9, 4), 17: (0, 2, 1),
    18: (0, 7, 4), 19: (1, 9, 0), 20: (0, 10, 1), 21: (0, 4, 0), 22: (0, 4, 0), 23: (1, 9, 0),
    24: (1, 5, 0), 26: (0, 4, 0), 27: (1, 4, 0), 28: (0, 6, 0), 29: (0, 6, 0), 61: (0, 4, 2),
    63: (0, 3, 0), 70: (0, 4, 2), 71: (0, 11, 0),
}  # fmt: skip
_SELECTORS = {(7, 2): [1, 2], (26, 4): [1]}  # by range and by entry; by offset
_SECRETS = {(15, 7), (19, 7), (19, 8), (19, 9)}  # passwords
_OBJECTS = [item for item in _TOML["object"] if item.get("device", 1) == 1]


class _Noon:
    """An RTC that always says 2026-07-01 12:00:00 UTC, a Wednesday."""

    lost = False

    def read(self, fields):
        fields[:8] = type(fields)("i", (2026, 7, 1, 3, 12, 0, 0, 0))
        return True


@pytest.fixture(autouse=True)
def _clock():
    clock_class.use(Clock(_Noon(), *config.CLOCK))


def _expected(who):
    """(class, dotted obis) of everything the source lets an association see."""
    return {
        (item["class"], item["obis"].replace("-", ".").replace(":", "."))
        for item in _OBJECTS
        if _NAMES[who] in _TOML["access"][item["access"]]
    }


def _gurux(target, attribute, octets):
    """Hand an attribute's octets to a gurux_dlms object, as its client does after a read."""
    client = GXDLMSClient(True)
    client.updateValue(target, attribute, client.getValue(GXByteBuffer(octets), False))


@pytest.mark.parametrize("who", [PUBLIC, READER])
def test_object_list_with_gurux(who):
    octets = read(who, 15, "0-0:40.0.0", 2)
    found = GXDLMSClient(True).parseObjects(GXByteBuffer(octets), False)
    assert {(int(item.objectType), item.logicalName) for item in found} == _expected(who)
    assert len(found) == len(_expected(who))
    for item in found:
        class_id = int(item.objectType)
        version, attributes, methods = _CLASSES[class_id]
        assert item.version == version
        for attribute in range(1, attributes + 1):
            secret = (class_id, attribute) in _SECRETS
            assert int(item.getAccess(attribute)) == (0 if secret else 1), item.logicalName
        for method in range(1, methods + 1):
            assert int(item.getMethodAccess(method)) == 0


@pytest.mark.parametrize("who", [PUBLIC, READER])
def test_object_list_with_dlms_cosem(who):
    found = AssociationObjectListParser.parse_bytes(read(who, 15, "0-0:40.0.0", 2))
    seen = {(item.interface, item.logical_name.to_string(".")) for item in found}
    assert seen == _expected(who)
    for item in found:
        version, attributes, methods = _CLASSES[item.interface]
        assert item.version == version
        rights = item.attribute_access_rights
        assert sorted(rights) == list(range(1, attributes + 1))
        for attribute, right in rights.items():
            secret = (item.interface, attribute) in _SECRETS
            assert right.access_rights == ([] if secret else [0])
            selectors = _SELECTORS.get((item.interface, attribute), [])
            assert right.access_selectors == selectors
        assert sorted(item.method_access_rights) == list(range(1, methods + 1))


def test_association_with_gurux():
    target = GXDLMSAssociationLogicalName("0.0.40.0.0.255")
    for attribute in (3, 4, 5, 6, 8, 9):
        _gurux(target, attribute, read(READER, 15, "0-0:40.0.0", attribute))
    assert (target.clientSAP, target.serverSAP) == (32, 1)
    assert target.applicationContextName.contextId == 1
    assert target.authenticationMechanismName.mechanismId == 1
    assert int(target.associationStatus) == 2
    info = target.xDLMSContextInfo
    # What cosem_reading.Link says; its conformance 001010 is block transfer with GET, and GET.
    assert info.conformance == Conformance.BLOCK_TRANSFER_WITH_GET_OR_READ | Conformance.GET
    assert (info.maxReceivePduSize, info.maxSendPduSize) == (1234, 567)
    assert (info.dlmsVersionNumber, info.qualityOfService, info.cypheringInfo) == (6, 0, b"")
    assert target.securitySetupReference == "0.0.0.0.0.0"


def test_clock_with_gurux():
    target = GXDLMSClock("0.0.1.0.0.255")
    for attribute in range(2, 10):
        _gurux(target, attribute, read(PUBLIC, 8, "0-0:1.0.0", attribute))
    # 12:00 UTC is 14:00 in Central European Summer Time.
    assert target.time.value.replace(tzinfo=None) == datetime(2026, 7, 1, 14, 0, 0)
    assert target.time.value.utcoffset() == timedelta(hours=2)
    assert target.timeZone == -60
    assert target.deviation == 60
    assert target.enabled is True
    assert int(target.clockBase) == 1
    assert int(target.status) == 0x81  # never set, daylight saving active


def test_clock_with_dlms_cosem():
    octets = read(PUBLIC, 8, "0-0:1.0.0", 2)
    (parsed,) = DlmsDataParser().parse(octets)
    moment, status = datetime_from_bytes(parsed.to_python())
    assert moment == datetime(2026, 7, 1, 12, 0, 0, tzinfo=timezone.utc)
    assert status.daylight_saving_active and status.invalid


def test_sap_assignment_with_gurux():
    target = GXDLMSSapAssignment("0.0.41.0.0.255")
    _gurux(target, 2, read(PUBLIC, 17, "0-0:41.0.0", 2))
    name = (config.IDENTITY[0] + config.IDENTITY[1]).decode()
    assert list(target.sapAssignmentList) == [(1, name), (18, name + "-18")]


_UNITS = {"W": 27, "VA": 28, "var": 29, "Wh": 30, "VAh": 31, "varh": 32, "A": 33, "V": 35, "Hz": 44,
          "s": 7, "1/Wh": 45, "none": 255}  # fmt: skip


@pytest.mark.parametrize(
    "item", [i for i in _OBJECTS if i["class"] == 3], ids=lambda item: item["obis"]
)
def test_registers_with_gurux(item):
    target = GXDLMSRegister(item["obis"].replace("-", ".").replace(":", "."))
    _gurux(target, 3, read(READER, 3, item["obis"], 3))
    assert int(target.unit) == _UNITS[item["unit"]]
    assert target.scaler == pytest.approx(10.0 ** item["scaler"])
    value = item["value"].get("value", 321)
    if "slot" in item["value"]:
        slot = getattr(registers, "_SLOT_" + item["value"]["slot"])
        before = registers.value(slot)
        registers.put(slot, value)
        octets = read(READER, 3, item["obis"], 2)
        registers.put(slot, before)
    else:
        octets = read(READER, 3, item["obis"], 2)
    _gurux(target, 2, octets)
    assert target.value == pytest.approx(value * 10.0 ** item["scaler"])
    (parsed,) = DlmsDataParser().parse(octets)
    assert parsed.to_python() == value


def _python(spec):
    """The value a client should see for a constant of the source."""
    kind = spec["type"]
    if kind in ("array", "structure"):
        return [_python(element) for element in spec["elements"]]
    if kind == "compact-array":
        return spec["values"]
    if "hex" in spec:
        return bytes.fromhex(spec["hex"])
    if "ramp" in spec:
        return bytes(i % 251 for i in range(spec["ramp"]))
    return spec.get("value", spec.get("text", spec.get("bits")))


def _constants():
    found = []
    for item in _TOML["object"]:
        if item["obis"].startswith(("0-0:96.50.", "0-0:96.51.")):
            found.append(pytest.param(item["obis"], item["value"], id=item["value"]["type"]))
    return found


@pytest.mark.parametrize("code, spec", _constants())
def test_constants_with_gurux(code, spec):
    got = GXDLMSClient(True).getValue(GXByteBuffer(read(READER, 1, code, 2)), False)
    kind = spec["type"]
    if kind == "bit-string":
        got = str(got)
    elif kind == "utf8-string":
        got = bytes.fromhex(got).decode()  # gurux_dlms shows what is not ASCII in hexadecimal
    elif kind == "date-time":
        assert got.value == datetime(2024, 7, 20, 12, 30, tzinfo=timezone(timedelta(hours=2)))
        return
    elif kind == "date":
        assert (got.value.year, got.value.month, got.value.day) == (2024, 7, 20)
        return
    elif kind == "time":
        assert (got.value.hour, got.value.minute, got.value.second) == (12, 30, 45)
        return
    elif kind == "enum":
        got = got.value if hasattr(got, "value") else got
    assert _plain(got) == _python(spec)


def _plain(value):
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return bytes(value) if isinstance(value, bytearray) else value


# dlms-cosem 21.3.2 knows these types by tag and has no decoder for their content.
_UNDECODED = (
    "bit-string",
    "visible-string",
    "utf8-string",
    "bcd",
    "compact-array",
    "float32",
    "float64",
    "date-time",
    "date",
    "time",
)


@pytest.mark.parametrize(
    "code, spec", [p for p in _constants() if p.values[1]["type"] not in _UNDECODED]
)
def test_constants_with_dlms_cosem(code, spec):
    (parsed,) = DlmsDataParser().parse(read(READER, 1, code, 2))
    assert _plain(parsed.to_python()) == _python(spec)
