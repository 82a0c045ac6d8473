# General block transfer, Green Book 9.3.5. Octets are put together by the grammar of
# general_blocks.py: E0 control number(2) acknowledged(2) length data; vectors where there are.
import unittest

from dlms.general_blocks import _room, _shift
from dlms_fakes import HELLO, LONG, VALUE, Fixture, get
from dlms_vectors import hexed, unhex, vectors

GENERAL = "200010"  # conformance: general block transfer and GET, no blocks of GET's own
BOTH = "201010"
LB, STR = 0x80, 0x40
ANSWER = unhex("C401C100") + VALUE  # of a GET of LONG: 4 + 3 + 200 octets


class General(Fixture):
    """A client whose association allows general blocks; the fake model offers them too."""

    def __init__(self, pdu=64, conformance=GENERAL, window=7, info=128):
        super().__init__(pdu, conformance=conformance)
        self.window, self.info = window, info

    def __enter__(self):
        super().__enter__()
        self.server.line_window, self.server.line_info = self.window, self.info
        return self

    def turn(self, text):
        """Blocks of the answer: (control, number, acknowledged, octets)."""
        self.ask(text)
        s = self.server
        blocks = []
        at = s.out_pos
        while at < s.out_end:
            end = min(s.out_end, at + s.out_stride - 3) if s.out_stride else s.out_end
            blocks.append(_parse(bytes(s.out[at:end]), self.pdu))
            at = end + 3
        return blocks


def _parse(apdu, pdu):
    assert apdu[0] == 0xE0 and len(apdu) <= pdu, hexed(apdu)
    at = 7
    size = apdu[6]
    if size == 0x81:
        size, at = apdu[7], 8
        assert size > 0x7F
    elif size == 0x82:
        size, at = apdu[7] << 8 | apdu[8], 9
        assert size > 0xFF
    assert len(apdu) == at + size, hexed(apdu)
    return apdu[1], apdu[2] << 8 | apdu[3], apdu[4] << 8 | apdu[5], apdu[at:]


