"""Power cuts of the emulated board in its own flash operations, by its real flash driver.

Where the cut falls is drawn from a seed: which operation, and before, in the middle of or after it.
Whatever a client has read or set stays. MICROCOSEM_CUTS=n makes n cuts instead of a few.
"""

import os
import random
import time

import pytest
from microcosem import axdr
from microcosem.control import ControlError
from microcosem.target import KINDS, Options, Target
from ours import session

_CUTS = 3  # of one board
_BOARDS = max(1, int(os.environ.get("MICROCOSEM_CUTS", "6")) // _CUTS)
_ENERGY = bytes((1, 0, 1, 8, 0, 255))
_POINT = bytes((0, 0, 96, 1, 10, 255))  # metering point identifier, which the configurator sets
_CONFIGURATOR, _PASSWORD = 48, b"87654321"
_PHASES = ("before", "middle", "after")
_TARGETS = os.environ.get("MICROCOSEM_TARGETS", ",".join(KINDS)).split(",")
_START_S = 60  # real time, for a board that starts on a loaded machine


@pytest.mark.parametrize("kind", [k for k in ("host", "unix") if k in _TARGETS])
def test_an_interpreted_meter_remembers(kind, tmp_path):
    before, point = 0, b""
    for k in range(3):
        with Target(kind, Options(files=tmp_path)) as meter:
            with meter.control() as control:
                control.set_channel("v", 230.0)
                control.set_channel("i1", 40.0)
                if k:
                    energy, found = _read(meter)
                    assert energy >= before
                    assert found == point
                point = b"POINT %d" % k
                _set_point(meter, point)
                control.wait(3.0)
            before, _ = _read(meter)
            assert before > 2 * k


@pytest.fixture
def board(tmp_path):
    with Target("pico", Options(more=("--flash", str(tmp_path / "flash.bin")))) as meter:
        with meter.control() as control:
            control.set_channel("v", 230.0)
            control.set_channel("i1", 40.0)  # 9.2 kW: a save every second
        yield meter


def _read(meter):
    """Energy in Wh, and the point."""
    with session(meter.url("rs485"), client=_CONFIGURATOR, password=_PASSWORD) as made:
        energy = axdr.decode(made.get_octets(3, _ENERGY, 2))
        return energy, made.get(1, _POINT, 2)


def _set_point(meter, point):
    request = b"\xc1\x01\xc1\x00\x01" + _POINT + b"\x02\x00" + bytes((9, len(point))) + point
    with session(meter.url("rs485"), client=_CONFIGURATOR, password=_PASSWORD) as made:
        answer = made.exchange(request)
    assert answer == b"\xc5\x01\xc1\x00"


def _cut(control, draw):
    """Cut in one of the next operations, which a second each brings."""
    control.ask("power", on=False, at={"flash_op": draw.randint(1, 6),
                                       "phase": draw.choice(_PHASES)})  # fmt: skip
    while control.ask("time")["power"]:
        control.wait(0.5)


def _start(meter, control):
    control.ask("power", on=True)
    end = time.monotonic() + _START_S
    while time.monotonic() < end:
        if control.ask("uart", port="rs485")["enabled"]:
            return
        control.wait(0.2)
    raise ControlError("the meter does not start: " + meter.log())


@pytest.mark.parametrize("seed", range(_BOARDS))
def test_nothing_acknowledged_is_lost(board, seed):
    draw = random.Random(20261122 + seed)
    point = None
    with board.control() as control:
        for k in range(_CUTS):
            control.wait(3.0)
            if k % 2 == 0:
                point = b"POINT %d" % k
                _set_point(board, point)
            before, _ = _read(board)
            _cut(control, draw)
            _start(board, control)
            after, found = _read(board)
            assert after >= before, k
            assert found == point, k
            assert after - before < 60, k
        assert before > 0
