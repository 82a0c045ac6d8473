# Whole years of local time. The RTC and what local time should be are odometers that this file
# counts itself; the changes of daylight saving are those of the tz database (2025b), looked up
# with Python's zoneinfo and written down here.
import unittest

from meter import settings
from meter.clock import Clock

_ANY = 255
_NONE = -0x8000
_QUARTER = 15


def _rule(month, day, weekday, hour, minute=0):
    return (65535, month, day, weekday, hour, minute, 0, 0, _NONE, 0)


# Arguments of a Clock, local minutes after UTC without and with daylight saving, and by year when
# it changes: (month, day) of the first and of the second change. Then their UTC hour and minute.
_BERLIN = (
    (-60, True, _rule(3, 254, 7, 2), _rule(10, 254, 7, 3), 60),
    {2024: ((3, 31), (10, 27)), 2027: ((3, 28), (10, 31)), 2034: ((3, 26), (10, 29)),
     2068: ((3, 25), (10, 28)), 2098: ((3, 30), (10, 26))},
    ((1, 0), (1, 0)),
)
_NEW_YORK = (
    (300, True, _rule(3, 8, 7, 2), _rule(11, 1, 7, 2), 60),
    {2024: ((3, 10), (11, 3)), 2027: ((3, 14), (11, 7)), 2034: ((3, 12), (11, 5)),
     2068: ((3, 11), (11, 4)), 2098: ((3, 9), (11, 2))},
    ((7, 0), (6, 0)),
)
_ST_JOHNS = (  # UTC-3:30
    (210, True, _rule(3, 8, 7, 2), _rule(11, 1, 7, 2), 60),
    _NEW_YORK[1],
    ((5, 30), (4, 30)),
)
_SYDNEY = (
    (-600, True, _rule(10, 1, 7, 2), _rule(4, 1, 7, 3), 60),
    {2024: ((4, 6), (10, 5)), 2027: ((4, 3), (10, 2)), 2034: ((4, 1), (9, 30)),
     2068: ((3, 31), (10, 6)), 2098: ((4, 5), (10, 4))},
    ((16, 0), (16, 0)),
)
_ADELAIDE = (  # UTC+9:30
    (-570, True, _rule(10, 1, 7, 2), _rule(4, 1, 7, 3), 60),
    _SYDNEY[1],
    ((16, 30), (16, 30)),
)
_LORD_HOWE = (  # UTC+10:30, and half an hour in summer
    (-630, True, _rule(10, 1, 7, 2), _rule(4, 1, 7, 2), 30),
    _SYDNEY[1],
    ((15, 0), (15, 30)),
)
_CHATHAM = (  # UTC+12:45; the last Sunday of September and the first of April
    (-765, True, _rule(9, 254, 7, 2, 45), _rule(4, 1, 7, 3, 45), 60),
    {2024: ((4, 6), (9, 28)), 2027: ((4, 3), (9, 25)), 2034: ((4, 1), (9, 23)),
     2068: ((3, 31), (9, 29)), 2098: ((4, 5), (9, 27))},
    ((14, 0), (14, 0)),
)
_KATHMANDU = ((-345,), {}, ())  # UTC+5:45


class Odometer:
    """Year, month, day, day of week, hour, minute, second."""

    def __init__(self, *fields):
        self.fields = list(fields)

    def _days_of_month(self):
        year, month = self.fields[:2]
        if month == 2:
            return 29 if year % 4 == 0 else 28
        return (31, 0, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]

    def forward(self, minutes):
        """Some minutes, less than a day."""
        f = self.fields
        f[5] += minutes
        f[4] += f[5] // 60
        f[5] %= 60
        if f[4] < 24:
            return
        f[4] -= 24
        f[3] = f[3] % 7 + 1
        f[2] += 1
        if f[2] > self._days_of_month():
            f[2] = 1
            f[1] += 1
        if f[1] > 12:
            f[1] = 1
            f[0] += 1

    def back(self, minutes):
        """Some minutes within the day."""
        left = self.fields[4] * 60 + self.fields[5] - minutes
        self.fields[4] = left // 60
        self.fields[5] = left % 60


class Rtc(Odometer):
    """What port/rtc.py is to the clock."""

    lost = False

    def read(self, fields):
        for k in range(7):
            fields[k] = self.fields[k]
        fields[7] = 255
        return True


class _Kept(unittest.TestCase):
    def setUp(self):
        self.saved = dict(settings._values)
        settings._values.clear()

    def tearDown(self):
        settings._values.clear()
        settings._values.update(self.saved)


class TestWholeYears(_Kept):
    def walk(self, zone, year, weekday):
        """Every quarter of an hour of a year; weekday of its first day. Changes that were seen."""
        arguments, changes, times = zone
        rtc = Rtc(year, 1, 1, weekday, 0, 0, 0)
        clock = Clock(rtc, *arguments)
        clock.now()
        local = Odometer(*list(clock.fields)[:7])
        summer = clock.fields[9] & 0x80
        wanted = [changes[year][k] + times[k] for k in range(2)] if changes else []
        for _ in range((366 if year % 4 == 0 else 365) * 96):
            rtc.forward(_QUARTER)
            local.forward(_QUARTER)
            now = rtc.fields
            if wanted and (now[1], now[2], now[4], now[5]) == wanted[0]:
                wanted.pop(0)
                summer ^= 0x80
                if summer:
                    local.forward(arguments[4])
                else:
                    local.back(arguments[4])
            clock.now()
            fields = list(clock.fields)
            if fields[:7] != local.fields or fields[9] & 0x80 != summer:
                self.fail("%s UTC: %s, not %s" % (now, fields, local.fields))
        self.assertEqual(wanted, [])

    # 2024 begins on a Monday, 2027 on a Friday, 2098 on a Wednesday.
    def test_north(self):
        self.walk(_BERLIN, 2024, 1)

    def test_north_west(self):
        self.walk(_NEW_YORK, 2027, 5)

    def test_half_an_hour_west(self):
        self.walk(_ST_JOHNS, 2024, 1)

    def test_south(self):
        self.walk(_SYDNEY, 2024, 1)

    def test_half_an_hour_south(self):
        self.walk(_ADELAIDE, 2098, 3)

    def test_half_an_hour_of_daylight_saving(self):
        self.walk(_LORD_HOWE, 2027, 5)

    def test_three_quarters(self):
        self.walk(_CHATHAM, 2024, 1)

    def test_three_quarters_without_daylight_saving(self):
        self.walk(_KATHMANDU, 2024, 1)


class TestChanges(_Kept):
    def test_the_second_of_each_change(self):
        for zone in (_BERLIN, _NEW_YORK, _ST_JOHNS, _SYDNEY, _ADELAIDE, _LORD_HOWE, _CHATHAM):
            arguments, changes, times = zone
            north = arguments[2][1] < arguments[3][1]
            for year, days in changes.items():
                for k in range(2):
                    self.change(arguments, (year,) + days[k] + times[k], (k == 0) == north)

    def change(self, arguments, moment, begins):
        year, month, day, hour, minute = moment
        normal, summer = arguments[0], arguments[0] - arguments[4]
        before, after = (normal, summer) if begins else (summer, normal)
        rtc = Rtc(year, month, day, 1, hour, minute, 0)
        clock = Clock(rtc, *arguments)
        clock.now()
        self.assertEqual(clock.fields[8], after, moment)
        rtc.back(1)
        rtc.fields[6] = 59
        clock.now()
        self.assertEqual(clock.fields[8], before, moment)


if __name__ == "__main__":
    unittest.main()
