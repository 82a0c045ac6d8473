# Runs on the board: the routines of meter/accumulate.py against their definition.
import random
from array import array

from meter import accumulate
from twins import accumulate as twin

MODULE = "meter.accumulate"
_SETS, _CYCLES, _ARMED, _CLOSED, _CROSS_OLD, _CROSS_NEW, _CENTRE = 0, 1, 2, 3, 4, 5, 6
_STEP, _ARM, _LEAST, _V, _I1, _I2, _VI1, _VI2 = 7, 8, 9, 10, 13, 16, 19, 23
_QUARTER = 27
_WORDS = 30
_STEPS = (0, 1, 71, 80)
_BLOCK = 128
_RING = 16384
_CODES = 512  # at a time: what is compared must fit the heap several times
_LONGEST = 12000  # sets of a window
_FILL = 0xEEEE


def _sums(step):
    sums = array("i", [0] * _WORDS)
    sums[_CENTRE] = 16384 + 2 * step
    sums[_STEP] = step
    sums[_ARM] = 192
    return sums


def _level():
    ring = array("H", bytes(2 * _RING))
    for k in range(_RING):
        ring[k] = k & 4095
    for step in _STEPS:
        for first in range(0, 4096, _CODES):
            levels = array("H", [_FILL] * (_CODES + 4))
            accumulate._level(ring, first, _CODES, levels, step)
            want = [twin.level(code, step) for code in range(first, first + _CODES)]
            yield ("codes from", first), list(levels), [_FILL] * 3 + want + [_FILL]
    for k in range(_RING):
        ring[k] = random.getrandbits(12)
    for index in (0, 1, 2, 16380, 16381, 16382, 16383):
        for count in (0, 1, 2, 3, 384):
            levels = array("H", [_FILL] * 400)
            accumulate._level(ring, index, count, levels, 71)
            want = [twin.level(ring[(index + k) % _RING], 71) for k in range(count)]
            want = [_FILL] * 3 + want + [_FILL] * (397 - count)
            yield (index, count), list(levels), want


def _voltages(nsets, arm, most):
    """Deviations, at the very edges of what counts and of the scale, -most..most."""
    edges = (-arm - 1, -arm, 1 - arm, -1, 0, 1, -most, most)
    return [random.choice(edges) for _ in range(nsets)]


def _crossed(nsets, have, room, armed):
    """One call and what the twin says of it: all words of the sums."""
    sums = _sums(71)
    centre = sums[_CENTRE]
    sums[_SETS], sums[_CYCLES], sums[_ARMED], sums[_LEAST] = have, 7, armed, have + room
    before = _voltages(1, 192, centre)[0]
    following = [[v] for v in _voltages(nsets, 192, centre)]
    levels = array("H", [centre + before, 1, 2])
    for one in following:
        levels.extend(array("H", [centre + one[0], 1, 2]))
    want = list(sums)
    taken, crossings, still, closed = twin.closing(
        before, following, 192, have + room, have, bool(armed)
    )
    want[_SETS], want[_CYCLES], want[_ARMED] = have + taken, 7 + crossings, int(still)
    if closed:
        old = following[taken - 1][0] if taken else before
        want[_CLOSED], want[_CROSS_OLD] = 1, centre + old
        want[_CROSS_NEW] = centre + following[taken][0]
    got = accumulate._crossings(levels, nsets, sums)
    return (nsets, have, room, armed), (got, list(sums)), (taken, want)


def _crossings():
    for armed in (0, 1):
        for nsets in (0, 1, 2, 3, _BLOCK):
            for room in (-1, 0, 1, 2, nsets, nsets + 1, 7920):
                yield _crossed(nsets, random.randrange(_LONGEST), room, armed)
    for _ in range(60):
        yield _crossed(random.randrange(_BLOCK), random.randrange(100), random.randrange(9), 0)


