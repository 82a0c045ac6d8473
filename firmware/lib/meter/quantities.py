# Sums of one window to quantities: integers with units, exact but for one rounding each.
#
# CALIBRATION, a tuple of ints (config.CALIBRATION; the nominal one follows from front_end.toml):
#   0 nV of mains per u        u = 1/8 converter step, accumulate.py;
#   1 nA of i1 per u             nominal: reference / (8 * (codes + 4 * wide_extra_steps))
#   2 nA of i2 per u                      / (V at the pin per V or A), in units of 1e-9
#   3 ns from the voltage's conversion to the moment the i1 sample stands for: 41667, plus the
#     lead (or less the lag) of its transducer; 0..125000 interpolates
#   4 ns the same for i2: 83333
#   5 u that a wide code swallows more than others: round(8 * wide_extra_steps) = 71; 0..80
#   6 u*u mean square of the converter's noise, taken off all RMS values: 8*8 * (1.0**2 + 1/12)
#   7 mW no-load threshold: below it no energy is counted and power shows 0
#   8 mA below which a current shows 0
import math

from micropython import const

_RATE = const(8000)  # sets per s
_SET_NS = const(125000)  # 1 / _RATE
_WEIGHT = const(20)  # weights are fractions of 2**20
_WEIGHT_ONE = const(1048576)
_BEND_PPM = const(257)  # (2 pi 50 Hz / _RATE)**2 / 6

_SETS = const(0)  # words of the sums, accumulate.py
_CYCLES = const(1)
_CROSS_OLD = const(4)
_CROSS_NEW = const(5)
_CENTRE = const(6)
_V = const(10)
_I1 = const(13)
_QUARTER = const(27)
_QUARTER_NS = const(5000000)  # 40 sets
_ROOT_MOST = const(44)  # bits that root() takes


def weights(delay_ns: int):
    """Weights of the voltage before and after a current that stands delay_ns behind the first.

    A straight line between two samples cuts the corner of the sine: for x in 0..1 of a set
    sin(x a) / sin(a) = x (1 + (1 - x*x) a*a/6) to the third order, which adds 171 ppm at 1/3.
    """
    after = delay_ns * _WEIGHT_ONE // _SET_NS
    return _bent(_WEIGHT_ONE - after), _bent(after)


def _bent(part: int) -> int:
    rest = _WEIGHT_ONE - (part * part >> _WEIGHT)
    return part + (part * (rest * _BEND_PPM // 1000000) >> _WEIGHT)


def pair(sums, at: int) -> int:
    """Value of a two-word sum."""
    return (sums[at + 1] << 16) + sums[at]


def square(sums, at: int) -> int:
    """n * n times the mean square without DC, u*u, of the channel whose words begin at at."""
    total = sums[at]
    return sums[_SETS] * pair(sums, at + 1) - total * total


def product(sums, v: int, i: int, at: int, shift: int, weight) -> int:
    """n * n times the mean product of v and i without DC, u*u * 2**20, import positive.

    shift: level of i before the window less the level at its end, which makes the sum of i into
    the sum of the currents one set earlier; weight: see weights().
    """
    n = sums[_SETS]
    before = n * pair(sums, at) - sums[v] * sums[i]
    after = n * pair(sums, at + 2) - sums[v] * (sums[i] + shift)
    return before * weight[0] + after * weight[1]


def reactive(sums, products: int, frequency: int, delay_ns: int) -> int:
    """Reactive power of i1 as product() gives the active one, u*u * 2**20, inductive positive.

    products: the active power of i1; frequency: 10 mHz; delay_ns: of i1, see weights(). With v T
    before i the mean product is P cos wT + Q sin wT for a sine, whatever its frequency. Of
    distorted currents it is the fundamental's, as long as the voltage is a sine.
    """
    late = sums[_SETS] * pair(sums, _QUARTER + 1) - sums[_QUARTER] * sums[_I1]
    angle = 2 * math.pi * frequency / 100 * (_QUARTER_NS + delay_ns) / 1000000000
    cos = int(math.cos(angle) * _WEIGHT_ONE)
    sin = int(math.sin(angle) * _WEIGHT_ONE)
    return ((late << 2 * _WEIGHT) - products * cos) // sin


def apparent(sums, noise: int) -> int:
    """Apparent power of i1 as product() gives the active one: rms voltage times rms current."""
    n = sums[_SETS]
    noise *= n * n
    squares = max(square(sums, _V) - noise, 0) * max(square(sums, _I1) - noise, 0)
    shift = 0
    while squares >> shift >> _ROOT_MOST:
        shift += 2
    return root(squares >> shift) << (shift >> 1) + _WEIGHT


def rms(squares: int, n: int, noise: int, nano: int, unit_nano: int) -> int:
    """RMS in units of unit_nano nV or nA, rounded; squares as square() gives it."""
    squares -= noise * n * n
    if squares <= 0:
        return 0
    n *= unit_nano
    return (root(4 * squares * nano * nano // (n * n)) + 1) >> 1


def root(number: int) -> int:
    """Largest r with r*r <= number, for number below 2**46."""
    r = int(math.sqrt(number))  # a 24-bit mantissa is off by one at most
    while r * r > number:
        r -= 1
    while (r + 1) * (r + 1) <= number:
        r += 1
    return r


def power_mw(products: int, n: int, v_nv: int, i_na: int) -> int:
    """Mean power, mW, rounded; products as product() gives it."""
    # u*u * nV * nA = 1e-18 W = 1e-15 mW, in fractions of 2**20.
    return _divide(products * v_nv * i_na, n * n * 10**15 << _WEIGHT)


def energy_nwh(products: int, n: int, v_nv: int, i_na: int) -> int:
    """Energy of the window, nWh, rounded: mean power times n sets."""
    # 1e-18 W * 1 s = 1e-9 nW s; 3600 s make an hour.
    return _divide(products * v_nv * i_na, n * _RATE * 3600 * 10**9 << _WEIGHT)


def _divide(number: int, by: int) -> int:
    # To the nearest; half a unit is rounded up, away from the sign's favour.
    return (2 * number + by) // (2 * by)


def crossing(sums) -> int:
    """Where the closing crossing lies between its two samples, 0..4095 of 4096 sets."""
    old = sums[_CENTRE] - sums[_CROSS_OLD]
    return (old << 12) // (old + sums[_CROSS_NEW] - sums[_CENTRE])


def frequency(sums, begin: int, end: int) -> int:
    """Mains frequency, 10 mHz, rounded; begin and end as crossing() gave them."""
    span = (sums[_SETS] << 12) + end - begin
    return _divide(sums[_CYCLES] * (_RATE * 100 << 12), span)


def power_factor(p_mw: int, apparent_mva: int) -> int:
    """P / S in 0.001, -1000..1000; 0 without apparent power."""
    if apparent_mva == 0:
        return 0
    factor = _divide(p_mw * 1000, apparent_mva)
    return max(-1000, min(1000, factor))
