"""gurux_dlms sets attributes and calls methods, whole and in blocks, with and without lists.

The unit tests tell the octets; this tells that a client nobody here wrote gets on with them.
"""

import contextlib
import types

import pytest
from foreign import Gurux
from gurux_dlms import GXByteBuffer
from gurux_dlms.enums import DataType, ObjectType
from gurux_dlms.objects import GXDLMSClock, GXDLMSData
from microcosem.target import Target

_CONFIGURATOR = 48
_PASSWORD = "87654321"
_POINT = "0.0.96.1.10.255"  # metering point identifier, up to 48 octets
_MESSAGE = "0.0.96.13.0.255"  # consumer message, up to 512
_CLOCK = "0.0.1.0.0.255"
_SMALL_PDU = 64  # both sides go into blocks
_TYPE_UNMATCHED, _OTHER_REASON = 12, 250


@pytest.fixture(scope="module")
def host():
    with Target("host") as meter:
        yield meter
        assert meter.alive(), f"the meter ended during the tests: {meter.log()}"


@contextlib.contextmanager
def _session(host, max_pdu, max_info=128):
    """The configurator's association; what he sends is cut to the PDU size as well."""
    with Gurux(host.url("rs485"), client=_CONFIGURATOR, password=_PASSWORD, max_pdu=max_pdu,
               max_info=max_info) as made:  # fmt: skip
        made.client.settings.maxPduSize = max_pdu
        yield made


@pytest.fixture(params=[1024, _SMALL_PDU])
def meter(request, host):
    with _session(host, request.param) as made:
        yield made


def _item(class_id, name):
    """A manufacturer specific object, which gurux_dlms has no class for."""
    return types.SimpleNamespace(objectType=class_id, name=name)


def _echo():
    return _item(8192, "0.0.128.0.0.255")


def _obis(name):
    return bytes(int(part) for part in name.split("."))


def _data(name, octets):
    item = GXDLMSData(name)
    item.value = bytearray(octets)
    item.setDataType(2, DataType.OCTET_STRING)
    return item


def _call(meter, item, method, value, kind):
    reply = meter.exchange(meter.client.method(item, method, value, kind))
    return int(reply.error), bytes(reply.data.array())


@pytest.mark.parametrize("text", [b"", b"DE0001", b"p" * 48])
def test_set(meter, text):
    reply = meter.exchange(meter.client.write(_data(_POINT, text), 2))
    assert not reply.error
    assert meter.value(1, _obis(_POINT), 2) == text


@pytest.mark.parametrize("size", [1, 60, 130, 512])
def test_set_long(meter, size):
    text = bytes(k % 251 for k in range(size))
    before = meter.frames
    reply = meter.exchange(meter.client.write(_data(_MESSAGE, text), 2))
    assert not reply.error
    if size == 512 and meter.client.settings.maxPduSize == _SMALL_PDU:
        assert meter.frames - before >= 10  # it did go in blocks
    assert meter.value(1, _obis(_MESSAGE), 2) == text


def test_refused(meter):
    item = _data(_POINT, b"old")
    assert not meter.exchange(meter.client.write(item, 2)).error
    item.value = bytearray(49)
    assert meter.exchange(meter.client.write(item, 2)).error == _TYPE_UNMATCHED
    item.value = 7
    item.setDataType(2, DataType.UINT16)
    assert meter.exchange(meter.client.write(item, 2)).error == _TYPE_UNMATCHED
    assert meter.value(1, _obis(_POINT), 2) == b"old"


def test_clock(meter):
    clock = GXDLMSClock(_CLOCK)
    clock.timeZone = -60
    assert not meter.exchange(meter.client.write(clock, 3)).error
    clock.timeZone = 800
    assert meter.exchange(meter.client.write(clock, 3)).error == _OTHER_REASON
    assert meter.value(8, _obis(_CLOCK), 3) == -60
    for method, value, kind in (
        (1, 0, DataType.INT8),
        (3, 0, DataType.INT8),
        (6, 60, DataType.INT16),
        (6, -60, DataType.INT16),
    ):
        assert _call(meter, clock, method, value, kind)[0] == 0
    assert _call(meter, clock, 6, 901, DataType.INT16)[0] == _OTHER_REASON


def test_clock_time(meter):
    # 2030-05-06 07:08:09, without a deviation: the meter's own
    time = bytes.fromhex("07E60506FF070809FF8000FF")
    item = _item(ObjectType.CLOCK, _CLOCK)
    item.getValue = lambda *_: bytearray(time)
    item.getDataType = lambda _: DataType.OCTET_STRING
    assert not meter.exchange(meter.client.write(item, 2)).error
    assert meter.get(8, _obis(_CLOCK), 2)[2:6] == time[:4]


@pytest.mark.parametrize("size", [0, 1, 57, 58, 200, 600])
def test_action_both_ways(meter, size):
    text = bytes(k % 251 for k in range(size))
    error, octets = _call(meter, _echo(), 1, bytearray(text), DataType.OCTET_STRING)
    assert error == 0
    data = GXByteBuffer()
    data.setUInt8(DataType.OCTET_STRING)
    if size > 255:
        data.setUInt8(0x82)
        data.setUInt16(size)
    elif size > 127:
        data.setUInt8(0x81)
        data.setUInt8(size)
    else:
        data.setUInt8(size)
    assert octets == bytes(data.array()) + text


@pytest.mark.parametrize("max_pdu", [1024, _SMALL_PDU])
def test_list(host, max_pdu):
    # In one frame: gurux_dlms 1.0.203 trips over a list that comes in HDLC segments.
    with _session(host, max_pdu, max_info=512) as meter:
        for name, text in ((_POINT, b"a"), (_MESSAGE, b"b" * 150)):
            assert not meter.exchange(meter.client.write(_data(name, text), 2)).error
        items = [(GXDLMSData(name), 2) for name in (_POINT, _MESSAGE)]
        replies = [meter.exchange(frames) for frames in meter.client.readList(items)]
        values = [item for reply in replies for item in reply.value]
    assert [bytes(value) for value in values] == [b"a", b"b" * 150]
