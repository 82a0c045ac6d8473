# The link state machine. Frames are those of the conformance catalogue (its ids in the names);
# their check sequences come from there, so no frame here was made by the code under test.
import unittest

from dlms.hdlc import Link
from dlms_vectors import exchange, hexed, unhex
from test_fcs import bitwise

SNRM = "7EA0070321930F017E"
UA = "7EA01E210373C37A818012050180060180070400000001080400000001533B7E"
DISC = "7EA00703215303C77E"
UA_PLAIN = "7EA00721037301407E"
DM = "7EA00721031F6BE97E"
RR0 = "7EA00703211115A67E"
AARQ = "7EA02B032110FBAFE6E600601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0CAEA7E"
AARQ_P0 = (
    "7EA02B0321007ABFE6E600601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0CAEA7E"
)
AARQ_ALL = (
    "7EA02BFF21106C86E6E600601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0CAEA7E"
)


class EchoServer:
    """Application that answers each APDU with `size` octets, or with nothing."""

    max_pdu_rx = 64
    out_stride = 0

    def __init__(self, size=4):
        self.out = bytearray(3) + bytes([k & 0xFF for k in range(1000)])
        self.out_pos = self.out_end = 3
        self.size = size
        self.requests = []
        self.releases = 0

    def serves(self, upper):
        return upper == 1

    def released(self):
        self.releases += 1

    def answer(self, client, server, buf, pos, end):
        self.requests.append((client, server, bytes(buf[pos:end])))
        self.out_end = 3 + self.size


def link(size=4, max_info=128, window=1, lower=17):
    return Link(EchoServer(size), lower, max_info, window, 200, 120000)


def send(a_link, *frames, now_ms=0):
    """Answers to the frames, in hex, one after the other."""
    return [hexed(exchange(a_link, unhex(f), now_ms)) for f in frames]


def info_of(answer):
    """(control, information) of a one-octet-address frame in hex."""
    octets = unhex(answer)
    return octets[5], octets[8:-3]


class TestLinkStates(unittest.TestCase):
    def test_snrm_ua_disc_dm(self):
        self.assertEqual(send(link(), SNRM, DISC, DISC), [UA, UA_PLAIN, DM])

    def test_frame_p2_inter_octet_time_out(self):
        a = link()
        send(a, SNRM, "7EA00703215303C7")
        a.tick(201)
        rr = send(a, RR0, now_ms=300)[0]
        self.assertEqual(info_of(rr)[0], 0x11)
        self.assertEqual(a.reader.dropped, 1)

    def test_frame_p3_inactivity(self):
        a = link()
        send(a, SNRM)
        a.tick(132000)
        self.assertEqual(a.server.releases, 1)
        self.assertEqual(send(a, DISC, now_ms=132000), [DM])

    def test_frame_p3_2_inactivity_restarts(self):
        a = link()
        send(a, SNRM)
        for k in range(1, 4):
            send(a, RR0, now_ms=k * 108000)
        self.assertEqual(send(a, DISC, now_ms=4 * 108000), [UA_PLAIN])

    def test_tick_counter_wraps(self):
        a = link()
        send(a, SNRM, now_ms=0x3FFFFFFF)
        a.tick(10)
        self.assertEqual(send(a, DISC, now_ms=20), [UA_PLAIN])

    def test_frame_n4_lengths(self):
        a = link()
        self.assertEqual(send(a, "7EA0080321930F017E"), [""])
        a.tick(300)
        self.assertEqual(send(a, DISC, now_ms=300), [DM])
        self.assertEqual(
            send(a, "7EA0060321930F017E", "7EA0000321930F017E", DISC, now_ms=300), ["", "", DM]
        )

    def test_frame_n5_unknown_control(self):
        frmr = "7EA00C2103973E21FF00010D187E"
        self.assertEqual(send(link(), SNRM, "7EA0070321FF65A87E", SNRM), [UA, frmr, UA])

    def test_frame_n5_2_n5_3(self):
        self.assertEqual(
            send(link(), SNRM, "7EA0070321BF61EA7E")[1], "7EA00C2103973E21BF00017B1E7E"
        )
        self.assertEqual(
            send(link(), SNRM, "7EA0070321195D2A7E")[1], "7EA00C2103973E2119000175C77E"
        )

    def test_frame_n6_information_not_allowed(self):
        self.assertEqual(
            send(link(), SNRM, "7EA00A0321119A2D00CCC67E")[1], "7EA00C2103973E21110003A5227E"
        )

    def test_frame_n8_2_bad_fcs(self):
        bad = "7EA01E032193CD3B818012050180060180070400000001080400000001523B7E"
        self.assertEqual(send(link(), bad, DISC), ["", DM])

    def test_ndm2nrm_p8_snrm_resets(self):
        a = link()
        send(a, SNRM, AARQ)
        self.assertEqual(send(a, SNRM), [UA])
        self.assertEqual(a.server.releases, 1)
        self.assertEqual(info_of(send(a, AARQ)[0])[0], 0x30)  # N(S) = 0, N(R) = 1 again

    def test_ndm2nrm_n1_unknown_parameter(self):
        self.assertEqual(send(link(), "7EA00F032193D7E48180030B0101950C7E", DISC), [DM, DM])

    def test_ndm2nrm_n4_no_poll(self):
        self.assertEqual(send(link(), "7EA0070321838E117E", DISC), ["", DM])

    def test_ndmop_n1_information_in_ndm(self):
        a = link()
        self.assertEqual(send(a, AARQ), [DM])
        self.assertEqual(a.server.requests, [])

    def test_disc_p3_broadcast(self):
        a = link()
        self.assertEqual(send(a, SNRM, "7EA007FF214315FE7E", DISC), [UA, "", DM])

    def test_info_n4_after_frmr(self):
        a = link()
        frmr = send(a, SNRM, "7EA0070321FF65A87E")[1]
        self.assertEqual(send(a, RR0, AARQ), [frmr, frmr])
        self.assertEqual(a.server.requests, [])
        self.assertEqual(send(a, DISC), [UA_PLAIN])


