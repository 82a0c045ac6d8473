"""The whole path on every target: waveform, converter, ring, registers, DLMS, reader.

Simulated accuracy: the mains and the front end are formulas, the converter has the published
defects of the RP2040's. On the emulated board the image itself samples and computes.
"""

import json
import math

import pytest
from microcosem import axdr
from ours import session
from prompt import Prompt

_LIMIT = 0.01  # of V, I and P at 230 V, 0.5 to 40 A, PF 1 and 0.5
_SETTLE_S = 2.6  # the window in which the load changed, and a whole one
_REGISTERS = {
    "v": "1-0:32.7.0", "i1": "1-0:31.7.0", "i2": "1-0:91.7.0", "import": "1-0:1.7.0",
    "export": "1-0:2.7.0", "power": "1-0:16.7.0", "pf": "1-0:13.7.0", "hz": "1-0:14.7.0",
    "q_in": "1-0:3.7.0", "q_out": "1-0:4.7.0",
}  # fmt: skip
_SCALES = {"v": 0.01, "i1": 0.001, "i2": 0.001, "import": 0.1, "export": 0.1, "power": 0.1,
           "pf": 0.001, "hz": 0.01, "q_in": 0.1, "q_out": 0.1}  # fmt: skip


def _obis(text):
    media, rest = text.split(":")
    return bytes([int(part) for part in media.split("-") + rest.split(".")] + [255])


def _read(target):
    """Quantities in V, A, W, 1 and Hz."""
    with session(target.url("rs485")) as meter:
        values = {}
        for name, text in _REGISTERS.items():
            octets = meter.get_octets(3, _obis(text), 2)
            values[name] = axdr.decode(octets) * _SCALES[name]
    return values


def _load(control, amps, phase_deg, hz=50.0):
    control.ask("frequency", hz=hz)
    control.set_channel("v", 230.0)
    control.set_channel("i1", amps, phase_deg)
    control.set_channel("i2", amps, phase_deg)
    control.wait(_SETTLE_S)
    return control.ask("injected")


def _compare(values, true, phase_deg):
    power = true["i1_power_w"]
    assert values["v"] == pytest.approx(true["v_rms"], rel=0.002)
    assert values["i1"] == pytest.approx(true["i1_rms"], rel=_LIMIT, abs=0.001)
    assert values["i2"] == pytest.approx(true["i2_rms"], rel=_LIMIT, abs=0.001)
    assert values["power"] == pytest.approx(power, rel=_LIMIT, abs=0.1)
    assert values["import"] == pytest.approx(max(power, 0), rel=_LIMIT, abs=0.1)
    assert values["export"] == pytest.approx(max(-power, 0), rel=_LIMIT, abs=0.1)
    assert values["pf"] == pytest.approx(power / true["v_rms"] / true["i1_rms"], abs=0.008)
    assert values["hz"] == pytest.approx(true["frequency_hz"], abs=0.011)
    reactive = true["v_rms"] * true["i1_rms"] * math.sin(math.radians(phase_deg))
    # At 0 and 180 degrees what is left is a tenth of a percent of the apparent power.
    assert values["q_in"] - values["q_out"] == pytest.approx(
        reactive, rel=_LIMIT, abs=0.001 * true["v_rms"] * true["i1_rms"] + 0.1)  # fmt: skip
    assert min(values["q_in"], values["q_out"]) == 0


_FEW = [(0.5, 60, 50.0), (20, -60, 49.0), (40, 0, 51.0), (5, 180, 50.0)]
_MANY = [
    (amps, phase, 50.0) for amps in (0.5, 2, 10, 40) for phase in (0, 60, -60, 180, 240, 120)
] + [(10, phase, hz) for phase in (0, 60) for hz in (49.0, 49.9, 50.1, 51.0)]


@pytest.mark.parametrize("amps, phase_deg, hz", _FEW)
def test_quantities_on_every_target(target, amps, phase_deg, hz):
    with target.control() as control:
        true = _load(control, amps, phase_deg, hz)
    _compare(_read(target), true, phase_deg)


def test_accuracy_grid_of_the_emulated_board(board):
    with board.control() as control:
        for amps, phase_deg, hz in _MANY:
            true = _load(control, amps, phase_deg, hz)
            _compare(_read(board), true, phase_deg)


