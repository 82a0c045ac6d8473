# The pump between a UART and a door: partial writes, the change of the line, damaged octets.
import unittest

from port.channel import Channel


class FakeUart:
    """Accepts at most `room` octets a write; `busy` while bits are still leaving."""

    def __init__(self):
        self.incoming = b""
        self.sent = b""
        self.room = 3
        self.busy = False
        self.damaged = 0
        self.line = 0

    def readinto(self, buf):
        n = min(len(buf), len(self.incoming))
        buf[:n] = self.incoming[:n]
        self.incoming = self.incoming[n:]
        return n

    def write(self, data):
        n = min(self.room, len(data))
        self.sent += bytes(data[:n])
        return n

    def idle(self):
        return not self.busy

    def errors(self):
        damaged, self.damaged = self.damaged, 0
        return damaged

    def set_line(self, line):
        self.line = line


class FakeDoor:
    """Echoes what it is fed; wants line `wanted`."""

    def __init__(self):
        self.fed = b""
        self.answers = []
        self.wanted = 0
        self.damages = 0
        self.now = None

    def feed(self, buf, n, now_ms):
        self.fed += bytes(buf[:n])

    def reply(self, out):
        if not self.answers:
            return 0
        answer = self.answers.pop(0)
        out[: len(answer)] = answer
        return len(answer)

    def tick(self, now_ms):
        self.now = now_ms

    def damage(self, now_ms):
        self.damages += 1

    def sending(self, now_ms):
        pass

    def line(self):
        return self.wanted


class TestChannel(unittest.TestCase):
    def setUp(self):
        self.uart = FakeUart()
        self.door = FakeDoor()
        self.channel = Channel(self.uart, self.door, 0, 64)

    def test_octets_reach_the_door(self):
        self.uart.incoming = b"abc"
        self.assertTrue(self.channel.poll(7))
        self.assertEqual(self.door.fed, b"abc")
        self.channel.poll(17)
        self.assertEqual(self.door.now, 17)
        self.assertFalse(self.channel.poll(8))

    def test_silent_when_nothing_came_for_long(self):
        self.uart.incoming = b"a"
        self.channel.poll(100)
        self.channel.poll(3050)
        self.assertFalse(self.channel.silent(3099, 3000))
        self.assertTrue(self.channel.silent(3100, 3000))

    def test_hearing_ends_when_octets_stop(self):
        self.uart.incoming = b"a"
        self.channel.poll(100)
        self.assertTrue(self.channel.hearing(102))
        self.assertFalse(self.channel.hearing(103))

    def test_a_frame_leaves_in_parts_and_in_order(self):
        self.door.answers = [b"0123456789", b"xyz"]
        for _ in range(6):
            self.channel.poll(0)
        self.assertEqual(self.uart.sent, b"0123456789xyz")
        self.assertTrue(self.channel.quiet())

    def test_what_must_stop_the_core_comes_before_an_answer(self):
        calls = []
        self.channel.before_answers(lambda: calls.append((self.channel.quiet(), self.uart.sent)))
        self.channel.poll(0)
        self.assertEqual(calls, [])  # there is no answer
        self.door.answers = [b"0123", b"45", b"67"]
        self.uart.incoming = b"?"
        self.channel.poll(1)
        self.assertEqual(calls, [(True, b"")])
        self.uart.busy = True  # the second frame follows the first without a gap
        while self.door.answers[1:]:
            self.channel.poll(2)
        self.assertEqual(len(calls), 1)
        self.uart.busy = False
        self.channel.poll(3)
        self.channel.poll(4)
        self.assertEqual(self.uart.sent, b"01234567")
        self.assertEqual(calls[1:], [(True, b"012345")])

    def test_line_changes_after_the_last_bit_and_before_the_next_answer(self):
        self.door.answers = [b"abc", b"next"]
        self.channel.poll(0)
        self.door.wanted = 0x15
        self.uart.busy = True
        self.channel.poll(0)
        self.assertEqual((self.uart.sent, self.uart.line), (b"abc", 0))
        self.uart.busy = False
        self.channel.poll(0)
        self.assertEqual(self.uart.line, 0x15)
        self.assertEqual(self.uart.sent, b"abcnex")

    def test_damaged_octets_are_not_fed(self):
        self.uart.incoming = b"ab"
        self.uart.damaged = 1
        self.channel.poll(0)
        self.assertEqual((self.door.fed, self.door.damages), (b"", 1))

    def test_a_break_does_not_cost_the_next_octets(self):
        # machine.UART keeps the octet of a break back, so only the flag tells of it.
        self.uart.damaged = 1
        self.channel.poll(10)
        self.uart.incoming = b"ab"
        self.channel.poll(11)
        self.assertEqual((self.door.fed, self.door.damages), (b"ab", 1))

    def test_what_comes_while_sending_in_7e1_may_be_a_request(self):
        self.door.answers = [b"0123456789"]
        self.channel.poll(0)
        self.uart.incoming = b"/?!"
        self.channel.poll(100)
        self.assertEqual(self.door.fed, b"/?!")

    def test_what_comes_while_the_last_bits_leave_is_heard(self):
        # A client on a TCP door may answer before the line is at rest.
        self.door.wanted = 0x15
        self.door.answers = [b"0123456789"]
        for _ in range(5):
            self.channel.poll(100)
        self.uart.busy = True
        self.uart.incoming = b"ab"
        self.channel.poll(101)
        self.assertEqual((self.uart.sent, self.door.fed), (b"0123456789", b"ab"))


if __name__ == "__main__":
    unittest.main()
