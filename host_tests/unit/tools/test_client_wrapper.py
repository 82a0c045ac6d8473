"""A session over the wrapper: the octets of two other clients, and answers that no meter sends."""

import json
import unittest
from pathlib import Path

from fakes import ScriptedWire
from microcosem.errors import GarbageError, ProtocolError, SilenceError
from microcosem.wrapper import WrapperSession

_VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "dlms.json"
_SERIAL = bytes((0, 0, 96, 1, 0, 255))


def _vector(name):
    rows = json.loads(_VECTORS.read_text(encoding="utf-8"))["vectors"]
    return next(bytes.fromhex(row["hex"]) for row in rows if row["name"] == name)


class TestWrapperSession(unittest.TestCase):
    def session(self, answer, piece=0):
        wire = ScriptedWire([(_vector("wrapper_client16_server1"), answer)], piece)
        return WrapperSession(wire, 16, 1, timeout_s=0.05)

    def test_get(self):
        answer = _vector("wrapper_server1_client16")
        for piece in (0, 1, 8, 9):
            session = self.session(answer, piece)
            session.connect()
            self.assertEqual(session.get(1, _SERIAL, 2), b"Hello")
            session.close()
            self.assertTrue(session.wire.closed)

    def test_another_port(self):
        answer = bytearray(_vector("wrapper_server1_client16"))
        answer[5] = 17  # destination
        with self.assertRaises(ProtocolError):
            self.session(bytes(answer)).get(1, _SERIAL, 2)

    def test_no_wrapper(self):
        with self.assertRaises(GarbageError):
            self.session(bytes.fromhex("7EA0080302FF1FC63A7E")).get(1, _SERIAL, 2)

    def test_silence(self):
        for answer in (b"", _vector("wrapper_server1_client16")[:-1]):
            with self.assertRaises(SilenceError):
                self.session(answer).get(1, _SERIAL, 2)


if __name__ == "__main__":
    unittest.main()
