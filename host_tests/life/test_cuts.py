"""The power fails again and again, in any operation of the flash, also while the meter starts."""

from datetime import datetime

import course


def test_two_thousand_cuts():
    lived = course.lived(datetime(2027, 3, 20, 22, 50), 150, seed=4, cuts=0.7, within=3)
    assert lived.life.cuts >= 2000
