"""A meter lives: everything together over weeks, with power cuts. `make year` lives a whole year.

What is checked at each step and each visit of a reader is in life.py; what it must be, in expect.py.
"""

from datetime import datetime

import course

_MARCH = datetime(2027, 3, 13, 22, 50)  # UTC
_OCTOBER = datetime(2027, 10, 30, 12)


def test_a_month():
    """Summer time begins, and the summer season; a billing period ends."""
    lived = course.lived(_MARCH, 30, seed=1)
    life = lived.life
    assert life.cuts >= 5 and life.jumps >= 5
    assert len(life.load.rows) >= 2800 and len(life.daily.rows) >= 29
    assert [first for first, _, _ in life.billing.periods] == [datetime(2027, 4, 1)]


def test_the_end_of_summer():
    """The hour that comes twice, the winter season, the end of a billing period."""
    life = course.lived(_OCTOBER, 4, seed=2).life
    assert [first for first, _, _ in life.billing.periods] == [datetime(2027, 11, 1)]
    assert life.energies.rates[0][2], "nothing was counted at rate 3"


def test_without_trouble():
    """No power cuts and a clock that nobody moves: every row is there, on its minute."""
    life = course.lived(_OCTOBER, 3, seed=3, cuts=0, offs=0, jumps=0).life
    assert life.cuts == life.lost_rows == life.late == 0
    assert len(life.load.rows) == 3 * 96
    assert len(life.daily.rows) == 3
