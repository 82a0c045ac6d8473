# After hostile input the heap is where it was: the fuzzer's corpus for the link, played twice.
# gc.mem_alloc() is MicroPython's; on CPython the cases just run (host_tests/fuzz measures there).
import gc
import json
import os
import unittest

from cosem import associations, clock, hdlc_setup
from dlms.hdlc import Link
from dlms.server import Server
from dlms_vectors import unhex
from test_steady_get import StillClock

_CORPUS = __file__.replace("\\", "/").rsplit("/unit/", 1)[0] + "/fuzz/corpus"
_INACTIVITY_MS = 120000
_SLACK = 64  # octets: what a case leaves in a cache of the interpreter


def _nothing():
    return 0


_allocated = getattr(gc, "mem_alloc", _nothing)


def _cases():
    """Steps of every kept case for the link: milliseconds to wait, or octets."""
    found = []
    for name in sorted(os.listdir(_CORPUS)):
        with open(_CORPUS + "/" + name) as f:
            case = json.load(f)
        if case["door"] == "hdlc":
            steps = [unhex(s.upper()) if isinstance(s, str) else s for s in case["steps"]]
            found.append(steps)
    return found


class TestFloor(unittest.TestCase):
    def setUp(self):
        clock.use(StillClock())
        self.server = Server(1024, 1024)
        associations.links[:] = [self.server.association]
        self.link = Link(self.server, 17, 512, 7, 200, _INACTIVITY_MS)
        hdlc_setup.ports.clear()
        hdlc_setup.add(self.link)
        self.out = bytearray(530)
        self.now_ms = 0

    def _play(self, steps):
        for step in steps:
            if isinstance(step, int):
                self.now_ms += step
                self.link.tick(self.now_ms)
                continue
            for at in range(0, len(step), 256):
                piece = step[at : at + 256]
                self.link.feed(piece, len(piece), self.now_ms)
                while self.link.reply(self.out):
                    pass
        self.now_ms += _INACTIVITY_MS + 1
        self.link.tick(self.now_ms)

    def test_corpus(self):
        cases = _cases()
        self.assertTrue(len(cases) >= 10)
        for steps in cases:
            self._play(steps)
        gc.collect()
        floor = _allocated()
        for steps in cases:
            self._play(steps)
        gc.collect()
        self.assertTrue(_allocated() <= floor + _SLACK)
        self.assertEqual(self.server.bugs, 0)


if __name__ == "__main__":
    unittest.main()
