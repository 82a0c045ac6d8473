"""Nominal calibration of the meter, from the analogue front end of the board.

The tuple's layout is told in firmware/lib/meter/quantities.py. One u is 1/8 of a converter step;
the ladder of the converter divides full scale into codes + wide codes * extra steps.
"""

from __future__ import annotations

from fractions import Fraction

from .source import Section

_CHANNELS = ["v", "i1", "i2"]
_WIDE_CODES = [512, 1536, 2560, 3584]  # erratum of the RP2040; accumulate.py knows no others
_RATE = 24000  # conversions per s; accumulate.py and quantities.py are made for it
_U = 8  # u in a converter step
_SET_NS = 125000
_STEP_MAX = 80  # u, what accumulate.py has room for


def nominal(front_end: Section) -> tuple[int, ...]:
    """CALIBRATION of config.py."""
    delays = _delays(front_end.section("sampling"), front_end.section("pin"))
    pin = front_end.section("pin")
    adc = front_end.section("adc")
    wide = _exact(adc, "wide_extra_steps", 0, _STEP_MAX / _U)
    volts_per_u = _volts_per_u(adc, wide)
    noise = _exact(adc, "noise_steps_rms", 0, 100)
    no_load = front_end.section("no_load")
    current = _gain(pin, "current_v_per_a", volts_per_u)
    return (
        _gain(pin, "voltage_v_per_v", volts_per_u),
        current,
        current,
        *delays,
        round(_U * wide),
        # Of the noise, and of rounding to a code: a step's square over 12.
        round(_U * _U * (noise * noise + Fraction(1, 12))),
        round(1000 * _exact(no_load, "power_w", 0, 1000)),
        round(1000 * _exact(no_load, "current_a", 0, 10)),
    )


def _exact(section: Section, key: str, low: float, high: float) -> Fraction:
    # As it is written in decimal, not as the nearest binary fraction.
    return Fraction(repr(section.real(key, low, high)))


def _volts_per_u(adc: Section, wide: Fraction) -> Fraction:
    if adc.items("wide_codes") != _WIDE_CODES:
        raise adc.error(f"the firmware knows the wide codes {_WIDE_CODES} only", "wide_codes")
    steps = adc.number("codes", 4096, 4096) + len(_WIDE_CODES) * wide
    return _exact(adc, "reference_v", 0.1, 5) / (_U * steps)


def _gain(pin: Section, key: str, volts_per_u: Fraction) -> int:
    # Billionths of a volt or ampere of the mains for one u.
    return round(volts_per_u / _exact(pin, key, 1e-6, 1) * 10**9)


def _delays(sampling: Section, pin: Section) -> list[int]:
    # From the voltage's conversion to the moment a sample of i1, i2 stands for, ns.
    if sampling.items("channels") != _CHANNELS:
        raise sampling.error("the firmware samples v, i1, i2 in this order", "channels")
    rate = sampling.number("conversions_per_s", _RATE, _RATE)
    leads = pin.items("lead_ns")
    if len(leads) != 2 or not all(isinstance(lead, int) for lead in leads):
        raise pin.error("'lead_ns' must be two integers", "lead_ns")
    delays = [round(Fraction(10**9 * k, rate)) + lead for k, lead in enumerate(leads, 1)]
    if not all(0 <= delay <= _SET_NS for delay in delays):
        raise pin.error(f"the leads make delays of {delays} ns, 0 to {_SET_NS} work", "lead_ns")
    return delays
