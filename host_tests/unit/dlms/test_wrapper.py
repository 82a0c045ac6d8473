# The wrapper: header fields, streams cut anywhere, several requests at once, what is refused.
import unittest

from dlms.server import Server
from dlms.wrapper import Wrapper
from dlms_fakes import AARQ, HELLO, LONG, VALUE, FakeModel, get
from dlms_vectors import unhex, vectors

_AARQ = unhex(AARQ % 1024)
_GET = unhex(get(HELLO))
_HELLO = unhex("C401C100" + "090548656C6C6F")


def wrapped(apdu, source=17, destination=1, version=1):
    """Header of four u16 and the APDU."""
    made = bytearray()
    for number in (version, source, destination, len(apdu)):
        made += bytes((number >> 8, number & 0xFF))
    return bytes(made) + apdu


def replies(door, size=300):
    """Everything the door has to send, and the sizes it was handed out in."""
    out = bytearray(size)
    found = b""
    while door.answering():
        n = door.reply(out)
        assert 0 < n <= size
        found += bytes(out[:n])
    assert door.reply(out) == 0
    return found


def say(door, octets, now_ms=0):
    """All answers to octets that come at once."""
    pos = 0
    found = b""
    while pos < len(octets) and not door.broken:
        pos = door.feed(octets, pos, len(octets), now_ms)
        found += replies(door)
    return found


class TestWrapper(unittest.TestCase):
    def setUp(self):
        self.model = FakeModel()
        self.model.__enter__()
        self.model.dispatch.objects = {HELLO: unhex("090548656C6C6F"), LONG: VALUE}
        self.door = Wrapper(Server(1024, 1024))

    def tearDown(self):
        self.model.__exit__()

    def associate(self):
        answer = say(self.door, wrapped(_AARQ))
        # 0001 | from 1 | to 17 | length of the AARE | 61 29 ...
        self.assertEqual(answer[:10], unhex("0001 0001 0011 002B 6129".replace(" ", "")))
        self.assertEqual(len(answer), 8 + 0x2B)

    def test_ports_are_swapped(self):
        self.associate()
        self.assertEqual(
            say(self.door, wrapped(_GET)),
            unhex("000100010011000B") + _HELLO,
        )

    def test_vectors(self):
        v = vectors()
        say(self.door, wrapped(v["aarq_ln_lls_12345678"], source=16))
        answer = say(self.door, v["wrapper_client16_server1"])
        self.assertEqual(answer, v["wrapper_server1_client16"])

    def test_octet_by_octet(self):
        self.associate()
        found = b""
        octets = wrapped(_GET)
        for k in range(len(octets)):
            found += say(self.door, octets[k : k + 1])
            self.assertEqual(len(found) > 0, k == len(octets) - 1)
        self.assertEqual(found, wrapped(_HELLO, 1, 17))

    def test_several_at_once_and_cut_anywhere(self):
        octets = wrapped(_AARQ) + wrapped(_GET) * 3 + wrapped(unhex("6200"))
        want = say(self.door, octets)
        self.assertEqual(want.count(_HELLO), 3)
        self.assertEqual(want[-5:], unhex("6303800100"))
        for cut in range(1, len(octets)):
            self.assertEqual(say(self.door, octets[:cut]) + say(self.door, octets[cut:]), want)

    def test_the_next_request_waits_for_the_answer(self):
        self.associate()
        octets = wrapped(_GET) * 2
        pos = self.door.feed(octets, 0, len(octets), 0)
        self.assertEqual(pos, len(octets) // 2)
        self.assertEqual(self.door.feed(octets, pos, len(octets), 0), pos)
        self.assertEqual(replies(self.door), wrapped(_HELLO, 1, 17))
        self.assertEqual(self.door.feed(octets, pos, len(octets), 0), len(octets))
        self.assertEqual(replies(self.door), wrapped(_HELLO, 1, 17))

    def test_answer_in_small_pieces(self):
        self.associate()
        octets = wrapped(unhex(get(LONG)))
        self.door.feed(octets, 0, len(octets), 0)
        answer = replies(self.door, 8)
        self.assertEqual(answer, wrapped(unhex("C401C100") + VALUE, 1, 17))

    def test_other_version_or_length_breaks_the_stream(self):
        for header in (
            "0002001100010002",
            "0000001100010002",
            "0101001100010002",
            "0001001100010000",  # an APDU of nothing
            "0001001100010401",  # one octet more than this server takes
            "000100110001FFFF",
        ):
            self.assertEqual(say(self.door, unhex(header) + b"\x62\x00"), b"")
            self.assertTrue(self.door.broken)
            self.door.closed()
            self.assertFalse(self.door.broken)
        self.associate()

    def test_longest_request(self):
        # An AARQ of 1024 octets, most of them in a field that is skipped: 60 82 03FC AD 82 ...
        rest = _AARQ[2:]
        filler = 1024 - 4 - len(rest) - 8
        field = unhex("AD8203") + bytes((filler + 4 & 0xFF,)) + unhex("8082")
        field += bytes((filler >> 8, filler & 0xFF)) + b"x" * filler
        apdu = unhex("608203FC") + field + rest
        self.assertEqual(len(apdu), 1024)
        self.assertEqual(filler + 4 >> 8, 3)
        self.assertEqual(say(self.door, wrapped(apdu))[8], 0x61)
        self.assertEqual(self.door.server.association.status, 2)

    def test_unknown_ports_have_no_answer(self):
        for source, destination in ((17, 2), (17, 127), (17, 0), (0, 1), (126, 1), (0x111, 1)):
            self.assertEqual(say(self.door, wrapped(_AARQ, source, destination)), b"")
            self.assertFalse(self.door.broken)
        self.assertEqual(self.door.dropped, 6)
        # A client that has no association here is told so.
        self.assertEqual(say(self.door, wrapped(_AARQ, 0x55))[8:10], unhex("6117"))

    def test_other_pair_on_the_same_connection(self):
        self.associate()
        self.assertEqual(say(self.door, wrapped(_GET, 16)), wrapped(unhex("D80102"), 1, 16))
        self.assertEqual(say(self.door, wrapped(_GET)), wrapped(_HELLO, 1, 17))

    def test_end_of_the_connection_is_the_end_of_the_association(self):
        self.associate()
        octets = wrapped(_GET)
        self.door.feed(octets, 0, 5, 0)  # half a header is forgotten with it
        self.door.closed()
        self.assertEqual(say(self.door, octets), wrapped(unhex("D80102"), 1, 17))

    def test_datagrams(self):
        for octets, answered in (
            (wrapped(_AARQ), True),
            (wrapped(_GET), True),
            (wrapped(_GET)[:-1], False),
            (wrapped(_GET) + b"\x00", False),
            (wrapped(_GET) * 2, False),
            (wrapped(_GET, version=2), False),
            (wrapped(_GET)[:8], False),
            (b"", False),
            (b"\x00", False),
            (wrapped(b"x" * 1025), False),
            (wrapped(_GET), True),
        ):
            before = self.door.dropped
            self.door.datagram(octets, len(octets), 0)
            self.assertEqual(len(replies(self.door, 1100)) > 0, answered)
            self.assertEqual(self.door.dropped - before, 0 if answered else 1)
            self.assertFalse(self.door.broken)

    def test_time_reaches_the_server(self):
        octets = wrapped(_AARQ)
        self.door.feed(octets, 0, len(octets), 777)
        self.assertEqual(self.door.server.now_ms, 777)


if __name__ == "__main__":
    unittest.main()
