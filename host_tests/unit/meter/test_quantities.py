# Sums to quantities: every formula against its definition, computed here with fractions or floats.
import math
import unittest

from meter import quantities as q

_WORDS = 27


def _sums(pairs):
    """A list of words as the sums have them, from {index: value}."""
    made = [0] * _WORDS
    for at, number in pairs.items():
        made[at] = number
    return made


class TestNumbers(unittest.TestCase):
    def test_root(self):
        for r in list(range(1, 300)) + [23000, 65535, 92681, 1000003, 8388607]:
            self.assertEqual(q.root(r * r), r)
            self.assertEqual(q.root(r * r - 1), r - 1)
            self.assertEqual(q.root(r * r + 2 * r), r)
        self.assertEqual(q.root(0), 0)

    def test_pair(self):
        for number in (0, 1, 65535, 65536, -1, -65537, 2**43, -(2**43)):
            self.assertEqual(q.pair([number & 0xFFFF, number >> 16], 0), number)

    def test_weights_make_the_sine(self):
        # Exact for 50 Hz: sin(a (1 - x)) / sin(a) and sin(a x) / sin(a), a = 2 pi 50 / 8000.
        a = 2 * math.pi * 50 / 8000
        for delay_ns in (0, 10000, 41667, 62500, 83333, 125000):
            x = delay_ns / 125000
            before, after = q.weights(delay_ns)
            self.assertAlmostEqual(before / 2**20, math.sin(a * (1 - x)) / math.sin(a), delta=3e-6)
            self.assertAlmostEqual(after / 2**20, math.sin(a * x) / math.sin(a), delta=3e-6)

    def test_power_factor(self):
        for p, s, wanted in (
            (0, 0, 0),
            (5, 0, 0),
            (1000, 1000, 1000),
            (-500, 1000, -500),
            (1003, 1000, 1000),
            (-1003, 1000, -1000),
            (1, 3, 333),
            (2, 3, 667),
        ):
            self.assertEqual(q.power_factor(p * 1000, s * 1000), wanted)


class TestFormulas(unittest.TestCase):
    def test_square_removes_dc_exactly(self):
        for values in ([5, 5, 5, 5], [1, -1, 1, -1], [7, -2, 3, 16000], [-16000, 16000, 0]):
            n = len(values)
            total = sum(values)
            squares = sum([x * x for x in values])
            made = _sums({0: n, 13: total, 14: squares & 0xFFFF, 15: squares >> 16})
            mean = total / n
            wanted = n * sum([(x - mean) ** 2 for x in values])
            self.assertAlmostEqual(q.square(made, 13), wanted, delta=1e-3)

    def test_rms_units(self):
        # 4 values of +-1000 u: rms 1000 u, at 26624068 nV per u 26.624068 V.
        squares = 4 * 4 * 1000 * 1000
        self.assertEqual(q.rms(squares, 4, 0, 26624068, 10**7), 2662)
        self.assertEqual(q.rms(squares, 4, 0, 26624068, 10**6), 26624)
        # 600 and 800 u of noise and signal make 1000 u.
        self.assertEqual(q.rms(squares, 4, 360000, 10**6, 10**6), 800)
        self.assertEqual(q.rms(squares, 4, 1000001, 10**6, 10**6), 0)

    def test_rms_rounds_to_the_nearest(self):
        for rms_u, wanted in ((10, 10), (11, 11)):
            self.assertEqual(q.rms(rms_u * rms_u, 1, 0, 1, 1), wanted)
        self.assertEqual(q.rms(110, 1, 0, 1, 1), 10)  # 10.488
        self.assertEqual(q.rms(111, 1, 0, 1, 1), 11)  # 10.536

    def test_power_and_energy_units(self):
        # 1000 sets of a mean product of 10**6 u*u, 1 V and 1 A being 1000 u each: 1 W.
        n = 1000
        products = n * n * 10**6 << 20
        for sign in (1, -1):
            self.assertEqual(q.power_mw(sign * products, n, 10**6, 10**6), sign * 1000)
            # 1 W for 1000 / 8000 s is 0.125 Ws = 34722.2 nWh.
            self.assertEqual(q.energy_nwh(sign * products, n, 10**6, 10**6), sign * 34722)

    def test_product_with_weights(self):
        v = [100, -200, 300, 0]
        i = [-1000, 500, 200, 700]
        before = 450  # current of the set before the window
        old = [before] + i[:-1]
        vi = sum([a * b for a, b in zip(v, i)])
        wi = sum([a * b for a, b in zip(v, old)])
        made = _sums(
            {
                0: 4,
                10: sum(v),
                13: sum(i),
                19: vi & 0xFFFF,
                20: vi >> 16,
                21: wi & 0xFFFF,
                22: wi >> 16,
            }
        )
        for weight in ((1, 0), (0, 1), (700000, 348576)):
            wanted = weight[0] * (4 * vi - sum(v) * sum(i))
            wanted += weight[1] * (4 * wi - sum(v) * sum(old))
            self.assertEqual(q.product(made, 10, 13, 19, before - i[-1], weight), wanted)

    def test_crossing_between_two_samples(self):
        for old, new, wanted in (
            (-100, 100, 2048),
            (-1, 0, 4096),
            (-100, 300, 1024),
            (-1, 4095, 1),
        ):
            made = _sums({6: 16526, 4: 16526 + old, 5: 16526 + new})
            self.assertEqual(q.crossing(made), wanted)

    def test_frequency(self):
        # 50 cycles in 8000 sets; half a set longer, and 49 Hz.
        for cycles, sets, begin, end, wanted in (
            (50, 8000, 0, 0, 5000),
            (50, 8000, 100, 100, 5000),
            (50, 7999, 0, 4096, 5000),
            (49, 8000, 0, 0, 4900),
            (50, 8010, 0, 0, 4994),
            (50, 7842, 0, 559, 5101),
        ):
            self.assertEqual(q.frequency(_sums({0: sets, 1: cycles}), begin, end), wanted)


if __name__ == "__main__":
    unittest.main()
