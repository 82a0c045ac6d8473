# Wear of the flash in 20 years, from counted erases: 100 000 a sector is what the Pico's chip
# (W25Q16JV) is specified for.
import unittest

from meter import log, settings
from meter.energy import Energy
from meter.keeper import Keeper
from meter.memory import Memory
from nor import Nor
from port import board

_DAYS = 7305
_ENDURANCE = 100000
_SECTORS = board.MEMORY_SIZE // 4096
_WINDOW_S = 1
_HOURS = 6


class Meter:
    """All logs as long as they can be and full: as few sectors as possible go round."""

    def __init__(self):
        self.nor = Nor(_SECTORS)
        self.memory = Memory(self.nor)
        self.memory.prepare()
        self.energy = Energy()
        self.keeper = Keeper(self.energy)
        self.profile = log.open(1, 500, 1000000)  # 8 in a sector
        for k in range(self.profile.capacity + 8):
            assert self.profile.append(bytes(500))
            self.tidy()
        self.held = [s for s in range(_SECTORS) if self.memory.journal.owners[s] == 1]

    def tidy(self):
        while self.memory.tend(True):
            pass

    def hours(self, power_w):
        """Erases in some hours at a load."""
        before = sum(self.nor.erases)
        nwh = power_w * 1000000000 // 3600 * _WINDOW_S
        for second in range(_HOURS * 3600):
            self.energy.book(nwh)
            if second % 60 == 0:
                self.keeper.poll(second * 1000)
            if second % 900 == 0:
                self.profile.append(bytes(40))
            if second % 3600 == 0:  # a client that sets something every hour
                settings.put(0x1000 + second // 3600 % 5, bytes([second // 3600]) * 100)
            if second % 2 == 0:
                self.memory.tend(True)
        return sum(self.nor.erases) - before


class TestWear(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.meter = Meter()

    @classmethod
    def tearDownClass(cls):
        settings.use(None)
        log.use(None)

    def years(self, power_w):
        """Erases of each sector that goes round, in 20 years."""
        erases = self.meter.hours(power_w)
        return erases * 24 // _HOURS * _DAYS // (_SECTORS - len(self.meter.held))

    def test_full_load_for_20_years(self):
        # 60 A at 230 V: every window of a second fills more than a Wh.
        erases = self.years(13800)
        self.assertTrue(erases < _ENDURANCE, erases)
        # Not less either: 169 records of 24 octets in a sector, by hand.
        by_hand = 20 * 365 * 86400 // 169 // (_SECTORS - len(self.meter.held))
        self.assertTrue(by_hand <= erases < by_hand * 1.2, (erases, by_hand))

    def test_a_household(self):
        # 500 W on average, 4380 kWh a year: a Wh every 7.2 s.
        self.assertTrue(self.years(500) < _ENDURANCE // 5)

    def test_nobody_at_home(self):
        # 3 W: a record a minute.
        self.assertTrue(self.years(3) < _ENDURANCE // 20)

    def test_alike(self):
        self.meter.hours(13800)
        held = self.meter.held
        others = [n for s, n in enumerate(self.meter.nor.erases) if s not in held]
        self.assertTrue(max(others) - min(others) <= 2, others)


if __name__ == "__main__":
    unittest.main()
