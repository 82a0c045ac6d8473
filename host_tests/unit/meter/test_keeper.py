# Energies over restarts: what was shown never falls, parts add up, little is lost.
import struct
import unittest

from meter import log, registers, settings
from meter.energy import Energy
from meter.keeper import Keeper
from meter.memory import Memory
from meter.tariffs import Rates as Tariffs
from nor import Nor, PowerCut

_WH = 1000000000
_IMPORT, _EXPORT = 9, 10  # registers.py


class Rates:
    """Import split into two rates, as a tariff does."""

    def __init__(self):
        self.nwh = [0, 0]
        self.shown = [0, 0]
        self.split = 0

    def book(self, nwh):
        if nwh > 0:
            self.nwh[self.split] += nwh

    def show(self):
        self.shown = [nwh // _WH for nwh in self.nwh]

    def saved(self):
        return struct.pack(">QQB", self.nwh[0], self.nwh[1], self.split)

    def restore(self, octets):
        if len(octets) == 17:
            self.nwh[0], self.nwh[1], self.split = struct.unpack(">QQB", octets)


class Bench:
    """A meter's energy on a flash; again() after a power cut."""

    def __init__(self):
        self.nor = Nor(16)
        self.again()

    def again(self):
        self.nor.cut_at = None
        self.memory = Memory(self.nor)
        self.memory.prepare()
        self.energy = Energy()
        self.keeper = Keeper(self.energy)
        self.rates = Rates()
        self.energy.join(self.rates)

    def shown(self):
        return [registers.value(_IMPORT), registers.value(_EXPORT)] + self.rates.shown

    def true(self):
        return [self.energy.import_nwh, self.energy.export_nwh] + self.rates.nwh


class TestKeeper(unittest.TestCase):
    def tearDown(self):
        settings.use(None)
        log.use(None)

    def test_nothing_yet(self):
        bench = Bench()
        self.assertEqual(bench.true(), [0, 0, 0, 0])
        bench.keeper.poll(70000)
        self.assertEqual(bench.nor.programs, 4)  # the stamps of the stock
        self.assertIsNone(settings.get(1))

    def test_every_wh(self):
        bench = Bench()
        for _ in range(3000):  # 0.7 Wh a window, now and then back
            bench.energy.book(700000001)
            bench.memory.tend(True)
        for _ in range(30):
            bench.energy.book(-333333333)
        before, shown = bench.true(), bench.shown()
        self.assertEqual(shown[0], 2100)
        bench.again()
        for old, new in zip(before, bench.true()):
            self.assertTrue(0 <= old - new < _WH, (old, new))
        self.assertEqual(bench.shown(), shown)

    def test_a_minute(self):
        bench = Bench()
        bench.energy.book(5)
        bench.keeper.poll(59999)
        self.assertIsNone(settings.get(1))
        bench.keeper.poll(60000)
        bench.again()
        self.assertEqual(bench.true(), [5, 0, 5, 0])
        bench.energy.book(7)
        programs = bench.nor.programs
        bench.keeper.poll(60001)
        self.assertTrue(bench.nor.programs > programs)
        programs = bench.nor.programs
        bench.keeper.poll(180001)  # nothing has come
        self.assertEqual(bench.nor.programs, programs)
        bench.again()
        self.assertEqual(bench.true(), [12, 0, 12, 0])

    def test_power_fail(self):
        bench = Bench()
        for k in range(1, 50):
            bench.energy.book(k)
            before = bench.nor.programs
            self.assertTrue(bench.energy.save())
            self.assertTrue(bench.nor.programs - before <= 3)  # a few ms
            bench.again()
            self.assertEqual(bench.true()[0], k * (k + 1) // 2)

    def test_rates_add_up(self):
        bench = Bench()
        for k in range(500):
            if k % 37 == 0:
                bench.rates.split ^= 1
            bench.energy.book(123456789 * (k % 11))
            bench.memory.tend(True)
            if k % 23 == 0:
                before = bench.true()
                bench.again()
                after = bench.true()
                self.assertEqual(after[0], after[2] + after[3])
                for old, new in zip(before, after):
                    self.assertTrue(0 <= old - new < _WH)

    def test_what_came_after_the_snapshot_goes_to_the_rate_that_ran(self):
        bench = Bench()
        tariffs = Tariffs()
        bench.energy.join(tariffs)
        tariffs.split = 0x12  # rate 2 of import, rate 1 of export
        for _ in range(5):
            bench.energy.book(_WH)
            bench.energy.book(-2 * _WH)
        bench.again()
        tariffs = Tariffs()
        bench.energy.join(tariffs)
        self.assertEqual(tariffs.nwh, [0, 5 * _WH, 0, 0, 10 * _WH, 0, 0, 0])
        self.assertEqual(registers.value(18), 5)

    def test_shown_is_safe(self):
        # A cut in every operation that a Wh costs: nothing that was shown falls.
        for operation in range(1, 60):
            for picture in range(5):
                bench = Bench()
                bench.nor.cut_at = (bench.nor.operations + operation, picture)
                shown = bench.shown()
                with self.assertRaises(PowerCut):
                    for k in range(100):
                        if k % 5 == 0:
                            bench.rates.split ^= 1
                        bench.energy.book(1300000000 - 100000000 * (k % 3))
                        shown = bench.shown()
                before = bench.true()
                bench.again()
                after = bench.shown()
                self.assertTrue(all(a >= b for a, b in zip(after, shown)), (after, shown))
                self.assertEqual(bench.true()[0], sum(bench.true()[2:]))
                self.assertTrue(before[0] - bench.true()[0] < 2 * _WH)

    def test_no_room(self):
        # A store that takes nothing: what is shown stands still, and comes later.
        bench = Bench()
        bench.energy.book(5 * _WH)
        put, settings._store.put = settings._store.put, lambda key, octets: False
        bench.rates.split = 1
        bench.energy.book(5 * _WH)
        self.assertEqual(bench.shown(), [5, 0, 5, 0])
        settings._store.put = put
        bench.energy.book(1)
        self.assertEqual(bench.shown(), [10, 0, 5, 5])

    def test_no_room_in_the_log(self):
        # Then a snapshot is put among the settings, for which two sectors more are spared.
        bench = Bench()
        bench.energy.book(5 * _WH)
        bench.keeper._log.append = lambda octets: False
        bench.energy.book(5 * _WH)
        self.assertEqual(bench.shown(), [10, 0, 10, 0])
        bench.again()
        self.assertEqual(bench.shown(), [10, 0, 10, 0])

    def test_a_snapshot_decays(self):
        bench = Bench()
        for k in range(40):
            bench.rates.split = k // 4 & 1
            bench.energy.book(_WH)
        before = bench.true()
        newest = max(settings.get(1), settings.get(2))
        at = bytes(bench.nor.octets).find(newest)
        bench.nor.octets[at + 5] ^= 0x10
        bench.again()
        after = bench.true()
        self.assertTrue(before[0] - 5 * _WH <= after[0] < before[0])
        self.assertEqual(after[0], after[2] + after[3])


if __name__ == "__main__":
    unittest.main()
