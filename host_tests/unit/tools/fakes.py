"""Stand-ins for the port and the meter, and the vectors of vectors/client.json."""

import json
from pathlib import Path

_VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "client.json"


def vectors(prefix=""):
    """name -> octets, for names that start with prefix, in the order of the file."""
    rows = json.loads(_VECTORS.read_text(encoding="utf-8"))["vectors"]
    return {
        row["name"]: bytes.fromhex(row["hex"]) for row in rows if row["name"].startswith(prefix)
    }


class ScriptedWire:
    """Answers like a script: each (expected, answer) pair in its turn.

    An answer may be a list: its pieces come in one read each. Anything unexpected is an error of
    the test. `lines` records the line formats in the order they were set.
    """

    def __init__(self, script, piece=0):
        self.script = list(script)
        self.lines = []
        self.closed = False
        self._due = []
        self._piece = piece

    def set_line(self, baud, seven_bits):
        self.lines.append((baud, "7E1" if seven_bits else "8N1"))

    def write(self, data):
        assert self.script, f"sent behind the end of the script: {data.hex()}"
        expected, answer = self.script.pop(0)
        assert data == expected, f"sent {data.hex()} where {expected.hex()} was due"
        self._due += answer if isinstance(answer, list) else self._cut(answer)

    def _cut(self, answer):
        step = self._piece or max(1, len(answer))
        return [answer[i : i + step] for i in range(0, len(answer), step)]

    def read(self):
        return self._due.pop(0) if self._due else b""

    def drain(self, quiet_s=0.05):
        data, self._due = b"".join(self._due), []
        return data

    def close(self):
        self.closed = True


class FakeMeter:
    """A port with a small meter behind it, written for these tests: HDLC, one client, GET.

    `values` maps (class, obis, attribute) to encoded Data. max_info, window and block size are
    those the meter grants. `lose` is a set of numbers of frames (0 = the first this meter sends)
    that are lost on the way.
    """

    def __init__(self, values, max_info=128, window=1, block=0, lose=()):
        from microcosem import hdlc

        self.hdlc = hdlc
        self.values, self.max_info, self.window, self.block = values, max_info, window, block
        self.lose, self.frames_sent = set(lose), 0
        self.requests = []
        self._deframer = hdlc.Deframer()
        self._out = bytearray()
        self._restart()

    def _restart(self):
        self.v_s = self.v_r = 0
        self.request = b""
        self.parts = []  # information fields of the present answer
        self.acknowledged = 0  # how many of them the client has
        self.first = 0  # N(S) of parts[0]
        self.rest = b""  # octets of a block transfer not sent yet
        self.number = 0

    # the port
    def set_line(self, baud, seven_bits):
        pass

    def write(self, data):
        for frame in self._deframer.feed(data):
            self._frame(frame)

    def read(self):
        data, self._out = bytes(self._out), bytearray()
        return data

    def drain(self, quiet_s=0.05):
        return self.read()

    def close(self):
        pass

    # the meter
    def _send(self, control, information=b"", segmented=False, to=None):
        frame = self.hdlc.Frame(
            self.peer.source, self.peer.destination, control, information, segmented
        )
        if self.frames_sent not in self.lose:
            self._out += frame.encode()
        self.frames_sent += 1

    def _frame(self, frame):
        self.peer = frame
        if frame.kind == "SNRM":
            self._restart()
            self._send(0x73, self._parameters())
        elif frame.kind == "DISC":
            self._send(0x73)
        elif frame.kind == "RR":
            self._send_parts(frame.n_r)
        elif frame.kind == "I":
            self._information(frame)

    def _parameters(self):
        info, window = self.max_info.to_bytes(2, "big"), self.window.to_bytes(4, "big")
        items = (
            b"\x05\x02" + info + b"\x06\x02" + info + b"\x07\x04" + window + b"\x08\x04" + window
        )
        return b"\x81\x80" + bytes((len(items),)) + items

    def _information(self, frame):
        if frame.n_s == self.v_r:
            self.v_r = self.v_r + 1 & 7
            self.request += frame.information
            if frame.segmented:
                self._send(self.v_r << 5 | 0x11)
                return
            request, self.request = self.request[3:], b""
            self.requests.append(request)
            answer = b"\xe6\xe7\x00" + self._answer(request)
            self.first = self.v_s
            self.acknowledged = 0
            self.parts = [
                answer[i : i + self.max_info] for i in range(0, len(answer), self.max_info)
            ]
            self.v_s = self.first + len(self.parts) & 7
        self._send_parts(frame.n_r)

    def _send_parts(self, n_r):
        step = n_r - (self.first + self.acknowledged) & 7
        if step <= self.window:
            self.acknowledged += step
        window = list(enumerate(self.parts))[self.acknowledged :][: self.window]
        if not window:
            self._send(self.v_r << 5 | 0x11)
        for number, part in window:
            last = number == len(self.parts) - 1
            final = 0x10 if number == window[-1][0] else 0
            self._send(self.v_r << 5 | final | (self.first + number & 7) << 1, part, not last)

    def _answer(self, request):
        if request[0] == 0x60:
            return vectors("aare_ln_accepted")["aare_ln_accepted"]
        if request[0] == 0x62:
            return bytes.fromhex("6303800100")
        if request[1] == 2:
            return self._next_block()
        key = int.from_bytes(request[3:5], "big"), request[5:11], request[11]
        if key not in self.values:
            return b"\xc4\x01\xc1\x01\x04"
        if self.block and len(self.values[key]) > self.block:
            self.rest, self.number = self.values[key], 0
            return self._next_block()
        return b"\xc4\x01\xc1\x00" + self.values[key]

    def _next_block(self):
        piece, self.rest = self.rest[: self.block], self.rest[self.block :]
        self.number += 1
        size = bytes((len(piece),)) if len(piece) < 128 else bytes((0x81, len(piece)))
        return (
            b"\xc4\x02\xc1"
            + bytes((not self.rest,))
            + self.number.to_bytes(4, "big")
            + b"\x00"
            + size
            + piece
        )
