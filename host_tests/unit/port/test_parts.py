# The small parts of the board: clock, watchdog, LED, flash, ticks.
import unittest

import machine
from meter.clock import Clock
from port import board
from port.flash import PAGE, SECTOR, Flash
from port.led import Led
from port.rtc import Rtc
from port.watchdog import Watchdog


class TestRtc(unittest.TestCase):
    def test_write_and_read(self):
        rtc = Rtc()
        fields = [0] * 10
        for wanted in ([2024, 2, 29, 4, 23, 59, 58], [2000, 1, 1, 6, 0, 0, 0],
                       [2099, 12, 31, 4, 12, 0, 1]):
            rtc.write(wanted + [0, 0, 0])
            rtc.read(fields)
            self.assertEqual(fields[:6], wanted[:6])
            self.assertIn(fields[6] - wanted[6], (0, 1))
            self.assertEqual(fields[7], 255)

    def test_weekday_is_zero_based_below(self):
        Rtc().write([2024, 7, 20, 6, 12, 0, 0, 0, 0, 0])
        self.assertEqual(machine.RTC().datetime()[3], 5)

    def test_with_the_clock(self):
        clock = Clock(Rtc(), -60)
        self.assertTrue(clock.set((2024, 7, 20, 255, 0, 30, 0, 255, -0x8000, 255)))
        clock.now()
        self.assertEqual(list(clock.fields)[:6], [2024, 7, 20, 6, 0, 30])
        self.assertEqual(machine.RTC().datetime()[:6], (2024, 7, 19, 4, 23, 30))


class TestWatchdog(unittest.TestCase):
    def test_life(self):
        machine.WDT.running = False
        watchdog = Watchdog()
        watchdog.stop()  # harmless
        self.assertFalse(machine.WDT.running)
        watchdog.start()
        self.assertTrue(machine.WDT.running)
        fed = machine.WDT.fed
        watchdog.feed()
        self.assertEqual(machine.WDT.fed, fed + 1)
        watchdog.stop()
        self.assertFalse(machine.WDT.running)


class TestLed(unittest.TestCase):
    def test_on_and_off(self):
        led = Led()
        self.assertEqual(machine.Pin.states[board.LED], 0)
        led.set(True)
        self.assertEqual(machine.Pin.states[board.LED], 1)
        led.set(False)
        self.assertEqual(machine.Pin.states[board.LED], 0)


class TestFlash(unittest.TestCase):
    def setUp(self):
        self.flash = Flash(0, 2 * SECTOR)
        for pos in (0, SECTOR):
            self.flash.erase(pos)

    def read(self, pos, n):
        buf = bytearray(n)
        self.flash.read(pos, buf)
        return buf

    def test_program_only_clears_bits(self):
        self.flash.program(PAGE, b"\xf0" * PAGE)
        self.flash.program(PAGE, b"\x3c" * PAGE)
        self.assertEqual(self.read(PAGE - 1, 3), b"\xff\x30\x30")
        self.assertEqual(self.read(2 * PAGE - 1, 2), b"\x30\xff")

    def test_erase_is_one_sector(self):
        self.flash.program(SECTOR - PAGE, b"\x00" * PAGE)
        self.flash.program(SECTOR, b"\x00" * PAGE)
        self.flash.erase(SECTOR)
        self.assertEqual(self.read(SECTOR - 1, 2), b"\x00\xff")

    def test_second_sector(self):
        self.flash.program(SECTOR + PAGE, b"ab" * (PAGE // 2))
        self.assertEqual(self.read(SECTOR + PAGE, 4), b"abab")


class TestBoard(unittest.TestCase):
    def test_ticks_and_sleep(self):
        before = board.ticks_ms()
        for _ in range(20):
            board.sleep_until_interrupt()
        passed = (board.ticks_ms() - before) & 0x3FFFFFFF
        self.assertGreater(passed, 5)
        self.assertLess(passed, 1000)


if __name__ == "__main__":
    unittest.main()
