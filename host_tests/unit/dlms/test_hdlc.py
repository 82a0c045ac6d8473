# The link state machine. Frames are those of the conformance catalogue (its ids in the names);
# their check sequences come from there, so no frame here was made by the code under test.
import unittest

from dlms_link import (
    AARQ, DISC, DM, RR0, SNRM, UA, UA_PLAIN, frame_with, info_of, link, send,
)  # fmt: skip
from dlms_vectors import unhex


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

    def test_new_settings_come_in_at_the_end_of_the_link(self):
        told = []
        for end in (lambda a: send(a, DISC), lambda a: a.tick(132000)):
            a = link()
            a.closed = told.append
            send(a, SNRM, SNRM)
            self.assertEqual(told, [])
            end(a)
            self.assertEqual(told, [a])
            told.clear()

    def test_line_changes_behind_the_ua(self):
        a = link()
        a.own_line = 0x13
        self.assertEqual(a.line(), 0x13)
        send(a, SNRM)

        def closed(ended):
            ended.own_line = 0x17

        a.closed = closed
        self.assertEqual(a.line(), 0x13)
        disc = unhex(DISC)
        a.feed(disc, len(disc), 0)
        self.assertEqual((a.state, a.line()), (0, 0x13))
        a.reply(bytearray(200))
        self.assertEqual(a.line(), 0x17)

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

    def test_snrm_and_disc_without_poll_change_nothing_in_nrm(self):
        a = link()
        rr = send(a, SNRM, RR0)[1]
        self.assertEqual(send(a, frame_with("032183"), frame_with("032143"), RR0), ["", "", rr])
        self.assertEqual((a.server.releases, send(a, DISC)), (0, [UA_PLAIN]))

    def test_frame_n1_1_flag_and_a_pause(self):
        # Behind a pause the flag that closed a frame does not open the next one.
        a = link()
        send(a, DISC, now_ms=0)
        a.tick(201)
        self.assertEqual(send(a, SNRM[2:], DISC, now_ms=210), ["", DM])
        self.assertEqual(a.reader.dropped, 0)

    def test_frmr_waits_for_a_poll(self):
        a = link()
        frames = send(a, SNRM, frame_with("0321EF"), RR0)  # EF is FF without poll
        self.assertEqual((frames[1], info_of(frames[2])), ("", (0x97, b"\xef\x00\x01")))

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


class TestSecondClient(unittest.TestCase):
    def test_n10_second_client(self):
        # RR of client 1 is not answered for client 16, whose link stays.
        a = link()
        self.assertEqual(send(a, SNRM, "7EA00703031196B67E", DISC), [UA, "", UA_PLAIN])

    def test_second_client_waits_until_the_first_is_abandoned(self):
        snrm = frame_with("030393")  # of client 1
        a = link()
        send(a, SNRM, now_ms=0)
        self.assertEqual(unhex(send(a, snrm, now_ms=10000)[0])[5], 0x1F)
        send(a, RR0, now_ms=12000)
        self.assertEqual(unhex(send(a, snrm, now_ms=26000)[0])[5], 0x1F)
        self.assertEqual(a.server.releases, 0)
        self.assertEqual(unhex(send(a, snrm, now_ms=27001)[0])[3:6], b"\x03\x03\x73")
        self.assertEqual(a.server.releases, 1)
        self.assertEqual(send(a, RR0, now_ms=27002), [""])  # the first is nobody any more

    def test_second_client_without_poll_takes_nothing(self):
        a = link()
        send(a, SNRM, now_ms=0)
        self.assertEqual(send(a, frame_with("030383"), now_ms=27000), [""])
        self.assertEqual((a.server.releases, send(a, DISC, now_ms=27001)), (0, [UA_PLAIN]))


if __name__ == "__main__":
    unittest.main()
