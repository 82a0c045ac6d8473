# Sign-on in modes E, C and A: the cases MODEE_* of the conformance catalogue on a virtual clock.
import unittest

from dlms import readout
from dlms.signon import SignOn
from dlms_vectors import unhex, vectors

IDENTIFICATION = b"/MPY5\\2MICRODLMS1\r\n"
REQUEST = b"/?!\r\n"
ACK = unhex("063235320D0A")
READ_OUT = unhex("063035300D0A")
PROGRAMMING = unhex("063035310D0A")
NAK = b"\x15"
REACTION_MS = 199  # more than this passes: answers come at 200
LINES = (b"0.0.0(12345678)", b"1.8.0(000123.45*kWh)")


class FakeLines:
    """A readout of some lines, in the place of the cosem room's."""

    def __init__(self, lines):
        self.lines = lines

    def end(self):
        return len(self.lines)

    def after(self, at):
        return at + 1

    def line(self, at, out, pos):
        text = self.lines[at]
        out[pos : pos + len(text)] = text
        return pos + len(text)


def block(lines=LINES):
    """What a readout of the lines must be; the check is worked out here as ISO 1155 says."""
    made = b"".join([text + b"\r\n" for text in lines]) + b"!\r\n\x03"
    bcc = 0
    for octet in made:
        bcc ^= octet
    return b"\x02" + made + bytes([bcc])


def signon(address=b"12345678"):
    return SignOn(IDENTIFICATION, address, REACTION_MS)


def say(s, text, now_ms):
    s.feed(text, len(text), now_ms)


def hear(s, now_ms):
    out = bytearray(100)
    s.tick(now_ms)
    return bytes(out[: s.reply(out)])


def listen(s, now_ms, until_ms):
    """All that comes in a while, the time going on by 4 ms; [(when, what)]."""
    found = []
    while now_ms <= until_ms:
        text = hear(s, now_ms)
        if text:
            found.append((now_ms, text))
        now_ms += 4
    return found


def joined(heard):
    return b"".join([text for _, text in heard])


def identified(s, at_ms=0):
    say(s, REQUEST, at_ms)
    return hear(s, at_ms + 200)


class SignOnTest(unittest.TestCase):
    lines = LINES

    def setUp(self):
        self._saved = readout.readout
        readout.readout = FakeLines(self.lines)

    def tearDown(self):
        readout.readout = self._saved


class TestOpening(SignOnTest):
    def test_open_p1_with_and_without_parity_bit(self):
        self.assertEqual(identified(signon()), IDENTIFICATION)
        s = signon()
        say(s, unhex("AF3F218D0A"), 0)
        self.assertEqual(hear(s, 200), IDENTIFICATION)

    def test_vector_of_an_identification(self):
        v = vectors()
        s = SignOn(v["21_ident_modeE_2"], b"", REACTION_MS)
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
        for reaction_ms in (20, 200, 1499):
            s = SignOn(IDENTIFICATION, b"", reaction_ms)
            say(s, REQUEST, 1000)
            self.assertEqual(hear(s, 1000 + reaction_ms), b"")  # may be less, in whole ms
            self.assertEqual(hear(s, 1001 + reaction_ms), IDENTIFICATION)

    def test_wake_up_characters(self):
        # 2.1 to 2.3 s of NUL, 1.5 to 1.7 s of pause; a message begun before must not be in the way.
        for first in (b"", b"/?"):
            s = signon()
            say(s, first, 0)
            for k in range(70):
                say(s, b"\x00", 100 + 33 * k)
            say(s, REQUEST, 4000)
            self.assertEqual(hear(s, 4200), IDENTIFICATION)

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


