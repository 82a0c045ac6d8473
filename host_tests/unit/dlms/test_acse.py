# The grammar of ACSE: BER lengths by their definition, fields of foreign AARQs, what is written.
import unittest

from dlms import acse
from dlms.acse import Fields
from dlms_vectors import unhex, vectors

_VERSION, _CONTEXT, _REQUIREMENTS, _MECHANISM, _VALUE, _USER = range(6)
_INITIATE = unhex("01000000065F1F0400007E1F04B0")  # of every AARQ of the catalogue
# One of each field, in the order of the standard: tag, value.
_ALL = (
    "80020780",
    "A109060760857405080101",
    "A203040144",
    "A303040144",
    "A403020100",
    "A503020100",
    "A60A04084D4D4D0000BC614E",
    "A7050403010203",
    "A803020100",
    "A903020105",
    "8A020780",
    "8B0760857405080201",
    "AC0A80083132333435363738",
    "BD03800141",
    "BE10040E01000000065F1F0400007E1F04B0",
)


def parsed(octets):
    aarq = Fields()
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
        at = aarq.at[_VALUE]
        self.assertEqual(aarq.buf[at : at + aarq.size[_VALUE]], b"12345678")
        at = aarq.at[_USER]
        self.assertEqual(aarq.buf[at : at + aarq.size[_USER]], _INITIATE)

    def test_absent_fields(self):
        aarq, good = parsed(vectors()["aarq_ln_lowest"])
        self.assertTrue(good)
        self.assertFalse(aarq.has(_MECHANISM) or aarq.has(_REQUIREMENTS) or aarq.has(_VALUE))

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
        # An inner length one octet short or too long, in every constructed field.
        for k in range(len(_ALL)):
            octets = unhex(_ALL[k])
            if not octets[0] & 0x20:
                continue
            for step in (1, -1):
                damaged = octets[:3] + bytes((octets[3] + step,)) + octets[4:]
                self.assertFalse(parsed(apdu(_ALL[:k] + (damaged,) + _ALL[k + 1 :]))[1])
            self.assertFalse(parsed(apdu((octets[:1] + b"\x00",)))[1])

    def test_every_field_in_any_order(self):
        for fields in (_ALL, tuple(reversed(_ALL)), _ALL[7:] + _ALL[:7]):
            aarq, good = parsed(apdu(fields))
            self.assertTrue(good)
            self.assertEqual((aarq.context(), aarq.mechanism()), (1, 1))
            self.assertTrue(aarq.bit_0(_VERSION) and aarq.bit_0(_REQUIREMENTS))
            self.assertEqual((aarq.size[_VALUE], aarq.size[_USER]), (8, 14))

    def test_no_field_twice(self):
        for field in _ALL:
            self.assertFalse(parsed(apdu(_ALL + (field,)))[1])
        # What stands in no row is skipped, as often as it comes.
        self.assertFalse(parsed(apdu(_ALL + ("AD03800100", "9F")))[1])
        self.assertTrue(parsed(apdu(_ALL + ("AD03800100", "AD03800100", "9E00")))[1])

    def test_another_form_inside(self):
        # AC with the bitstring variant 81, BE and A1 with a foreign tag: there, without a value.
        aarq, good = parsed(apdu(("A109040760857405080101", "AC03810107", "BE03050100")))
        self.assertTrue(good)
        self.assertEqual(aarq.context(), -1)
        for field in (_CONTEXT, _VALUE, _USER):
            self.assertTrue(aarq.has(field))
            self.assertTrue(aarq.size[field] < 0)

    def test_long_forms_of_length(self):
        # A password of 130 octets needs 81 82 inside and 81 85 outside.
        value = bytes([k for k in range(130)])
        aarq, good = parsed(apdu((unhex("AC8185808182") + value,)))
        self.assertTrue(good)
        at = aarq.at[_VALUE]
        self.assertEqual(aarq.buf[at : at + aarq.size[_VALUE]], value)

    def test_release_request(self):
        for text, good, size in (("6200", True, -1), ("6203800100", True, 1),
                                 ("6203800500", False, None), ("62", False, None)):  # fmt: skip
            rlrq, fine = parsed(unhex(text))
            self.assertEqual(fine, good)
            if good:
                self.assertEqual(rlrq.size[0], size)


def apdu(fields):
    """An AARQ of these fields, hex or octets."""
    body = b"".join([unhex(f) if isinstance(f, str) else f for f in fields])
    size = len(body)
    return (bytes((0x60, size)) if size < 128 else bytes((0x60, 0x81, size))) + body


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
