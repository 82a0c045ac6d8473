# Live values: what goes in comes out, in the octet order of the wire. Energy: the two counters.
import unittest

from meter import registers
from meter.energy import Energy
from twins import registers as twin

_NUMBERS = (0, 1, -1, 127, -128, 255, 65535, -32768, 2**31 - 1, -(2**31), 2**40 + 3, -(2**40),
            2**63 - 1, -(2**63))


class TestRegisters(unittest.TestCase):
    def test_put_and_value(self):
        for slot in (0, 7, 14):
            for number in _NUMBERS:
                registers.put(slot, number)
                self.assertEqual(registers.value(slot), number)

    def test_slots_do_not_touch_each_other(self):
        for slot in range(15):
            registers.put(slot, slot * 1000003 - 7)
        for slot in range(15):
            self.assertEqual(registers.value(slot), slot * 1000003 - 7)

    def test_room_for_more(self):
        registers.put(7, 12345)
        size = len(registers._values)
        registers.room(3)  # there is more already
        self.assertEqual(len(registers._values), size)
        registers.room(size // 8 + 2)
        registers.put(size // 8 + 1, -1)
        self.assertEqual(registers.value(size // 8 + 1), -1)
        self.assertEqual((registers.value(size // 8), registers.value(7)), (0, 12345))

    def test_copy_against_the_twin(self):
        for number in _NUMBERS:
            registers.put(3, number)
            for size in range(1, 9):
                out = bytearray(b"\xee" * 12)
                wanted = bytearray(b"\xee" * 12)
                self.assertEqual(registers.copy(3, size, out, 2), 2 + size)
                twin.copy(number, size, wanted, 2)
                self.assertEqual(out, wanted)

    def test_copy_of_known_octets(self):
        out = bytearray(4)
        registers.put(0, 23012)  # 230.12 V
        registers.copy(0, 2, out, 1)
        self.assertEqual(out, b"\x00\x59\xe4\x00")
        registers.put(3, -11500)  # -1150.0 W
        registers.copy(3, 4, out, 0)
        self.assertEqual(out, b"\xff\xff\xd3\x14")


class TestEnergy(unittest.TestCase):
    def test_directions(self):
        energy = Energy()
        energy.book(1500000000)
        energy.book(-2999999999)
        energy.book(500000000)
        self.assertEqual((energy.import_nwh, energy.export_nwh), (2000000000, 2999999999))
        self.assertEqual((registers.value(9), registers.value(10)), (2, 2))

    def test_restore(self):
        energy = Energy()
        energy.restore(123456789012, 7)
        self.assertEqual((registers.value(9), registers.value(10)), (123456789012, 7))
        energy.book(999999999)
        self.assertEqual(registers.value(9), 123456789012)
        energy.book(1)
        self.assertEqual(registers.value(9), 123456789013)

    def test_small_amounts_add_up(self):
        energy = Energy()
        for _ in range(1000):
            energy.book(1000001)
        self.assertEqual(energy.import_nwh, 1000001000)
        self.assertEqual(registers.value(9), 1)


if __name__ == "__main__":
    unittest.main()
