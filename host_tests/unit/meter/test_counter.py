# A counter that reserves ahead never gives a number twice.
import unittest

from meter import log, settings
from meter.counter import Counter
from meter.memory import Memory
from nor import Nor, PowerCut


class TestCounter(unittest.TestCase):
    def tearDown(self):
        settings.use(None)
        log.use(None)

    def start(self, nor):
        nor.cut_at = None
        memory = Memory(nor)
        memory.prepare()
        return Counter(0x20, 10, 1)

    def test_counts(self):
        nor = Nor(12)
        counter = self.start(nor)
        before = nor.programs
        self.assertEqual([counter.next() for _ in range(25)], list(range(1, 26)))
        self.assertEqual(nor.programs - before, 4)  # the sector taken, and one in ten
        self.assertEqual(self.start(nor).next(), 31)

    def test_no_number_twice(self):
        nor = Nor(12)
        last = 0
        counter = self.start(nor)
        for k in range(300):
            nor.cut_at = (nor.operations + 1 + k % 3, k % 5)
            try:
                for _ in range(k % 41):
                    number = counter.next()
                    self.assertTrue(number > last)
                    last = number
            except PowerCut:
                pass
            counter = self.start(nor)

    def test_refused_without_room(self):
        counter = self.start(Nor(12, b"\x00" * 12 * 4096))
        self.assertEqual(counter.next(), -1)


if __name__ == "__main__":
    unittest.main()
