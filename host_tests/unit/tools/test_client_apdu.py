"""Association and GET against the octets of other programs."""

import unittest

from fakes import vectors
from microcosem import apdu
from microcosem.errors import AccessError, ProtocolError, RefusedError, ServiceError

_OBIS = bytes((0, 0, 96, 1, 0, 255))


class Requests(unittest.TestCase):
    def test_association(self):
        self.assertEqual(apdu.aarq(None, 0x007E1F, 1200), vectors()["aarq_ln_lowest"])
        self.assertEqual(apdu.aarq(b"12345678", 0x007E1F, 1200), vectors()["aarq_ln_lls_12345678"])

    def test_get(self):
        self.assertEqual(apdu.get_normal(1, _OBIS, 2), vectors()["get_req_normal"])
        self.assertEqual(apdu.get_next(1), vectors()["get_req_next_1"])

    def test_selection_by_entry(self):
        # Green Book, entry_descriptor: from and to entry u32, from and to column u16, 0 = the last
        wanted = "C001 C1 0007 0100630100FF 02 01 02 0204 06 00000B54 06 00000BA0 12 0001 12 0000"
        found = apdu.get_normal(7, bytes((1, 0, 99, 1, 0, 255)), 2, apdu.select_entries(2900, 2976))
        self.assertEqual(found, bytes.fromhex(wanted))


class AssociationResponse(unittest.TestCase):
    def test_accepted(self):
        self.assertEqual(
            apdu.parse_aare(vectors()["aare_ln_accepted"]), apdu.Association(0x007C1F, 0x0400)
        )

    def test_refusals_say_why(self):
        reasons = {
            "context_not_supported": "context",
            "mech_not_recognised": "mechanism",
            "mech_required": "password",
            "auth_failure": "password is wrong",
            "auth_required": "give a password",
        }
        for name, words in reasons.items():
            with self.assertRaises(RefusedError) as caught:
                apdu.parse_aare(vectors()["aare_rejected_permanent_" + name])
            self.assertIn(words, caught.exception.text, name)

    def test_initiate_errors_say_why(self):
        reasons = {
            "dlms_version_too_low": "version is too low",
            "incompatible_conformance": "no service in common",
            "pdu_size_too_short": "size is too short",
            "refused_by_vde": "refused by",
        }
        for name, words in reasons.items():
            with self.assertRaises(RefusedError) as caught:
                apdu.parse_aare(vectors()["aare_rejected_initiate_error_" + name])
            self.assertIn(words, caught.exception.text, name)

    def test_provider_refusal(self):
        with self.assertRaises(RefusedError) as caught:
            apdu.parse_aare(vectors()["aare_rejected_provider_no_common_acse_version"])
        self.assertIn("no common version", caught.exception.text)

    def test_high_level_security_is_said(self):
        with self.assertRaises(RefusedError) as caught:
            apdu.parse_aare(vectors()["aare_ln_hls3_pending"])
        self.assertIn("high level", caught.exception.text)

    def test_cut_anywhere(self):
        whole = vectors()["aare_ln_accepted"]
        for size in range(len(whole)):
            with self.assertRaises(ProtocolError):
                apdu.parse_aare(whole[:size])


class GetResponse(unittest.TestCase):
    def test_data(self):
        self.assertEqual(apdu.parse_get(vectors()["get_res_normal_octets"]), b"\x09\x05Hello")

    def test_denied(self):
        for name, result in (
            ("normal_error_rw_denied", 3),
            ("normal_error_other_reason", 250),
            ("datablock_error_blocknum_invalid", 19),
        ):
            octets = bytearray(vectors()["get_res_" + name])
            octets[2] = 0xC1  # the invoke id of our own requests
            with self.assertRaises(AccessError) as caught:
                apdu.parse_get(bytes(octets))
            self.assertEqual(caught.exception.result, result)

    def test_blocks(self):
        self.assertEqual(
            apdu.parse_get(vectors()["get_res_datablock_1_notlast"]),
            apdu.Block(1, False, bytes.fromhex("AABBCCDD")),
        )

    def test_exceptions(self):
        for name, words in (
            ("service_not_allowed_op_not_possible", "not allowed"),
            ("pdu_too_long", "too long"),
        ):
            with self.assertRaises(ServiceError) as caught:
                apdu.parse_get(vectors()["exception_" + name])
            self.assertIn(words, caught.exception.text)

    def test_other_apdus(self):
        for text in ("", "C4", "C401", "C40181", "C409C1", "C401C200110 0".replace(" ", ""), "C7"):
            with self.assertRaises(ProtocolError):
                apdu.parse_get(bytes.fromhex(text))


if __name__ == "__main__":
    unittest.main()
