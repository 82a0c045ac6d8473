"""The course of a simulated meter's life. `course.py --days 365 --seed 1` lives a year.

Time goes by in steps of five minutes and some of any length, second by second now and then where
something switches. The power fails within operations of the flash and between them, with and
without a warning, with and without a battery that keeps the time; clients set the clock.
"""

import argparse
import sys
import time
from datetime import datetime
from pathlib import Path

_HERE = Path(__file__).resolve().parent
for _folder in (_HERE, _HERE.parent / "shims", _HERE.parents[1] / "tools"):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))

from expect import local  # noqa: E402
from life import Life  # noqa: E402

_STEP_S = 300
_POWERS = (2300, 11000, 300, 5, 0, -1500)  # W
_NWH_PER_WS = 10**9 / 3600
_VISIT_S = 20 * 86400  # the load profile holds 31 days
_FORWARD_MAX_S, _BACK_MAX_S = 9000, 5400
_QUIET_DAYS = range(2, 28)  # of the month: where no billing period ends
_SYNCHRONISED_S = 43200


class Course:
    """cuts, offs, jumps: how often a step has one, 0 to 1; a cut comes within so many operations
    of the flash."""

    def __init__(self, start, seed, cuts=0.0005, offs=0.0008, jumps=0.0008, within=30):
        self.life = Life(start, seed)
        self._chances = (cuts, offs, jumps)
        self._within = within
        self._random = self.life.random
        self._synchronised_s = 0
        self.steps = 0

    def live(self, days):
        life = self.life
        life.begin()
        end_s = life.world.now_s + days * 86400
        visit_s = life.world.now_s + _VISIT_S
        while life.world.now_s < end_s:
            self._pass()
            if life.world.now_s > visit_s:
                visit_s = life.world.now_s + _VISIT_S
                life.visit()
        life.visit()

    def _pass(self):
        chance, random = self._random.random, self._random
        left_s = _STEP_S - self.life.now_s % _STEP_S
        hour = left_s <= _STEP_S and (self.life.now_s + left_s) % 3600 == 0
        if hour and chance() < 0.1:
            self._by_seconds(left_s)
        elif chance() < 0.1:
            self._step(random.randint(1, left_s))
        else:
            self._step(left_s)
        if chance() < self._chances[0]:
            self.life.cut_soon(self._within)
        if chance() < self._chances[1]:
            self._off()
        self._clock(chance)

    def _by_seconds(self, left_s):
        if left_s > 3:
            self._step(left_s - 3)
        for _ in range(6):
            self._step(1)

    def _step(self, for_s):
        self.steps += 1
        watts = self._random.choice(_POWERS)
        nwh = int(for_s * watts * _NWH_PER_WS)
        self.life.step(for_s, nwh + self._random.randint(-99, 99) if nwh else 0)

    def _off(self):
        random = self._random
        self.life.power_off(self.life.outage_s(), random.random() < 0.7, random.random() < 0.5)

    def _clock(self, chance):
        life, random = self.life, self._random
        true_s = life.world.now_s
        if not life.valid or life.ahead_s > 60 or life.ahead_s < -60:
            if chance() < 0.1:
                life.set_clock(true_s)
        elif chance() < self._chances[2] and local(life.now_s).day in _QUIET_DAYS:
            life.set_clock(true_s + random.randint(-_BACK_MAX_S, _FORWARD_MAX_S))
        elif self._may_synchronise():
            self._synchronised_s = true_s
            life.set_clock(life.now_s + random.randint(-4, 4))

    def _may_synchronise(self):
        # Away from the ends of intervals: the seconds that come again make nothing anew.
        late = self.life.world.now_s - self._synchronised_s > _SYNCHRONISED_S
        return late and 60 <= self.life.now_s % 900 <= 840

    def told(self):
        life = self.life
        return (
            f"{self.steps} steps, {life.cuts} power cuts, {life.jumps} times the clock was set, "
            f"{len(life.load.rows)} rows of the load profile, {len(life.daily.rows)} days, "
            f"{len(life.billing.periods)} billing periods, {life.lost_rows} rows lost with a cut, "
            f"{life.late} steps with nothing saved for a moment, "
            f"{sum(life.world.flash.erases)} erases, worst sector {max(life.world.flash.erases)}"
        )


def lived(start, days, seed, **chances):
    """A Course that has been lived; a failure says how to see it again."""
    course = Course(start, seed, **chances)
    try:
        course.live(days)
    except BaseException:
        print(f"seed {seed}, {chances}: {course.told()}, at {local(course.life.now_s)}")
        raise
    finally:
        course.life.close()
    return course


def main():
    parser = argparse.ArgumentParser(description="Live with a simulated meter.")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    began = time.time()
    course = lived(datetime(2026, 12, 31, 22, 50), wanted.days, wanted.seed)
    print(f"seed {wanted.seed}: {course.told()}; {time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
