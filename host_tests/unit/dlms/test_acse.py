# The grammar of ACSE: BER lengths by their definition, fields of foreign AARQs, what is written.
import unittest

from dlms import acse
from dlms.acse import Aarq
from dlms_vectors import unhex, vectors

_CONTEXT, _REQUIREMENTS, _MECHANISM, _VALUE, _USER = 1, 2, 3, 4, 5


def parsed(octets):
    aarq = Aarq()
    return aarq, aarq.parse(octets, 0, len(octets))


class TestLength(unittest.TestCase):
    def test_forms(self):
        # X.690 8.1.3: short form to 7F, long form with 1 or 2 octets; 80 (indefinite) is none.
        for text, want in (
            ("05", (5, 1)),
            ("7F", (127, 1)),
            ("8105", (5, 2)),
            ("81FF", (255, 2)),
            ("820102", (258, 3)),
            ("80", (-1, 0)),
            ("83000001", (-1, 0)),
            ("81", (-1, 0)),
            ("8201", (-1, 0)),
            ("", (-1, 0)),
        ):
            octets = unhex(text)
            self.assertEqual(acse.ber_length(octets + b"", 0, len(octets)), want)


class TestAarq(unittest.TestCase):
    def test_fields_of_a_foreign_aarq(self):
        aarq, good = parsed(vectors()["aarq_ln_lls_12345678"])
        self.assertTrue(good)
        self.assertEqual((aarq.context(), aarq.mechanism()), (1, 1))
        self.assertTrue(aarq.bit_0(_REQUIREMENTS))
        self.assertEqual(aarq.inner(_VALUE, 0x80), 8)
        at = aarq.at[_VALUE]
        self.assertEqual(aarq.buf[at : at + 8], b"12345678")
        self.assertEqual(aarq.inner(_USER, 0x04), 14)

    def test_absent_fields(self):
        aarq, good = parsed(vectors()["aarq_ln_lowest"])
        self.assertTrue(good)
        self.assertFalse(aarq.has(_MECHANISM) or aarq.has(_REQUIREMENTS) or aarq.has(_VALUE))
        self.assertEqual(aarq.inner(_VALUE, 0x80), -1)

    def test_fields_of_the_last_aarq_are_forgotten(self):
        aarq, _ = parsed(vectors()["aarq_ln_lls_12345678"])
        lowest = vectors()["aarq_ln_lowest"]
        self.assertTrue(aarq.parse(lowest, 0, len(lowest)))
        self.assertFalse(aarq.has(_MECHANISM))

    def test_every_truncation_is_broken(self):
        whole = vectors()["aarq_ln_lls_12345678"]
        for size in range(1, len(whole)):
            self.assertFalse(parsed(whole[:size])[1])

    def test_inner_element_must_fill_its_field(self):
        # AC 0A 80 08 ...: an inner length of 7 or 9 does not fit the ten octets.
        whole = vectors()["aarq_ln_lls_12345678"]
        for inner in ("8007", "8009"):
            damaged = whole.replace(unhex("AC0A8008"), unhex("AC0A" + inner))
            aarq, good = parsed(damaged)
            self.assertTrue(good)
            self.assertEqual(aarq.inner(_VALUE, 0x80), -1)


class TestAnswers(unittest.TestCase):
    def test_aare(self):
        v = vectors()
        out = bytearray(64)
        n = acse.aare(out, 3, 1, 1, 2, b"")
        self.assertEqual(bytes(out[3:n]), v["aare_rejected_context_no_userinfo"])
        n = acse.aare(out, 3, 1, 2, 2, b"")
        self.assertEqual(bytes(out[3:n]), v["aare_rejected_provider_no_common_acse_version"])
        n = acse.aare(out, 3, 1, 1, 13, unhex("0E010600"))
        self.assertEqual(bytes(out[3:n]), v["aare_rejected_permanent_auth_failure"])
        n = acse.aare(out, 3, 0, 1, 0, v["initiate_response_ln"])
        self.assertEqual(bytes(out[3:n]), v["aare_ln_accepted"])

    def test_rlre(self):
        out = bytearray(16)
        self.assertEqual(bytes(out[: acse.rlre(out, 0)]), vectors()["rlre_normal_min"])


if __name__ == "__main__":
    unittest.main()
