"""A slice of `make accuracy`: the wrong front end is calibrated, some points of the grid are judged.

The limits are compared with the table of IEC 62053-22 as it is written in words here: of currents
in parts of In, 1 % below 0.05 In and 0.5 % from there on in phase; 1 % below 0.1 In and 0.6 % from
there on at 0.5 inductive and 0.8 capacitive; 1 % from 0.1 In on at 0.25 inductive and 0.5 capacitive.
"""

import math
import sys
from pathlib import Path

import pytest
from microcosem.calibration import Point, calibrated
from microcosem.errors import UsageError

_FOLDER = Path(__file__).resolve().parents[1] / "accuracy"
sys.path.insert(0, str(_FOLDER))

import points  # noqa: E402
import run as accuracy  # noqa: E402

_SECONDS = 6
_POINTS = ((0.05, "1"), (0.1, "0.5L"), (1, "0.25L"), (1, "0.5C"), (12, "0.5L"), (12, "1"))
_OLD = (26624068, 5324814, 5324814, 41667, 83333, 71, 69, 575, 20)


def test_limits():
    for part, factor, wanted in (
        (0.01, "1", 1.0), (0.05, "1", 0.5), (12, "1", 0.5),
        (0.05, "0.5L", 1.0), (0.1, "0.5L", 0.6), (0.05, "0.8C", 1.0), (0.2, "0.8C", 0.6),
        (0.05, "0.25L", None), (0.1, "0.25L", 1.0), (0.05, "0.5C", None), (12, "0.5C", 1.0),
    ):  # fmt: skip
        assert points.limit(part, factor) == wanted, (part, factor)
    assert len(points.grid()) == 90


def test_calibration_arithmetic():
    """Voltage 2 % high, current 4 % low, the current 0.3 degrees early: 0.3 / 360 / 50 s = 16667 ns."""
    reference = [Point(230, 5, 1150), Point(230, 5, 575)]
    read = [
        Point(234.6, 4.8, 1150 * 1.02 * 0.96 * math.cos(math.radians(0.3))),
        Point(234.6, 4.8, 1150 * 1.02 * 0.96 * math.cos(math.radians(60 - 0.3))),
    ]
    made = calibrated(_OLD, 50, reference, read)
    assert made[0] == pytest.approx(_OLD[0] / 1.02, abs=1)
    assert made[1] == pytest.approx(_OLD[1] / 0.96, rel=2e-5)  # cos 0.3 degrees is 1 - 1.4e-5
    assert made[3] == pytest.approx(_OLD[3] + 16667, abs=30)
    assert made[2:3] + made[4:] == _OLD[2:3] + _OLD[4:]


def test_calibration_refuses_what_cannot_be():
    reference = [Point(230, 5, 1150), Point(230, 5, 575)]
    for read in ([Point(115, 5, 1150), reference[1]], [reference[0], Point(230, 5, -575)]):
        with pytest.raises(UsageError):
            calibrated(_OLD, 50, reference, read)


def test_points_within_class_0_5_s():
    wanted = [point for point in points.grid() if (point["part"], point["factor"]) in _POINTS]
    rows = accuracy.measure([*wanted, *points.start()], accuracy.calibrate(), _SECONDS)
    assert accuracy.judge(rows) == []
    assert [row["overruns"] for row in rows] == [0] * len(rows)


def test_without_calibration_it_is_outside():
    """The judge can say no: 1.021 * 0.968 is 1.2 % low."""
    wanted = [point for point in points.grid() if (point["part"], point["factor"]) == (1, "1")]
    rows = accuracy.measure(wanted, _OLD, _SECONDS)
    assert [row["error"] for row in rows] == pytest.approx([-1.167, -1.167], abs=0.05)
    assert len(accuracy.judge(rows)) == 2
