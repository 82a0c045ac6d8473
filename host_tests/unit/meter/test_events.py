# Events: noted in order, sorted into logs, mapped to alarm and error bits. The numbers are those
# of public lists of IDIS and DSMR meters.
import unittest

from meter import events

_STANDARD, _FRAUD, _DISCONNECTOR, _QUALITY, _COMMUNICATION = 0, 1, 2, 4, 5


def everything():
    found = []
    while True:
        event = events.take()
        if event is None:
            return found
        found.append(event)


class TestEvents(unittest.TestCase):
    def setUp(self):
        everything()

    def test_first_in_first_out(self):
        events.raise_(events.CLOCK_OLD_TIME, 846_000_000)
        events.raise_(events.CLOCK_NEW_TIME, 846_000_100)
        events.raise_(events.REMOTE_DISCONNECT)
        events.cleared(_QUALITY)
        self.assertEqual(
            everything(), [(4, 0, 846_000_000), (5, 0, 846_000_100), (62, 2, 0), (255, 4, 0)])
        self.assertEqual(events.take(), None)

    def test_moments_of_the_whole_century(self):
        # 2099-12-31 23:59:59 UTC, 100 years of 365 days and 25 leap days after 2000
        last_s = (100 * 365 + 25) * 86400 - 1
        events.raise_(events.POWER_DOWN, last_s)
        self.assertEqual(everything(), [(1, 0, last_s)])

    def test_what_finds_no_room_is_counted(self):
        before = events.lost
        for k in range(20):
            events.raise_(k + 1, 1000 + k)
        self.assertEqual(events.lost - before, 4)
        self.assertEqual(everything(), [(k + 1, 0, 1000 + k) for k in range(16)])

    def test_room_again(self):
        for k in range(40):
            events.raise_(60 + k % 2)
            if k >= 10:
                self.assertEqual(events.take(), (60 + k % 2, 2, 0))
        self.assertEqual(len(everything()), 10)

    def test_logs(self):
        for log, codes in (
            (_STANDARD, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 17, 20, 39, 47, 48, 51, 52, 200)),
            (_FRAUD, (40, 41, 42, 43, 44, 45, 46, 49, 50, 91)),
            (_DISCONNECTOR, (59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 75)),
            (_QUALITY, (76, 82, 87, 88, 89, 90)),
            (_COMMUNICATION, (140, 158)),
        ):
            for code in codes:
                self.assertEqual(events.log_of(code), log, code)

    def test_alarm_bits(self):
        for code, bit in ((6, 0), (7, 1), (2, 2), (47, 4), (12, 8), (13, 9), (14, 10), (16, 11),
                          (15, 12), (46, 13), (40, 13), (50, 13)):
            self.assertEqual(events.alarm_of(code), 1 << bit, code)
        for code in (1, 3, 4, 62, 255):
            self.assertEqual(events.alarm_of(code), 0)

    def test_error_bits(self):
        for code, bit in ((6, 0), (7, 1), (12, 8), (13, 9), (14, 10), (16, 11), (15, 12)):
            self.assertEqual(events.error_of(code), 1 << bit, code)
        for code in (2, 46, 47, 62):
            self.assertEqual(events.error_of(code), 0)


if __name__ == "__main__":
    unittest.main()
