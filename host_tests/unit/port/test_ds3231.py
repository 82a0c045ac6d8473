# The DS3231 driver against a model of the chip's registers; expected octets are BCD by hand.
import unittest

import machine
from ds3231_chip import Chip
from meter import date, settings
from meter.clock import Clock
from port import board
from port.ds3231 import Ds3231

_NONE = -0x8000


class _OnBus(unittest.TestCase):
    def setUp(self):
        self.saved = dict(settings._values)
        settings._values.clear()
        self.chip = Chip()
        machine.I2C.devices[0x68] = self.chip
        self.rtc = Ds3231()

    def tearDown(self):
        machine.I2C.devices.clear()
        settings._values.clear()
        settings._values.update(self.saved)

    def read(self):
        fields = [0] * 10
        self.assertTrue(self.rtc.read(fields))
        return fields[:8]


class TestRegisters(_OnBus):
    def test_pins(self):
        self.assertEqual(self.rtc._i2c.pins, (0, board.SCL, board.SDA))

    def test_write(self):
        # Thursday 2024-02-29 23:59:58
        self.assertTrue(self.rtc.write([2024, 2, 29, 4, 23, 59, 58, 0, 0, 0]))
        self.assertEqual(bytes(self.chip.registers[:7]), b"\x58\x59\x23\x04\x29\x02\x24")
        self.assertEqual(self.read(), [2024, 2, 29, 4, 23, 59, 58, 255])

    def test_alarms_and_output_are_left_alone(self):
        self.chip.registers[7:14] = b"\x01\x02\x03\x04\x05\x06\x07"
        self.chip.registers[0x0E] = 0x9D  # EOSC, and INTCN, RS2, RS1, A1IE
        self.chip.registers[0x0F] = 0x8B  # OSF, 32 kHz on, both alarms have happened
        self.rtc.write([2030, 12, 31, 2, 0, 0, 0, 0, 0, 0])
        self.assertEqual(bytes(self.chip.registers[7:14]), b"\x01\x02\x03\x04\x05\x06\x07")
        self.assertEqual(bytes(self.chip.registers[0x0E:0x10]), b"\x1d\x0b")

    def test_twelve_hour_mode(self):
        # What another program may have left: 40 = 12-hour mode, 20 = p.m.
        for octet, hour in ((0x52, 0), (0x41, 1), (0x51, 11), (0x72, 12), (0x61, 13), (0x71, 23)):
            self.chip.registers[:7] = bytes((0x00, 0x30, octet, 6, 0x20, 0x07, 0x24))
            self.assertEqual(self.read(), [2024, 7, 20, 6, hour, 30, 0, 255])

    def test_a_day_in_twelve_hour_mode(self):
        self.chip.registers[:7] = b"\x59\x59\x71\x06\x20\x07\x24"  # 11:59:59 p.m.
        self.chip.run(1)
        self.assertEqual(self.read(), [2024, 7, 21, 7, 0, 0, 0, 255])
        self.chip.run(12 * 3600)
        self.assertEqual(self.read(), [2024, 7, 21, 7, 12, 0, 0, 255])

    def test_what_is_no_time(self):
        good = b"\x58\x59\x23\x04\x29\x02\x24"
        for at, octet in ((0, 0x60), (0, 0x0A), (1, 0x60), (2, 0x24), (2, 0x40), (2, 0x53),
                          (3, 0), (4, 0), (4, 0x32), (5, 0), (5, 0x13), (5, 0x82), (6, 0xA0),
                          (6, 0x0A)):
            self.rtc.write([2024, 2, 29, 4, 23, 59, 58])
            self.assertEqual(bytes(self.chip.registers[:7]), good)
            self.chip.registers[at] = octet
            self.assertFalse(self.rtc.read([0] * 10), (at, octet))
            self.assertTrue(self.rtc.lost)

    def test_a_bus_that_hangs(self):
        for octet in (0, 0xFF):
            self.chip.registers[:] = bytes((octet,)) * 0x13
            self.assertFalse(self.rtc.read([0] * 10))

    def test_century(self):
        # 2099 is the last year; behind it the century bit turns, which is no time to us.
        self.rtc.write([2099, 12, 31, 4, 23, 59, 59])
        self.assertEqual(self.read()[:7], [2099, 12, 31, 4, 23, 59, 59])
        self.chip.run(1)
        self.assertEqual(bytes(self.chip.registers[:7]), b"\x00\x00\x00\x05\x01\x81\x00")
        self.assertFalse(self.rtc.read([0] * 10))

    def test_each_day_of_leap_years_and_others(self):
        # The chip's own calendar against the meter's, midnight by midnight.
        fields = [0] * 10
        for year in (2000, 2023, 2024, 2098):
            first = date.days(year, 1, 1)
            date.put_date(fields, first)
            self.rtc.write(fields[:4] + [23, 59, 59])
            for day in range(first + 1, first + 367):
                self.chip.run(1)
                wanted = [0] * 10
                date.put_date(wanted, day)
                self.assertEqual(self.read()[:7], wanted[:7])
                self.rtc.write(wanted[:4] + [23, 59, 59])


