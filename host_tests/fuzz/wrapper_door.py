"""The wrapper on a clock of its own, as doors.py has the link."""

from apdus import opening
from dlms.wrapper import Wrapper
from doors import ACCEPTED, NAME, NAME_ANSWER, PUBLIC, SHORT_ANSWER, TICKS_MASK, Broken, HdlcDoor
from packets import packet

_DATAGRAM = 4  # one piece of so many
_HEADER = 8  # octets of the wrapper's header


class WrapperPort(HdlcDoor):
    """The wrapper as on TCP; every fourth piece is a datagram of UDP."""

    name = "wrapper"
    _probing = True  # until the first probe is over

    def _make(self):
        return Wrapper(self.server)

    def _port(self):
        return super()._make()  # a serial port that nobody uses

    def wait(self, ms):
        self.now_ms = (self.now_ms + ms) & TICKS_MASK
        return []

    def hear(self, octets):
        """The answers, each with its header; a broken stream is closed, as port/network.py does."""
        self.sent += 1
        if self.sent % _DATAGRAM == 0 and not self._probing:
            self.door.datagram(octets, len(octets), self.now_ms)
            answers = [self._answer()] if self.door.answering() else []
        else:
            answers = self._stream(octets)
        if self.server.bugs:
            raise Broken(f"a bug was caught: {self.server.last_bug!r}")
        return answers

    def _stream(self, octets):
        answers, pos = [], 0
        while pos < len(octets) and not self.door.broken:
            before, pos = pos, self.door.feed(octets, pos, len(octets), self.now_ms)
            if self.door.answering():
                answers.append(self._answer())
            elif pos == before:
                raise Broken("the wrapper takes nothing and answers nothing")
        if self.door.broken:
            self.door.closed()
        return answers

    def _answer(self):
        answer = b""
        while n := self.door.reply(self._out):
            answer += bytes(self._out[:n])
        allowed = max(self.server.association.max_pdu_tx, SHORT_ANSWER)
        size = int.from_bytes(answer[6:8], "big")
        if answer[:2] != b"\x00\x01" or size != len(answer) - _HEADER:
            raise Broken(f"no wrapper: {answer[:16].hex()}, {len(answer)} octets")
        if self.server.association.status and size > allowed:
            raise Broken(f"an APDU of {size} octets, {allowed} negotiated")
        return answer

    def probe(self):
        """The peer is gone; the next one is served."""
        self._probing = True
        self.door.closed()
        for apdu, wanted in ((opening(PUBLIC), ACCEPTED), (NAME, NAME_ANSWER)):
            answers = self.hear(packet(PUBLIC, apdu))
            if len(answers) != 1 or wanted not in answers[0]:
                raise Broken(f"{apdu.hex()} was answered with {[a.hex() for a in answers]}")
        self.door.closed()
        self._probing = False
