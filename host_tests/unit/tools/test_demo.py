"""The demo's arithmetic and its verdict."""

import io
import unittest
import unittest.mock

from microcosem import demo
from microcosem.demo import Result
from rich.console import Console


class FakeControl:
    """Time and true energy advance by what the load and the waits say: 13.8 kW."""

    def __init__(self):
        self.seconds = 0.0
        self.channels = {}

    def ask(self, cmd, **fields):
        return {"i1_import_wh": self.seconds * 13800 / 3600}

    def set_channel(self, channel, rms, phase_deg=0.0):
        self.channels[channel] = (rms, phase_deg)

    def wait(self, seconds):
        self.seconds += seconds

    def time_s(self):
        return self.seconds


class Arithmetic(unittest.TestCase):
    def test_error(self):
        self.assertAlmostEqual(Result("p", "q", 230.0, "231.15", "V").error_percent, 0.5)
        self.assertAlmostEqual(Result("p", "q", -2300.0, "-2277", "W").error_percent, -1.0)
        self.assertTrue(Result("p", "q", 100.0, "101", "V").good)
        self.assertFalse(Result("p", "q", 100.0, "101.1", "V").good)
        self.assertFalse(Result("p", "q", 100.0, "0", "V").good)

    def test_verdict(self):
        good = Result("p", "voltage", 230.0, "230.5", "V")
        bad = Result("there", "current", 10.0, "10.2", "A")
        for results, code in (([good], 0), ([good, bad], 1)):
            out = io.StringIO()
            self.assertEqual(demo.verdict(Console(file=out, width=80), results), code)
            self.assertIn(f"{len(results)} values read", out.getvalue())
        self.assertIn("+2.00 %", out.getvalue())
        self.assertIn("1 values are outside", out.getvalue())

    def test_energy_is_the_difference_of_two_readings(self):
        control, rows = FakeControl(), []

        def register(session, code):
            return str(1000 + int(control.seconds * 13800 / 3600)), "Wh"

        with unittest.mock.patch.object(demo, "read_register", register):
            result = demo.count_energy(None, control, lambda *row: rows.append(row))
        self.assertEqual(control.channels["v"], (230.0, 0.0))
        # One reading before and one after each step, five minutes in all.
        self.assertEqual(len(rows), 6)
        self.assertAlmostEqual(result.put_in, 300 * 13800 / 3600, 6)
        self.assertTrue(result.good)


if __name__ == "__main__":
    unittest.main()