class TestLoss(_OnBus):
    def test_a_chip_without_a_battery(self):
        self.rtc.read([0] * 10)
        self.assertTrue(self.rtc.lost)
        self.rtc.write([2026, 1, 1, 4, 0, 0, 0])
        self.rtc.read([0] * 10)
        self.assertFalse(self.rtc.lost)
        self.chip.lose_power()
        self.rtc.read([0] * 10)
        self.assertTrue(self.rtc.lost)

    def test_oscillator_goes_on_with_the_battery(self):
        # EOSC, which another program may have set, would stop it.
        self.chip.registers[0x0E] = 0x9C
        self.rtc.write([2026, 1, 1, 4, 0, 0, 0])
        self.chip.on_battery = True
        self.chip.run(3600)
        self.assertEqual(self.read()[4:7], [1, 0, 0])
        self.assertFalse(self.rtc.lost)

    def test_a_chip_that_is_not_there(self):
        for broken in ("deaf", "gone"):
            self.chip.deaf = True
            if broken == "gone":
                machine.I2C.devices.clear()
            self.assertFalse(self.rtc.read([0] * 10))
            self.assertFalse(self.rtc.write([2026, 1, 1, 4, 0, 0, 0]))

    def test_cut_before_the_flag_is_cleared(self):
        self.rtc._change = self._cut
        self.assertFalse(self.rtc.write([2026, 1, 1, 4, 0, 0, 0]))
        self.rtc.read([0] * 10)
        self.assertTrue(self.rtc.lost)

    def _cut(self, register, bit):
        raise OSError(5)


class TestWithTheClock(_OnBus):
    def start(self):
        """The meter starts: settings and chip are as they were left."""
        clock = Clock(Ds3231(), -60)
        clock.start()
        clock.now()
        return clock

    def shows(self, clock, *wanted):
        clock.now()
        fields = list(clock.fields)
        self.assertEqual(tuple(fields[:3] + fields[4:7] + fields[9:]), wanted)

    def test_power_failure_with_a_battery(self):
        clock = self.start()
        self.assertFalse(clock.valid())
        self.assertTrue(clock.set((2026, 2, 28, 255, 23, 30, 0, 255, _NONE, 255)))
        self.assertTrue(clock.valid())
        self.chip.run(3600)
        self.shows(self.start(), 2026, 3, 1, 0, 30, 0, 0)

    def test_power_failure_without_one(self):
        clock = self.start()
        clock.set((2026, 2, 28, 255, 23, 30, 0, 255, _NONE, 255))
        self.chip.run(1000)
        clock.remember()
        self.chip.lose_power()
        again = self.start()
        self.shows(again, 2026, 2, 28, 23, 46, 40, 1)  # from the last moment known, invalid
        self.assertEqual(self.chip.registers[0x0F] & 0x80, 0)
        self.chip.run(20)
        self.shows(self.start(), 2026, 2, 28, 23, 47, 0, 1)  # and stays so until it is set
        again.set((2026, 3, 1, 255, 8, 0, 0, 255, _NONE, 255))
        self.shows(again, 2026, 3, 1, 8, 0, 0, 0)

    def test_a_chip_that_falls_silent(self):
        clock = self.start()
        clock.set((2026, 2, 28, 255, 23, 30, 0, 255, _NONE, 255))
        clock.second(5000)
        self.chip.deaf = True
        self.shows(clock, 2026, 2, 28, 23, 30, 0, 2)
        clock.second(65000)
        self.shows(clock, 2026, 2, 28, 23, 31, 0, 2)  # carried on, doubtful
        self.assertFalse(clock.set((2026, 3, 1, 255, 8, 0, 0, 255, _NONE, 255)))
        self.chip.deaf = False
        self.chip.run(61)
        clock.second(66000)
        self.shows(clock, 2026, 2, 28, 23, 31, 1, 0)

    def test_oscillator_stops_while_the_meter_runs(self):
        clock = self.start()
        clock.set((2026, 2, 28, 255, 23, 30, 0, 255, _NONE, 255))
        clock.second(0)
        self.chip.registers[0x0F] |= 0x80
        clock.second(10000)
        self.shows(clock, 2026, 2, 28, 23, 30, 10, 1)

    def test_a_chip_that_went_backwards(self):
        clock = self.start()
        clock.set((2026, 2, 28, 255, 23, 30, 0, 255, _NONE, 255))
        self.chip.registers[4] = 0x27
        self.shows(self.start(), 2026, 2, 27, 23, 30, 0, 2)


if __name__ == "__main__":
    unittest.main()
