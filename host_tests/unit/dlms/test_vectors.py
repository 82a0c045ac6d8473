# Every vector of vectors/dlms.json that no other test of this folder names, put before the server:
# what it offers is answered as the vectors say, what it does not offer is refused by the book.
import unittest

from dlms import initiate
from dlms.hdlc import Link
from dlms.initiate import Initiate
from dlms.server import Server
from dlms.signon import SignOn
from dlms_fakes import FakeModel, ask
from dlms_vectors import exchange, unhex, vectors
from dlms_link import EchoServer

NOT_OFFERED = unhex("D80102")
LLS_CLIENT, OPEN_CLIENT = 16, 17
_NOT_OFFERED_REQUESTS = ("sn_", "access_req", "gbt_")


def begins(name, prefixes):
    """str.startswith with a tuple, which MicroPython does not have."""
    return any([name.startswith(prefix) for prefix in prefixes])


def without_user(aare):
    """A rejecting AARE without its user-information (BE 06 04 04 0E 01 06 00): 8 octets less."""
    return b"\x61" + bytes((aare[1] - 8,)) + aare[2:-8]


class TestAssociations(unittest.TestCase):
    def judge(self, name, client):
        with FakeModel():
            return ask(Server(1024, 1024), vectors()[name], client)

    def test_other_contexts(self):
        want = vectors()["aare_rejected_context_no_userinfo"]
        self.assertEqual(
            want, without_user(vectors()["aare_rejected_permanent_context_not_supported"])
        )
        for name in (
            "aarq_sn_lowest",
            "aarq_ln_ciphered_hls5",
            "aarq_ln_ciphered_lls_12345678_greenbook",
        ):
            self.assertEqual(self.judge(name, LLS_CLIENT), want)

    def test_other_mechanisms_on_a_password_association(self):
        want = without_user(vectors()["aare_rejected_permanent_auth_failure"])
        for name in (
            "aarq_ln_hls2",
            "aarq_ln_hls3_md5",
            "aarq_ln_hls4_sha1",
            "aarq_ln_hls5_gmac_unciphered_context",
            "aarq_ln_hls6_sha256_unciphered_context",
            "aarq_ln_hls7_ecdsa_unciphered_context",
        ):
            self.assertEqual(self.judge(name, LLS_CLIENT), want)

    def test_missing_authentication(self):
        v = vectors()
        want = without_user(v["aare_rejected_permanent_auth_required"])
        self.assertEqual(self.judge("aarq_ln_lowest", LLS_CLIENT), want)

    def test_unknown_and_missing_mechanism_name(self):
        v = vectors()
        aarq = v["aarq_ln_lls_12345678"]
        unknown = aarq.replace(unhex("0760857405080201"), unhex("076085740508025F"))
        # Without the nine octets of 8B, the outer length is nine less.
        nameless = bytes((0x60, aarq[1] - 9)) + aarq[2:].replace(unhex("8B0760857405080201"), b"")
        with FakeModel():
            server = Server(1024, 1024)
            self.assertEqual(
                ask(server, unknown, LLS_CLIENT),
                without_user(v["aare_rejected_permanent_mech_not_recognised"]),
            )
            self.assertEqual(
                ask(server, nameless, LLS_CLIENT),
                without_user(v["aare_rejected_permanent_mech_required"]),
            )

    def test_user_identification_is_ignored(self):
        answer = self.judge("aarq_user_id_field_calling_AE_invocation_id", OPEN_CLIENT)
        self.assertEqual(answer[:28], vectors()["aare_ln_accepted"][:28])

    def test_initiate_errors(self):
        v = vectors()
        for code, name in (
            (1, "aare_rejected_initiate_error_dlms_version_too_low"),
            (2, "aare_rejected_initiate_error_incompatible_conformance"),
            (3, "aare_rejected_initiate_error_pdu_size_too_short"),
        ):
            self.assertEqual(initiate.error(code), v[name][-4:])
        self.assertEqual(initiate.error(1), v["confirmed_service_error_initiate_version"])

    def test_initiate(self):
        v = vectors()
        request = Initiate()
        text = v["initiate_request_ln_007E1F_1200"]
        self.assertTrue(request.parse(text, 0, len(text)))
        self.assertEqual(request.judge(0x00501F), -1)
        self.assertEqual((request.conformance, request.max_pdu), (0x007E1F, 1200))
        text = v["initiate_request_dedicated_key"]
        self.assertTrue(request.parse(text, 0, len(text)))
        self.assertEqual(request.judge(0x00501F), 0)
        self.assertEqual(initiate.response(0x007C1F, 1024, -1), v["initiate_response_ln"])

    def test_release(self):
        v = vectors()
        with FakeModel():
            for name in ("rlrq_normal_min", "rlrq_with_initiate"):
                server = Server(1024, 1024)
                ask(server, v["aarq_ln_lowest"], OPEN_CLIENT)
                self.assertEqual(ask(server, v[name], OPEN_CLIENT), v["rlre_normal_min"])
                self.assertEqual(server.association.status, 0)