class TestModeE(SignOnTest):
    def test_ack_p1_p2_every_rate(self):
        for z in range(7):
            digit = b"%d" % z
            s = SignOn(b"/MPY" + digit + b"\\2X\r\n", b"", REACTION_MS)
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

    def test_ack_n1_n6_another_rate(self):
        for text in (b"\x06242\r\n", b"\x06292\r\n", b"\x062:2\r\n"):
            s = signon()
            identified(s)
            say(s, text, 300)
            self.assertEqual(listen(s, 300, 4000), [])
            self.assertEqual((s.line, s.done()), (0, False))
            self.assertEqual(identified(s, 5000), IDENTIFICATION)

    def test_acknowledgement_just_in_time(self):
        s = signon()
        identified(s)
        s.tick(200 + 2200)
        say(s, ACK, 200 + 2200)
        self.assertEqual(hear(s, 2600), ACK)

    def test_time_begins_when_the_identification_has_left(self):
        s = signon()
        identified(s)
        s.sending(800)
        s.tick(3000)
        say(s, ACK, 3000)
        self.assertEqual(hear(s, 3200), ACK)

    def test_ack_without_a_sign_on(self):
        s = signon()
        say(s, ACK, 0)
        self.assertEqual(hear(s, 500), b"")
        self.assertFalse(s.done())

    def test_request_instead_of_ack(self):
        s = signon()
        identified(s)
        self.assertEqual(identified(s, 1000), IDENTIFICATION)


class TestReadout(SignOnTest):
    def test_ack_n2_every_rate(self):
        for z in range(7):
            s = SignOn(b"/MPY%d\\2X\r\n" % z, b"", REACTION_MS)
            identified(s)
            say(s, b"\x060%d0\r\n" % z, 300)
            heard = listen(s, 300, 2500)
            self.assertEqual((joined(heard), s.line), (block(), z))
            self.assertTrue(500 <= heard[0][0] < 504)  # the reaction time
            self.assertEqual(hear(s, 6000), b"")
            self.assertEqual((s.line, s.done()), (0, False))

    def test_vector_of_a_readout(self):
        readout.readout = FakeLines((b"1.8.0(000123.45*kWh)",))
        s = signon()
        identified(s)
        say(s, vectors()["21_ack_readout_9600"], 300)
        self.assertEqual(joined(listen(s, 300, 1000)), vectors()["21_readout_block"])

    def test_ack_n1_another_rate_reads_at_300(self):
        s = signon()
        identified(s)
        say(s, b"\x06040\r\n", 300)
        self.assertEqual((joined(listen(s, 300, 3000)), s.line), (block(), 0))

    def test_ack_n3_v_and_y_disagree(self):
        for text in (b"052", b"256", b"250", b"251", b"150", b"056", b"059"):
            s = signon()
            identified(s)
            say(s, b"\x06" + text + b"\r\n", 300)
            self.assertEqual((joined(listen(s, 300, 3000)), s.line), (block(), 0), text)

    def test_ack_n4_none_at_all_as_in_mode_a(self):
        s = signon()
        identified(s)
        self.assertEqual(listen(s, 200, 200 + 2200 + 200), [])
        say(s, ACK, 2650)  # too late
        self.assertEqual(joined(listen(s, 2650, 6000)), block())
        self.assertEqual(identified(s, 6100), IDENTIFICATION)

    def test_spoilt_acknowledgements_are_none(self):
        for text in (b"\x06\r\n", b"\x0625\r\n", b"\x06252\n\n", b"\x06" + b"2" * 60 + b"\r\n"):
            s = signon()
            identified(s)
            say(s, text, 300)
            self.assertEqual(listen(s, 300, 2500), [])
            self.assertEqual(joined(listen(s, 2504, 6000)), block())

    def test_a_second_acknowledgement_may_be_good(self):
        s = signon()
        identified(s)
        say(s, b"\x0625", 300)
        s.damage(400)
        say(s, b"\r\n", 450)
        say(s, ACK, 1000)
        self.assertEqual(hear(s, 1200), ACK)

    def test_speed_of_the_line(self):
        # At 300 Bd a character takes 33.3 ms. A line is handed out when at most 40 ms of the
        # ones before are left to send, so the line never waits and little is sent ahead.
        s = signon()
        identified(s)
        say(s, b"\x06040\r\n", 300)
        heard = listen(s, 300, 3000)
        self.assertEqual(joined(heard), block())
        sent_ms = heard[0][0] + len(heard[0][1]) * 100 // 3  # when the last bit of it has left
        for now_ms, text in heard[1:]:
            self.assertTrue(0 <= sent_ms - now_ms <= 40, sent_ms - now_ms)
            sent_ms += len(text) * 100 // 3

    def test_nak_repeats_it(self):
        s = signon()
        identified(s)
        say(s, READ_OUT, 300)
        now = 300
        for _ in range(3):
            heard = listen(s, now, now + 1000)
            self.assertEqual((joined(heard), s.line), (block(), 5))
            self.assertTrue(heard[0][0] >= now + 200)
            now += 1500
            say(s, NAK, now)
        self.assertEqual(joined(listen(s, now, now + 1000)), block())
        say(s, b"\x06", now + 1100)
        say(s, NAK, now + 3300)  # too late
        self.assertEqual((listen(s, now + 3300, now + 4000), s.line), ([], 0))

    def test_nak_elsewhere_means_nothing(self):
        s = signon()
        say(s, NAK, 0)
        self.assertEqual(hear(s, 300), b"")
        identified(s, 1000)
        say(s, NAK, 1300)
        self.assertEqual(hear(s, 1600), b"")
        say(s, b"\x06040\r\n", 1700)
        first = joined(listen(s, 1700, 1904))
        say(s, NAK, 1950)
        self.assertEqual(first + joined(listen(s, 1950, 5000)), block())

    def test_a_request_ends_it(self):
        s = signon()
        identified(s)
        say(s, b"\x06040\r\n", 300)
        self.assertEqual(hear(s, 500), b"\x02" + LINES[0] + b"\r\n")
        say(s, b"/?87654321!\r\n", 510)  # not for us
        say(s, REQUEST, 520)
        s.sending(900)  # the last of the line leaves
        self.assertEqual(hear(s, 1000), b"")
        self.assertEqual(hear(s, 1100), IDENTIFICATION)
        say(s, ACK, 1200)
        self.assertEqual(hear(s, 1400), ACK)

    def test_an_echo_of_ours_does_not_end_it(self):
        s = signon()
        identified(s)
        say(s, IDENTIFICATION, 300)
        say(s, READ_OUT, 400)
        text = b""
        for now in range(600, 1000, 4):
            piece = hear(s, now)
            say(s, piece, now)
            text += piece
        self.assertEqual(text, block())

    def test_request_behind_it(self):
        s = signon()
        identified(s)
        say(s, READ_OUT, 300)
        listen(s, 300, 1000)
        say(s, REQUEST, 1100)
        self.assertEqual(s.line, 0)
        self.assertEqual(hear(s, 1300), IDENTIFICATION)


