# The memory as a whole: what is reported, and what happens without one.
import unittest

from meter import events, log, settings
from meter.memory import Memory
from nor import SECTOR, Nor


def raised():
    """Codes of the events noted since."""
    found = []
    event = events.take()
    while event:
        found.append(event[0])
        event = events.take()
    return found


class TestMemory(unittest.TestCase):
    def setUp(self):
        raised()

    def tearDown(self):
        settings.use(None)
        log.use(None)

    def test_none(self):
        memory = Memory(None)
        memory.prepare()
        self.assertEqual(memory.fault, "there is no partition")
        self.assertFalse(memory.tend(True))
        self.assertTrue(settings.put(0xFFF0, b"x"))
        self.assertTrue(log.open(1, 8, 3).append(b"x"))
        self.assertEqual(raised(), [])

    def test_good(self):
        memory = Memory(Nor(16))
        memory.prepare()
        self.assertIsNone(memory.fault)
        self.assertTrue(settings.put(0xFFF0, b"y"))
        self.assertEqual(raised(), [])

    def test_short(self):
        memory = Memory(Nor(16))
        memory.prepare()
        self.assertFalse(memory.short())
        row = log.open(1, 500, 100)
        while memory.journal.ready > 2:
            self.assertFalse(memory.short())
            memory.journal.take(2, 8, 0)
        # Short as soon as a log is refused a sector, which it needs for its first record.
        self.assertTrue(memory.short())
        self.assertFalse(row.append(b"row"))
        self.assertFalse(Memory(None).short())

    def test_a_supply_that_fails_all_the_time(self):
        # Every start writes and none has a quiet moment: the start itself tidies up.
        nor = Nor(16)
        for k in range(300):
            Memory(nor).prepare()
            self.assertTrue(settings.put(k & 1, bytes([k & 0xFF]) * 200))

    def test_foreign_is_reported_and_wiped_on_demand_only(self):
        nor = Nor(16, b"littlefs" * (16 * SECTOR // 8))
        memory = Memory(nor)
        memory.prepare()
        self.assertFalse(memory.tend(True))
        self.assertEqual(memory.fault, "the partition holds something else")
        self.assertFalse(settings.put(0xFFF0, b"y"))
        self.assertIsNone(settings.get(0xFFF0))
        self.assertEqual((raised(), nor.operations), ([events.MEMORY_ERROR], 0))
        memory.journal.wipe()
        self.assertIsNone(Memory(nor).fault)

    def test_flash_that_fails_is_reported_once(self):
        nor = Nor(16)
        nor.stuck = {1: 4, 3: 1}
        memory = Memory(nor)
        memory.prepare()
        memory.tend(True)
        self.assertEqual(raised(), [events.MEMORY_ERROR])
        memory.tend(True)
        self.assertEqual(raised(), [])
        self.assertTrue(settings.put(0xFFF0, b"y"))

    def test_logs_of_no_object_are_given_up_when_room_is_needed(self):
        nor = Nor(24)
        memory = Memory(nor)
        memory.prepare()
        orphan = log.open(5, 500, 64)
        for _ in range(64):
            orphan.append(bytes(500))
            memory.tend(True)
        memory = Memory(nor)
        one = log.open(1, 500, 64)
        for k in range(300):
            for _ in range(3):
                memory.tend(True)
            self.assertTrue(one.append(bytes(500)), k)


if __name__ == "__main__":
    unittest.main()
