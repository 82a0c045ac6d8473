"""The figures of boards/METER_PICO/front_end.toml, and the calibration that follows from them.

Runs on CPython and on MicroPython, neither of which has a TOML reader everywhere; the file keeps
to `key = value` lines whose values are also JSON.
"""

import json

_HERE = __file__.replace("\\", "/").rsplit("/", 1)[0] if "/" in __file__ else "."
_PATH = _HERE + "/../../boards/METER_PICO/front_end.toml"


def read(path=_PATH):
    """Section -> key -> value."""
    made = {}
    section = None
    with open(path) as source:
        for line in source:
            line = line.split("#")[0].strip()
            if line.startswith("["):
                section = made[line[1:-1]] = {}
            elif line:
                key, text = line.split("=", 1)
                section[key.strip()] = json.loads(text.strip())
    return made


def calibration(front_end):
    """Nominal calibration tuple, by the formulas of meter/quantities.py."""
    adc, pin = front_end["adc"], front_end["pin"]
    extra = adc["wide_extra_steps"]
    u_v = adc["reference_v"] / (8 * (adc["codes"] + len(adc["wide_codes"]) * extra))
    current_na = round(u_v / pin["current_v_per_a"] * 1e9)
    gap_ns = 1e9 / front_end["sampling"]["conversions_per_s"]
    return (
        round(u_v / pin["voltage_v_per_v"] * 1e9),
        current_na,
        current_na,
        round(gap_ns) + pin["lead_ns"][0],
        round(2 * gap_ns) + pin["lead_ns"][1],
        round(8 * extra),
        round(64 * (adc["noise_steps_rms"] ** 2 + 1 / 12)),
        round(front_end["no_load"]["power_w"] * 1000),
        round(front_end["no_load"]["current_a"] * 1000),
    )
