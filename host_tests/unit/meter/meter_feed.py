"""Feeds a Meter with waveforms through a ring, as the converter does, without waiting."""
import front_end
import waveform
from meter import registers
from meter.meter import Meter

SLOTS = {"v": 0, "i1": 1, "i2": 2, "p": 3, "import": 4, "export": 5, "p2": 6, "pf": 7, "hz": 8,
         "wh_in": 9, "wh_out": 10, "time": 11, "overruns": 12, "s": 14, "q_in": 35, "q_out": 36,
         "q1": 37, "q2": 38, "q3": 39, "q4": 40, "varh_in": 41, "varh_out": 42, "vah_in": 43,
         "vah_out": 44}
CALIBRATION = front_end.calibration(front_end.read())
_STEP = 768  # samples between two polls: 32 ms


class Bench:
    """A ring, a meter and the mains at its terminals."""

    def __init__(self, noise=True, wide_codes=True, seed=1, calibration=CALIBRATION):
        self.ring = bytearray(32768)
        self.produced = 0
        self.front_end = waveform.FrontEnd(noise, wide_codes, seed)
        self.meter = Meter(self.ring, calibration)
        self.waves = None
        self.hz = 50
        self.wh = 0.0  # what the formula says has gone in (positive) less out
        for slot in SLOTS.values():
            registers.put(slot, -1)  # so that only what this meter writes is seen
        self.meter.energy.restore(0, 0)

    def set(self, v, i1, phase_deg=0.0, i2=None, hz=50):
        """Sine waves from here on; the second current is the first unless told."""
        other = i1 if i2 is None else i2
        waves = [waveform.Wave(v), waveform.Wave(i1, phase_deg), waveform.Wave(other, phase_deg)]
        self.set_waves(waves, hz)

    def set_waves(self, waves, hz=50):
        self.waves = waves
        count, cycles = waveform.loop(hz, 24000)
        self.hz = cycles * 24000 / count
        # The table repeats; the ring takes it from where the sample count stands.
        self.table = memoryview(bytearray(self.front_end.samples(waves, self.hz, 0, count)))
        self.at = 2 * (self.produced % 3)

    def power(self):
        """True mean power of channel 1, W."""
        return self.waves[0].power(self.waves[1])

    def produce(self, samples):
        """Samples into the ring, without a poll."""
        self.wh += self.power() * samples / 24000 / 3600
        to = self.produced % 16384 * 2
        self.produced = (self.produced + samples) % 2**29
        left = 2 * samples
        while left > 0:
            n = min(left, 32768 - to, len(self.table) - self.at)
            self.ring[to : to + n] = self.table[self.at : self.at + n]
            to = (to + n) % 32768
            self.at = (self.at + n) % len(self.table)
            left -= n

    def run(self, seconds):
        """Seconds of samples, polled in time."""
        for _ in range(int(seconds * 24000) // _STEP):
            self.produce(_STEP)
            while self.meter.poll(self.produced):
                pass

    def read(self, name):
        return registers.value(SLOTS[name])

    def nwh(self):
        energy = self.meter.energy
        return energy.import_nwh - energy.export_nwh
