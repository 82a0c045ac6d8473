"""Frame after frame with something to save in each: no erase while a frame is on a line.

On the emulated board, at 9600 Bd, by a client that leaves no pause: the memory must make room for
what is set, and an erase stops the core for 45 ms. MICROCOSEM_SAVES=10000 asks for more frames.
"""

import os

import pytest
from microcosem.target import KINDS, Target
from ours import session

_SAVES = int(os.environ.get("MICROCOSEM_SAVES", "1200"))
_AT_ONCE = 400  # in one test, which has its time limit
_POINT = bytes((0, 0, 96, 1, 10, 255))
_CONFIGURATOR, _PASSWORD = 48, b"87654321"
_TARGETS = os.environ.get("MICROCOSEM_TARGETS", ",".join(KINDS)).split(",")


@pytest.fixture(scope="module")
def meter():
    with Target("pico") as made:
        with made.control() as control:
            control.set_channel("v", 230.0)
            control.set_channel("i1", 40.0)  # 9.2 kW: the energy is saved every second too
            control.wait(3.0)
            made.erases = control.ask("flash")["erases"]
        yield made


def _state(meter):
    with meter.control() as control:
        return control.ask("flash"), control.ask("uart", port="rs485")


def _set(made, point):
    value = bytes((9, len(point))) + point
    return made.exchange(b"\xc1\x01\xc1\x00\x01" + _POINT + b"\x02\x00" + value)


@pytest.mark.skipif("pico" not in _TARGETS, reason="only this target has a flash that takes time")
@pytest.mark.parametrize("first", range(0, _SAVES, _AT_ONCE))
def test_no_erase_while_a_frame_is_on_a_line(meter, first):
    flash, line = _state(meter)
    point = b""
    with session(meter.url("rs485"), client=_CONFIGURATOR, password=_PASSWORD) as made:
        for k in range(first, min(first + _AT_ONCE, _SAVES)):
            point = b"POINT %05d" % k
            assert _set(made, point) == b"\xc5\x01\xc1\x00", k
        assert made.get(1, _POINT, 2) == point
    flash_after, line_after = _state(meter)
    assert flash_after["erases_in_frames"] == flash["erases_in_frames"]
    assert line_after["overruns"] == line["overruns"] == 0
    if k + 1 == _SAVES:  # the sectors that were erased beforehand did not last
        assert flash_after["erases"] > meter.erases + _SAVES // 400
