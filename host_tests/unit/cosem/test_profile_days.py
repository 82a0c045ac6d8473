# The load profile through the days on which daylight saving begins and ends: rows by local date.
import unittest

from cosem import internal, live
from cosem_reading import obis
from meter import date, registers
from test_profile import Meter, between

_LOAD = "1-0:99.1.0"
_IMPORT = b"\x02\x04\x12\x00\x03\x09\x06\x01\x00\x01\x08\x00\xff\x0f\x02\x12\x00\x00"
_SLOT_IMPORT = 9
_SUMMER_MIN = (date.days(2026, 3, 29) * 24 + 1) * 60  # Central Europe, 01:00 UTC both
_WINTER_MIN = (date.days(2026, 10, 25) * 24 + 1) * 60


def _deviation(minute):
    return -120 if _SUMMER_MIN <= minute < _WINTER_MIN else -60


def _day(month, day):
    """A bound that names a date and nothing else."""
    return b"\x09\x0c\x07\xea" + bytes([month, day]) + b"\xff\xff\xff\xff\xff\x80\x00\xff"


class TestDays(unittest.TestCase):
    def setUp(self):
        self.meter = Meter()
        self.profile = live.of(internal.find(7, obis(_LOAD)))
        self.profile.open()

    def live(self, first, last):
        """Every 5 minutes from one day to another, UTC; 3 Wh each."""
        fields = self.meter.clock.fields
        for minute in range(first * 1440, last * 1440, 5):
            registers.put(_SLOT_IMPORT, (minute - first * 1440) // 5 * 3)
            deviation = _deviation(minute)
            local = minute - deviation
            date.put_minute(fields, local)
            fields[6], fields[7], fields[8] = 0, 0, deviation
            fields[9] = 0x80 if deviation == -120 else 0
            self.profile.second(minute * 60, fields)

    def energies(self, month, day, to_month, to_day):
        """The energies of the rows from one date to another."""
        found = between(_LOAD, _day(month, day), _day(to_month, to_day), [_IMPORT])
        at = 2 if found[1] < 0x80 else 2 + (found[1] & 0x7F)
        rows = found[at:]
        self.assertEqual(len(rows) % 7, 0)
        return [rows[k + 4] << 16 | rows[k + 5] << 8 | rows[k + 6] for k in range(0, len(rows), 7)]

    def check(self, month, day, hours):
        found = self.energies(month, day, month, day)
        self.assertEqual(len(found), hours * 4)
        steps = [two - one for one, two in zip(found, found[1:])]
        self.assertEqual(steps, [9] * (hours * 4 - 1))  # three times 3 Wh, none lost or doubled

    def test_the_day_of_23_hours(self):
        self.live(date.days(2026, 3, 26), date.days(2026, 4, 2))
        self.assertTrue(self.profile.in_order(0))
        for day, hours in ((27, 24), (28, 24), (29, 23), (30, 24), (31, 24)):
            self.check(3, day, hours)
        self.check(4, 1, 24)

    def test_the_day_of_25_hours(self):
        self.live(date.days(2026, 10, 23), date.days(2026, 11, 3))
        for day, hours in ((24, 24), (25, 25), (26, 24), (31, 24)):
            self.check(10, day, hours)
        self.check(11, 1, 24)
        self.assertEqual(len(self.energies(10, 24, 11, 1)), 9 * 96 + 4)

    def test_the_oldest_days_make_room(self):
        self.profile.log.capacity = 400
        self.live(date.days(2026, 10, 20), date.days(2026, 11, 3))
        self.assertEqual(self.energies(10, 20, 10, 28), [])
        self.check(11, 1, 24)


if __name__ == "__main__":
    unittest.main()
