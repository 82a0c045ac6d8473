# InitiateRequest and its answers: vectors, every truncation, and the order of the checks.
import unittest

from dlms import initiate
from dlms.initiate import Initiate
from dlms_vectors import unhex, vectors

_GOOD, _MALFORMED = -1, None
_OFFERED = 0x00501F


def parse(octets, offered=_OFFERED):
    """(verdict, request); the verdict is None when the request is malformed."""
    request = Initiate()
    known = request.parse(octets, 0, len(octets))
    return request.judge(offered) if known else _MALFORMED, request


class TestRequest(unittest.TestCase):
    def test_vector(self):
        verdict, request = parse(vectors()["initiate_request_ln_007E1F_1200"])
        self.assertEqual(verdict, _GOOD)
        self.assertEqual((request.conformance, request.max_pdu), (0x007E1F, 1200))
        self.assertTrue(request.response_allowed)
        self.assertEqual(request.quality, -1)

    def test_options(self):
        # response-allowed 01 00 = FALSE, quality of service 01 05
        verdict, request = parse(unhex("0100010001" + "05065F1F0400007E1F04B0"))
        self.assertEqual((verdict, request.response_allowed), (_GOOD, False))
        self.assertEqual((request.max_pdu, request.quality), (1200, 5))

    def test_presence_is_0_or_1(self):
        for at in (1, 2, 3):
            octets = bytearray(vectors()["initiate_request_ln_007E1F_1200"])
            octets[at] = 2
            self.assertEqual(parse(bytes(octets))[0], _MALFORMED)

    def test_options_of_the_last_request_are_forgotten(self):
        _, request = parse(unhex("0100010001" + "05065F1F0400007E1F04B0"))
        good = vectors()["initiate_request_ln_007E1F_1200"]
        request.parse(good, 0, len(good))
        self.assertTrue(request.response_allowed)

    def test_errors(self):
        good = "01000000065F1F0400007E1F04B0"
        self.assertEqual(parse(vectors()["initiate_request_dedicated_key"])[0], 0)
        self.assertEqual(parse(unhex(good.replace("00065F", "00055F")))[0], 1)
        self.assertEqual(parse(unhex(good.replace("04B0", "000B")))[0], 3)
        self.assertEqual(parse(unhex(good.replace("04B0", "000C")))[0], _GOOD)
        self.assertEqual(parse(unhex(good.replace("04B0", "0000")))[0], _GOOD)
        self.assertEqual(parse(unhex(good), 0x1C0000)[0], 2)

    def test_order_of_the_errors(self):
        # Version before conformance before size; a dedicated key before all.
        bad = "01000000055F1F040000000000" + "0B"
        self.assertEqual(parse(unhex(bad))[0], 1)
        self.assertEqual(parse(unhex(bad.replace("00055F", "00065F")))[0], 2)
        self.assertEqual(parse(unhex("010101AA00" + bad[6:]))[0], 0)

    def test_every_truncation_and_an_octet_too_many(self):
        for name in ("initiate_request_ln_007E1F_1200", "initiate_request_dedicated_key"):
            whole = vectors()[name]
            for size in range(len(whole)):
                self.assertEqual(parse(whole[:size])[0], _MALFORMED)
            self.assertEqual(parse(whole + b"\x00")[0], _MALFORMED)


class TestAnswers(unittest.TestCase):
    def test_response(self):
        want = vectors()["initiate_response_ln"]
        self.assertEqual(initiate.response(0x007C1F, 1024, -1), want)
        # quality-of-service: 00 = absent becomes 01 and the value.
        self.assertEqual(initiate.response(0x007C1F, 1024, 0), b"\x08\x01\x00" + want[2:])
        self.assertEqual(initiate.response(0x007C1F, 1024, 255), b"\x08\x01\xff" + want[2:])

    def test_error(self):
        want = vectors()["aare_rejected_initiate_error_dlms_version_too_low"][-4:]
        self.assertEqual(initiate.error(1), want)


if __name__ == "__main__":
    unittest.main()
