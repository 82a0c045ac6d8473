# A ring that the fake DMA fills, and the placing of rings in memory.
import gc
import sys
import unittest

import port.ring as port_ring
import rp2
import uctypes
import wires
from port.ring import OCTET, Ring, aligned

_UART0_DR = 0x40034000


class TestPlacing(unittest.TestCase):
    def test_alignment(self):
        for k in range(24):
            # Another heap each time, with holes that a short pad fits into.
            kept = [bytearray(700 * k + 1) for _ in range(20)]
            for n in range(0, 20, 2):
                kept[n] = None
            ring = aligned(32768)
            self.assertEqual(len(ring), 32768)
            self.assertEqual(uctypes.addressof(ring) % 32768, 0)

    def test_the_gap_is_free_again(self):
        # On MicroPython's heap: what is gone is the ring and little more.
        if sys.implementation.name != "micropython":
            return
        gc.collect()
        before = gc.mem_alloc()
        ring = aligned(32768)
        gc.collect()
        self.assertLess(gc.mem_alloc() - before - len(ring), 2048)

    def test_no_place(self):
        class Awkward:
            def addressof(self, buffer):
                return 0x20000010

        saved = port_ring.uctypes
        port_ring.uctypes = Awkward()
        try:
            self.assertRaises(MemoryError, aligned, 1024)
        finally:
            port_ring.uctypes = saved


class TestRing(unittest.TestCase):
    def setUp(self):
        wires.wires[0] = wires.Wire()
        wires.wires[0].line = (9600, 8, "none")
        rp2.DMA.made.clear()
        self.buffer = aligned(64)
        self.ring = Ring(self.buffer, _UART0_DR, OCTET, 21)

    def test_set_up(self):
        ring, reload = rp2.DMA.made
        self.assertEqual(ring.ctrl["size"], 0)
        self.assertEqual(ring.ctrl["ring_size"], 6)  # 2**6 octets
        self.assertEqual(ring.ctrl["treq_sel"], 21)
        self.assertFalse(ring.ctrl["inc_read"])
        self.assertTrue(ring.ctrl["inc_write"] and ring.ctrl["ring_sel"])
        self.assertEqual(ring.ctrl["chain_to"], reload.channel)
        # The second channel writes 2**29 to the first one's count and starts it by that.
        self.assertEqual(reload.write, 0x5000001C + 0x40 * ring.channel)
        self.assertEqual(reload.read[0], 1 << 29)
        self.assertEqual(reload.ctrl["treq_sel"], 0x3F)

    def test_round_and_round(self):
        sent = bytes([k * 7 & 0xFF for k in range(100)])
        wires.wires[0].rx += sent
        self.assertEqual(self.ring.produced(), 100)
        self.assertEqual(bytes(self.buffer), sent[64:] + sent[36:64])

    def test_count_wraps(self):
        dma = rp2.DMA.made[0]
        for moved in (2**29 - 1, 2**29, 2**29 + 5, 3 * 2**29 + 7):
            dma.moved = moved
            self.assertEqual(self.ring.produced(), moved % 2**29)


if __name__ == "__main__":
    unittest.main()
