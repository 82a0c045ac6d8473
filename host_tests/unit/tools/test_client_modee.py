"""The sign-on's messages against the octets of other programs, and bad identifications."""

import unittest

from fakes import vectors
from microcosem import modee
from microcosem.errors import GarbageError, SignOnError, UsageError

_LINE = b"/ELS5\\2METER01"


class Messages(unittest.TestCase):
    def test_request(self):
        self.assertEqual(modee.request(), vectors()["21_request_no_address"])
        self.assertEqual(modee.request("12345678"), vectors()["21_request_address"])

    def test_acknowledge(self):
        self.assertEqual(modee.acknowledge("5"), vectors()["21_ack_modeE_9600"])

    def test_bad_addresses(self):
        for address in ("1" * 33, "1!", "a/b", "\u00e9\u00e8!"):
            with self.assertRaises(UsageError):
                modee.request(address)


class Identification(unittest.TestCase):
    def test_mode_e(self):
        line = modee.find_line(vectors()["21_ident_modeE_2"])
        self.assertEqual(line, _LINE)
        self.assertEqual(
            modee.identification(line), modee.Identification("ELS", "5", True, "METER01")
        )

    def test_mode_c(self):
        found = modee.identification(modee.find_line(vectors()["21_ident_modeC_noescape"]))
        self.assertEqual((found.mode_e, found.text, found.baud), (False, "METER01", 9600))
        with self.assertRaises(SignOnError):
            modee.choose_speed(found, "6")

    def test_incomplete_lines_wait(self):
        whole = vectors()["21_ident_modeE_2"]
        for size in range(len(whole)):
            self.assertIsNone(modee.find_line(whole[:size]))

    def test_noise_before_the_line(self):
        self.assertEqual(modee.find_line(b"\x00\x7f\r\n" + _LINE + b"\r\n"), _LINE)

    def test_garbage(self):
        with self.assertRaises(GarbageError):
            modee.find_line(b"\x7f" * 100)
        for line in (b"/", b"/E1", b"/123456", b"/ELS5\x01METER"):
            with self.assertRaises(GarbageError):
                modee.identification(line)

    def test_speeds(self):
        for z, baud in zip("0123456", (300, 600, 1200, 2400, 4800, 9600, 19200)):
            found = modee.identification(b"/ELS" + z.encode() + b"\\2M")
            self.assertEqual(found.baud, baud)
            self.assertEqual(modee.choose_speed(found, "2"), min(z, "2"))
        with self.assertRaises(SignOnError):
            modee.choose_speed(modee.identification(b"/ELSX\\2M"), "6")


if __name__ == "__main__":
    unittest.main()
