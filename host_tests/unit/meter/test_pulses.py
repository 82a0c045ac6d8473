# Pulses of the metrology LED: their number is the energy, their place is spread over a window.
import unittest

from meter.energy import Energy
from meter.pulses import Pulses


def flashes(pulses, energy, until_ms, start_ms=0):
    """Times at which the LED went on, energy(t) in Wh at t ms, asked every 4 ms."""
    on = []
    lit = False
    for t in range(start_ms, until_ms, 4):
        now = pulses.tick(energy(t), t & 0x3FFFFFFF)
        if now and not lit:
            on.append(t)
        lit = now
    return on


class TestEnergy(unittest.TestCase):
    def test_total_counts_both_directions(self):
        energy = Energy()
        energy.book(1500000000)
        energy.book(-2500000000)
        self.assertEqual(energy.total_wh, 1 + 2)


class TestPulses(unittest.TestCase):
    def test_no_energy_no_pulse(self):
        self.assertEqual(flashes(Pulses(0), lambda t: 0, 5000), [])

    def test_earlier_energy_needs_no_pulse(self):
        self.assertEqual(flashes(Pulses(100), lambda t: 100, 5000), [])

    def test_width(self):
        p = Pulses(0)
        lit = [t for t in range(0, 1000, 4) if p.tick(1, t)]
        self.assertEqual((lit[0], lit[-1]), (0, 36))

    def test_count_is_the_energy(self):
        # 9200 W are 9200 / 3600 = 2.56 Wh a second: after 60 windows 153 Wh, and 153 pulses.
        def energy(t):
            return min(t // 1000, 60) * 9200 // 3600

        self.assertEqual(len(flashes(Pulses(0), energy, 65000)), 153)

    def test_the_most_a_meter_can_draw(self):
        # 311 V * 62 A = 19.3 kW, 5.4 Wh a second.
        def energy(t):
            return min(t // 1000, 60) * 19300 // 3600

        self.assertEqual(len(flashes(Pulses(0), energy, 65000)), 60 * 19300 // 3600)

    def test_spread_over_the_window(self):
        on = flashes(Pulses(0), lambda t: 4 if t >= 1000 else 0, 3000)
        self.assertEqual(len(on), 4)
        self.assertTrue(on[1] - on[0] >= 248 and on[2] - on[1] >= 248)

    def test_tick_counter_wraps(self):
        start = 0x3FFFFFFF - 500
        on = flashes(Pulses(0), lambda t: (t - start) // 1000 + 1, start + 2500, start)
        self.assertEqual(len(on), 3)


if __name__ == "__main__":
    unittest.main()
