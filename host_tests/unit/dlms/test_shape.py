# Shapes of Data: what a class takes and what it does not.
import unittest

from dlms import shape

# Class 9, scripts: array of {id, array of {service, class, name, index, parameter}}.
_SCRIPTS = b"\x01\x02\x02\x12\x01\x02\x05\x16\x12\x09\x06\x06\x0f\xff"
_ACTION = b"\x02\x05\x16\x01\x12\x00\x01\x09\x06\x00\x00\x60\x0d\x00\xff\x0f\x02"


def _script(parameter):
    return b"\x01\x01\x02\x02\x12\x00\x01\x01\x01" + _ACTION + parameter


class TestShape(unittest.TestCase):
    def good(self, what, data):
        buf = b"??" + data + b"\x00"
        self.assertEqual(shape.end(what, buf, 2, 2 + len(data)), 2 + len(data))
        for cut in range(len(data)):
            self.assertEqual(shape.end(what, buf, 2, 2 + cut), -1)

    def bad(self, what, data):
        self.assertEqual(shape.end(what, data, 0, len(data)), -1)

    def test_types_of_fixed_size(self):
        self.good(b"\x12", b"\x12\x01\x02")
        self.good(b"\x03", b"\x03\x01")
        self.bad(b"\x12", b"\x11\x02")

    def test_ranges(self):
        # long from -100 to 100: FF9C and 0064, with the sign turned over 7F9C and 8064.
        form = b"\xfc\x10\x7f\x9c\x80\x64"
        for number, good in ((b"\xff\x9c", 1), (b"\x00\x64", 1), (b"\xff\xff", 1), (b"\x00\x00", 1),
                             (b"\xff\x9b", 0), (b"\x00\x65", 0), (b"\x80\x00", 0), (b"\x7f\xff", 0)):  # fmt: skip
            self.assertEqual(shape.end(form, b"\x10" + number, 0, 3), 3 if good else -2)
        self.bad(form, b"\x12\x00\x00")
        self.bad(form, b"\x10\x00")
        inside = b"\x01\x02\x02" + form + b"\xfc\x11\x0a\xfa"  # unsigned from 10 to 250
        self.good(inside, b"\x01\x02\x02\x02\x10\x00\x01\x11\x0a\x02\x02\x10\x00\x02\x11\xfa")
        self.good(inside, b"\x01\x00")
        for data in (b"\x01\x01\x02\x02\x10\x00\x01\x11\x09", b"\x01\x01\x02\x02\x10\x01\x00\x11\x0a"):
            self.assertEqual(shape.end(inside, data, 0, len(data)), -2)

    def test_strings(self):
        self.good(b"\x09\x06\x06", b"\x09\x06abcdef")
        self.bad(b"\x09\x06\x06", b"\x09\x05abcde")
        self.bad(b"\x09\x06\x06", b"\x09\x07abcdefg")
        self.bad(b"\x09\x06\x06", b"\x0a\x06abcdef")
        self.good(b"\x09\x00\xff", b"\x09\x00")
        self.good(b"\x09\x00\xff", b"\x09\x82\x01\x2c" + bytes(300))
        self.good(b"\x04\x05\x05", b"\x04\x05\xf8")  # five bits
        self.bad(b"\x04\x05\x05", b"\x04\x08\xf8")

    def test_moments(self):
        self.good(b"\x19", b"\x09\x0c" + bytes(12))
        self.good(b"\x19", b"\x19" + bytes(12))
        self.good(b"\x1a", b"\x09\x05" + bytes(5))
        self.good(b"\x1b", b"\x1b" + bytes(4))
        self.bad(b"\x1a", b"\x09\x04" + bytes(4))
        self.bad(b"\x19", b"\x1a" + bytes(5))

    def test_one_of(self):
        self.good(b"\xfe\x02\x11\x12", b"\x11\x01")
        self.good(b"\xfe\x02\x11\x12", b"\x12\x00\x01")
        self.bad(b"\xfe\x02\x11\x12", b"\x10\x00\x01")

    def test_structures_and_arrays(self):
        self.good(_SCRIPTS, b"\x01\x00")
        self.good(_SCRIPTS, _script(b"\x00"))
        self.good(_SCRIPTS, _script(b"\x02\x02\x11\x01\x01\x00"))
        self.bad(_SCRIPTS, b"\x02\x00")
        self.bad(_SCRIPTS, b"\x01\x01\x12\x00\x01")
        self.bad(_SCRIPTS, b"\x01\x01\x02\x03\x12\x00\x01\x01\x00\x00")
        self.bad(_SCRIPTS, b"\x01\x82\xff\xff")  # more elements than octets

    def test_what_stands_behind_an_element(self):
        # {array of integer, one of two, structure of a string, boolean}
        what = b"\x02\x04\x01\x0f\xfe\x02\x11\x12\x02\x01\x09\x00\x02\x03"
        data = b"\x02\x04\x01\x02\x0f\x01\x0f\x02\x11\x05\x02\x01\x09\x01a\x03\x01"
        self.good(what, data)
        self.bad(what, data[:-2] + b"\x11\x01")


if __name__ == "__main__":
    unittest.main()