def block(control, number, acknowledged, data=""):
    """A block of the client as hex."""
    return "E0%02X%04X%04X%02X%s" % (control, number, acknowledged, len(data) // 2, data)


def ack(window, number, acknowledged):
    return block(LB | window, number, acknowledged)


def controls(blocks):
    """(last, streaming) of each, and their numbers."""
    flags = [(b[0] & LB != 0, b[0] & STR != 0) for b in blocks]
    return flags, [b[1] for b in blocks]


class TestAnswers(unittest.TestCase):
    def test_block_by_block(self):
        # 64 octets a block leave 57: 207 octets are three of them and 36.
        with General() as f:
            blocks = f.turn(get(LONG))
            for number in (1, 2, 3):
                blocks += f.turn(ack(1, number, number))
            self.assertEqual([len(b[3]) for b in blocks], [57, 57, 57, 36])
            self.assertEqual(b"".join([b[3] for b in blocks]), ANSWER)
            self.assertEqual([b[2] for b in blocks], [0, 1, 2, 3])
            self.assertEqual(
                controls(blocks), ([(False, False)] * 3 + [(True, False)], [1, 2, 3, 4])
            )
            self.assertEqual(f.ask(ack(1, 4, 4)), b"")

    def test_vector_acknowledgement_opens_a_window_of_three(self):
        # E0 83 0001 0002 00 acknowledges block 2: blocks 1 and 2 have to be there before.
        with General(20) as f:
            f.turn(get(LONG))
            f.turn(ack(1, 1, 1))
            text = hexed(vectors()["gbt_ack_only_block2"])
            self.assertEqual(text, ack(3, 1, 2))
            blocks = f.turn(text)
            flags = [(False, True), (False, True), (False, False)]
            self.assertEqual(controls(blocks), (flags, [3, 4, 5]))

    def test_every_size_and_window(self):
        for pdu in list(range(12, 40)) + [127, 128, 134, 135, 136, 137, 206, 207, 213, 214]:
            for window in (1, 2, 5, 63):
                with General(pdu, window=7, info=2030) as f:
                    blocks = f.turn(block(LB | window, 1, 0, get(LONG)))
                    while not blocks[-1][0] & LB:
                        self.assertEqual(blocks[-1][1], len(blocks))
                        more = f.turn(ack(window, 2, len(blocks)))
                        self.assertTrue(0 < len(more) <= window)
                        blocks += more
                    self.assertEqual(b"".join([b[3] for b in blocks]), ANSWER)

    def test_a_turn_of_the_line(self):
        # Blocks of 64 and an LLC header are 67 octets: 3 frames of 32, two blocks in 7 frames.
        for frames, info, want in ((7, 32, 2), (5, 32, 1), (1, 128, 1), (1, 32, 1), (3, 67, 3)):
            with General(64, window=frames, info=info) as f:
                f.turn(get(LONG))
                self.assertEqual(len(f.turn(ack(63, 1, 1))), want)

    def test_the_answer_buffer_bounds_a_turn(self):
        # 3 + 12 + 2 * 1024 octets, without those of a piece that sticks out: 2063 // (3 + 64) = 30.
        with General(64, window=7, info=2030) as f:
            f.model.dispatch.objects[LONG] = bytes(4000)
            f.turn(get(LONG))
            self.assertEqual(len(f.turn(ack(63, 1, 1))), 7)
            f.server.line_window = 63
            self.assertEqual(len(f.turn(ack(63, 2, 8))), 30)

    def test_short_answers_go_whole(self):
        with General() as f:
            self.assertEqual(f.ask(get(HELLO)), unhex("C401C100090548656C6C6F"))

    def test_own_blocks_win_unless_the_request_came_in_general_ones(self):
        with General(64, BOTH) as f:
            self.assertEqual(f.ask(get(LONG))[:2], unhex("C402"))
            self.assertEqual(f.turn(block(LB | 1, 1, 0, get(LONG)))[0][:3], (7, 1, 1))

    def test_not_negotiated(self):
        with General(64, "001010") as f:
            self.assertEqual(f.ask(ack(1, 1, 1)), unhex("D80102"))
            self.assertEqual(f.ask(block(LB | 1, 1, 0, get(HELLO))), unhex("D80102"))


class TestRecovery(unittest.TestCase):
    def turns(self, f, window):
        blocks = f.turn(get(LONG))
        return blocks + f.turn(ack(window, 1, 1))

    def test_lost_blocks_come_again_octet_by_octet(self):
        with General(30) as f:
            blocks = self.turns(f, 5)
            self.assertEqual([b[1] for b in blocks], [1, 2, 3, 4, 5, 6])
            f.model.dispatch.objects[LONG] = bytes(203)  # what was sent does not change
            for lost in (2, 3, 4, 5, 6):
                again = f.turn(ack(5, 2, lost - 1))
                self.assertEqual([b[1:2] + b[3:] for b in again],
                                 [b[1:2] + b[3:] for b in blocks[lost - 1 :]])  # fmt: skip
                self.assertEqual([b[2] for b in again], [2] * len(again))
                self.assertEqual([b[0] & STR for b in again], [STR] * (6 - lost) + [0])

    def test_a_smaller_window_for_the_repeat(self):
        with General(30) as f:
            blocks = self.turns(f, 5)
            again = f.turn(ack(2, 2, 2))
            self.assertEqual(controls(again), ([(False, True), (False, False)], [3, 4]))
            again += f.turn(ack(9, 3, 4))
            self.assertEqual([b[3] for b in again], [b[3] for b in blocks[2:]])

    def test_the_last_turn_can_be_repeated_until_it_is_acknowledged(self):
        with General(64) as f:
            f.turn(get(LONG))
            first = f.turn(ack(7, 1, 1))
            self.assertEqual([b[1] for b in first], [2, 3, 4])
            again = f.turn(ack(7, 2, 3))
            self.assertEqual([b[3] for b in again], [first[2][3]])
            self.assertEqual(controls(again), ([(True, False)], [4]))
            self.assertEqual(f.ask(ack(7, 3, 4)), b"")
            self.assertEqual(f.ask(ack(7, 3, 4)), unhex("D80102"))

    def test_the_whole_of_it(self):
        # A third of the blocks is lost, in no pattern; the client takes them in order only.
        for window in (1, 2, 7):
            with General(16) as f:
                blocks = f.turn(get(LONG))
                raw, have, count, own = b"", 0, 0, 0
                while True:
                    for _, number, _, data in blocks:
                        count += 1
                        if count * count % 7 % 3 and number == have + 1:
                            have, raw = number, raw + data
                    if raw == ANSWER:
                        break
                    own += 1
                    blocks = f.turn(ack(window, own, have))
                    self.assertTrue(blocks)
                self.assertEqual(f.ask(ack(window, own + 1, have)), b"")

    def test_acknowledged_beyond_or_gone(self):
        for number in (3, 0xFFFF):
            with General(64) as f:
                f.turn(get(LONG))
                self.assertEqual(f.ask(ack(1, 1, number)), unhex("D80101"))
                self.assertEqual(f.ask(ack(1, 1, 1)), unhex("D80102"))
        with General(20) as f:
            f.turn(get(LONG))
            f.turn(ack(1, 1, 1))
            f.turn(ack(1, 2, 2))
            self.assertEqual(f.ask(ack(1, 3, 1)), unhex("D80101"))

    def test_a_new_request_ends_it(self):
        with General(64, BOTH) as f:
            f.turn(block(LB | 1, 1, 0, get(LONG)))
            self.assertEqual(f.ask(get(HELLO))[3], 0)
            self.assertEqual(f.ask(ack(1, 2, 1)), unhex("D80102"))
            f.turn(block(LB | 1, 1, 0, get(LONG)))
            blocks = f.turn(block(LB | 1, 1, 0, get(HELLO)))
            self.assertEqual(blocks, [(LB | 7, 1, 1, unhex("C401C100090548656C6C6F"))])

    def test_a_value_that_breaks_off(self):
        with General(64) as f:
            f.turn(get(LONG))
            f.model.dispatch.failing = 1
            for number in (1, 2, 3):
                answer = f.ask(ack(1, number, number))
                if answer[0] == 0xD8:
                    break
            self.assertEqual(answer, unhex("D80103"))
            self.assertEqual(f.server.association.status, 0)


class TestRequests(unittest.TestCase):
    PARTS = ("C001C100", "010000", "600100FF0200")  # GET of HELLO
    WANT = unhex("C401C100090548656C6C6F")

    def test_one_block(self):
        with General() as f:
            got = f.turn(block(LB | 1, 1, 0, get(HELLO)))
            self.assertEqual(got, [(LB | 7, 1, 1, self.WANT)])

    def test_block_by_block(self):
        # Every block is acknowledged; the answer goes on with the numbers of the server.
        with General() as f:
            a, b, c = self.PARTS
            self.assertEqual(f.ask(block(1, 1, 0, a)), unhex(ack(7, 1, 1)))
            self.assertEqual(f.ask(block(1, 2, 1, b)), unhex(ack(7, 2, 2)))
            self.assertEqual(f.turn(block(LB | 1, 3, 2, c)), [(LB | 7, 3, 3, self.WANT)])

    def test_streaming(self):
        with General() as f:
            a, b, c = self.PARTS
            self.assertEqual(f.ask(block(STR | 3, 1, 0, a)), b"")
            self.assertEqual(f.ask(block(STR | 3, 2, 0, b)), b"")
            self.assertEqual(f.turn(block(LB | 3, 3, 0, c)), [(LB | 7, 1, 3, self.WANT)])

    def test_gbt_n1_gap_and_duplicates(self):
        with General() as f:
            a, b, c = self.PARTS
            f.ask(block(STR | 3, 1, 0, a))
            self.assertEqual(f.ask(block(LB | 3, 3, 0, c)), unhex(ack(7, 1, 1)))
            self.assertEqual(f.ask(block(3, 2, 1, b)), unhex(ack(7, 2, 2)))
            self.assertEqual(f.ask(block(3, 2, 1, b)), unhex(ack(7, 3, 2)))
            self.assertEqual(f.turn(block(LB | 3, 3, 3, c)), [(LB | 7, 4, 3, self.WANT)])

    def test_first_block_lost(self):
        with General() as f:
            self.assertEqual(f.ask(block(1, 2, 0, "00")), unhex(ack(7, 1, 0)))

    def test_window_0_is_not_acknowledged(self):
        with General() as f:
            a, b, c = self.PARTS
            self.assertEqual(f.ask(block(0, 1, 0, a)), b"")
            self.assertEqual(f.ask(block(0, 2, 0, b)), b"")
            self.assertEqual(f.turn(block(LB, 3, 0, c)), [(LB | 7, 1, 3, self.WANT)])

    def test_unconfirmed(self):
        with General() as f:
            self.assertEqual(f.ask(block(LB | 1, 1, 0, get(HELLO, "81"))), b"")

    def test_longer_than_the_server_takes(self):
        # 1024 octets in 10 blocks of 100 and one of 24 are taken; one octet more is not.
        for last, want in ((24, 0xE0), (25, 0xD8)):
            with General() as f:
                for number in range(1, 11):
                    f.ask(block(STR | 1, number, 0, "00" * 100))
                answer = f.ask(block(1, 11, 0, "00" * last))
                self.assertEqual(answer[0], want)
                if want == 0xD8:
                    self.assertEqual(answer, vectors()["exception_pdu_too_long"])
                    self.assertEqual(f.ask(block(1, 12, 0, "00")), unhex(ack(7, 1, 0)))

    def test_the_buffer_is_another_line_s(self):
        with General() as f, General() as g:
            a, b, c = self.PARTS
            f.ask(block(1, 1, 0, a))
            self.assertEqual(g.ask(block(1, 1, 0, a)), unhex("D80101"))
            self.assertEqual(f.ask(block(1, 2, 1, b))[0], 0xE0)
            f.server.released()
            self.assertEqual(g.ask(block(1, 1, 0, a)), unhex(ack(7, 1, 1)))
            g.server.released()
            self.assertEqual(f.ask(block(1, 1, 0, a)), unhex("D80102"))  # f has no association

    def test_what_is_wrong_inside(self):
        with General() as f:
            for inner, want in (
                ("EE00", "D80202"),
                ("0501" + "02FA00", "D80102"),
                ("6200", "D80102"),
                (ack(1, 1, 0), "D80102"),
            ):
                self.assertEqual(f.ask(block(LB | 1, 1, 0, inner)), unhex(want))
            self.assertEqual(f.ask(get(HELLO)), self.WANT)

    def test_truncation_at_every_octet(self):
        whole = block(LB | 1, 1, 0, get(HELLO))
        with General() as f:
            for n in range(2, len(whole), 2):
                self.assertEqual(f.ask(whole[:n]), unhex("D80102"))
            self.assertEqual(f.ask(whole + "00"), unhex("D80102"))
            self.assertEqual(f.turn(whole), [(LB | 7, 1, 1, self.WANT)])

    def test_vector_block_with_window_0(self):
        # The vector is a server's; as a request its APDU, a GET-response, is no request.
        with General() as f:
            self.assertEqual(f.ask(hexed(vectors()["gbt_last_block1_window0"])), unhex("D80202"))
        control, number, acknowledged, data = _parse(vectors()["gbt_last_block1_window0"], 64)
        self.assertEqual((control, number, acknowledged, len(data)), (LB, 1, 0, 11))

    def test_without_an_association(self):
        with General() as f:
            f.ask("6200")
            self.assertEqual(f.ask(block(LB | 1, 1, 0, get(HELLO))), unhex("D80102"))


class TestArithmetic(unittest.TestCase):
    def test_room(self):
        # 6 octets, and a length: 1 octet up to 7F, 2 up to FF, 3 above.
        for pdu in range(12, 1025):
            size = _room(pdu)
            length = 1 if size < 0x80 else 2 if size < 0x100 else 3
            self.assertTrue(6 + length + size <= pdu)
            self.assertTrue(pdu - (6 + length + size) <= 1)

    def test_shift(self):
        for to in range(12):
            for count in range(12):
                got = bytearray(range(30))
                want = bytearray(got)
                want[to : to + count] = got[6 : 6 + count]
                _shift(got, to, 6, count)
                self.assertEqual(got, want)


if __name__ == "__main__":
    unittest.main()
