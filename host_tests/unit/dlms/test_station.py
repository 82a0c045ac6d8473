# Addresses of 1, 2 and 4 octets: whom a frame is for. Frames of the conformance catalogue.
import unittest

from dlms_link import DISC, DM, SNRM, UA_PLAIN, frame_with, link, send
from dlms_vectors import unhex

UI = b"\xe6\xe6\x00\xc0"  # LLC header and an APDU


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

    def test_n6_lengths_against_the_own_one(self):
        # DISC to logical device 1, physical device 17, in NDM: DM or nothing. Rows: own length.
        for own, want in (
            (0, (True, True, True)),
            (1, (True, False, False)),
            (2, (False, True, False)),
            (4, (False, True, True)),
        ):
            for address, answered in zip(("03", "0223", "00020023"), want):
                answer = send(link(octets=own), frame_with(address + "2153"))[0]
                self.assertEqual(answer != "", answered, (own, address))

    def test_p2_widened_address_is_the_same_station(self):
        a = link(octets=4)
        ua = unhex(send(a, "7EA00802232193BD647E")[0])
        self.assertEqual(ua[3:7], unhex("21022373"))
        self.assertEqual(unhex(send(a, frame_with("000200232153"))[0])[3:9], unhex("210002002373"))

    def test_p4_call_is_answered_with_the_real_address(self):
        for head, source in (("02FD", "0223"), ("0002FEFD", "00020023")):
            a = link()
            self.assertEqual(send(a, frame_with(head + "2193")), [""])
            a.station.calling = True
            answer = unhex(send(a, frame_with(head + "2193"))[0])
            self.assertEqual(answer[4 : 5 + len(source) // 2], unhex(source + "73"))

    def test_p4_call_to_an_address_too_long_for_two_octets(self):
        # 1000 = 7 * 128 + 104: 0E D1 in the four octets, and nothing that two could say.
        a = link(lower=1000)
        a.station.calling = True
        self.assertEqual(send(a, frame_with("02FD2193")), [""])
        self.assertEqual(unhex(send(a, frame_with("0002FEFD2193"))[0])[4:9], unhex("00020ED173"))


class TestBroadcast(unittest.TestCase):
    def heard(self, head, info=UI, octets=0, state=SNRM):
        """What the application got of a broadcast in NRM, which is never answered."""
        a = link(octets=octets)
        send(a, state)
        self.assertEqual(send(a, frame_with(head, info)), [""])
        self.assertEqual(a.server.requests, [])
        return a.server.unanswered

    def test_p3_ui_to_all_stations_with_our_device(self):
        for head in ("02FF2103", "0002FEFF2103"):
            for octets in (0, 1):
                self.assertEqual(self.heard(head, octets=octets), [(16, 1, b"\xc0")])

    def test_ui_to_all_devices(self):
        for head in ("FF2103", "FEFF2103", "FE232103", "FEFEFEFF2103", "FF2113"):
            self.assertEqual(self.heard(head), [(16, 1, b"\xc0")], head)

    def test_ui_for_somebody_else(self):
        # Logical device 2; client 1; physical device 18; too long for the link.
        for head in ("04FF2103", "FF0303", "FE252103"):
            self.assertEqual(self.heard(head), [], head)
        self.assertEqual(self.heard("FF2103", UI + bytes(125)), [])

    def test_ui_without_link(self):
        self.assertEqual(self.heard("FF2103", state=DISC), [])

    def test_ui_of_a_rejected_link(self):
        a = link()
        send(a, SNRM, frame_with("0321FF"), frame_with("FF2103", UI))
        self.assertEqual(a.server.unanswered, [])

    def test_disc_p3_to_us_among_all(self):
        for head in ("FF2143", "FF2153", "02FF2143", "FEFEFEFF2143"):
            self.assertEqual(send(link(), SNRM, frame_with(head), DISC)[1:], ["", DM])

    def test_rr_to_all_is_nothing(self):
        self.assertEqual(send(link(), SNRM, frame_with("FF21F1"), DISC)[1:], ["", UA_PLAIN])


if __name__ == "__main__":
    unittest.main()
