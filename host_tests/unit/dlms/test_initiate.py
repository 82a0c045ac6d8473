# InitiateRequest and its answers: vectors, every truncation, and the order of the checks.
import unittest

from dlms import initiate
from dlms.initiate import Initiate
from dlms_vectors import unhex, vectors

_GOOD, _MALFORMED = -2, -1


def parse(octets):
    request = Initiate()
    return request.parse(octets, 0, len(octets)), request


class TestRequest(unittest.TestCase):
    def test_vector(self):
        verdict, request = parse(vectors()["initiate_request_ln_007E1F_1200"])
        self.assertEqual(verdict, _GOOD)
        self.assertEqual((request.conformance, request.max_pdu), (0x007E1F, 1200))
        self.assertTrue(request.response_allowed)

    def test_options(self):
        # response-allowed 01 00 = FALSE, quality of service 01 05
        verdict, request = parse(unhex("0100010001" + "05065F1F0400007E1F04B0"))
        self.assertEqual((verdict, request.response_allowed), (_GOOD, False))
        self.assertEqual(request.max_pdu, 1200)

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

    def test_every_truncation_and_an_octet_too_many(self):
        for name in ("initiate_request_ln_007E1F_1200", "initiate_request_dedicated_key"):
            whole = vectors()[name]
            for size in range(len(whole)):
                self.assertEqual(parse(whole[:size])[0], _MALFORMED)
            self.assertEqual(parse(whole + b"\x00")[0], _MALFORMED)


class TestAnswers(unittest.TestCase):
    def test_response(self):
        self.assertEqual(initiate.response(0x007C1F, 1024), vectors()["initiate_response_ln"])

    def test_error(self):
        want = vectors()["aare_rejected_initiate_error_dlms_version_too_low"][-4:]
        self.assertEqual(initiate.error(1), want)


if __name__ == "__main__":
    unittest.main()
