"""The meter's doors on a clock of their own, and what must hold whatever they are told.

`hear(octets)` gives back the answers; `probe()` shows that the next valid client is served;
`footprint()` is what the door holds in memory. A broken promise raises Broken.
"""

import types
from collections import Counter

import config
from apdus import opening
from cosem import associations, dispatch, hdlc_setup
from cosem import clock as clock_class
from cosem.table import ATTRIBUTES
from dlms import frame, staging
from dlms.hdlc import Link
from dlms.optical import OpticalDoor
from dlms.server import Server
from dlms.signon import SignOn
from frames import Station
from meter import events, log, settings
from meter.clock import Clock

_CHUNK = 256  # octets that port/channel.py hands over at once
_LLC = 3  # octets of the LLC header between the blocks of one turn
SHORT_ANSWER = 11  # an error or an empty block is sent whatever the client said it takes
_MANY = 300  # answers to one piece: beyond it the door would never be silent
_STEP_MS = 20
# Octets: an attribute has 1024 at most and its head; entries of ATTRIBUTES have 8.
_SETTINGS_MAX = len(ATTRIBUTES) // 8 * 1028
_OWNERLESS_MS = 16000  # hdlc.py lets another client in after 15 s of silence
TICKS_MASK = 0x3FFFFFFF
NAME = bytes.fromhex("C001C1000100002A0000FF0200")  # GET of the logical device name
NAME_ANSWER = bytes.fromhex("C401C100090B") + b"MCM10000001"  # meter.toml: MCM, 10000001
ACCEPTED = b"\xa2\x03\x02\x01\x00"  # AARE: result accepted
ACKNOWLEDGE = b"\x06252\r\n"  # mode E, 9600 Bd: Z = 5 of meter.toml
PUBLIC = 16
_OPAQUE = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType,
           int, float, str, bytes, type(None), types.GeneratorType)  # fmt: skip


class Broken(AssertionError):
    """The meter did what it must never do; the text says what."""


class _Rtc:
    """A clock chip that stands still; it takes what it is told (see port/rtc.py)."""

    lost = False

    def __init__(self):
        self._kept = [2026, 11, 22, 7, 14, 30, 5, 255]

    def read(self, fields):
        for k, value in enumerate(self._kept):
            fields[k] = value
        return True

    def write(self, fields):
        self._kept[:7] = list(fields[:7])
        return True


