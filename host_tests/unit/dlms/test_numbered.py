# I, RR, RNR and UI frames: numbers, window, segments both ways. Frames of the conformance catalogue.
import unittest

from dlms.hdlc import Link
from dlms_link import (
    AARQ, AARQ_ALL, AARQ_P0, RR0, SNRM, UA, EchoServer, frame_of, frame_of_rr, frame_with, info_of,
    link, send, split,
)  # fmt: skip
from dlms_vectors import exchange, unhex


class TestInformation(unittest.TestCase):
    def test_p1_1_exchange(self):
        a = link()
        control, info = info_of(send(a, SNRM, AARQ)[1])
        self.assertEqual(control, 0x30)
        self.assertEqual(info, b"\xe6\xe7\x00\x00\x01\x02\x03")
        client, server, apdu = a.server.requests[0]
        self.assertEqual((client, server, apdu[:2]), (16, 1, b"\x60\x1d"))

    def test_p6_no_poll_no_answer(self):
        a = link()
        self.assertEqual(send(a, SNRM, AARQ_P0)[1], "")
        self.assertEqual(info_of(send(a, RR0)[0])[0], 0x30)

    def test_p7_keep_alive(self):
        self.assertEqual(info_of(send(link(), SNRM, RR0)[1])[0], 0x11)

    def test_p10_repeat_is_not_executed_twice(self):
        a = link()
        first, again = send(a, SNRM, AARQ, AARQ)[1:]
        self.assertEqual(first, again)
        self.assertEqual(len(a.server.requests), 1)

    def test_p11_lost_answer_is_sent_again(self):
        a = link()
        first, again = send(a, SNRM, AARQ, RR0)[1:]
        self.assertEqual(first, again)

    def test_n1_too_long(self):
        text = frame_of(0x10, bytes(129))
        self.assertEqual(send(link(), SNRM, text)[1], "7EA00C2103973E21100004C60C7E")

    def test_n8_request_without_room(self):
        """67 octets have room; 72 do not, and when they end the application hears of it."""
        a = link()
        parts = [b"\xe6\xe6\x00" + bytes(21)] + [bytes(24)] * 2
        for k in range(3):
            answer = send(a, *([SNRM] * (k == 0)), frame_of(0x10 | k << 1, parts[k], k < 2))[-1]
            self.assertEqual(info_of(answer)[0], (k + 1) << 5 | 0x11 if k < 2 else 0x70)
        self.assertEqual(a.server.requests, ["too long"])
        send(a, frame_of(0x36, b"\xe6\xe6\x00\xc0"))
        self.assertEqual(a.server.requests[1:], [(16, 1, b"\xc0")])

    def test_n2_invalid_nr(self):
        self.assertEqual(
            send(link(), SNRM, "7EA00703213117877E")[1], "7EA00C2103973E213100084D9F7E"
        )

    def test_n5_broadcast(self):
        a = link()
        self.assertEqual(send(a, SNRM, AARQ_ALL)[1], "")
        self.assertEqual(a.server.requests, [])

    def test_n6_and_llc_n2(self):
        a = link()
        answers = send(a, SNRM, "7EA00703211" + "09CB77E")
        self.assertEqual(info_of(answers[1])[0], 0x31)  # RR N(R) = 1
        answers = send(link(), SNRM, "7EA00B032110A820E6E6AFC37E")
        self.assertEqual(info_of(answers[1])[0], 0x31)

    def test_p1_2_segments_in(self):
        a = link()
        rr = "7EA00721033117217E"
        first = "7EA81D032110B3F2E6E600601DA109060760857405080101BE10040E47017E"
        self.assertEqual(send(a, SNRM, first)[1], rr)
        self.assertEqual(a.server.requests, [])
        second = frame_of(0x12, unhex("01000000065F1F0400007E1F04B0"))
        self.assertEqual(info_of(send(a, second)[0])[0], 0x50)
        self.assertEqual(a.server.requests[0][2], unhex(AARQ[22:-6]))

    def test_n7_segmentation_interrupted(self):
        first = "7EA81D032110B3F2E6E600601DA109060760857405080101BE10040E47017E"
        a = link()
        self.assertEqual(send(a, SNRM, first, SNRM, AARQ)[2], UA)
        self.assertEqual(len(a.server.requests), 1)


def proposal(info, window):
    """Information field of an SNRM, both directions alike."""
    return unhex("8180140502%04X0602%04X0704%08X0804%08X" % (info, info, window, window))


