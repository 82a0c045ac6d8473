# The converter's ring over the fake DMA.
import time
import unittest

import machine
import rp2
from mains import mains
from port.adc import Adc

_CS = 0x4004C000


class TestConverter(unittest.TestCase):
    def setUp(self):
        mains.__init__()
        rp2.DMA.made.clear()
        self.adc = Adc()

    def tearDown(self):
        self.adc.stop()

    def test_set_up(self):
        self.adc.start()
        ring, reload = rp2.DMA.made
        self.assertEqual(ring.read, 0x4004C00C)  # ADC FIFO
        self.assertIs(ring.write, self.adc.ring)
        self.assertEqual(ring.ctrl["ring_size"], 15)
        self.assertEqual(ring.ctrl["treq_sel"], 36)
        self.assertEqual(ring.ctrl["chain_to"], reload.channel)
        # The second channel writes 2**29 to the first one's count and starts it by that.
        self.assertEqual(reload.write, 0x5000001C + 0x40 * ring.channel)
        self.assertEqual(reload.read[0], 1 << 29)
        self.assertEqual(machine.mem32[0x4004C010], 1999 << 8)
        self.assertEqual(machine.mem32[_CS], 0x70009)
        self.assertEqual(machine.mem32[0x4004C008] & 0x0F00000F, 0x01000009)

    def test_samples_come_in_time_and_order(self):
        begin = time.ticks_us()
        self.adc.start()
        first = self.adc.produced()  # makes the fake's table, which takes a while
        time.sleep_us(50000)
        count = self.adc.produced()
        elapsed_us = time.ticks_diff(time.ticks_us(), begin)
        self.assertGreater(count - first, 50 * 24 - 1)
        self.assertGreater(elapsed_us * 24 // 1000 + 2, count)
        # A busy machine may have been away for longer than the ring holds.
        oldest = max(0, count - 16383)
        oldest += -oldest % 3
        at = [2 * (k % 16384) for k in range(oldest, count)]
        ring = self.adc.ring
        codes = [ring[k] | ring[k + 1] << 8 for k in at]
        # v swings by 1500 codes, the currents stand at half scale.
        swing = max(codes[0::3]) - min(codes[0::3])
        self.assertGreater(swing, 2500)
        for channel in (1, 2):
            for code in codes[channel::3]:
                self.assertAlmostEqual(code, 2048, delta=8)

    def test_stop_and_go_on(self):
        self.adc.start()
        time.sleep_us(5000)
        self.adc.stop()
        count = self.adc.produced()
        time.sleep_us(5000)
        self.assertEqual(self.adc.produced(), count)
        self.adc.start()
        time.sleep_us(5000)
        more = self.adc.produced() - count
        self.assertGreater(more, 100)
        self.assertEqual(len(rp2.DMA.made), 2)

    def test_rate(self):
        self.adc.start()
        self.adc.produced()
        first = self.adc.produced()
        begin = time.ticks_us()
        time.sleep_us(100000)
        count = self.adc.produced() - first
        elapsed_us = time.ticks_diff(time.ticks_us(), begin)
        self.assertAlmostEqual(count, elapsed_us * 24 / 1000, delta=100)

    def test_count_wraps(self):
        self.adc.start()
        self.adc.produced()
        self.adc.stop()
        for produced in (2**29 - 1, 2**29, 2**29 + 5, 3 * 2**29 + 7):
            mains.produced = produced
            self.assertEqual(self.adc.produced(), produced % 2**29)


if __name__ == "__main__":
    unittest.main()
