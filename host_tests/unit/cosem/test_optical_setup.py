# Class 19: attributes by hand from IEC 62056-6-2 and meter.toml; passwords are nobody's.
import unittest

from cosem_reading import PUBLIC, READER, read, unhex

_OBIS = "0-0:20.0.0"
_READ_WRITE_DENIED = 3
_OBJECT_UNDEFINED = 4


class TestOpticalSetup(unittest.TestCase):
    def test_attributes(self):
        for attribute, text in (
            (1, "09 06 000014000 0FF"),
            (2, "16 00"),  # IEC 62056-21
            (3, "16 00"),  # 300 Bd
            (4, "16 05"),  # 9600 Bd
            (5, "16 01"),  # 200 ms
            (6, "09 08 3130303030303031"),  # 10000001
        ):
            self.assertEqual(read(READER, 19, _OBIS, attribute), unhex(text), attribute)

    def test_passwords_are_never_read(self):
        for attribute in (7, 8, 9):
            self.assertEqual(read(READER, 19, _OBIS, attribute), _READ_WRITE_DENIED)
        self.assertEqual(read(READER, 19, _OBIS, 10), _OBJECT_UNDEFINED)

    def test_not_for_everybody(self):
        self.assertEqual(read(PUBLIC, 19, _OBIS, 4), _OBJECT_UNDEFINED)


if __name__ == "__main__":
    unittest.main()
