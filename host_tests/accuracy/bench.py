# Runs test points through the meter's own modules: ring, accumulate, quantities, energy. On
# MicroPython's unix port, whose viper code is that of the board but for the word's width.
#
#   micropython bench.py FILE    a JSON array of points; a JSON line of results for each
# Booked energy is compared with the true mean power over the same sets, whole windows only.
import json
import math
import sys

_HERE = __file__.replace("\\", "/").rsplit("/", 1)[0] if "/" in __file__ else "."
for _folder in ("/../shims", "/../../firmware/lib", "/../../firmware"):
    sys.path.insert(0, _HERE + _folder)

import points  # noqa: E402
import waveform  # noqa: E402
from meter import registers  # noqa: E402
from meter.meter import Meter  # noqa: E402

_RING_OCTETS = 32768
_RING_MASK = 16383
_RATE = 8000  # sets per s
_STEP = 384  # sets between two polls: 48 ms
_SETTLE_S = 1  # the window that begins astray is not counted


class _Counting(Meter):
    """A meter that tells over how many sets it has booked."""

    booked = 0
    booked_reactive = 0

    def _book(self):
        self.booked += self._sums[0]
        return Meter._book(self)

    def _show_reactive(self, p_mw, frequency):
        self.booked_reactive += self._sums[0]
        Meter._show_reactive(self, p_mw, frequency)

    def state(self):
        """Sets and nWh of active, sets and nvarh of reactive energy, so far."""
        energy = self.energy
        q1, q2, q3, q4 = self.reactive.nvarh
        return (self.booked, energy.import_nwh - energy.export_nwh,
                self.booked_reactive, q1 + q2 - q3 - q4)


def wrong_front_end(seed):
    """The front end of front_end.toml with the errors of points.WRONG."""
    made = waveform.FrontEnd(seed=seed)
    v, i1, i2 = made.gains
    wrong = points.WRONG
    made.gains = v * wrong["gain_v"], i1 * wrong["gain_i"], i2
    made.leads_s = 0.0, wrong["lead_deg"] / 360 / points.HZ, 0.0
    made.bias += wrong["offset_steps"]
    return made


def waves(point):
    """Voltage, current and a second current of 0."""
    amps = point["part"] * points.IB_A
    return (
        waveform.Wave(point["volts"], 0.0, point.get("harmonics_v", ())),
        waveform.Wave(amps, point["degrees"], point.get("harmonics_i", ())),
        waveform.Wave(0.0),
    )


def run(point, seed):
    """What the meter makes of seconds of a point."""
    source = wrong_front_end(seed)
    three = waves(point)
    ring = bytearray(_RING_OCTETS)
    registers.put(0, 0)
    meter = _Counting(ring, tuple(point["calibration"]))
    meter.energy.restore(0, 0)
    produced = 0
    begun = None
    for _ in range((point["seconds"] + _SETTLE_S) * _RATE // _STEP):
        codes = bytes(source.samples(three, point["hz"], produced, 3 * _STEP))
        to = 2 * (produced & _RING_MASK)
        first = min(len(codes), _RING_OCTETS - to)
        ring[to : to + first] = codes[:first]
        ring[: len(codes) - first] = codes[first:]
        produced += 3 * _STEP
        while meter.poll(produced):
            pass
        if begun is None and produced >= 3 * _SETTLE_S * _RATE and meter.booked:
            begun = meter.state()
    sets, nwh, reactive_sets, nvarh = [now - then for now, then in zip(meter.state(), begun)]
    return {
        "true_w": three[0].power(three[1]),
        "true_var": point["volts"] * three[1].rms * math.sin(math.radians(point["degrees"])),
        "sets": sets,
        "nwh": nwh,
        "reactive_sets": reactive_sets,
        "nvarh": nvarh,
        "v_10mv": registers.value(0),
        "i_ma": registers.value(1),
        "overruns": meter.overruns,
    }


def main(path):
    with open(path) as source:
        for number, point in enumerate(json.load(source)):
            print(json.dumps(run(point, point.get("seed", number + 1))))


if __name__ == "__main__":
    main(sys.argv[1])