def test_no_load_and_no_voltage(board):
    with board.control() as control:
        _load(control, 0, 0)
        values = _read(board)
        assert values["power"] == values["i1"] == values["pf"] == 0
        _load(control, 10, 0)
        control.set_channel("v", 0.0)
        control.wait(3.5)
        values = _read(board)
        assert values["v"] == values["power"] == values["hz"] == 0
        assert values["i1"] == pytest.approx(10, rel=_LIMIT)


_ENERGIES = {"active": "1-0:1.8.0", "q1": "1-0:5.8.0", "q4": "1-0:8.8.0", "reactive": "1-0:3.8.0",
             "apparent": "1-0:9.8.0"}  # fmt: skip


def _energies(target):
    with session(target.url("rs485")) as meter:
        return {name: axdr.decode(meter.get_octets(3, _obis(text), 2))
                for name, text in _ENERGIES.items()}  # fmt: skip


def test_energies_of_a_lagging_load(board):
    """40 A at 60 degrees for a minute: 77 Wh, 133 varh, 153 VAh; shown every minute."""
    with board.control() as control:
        _load(control, 40, 60)
        control.wait(61)
        before = _energies(board)
        control.wait(60)
        after = _energies(board)
        _load(control, 0, 0)
    grown = {name: after[name] - before[name] for name in before}
    # A look may fall up to a second before or behind the minute: a window more or less.
    va = 230 * 40 / 3600
    assert grown["reactive"] == pytest.approx(60 * va * math.sin(math.radians(60)), abs=2 * va)
    assert abs(grown["q1"] - grown["reactive"]) <= 1  # whole varh, each rounded down
    assert grown["q4"] == 0
    assert grown["apparent"] == pytest.approx(60 * va, abs=2 * va)
    assert grown["active"] == pytest.approx(60 * va / 2, abs=2 * va)


_STATE = """
import json
meter, adc = loop.meter, loop.adc
energy = meter.energy
print(json.dumps([energy.import_nwh, energy.export_nwh, meter._time_s * 8000 + meter._time,
                  meter._sums[0], meter._consumed, adc.produced(), meter.overruns, meter._torn]))
"""


class Pause(Prompt):
    """The main loop stands still meanwhile and goes on afterwards."""

    def __exit__(self, *_):
        self._socket.sendall(b"\x02run()\r")  # Ctrl-B: back from the raw mode
        self._until(b"run()\r\n")
        self._socket.close()


def _state(board):
    names = ("import_nwh", "export_nwh", "booked", "open", "consumed", "produced", "overruns",
             "torn")  # fmt: skip
    with Pause(board.doors["prompt"]) as prompt:
        return dict(zip(names, json.loads(prompt.run(_STATE))))


def _ten_seconds(board, control):
    """States before and after, neither with a poll that Ctrl-C has torn: that costs a window."""
    for _ in range(5):
        control.wait(_SETTLE_S)  # a poll goes on where it was torn
        before = _state(board)
        if before["torn"]:
            continue
        control.wait(_SETTLE_S)  # stopping the loop has put a step into the waves
        control.wait(10)
        after = _state(board)
        if not after["torn"]:
            return before, after
    raise AssertionError("Ctrl-C came into a poll each time")


@pytest.mark.parametrize("amps, phase_deg", [(40, 0), (0.5, 60), (10, 210)])
def test_every_sample_becomes_energy(board, amps, phase_deg):
    with board.control() as control:
        true = _load(control, amps, phase_deg)
        before, after = _ten_seconds(board, control)
    assert after["overruns"] == before["overruns"]
    # What was taken from the ring is in windows, booked or open: nothing is left out.
    for state in (before, after):
        sets = state["booked"] + state["open"]
        assert (3 * sets - state["consumed"]) % 2**29 == 0
        assert (state["produced"] - state["consumed"]) % 2**29 < 16384
    hours = (after["booked"] - before["booked"]) / 8000 / 3600
    nwh = after["import_nwh"] - before["import_nwh"]
    nwh -= after["export_nwh"] - before["export_nwh"]
    assert nwh / 1e9 / hours == pytest.approx(true["i1_power_w"], rel=_LIMIT)
    side = "export_nwh" if true["i1_power_w"] > 0 else "import_nwh"
    assert after[side] == before[side]