class TestAddresses(unittest.TestCase):
    def test_p1_two_octets(self):
        self.assertEqual(
            send(link(), "7EA00802232193BD647E"),
            ["7EA01F21022373E6C7818012050180060180070400000001080400000001533B7E"],
        )

    def test_p1_four_octets(self):
        self.assertEqual(
            send(link(), "7EA00A00020023219318717E"),
            ["7EA02121000200237" + "34DF2818012050180060180070400000001080400000001533B7E"],
        )

    def test_n1_two_octet_client(self):
        self.assertEqual(
            send(link(), "7EA00B0002040100219361807E", "7EA0080300219359947E", DISC), ["", "", DM]
        )

    def test_n2_client_address_reserved(self):
        self.assertEqual(send(link(), "7EA00703FF9324C47E", "7EA0070301933C227E"), ["", ""])

    def test_n3_snrm_to_everybody(self):
        self.assertEqual(send(link(), "7EA007FF219398287E", "7EA007012193B7B47E"), ["", ""])

    def test_n4_foreign_devices(self):
        self.assertEqual(
            send(
                link(),
                "7EA007052193D6D77E",
                "7EA00721" + "21938CB77E",
                "7EA00802252193" + "64B27E",
                "7EA00A000200252193C1A77E",
            ),
            [""] * 4,
        )

    def test_n5_calling(self):
        self.assertEqual(send(link(), "7EA00802FD03932AEB7E"), [""])

    def test_n7_three_and_five_octets(self):
        self.assertEqual(
            send(link(), "7EA0090002052193AFD07E", "7EA00B0002000203" + "2193D8677E"), ["", ""]
        )

    def test_n10_second_client(self):
        # RR of client 1 is not answered for client 16, whose link stays.
        a = link()
        self.assertEqual(send(a, SNRM, "7EA00703031196B67E", DISC), [UA, "", UA_PLAIN])


    def test_second_client_waits_until_the_first_is_abandoned(self):
        # SNRM of client 1: 7E A0 07 03 03 93 and the check sequence by definition.
        body = b"\xa0\x07\x03\x03\x93"
        fcs = bitwise(body)
        snrm = "7E" + hexed(body) + "%02X%02X7E" % (fcs & 0xFF, fcs >> 8)
        a = link()
        send(a, SNRM, now_ms=0)
        self.assertEqual(unhex(send(a, snrm, now_ms=10000)[0])[5], 0x1F)
        send(a, RR0, now_ms=12000)
        self.assertEqual(unhex(send(a, snrm, now_ms=26000)[0])[5], 0x1F)
        self.assertEqual(a.server.releases, 0)
        self.assertEqual(unhex(send(a, snrm, now_ms=27001)[0])[3:6], b"\x03\x03\x73")
        self.assertEqual(a.server.releases, 1)
        self.assertEqual(send(a, RR0, now_ms=27002), [""])  # the first is nobody any more


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
        # 129 octets of information where 128 were agreed; frame written by the arithmetic of 6.4.
        from dlms.fcs import fcs16

        body = bytearray(unhex("A08A032110")) + bytearray(2) + bytearray(129)
        body[1] = len(body) + 2
        hcs = fcs16(body, 0, 5)
        body[5:7] = bytes((hcs & 0xFF, hcs >> 8))
        fcs = fcs16(body, 0, len(body))
        text = "7E" + hexed(body) + "%02X%02X7E" % (fcs & 0xFF, fcs >> 8)
        self.assertEqual(send(link(), SNRM, text)[1], "7EA00C2103973E21100004C60C7E")

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

    def test_n8_request_larger_than_the_buffer(self):
        a = link()
        send(a, SNRM)
        part = bytes(40)  # 3 + 64 octets fit
        self.assertEqual(info_of(send(a, frame_of(0x10, part, True))[0])[0], 0x31)
        control, info = info_of(send(a, frame_of(0x12, part, True))[0])
        self.assertEqual((control, info), (0x97, b"\x12\x20\x04"))  # V(R) = 1, reason Y


def frame_of(control, info, segmented=False):
    """A client frame in hex, check sequences from the definition of the FCS."""
    body = bytearray((0xA8 if segmented else 0xA0, len(info) + 9, 0x03, 0x21, control))
    hcs = bitwise(body)
    body += bytes((hcs & 0xFF, hcs >> 8)) + info
    fcs = bitwise(body)
    return "7E" + hexed(body) + "%02X%02X7E" % (fcs & 0xFF, fcs >> 8)


class TestSegments(unittest.TestCase):
    def open(self, size, info, window):
        a = link(size, 2030, window)
        proposal = "8180%02X" % 18 + "0501%02X0601%02X07040000000%d08040000000%d" % (
            info,
            info,
            window,
            window,
        )
        send(a, frame_of(0x93, unhex(proposal)))
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


def frame_of_rr(nr, base=0x11):
    body = bytearray((0xA0, 7, 0x03, 0x21, nr << 5 | base))
    fcs = bitwise(body)
    return "7E" + hexed(body) + "%02X%02X7E" % (fcs & 0xFF, fcs >> 8)


def split(octets):
    """(control, info, S bit) of frames with one-octet addresses that follow one another."""
    frames = []
    while octets:
        size = (octets[1] & 7) << 8 | octets[2]
        frames.append((octets[5], octets[8 : size - 1], octets[1] & 8 != 0))
        octets = octets[size + 2 :]
    return frames


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


if __name__ == "__main__":
    unittest.main()