class TestServices(unittest.TestCase):
    def serve(self, *names):
        v = vectors()
        with FakeModel() as model:
            model.dispatch.objects = {
                unhex("0000600100FF"): unhex("090548656C6C6F"),
                unhex("0100630100FF"): unhex("0100"),
            }
            server = Server(1024, 1024)
            ask(server, v["aarq_ln_lowest"], OPEN_CLIENT)
            return [ask(server, v[name], OPEN_CLIENT) for name in names]

    def test_get(self):
        v = vectors()
        answers = self.serve(
            "get_req_normal", "get_req_normal_lowprio_unconf_inv0", "get_req_next_1"
        )
        # The second is unconfirmed: no answer. The third asks for what was never begun: 10.
        self.assertEqual(answers[:2], [v["get_res_normal_octets"], b""])
        self.assertEqual(answers[2], unhex("C402C101000000010110"))

    def test_selective_access_on_a_class_that_has_none(self):
        for answer in self.serve("get_req_normal_range", "get_req_normal_entry"):
            self.assertEqual(answer, unhex("C401C10109"))  # class 7 asked of a class 1 object

    def test_datablocks(self):
        # An APDU of 14 octets has room for four raw octets: 13 octets make blocks of 4, 4, 4, 1.
        v = vectors()
        with FakeModel() as model:
            model.dispatch.objects = {unhex("0000600100FF"): unhex("AABBCCDD000000000000000001")}
            server = Server(1024, 14)
            ask(server, v["aarq_ln_lowest"], OPEN_CLIENT)
            first = ask(server, v["get_req_normal"], OPEN_CLIENT)
            self.assertEqual(first, v["get_res_datablock_1_notlast"])
            ask(server, v["get_req_next_1"], OPEN_CLIENT)
            ask(server, unhex("C002C100000002"), OPEN_CLIENT)
            last = ask(server, unhex("C002C100000003"), OPEN_CLIENT)
        # The vector's last block has the number 2, this one 4; a value of 5 octets fits whole.
        want = v["get_res_datablock_2_last"].replace(unhex("00000002"), unhex("00000004"))
        self.assertEqual(last, want)

    def test_results(self):
        v = vectors()
        with FakeModel() as model:
            server = Server(1024, 1024)
            ask(server, v["aarq_ln_lowest"], OPEN_CLIENT)
            model.dispatch.open = lambda q, buf, pos, operation: 3
            denied = ask(server, v["get_req_normal"], OPEN_CLIENT)
        self.assertEqual(denied, v["get_res_normal_error_rw_denied"])

    def test_services_not_offered(self):
        names = [
            n for n in vectors() if begins(n, _NOT_OFFERED_REQUESTS)
        ]
        self.assertTrue(len(names) >= 8)
        for name, answer in zip(names, self.serve(*names)):
            self.assertEqual((name, answer), (name, NOT_OFFERED))

    def test_unknown_apdu(self):
        with FakeModel():
            server = Server(1024, 1024)
            ask(server, vectors()["aarq_ln_lowest"], OPEN_CLIENT)
            answer = ask(server, b"\xee\x00", OPEN_CLIENT)
        self.assertEqual(answer, vectors()["exception_service_unknown_not_supported"])


