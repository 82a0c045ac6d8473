"""A case: some inputs to a fresh link, and what must hold after them. Cases can be kept and replayed.

Kept as JSON: {"door": name, "why": text, "steps": [milliseconds to wait | hex octets, ...]}
"""

import json

from apdus import Requests, opening
from cosem import associations
from all_doors import DOORS
from frames import Frames, Station, control
from mutations import mutated, some
from packets import Packets, packet

_LONGEST = 8  # inputs of a case
_POLLS = 40  # segments of one answer that the client fetches
# The one with most rights most often.
_CLIENTS = [client for client in (48, 48, 32, 16) if associations.select(client, 1) >= 0]
_SIZES = (64, 65535, 65535, 128, 1024)  # octets of an APDU that the client takes
_ADDRESSES = (1, 1, 2, 4)
_LIMITS = (b"", b"", b"\x81\x80\x14\x05\x02\x07\xee\x06\x02\x07\xee\x07\x04\x00\x00\x00\x07\x08\x04\x00\x00\x00\x07",
           b"\x81\x80\x06\x05\x01\x20\x06\x01\x20")  # fmt: skip
_MESSAGES = (b"/?!\r\n", b"/?10000001!\r\n", b"/?0010000001!\r\n", b"/?99!\r\n", b"\x06252\r\n",
             b"\x06050\r\n", b"\x06051\r\n", b"\x06202\r\n", b"\x06262\r\n", b"\x06\x06252\r\n",
             b"\x01B0\x03q", b"\x01R1\x021.8.0()\x03Z", b"\x15", b"\x00" * 30 + b"/?!\r\n")  # fmt: skip


class Case:
    """Steps as they are drawn from `rng` and sent to `door`; `steps` is what was sent."""

    def __init__(self, rng, door):
        self._rng = rng
        self._door = door
        self.steps = []
        self.inputs = 0
        self._refused = False
        self._station = Station(rng.choice(_CLIENTS), rng.choice(_ADDRESSES))
        self._requests = Requests(rng)
        self._wrapped = door.name == "wrapper"
        self._talk = (
            Packets(rng, self._requests, self._station.client)
            if self._wrapped
            else Frames(rng, self._requests, self._station)
        )

    def play(self):
        """Open or not, the inputs, the promises. Raises what was broken, or what escaped."""
        rng = self._rng
        signed_on = self._door.name != "optical" or self._sign_on()
        if signed_on and rng.randrange(8):
            self._open()
        for _ in range(rng.randrange(1, _LONGEST + 1)):
            self.inputs += 1
            if signed_on:
                self._input()
            else:
                self._message()
        self._door.settle()

    def _say(self, octets):
        self.steps.append(octets.hex())
        return self._door.hear(octets)

    def _wait(self, ms):
        self.steps.append(ms)
        return self._door.wait(ms)

    def _sign_on(self):
        """Two of three cases go on to HDLC; the others stay in the sign-on."""
        if self._rng.randrange(3) == 0:
            return False
        self.steps.append("sign-on")
        self._door.sign_on()
        return True

    def _open(self):
        station = self._station
        if self._wrapped:
            apdu = opening(station.client, self._rng.choice(_SIZES))
            self._heard(self._say(packet(station.client, apdu)))
            return
        self._heard(self._say(station.snrm(self._rng.choice(_LIMITS))))
        for frame in station.segments(opening(station.client, self._rng.choice(_SIZES)), 128):
            self._heard(self._say(frame))

    def _heard(self, answers):
        """The whole APDU that came back, fetched segment by segment."""
        if self._wrapped:
            apdu = answers[-1][8:] if answers else b""
            self._requests.saw(apdu)
            self._count(apdu, [])
            return
        apdu = b""
        for _ in range(_POLLS):
            more = False
            for answer in answers:
                field = self._station.heard(answer) if answer[:1] == b"\x7e" else None
                apdu += field or b""
                more = field is not None and self._station.more
            if not more:
                break
            answers = self._say(self._station.ready())
        self._requests.saw(apdu[3:])
        self._count(apdu[3:], answers)

    def _count(self, apdu, answers):
        """What kind of answer it was: a run that meets only one kind shows nothing."""
        self._refused = apdu[:1] in (b"\xd8", b"\x63")  # perhaps there is no association
        if apdu:
            kind = apdu[:2].hex() if apdu[0] in b"\xc4\xc5\xc7" else f"{apdu[0]:02x}"
        elif answers and answers[-1][:1] == b"\x7e":
            kind = f"frame {control(answers[-1]) & 0x1F:02x}"
        else:
            kind = "sign-on" if answers else "silence"
        self._door.answers[kind] += 1

    def _input(self):
        if (self._station.lost or self._refused) and self._rng.randrange(4):
            self._open()
        for piece in self._talk.draw():
            self._heard(self._say(piece))
        if self._rng.randrange(16) == 0:
            self._heard(self._wait(self._rng.choice((1, 30, 250, 3000, 20000, 130000))))

    def _message(self):
        """One message of the sign-on, right, beside it, or noise."""
        rng = self._rng
        text = rng.choice(_MESSAGES)
        kind = rng.randrange(6)
        if kind == 0:
            text = some(rng, rng.randrange(60))
        elif kind < 4:
            text = mutated(rng, text)
        self._heard(self._say(text))
        self._heard(self._wait(rng.choice((0, 30, 250, 250, 2000, 5000))))


def kept(door, why, steps):
    """The text of a case in the corpus."""
    return json.dumps({"door": door, "why": why, "steps": steps}, indent=1) + "\n"


def replay(text):
    """Plays a kept case on a fresh door; raises as it did when it was found."""
    case = json.loads(text)
    _replay(case["door"], case["steps"])


def shortest(door, steps):
    """The steps without those that the failure does not need; all when it needs what was before."""
    if not _fails(door, steps):
        return steps
    at = 0
    while at < len(steps):
        fewer = steps[:at] + steps[at + 1 :]
        if _fails(door, fewer):
            steps = fewer
        else:
            at += 1
    return steps


def _fails(door, steps):
    try:
        _replay(door, steps)
    except Exception:
        return True
    return False


def _replay(name, steps):
    door = DOORS[name]()
    for step in steps:
        if step == "sign-on":
            door.sign_on()
        elif isinstance(step, int):
            door.wait(step)
        else:
            door.hear(bytes.fromhex(step))
    door.settle()


__all__ = ["Case", "kept", "replay", "shortest"]
