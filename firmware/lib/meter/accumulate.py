# Sums over one window of mains cycles, a viper leaf: the only code that runs per sample.
#
# A set is three samples, v i1 i2, 41 2/3 us apart; sets follow each other every 125 us.
#   t     0      1/3    2/3     1            (of 125 us)
#         v(k)   i1(k)  i2(k)   v(k+1)
# A current is multiplied with the voltage before it, v(k), and with the one after it, v(k+1).
# Weighting these two sums at the end of the window shifts the voltage to any moment in between:
# that applies the distance of the conversions and the phase calibration exactly, once.
#
# Units: one u is 1/8 of a converter step. The RP2040 has four wide codes, 512 + 1024 j, that
# swallow STEP more u than the others (erratum E11, about 8.9 steps), so the level of code c is
#   u = 8 c + STEP * (number of wide codes below c), half a STEP more on a wide code itself
# and deviations x are taken from CENTRE, the level of half the reference: |x| <= 16384 + 2 STEP.
#
# Reactive power is the product of i1 with the voltage 40 sets before, 5 ms: a quarter of a cycle
# at 50 Hz; quantities.py makes up for any other frequency. That voltage still lies in the ring.
#
# Squares and products need 43 bits in a window. Each sum is two words: the low 16 bits of every
# product go into the first, the rest into the second, value = second * 65536 + first. With
# STEP <= 80 and at most 12000 sets |x| <= 16544 and |product| < 2**28.1: the first word stays
# below 12000 * 65535 < 2**29.6, the second within 12000 * 4177 < 2**25.6, the plain sum within
# 12000 * 16544 < 2**27.6. Nothing carries, nothing overflows 32 bits.
import micropython
from micropython import const

# Words of the sums, array('i', 30).
_SETS = const(0)  # sets in this window
_CYCLES = const(1)  # rising crossings in it, the closing one included
_ARMED = const(2)  # 1 = the voltage has been below -ARM since the last rising crossing
_CLOSED = const(3)  # 1 = the set after the last one added begins the next window
_CROSS_OLD = const(4)  # levels of v on both sides of the crossing that closed the window
_CROSS_NEW = const(5)
_CENTRE = const(6)  # settings, in u
_STEP = const(7)
_ARM = const(8)
_LEAST = const(9)  # sets a window has at least before a crossing may close it
_V = const(10)  # three words per channel: sum of x, sum of x*x low, high
_I1 = const(13)
_I2 = const(16)
_VI1 = const(19)  # four words per current: v(k) i(k) low, high; v(k) i(k-1) low, high
_VI2 = const(23)
_QUARTER = const(27)  # sum of v(k-40), of v(k-40) i1(k) low, high

_RING_MASK = const(16383)  # samples in the ring - 1
_QUARTER_SAMPLES = const(120)  # 40 sets


def accumulate(ring, index: int, nsets: int, sums, levels) -> int:
    """Add up to nsets sets from ring[index]; the number of sets added.

    It stops early, with CLOSED set, before the set that begins a new window. levels is
    array('H', 3 * (nsets + 1)) or longer; its first three words carry the set before. The 120
    samples in front of ring[index] are looked at too.
    """
    _level(ring, index, nsets * 3, levels, sums[_STEP])
    nsets = _crossings(levels, nsets, sums)
    _squares(levels, 3, nsets, sums, _V)
    _squares(levels, 4, nsets, sums, _I1)
    _squares(levels, 5, nsets, sums, _I2)
    _products(levels, 1, nsets, sums, _VI1)
    _products(levels, 2, nsets, sums, _VI2)
    _quarter(ring, index - _QUARTER_SAMPLES, levels, nsets, sums)
    _keep(levels, nsets)
    return nsets


