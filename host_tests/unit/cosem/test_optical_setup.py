# Class 19: attributes by hand from IEC 62056-6-2 and meter.toml; what is set counts from the next
# request of the sign-on on. Passwords are nobody's.
import unittest

from cosem import dispatch, optical_setup
from cosem_reading import CONFIGURATOR, PUBLIC, READER, descriptor, read, request, unhex
from dlms.signon import SignOn
from meter import settings

_OBIS = "0-0:20.0.0"
_READ_WRITE_DENIED = 3
_OBJECT_UNDEFINED = 4
_UNMATCHED, _OTHER = 12, 250
_DEFAULTS = {2: "16 00", 3: "16 00", 4: "16 05", 5: "16 01", 6: "09 08 3130303030303031"}
_OLD, _NEW = b"/MCM5\\2MICROCOSEM\r\n", b"/MCm6\\2MICROCOSEM\r\n"


def _put(attribute, text, who=CONFIGURATOR, dry=False):
    q = request(who)
    q.dry = dry
    octets = b"\xff" + unhex(text) + b"\xff"
    result = dispatch.open(q, descriptor(19, _OBIS, attribute), 0, 1)
    return result or dispatch.set(q, octets, 1, len(octets) - 1)


def _signon():
    return SignOn(_OLD, b"10000001", 200)


def _asked(s, text, after_ms):
    """What comes until so long after a request, at an age that all others are far from."""
    s.reset(10000)
    s.feed(text, len(text), 10000)
    s.tick(10000 + after_ms)
    out = bytearray(100)
    return bytes(out[: s.reply(out)])


class TestOpticalSetup(unittest.TestCase):
    def setUp(self):
        self.saved = dict(settings._values)
        settings._values.clear()
        self.signon = _signon()
        optical_setup.use(self.signon)

    def tearDown(self):
        settings._values.clear()
        settings._values.update(self.saved)
        optical_setup._waiting = False

    def test_attributes(self):
        # IEC 62056-21, 300 Bd, 9600 Bd, 200 ms, 10000001
        self.assertEqual(read(READER, 19, _OBIS, 1), unhex("09 06 000014000 0FF"))
        for attribute, text in _DEFAULTS.items():
            self.assertEqual(read(READER, 19, _OBIS, attribute), unhex(text), attribute)

    def test_passwords_are_never_read(self):
        for attribute in (7, 8, 9):
            self.assertEqual(read(READER, 19, _OBIS, attribute), _READ_WRITE_DENIED)
            self.assertEqual(_put(attribute, "09 01 30"), _READ_WRITE_DENIED)
        self.assertEqual(read(READER, 19, _OBIS, 10), _OBJECT_UNDEFINED)

    def test_not_for_everybody(self):
        self.assertEqual(read(PUBLIC, 19, _OBIS, 4), _OBJECT_UNDEFINED)
        self.assertEqual(_put(4, "16 05", PUBLIC), _OBJECT_UNDEFINED)
        self.assertEqual(_put(4, "16 05", READER), _READ_WRITE_DENIED)

    def test_counts_from_the_next_request_on(self):
        s = self.signon
        self.assertEqual(_asked(s, b"/?10000001!\r\n", 201), _OLD)
        self.assertEqual(_put(4, "16 06"), 0)  # 19200 Bd
        self.assertEqual(_put(5, "16 00"), 0)
        # The sign-on under way goes on with the Z that it named: ACK 2 5 2.
        s.feed(b"\x06252\r\n", 6, 10300)
        self.assertEqual(s.line, 5)
        self.assertEqual(_put(6, "09 03 413132"), 0)
        self.assertEqual(_asked(s, b"/?10000001!\r\n", 500), b"")
        self.assertEqual(_asked(s, b"/?A12!\r\n", 20), b"")
        self.assertEqual(_asked(s, b"/?A12!\r\n", 21), _NEW)
        s.feed(b"\x06262\r\n", 6, 10100)
        self.assertEqual(s.line, 6)

    def test_back_to_200_ms(self):
        _put(5, "16 00")
        self.assertEqual(_asked(self.signon, b"/?!\r\n", 21)[3:4], b"m")
        _put(5, "16 01")
        self.assertEqual(_asked(self.signon, b"/?!\r\n", 199), b"")
        self.assertEqual(_asked(self.signon, b"/?!\r\n", 201), _OLD)

    def test_115200_is_z_7(self):
        self.assertEqual(_put(4, "16 09"), 0)
        self.assertEqual(_asked(self.signon, b"/?!\r\n", 201)[4:5], b"7")

    def test_after_a_restart(self):
        for attribute, text in ((4, "16 06"), (5, "16 00"), (6, "09 8103 413132")):
            self.assertEqual(_put(attribute, text), 0)
        self.assertEqual(read(READER, 19, _OBIS, 6), unhex("09 03 413132"))
        optical_setup._waiting = False
        again = _signon()
        optical_setup.use(again)
        self.assertEqual(_asked(again, b"/?A12!\r\n", 21), _NEW)

    def test_ranges_and_types(self):
        for attribute, text, result in (
            (2, "16 01", _OTHER), (2, "16 02", _OTHER), (2, "11 00", _UNMATCHED),
            (3, "16 05", _OTHER), (3, "12 0000", _UNMATCHED),
            (4, "16 07", _OTHER), (4, "16 08", _OTHER), (4, "16 0A", _OTHER), (4, "11 05", _UNMATCHED),
            (5, "16 02", _OTHER), (5, "03 00", _UNMATCHED),
            (6, "09 00", _UNMATCHED), (6, "09 21" + "30" * 33, _UNMATCHED), (6, "0A 01 30", _UNMATCHED),
            (6, "09 02 3021", _OTHER), (6, "09 01 20", _OTHER), (6, "09 01 40", _OTHER),
            (6, "09 01 10", _OTHER), (6, "09 01 7B", _OTHER), (6, "09 01 80", _OTHER),
        ):  # fmt: skip
            self.assertEqual(_put(attribute, text), result, (attribute, text))
            self.assertEqual(_put(attribute, text, dry=True), result, (attribute, text))
            self.assertEqual(read(READER, 19, _OBIS, attribute), unhex(_DEFAULTS[attribute]))
        self.assertEqual(_put(6, "09 20" + "5A" * 32), 0)
        self.assertEqual(_put(2, "16 00"), 0)
        self.assertEqual(_put(3, "16 00"), 0)

    def test_dry(self):
        self.assertEqual(_put(4, "16 06", dry=True), 0)
        self.assertEqual(read(READER, 19, _OBIS, 4), unhex(_DEFAULTS[4]))
        self.assertEqual(_asked(self.signon, b"/?!\r\n", 201), _OLD)


if __name__ == "__main__":
    unittest.main()
