"""The fake mains and converter behind the fake DMA: samples in real time, and what is true.

A loop of about one second of samples is made when the waveform changes and then copied into the
ring as time passes, so that also MicroPython's unix port keeps up. Frequencies come out within
1 mHz; injected() tells the one that does.
"""

import time

import waveform

CHANNELS = ("v", "i1", "i2")
_RING = 16384  # samples
_US_PER_H = 3600000000


class Mains:
    """Waveforms, their samples at 24000 per s of real time, and the energy they carry."""

    def __init__(self):
        self.waves = {"v": waveform.Wave(230.0), "i1": waveform.Wave(), "i2": waveform.Wave()}
        self.hz = 50.0
        self.switches = {"wide_codes": True, "noise": True, "skew": True}
        self.running = False  # the converter converts
        self.produced = 0  # samples since the start
        self.ring = None  # octets, 2 per sample
        self._ticks_us = time.ticks_us()
        self._elapsed_us = 0
        self._started_us = 0  # elapsed time that has become samples so far
        self._front_end = None
        self._table = None
        self._first = 0  # sample number of the table's first one
        self._turned = 0.0  # cycles of the mains at that sample
        self.reset_energy()

    def reset_energy(self):
        self._energy_us = self.time_us()
        self._wh = {"i1": [0.0, 0.0], "i2": [0.0, 0.0]}

    def time_us(self):
        """Microseconds since the start."""
        now = time.ticks_us()
        self._elapsed_us += time.ticks_diff(now, self._ticks_us)
        self._ticks_us = now
        return self._elapsed_us

    def set_channel(self, name, rms, phase_deg, harmonics, dc):
        self._integrate()
        self.waves[name] = waveform.Wave(rms, phase_deg, harmonics, dc)
        self._change(self.hz)

    def set_frequency(self, hz):
        self._integrate()
        self._change(hz)

    def set_switches(self, wanted):
        for name in self.switches:
            if name in wanted:
                self.switches[name] = bool(wanted[name])
        self._front_end = None
        self._change(self.hz)

    def _change(self, hz):
        # The angle goes on without a step, from the next whole set.
        self.advance()
        first = (self.produced + 2) // 3 * 3
        self._turned += (first - self._first) / 24000 * self._loop_hz()
        self._turned -= int(self._turned)
        self._first = first
        self.hz = hz
        self._table = None

    def _loop_hz(self):
        count, cycles = waveform.loop(self.hz, 24000)
        return cycles * 24000 / count

    def _make_table(self):
        if self._front_end is None:
            switches = self.switches
            self._front_end = waveform.FrontEnd(switches["noise"], switches["wide_codes"])
        count, _ = waveform.loop(self.hz, 24000)
        waves = [self.waves[name] for name in CHANNELS]
        samples = self._front_end.samples(
            waves, self._loop_hz(), 0, count, self.switches["skew"], self._turned
        )
        self._table = memoryview(bytearray(samples))

    def advance(self):
        """Fill the ring up to now; the number of samples produced since the start."""
        now = self.time_us()
        if not self.running or self.ring is None:
            self._started_us = now
            return self.produced
        if self._table is None:
            self._make_table()
        count = (now - self._started_us) * 24 // 1000
        self._started_us += count * 1000 // 24
        skipped = max(0, count - _RING)  # nobody will see what is overwritten at once
        self._copy(self.produced + skipped, count - skipped)
        self.produced += count
        return self.produced

    def _copy(self, number, count):
        # In octets; both the ring and the table go round.
        ring, table = memoryview(self.ring), self._table
        to, left = number % _RING * 2, count * 2
        at = (number - self._first) * 2 % len(table)
        while left > 0:
            n = min(left, len(ring) - to, len(table) - at)
            ring[to : to + n] = table[at : at + n]
            to = (to + n) % len(ring)
            at = (at + n) % len(table)
            left -= n

    def _integrate(self):
        now = self.time_us()
        hours = (now - self._energy_us) / _US_PER_H
        self._energy_us = now
        for name in ("i1", "i2"):
            energy = self.waves["v"].power(self.waves[name]) * hours
            self._wh[name][0 if energy >= 0 else 1] += abs(energy)

    def injected(self):
        """What is true now, from the formulas alone."""
        self._integrate()
        made = {"frequency_hz": self._loop_hz()}
        for name in CHANNELS:
            made[name + "_rms"] = self.waves[name].rms_true()
        for name in ("i1", "i2"):
            made[name + "_power_w"] = self.waves["v"].power(self.waves[name])
            made[name + "_import_wh"], made[name + "_export_wh"] = self._wh[name]
        return made


mains = Mains()
