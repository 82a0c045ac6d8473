# Dates and rules: calendar arithmetic counted day by day, and known changes.
import unittest

from meter import date as c

_ANY = 255
_NONE = -0x8000


class TestCalendar(unittest.TestCase):
    def test_every_day_of_the_century(self):
        lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        number = 0
        weekday = 6  # 2000-01-01 was a Saturday
        fields = [0] * 10
        for year in range(2000, 2100):
            for month in range(1, 13):
                length = lengths[month - 1] + (1 if month == 2 and year % 4 == 0 else 0)
                self.assertEqual(c.month_days(year, month), length)
                for day in range(1, length + 1):
                    if c.days(year, month, day) != number:
                        self.fail("day number of %d-%d-%d" % (year, month, day))
                    c.put_date(fields, number)
                    if fields[:4] != [year, month, day, weekday]:
                        self.fail("date of day %d" % number)
                    number += 1
                    weekday = weekday % 7 + 1

    def test_leap_years(self):
        for year, leap in (
            (1900, False),
            (2000, True),
            (2023, False),
            (2024, True),
            (2100, False),
        ):
            self.assertEqual(c.is_leap(year), leap)

    def test_known_weekdays(self):
        # 1 = Monday: 2024-02-29 Thursday, 2038-01-19 Tuesday, 2000-01-03 Monday
        for date, wanted in (((2024, 2, 29), 4), ((2038, 1, 19), 2), ((2000, 1, 3), 1)):
            self.assertEqual(c.weekday(c.days(*date)), wanted)


class TestRules(unittest.TestCase):
    def day(self, rule, year):
        fields = [0] * 10
        day = c.rule_day(rule, year)
        if day < 0:
            return None
        c.put_date(fields, day)
        return tuple(fields[:3])

    def rule(self, month, day, weekday, year=65535):
        return (year, month, day, weekday, 2, 0, 0, 0, _NONE, 0)

    def test_last_sunday(self):
        for year, march, october in (
            (2023, 26, 29),
            (2024, 31, 27),
            (2025, 30, 26),
            (2026, 29, 25),
        ):
            self.assertEqual(self.day(self.rule(3, 254, 7), year), (year, 3, march))
            self.assertEqual(self.day(self.rule(10, 254, 7), year), (year, 10, october))

    def test_wildcards(self):
        for rule, wanted in (
            (self.rule(2, 254, _ANY), (2024, 2, 29)),  # last day
            (self.rule(2, 253, _ANY), (2024, 2, 28)),  # second last day
            (self.rule(3, 253, 7), (2024, 3, 24)),  # second last Sunday
            (self.rule(3, _ANY, 7), (2024, 3, 3)),  # first Sunday
            (self.rule(3, 8, 7), (2024, 3, 10)),  # first Sunday on or after the 8th
            (self.rule(3, 10, 7), (2024, 3, 10)),  # which may be that day
            (self.rule(3, 17, _ANY), (2024, 3, 17)),  # a date
            (self.rule(3, 17, _ANY, 2024), (2024, 3, 17)),
            (self.rule(3, 17, _ANY, 2025), None),  # another year
            (self.rule(3, 31, 1), None),  # no Monday on or after the 31st in this month
            (self.rule(_ANY, 1, 7), None),  # no month, no rule
        ):
            self.assertEqual(self.day(rule, 2024), wanted)


if __name__ == "__main__":
    unittest.main()
