"""What the clock keeps through a restart without a battery: zone, rules, and where the time stood.

2034-06-01 is beyond 2**30 seconds since 2000, which a small int of the board does not hold.
"""

import os

import pytest
from microcosem.target import KINDS, Options, Target
from ours import session
from test_power_cut import _start

_CLOCK = bytes((0, 0, 1, 0, 0, 255))
_CONFIGURATOR, _PASSWORD = 48, b"87654321"
_TARGETS = os.environ.get("MICROCOSEM_TARGETS", ",".join(KINDS)).split(",")
# 12:00:00 local, deviation and status not specified.
_NOON = bytes.fromhex("090C 07F2 06 01 FF 0C0000 FF 8000 FF")
_SUMMER_DEVIATION = bytes.fromhex("FF4C")  # -180: UTC+2 and an hour of daylight saving
_INVALID, _SUMMER = 0x01, 0x80


def _session(meter):
    return session(meter.url("rs485"), client=_CONFIGURATOR, password=_PASSWORD)


def _set(made, attribute, data):
    request = b"\xc1\x01\xc1\x00\x08" + _CLOCK + bytes((attribute, 0)) + data
    assert made.exchange(request) == b"\xc5\x01\xc1\x00"


def _change(meter):
    with _session(meter) as made:
        assert made.get_octets(8, _CLOCK, 2)[-1] & _INVALID
        _set(made, 3, bytes.fromhex("10 FF88"))
        _set(made, 2, _NOON)
        assert made.get_octets(8, _CLOCK, 2)[-1] == _SUMMER


def _remembers(meter):
    with _session(meter) as made:
        assert made.get_octets(8, _CLOCK, 3) == bytes.fromhex("10 FF88")
        time = made.get_octets(8, _CLOCK, 2)
    assert time[2:6] == _NOON[2:6]
    assert time[7] == 12 and time[8] < 30  # it goes on from 12:00, and nobody knows how long it was
    assert time[11:13] == _SUMMER_DEVIATION
    assert time[-1] == _SUMMER | _INVALID


@pytest.mark.parametrize("kind", [k for k in ("host", "unix") if k in _TARGETS])
def test_interpreted(kind, tmp_path):
    with Target(kind, Options(files=tmp_path)) as meter:
        _change(meter)
    with Target(kind, Options(files=tmp_path)) as meter:
        _remembers(meter)


@pytest.mark.parametrize("kind", [k for k in ("pico",) if k in _TARGETS])
def test_on_the_board(kind, tmp_path):
    with Target(kind, Options(more=("--flash", str(tmp_path / "flash.bin")))) as meter:
        _change(meter)
        with meter.control() as control:
            control.ask("power", on=False)
            _start(meter, control)
        _remembers(meter)