class TestProgramming(SignOnTest):
    def test_break(self):
        v = vectors()
        s = signon()
        identified(s)
        say(s, v["21_ack_programming_9600"], 300)
        self.assertEqual((s.line, hear(s, 499)), (5, b""))
        self.assertEqual(hear(s, 500), v["21_cmd_B0"])
        self.assertEqual((s.line, s.done()), (0, False))
        self.assertEqual(identified(s, 1000), IDENTIFICATION)

    def test_commands_of_it_are_not_heard(self):
        v = vectors()
        for name in ("21_cmd_P1", "21_cmd_R1", "21_cmd_R5", "21_cmd_W5"):
            s = signon()
            say(s, v[name], 100)
            self.assertEqual((hear(s, 2000), s.line, s.done()), (b"", 0, False))
            self.assertEqual(identified(s, 4000), IDENTIFICATION)

    def test_another_rate(self):
        s = signon()
        identified(s)
        say(s, b"\x06041\r\n", 300)
        self.assertEqual((listen(s, 300, 4000), s.line), ([], 0))


class TestNoReadout(SignOnTest):
    lines = ()

    def test_back_to_the_start(self):
        for text in (READ_OUT, b"\x06040\r\n", b"\x06052\r\n", b""):
            s = signon()
            identified(s)
            say(s, text, 300)
            self.assertEqual((listen(s, 300, 5000), s.line), ([], 0))
            self.assertEqual(identified(s, 6000), IDENTIFICATION)

    def test_mode_e_as_ever(self):
        s = signon()
        identified(s)
        say(s, ACK, 300)
        self.assertEqual(hear(s, 500), ACK)


if __name__ == "__main__":
    unittest.main()
