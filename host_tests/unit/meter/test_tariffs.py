# Energies by rate: exact splits, whatever the rates do.
import unittest

from meter import log, registers, settings
from meter.energy import Energy
from meter.keeper import Keeper
from meter.memory import Memory
from meter.tariffs import Rates
from nor import Nor

_IMPORT_1 = 17  # slots, registers.py
_EXPORT_1 = 21


def _only(rates, k):
    for rate in range(4):
        for first in (_IMPORT_1, _EXPORT_1):
            rates.run(first + rate, rate == k)


def _shown():
    return [registers.value(k) for k in (9, 10)] + [registers.value(_IMPORT_1 + k) for k in range(8)]


class TestRates(unittest.TestCase):
    def tearDown(self):
        settings.use(None)
        log.use(None)

    def test_the_running_rate_gets_it_to_the_nwh(self):
        rates = Rates()
        _only(rates, 2)
        rates.book(5)
        rates.book(-7)
        self.assertEqual(rates.nwh, [0, 0, 5, 0, 0, 0, 7, 0])
        self.assertEqual((rates.imported_nwh, rates.exported_nwh), (5, 7))

    def test_rates_of_a_year_add_up_to_the_total(self):
        energy, rates = Energy(), Rates()
        energy.parts.append(rates)
        seed = 7
        for _ in range(35040):  # quarters of an hour
            seed = (seed * 1103515245 + 12345) & 0x3FFFFFFF
            _only(rates, seed >> 20 & 3)
            energy.book((seed >> 3) * 1000 - 30000000000)  # -30 to 104 Wh
        self.assertEqual(sum(rates.nwh[:4]), energy.import_nwh)
        self.assertEqual(sum(rates.nwh[4:]), energy.export_nwh)
        energy.show()
        shown = sum(registers.value(_IMPORT_1 + k) for k in range(4))
        total = registers.value(9)
        self.assertTrue(total - 4 < shown <= total)

    def test_power_cuts_and_rates_at_random(self):
        # Before a restart whatever was booked counts; behind it rates and total agree to the nWh,
        # and nothing that was shown has fallen.
        nor = Nor(16)
        seed, shown = 11, [0] * 10
        for _ in range(25):
            memory = Memory(nor)
            memory.prepare()
            energy, rates = Energy(), Rates()
            Keeper(energy)
            energy.join(rates)
            now = _shown()
            self.assertTrue(min(new - old for new, old in zip(now, shown)) >= 0, (shown, now))
            for _ in range(60):
                seed = (seed * 1103515245 + 12345) & 0x3FFFFFFF
                if seed >> 20 & 7 == 0:
                    _only(rates, seed >> 24 & 3)
                energy.book((seed >> 3) * 20 - 600000000)  # -0.6 to 2.1 Wh
                memory.tend(True)
                self.assertEqual(sum(rates.nwh[:4]), energy.import_nwh)
                self.assertEqual(sum(rates.nwh[4:]), energy.export_nwh)
            shown = _shown()
        self.assertTrue(shown[0] > 900 and min(shown) > 0, shown)

    def test_saved_and_restored(self):
        rates, other = Rates(), Rates()
        _only(rates, 0)
        rates.book(4 * 10**18)  # 20 years of 100 A
        rates.book(-(10**9))
        self.assertEqual(len(rates.saved()), 8 * 8 + 1)
        other.restore(rates.saved())
        self.assertEqual(other.split, rates.split)
        self.assertEqual(other.nwh, rates.nwh)
        self.assertEqual(registers.value(_IMPORT_1), 4 * 10**9)
        self.assertEqual(registers.value(_EXPORT_1), 1)
        other.restore(b"")  # saved by a meter without rates
        self.assertEqual(other.nwh, rates.nwh)

    def test_split_changes_with_the_rate(self):
        rates = Rates()
        _only(rates, 0)
        before = rates.split
        _only(rates, 1)
        self.assertFalse(rates.split == before)

    def test_slots(self):
        rates = Rates()
        self.assertEqual([rates.has(k) for k in (16, 17, 24, 25)], [False, True, True, False])


if __name__ == "__main__":
    unittest.main()
