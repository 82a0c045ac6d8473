# A serial line over the fake PL011: nothing waits, nothing is lost, the driver enable fits.
import unittest

import machine
import rp2
import wires
from port import uart as port_uart
from port.uart import Uart

_9600_8N1 = 0x15
_RIS = (0x4003403C, 0x4003803C)


class FakeTime:
    """ticks_us that stands still until moved."""

    def __init__(self):
        self.us = (1 << 30) - 50  # wraps soon

    def ticks_us(self):
        return self.us & ((1 << 30) - 1)

    def ticks_add(self, ticks, delta):
        return (ticks + delta) & ((1 << 30) - 1)

    def ticks_diff(self, end, start):
        return ((end - start + (1 << 29)) & ((1 << 30) - 1)) - (1 << 29)


class SlowUart:
    """In place of machine.UART: takes what is written, is done when told; remembers its set-up."""

    def __init__(self, number, baudrate, **options):
        self.options = options
        self.taken = bytearray()
        self.pieces = []  # octets of each write
        self.done = True
        self.formats = []

    def init(self, **options):
        self.formats.append(options)

    def write(self, data):
        self.taken += bytes(data)
        self.pieces.append(len(data))
        self.done = False
        return len(data)

    def txdone(self):
        return self.done


class TestReceiving(unittest.TestCase):
    def setUp(self):
        wires.wires[0] = wires.Wire()
        self.wire = wires.wires[0]
        self.uart = Uart(0, _9600_8N1)

    def test_nothing_there(self):
        self.assertEqual(self.uart.readinto(bytearray(8)), 0)

    def test_as_much_as_fits(self):
        self.wire.rx += b"0123456789"
        buf = bytearray(8)
        self.assertEqual(self.uart.readinto(buf), 8)
        self.assertEqual(buf, b"01234567")
        self.assertEqual(self.uart.readinto(buf), 2)
        self.assertEqual(buf[:2], b"89")
        self.assertEqual(self.uart.readinto(buf), 0)

    def test_seven_bits(self):
        self.uart.set_line(0)
        self.wire.rx += b"\xaf\x3f"
        buf = bytearray(8)
        self.assertEqual(self.uart.readinto(buf), 2)
        self.assertEqual(buf[:2], b"\x2f\x3f")

    def test_errors_are_told_once(self):
        self.assertEqual(self.uart.errors(), 0)
        for flag in (0x80, 0x100, 0x200, 0x400, 0x780):
            # Beside the flags of no error, which stay.
            machine.mem32.words[_RIS[0]] = flag | 0x30
            self.assertEqual(self.uart.errors(), flag)
            self.assertEqual(self.uart.errors(), 0)
            self.assertEqual(machine.mem32[_RIS[0]], 0x30)

    def test_errors_of_the_right_line(self):
        wires.wires[1] = wires.Wire()
        other = Uart(1, _9600_8N1)
        machine.mem32.words[_RIS[1]] = 0x100
        self.assertEqual(self.uart.errors(), 0)
        self.assertEqual(other.errors(), 0x100)

    def test_the_core_has_no_part_in_it(self):
        # The port's interrupt would take the characters and clear the error flags.
        machine.mem32.words[0x40034038] = 0x70
        machine.mem32.words[0x40034048] = 2
        self.uart.set_line(_9600_8N1)
        self.assertEqual(machine.mem32[0x40034038], 0x20)
        self.assertEqual(machine.mem32[0x40034048], 3)

    def test_order_over_many_rounds(self):
        sent = bytes([k * 11 & 0xFF for k in range(9000)])
        self.wire.rx += sent
        buf = bytearray(200)
        seen = b""
        while self.wire.rx or not seen.endswith(sent[-8:]):
            n = self.uart.readinto(buf)
            self.assertGreater(n, 0)
            seen += bytes(buf[:n])
        self.assertEqual(seen, sent)

    def test_a_core_that_stood_still(self):
        # As long as the ring has room nothing is lost, whatever the core did.
        for count in (1, 518, 1023):  # 518: of 115200 Bd in 45 ms
            self._come(count)
            seen = 0
            while seen < count:
                seen += self.uart.readinto(bytearray(256))
            self.assertEqual((seen, self.uart.errors()), (count, 0))

    def test_more_than_the_ring_holds(self):
        # The oldest are overwritten: that is an overrun, told once, and reading goes on behind it.
        for count in (1024, 5000):
            self._come(count)
            self.assertEqual(self.uart.readinto(bytearray(8)), 0)
            self.assertEqual(self.uart.errors(), 0x400)
            self.assertEqual(self.uart.errors(), 0)
            self.wire.rx += b"new"
            buf = bytearray(8)
            self.assertEqual(self.uart.readinto(buf), 3)
            self.assertEqual(buf[:3], b"new")

    def test_count_wraps(self):
        dma = rp2.DMA.made[-2]
        dma.moved = 2**29 - 4  # as many as went by; the ring's place follows from it
        self.uart._left = 4
        self.wire.rx += b"abcdefgh"
        seen = b""
        buf = bytearray(8)
        for _ in range(2):  # in two pieces, the ring goes round there
            n = self.uart.readinto(buf)
            seen += bytes(buf[:n])
        self.assertEqual(seen, b"abcdefgh")
        self.assertEqual(self.uart.readinto(buf), 0)

    def _come(self, count):
        """Characters that the DMA moves while nobody reads."""
        dma = rp2.DMA.made[-2]
        self.wire.rx += bytes(count)
        while self.wire.rx:
            dma.count


