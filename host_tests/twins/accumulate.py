"""Twin of meter/accumulate.py: the same sums by their definition, with numbers of any size."""

WIDE = (512, 1536, 2560, 3584)


def level(code, step):
    """u of a code: 8 per code, step more for each wide code below it, half of it on one."""
    below = len([wide for wide in WIDE if wide < code])
    return 8 * code + step * below + (step // 2 if code in WIDE else 0)


def sets(ring, index, count, step, centre):
    """count sets from ring[index]: lists of three deviations from centre."""
    made = []
    for k in range(count):
        codes = [ring[(index + 3 * k + channel) % 16384] for channel in range(3)]
        made.append([level(code, step) - centre for code in codes])
    return made


def closing(before, following, arm, least, have, armed):
    """(sets that belong to the window, crossings, armed, closed) of the sets that follow."""
    crossings = 0
    for k, one in enumerate(following):
        v = one[0]
        if v < -arm:
            armed = True
        elif armed and v >= 0:
            armed = False
            crossings += 1
            if have + k >= least:
                return k, crossings, armed, True
    return len(following), crossings, armed, False


def quarter(ring, index, window, step, centre):
    """Sums of the voltage 40 sets before each set of a window from ring[index], and times i1."""
    late = [one[0] for one in sets(ring, index - 120, len(window), step, centre)]
    return sum(late), sum([v * one[1] for v, one in zip(late, window)])


def sums(before, window):
    """Sums over the sets of a window; before is the set in front of it.

    (sums of v, i1, i2; sums of squares; per current v*i of the same set, v * i of the set before)
    """
    plain = [sum([one[k] for one in window]) for k in range(3)]
    squares = [sum([one[k] * one[k] for one in window]) for k in range(3)]
    old = [before] + window[:-1]
    products = []
    for k in (1, 2):
        products.append(
            (
                sum([one[0] * one[k] for one in window]),
                sum([one[0] * two[k] for one, two in zip(window, old)]),
            )
        )
    return plain, squares, products