class HdlcDoor:
    """The link as on RS-485. `now_ms` is its time."""

    name = "hdlc"

    def __init__(self):
        _forget()
        clock_class.use(Clock(_Rtc(), *config.CLOCK))
        dispatch.start()
        self.server = Server(config.MAX_PDU, config.MAX_PDU)
        associations.links[:] = [self.server.association]
        self.door = self._make()
        # Without ports: what a client sets of the link is kept, and does not lock the next one out.
        hdlc_setup.ports.clear()
        self.now_ms = TICKS_MASK - 100000  # the counter turns over soon
        self.sent = 0  # pieces heard
        self.answers = Counter()
        self._out = bytearray(frame.buffer_size(config.MAX_INFO))
        self._station = Station(PUBLIC)
        self.limits = Station()  # listens to every UA: what an information field may hold
        self.probe()
        self._floor = self.footprint()

    def _make(self):
        return Link(self.server, config.RS485_PHYSICAL, config.MAX_INFO, config.WINDOW,
                    config.INTER_OCTET_MS, config.INACTIVITY_MS,
                    config.RS485_ADDRESS_OCTETS)  # fmt: skip

    # --- time and octets -----------------------------------------------------------------------

    def wait(self, ms):
        """Let time pass; answers that fall due are given back."""
        self.now_ms = (self.now_ms + ms) & TICKS_MASK
        self.door.tick(self.now_ms)
        return self._drain()

    def hear(self, octets):
        """Everything the door answers to octets that come at once."""
        self.sent += 1
        answers = []
        for at in range(0, len(octets), _CHUNK):
            piece = octets[at : at + _CHUNK]
            self.now_ms = (self.now_ms + 1) & TICKS_MASK
            self.door.feed(piece, len(piece), self.now_ms)
            answers += self._drain()
        if self.server.bugs:
            raise Broken(f"a bug was caught: {self.server.last_bug!r}")
        return answers

    def _drain(self):
        answers = []
        while n := self.door.reply(self._out):
            answers.append(bytes(self._out[:n]))
            self._judge(answers[-1])
            if len(answers) > _MANY:
                raise Broken("the door does not stop answering")
        return answers

    def _judge(self, answer):
        if answer[:1] != b"\x7e":
            self.answers["sign-on"] += 1
            return
        field = self.limits.heard(answer)
        if field is None:
            return
        self.answers["I"] += 1
        if len(field) > self.limits.max_info:
            raise Broken(f"{len(field)} octets in a frame, {self.limits.max_info} negotiated")
        server = self.server
        size = server.out_stride - _LLC if server.out_stride else server.out_end - server.out_pos
        allowed = self.server.association.max_pdu_tx
        if self.server.association.status and size > max(allowed, SHORT_ANSWER):
            raise Broken(f"an APDU of {size} octets, {allowed} negotiated")

    # --- the promises ----------------------------------------------------------------------------

    def probe(self):
        """Any client that comes along later is served as if nothing had been."""
        self.wait(_OWNERLESS_MS)
        self._enter()
        station = self._station
        self._ask(station.snrm(), "SNRM")
        station.reset()
        answer = self._request(opening(PUBLIC))
        if ACCEPTED not in answer:
            raise Broken(f"an AARQ was answered with {answer.hex()}")
        answer = self._request(NAME)
        if answer != NAME_ANSWER:
            raise Broken(f"a GET was answered with {answer.hex()}")
        self._ask(station.disc(), "DISC")

    def _enter(self):
        """What comes before HDLC."""

    def _ask(self, octets, what):
        answers = self.hear(octets)
        if len(answers) != 1:
            raise Broken(f"{len(answers)} answers to {what}")
        if answers[0][5:6] != b"\x73":  # 7E A0 len client server control
            raise Broken(f"no UA to {what}: {answers[0].hex()}")

    def _request(self, apdu):
        station = self._station
        (request,) = station.segments(apdu, 128)
        answers = self.hear(request)
        if len(answers) != 1:
            raise Broken(f"{len(answers)} answers to {apdu.hex()}")
        field = station.heard(answers[0])
        if field is None:
            raise Broken(f"no I frame to {apdu.hex()}: {answers[0].hex()}")
        return field[3:]

    def footprint(self):
        """(type, size) -> how many of the objects that can be reached from the door."""
        found, seen, waiting = Counter(), set(), [self.door]
        while waiting:
            one = waiting.pop()
            if id(one) in seen or isinstance(one, _OPAQUE):
                continue
            seen.add(id(one))
            found[type(one).__name__, len(one) if hasattr(one, "__len__") else 0] += 1
            waiting += _held(one)
        return found

    def settle(self):
        """The end of a case: the next client is served, and memory is at its floor."""
        self.probe()
        if staging._owner is not None:
            raise Broken("the buffer of requests by blocks is still taken")
        kept = sum(len(value) for value in settings._values.values())
        if kept > _SETTINGS_MAX:
            raise Broken(f"{kept} octets of settings")
        grown = self.footprint() - self._floor
        if grown:
            raise Broken(f"memory did not return to its floor: {dict(grown)}")


def _forget():
    """What modules keep for all doors: as after a start, or a run would depend on the one before."""
    settings._values.clear()
    log.use(None)
    while events.take():
        pass
    staging._owner = None
    staging._shared = bytearray(0)


def _held(one):
    """Objects that an object holds."""
    if isinstance(one, dict):
        return list(one.values())
    if isinstance(one, (list, tuple, set)):
        return list(one)
    return list(getattr(one, "__dict__", {}).values())


class OpticalPort(HdlcDoor):
    """The optical port: sign-on, then the link."""

    name = "optical"

    def _make(self):
        link = super()._make()
        signon = SignOn(config.IDENTIFICATION, config.DEVICE_ADDRESS, config.REACTION_MS)
        return OpticalDoor(signon, link, config.UNUSED_MS)

    def _enter(self):
        # The link is closed by its inactivity time-out, then the port falls back to 300 Bd.
        self.wait(config.INACTIVITY_MS + _STEP_MS)
        self.wait(config.UNUSED_MS + _STEP_MS)
        if self.sign_on() != [config.IDENTIFICATION, ACKNOWLEDGE]:
            raise Broken("no sign-on")

    def sign_on(self):
        """Mode E up to HDLC; the two answers of the meter."""
        said = []
        for message in (b"/?!\r\n", ACKNOWLEDGE):
            said += self.hear(message)
            said += self.wait(config.REACTION_MS + _STEP_MS)
        return said
