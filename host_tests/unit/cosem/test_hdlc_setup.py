# Class 23: every attribute against octets written by hand from IEC 62056-6-2.
import unittest

from cosem_reading import PUBLIC, READER, read, unhex, use_two_ports


class TestHdlcSetup(unittest.TestCase):
    def setUp(self):
        use_two_ports()

    def test_optical(self):
        # 2030 = 07EE octets, 200 = C8 ms, 120 = 78 s.
        for attribute, text in (
            (1, "09 06 0000160000FF"),
            (2, "16 05"),
            (3, "11 07"),
            (4, "11 07"),
            (5, "12 07EE"),
            (6, "12 07EE"),
            (7, "12 00C8"),
            (8, "12 0078"),
            (9, "12 0011"),
        ):
            for client in (PUBLIC, READER):
                self.assertEqual(read(client, 23, "0-0:22.0.0", attribute), unhex(text), attribute)
        self.assertEqual(read(READER, 23, "0-0:22.0.0", 10), 4)

    def test_rs485(self):
        # Code 7 of a line is 115200 Bd, which is 9 in this class; 1000 = 03E8.
        for attribute, text in ((1, "09 06 0001160000FF"), (2, "16 09"), (9, "12 03E8")):
            self.assertEqual(read(READER, 23, "0-1:22.0.0", attribute), unhex(text), attribute)


if __name__ == "__main__":
    unittest.main()