# Common to the six routines below.
# Bounds: accumulate() is called with 3 * (nsets + 1) words of levels and 30 words of sums; the
# index into the ring is masked. Width: see the head of the file; a level is 0..33088, words of
# the sums are loaded where they are not negative or where only their low 32 bits count, so
# 32-bit and 64-bit viper agree; no literal is wider than 16 bits and no subscript of a 16- or
# 32-bit pointer is a bare local. Twin: host_tests/twins/accumulate.py.
@micropython.viper
def _level(ring: ptr16, index: int, count: int, levels: ptr16, step: int):
    # Codes of the ring to levels behind the set before.
    half = step >> 1
    at = 3
    end = count + 3
    while at < end:
        code = ring[index & _RING_MASK]
        level = (code << 3) + ((code + 511) >> 10) * step
        if (code & 1023) == 512:
            level += half
        levels[at + 0] = level
        index += 1
        at += 1


@micropython.viper
def _crossings(levels: ptr16, nsets: int, sums: ptr32) -> int:
    # Counts rising crossings of v and finds the end of the window; the sets that belong to it.
    centre = sums[_CENTRE]
    below = centre - sums[_ARM]
    armed = sums[_ARMED]
    cycles = sums[_CYCLES]
    room = sums[_LEAST] - sums[_SETS]  # a crossing before this set does not close the window
    k = 0
    at = 3
    while k < nsets:
        v = levels[at + 0]
        if v < below:
            armed = 1
        elif armed and v >= centre:
            armed = 0
            cycles += 1
            if k >= room:
                sums[_CROSS_OLD] = levels[at - 3]
                sums[_CROSS_NEW] = v
                sums[_CLOSED] = 1
                break
        k += 1
        at += 3
    sums[_ARMED] = armed
    sums[_CYCLES] = cycles
    sums[_SETS] = sums[_SETS] + k
    return k


@micropython.viper
def _squares(levels: ptr16, at: int, nsets: int, sums: ptr32, to: int):
    # Sum and sum of squares of the channel whose first new level is levels[at].
    centre = sums[_CENTRE]
    total = sums[to + 0]
    low = sums[to + 1]
    high = sums[to + 2]
    while nsets > 0:
        x = levels[at + 0] - centre
        total += x
        p = x * x
        low += p & 0xFFFF
        high += p >> 16
        at += 3
        nsets -= 1
    sums[to + 0] = total
    sums[to + 1] = low
    sums[to + 2] = high


@micropython.viper
def _products(levels: ptr16, channel: int, nsets: int, sums: ptr32, to: int):
    # Sums of v(k) i(k) and v(k) i(k-1) for current channel 1 or 2.
    centre = sums[_CENTRE]
    low = sums[to + 0]
    high = sums[to + 1]
    low_after = sums[to + 2]
    high_after = sums[to + 3]
    old = levels[channel + 0] - centre
    at = 3
    while nsets > 0:
        v = levels[at + 0] - centre
        p = v * old
        low_after += p & 0xFFFF
        high_after += p >> 16
        old = levels[at + channel] - centre
        p = v * old
        low += p & 0xFFFF
        high += p >> 16
        at += 3
        nsets -= 1
    sums[to + 0] = low
    sums[to + 1] = high
    sums[to + 2] = low_after
    sums[to + 3] = high_after


@micropython.viper
def _quarter(ring: ptr16, index: int, levels: ptr16, nsets: int, sums: ptr32):
    # Sums of v(k-40) and of v(k-40) i1(k). index may be negative: the mask makes it right.
    centre = sums[_CENTRE]
    step = sums[_STEP]
    half = step >> 1
    total = sums[_QUARTER + 0]
    low = sums[_QUARTER + 1]
    high = sums[_QUARTER + 2]
    at = 4
    while nsets > 0:
        code = ring[index & _RING_MASK]
        v = (code << 3) + ((code + 511) >> 10) * step - centre
        if (code & 1023) == 512:
            v += half
        total += v
        p = v * (levels[at + 0] - centre)
        low += p & 0xFFFF
        high += p >> 16
        index += 3
        at += 3
        nsets -= 1
    sums[_QUARTER + 0] = total
    sums[_QUARTER + 1] = low
    sums[_QUARTER + 2] = high


@micropython.viper
def _keep(levels: ptr16, nsets: int):
    # The last set added becomes the set before.
    at = nsets * 3
    levels[0] = levels[at + 0]
    levels[1] = levels[at + 1]
    levels[2] = levels[at + 2]