class TestSegments(unittest.TestCase):
    def open(self, size, info, window):
        a = link(size, 2030, window)
        send(a, frame_of(0x93, proposal(info, window)))
        return a

    def collect(self, a, control=0x10):
        """All I frames of one poll: (control, info, S bit)."""
        octets = exchange(a, unhex(frame_of(control, unhex("E6E600C0"))), size=2100)
        return split(octets)

    def test_window_1(self):
        a = self.open(100, 40, 1)
        frames = self.collect(a)
        self.assertEqual([f[0] for f in frames], [0x30])
        got = frames[0][1]
        for nr, last in ((1, False), (2, True)):
            frames = split(exchange(a, unhex(frame_of_rr(nr))))
            self.assertEqual([f[0] for f in frames], [0x30 | nr << 1])
            self.assertEqual(frames[0][2], not last)
            got += frames[0][1]
        self.assertEqual(got, b"\xe6\xe7\x00" + bytes(range(100)))

    def test_p4_window_3_of_six_segments(self):
        a = self.open(6 * 32 - 3, 32, 3)
        frames = self.collect(a)
        self.assertEqual([f[0] for f in frames], [0x20, 0x22, 0x34])  # only the third has F
        again = split(exchange(a, unhex(frame_of_rr(1))))
        self.assertEqual([f[0] for f in again], [0x22, 0x24, 0x36])
        self.assertEqual(again[0][1], frames[1][1])
        rest = split(exchange(a, unhex(frame_of_rr(4))))
        self.assertEqual([f[0] for f in rest], [0x28, 0x3A])
        self.assertFalse(rest[1][2])

    def test_p5_client_window(self):
        a = self.open(4, 128, 3)
        quiet = [exchange(a, unhex(frame_of(c, b"\xe6\xe6\x00", True))) for c in (0x00, 0x02)]
        self.assertEqual(quiet, [b"", b""])
        rr = exchange(a, unhex(frame_of(0x14, b"\xc0", True)))
        self.assertEqual(rr[5], 0x71)

    def test_rnr_holds(self):
        a = self.open(100, 40, 1)
        self.collect(a)
        rnr = exchange(a, unhex(frame_of_rr(1, 0x15)))
        self.assertEqual(rnr[5], 0x31)
        self.assertEqual(len(split(exchange(a, unhex(frame_of_rr(1))))[0][1]), 40)

    def test_info_p3_numbers_wrap(self):
        a = self.open(4, 128, 1)
        for k in range(20):
            control = (k & 7) << 5 | 0x10 | (k & 7) << 1
            frames = self.collect(a, control)
            self.assertEqual(frames[0][0], (k + 1 & 7) << 5 | 0x10 | (k & 7) << 1)

    def test_2030_both_ways(self):
        # The largest information field there is; with a four-octet address 2042 octets, 7FA.
        a = Link(EchoServer(2030, 3000), 17, 2030, 7, 200, 120000, 0)
        head = "0002002321"
        ua = unhex(send(a, frame_with(head + "93", proposal(2030, 7)))[0])
        self.assertEqual(ua[11:-3], proposal(2030, 7))
        first = unhex(frame_with(head + "10", b"\xe6\xe6\x00" + bytes(2027), True))
        self.assertEqual((first[1:3], len(first)), (b"\xaf\xfa", 2044))
        self.assertEqual(exchange(a, first)[8], 0x31)
        answer = exchange(a, unhex(frame_with(head + "12", bytes(10))), size=2044)
        self.assertEqual(a.server.requests, [(16, 1, bytes(2037))])
        self.assertEqual((answer[1:3], answer[8], answer[2052]), (b"\xaf\xfa", 0x40, 0x52))
        self.assertEqual(answer[11:14] + answer[14:2041] + answer[2055:2058],
                         b"\xe6\xe7\x00" + bytes([k & 0xFF for k in range(2030)]))

    def test_2031_is_too_long(self):
        a = self.open(4, 2030, 1)
        frmr = info_of(send(a, frame_of(0x10, bytes(2031)))[0])
        self.assertEqual(frmr, (0x97, b"\x10\x00\x04"))


