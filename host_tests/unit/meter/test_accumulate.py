# The viper sums against their definition, word for word, and where windows end.
import unittest
from array import array

from meter.accumulate import accumulate
from twins import accumulate as twin

_SETS, _CYCLES, _ARMED, _CLOSED, _CROSS_OLD, _CROSS_NEW = 0, 1, 2, 3, 4, 5
_CENTRE, _STEP, _ARM, _LEAST, _V, _I1, _I2, _VI1, _VI2 = 6, 7, 8, 9, 10, 13, 16, 19, 23
_QUARTER = 27
_WORDS = 30
_BLOCK = 128


def _ring(seed, low=0, high=4095):
    """A ring of codes without pattern; every 16th a wide code or its neighbour."""
    made = array("H", bytes(2 * 16384))
    for k in range(16384):
        seed = (seed * 1103515245 + 12345) & 0x3FFFFFFF
        made[k] = low + (seed >> 8) % (high - low + 1)
        if seed >> 26 == 0:
            made[k] = twin.WIDE[seed >> 8 & 3] + (seed >> 10) % 3 - 1
    return made


class Window:
    """Sums, levels and the calls of accumulate() that one window takes."""

    def __init__(self, ring, step=71, arm=192, least=7920):
        self.ring = ring
        self.centre = 16384 + 2 * step
        self.sums = array("i", [0] * _WORDS)
        self.sums[_CENTRE] = self.centre
        self.sums[_STEP] = step
        self.sums[_ARM] = arm
        self.sums[_LEAST] = least
        self.levels = array("H", [self.centre] * 3 + [0] * (3 * _BLOCK))

    def run(self, index, count, block=_BLOCK):
        """Sets taken of count from ring[index], until closed."""
        taken = 0
        while taken < count and not self.sums[_CLOSED]:
            n = min(block, count - taken)
            at = (index + 3 * taken) % 16384
            taken += accumulate(self.ring, at, n, self.sums, self.levels)
        return taken

    def pair(self, at):
        return (self.sums[at + 1] << 16) + self.sums[at]


class TestSums(unittest.TestCase):
    def compare(self, window, before, sets):
        plain, squares, products = twin.sums(before, sets)
        for k, at in enumerate((_V, _I1, _I2)):
            self.assertEqual(window.sums[at], plain[k])
            self.assertEqual(window.pair(at + 1), squares[k])
        for k, at in enumerate((_VI1, _VI2)):
            self.assertEqual(window.pair(at), products[k][0])
            self.assertEqual(window.pair(at + 2), products[k][1])

    def compare_quarter(self, window, expected):
        self.assertEqual((window.sums[_QUARTER], window.pair(_QUARTER + 1)), expected)

    def check(self, ring, index, count, step=71, block=_BLOCK):
        # LEAST beyond the window: no crossing ends it.
        window = Window(ring, step, least=20000)
        self.assertEqual(window.run(index, count, block), count)
        sets = twin.sets(ring, index, count, step, window.centre)
        self.compare(window, [0, 0, 0], sets)
        self.compare_quarter(window, twin.quarter(ring, index, sets, step, window.centre))
        self.assertEqual(window.sums[_SETS], count)
        _, cycles, armed, _ = twin.closing([0, 0, 0], sets, 192, 20000, 0, False)
        self.assertEqual(window.sums[_CYCLES], cycles)
        self.assertEqual(window.sums[_ARMED], int(armed))

    def test_codes_without_pattern(self):
        for seed, index, count in ((1, 0, 1), (2, 16382, 127), (3, 9999, 128), (4, 16383, 3000)):
            self.check(_ring(seed), index, count)

    def test_every_code_and_step(self):
        ring = array("H", bytes(2 * 16384))
        for k in range(16384):
            ring[k] = k % 4096
        for step in (0, 71, 80):
            self.check(ring, 0, 5461, step)

    def test_any_division_into_blocks(self):
        ring = _ring(5)
        for block in (1, 2, 7, 127):
            self.check(ring, 12345, 500, 71, block)

    def test_largest_sums_fit(self):
        # The longest window at both ends of the scale, same and opposite signs.
        for codes in ((0, 0, 0), (4095, 4095, 4095), (0, 4095, 4095), (4095, 0, 0)):
            ring = array("H", bytes(2 * 16384))
            for k in range(16384):
                ring[k] = codes[k % 3]
            window = Window(ring, 80, least=20000)
            taken = 0
            while taken < 12000:
                # From 0 each time: the ring's length is no whole number of sets.
                taken += accumulate(ring, 0, 120, window.sums, window.levels)
            one = twin.sets(ring, 0, 1, 80, window.centre)
            self.compare(window, [0, 0, 0], one * 12000)
            late = twin.quarter(ring, 0, twin.sets(ring, 0, 120, 80, window.centre), 80, window.centre)
            self.compare_quarter(window, (late[0] * 100, late[1] * 100))


class TestWindow(unittest.TestCase):
    def ring(self, voltage):
        """A ring whose sets carry these deviations of v from the centre, in codes."""
        made = array("H", [2048] * 16384)
        for k, v in enumerate(voltage):
            made[3 * k] = 2048 + v
        return made

    def test_closes_before_the_rising_set(self):
        ring = self.ring([-100, -50, 50, 100, -100, -20, 30, 100])
        window = Window(ring, least=3)
        self.assertEqual(window.run(0, 8), 6)
        self.assertEqual(window.sums[_CLOSED], 1)
        self.assertEqual(window.sums[_CYCLES], 2)
        self.assertEqual(window.sums[_CROSS_OLD], window.centre - 160)
        self.assertEqual(window.sums[_CROSS_NEW], window.centre + 240)

    def test_least_is_the_first_set_that_may_close(self):
        ring = self.ring([100, -100, -50, 50])
        for least, taken in ((3, 3), (4, 4)):
            self.assertEqual(Window(ring, least=least).run(0, 4), taken)

    def test_noise_about_zero_does_not_count(self):
        # 24 codes below zero arm a crossing; 23 do not.
        for depth, cycles in ((-24, 0), (-25, 1)):
            window = Window(self.ring([depth, 1, -1, 1, -1, 1]), least=100)
            window.run(0, 6)
            self.assertEqual(window.sums[_CYCLES], cycles)

    def test_the_set_before_is_carried_into_the_next_window(self):
        ring = _ring(9)
        window = Window(ring, least=0)
        taken = 0
        before = [0, 0, 0]
        for _ in range(20):
            for k in range(_V, _WORDS):
                window.sums[k] = 0
            window.sums[_SETS] = window.sums[_CLOSED] = window.sums[_CYCLES] = 0
            at = 3 * taken % 16384
            n = window.run(at, 40)
            sets = twin.sets(ring, at, n, 71, window.centre)
            _, _, products = twin.sums(before, sets)
            self.assertEqual(window.pair(_VI1 + 2), products[0][1])
            self.assertEqual(window.pair(_VI2 + 2), products[1][1])
            before = sets[-1] if n else before
            taken += n
        self.assertGreater(taken, 20)


if __name__ == "__main__":
    unittest.main()
