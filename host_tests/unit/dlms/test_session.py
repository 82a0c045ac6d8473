# A whole session between a client nobody here wrote and this server, octet by octet: SNRM, LLS,
# a value, a segmented value, a value in two blocks, release, DISC (vectors session_HDLC-LLS_*).
import unittest

from dlms.hdlc import Link
from dlms.server import Server
from dlms_fakes import FakeModel
from dlms_vectors import exchange, unhex, vectors
from test_fcs import bitwise

_STEPS = (3, 5, 7, 9, 11, 13, 15, 17)
_AARE_STEP = 3
# The server of the vectors cut the 203 octets into blocks of 100 and 103; with the ten octets of
# the header in front, a client's PDU size of 110 and then of 113 does the same here.
_PDU_SIZES = {11: 110, 13: 113}


def intersected(aare):
    """The vector's AARE with the negotiated conformance that the rule gives.

    Its server answered 00501F to a proposal of 401E5D, more than was asked for; the negotiated
    conformance is the intersection, 00101D. The FCS covers the frame without flags and FCS.
    """
    body = aare[1:-3].replace(unhex("00501F"), unhex("00101D"))
    fcs = bitwise(body)
    return b"\x7e" + body + bytes((fcs & 0xFF, fcs >> 8)) + b"\x7e"


class TestSession(unittest.TestCase):
    def test_transcript(self):
        v = vectors()
        steps = {}
        for name in v:
            if name.startswith("session_HDLC-LLS_"):
                steps[int(name[17:19])] = v[name]
        long_value = unhex("0981C8") + bytes([k for k in range(200)])
        with FakeModel() as model:
            model.dispatch.objects = {
                unhex("0000600100FF"): unhex("090D") + b"METER00000001",
                unhex("0000600101FF"): long_value,
                unhex("0000600102FF"): long_value,
            }
            server = Server(1024, 1024)
            link = Link(server, 17, 128, 1, 200, 120000, 0)
            steps[_AARE_STEP + 1] = intersected(steps[_AARE_STEP + 1])
            self.assertEqual(exchange(link, steps[1]), steps[2])
            for step in _STEPS:
                if step in _PDU_SIZES:
                    server.association.max_pdu_tx = _PDU_SIZES[step]
                self.assertEqual(exchange(link, steps[step]), steps[step + 1])


if __name__ == "__main__":
    unittest.main()
