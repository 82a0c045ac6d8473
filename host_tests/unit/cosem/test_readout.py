# The lines of the data readout: numbers as text, the clock, and what meter.toml lists.
import unittest

from cosem import internal, readout
from cosem.value import shown
from cosem_reading import obis, use_still_clock
from meter import registers

_POWER_IMPORT = 4  # slots of meter/registers.py
_VOLTAGE = 0
_CURRENT_2 = 2
_POWER_FACTOR = 7
_ENERGY_IMPORT = 9
_TYPE_LARGEST = 4294967295  # double-long-unsigned


def number(value, digits, decimals):
    """put_number's text; the octets around it must stay."""
    out = bytearray(b"\xee" * 40)
    end = readout.put_number(out, 3, value, digits, decimals)
    assert bytes(out[:3] + out[end:]) == b"\xee" * (40 - end + 3)
    return bytes(out[3:end]).decode()


def lines():
    """All lines as texts."""
    out = bytearray(80)
    found = []
    at = 0
    while at < readout.end():
        found.append(bytes(out[2 : readout.line(at, out, 2)]).decode())
        at = readout.after(at)
    return found


class TestNumber(unittest.TestCase):
    def test_point_and_leading_zeros(self):
        for value, digits, decimals, text in (
            (123456, 9, 3, "000123.456"),
            (0, 10, 3, "0000000.000"),
            (7, 5, 2, "000.07"),
            (23001, 5, 2, "230.01"),
            (42, 5, 0, "00042"),
            (5, 4, 3, "0.005"),
            (1, 1, 0, "1"),
        ):
            self.assertEqual(number(value, digits, decimals), text)

    def test_sign(self):
        self.assertEqual(number(-123456, 9, 3), "-000123.456")
        self.assertEqual(number(-1, 5, 3), "-00.001")
        self.assertEqual(number(-32768, 5, 3), "-32.768")

    def test_scaler_above_zero_appends_zeros(self):
        self.assertEqual(number(42, 5, -2), "0004200")
        self.assertEqual(number(-42, 3, -1), "-0420")

    def test_wider_than_a_small_integer(self):
        # Beyond 2**30, where MicroPython's small integers end, up to the largest of the type.
        for value in (2**30 - 1, 2**30, 2**31, 2**32 - 1):
            self.assertEqual(number(value, 10, 0), "%010d" % value)
        self.assertEqual(number(2**64 - 1, 20, 0), "18446744073709551615")
        self.assertEqual(number(-(2**63), 19, 0), "-9223372036854775808")

    def test_rolls_over_as_a_counter(self):
        self.assertEqual(number(1234567, 5, 2), "345.67")


class TestLines(unittest.TestCase):
    def setUp(self):
        self.clock = use_still_clock()  # 2026-11-22 14:30:05
        registers.put(_ENERGY_IMPORT, 123456)
        registers.put(_VOLTAGE, 23001)
        registers.put(_POWER_IMPORT, 10500)
        registers.put(_POWER_FACTOR, -867)
        registers.put(_CURRENT_2, _TYPE_LARGEST)

    def tearDown(self):
        for slot in (_ENERGY_IMPORT, _VOLTAGE, _POWER_IMPORT, _POWER_FACTOR, _CURRENT_2):
            registers.put(slot, 0)

    def test_of_the_meter(self):
        found = lines()
        self.assertEqual(found[:3], ["0.0.0(10000001)", "0.9.1(143005)", "0.9.2(261122)"])
        # 123456 Wh; 10 mV; 0.1 W; 0.001; mA: double-long-unsigned has ten digits, long(-unsigned)
        # five.
        for text in (
            "1.8.0(0000123.456*kWh)",
            "2.8.0(0000000.000*kWh)",
            "32.7.0(230.01*V)",
            "1.7.0(000001.0500*kW)",
            "13.7.0(-00.867)",
            "91.7.0(4294967.295*A)",
        ):
            self.assertTrue(text in found, text)

    def test_every_line_fits(self):
        # IEC 62056-21: 78 characters with CR LF; ids 16, values 32, units 16.
        for text in lines():
            self.assertTrue(len(text) <= 76, text)
            head, _, rest = text.partition("(")
            value, _, unit = rest[:-1].partition("*")
            self.assertTrue(len(head) <= 16 and len(value) <= 32 and len(unit) <= 16, text)
            self.assertTrue(rest.endswith(")"), text)
            for forbidden in "/!\r\n":
                self.assertFalse(forbidden in text, text)

    def test_of_the_image_that_runs(self):
        # As image_transfer.py shows it; what would break a line is replaced.
        self.assertEqual(lines()[-1], "0.2.0(0.1.0)")
        row = internal.find(1, obis("0-0:0.2.0"))
        try:
            shown[row] = b"\x09\x052.0-a"
            self.assertEqual(lines()[-1], "0.2.0(2.0-a)")
            shown[row] = b"\x09\x072(0)/!\x7f"
            self.assertEqual(lines()[-1], "0.2.0(2?0????)")
        finally:
            del shown[row]

    def test_single_digits_of_the_clock(self):
        self.clock.fields[:8] = [2100, 1, 2, 6, 3, 4, 5, 0]
        self.assertEqual(lines()[1:3], ["0.9.1(030405)", "0.9.2(000102)"])


if __name__ == "__main__":
    unittest.main()