class TestLines(unittest.TestCase):
    def link(self, lower=17):
        return Link(EchoServer(), lower, 512, 7, 200, 120000, 0)

    def test_snrm_500(self):
        answer = exchange(self.link(), vectors()["hdlc_snrm_params_500_1_twobyte"])
        self.assertTrue(unhex("0501F4") not in answer)  # two octets carry 500
        self.assertTrue(unhex("050201F4060201F4") in answer)

    def test_snrm_of_client_120(self):
        # The answer is for client 120: its address octet is F1.
        answer = exchange(self.link(), vectors()["hdlc_known_snrm_4byte_client120"])
        self.assertEqual(answer[3:8], unhex("F100020023"))

    def test_receive_ready(self):
        v = vectors()
        a = self.link()
        exchange(a, v["hdlc_snrm_noparams"])
        ready = exchange(a, v["hdlc_rr_nr0_client"])
        self.assertEqual(ready[5], 0x11)
        answer = exchange(a, v["hdlc_i_ns0_nr0_client"])
        self.assertEqual(answer[5], 0x30)
        # All is acknowledged: N(R) = 1 of the client gets N(R) = 1 of the server.
        self.assertEqual(exchange(a, v["hdlc_rr_nr1_client"]), v["hdlc_rr_nr1_server"])

    def test_frame_reject(self):
        a = self.link()
        exchange(a, vectors()["hdlc_snrm_noparams"])
        answer = exchange(a, unhex("7EA0070321FF65A87E"))
        self.assertEqual(answer, vectors()["hdlc_frmr_unknown_control_FF"])

    def test_addresses(self):
        # SNRM to the address of each vector: the server's own is answered, the others are not.
        from test_fcs import bitwise

        for name, lower, answered in (
            ("hdlc_addr4_log1_phy1000", 1000, True),
            ("hdlc_addr4_log1_phy1000", 17, False),
            ("hdlc_addr4_broadcast_3FFF_3FFF", 17, False),
            ("hdlc_addr1_broadcast_7F", 17, False),
            ("hdlc_addr2_log1_calling_7E", 17, False),
        ):
            address = vectors()[name]
            body = b"\xa0" + bytes((6 + len(address),)) + address + b"\x21\x93"
            fcs = bitwise(body)
            frame = b"\x7e" + body + bytes((fcs & 0xFF, fcs >> 8)) + b"\x7e"
            self.assertEqual(exchange(self.link(lower), frame) != b"", answered)

    def test_client_address_of_two_octets(self):
        # The vector's answer is silence.
        frame = unhex("7EA00B0002040100219361807E")
        self.assertEqual(exchange(self.link(), frame), vectors()["beh_hdlc_2byte_client_address"])

    def test_sign_ons_for_other_protocols(self):
        # A readout begins with STX, a break with SOH; the test of the sign-on sees them whole.
        for name, first in (("21_ack_readout_9600", 2), ("21_ack_programming_9600", 1)):
            s = SignOn(vectors()["21_ident_modeE_2"], b"", 199)
            exchange(s, vectors()["21_request_no_address"])
            s.tick(200)
            self.assertTrue(s.reply(bytearray(40)) > 0)
            self.assertEqual(exchange(s, vectors()[name], 300), b"")
            out = bytearray(100)
            s.tick(1000)
            self.assertTrue(s.reply(out) > 0)
            self.assertEqual((out[0], s.done()), (first, False))


class TestCompleteness(unittest.TestCase):
    def test_every_vector_is_named_by_a_test(self):
        # So a vector that is added is used; sessions and requests are taken by their prefix.
        import os

        here = __file__.replace("\\", "/").rsplit("/", 1)[0]
        texts = ""
        for name in os.listdir(here):
            if name.endswith(".py"):
                with open(here + "/" + name) as f:
                    texts += f.read()
        taken = _NOT_OFFERED_REQUESTS + ("session_", "conformance_")
        unused = [n for n in vectors() if n not in texts and not begins(n, taken)]
        self.assertEqual(unused, [])


if __name__ == "__main__":
    unittest.main()
