# Objects with a life of their own, and access with the meter's own rights.
import unittest

from cosem import dispatch, internal, live
from cosem.table import ROWS
from cosem_reading import live_through, use_still_clock
from meter import registers, settings

_FIELDS = [2026, 11, 22, 7, 14, 30, 5, 255, -60, 0]
_MESSAGE = b"\x00\x00\x60\x0d\x00\xff"  # consumer message, class 1
_TEST_ARRAY = b"\x00\x00\x60\x33\x00\xff"  # 600 octets
_ENERGY = b"\x01\x00\x01\x08\x00\xff"
_CLOCK = b"\x00\x00\x01\x00\x00\xff"
_POWER = b"\x01\x00\x10\x07\x00\xff"


class _Instance:
    def __init__(self):
        self.heard = []

    def second(self, now_s, fields):
        self.heard.append((now_s, list(fields)))

    def jumped(self, old_s, new_s):
        self.heard.append(("jump", old_s, new_s))

    def row_changed(self):
        self.heard.append("changed")


class _InPieces:
    left = 3

    def second(self, now_s, fields):
        self.left -= 1
        return self.left > 0


class _Broken:
    def second(self, now_s, fields):
        raise ValueError("a bug")


class TestLive(unittest.TestCase):
    def setUp(self):
        dispatch.start()
        self.made = dict(live.made)

    def tearDown(self):
        dispatch.start()

    def test_one_bug_stops_nobody(self):
        good, before = _Instance(), live.bugs
        live.clear()
        live.add(1, _Broken())
        live.add(2, good)
        live_through(5, _FIELDS)
        live.jumped(5, 3)
        self.assertEqual(good.heard, [(5, _FIELDS), ("jump", 5, 3)])
        self.assertEqual(live.bugs, before + 1)
        self.assertTrue(isinstance(live.last_bug, ValueError))
        self.assertTrue(live.of(2) is good)

    def test_one_at_a_time(self):
        first, several, last = _Instance(), _InPieces(), _Instance()
        live.clear()
        for row, each in enumerate((first, several, last)):
            live.add(row, each)
        self.assertFalse(live.go_on())  # no moment has begun
        fields = list(_FIELDS)
        live.second(5, fields)
        fields[6] += 1  # the clock goes on
        self.assertTrue(live.go_on())
        self.assertEqual((first.heard, several.left), ([(5, _FIELDS)], 3))
        live.second(6, fields)  # one is under way: this one is left out
        for left in (2, 1, 0):
            self.assertTrue(live.go_on())
            self.assertEqual((several.left, last.heard), (left, []))
        self.assertFalse(live.go_on())
        self.assertEqual((first.heard, last.heard), ([(5, _FIELDS)], [(5, _FIELDS)]))

    def test_who_has_not_lived_through_a_moment_is_told_the_new_time_after_a_jump(self):
        first, last = _Instance(), _Instance()
        live.clear()
        live.add(1, first)
        live.add(2, last)
        live.second(500, _FIELDS)
        live.go_on()
        live.jumped(500, 100)
        self.assertFalse(live.go_on())
        live_through(100, _FIELDS)
        jump = ("jump", 500, 100)
        self.assertEqual(first.heard, [(500, _FIELDS), jump, (100, _FIELDS)])
        self.assertEqual(last.heard, [jump, (100, _FIELDS)])

    def test_an_instance_hears_of_its_own_row(self):
        row = internal.find(1, _MESSAGE)
        mine, other = _Instance(), _Instance()
        live.clear()
        live.add(row, mine)
        live.add(row + 1, other)
        data = b"\x09\x02hi"
        self.assertEqual(internal.set(row, 2, data, 0, len(data)), 0)
        self.assertEqual((mine.heard, other.heard), (["changed"], []))
        settings._values.clear()


class TestInternal(unittest.TestCase):
    def setUp(self):
        dispatch.start()
        use_still_clock()
        settings._values.clear()

    def test_find(self):
        row = internal.find(3, b"??" + _ENERGY, 2)
        self.assertEqual(ROWS[row * 16 + 2 : row * 16 + 8], _ENERGY)
        self.assertEqual(internal.find(1, _ENERGY), -1)

    def test_get_and_set_without_rights(self):
        row = internal.find(1, _MESSAGE)
        out = bytearray(300)
        self.assertEqual(internal.set(row, 2, b"?\x09\x02hi", 1, 5), 0)
        self.assertEqual(internal.get(row, 2, out, 3), 7)
        self.assertEqual(bytes(out[3:7]), b"\x09\x02hi")
        self.assertEqual(internal.set(row, 2, b"\x11\x01", 0, 2), 12)
        self.assertEqual(internal.set(internal.find(3, _ENERGY), 2, b"\x11\x01", 0, 2), 3)
        self.assertEqual(internal.act(internal.find(3, _ENERGY), 1, b"", 0, 0), 3)

    def test_what_is_too_long_is_not_handed_out(self):
        self.assertEqual(internal.get(internal.find(1, _TEST_ARRAY), 2, bytearray(700), 0), -1)

    def test_logical_name(self):
        out = bytearray(300)
        self.assertEqual(internal.get(internal.find(8, _CLOCK), 1, out, 0), 8)
        self.assertEqual(bytes(out[:8]), b"\x09\x06" + _CLOCK)

    def test_number(self):
        registers.put(3, -123456)
        self.assertEqual(internal.number(internal.find(3, _POWER), 2), -123456)
        self.assertEqual(internal.number(internal.find(8, _CLOCK), 3), -60)
        self.assertEqual(internal.number(internal.find(8, _CLOCK), 8), 1)
        self.assertEqual(internal.number(internal.find(8, _CLOCK), 2), 0)

    def test_integer(self):
        for data, wanted in (
            (b"\x0f\xff", -1),
            (b"\x11\xff", 255),
            (b"\x05\x80\x00\x00\x00", -0x80000000),
            (b"\x14\x7f" + b"\xff" * 7, 0x7FFFFFFFFFFFFFFF),
            (b"\x16\x02", 2),
            (b"\x09\x01\x07", 0),
        ):
            self.assertEqual(internal.integer(b"?" + data, 1, 1 + len(data)), wanted)


if __name__ == "__main__":
    unittest.main()