class TestSending(unittest.TestCase):
    def setUp(self):
        self.saved = (port_uart.UART, port_uart.time)
        self.time = port_uart.time = FakeTime()
        port_uart.UART = SlowUart
        machine.Pin.states.clear()

    def tearDown(self):
        port_uart.UART, port_uart.time = self.saved

    def test_lines(self):
        uart = Uart(0, 0)
        bauds = (300, 600, 1200, 2400, 4800, 9600, 19200, 115200)
        for code, baud in enumerate(bauds):
            for mark, bits, parity in ((0, 7, 0), (0x10, 8, None)):
                uart.set_line(code | mark)
                made = uart._uart.formats[-1]
                self.assertEqual((made["baudrate"], made["bits"], made["parity"], made["stop"]),
                                 (baud, bits, parity, 1))

    def test_never_more_than_there_is_room(self):
        # 9600 Bd: 1042 us a character. The buffer never holds more than it can.
        uart = Uart(0, _9600_8N1)
        data = memoryview(bytes(5000))
        sent = uart.write(data)
        self.assertEqual(sent, uart._uart.options["txbuf"])
        self.assertEqual(uart.write(data[sent:]), 0)
        self.time.us += 1041
        self.assertEqual(uart.write(data[sent:]), 0)
        self.time.us += 1
        self.assertEqual(uart.write(data[sent:]), 1)
        self.time.us += 10 * 1042 + 500
        self.assertEqual(uart.write(data[sent + 1 :]), 10)
        self.time.us += 542  # the half character is not forgotten
        self.assertEqual(uart.write(data[sent + 11 :]), 1)

    def test_room_comes_back_when_done(self):
        uart = Uart(0, _9600_8N1)
        size = uart._uart.options["txbuf"]
        uart.write(bytes(size - 1))
        self.assertEqual(uart.write(bytes(size)), 1)
        uart._uart.done = True
        self.assertEqual(uart.write(bytes(size)), size)

    def test_a_long_frame_begins_at_once(self):
        # The driver copies what it is given before the first bit leaves.
        uart = Uart(0, 0x17)
        self.assertEqual(uart.write(bytes(300)), 300)
        self.assertEqual(uart._uart.pieces, [32, 268])
        self.assertEqual(uart.write(bytes(100)), 100)  # the line is busy: nothing waits for it
        self.assertEqual(uart._uart.pieces, [32, 268, 100])

    def test_order_and_contents(self):
        uart = Uart(0, 0x17)
        data = bytes([k * 7 & 0xFF for k in range(9000)])
        at = 0
        while at < len(data):
            at += uart.write(memoryview(data)[at:])
            self.time.us += 20000
        self.assertEqual(uart._uart.taken, data)

    def test_nothing_to_write(self):
        uart = Uart(0, _9600_8N1, 3)
        self.assertEqual(uart.write(b""), 0)
        self.assertEqual(machine.Pin.states[3], 0)
        self.assertTrue(uart.idle())

    def test_driver_enable(self):
        uart = Uart(1, _9600_8N1, 3)
        self.assertEqual(machine.Pin.states[3], 0)
        order = []
        write = uart._uart.write

        def watched(data):
            order.append(machine.Pin.states[3])
            return write(data)

        uart._uart.write = watched
        uart.write(b"abc")
        self.assertEqual(order, [1])  # up before the first bit
        self.assertFalse(uart.idle())
        self.assertEqual(machine.Pin.states[3], 1)
        uart.write(b"def")
        uart._uart.done = True
        self.assertTrue(uart.idle())
        self.assertEqual(machine.Pin.states[3], 0)

    def test_no_driver_enable(self):
        uart = Uart(0, _9600_8N1)
        uart.write(b"abc")
        self.assertFalse(uart.idle())
        uart._uart.done = True
        self.assertTrue(uart.idle())
        self.assertEqual(machine.Pin.states, {})


if __name__ == "__main__":
    unittest.main()