class TestSeveralApdus(unittest.TestCase):
    """General blocks of one turn: 40, 40 and 14 octets, an LLC header between them."""

    WANT = [
        # (S bit, N(S), F, octets): 3 + 40 is 32 and 11, 3 + 14 is one frame
        (True, 0, False, 32),
        (False, 1, False, 11),
        (True, 2, False, 32),
        (False, 3, False, 11),
        (False, 4, True, 17),
    ]

    def link(self, window):
        a = link(100)
        send(a, SNRM)
        a.server.out_stride = 43
        a.limits.info_tx, a.limits.window_tx = 32, window
        return a

    def frames(self, answer):
        got, apdus = [], [b""]
        for control, info, segmented in split(unhex(answer)):
            got.append((segmented, control >> 1 & 7, bool(control & 0x10), len(info)))
            apdus[-1] += info
            if not segmented:
                apdus.append(b"")
        return got, apdus[:-1]

    def test_one_turn(self):
        a = self.link(7)
        got, apdus = self.frames(send(a, AARQ)[0])
        self.assertEqual(got, self.WANT)
        out = a.server.out
        want = [bytes(out[at : at + size]) for at, size in ((3, 40), (46, 40), (89, 14))]
        self.assertEqual(apdus, [unhex("E6E700") + apdu for apdu in want])

    def test_polled_one_by_one_and_repeated(self):
        a = self.link(1)
        got = self.frames(send(a, AARQ)[0])[0]
        for nr in (1, 1, 2, 3, 4):  # RR with N(R), P = 1; N(R) = 1 twice: frame 1 comes again
            got += self.frames(send(a, frame_of_rr(nr))[0])[0]
        want = self.WANT[:2] + self.WANT[1:]
        self.assertEqual([(row[0], row[3]) for row in got], [(row[0], row[3]) for row in want])
        self.assertEqual([row[1] for row in got], [0, 1, 1, 2, 3, 4])


class TestUnnumbered(unittest.TestCase):
    APDU = b"\xe6\xe6\x00\xc1\x01"

    def test_ui_p1_no_answer_and_numbers_stay(self):
        a = link()
        answers = send(a, SNRM, frame_of(0x03, self.APDU), frame_of(0x13, self.APDU), RR0)
        self.assertEqual((answers[1:3], info_of(answers[3])[0]), (["", ""], 0x11))
        self.assertEqual(a.server.unanswered, [(16, 1, b"\xc1\x01")] * 2)

    def test_ui_p1_in_ndm(self):
        a = link()
        self.assertEqual(send(a, frame_of(0x03, self.APDU), frame_of(0x13, self.APDU)), ["", ""])
        self.assertEqual(a.server.unanswered, [])

    def test_ui_of_another_client(self):
        a = link()
        self.assertEqual(send(a, SNRM, frame_with("030303", self.APDU))[1], "")
        self.assertEqual(a.server.unanswered, [])

    def test_ui_n2_too_long(self):
        a = link()
        answers = send(a, SNRM, frame_of(0x03, bytes(129)), RR0)
        self.assertEqual((answers[1], info_of(answers[2])), ("", (0x97, b"\x03\x00\x04")))

    def test_llc_p2_broadcast_lsap(self):
        a = link()
        apdu = b"\xff" + self.APDU[1:]
        answers = send(a, SNRM, frame_of(0x03, apdu), frame_of(0x10, apdu))
        self.assertEqual((answers[1], info_of(answers[2])[0]), ("", 0x31))
        self.assertEqual((len(a.server.unanswered), a.server.requests), (1, []))

    def test_llc_other_headers_are_dropped(self):
        a = link()
        send(a, SNRM)
        for header in (b"", b"\xe6", b"\xe6\xe6\x00", b"\xe6\xe7\x00\xc1", b"\xe6\xe6\x01\xc1",
                       b"\xfe\xe6\x00\xc1"):
            send(a, frame_of(0x03, header))
        self.assertEqual((a.server.unanswered, a.server.requests), ([], []))

    def test_an_answer_under_way_is_not_spoilt(self):
        # Two segments, one of them sent: the request would be served in their buffer.
        a = link(200)
        send(a, SNRM, frame_of(0x10, self.APDU), frame_of(0x03, self.APDU))
        self.assertEqual(a.server.unanswered, [])
        rest = split(exchange(a, unhex(frame_of_rr(1))))
        self.assertEqual((rest[0][0], len(rest[0][1])), (0x32, 203 - 128))

    def test_an_answer_sent_to_its_end_counts_as_taken(self):
        a = link()
        send(a, SNRM, frame_of(0x10, self.APDU), frame_of(0x03, self.APDU))
        self.assertEqual(len(a.server.unanswered), 1)
        self.assertEqual(info_of(send(a, frame_of_rr(1))[0])[0], 0x31)
        self.assertEqual(info_of(send(a, frame_of(0x32, self.APDU))[0])[0], 0x52)

    def test_an_answer_given_up_cannot_be_asked_for(self):
        a = link()
        send(a, SNRM, frame_of(0x10, self.APDU), frame_of(0x03, self.APDU))
        self.assertEqual(info_of(send(a, RR0)[0]), (0x97, b"\x11\x22\x08"))


if __name__ == "__main__":
    unittest.main()
