# The small parts of the board: clock, watchdog, LED, flash, ticks.
import struct
import unittest

import machine
import rp2
from meter.clock import Clock
from port import board
from port.flash import partition
from port.led import Led
from port.power import Power
from port.rtc import Rtc
from port.watchdog import Watchdog

_SECTOR = 4096
_PAGE = 256


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
    """The partition as a block device: reading, programming without erasing, erasing."""

    def setUp(self):
        rp2.Flash.sectors.clear()
        self.flash = partition()

    def tearDown(self):
        rp2.Flash.sectors.clear()

    def read(self, block, offset, n):
        buf = bytearray(n)
        self.flash.readblocks(block, buf, offset)
        return buf

    def test_size(self):
        self.assertEqual(self.flash.ioctl(5, 0), _SECTOR)
        self.assertEqual(self.flash.ioctl(4, 0) * _SECTOR, board.MEMORY_SIZE)
        # The last octet of the storage area is the partition's last.
        rp2.Flash().writeblocks(351, b"\x5a" * _PAGE, _SECTOR - _PAGE)
        self.assertEqual(self.read(self.flash.ioctl(4, 0) - 1, _SECTOR - 1, 1), b"\x5a")

    def test_program_only_clears_bits(self):
        self.flash.writeblocks(0, b"\xf0" * _PAGE, _PAGE)
        self.flash.writeblocks(0, b"\x3c" * _PAGE, _PAGE)
        self.assertEqual(self.read(0, _PAGE - 1, 3), b"\xff\x30\x30")
        self.assertEqual(self.read(0, 2 * _PAGE - 1, 2), b"\x30\xff")

    def test_erase_is_one_sector(self):
        self.flash.writeblocks(0, b"\x00" * _PAGE, _SECTOR - _PAGE)
        self.flash.writeblocks(1, b"\x00" * _PAGE, 0)
        self.flash.ioctl(6, 1)
        self.assertEqual(self.read(0, _SECTOR - 1, 1), b"\x00")
        self.assertEqual(self.read(1, 0, 2), b"\xff\xff")

    def superblock(self, blocks):
        # littlefs SPEC: revision, tag, "littlefs", tag, version, block size, block count ...
        head = b"\x01\x00\x00\x00\xf0\x0f\xff\xf7littlefs\x2f\xe0\x00\x10"
        head += struct.pack("<III", 0x20001, _SECTOR, blocks)
        rp2.Flash.sectors.clear()
        rp2.Flash().writeblocks(0, head, 0)

    def test_a_file_system_that_has_it(self):
        self.superblock(board.MEMORY_START // _SECTOR)
        self.assertIsNotNone(partition())
        self.superblock(352)
        self.assertIsNone(partition())


class TestPower(unittest.TestCase):
    def test_once_for_each_fall(self):
        machine.Pin.states.pop(board.POWER_FAIL, None)
        power = Power()
        self.assertFalse(power.fails())  # nothing is connected
        for level, fails, low in ((0, True, True), (0, False, True), (1, False, False),
                                  (0, True, True)):
            machine.Pin.states[board.POWER_FAIL] = level
            self.assertEqual((power.fails(), power.low()), (fails, low))
        machine.Pin.states.pop(board.POWER_FAIL)


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
