# Mode E sign-on: the cases MODEE_* of the conformance catalogue on a virtual clock.
import unittest

from dlms.signon import SignOn
from dlms_vectors import unhex, vectors

IDENTIFICATION = b"/MPY5\\2MICRODLMS1\r\n"
REQUEST = b"/?!\r\n"
ACK = unhex("063235320D0A")


def signon(address=b"12345678"):
    return SignOn(IDENTIFICATION, address, 200)


def say(s, text, now_ms):
    s.feed(text, len(text), now_ms)


def hear(s, now_ms):
    out = bytearray(40)
    s.tick(now_ms)
    return bytes(out[: s.reply(out)])


def identified(s, at_ms=0):
    say(s, REQUEST, at_ms)
    return hear(s, at_ms + 200)


class TestOpening(unittest.TestCase):
    def test_open_p1_with_and_without_parity_bit(self):
        self.assertEqual(identified(signon()), IDENTIFICATION)
        s = signon()
        say(s, unhex("AF3F218D0A"), 0)
        self.assertEqual(hear(s, 200), IDENTIFICATION)

    def test_vector_of_an_identification(self):
        v = vectors()
        s = SignOn(v["21_ident_modeE_2"], b"", 200)
        say(s, v["21_request_no_address"], 0)
        self.assertEqual(hear(s, 300), v["21_ident_modeE_2"])

    def test_open_p2_p3_own_address(self):
        for text in (vectors()["21_request_address"], b"/?0012345678!\r\n"):
            s = signon()
            say(s, text, 0)
            self.assertEqual(hear(s, 200), IDENTIFICATION)

    def test_open_p4_zero_addresses_are_alike(self):
        s = signon(b"0000")
        say(s, b"/?00!\r\n", 0)
        self.assertEqual(hear(s, 200), IDENTIFICATION)

    def test_open_p6_reaction_time(self):
        s = signon()
        say(s, REQUEST, 1000)
        self.assertEqual(hear(s, 1199), b"")
        self.assertEqual(hear(s, 1200), IDENTIFICATION)

    def test_wake_up_characters(self):
        s = signon()
        say(s, bytes(70), 0)
        say(s, REQUEST, 3800)
        self.assertEqual(hear(s, 4000), IDENTIFICATION)

    def test_open_n1_foreign_address(self):
        s = signon()
        say(s, b"/?87654321!\r\n", 0)
        self.assertEqual(hear(s, 1500), b"")
        self.assertEqual(s.line, 0)

    def test_open_n2_address_too_long(self):
        s = signon()
        say(s, b"/?" + b"1" * 33 + b"!\r\n", 0)
        self.assertEqual(hear(s, 1500), b"")
        self.assertEqual(identified(s, 2000), IDENTIFICATION)

    def test_longest_address(self):
        s = signon(b"1" * 32)
        say(s, b"/?" + b"1" * 32 + b"!\r\n", 0)
        self.assertEqual(hear(s, 200), IDENTIFICATION)

    def test_open_n4_unterminated(self):
        s = signon()
        say(s, b"/?!\r", 0)
        s.tick(2000)
        say(s, b"\n", 2000)
        self.assertEqual(hear(s, 2300), b"")
        self.assertEqual(identified(s, 3000), IDENTIFICATION)

    def test_open_n5_parity_error(self):
        s = signon()
        say(s, b"/", 0)
        s.damage(30)
        say(s, b"!\r\n", 60)
        self.assertEqual(hear(s, 400), b"")
        self.assertEqual(identified(s, 500), IDENTIFICATION)

    def test_noise_before_the_request(self):
        s = signon()
        say(s, bytes(range(1, 32)) + b"\x7f~~x" + REQUEST, 0)
        self.assertEqual(hear(s, 200), IDENTIFICATION)


class TestAcknowledge(unittest.TestCase):
    def test_ack_p1_p2_every_rate(self):
        for z in range(7):
            digit = b"%d" % z
            s = SignOn(b"/MPY" + digit + b"\\2X\r\n", b"", 200)
            identified(s)
            say(s, b"\x06\x32" + digit + b"\x32\r\n", 300)
            self.assertEqual(s.line, z)  # the new speed, still 7E1
            self.assertFalse(s.done())
            self.assertEqual(hear(s, 500), b"\x06\x32" + digit + b"\x32\r\n")
            self.assertEqual((s.line, s.done()), (z | 0x10, True))

    def test_vector(self):
        s = signon()
        identified(s)
        say(s, vectors()["21_ack_modeE_9600"], 300)
        self.assertEqual(hear(s, 500), ACK)

    def test_ack_n1_n2_n3_n6_no_mode_e(self):
        for text in (
            b"\x06242\r\n",
            b"\x06050\r\n",
            b"\x06051\r\n",
            b"\x06052\r\n",
            b"\x06256\r\n",
            b"\x06292\r\n",
            b"\x0625\r\n",
        ):
            s = signon()
            identified(s)
            say(s, text, 300)
            self.assertEqual(hear(s, 1500), b"")
            self.assertEqual((s.line, s.done()), (0, False))
            self.assertEqual(identified(s, 2000), IDENTIFICATION)

    def test_ack_n4_none_at_all(self):
        s = signon()
        identified(s)
        # 20 characters of 34 ms, tt 2200 ms, the reaction time of 200 ms
        s.tick(200 + 20 * 34 + 2200 + 200)
        say(s, ACK, 4000)
        self.assertEqual(hear(s, 4500), b"")
        self.assertEqual(identified(s, 5000), IDENTIFICATION)

    def test_ack_without_a_sign_on(self):
        s = signon()
        say(s, ACK, 0)
        self.assertEqual(hear(s, 500), b"")
        self.assertFalse(s.done())

    def test_request_instead_of_ack(self):
        s = signon()
        identified(s)
        self.assertEqual(identified(s, 1000), IDENTIFICATION)


if __name__ == "__main__":
    unittest.main()
