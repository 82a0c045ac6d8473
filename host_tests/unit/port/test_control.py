# What control needs of the board: relay, button, and the reason of the last reset.
import unittest

import machine
from port import board
from port.button import Button
from port.relay import Relay
from port.watchdog import Watchdog

_REASON = 0x40058008  # RP2040 datasheet 4.7.6
_SCRATCH_4 = 0x4005801C


class TestRelay(unittest.TestCase):
    def test_high_is_closed(self):
        machine.Pin.states.pop(board.RELAY, None)
        relay = Relay()
        self.assertFalse(board.RELAY in machine.Pin.states)  # left alone until it is told
        for closed in (True, False, False, True):
            relay.set(closed)
            self.assertEqual(machine.Pin.states[board.RELAY], int(closed))


class TestButton(unittest.TestCase):
    def setUp(self):
        self.button = Button()
        machine.Pin.states.pop(board.BUTTON, None)

    def tearDown(self):
        machine.Pin.states.pop(board.BUTTON, None)

    def presses(self, looks, down):
        """How often the button counts as pressed within so many looks."""
        machine.Pin.states[board.BUTTON] = 0 if down else 1
        return sum([self.button.pressed() for _ in range(looks)])

    def test_nobody_there(self):
        self.assertEqual(sum([self.button.pressed() for _ in range(100)]), 0)

    def test_once_for_each_time_it_is_held(self):
        for _ in range(3):
            self.assertEqual(self.presses(31, True), 0)
            self.assertEqual(self.presses(1, True), 1)
            self.assertEqual(self.presses(500, True), 0)
            self.assertEqual(self.presses(3, False), 0)

    def test_bounces(self):
        for _ in range(20):
            self.assertEqual(self.presses(31, True), 0)
            self.assertEqual(self.presses(1, False), 0)


class TestReset(unittest.TestCase):
    def tearDown(self):
        machine.mem32.words.pop(_REASON, None)
        machine.mem32.words.pop(_SCRATCH_4, None)

    def test_reasons(self):
        # power; a watchdog that was not fed; a reset on purpose, by time-out and by force
        for reason, scratch, cold, expired in (
            (0, 0, True, False), (0, 0x6AB73121, True, False), (1, 0x6AB73121, False, True),
            (1, 0xB007C0D3, False, False), (2, 0, False, False),
        ):
            machine.mem32.words[_REASON] = reason
            machine.mem32.words[_SCRATCH_4] = scratch
            watchdog = Watchdog()
            self.assertEqual((watchdog.cold(), watchdog.expired()), (cold, expired))


if __name__ == "__main__":
    unittest.main()
