# The optical door: sign-on, HDLC, and the ways back to 300 Bd 7E1.
import unittest

from dlms.hdlc import Link
from dlms.optical import OpticalDoor
from dlms.signon import SignOn
from dlms_vectors import exchange, unhex
from dlms_link import DISC, DM, SNRM, UA, UA_PLAIN, EchoServer

ACK = unhex("063235320D0A")


def door():
    link = Link(EchoServer(), 17, 128, 1, 200, 120000, 0)
    return OpticalDoor(SignOn(b"/MPY5\\2X\r\n", b"", 199), link, 60000)


def hand_over(d, at_ms=0):
    """Through the sign-on; returns the time when HDLC begins."""
    out = bytearray(40)
    exchange(d, b"/?!\r\n", at_ms)
    d.tick(at_ms + 200)
    assert d.reply(out)
    exchange(d, ACK, at_ms + 500)
    d.tick(at_ms + 700)
    assert bytes(out[: d.reply(out)]) == ACK
    return at_ms + 700


class TestOpticalDoor(unittest.TestCase):
    def test_sign_on_then_hdlc(self):
        d = door()
        self.assertEqual(d.line(), 0)
        now = hand_over(d)
        self.assertEqual(d.line(), 0x15)  # 9600 Bd, 8N1
        self.assertEqual(exchange(d, unhex(SNRM), now), unhex(UA))

    def test_no_hdlc_before_the_sign_on(self):
        d = door()
        self.assertEqual(exchange(d, unhex(SNRM)), b"")

    def test_exit_p1_disc(self):
        d = door()
        now = hand_over(d)
        exchange(d, unhex(SNRM), now)
        d.tick(now)
        self.assertEqual(exchange(d, unhex(DISC), now + 100), unhex(UA_PLAIN))
        d.tick(now + 1000)
        self.assertEqual(exchange(d, unhex(DISC), now + 1000), unhex(DM))
        d.tick(now + 2101)
        self.assertEqual(d.line(), 0)
        hand_over(d, now + 3000)

    def test_exit_p2_inactivity(self):
        d = door()
        now = hand_over(d)
        exchange(d, unhex(SNRM), now)
        d.tick(now + 1)
        d.tick(now + 120001)
        self.assertEqual(d.link.server.releases, 1)
        d.tick(now + 122002)
        self.assertEqual(d.line(), 0)

    def test_exit_n1_sign_on_inside_hdlc(self):
        d = door()
        now = hand_over(d)
        exchange(d, unhex(SNRM), now)
        self.assertEqual(exchange(d, b"/?!\r\n", now + 100), b"")
        self.assertEqual(exchange(d, unhex(DISC), now + 400), unhex(UA_PLAIN))

    def test_exit_n2_nothing_follows(self):
        d = door()
        now = hand_over(d)
        d.tick(now + 50000)
        self.assertEqual(d.line(), 0x15)
        d.tick(now + 60001)
        self.assertEqual(d.line(), 0)

    def test_the_line_under_way_is_no_silence(self):
        # At 300 Bd the identification takes longer than its reader's time-out would allow.
        d = door()
        exchange(d, b"/?!\r\n")
        d.tick(200)
        self.assertTrue(d.reply(bytearray(40)) > 0)
        d.sending(2000)
        exchange(d, ACK, 4000)
        self.assertEqual(d.line(), 5)
        d = door()
        now = hand_over(d)
        exchange(d, unhex(SNRM), now)
        d.tick(now)
        d.sending(now + 100000)
        d.tick(now + 130000)
        self.assertEqual(d.link.server.releases, 0)

    def test_damage_reaches_whoever_has_the_line(self):
        d = door()
        d.damage(0)
        self.assertEqual(exchange(d, b"!\r\n", 10), b"")
        now = hand_over(d, 2000)
        exchange(d, unhex(SNRM[:8]), now)
        d.damage(now)
        self.assertEqual(d.link.reader.dropped, 1)


if __name__ == "__main__":
    unittest.main()
