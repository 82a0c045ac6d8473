# A link with an application behind it that records what it is asked, and frames for it. The check
# sequences of what is made here come from the definition of the FCS, not from the code under test.
from dlms.hdlc import Link
from dlms_vectors import exchange, hexed, unhex
from test_fcs import bitwise

SNRM = "7EA0070321930F017E"
UA = "7EA01E210373C37A818012050180060180070400000001080400000001533B7E"
DISC = "7EA00703215303C77E"
UA_PLAIN = "7EA00721037301407E"
DM = "7EA00721031F6BE97E"
RR0 = "7EA00703211115A67E"
AARQ = "7EA02B032110FBAFE6E600601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0CAEA7E"
AARQ_P0 = (
    "7EA02B0321007ABFE6E600601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0CAEA7E"
)
AARQ_ALL = (
    "7EA02BFF21106C86E6E600601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0CAEA7E"
)


class EchoServer:
    """Application that answers each APDU with `size` octets, or with nothing."""

    out_stride = 0

    def __init__(self, size=4, max_pdu_rx=64):
        self.max_pdu_rx = max_pdu_rx
        self.out = bytearray(3) + bytes([k & 0xFF for k in range(size)])
        self.out_pos = self.out_end = 3
        self.size = size
        self.requests = []
        self.unanswered = []
        self.releases = 0

    def serves(self, upper):
        return upper == 1

    def released(self):
        self.releases += 1

    def ahead(self):
        pass

    def answer(self, client, server, buf, pos, end):
        self.requests.append((client, server, bytes(buf[pos:end])))
        self.out_end = 3 + self.size

    def too_long(self):
        self.requests.append("too long")
        self.out_end = 3 + self.size

    def unconfirmed(self, client, server, buf, pos, end):
        self.unanswered.append((client, server, bytes(buf[pos:end])))


def link(size=4, max_info=128, window=1, lower=17, octets=0):
    return Link(EchoServer(size), lower, max_info, window, 200, 120000, octets)


def send(a_link, *frames, now_ms=0):
    """Answers to the frames, in hex, one after the other."""
    return [hexed(exchange(a_link, unhex(f), now_ms)) for f in frames]


def info_of(answer):
    """(control, information) of a one-octet-address frame in hex."""
    octets = unhex(answer)
    return octets[5], octets[8:-3]


def frame_with(head, info=b"", segmented=False):
    """A client frame in hex; head: both addresses and the control octet in hex."""
    head = unhex(head)
    size = 4 + len(head) + (2 + len(info) if info else 0)
    body = bytearray((0xA0 | segmented << 3 | size >> 8, size & 0xFF)) + head
    if info:
        body += _check(body) + info
    return "7E" + hexed(body + _check(body)) + "7E"


def _check(body):
    fcs = bitwise(body)
    return bytes((fcs & 0xFF, fcs >> 8))


def frame_of(control, info, segmented=False):
    """A frame of client 16 to logical device 1."""
    return frame_with("0321%02X" % control, info, segmented)


def frame_of_rr(nr, base=0x11):
    return frame_with("0321%02X" % (nr << 5 | base))


def split(octets):
    """(control, info, S bit) of frames with one-octet addresses that follow one another."""
    frames = []
    while octets:
        size = (octets[1] & 7) << 8 | octets[2]
        frames.append((octets[5], octets[8 : size - 1], octets[1] & 8 != 0))
        octets = octets[size + 2 :]
    return frames
