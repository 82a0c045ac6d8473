"""The relay's pin moves when a client disconnects, and the button connects again."""

import time

import pytest
from foreign import Gurux
from gurux_dlms.enums import DataType
from gurux_dlms.objects import GXDLMSDisconnectControl

_CONFIGURATOR, _PASSWORD = 48, "87654321"
_CONTROL = "0.0.96.3.10.255"
_LOG = bytes((0, 0, 99, 98, 2, 255))
_DISCONNECT, _RECONNECT = 1, 2
_BUTTON, _RELAY = 14, 15  # boards/METER_PICO/pins.csv
_PATIENCE_S = 30  # for a second of an emulated board on a busy machine


@pytest.fixture
def meter(target):
    with Gurux(target.url("rs485"), client=_CONFIGURATOR, password=_PASSWORD) as made:
        yield made


def _call(meter, method):
    item = GXDLMSDisconnectControl(_CONTROL)
    reply = meter.exchange(meter.client.method(item, method, 0, DataType.INT8))
    return int(reply.error)


def _level(target):
    with target.control() as control:
        return control.ask("gpio", pin=_RELAY)["level"]


def _state(meter):
    name = bytes(int(part) for part in _CONTROL.split("."))
    return bool(meter.value(70, name, 2)), int(meter.value(70, name, 3))


def _press(target):
    with target.control() as control:
        control.ask("gpio", pin=_BUTTON, drive=0)
        control.wait(0.6)
        control.ask("gpio", pin=_BUTTON, drive=None)
        control.wait(0.1)


def _codes(meter):
    return [row[1] for row in meter.value(7, _LOG, 2)]


def test_disconnect_and_reconnect(target, meter):
    """Mode 6 of meter.toml: a client disconnects and makes ready, the button connects."""
    assert (_level(target), *_state(meter)) == (1, True, 1)
    _press(target)  # which is no way to disconnect in this mode
    assert _level(target) == 1
    assert _call(meter, _DISCONNECT) == 0
    assert (_level(target), *_state(meter)) == (0, False, 0)
    assert _call(meter, _RECONNECT) == 0
    assert (_level(target), *_state(meter)) == (0, False, 2)
    _press(target)
    assert (_level(target), *_state(meter)) == (1, True, 1)
    end = time.monotonic() + _PATIENCE_S
    while _codes(meter) != [62, 59, 61] and time.monotonic() < end:
        with target.control() as control:
            control.wait(0.5)
    assert _codes(meter) == [62, 59, 61]
