# A steady GET allocates nothing in the link and service layers: on MicroPython the heap is locked
# from the first octet of the request to the last of the answer, through the real object model.
# CPython has no such lock; there the same octets must come out, no more.
import unittest

import micropython
from cosem import associations, clock
from dlms.hdlc import Link
from dlms.server import Server
from dlms_vectors import unhex
from test_fcs import bitwise

_READER = 0x41  # client 32
_SERVER = 0x03  # logical device 1
_SNRM, _RR = 0x93, 0x11
_SMALL = "81 80 06 05 01 80 06 01 80"  # SNRM: 128 octets either way
_AARQ = (
    "60 36 A1 09 06 07 60 85 74 05 08 01 01 8A 02 07 80 8B 07 60 85 74 05 08 02 01"
    "AC 0A 80 08 31 32 33 34 35 36 37 38 BE 10 04 0E 01 00 00 00 06 5F 1F 04 00 00 10 1D"
)
_REGISTER = "C0 01 C1 00 03 01 00 01 07 00 FF 02 00"
_SCALER = "C0 01 C1 00 03 01 00 01 07 00 FF 03 00"
_CLOCK = "C0 01 C1 00 08 00 00 01 00 00 FF 02 00"
_LONG = "C0 01 C1 00 01 00 00 60 33 00 FF 02 00"  # 600 octets counting modulo 251
_DENIED = "C0 01 C1 00 03 01 00 01 07 00 FF 09 00"  # there is no attribute 9
_POLLS_MAX = 60


def _nothing():
    return 0


_lock = getattr(micropython, "heap_lock", _nothing)
_unlock = getattr(micropython, "heap_unlock", _nothing)


def _octets(text):
    return unhex(text.replace(" ", ""))


def frame(control, information=b""):
    """A frame of the reader. FCS and HCS go over what is behind the opening flag."""
    length = 7 + (len(information) + 2 if information else 0)
    head = bytes((0xA0 | length >> 8, length & 0xFF, _SERVER, _READER, control))
    body = _checked(head) + information if information else head
    return b"\x7e" + _checked(body) + b"\x7e"


def _checked(octets):
    fcs = bitwise(octets)
    return octets + bytes((fcs & 0xFF, fcs >> 8))


class StillClock:
    """Sunday 2026-11-22 14:30:05.50, one hour ahead of UTC, as meter.clock.Clock shows it."""

    fields = [2026, 11, 22, 7, 14, 30, 5, 50, -60, 0]

    def now(self):
        pass


class Meter:
    """A link to the real object model, associated; `say` allocates nothing itself."""

    def __init__(self, max_pdu="FFFF"):
        clock.use(StillClock())
        self.server = Server(1024, 1024)
        associations.links[:] = [self.server.association]
        self.link = Link(self.server, 17, 512, 7, 200, 120000)
        self.out = bytearray(530)
        self.got = bytearray(64)  # of the last frame, for a look
        self.frames = 0
        self.polls = [frame(_RR | k << 5) for k in range(8)]
        self.say(frame(_SNRM, _octets(_SMALL)))
        self.say(frame(0x10, b"\xe6\xe6\x00" + _octets(_AARQ + max_pdu)))
        self.n = 1  # N(S) and N(R) run together: one frame there, one frame back

    def say(self, octets):
        """Feed a frame and take every frame that comes; the size of the last one."""
        self.link.feed(octets, len(octets), 0)
        size = 0
        while True:
            n = self.link.reply(self.out)
            if not n:
                return size
            self.frames += 1
            size = n


def numbered(meter, requests):
    """A frame for each request, N(S) and N(R) from the meter's present number on."""
    made = []
    for k in range(len(requests)):
        n = (meter.n + k) & 7
        made.append(frame(n << 5 | 0x10 | n << 1, b"\xe6\xe6\x00" + _octets(requests[k])))
    return made


def rounds(meter, request):
    """Eight times one request: the numbers are then where they were."""
    return numbered(meter, [request] * 8)


def _serve(meter, frames):
    for octets in frames:
        meter.say(octets)


def _wasteful(meter, unused):
    meter.kept = bytearray(100)


def _fetch(meter, request):
    """One request, its answer polled segment by segment, N(R) from the frames that come."""
    size = meter.say(request)
    for _ in range(_POLLS_MAX):
        if not meter.out[1] & 0x08:
            return size
        size = meter.say(meter.polls[(meter.out[5] >> 1 & 7) + 1 & 7])
    return -1


class TestSteadyGet(unittest.TestCase):
    def _locked(self, work, meter, argument):
        """Runs work twice, the second time with the heap locked; nothing may be different."""
        work(meter, argument)
        frames = meter.frames
        _lock()
        try:
            work(meter, argument)
        finally:
            _unlock()
        if meter.server.bugs:
            raise meter.server.last_bug
        return frames

    def _rounds(self, request, answer):
        meter = Meter()
        self._locked(_serve, meter, rounds(meter, request))
        self.assertEqual(meter.frames, 2 + 16)
        # 7E A0 len client server control HCS(2) LLC(3) C4 01 C1 ...
        start = 11
        self.assertEqual(bytes(meter.out[start : start + len(answer) // 2]), unhex(answer))

    def test_register(self):
        self._rounds(_REGISTER, "C401C10006")

    def test_scaler(self):
        self._rounds(_SCALER, "C401C10002020FFF161B")

    def test_clock(self):
        self._rounds(_CLOCK, "C401C100090C07EA0B16070E1E0532FFC400")

    def test_refusal(self):
        self._rounds(_DENIED, "C401C10104")

    def test_segments(self):
        # 604 octets of Data, 4 of header and 3 of LLC in frames of 128: 5 frames.
        meter = Meter()
        before = meter.frames
        self.assertTrue(_fetch(meter, rounds(meter, _LONG)[0]) > 0)
        self.assertEqual(meter.frames - before, 5)
        # The next request's number: five I frames came, one went.
        last = meter.out[5] >> 1 & 7
        n_s, n_r = meter.n + 1 & 7, last + 1 & 7
        request = frame(n_r << 5 | 0x10 | n_s << 1, b"\xe6\xe6\x00" + _octets(_LONG))
        _lock()
        try:
            size = _fetch(meter, request)
        finally:
            _unlock()
        self.assertEqual(meter.server.bugs, 0)
        self.assertTrue(size > 0)
        self.assertEqual(meter.frames - before, 10)

    def test_blocks(self):
        # An APDU of 64 octets: 10 of header, 54 of the value's 604, so 12 blocks; 4 requests
        # that are refused bring the numbers to where they were.
        meter = Meter("0040")
        requests = [_LONG] + ["C0 02 C1 000000%02X" % k for k in range(1, 12)] + [_DENIED] * 4
        self._locked(_serve, meter, numbered(meter, requests))
        self.assertEqual(meter.frames, 2 + 32)

    def test_the_lock_is_real(self):
        """What does allocate fails under the lock, where there is one."""
        meter = Meter()
        if _lock is not _nothing:
            with self.assertRaises(MemoryError):
                self._locked(_wasteful, meter, None)


if __name__ == "__main__":
    unittest.main()
