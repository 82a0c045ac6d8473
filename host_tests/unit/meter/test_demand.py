# Demand: block and sliding averages against arithmetic. 1 kW for 300 s are 250/3 Wh.
import unittest

from meter.demand import Demand

_WH = 1000000000


class TestDemand(unittest.TestCase):
    def test_block(self):
        demand = Demand(900, 1)
        demand.add(250 * _WH)  # 1 kW for a quarter of an hour
        self.assertEqual(demand.current(), 10000)
        demand.end_period()
        self.assertEqual((demand.last, demand.current(), demand.started()), (10000, 0, 0))

    def test_the_current_average_ramps_up(self):
        # 100 Wh in a third of the hour's quarter: over all of it they are 400 W.
        demand = Demand(900, 1)
        demand.add(100 * _WH)
        self.assertEqual(demand.current(), 4000)

    def test_sliding(self):
        # Three periods of 300 s: 30, 60 and 90 Wh are 180 Wh in 900 s, 720 W.
        demand = Demand(300, 3)
        found = []
        for wh in (30, 60, 90, 0, 0, 0, 0):
            demand.add(wh * _WH)
            demand.end_period()
            found.append(demand.last)
        self.assertEqual(found, [1200, 3600, 7200, 6000, 3600, 0, 0])
        demand.add(90 * _WH)
        self.assertEqual(demand.current(), 3600)

    def test_the_window_holds_one_period_less_at_its_start(self):
        demand = Demand(300, 3)
        for complete in (1, 2, 2):
            demand.end_period()
            self.assertEqual(demand.started(), complete)

    def test_early_end(self):
        demand = Demand(900, 1)
        demand.add(100 * _WH)
        demand.next_period()
        self.assertEqual((demand.last, demand.current()), (4000, 0))
        demand.add(_WH)
        demand.reset()
        self.assertEqual((demand.last, demand.current()), (0, 0))

    def test_rounds_to_the_nearest(self):
        # 0.1 W over 900 s are 25 mWh; 12.5 mWh are half of it.
        for nwh, want in ((12499999, 0), (12500000, 1), (37499999, 1), (37500000, 2)):
            demand = Demand(900, 1)
            demand.add(nwh)
            self.assertEqual(demand.current(), want)


if __name__ == "__main__":
    unittest.main()
