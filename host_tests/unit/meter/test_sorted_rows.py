# The four orders of a sorted profile, against Python's own sorting.
import unittest

from meter import sorted_rows

_NUMBERS = (5, -3, 0, 7, -7, 2, 5, -1, 9, 3)


def row(number, mark=0):
    """unsigned mark | integer number | long-unsigned 0"""
    return bytes([0x11, mark, 0x0F, number & 0xFF, 0x12, 0, 0])


def numbers(rows):
    return [one[3] - 256 if one[3] > 127 else one[3] for one in rows]


def filled(method, most):
    rows = []
    for mark, number in enumerate(_NUMBERS):
        rows = sorted_rows.inserted(rows, row(number, mark), 1, method, most)
    return rows


def absolute(number):
    return abs(number)


class TestOrder(unittest.TestCase):
    def test_all_methods(self):
        down = sorted(_NUMBERS, reverse=True)
        for most in (1, 3, 10, 20):
            self.assertEqual(numbers(filled(3, most)), down[:most])
            self.assertEqual(numbers(filled(4, most)), sorted(_NUMBERS)[:most])
            nearest = sorted(_NUMBERS, key=absolute)
            self.assertEqual([abs(n) for n in numbers(filled(5, most))],
                             [abs(n) for n in nearest[:most]])
            farthest = sorted(_NUMBERS, key=absolute, reverse=True)
            self.assertEqual([abs(n) for n in numbers(filled(6, most))],
                             [abs(n) for n in farthest[:most]])

    def test_equal_rows_stay_as_they_came(self):
        marks = [one[1] for one in filled(3, 10) if numbers([one]) == [5]]
        self.assertEqual(marks, [0, 6])

    def test_what_would_come_last_is_not_stored(self):
        rows = filled(3, 3)
        self.assertTrue(sorted_rows.inserted(rows, row(5), 1, 3, 3) is rows)
        self.assertTrue(sorted_rows.inserted(rows, row(6), 1, 3, 3) is not rows)

    def test_by_another_column(self):
        rows = []
        for mark in (4, 9, 1):
            rows = sorted_rows.inserted(rows, row(0, mark), 0, 4, 5)
        self.assertEqual([one[1] for one in rows], [1, 4, 9])

    def test_by_a_moment(self):
        rows = []
        for day in (5, 9, 1):
            moment = b"\x09\x0c\x07\xea\x0b" + bytes([day, 7, 14, 30, 5, 0, 0xFF, 0xC4, 0])
            rows = sorted_rows.inserted(rows, moment, 0, 3, 5)
        self.assertEqual([one[5] for one in rows], [9, 5, 1])

    def test_what_cannot_be_compared_comes_last(self):
        rows = []
        for one in (b"\x00", b"\x11\x01", b"\x00", b"\x11\x02"):
            rows = sorted_rows.inserted(rows, one, 0, 3, 9)
        self.assertEqual(rows, [b"\x11\x02", b"\x11\x01", b"\x00", b"\x00"])


class TestPacked(unittest.TestCase):
    def test_there_and_back(self):
        rows = [bytes([k]) * (100 * k) for k in range(4)]
        packed = sorted_rows.packed(rows)
        self.assertEqual(packed[:4], b"\x09\x82\x02\x60")  # 4 * 2 + 600 octets
        self.assertEqual(sorted_rows.unpacked(packed), rows)
        self.assertEqual(sorted_rows.unpacked(sorted_rows.packed([])), [])


if __name__ == "__main__":
    unittest.main()