def _blocks(step):
    """Levels of blocks: ends of the scale, middle, any."""
    top = 2 * (16384 + 2 * step)
    for v in (0, top):
        for i1 in (0, top):
            yield array("H", [v, i1, top - i1] * (_BLOCK + 1))
    yield array("H", [top // 2] * (3 * _BLOCK + 3))
    for nsets in (0, 1, 2, 5, 50, _BLOCK):
        yield array("H", [random.randrange(top + 1) for _ in range(3 * nsets + 3)])


def _window(levels, centre):
    """(the set before, the sets) as deviations."""
    sets = [[u - centre for u in levels[k : k + 3]] for k in range(0, len(levels), 3)]
    return sets[0], sets[1:]


def _pair(sums, at):
    return (sums[at + 1] << 16) + sums[at]


def _squares():
    for step in _STEPS:
        for levels in _blocks(step):
            sums = _sums(step)
            before, sets = _window(levels, sums[_CENTRE])
            plain, squares, _ = twin.sums(before, sets)
            for k, to in enumerate((_V, _I1, _I2)):
                accumulate._squares(levels, 3 + k, len(sets), sums, to)
                yield (step, to), (sums[to], _pair(sums, to + 1)), (plain[k], squares[k])
            yield "words that are not its own", list(sums[_VI1:]), [0] * 11
    for what in _longest(_squares_of):
        yield what


def _squares_of(levels, sums):
    for k, to in enumerate((_V, _I1, _I2)):
        accumulate._squares(levels, 3 + k, _BLOCK, sums, to)


def _products():
    for step in _STEPS:
        for levels in _blocks(step):
            sums = _sums(step)
            before, sets = _window(levels, sums[_CENTRE])
            products = twin.sums(before, sets)[2]
            for k, to in enumerate((_VI1, _VI2)):
                accumulate._products(levels, k + 1, len(sets), sums, to)
                yield (step, to), (_pair(sums, to), _pair(sums, to + 2)), products[k]
            yield "words that are not its own", list(sums[_V:_VI1]), [0] * 9
    for what in _longest(_products_of):
        yield what


def _products_of(levels, sums):
    accumulate._products(levels, 1, _BLOCK, sums, _VI1)
    accumulate._products(levels, 2, _BLOCK, sums, _VI2)


def _longest(add):
    """The sums of the longest window, at the ends of the scale and where low words are largest."""
    step = _STEPS[-1]
    times = _LONGEST // _BLOCK
    top = 2 * (16384 + 2 * step)
    for one in ((0, 0, 0), (top, 0, top), (0, top, 0), (top // 2 - 1, top // 2 + 1, 1)):
        levels = array("H", list(one) * (_BLOCK + 1))
        sums = _sums(step)
        before, sets = _window(levels, sums[_CENTRE])
        plain, squares, products = twin.sums(before, sets)
        for _ in range(times):
            add(levels, sums)
        got = [_pair(sums, at) for at in (_VI1, _VI1 + 2, _VI2, _VI2 + 2)]
        want = [times * number for pair in products for number in pair]
        if add is _squares_of:
            got = [(sums[at], _pair(sums, at + 1)) for at in (_V, _I1, _I2)]
            want = [(times * plain[k], times * squares[k]) for k in range(3)]
        yield one, got, want


def _quarter():
    ring = array("H", [random.getrandbits(12) for _ in range(_RING)])
    for k in range(0, _RING, 7):
        ring[k] = twin.WIDE[k & 3] + k % 3 - 1
    for step in _STEPS:
        for index, nsets in ((0, 1), (119, 2), (120, _BLOCK), (9999, 0), (16383, _BLOCK)):
            sums = _sums(step)
            levels = array("H", [0] * (3 * nsets + 3))
            accumulate._level(ring, index, 3 * nsets, levels, step)
            _, sets = _window(levels, sums[_CENTRE])
            accumulate._quarter(ring, index - 120, levels, nsets, sums)
            want = twin.quarter(ring, index, sets, step, sums[_CENTRE])
            yield (step, index), (sums[_QUARTER], _pair(sums, _QUARTER + 1)), want
            yield "words that are not its own", list(sums[_V:_QUARTER]), [0] * 17
    for code, current in ((0, 0), (0, 1), (4095, 0), (4095, 1), (2048, 1)):
        yield _longest_quarter(code, current)


def _longest_quarter(code, current):
    """The longest window of one voltage with the current at one end of the scale."""
    step = _STEPS[-1]
    ring = array("H", [code] * _RING)
    sums = _sums(step)
    levels = array("H", [current * 2 * sums[_CENTRE]] * (3 * _BLOCK + 3))
    times = _LONGEST // _BLOCK
    for _ in range(times):
        accumulate._quarter(ring, 0, levels, _BLOCK, sums)
    v = twin.level(code, step) - sums[_CENTRE]
    count = times * _BLOCK
    want = count * v, count * v * (levels[4] - sums[_CENTRE])
    return (code, current), (sums[_QUARTER], _pair(sums, _QUARTER + 1)), want


def _keep():
    for nsets in (0, 1, 2, 3, 64, _BLOCK):
        levels = array("H", [random.getrandbits(15) for _ in range(3 * _BLOCK + 3)])
        want = list(levels)
        want[:3] = want[3 * nsets : 3 * nsets + 3]
        accumulate._keep(levels, nsets)
        yield nsets, list(levels), want


COMPARISONS = {
    "_level": _level,
    "_crossings": _crossings,
    "_squares": _squares,
    "_products": _products,
    "_quarter": _quarter,
    "_keep": _keep,
}
