"""Mains waveforms, the truth about them, and the codes the RP2040's converter makes of them.

One description serves the fake converter, the unit tests and the comparison with the formula:
  wave(t) = sqrt2 * rms * (sin(a) + sum of fraction * sin(n a - degrees)) + dc,
  a = 2 pi f t - phase_deg
A positive phase is a lag; a harmonic is [order, fraction of the fundamental's rms, degrees of
lag]. That is the convention of the emulated board's control door, too.
Runs on CPython and on MicroPython.
"""

import array
import math

import front_end

_NOISE = 4096  # entries of the noise table; a power of two
_CHUNK = 256  # noise is drawn for so many samples at a time: MicroPython's heap is small
_ROOT2 = math.sqrt(2)


class Wave:
    """One channel: rms of the fundamental in V or A, and what is added to it."""

    def __init__(self, rms=0.0, phase_deg=0.0, harmonics=(), dc=0.0):
        self.rms = rms
        self.phase_deg = phase_deg
        self.harmonics = [(1, 1.0, 0.0)] + [(tuple(h) + (0.0,))[:3] for h in harmonics]
        self.dc = dc

    def at(self, cycles):
        """Value when the fundamental of the voltage has turned that many cycles."""
        turn = 2 * math.pi * (cycles - self.phase_deg / 360)
        total = 0.0
        for order, fraction, degrees in self.harmonics:
            total += fraction * math.sin(order * turn - math.radians(degrees))
        return _ROOT2 * self.rms * total + self.dc

    def rms_true(self):
        """RMS of everything but dc, which a meter's transformers do not carry."""
        return self.rms * math.sqrt(sum([h[1] ** 2 for h in self.harmonics]))

    def power(self, other):
        """Mean product with another wave, both without dc: W, this one being the voltage."""
        total = 0.0
        for order, fraction, degrees in self.harmonics:
            for order_2, fraction_2, degrees_2 in other.harmonics:
                if order == order_2:
                    shift = order * (other.phase_deg - self.phase_deg) + degrees_2 - degrees
                    total += fraction * fraction_2 * math.cos(math.radians(shift))
        return total * self.rms * other.rms


class Noise:
    """Gaussian numbers of standard deviation 1, the same sequence for the same seed."""

    def __init__(self, seed=1):
        self._state = seed
        self._table = array.array("f", [0.0] * _NOISE)
        for k in range(_NOISE):
            self._table[k] = self._gauss()

    def _uniform(self):
        # Numerical Recipes' 32-bit congruential generator, its upper 24 bits.
        self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
        return ((self._state >> 8) + 0.5) / 16777216

    def _gauss(self):
        radius = math.sqrt(-2 * math.log(self._uniform()))
        return radius * math.cos(2 * math.pi * self._uniform())

    def fill(self, count):
        """List of count numbers, drawn from the table in a scrambled order."""
        state = self._state
        table = self._table
        made = []
        for _ in range(count):
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
            made.append(table[state >> 20])
        self._state = state
        return made


class FrontEnd:
    """From volts and amperes of mains to codes, by front_end.toml."""

    def __init__(self, noise=True, wide_codes=True, seed=1):
        figures = front_end.read()
        adc, pin = figures["adc"], figures["pin"]
        self.rate = figures["sampling"]["conversions_per_s"]
        self.extra = adc["wide_extra_steps"] if wide_codes else 0.0
        self.codes = adc["codes"]
        steps = self.codes + len(adc["wide_codes"]) * self.extra
        per_v = steps / adc["reference_v"]
        current = pin["current_v_per_a"] * per_v
        self.gains = (pin["voltage_v_per_v"] * per_v, current, current)
        self.leads_s = (0.0, pin["lead_ns"][0] * 1e-9, pin["lead_ns"][1] * 1e-9)
        self.bias = pin["bias_v"] * per_v
        self.noise_steps = adc["noise_steps_rms"] if noise else 0.0
        self.noise = Noise(seed)
        self.first = adc["wide_codes"][0]
        self.period = adc["wide_codes"][1] - self.first

    def code(self, step):
        """Code of a pin that stands at a step of the ladder (front_end.toml, [adc])."""
        beyond = step - self.first
        if beyond < 0:
            return max(0, int(step))
        wide = int(beyond / (self.period + self.extra))
        rest = beyond - wide * (self.period + self.extra)
        if rest < 1 + self.extra:
            return min(self.codes - 1, self.first + wide * self.period)
        return min(self.codes - 1, self.first + wide * self.period + int(rest - self.extra))

    def samples(self, waves, hz, first, count, skew=True, turned=0.0):
        """array('H') of samples first..first+count-1 of v, i1, i2, v, ...; waves is a triple.

        turned: cycles the mains have turned at sample 0. Without skew all three channels of a
        set are taken at the same moment.
        """
        made = array.array("H", bytes(2 * count))
        for k in range(count):
            if k % _CHUNK == 0:
                noise = self.noise.fill(_CHUNK)
            index = first + k
            channel = index % 3
            moment = index if skew else index - channel
            cycles = (moment / self.rate + self.leads_s[channel]) * hz + turned
            level = waves[channel].at(cycles) * self.gains[channel] + self.bias
            made[k] = self.code(level + noise[k % _CHUNK] * self.noise_steps)
        return made


def loop(hz, rate):
    """(samples, cycles): about a second, whole cycles and whole sets, that repeats without a step.

    The frequency that comes out is cycles * rate / samples, within 1 mHz of hz.
    """
    best = None
    if hz <= 0:
        return rate, 0
    for cycles in range(max(1, int(hz * 0.6)), int(hz) + 2):
        samples = 3 * round(cycles * rate / hz / 3)
        error = abs(cycles * rate / samples - hz)
        if best is None or error < best[0]:
            best = (error, samples, cycles)
    return best[1], best[2]
