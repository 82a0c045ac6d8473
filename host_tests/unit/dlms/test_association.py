# AARQ in, AARE out: vectors of other programs and the APPL_* cases of the conformance catalogue.
import unittest

from dlms.server import Server
from dlms_fakes import FakeModel, ask
from dlms_vectors import unhex, vectors

CONTEXT = "A109060760857405080101"
USER = "BE10040E01000000065F1F0400007E1F04B0"
LLS = "8A0207808B0760857405080201AC0A80083132333435363738"
GET = unhex("C001C100010000600100FF0200")


def aarq(*fields):
    body = unhex("".join(fields))
    return bytes((0x60, len(body))) + body


def rejected(diagnostic, source="A1", error=""):
    user = "BE0604040E0106" + error if error else ""
    body = CONTEXT + "A203020101A305" + source + "030201" + diagnostic + user
    return bytes((0x61, len(body) // 2)) + unhex(body)


def accepted(pdu="0400", conformance="00501F"):
    return unhex(
        "6129"
        + CONTEXT
        + "A203020100A305A103020100BE10040E0800065F1F0400"
        + conformance
        + pdu
        + "0007"
    )


class TestAssociation(unittest.TestCase):
    def judge(self, apdu, client=17, device=1):
        with FakeModel():
            self.server = Server(1024, 1024)
            return ask(self.server, apdu, client, device)

    def test_vectors_of_an_accepted_association(self):
        v = vectors()
        self.assertEqual(self.judge(v["aarq_ln_lowest"]), accepted())
        self.assertEqual(self.judge(v["aarq_ln_lls_12345678"], 16), accepted())
        # Called titles, AE qualifiers and invocation identifiers are skipped (APPL_OPEN_6/1).
        self.assertEqual(self.judge(aarq_of_unused_fields()), v["beh_aarq_unused_fields_ignored"])

    def test_initiate_errors_of_the_vectors(self):
        v = vectors()
        for name, text in (
            (
                "beh_aarq_version_5",
                "601DA109060760857405080101BE10040E01000000055F1F040060FE9FFFFF",
            ),
            (
                "beh_aarq_conformance_none",
                "601DA109060760857405080101BE10040E01000000065F1F0400000000FFFF",
            ),
            (
                "beh_aarq_pdu_size_11",
                "601DA109060760857405080101BE10040E01000000065F1F040060FE9F000B",
            ),
        ):
            self.assertEqual(self.judge(unhex(text)), v[name])
            self.assertEqual(self.server.association.status, 0)

    def test_open_4_protocol_version(self):
        self.assertEqual(self.judge(aarq("80020780", CONTEXT, USER)), accepted())
        self.assertEqual(self.judge(aarq("80020284", CONTEXT, USER)), accepted())
        self.assertEqual(
            self.judge(aarq("80020700", CONTEXT, USER)),
            vectors()["aare_rejected_provider_no_common_acse_version"],
        )

    def test_open_5_context(self):
        want = vectors()["aare_rejected_context_no_userinfo"]
        for context in (
            "A109060760857405080102",
            "A109060760857405080103",
            "",
            "A109060760857405080109",
            "A10906075F857504070203",
        ):
            self.assertEqual(self.judge(aarq(context, USER)), want)

    def test_open_7_no_security(self):
        self.assertEqual(self.judge(aarq(CONTEXT, LLS, USER)), rejected("0D"))
        # Mechanism 0 by name is lowest security.
        none = "8A0207808B0760857405080200"
        self.assertEqual(self.judge(aarq(CONTEXT, none, USER)), accepted())

    def test_open_7_lls(self):
        for fields, diagnostic in (
            ("", "0E"),
            ("8A0207008B0760857405080201AC0A80083132333435363738", "0D"),
            ("8A0207808B0760857405080202AC0A80083132333435363738", "0D"),
            ("8A0207808B076085740508025FAC0A80083132333435363738", "0B"),
            ("8A0207808B0760857405080201AC0A80083132333435363739", "0D"),
            ("8A0207808B0760857405080201AC09800731323334353637", "0D"),
            ("8A0207808B0760857405080201AC0B8009313233343536373839", "0D"),
            ("8A0207808B0760857405080201AC028000", "0D"),
            ("8A0207808B0760857405080201", "0D"),
            ("8A020780AC0A80083132333435363738", "0C"),
        ):
            self.assertEqual(self.judge(aarq(CONTEXT, fields, USER), 16), rejected(diagnostic))
            self.assertEqual(self.server.association.status, 0)

    def test_open_8_implementation_information(self):
        self.assertEqual(self.judge(aarq(CONTEXT, "BD03800141", USER)), accepted())

    def test_open_9_dedicated_key(self):
        user = "BE21041F0101100001020304050607" + "08090A0B0C0D0E0F0000065F1F0400007E1F04B0"
        self.assertEqual(self.judge(aarq(CONTEXT, user)), rejected("01", error="00"))

    def test_open_11_quality_of_service(self):
        # The same value comes back, as some test tools want to see; it means nothing.
        for value in ("00", "01", "FF"):
            user = "BE11040F01000001" + value + "065F1F0400007E1F04B0"
            self.assertEqual(
                self.judge(aarq(CONTEXT, user)),
                unhex(
                    "612A"
                    + CONTEXT
                    + "A203020100A305A103020100BE11040F0801"
                    + value
                    + "065F1F040000501F04000007"
                ),
            )

    def test_open_12_version_7(self):
        user = USER.replace("00000006", "00000007")
        self.assertEqual(self.judge(aarq(CONTEXT, user)), accepted())

    def test_open_13_conformance(self):
        for proposed, agreed in (("FFFFFF", "00501F"), ("007E1F", "00501F"), ("000010", "000010")):
            user = USER.replace("007E1F", proposed)
            self.assertEqual(self.judge(aarq(CONTEXT, user)), accepted(conformance=agreed))
        user = USER.replace("007E1F", "1C0000")
        self.assertEqual(self.judge(aarq(CONTEXT, user)), rejected("01", error="02"))

    def test_open_13_4_short_tag(self):
        self.assertEqual(
            self.judge(aarq(CONTEXT, "BE0F040D01000000065F0400007E1F04B0")), accepted()
        )

    def test_open_14_pdu_sizes(self):
        for size, tx in (("FFFF", 1024), ("000C", 12), ("0000", 1024)):
            user = USER.replace("04B0", size)
            self.assertEqual(self.judge(aarq(CONTEXT, user)), accepted())
            self.assertEqual(self.server.association.max_pdu_tx, tx)
        user = USER.replace("04B0", "000B")
        self.assertEqual(self.judge(aarq(CONTEXT, user)), rejected("01", error="03"))

    def test_client_n1_unknown(self):
        self.assertEqual(self.judge(aarq(CONTEXT, USER), 0x55), rejected("01"))
        self.assertEqual(self.judge(aarq(CONTEXT, USER), 17, 2), rejected("01"))

    def test_resp_p1_unconfirmed(self):
        # Neither the good one nor one that would be rejected.
        for user in (
            "BE11040F0100010000065F1F0400007E1F04B0",
            "BE11040F0100010000055F1F0400007E1F04B0",
        ):
            for context in (CONTEXT, "A109060760857405080102"):
                self.assertEqual(self.judge(aarq(context, user)), b"")
                self.assertEqual(self.server.association.status, 0)

    def test_ber_n1_lengths(self):
        good = aarq(CONTEXT, USER)
        self.assertEqual(self.judge(b"\x60\x81\x1d" + good[2:]), accepted())
        self.assertEqual(self.judge(b"\x60\x82\x00\x1d" + good[2:]), accepted())
        for bad in (
            b"\x60\x1e" + good[2:],
            b"\x60\x80" + good[2:],
            b"\x60\x1c" + good[2:],
            b"\x60\x83\x00\x00\x1d" + good[2:],
        ):
            self.assertEqual(self.judge(bad), rejected("01"))

    def test_ber_n2_n3(self):
        self.assertEqual(self.judge(aarq(CONTEXT, CONTEXT, USER)), rejected("01"))
        # Out of order is understood: the tags tell the fields apart.
        self.assertEqual(self.judge(aarq(USER, CONTEXT)), accepted())
        self.assertEqual(self.judge(aarq(CONTEXT, "AD03800100", USER)), accepted())

    def test_every_truncation_and_bit_flip_is_answered_or_refused(self):
        # No input may raise, and none may open the LLS association but the right password.
        good = vectors()["aarq_ln_lls_12345678"]
        for size in range(1, len(good)):
            self.judge(good[:size], 16)
            self.assertEqual((self.server.association.status, self.server.bugs), (0, 0))
        for bit in range(8 * len(good)):
            damaged = bytearray(good)
            damaged[bit // 8] ^= 1 << bit % 8
            self.judge(bytes(damaged), 16)
            self.assertEqual(self.server.bugs, 0)

    def test_initiate_request_that_cannot_be_read(self):
        for user in ("", "BE020400", "BE0304010F", "BE10050E01000000065F1F0400007E1F04B0"):
            self.assertEqual(self.judge(aarq(CONTEXT, user)), rejected("01", error="00"))

    def test_open_6_identifiers_of_the_caller(self):
        # User id and titles in a plain association: ignored.
        for field in ("A903020105", "A60A04084D4D4D0000BC614E", "A603040144"):
            self.assertEqual(self.judge(aarq(CONTEXT, field, USER)), accepted())

    def test_rel_n1_malformed_request_keeps_the_association(self):
        with FakeModel():
            server = Server(1024, 1024)
            ask(server, aarq(CONTEXT, USER), 17)
            for text in ("6203800500", "62", "6203800100" + "00", "6204800200" + "00", "6280"):
                self.assertEqual(ask(server, unhex(text), 17), unhex("D80202"))
                self.assertEqual(server.association.status, 2)
            ask(server, unhex("6200"), 17)
            self.assertEqual(server.association.status, 0)

    def test_release(self):
        with FakeModel():
            server = Server(1024, 1024)
            for text in ("6203800100", "6200", "6203800101", "620380011E", "6215800100" + USER):
                ask(server, aarq(CONTEXT, USER), 17)
                self.assertEqual(ask(server, unhex(text), 17), vectors()["rlre_normal_min"])
                self.assertEqual(ask(server, GET, 17), vectors()["beh_get_unassociated"])

    def test_another_pair_on_the_channel_is_a_stranger(self):
        # A wrapper connection may carry several pairs: the rights of one are not the other's.
        with FakeModel():
            server = Server(1024, 1024)
            ask(server, aarq(CONTEXT, USER), 17)
            self.assertEqual(ask(server, GET, 16), unhex("D80102"))
            self.assertEqual(ask(server, GET, 17, 2), unhex("D80102"))
            self.assertEqual(ask(server, unhex("6200"), 16), vectors()["rlre_normal_min"])
            self.assertEqual(server.association.status, 2)
            self.assertEqual(ask(server, GET, 17)[0], 0xC4)

    def test_dup_p1_second_aarq_replaces_the_first(self):
        with FakeModel():
            server = Server(1024, 1024)
            ask(server, aarq(CONTEXT, USER), 17)
            self.assertEqual(ask(server, aarq("A109060760857405080102", USER), 17), rejected("02"))
            self.assertEqual(ask(server, GET, 17), unhex("D80102"))


class TestPassword(unittest.TestCase):
    """Failures make the association deaf for a while; the answer tells nothing."""

    WRONG = LLS.replace("3738", "3739")

    def ask(self, fields, client=16):
        answer = ask(self.server, aarq(CONTEXT, fields, USER), client)
        self.assertTrue(answer in (accepted(), rejected("0D")))
        return answer == accepted()

    def test_delay_grows_and_ends(self):
        with FakeModel():
            self.server = Server(1024, 1024)
            # Three are free; then 1 s, 2, 4, 8, 16, 32 and 60 for good.
            for delay_ms in (0, 0, 0, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000):
                self.assertFalse(self.ask(self.WRONG))
                if delay_ms:
                    self.server.now_ms += delay_ms - 1
                    self.assertFalse(self.ask(LLS))  # right, and not looked at
                    self.server.now_ms += 1
            self.assertTrue(self.ask(LLS))

    def test_success_forgets_the_failures(self):
        with FakeModel():
            self.server = Server(1024, 1024)
            for _ in range(3):
                for _ in range(3):
                    self.assertFalse(self.ask(self.WRONG))
                self.assertTrue(self.ask(LLS))

    def test_others_are_not_locked_out(self):
        with FakeModel():
            self.server = Server(1024, 1024)
            for _ in range(4):
                self.ask(self.WRONG)
            self.assertFalse(self.ask(LLS))
            self.assertTrue(self.ask("", 17))  # another client on the same line
            self.server = Server(1024, 1024)  # the same client on another line
            self.assertTrue(self.ask(LLS))

    def test_what_came_meanwhile_neither_counts_nor_prolongs(self):
        with FakeModel():
            self.server = Server(1024, 1024)
            for _ in range(4):
                self.ask(self.WRONG)
            for _ in range(20):
                self.server.now_ms += 49
                self.assertFalse(self.ask(self.WRONG))
            self.server.now_ms += 20  # 1000 ms after the fourth
            self.assertTrue(self.ask(LLS))

    def test_clock_that_wraps(self):
        with FakeModel():
            self.server = Server(1024, 1024)
            self.server.now_ms = (1 << 30) - 500
            for _ in range(4):
                self.ask(self.WRONG)
            self.server.now_ms = 499
            self.assertFalse(self.ask(LLS))
            self.server.now_ms = 500
            self.assertTrue(self.ask(LLS))


def aarq_of_unused_fields():
    return unhex(
        "6036A109060760857405080101A203040144A303040144A403020100A503020100A803020100"
        "BE10040E01000000065F1F040060FE9FFFFF"
    )


if __name__ == "__main__":
    unittest.main()
