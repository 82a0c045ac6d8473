"""The arithmetic of a calibration: what a meter read at two points to the constants it needs.

At the first point voltage and current are in phase, at the second the current lags by 60 degrees:
there one minute of angle is 0.05 % of the power, so the phase error stands out. The constants are
those of firmware/lib/meter/quantities.py; only gains and the current's delay change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .errors import UsageError

_GAIN_V, _GAIN_I, _DELAY = 0, 1, 3
_SET_NS = 125000  # the delay interpolates within one set
_GAIN_OFF = 0.2  # a larger error is no spread of parts but a wrong part or a wrong reference


@dataclass(frozen=True)
class Point:
    """What a reference says, or a meter: V, A, W; a lag of the current is positive."""

    volts: float
    amps: float
    watts: float


def calibrated(old: tuple[int, ...], hz: float, reference: list[Point],
               read: list[Point]) -> tuple[int, ...]:
    """New constants from two points, in phase and 60 degrees behind; UsageError when absurd."""
    gain_v = reference[0].volts / read[0].volts
    power = reference[0].watts / read[0].watts  # both gains: RMS of the current has its noise
    made = list(old)
    made[_GAIN_V] = round(old[_GAIN_V] * gain_v)
    made[_GAIN_I] = round(old[_GAIN_I] * power / gain_v)
    lead = _angle(reference[1]) - _angle(Point(read[1].volts * gain_v, reference[1].amps,
                                               read[1].watts * power))  # fmt: skip
    made[_DELAY] = old[_DELAY] + round(lead / (2 * math.pi * hz) * 1e9)
    for gain in (gain_v, power / gain_v):
        if abs(gain - 1) > _GAIN_OFF:
            raise UsageError(f"the meter is {abs(gain - 1):.0%} off: check reference and wiring")
    if not 0 <= made[_DELAY] <= _SET_NS:
        raise UsageError(f"the current is {math.degrees(lead):.2f} degrees off: check its wiring")
    return tuple(made)


def _angle(point: Point) -> float:
    # Of the current behind the voltage, from the power alone, radians.
    return math.acos(max(-1.0, min(1.0, point.watts / (point.volts * point.amps))))
