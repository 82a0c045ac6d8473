# Class 23: every attribute against octets written by hand from IEC 62056-6-2 and meter.toml; what
# is set counts when the link of the port ends.
import unittest

from cosem import dispatch, hdlc_setup
from cosem_reading import CONFIGURATOR, PUBLIC, READER, descriptor, read, request, unhex
from dlms.hdlc import Link
from meter import settings

_OPTICAL, _RS485 = "0-0:22.0.0", "0-1:22.0.0"
_DENIED, _UNMATCHED, _OTHER = 3, 12, 250
_LINE_9600, _LINE_115200, _LINE_2400 = 0x15, 0x17, 0x13  # 8N1, see port/uart.py
_DEFAULTS = ("16 05", "11 07", "11 07", "12 0200", "12 0200", "12 00C8", "12 0078", "12 0011")
# comm_speed 2400 Bd, windows 2 and 3, 64 and 100 octets, 50 ms, 60 s, lower address 1000.
_OTHERS = ("16 03", "11 02", "11 03", "12 0040", "12 0064", "12 0032", "12 003C", "12 03E8")


class Application:
    """Behind a link nobody asks."""

    max_pdu_rx = 64
    out_stride = 0
    now_ms = 0

    def released(self):
        pass

    def ahead(self):
        pass


def _link(address_size=0):
    return Link(Application(), 17, 512, 7, 200, 120000, address_size, _LINE_9600)


def _put(code, attribute, text, who=CONFIGURATOR, dry=False):
    q = request(who)
    q.dry = dry
    octets = b"\xff" + unhex(text) + b"\xff"
    result = dispatch.open(q, descriptor(23, code, attribute), 0, 1)
    return result or dispatch.set(q, octets, 1, len(octets) - 1)


def _shown(link):
    """What the link works with, in the order of the attributes 3 to 9."""
    m = link.limits.mine
    return (m[2], m[3], m[0], m[1], link.inter_octet_ms, link.inactivity_ms, link.station.lower)


_BUILT = (7, 7, 512, 512, 200, 120000, 17)
_SET = (2, 3, 64, 100, 50, 60000, 1000)


class TestHdlcSetup(unittest.TestCase):
    def setUp(self):
        self.saved = dict(settings._values)
        settings._values.clear()
        hdlc_setup.ports.clear()
        self.links = (_link(), _link())
        for link in self.links:
            hdlc_setup.add(link)

    def tearDown(self):
        hdlc_setup.ports.clear()
        settings._values.clear()
        settings._values.update(self.saved)

    def test_defaults(self):
        for code, name in ((_OPTICAL, "0000160000FF"), (_RS485, "0001160000FF")):
            for who in (PUBLIC, READER):
                self.assertEqual(read(who, 23, code, 1), unhex("09 06" + name))
                for k, text in enumerate(_DEFAULTS):
                    self.assertEqual(read(who, 23, code, k + 2), unhex(text), k + 2)
        self.assertEqual(read(READER, 23, _OPTICAL, 10), 4)

    def _set_all(self):
        for k, text in enumerate(_OTHERS):
            self.assertEqual(_put(_RS485, k + 2, text), 0, k + 2)
            self.assertEqual(read(READER, 23, _RS485, k + 2), unhex(text))

    def test_counts_when_the_link_ends(self):
        optical, rs485 = self.links
        rs485.state = 1
        self._set_all()
        self.assertEqual((_shown(rs485), rs485.own_line), (_BUILT, _LINE_9600))
        rs485.disconnect()
        self.assertEqual((_shown(rs485), rs485.own_line), (_SET, _LINE_2400))
        self.assertEqual(_shown(optical), _BUILT)

    def test_counts_at_once_when_it_is_closed(self):
        self._set_all()
        self.assertEqual((_shown(self.links[1]), self.links[1].line()), (_SET, _LINE_2400))

    def test_counts_after_a_restart(self):
        self.links[1].state = 1
        self._set_all()
        hdlc_setup.ports.clear()
        links = (_link(), _link())
        for link in links:
            hdlc_setup.add(link)
        self.assertEqual(_shown(links[0]), _BUILT)
        self.assertEqual((_shown(links[1]), links[1].line()), (_SET, _LINE_2400))

    def test_115200(self):
        self.assertEqual(_put(_RS485, 2, "16 09"), 0)
        self.assertEqual(self.links[1].line(), _LINE_115200)

    def test_ranges(self):
        for attribute, text in (
            (2, "16 07"), (2, "16 08"), (2, "16 0A"),  # 38400, 57600, none
            (3, "11 00"), (3, "11 08"), (4, "11 00"), (4, "11 FF"),
            (5, "12 001F"), (5, "12 0201"), (6, "12 001F"), (6, "12 07EE"),  # 31, 513, 2030
            (7, "12 0013"), (7, "12 1771"),  # 19, 6001
            (9, "12 000F"), (9, "12 3FFE"), (9, "12 3FFF"),
        ):  # fmt: skip
            self.assertEqual(_put(_RS485, attribute, text), _OTHER, (attribute, text))
            self.assertEqual(read(READER, 23, _RS485, attribute), unhex(_DEFAULTS[attribute - 2]))
        for attribute, text in (
            (3, "11 01"), (5, "12 0020"), (6, "12 0200"), (7, "12 0014"), (7, "12 1770"),
            (8, "12 0000"), (8, "12 FFFF"), (9, "12 0010"), (9, "12 3FFD"),
        ):  # fmt: skip
            self.assertEqual(_put(_RS485, attribute, text), 0, (attribute, text))
        self.assertEqual(_shown(self.links[1])[4:], (6000, 65535000, 0x3FFD))

    def test_address_of_two_octets(self):
        hdlc_setup.ports[1] = _link(2)
        self.assertEqual(_put(_RS485, 9, "12 007E"), _OTHER)
        self.assertEqual(_put(_RS485, 9, "12 007D"), 0)

    def test_types_and_rights(self):
        for attribute in range(2, 10):
            for text in ("17 00000000", "00", "02 01" + _OTHERS[attribute - 2]):
                self.assertEqual(_put(_RS485, attribute, text), _UNMATCHED, (attribute, text))
            for who in (PUBLIC, READER):
                self.assertEqual(_put(_RS485, attribute, _OTHERS[attribute - 2], who), _DENIED)
        self.assertEqual(_put(_RS485, 1, "09 06 0001160000FF"), _DENIED)
        self.assertEqual(_shown(self.links[1]), _BUILT)

    def test_dry(self):
        for k, text in enumerate(_OTHERS):
            self.assertEqual(_put(_RS485, k + 2, text, dry=True), 0)
        self.assertEqual(_shown(self.links[1]), _BUILT)
        self.assertEqual(settings._values, {})


if __name__ == "__main__":
    unittest.main()
