# DOOR of the application layer: a request APDU in, an answer APDU in `out`. Green Book 9.3 to 9.5.
#
# Errors meet here and nowhere else: a violation of the protocol becomes EXCEPTION-RESPONSE
# D8 state service; a bug of ours ends the association and leaves the link alive.
from micropython import const

from cosem import associations
from dlms.access import Access
from dlms.action import Action
from dlms.association import Association
from dlms.blocks import Blocks
from dlms.errors import (
    NotAssociated,
    NotNegotiated,
    OwnBug,
    PduTooLong,
    ProtocolError,
    UnknownApdu,
)
from dlms.general_blocks import GeneralBlocks
from dlms.get import Get
from dlms.set import Set
from dlms.staging import Staging
from meter import events

_LLC = const(3)  # the link layer writes its LLC header in front of the answer
_HEAD = const(12)  # longest header in front of a value, see blocks.py
# What one piece may overrun the answer by: 256 octets of a value (cosem/request.py) and, in a
# list, 3 in front of it.
_STICKS_OUT_MAX = const(259)
_AARQ = const(0x60)
_RLRQ = const(0x62)
_GET = const(0xC0)
_SET = const(0xC1)
_ACTION = const(0xC3)
_CONFIRMED = const(0x40)  # service class, bit 6 of the invoke octet
_ACCESS = const(0xD9)
_GENERAL_BLOCK = const(0xE0)
_EXCEPTION = const(0xD8)
_NO_LIMIT = const(0x3FFF)
# Requests of services this server knows and does not offer, answered with service-not-supported:
# read 05, write 06, unconfirmed write 16, the ciphered 21 .. D3,
# general ciphering DB .. DD, general signing DF.
_NOT_OFFERED = (
    b"\x05\x06\x16\x21\x25\x26\x36\x41\x45\x46\x56"
    b"\xc8\xc9\xcb\xd0\xd1\xd3\xdb\xdc\xdd\xdf"
)


class Server:
    """The application process of one channel: one association at a time, all logical devices.

    max_pdu_rx, max_pdu_tx: octets of the largest request taken and the largest answer made.
    The answer is out[out_pos:out_end]; nothing is to be sent when they are equal. With
    out_stride it holds several APDUs, which begin so many octets apart and end 3 octets (an LLC
    header) in front of the next.
    """

    def __init__(self, max_pdu_rx: int, max_pdu_tx: int):
        self.max_pdu_rx = max_pdu_rx
        self.start = _LLC
        # The block on the wire, which may have to be sent again, and the next one behind it.
        self.out = bytearray(_LLC + _HEAD + 2 * max_pdu_tx + _STICKS_OUT_MAX)
        self.out_pos = self.out_end = self.start
        self.out_stride = 0  # from one APDU of the answer to the next, 0 = there is one
        # What leaves in one turn of the line, without being polled for more: frames, and the
        # octets of each. The link layer sets them when it is opened; one APDU may always go.
        self.line_window = 1
        self.line_info = _NO_LIMIT
        self.association = Association(max_pdu_rx, max_pdu_tx)
        self.staging = Staging(max_pdu_rx)
        self.blocks = Blocks(self, self.association)
        self.general = GeneralBlocks(self, self.association)
        # One object per service: serve(buf, pos, end) answers a request, abort() forgets what a
        # transfer in progress would need.
        self._services = {
            _GET: Get(self, self.association),
            _SET: Set(self, self.association),
            _ACTION: Action(self, self.association),
            _ACCESS: Access(self, self.association),
        }
        self._serving = self._services[_GET]  # whose request was the last
        self.now_ms = 0  # the link keeps it: delays after wrong passwords are measured with it
        self.bugs = 0  # own mistakes caught here; anything but 0 is worth a report
        self.last_bug = None

    def serves(self, server: int) -> bool:
        """Is there a logical device with this SAP?"""
        return associations.device(server)

    def released(self):
        """The link is gone, and with it the association."""
        self.association.release()
        self.general.abort()
        self.abort()

    def abort(self):
        """End every transfer in progress."""
        self._serving.abort()

    def answer(self, client: int, server: int, buf, pos: int, end: int):
        """Serve the request APDU at buf[pos:end] from client SAP to server SAP."""
        self.out_pos = self.out_end = self.start
        self.out_stride = 0
        try:
            self._serve(client, server, buf, pos, end)
        except ProtocolError as violation:
            self.abort()
            self._exception(violation)
            if _unconfirmed(buf, pos, end):
                self.sent(0, 0)
        except Exception as bug:
            self._note(bug)
            self._exception(OwnBug)

    def ahead(self):
        """Use a moment in which nothing is asked: make some of what will be asked next."""
        try:
            self.blocks.ahead()
        except Exception as bug:
            self._note(bug)

    def _note(self, bug):
        self.bugs += 1
        self.last_bug = bug
        events.raise_(events.PROGRAM_ERROR)
        self.released()

    def too_long(self):
        """Answer a request that was longer than max_pdu_rx and is not there: D8 01 04."""
        self._exception(PduTooLong)

    def unconfirmed(self, client: int, server: int, buf, pos: int, end: int):
        """Serve a request that has no answer: one that came in a UI frame or to all stations."""
        self.answer(client, server, buf, pos, end)
        self.out_pos = self.out_end = self.start

    def sent(self, pos: int, end: int):
        """A service has written its answer to out[pos:end]."""
        self.out_pos = pos
        self.out_end = end

    def _serve(self, client: int, server: int, buf, pos: int, end: int):
        if buf[pos] == _GENERAL_BLOCK and self.association.between(client, server):
            self.general.serve(client, server, buf, pos, end)
        else:
            self.general.abort()
            self.serve_request(client, server, buf, pos, end)

    def serve_request(self, client: int, server: int, buf, pos: int, end: int):
        """Serve a request that is whole, as it came or as general blocks held it."""
        tag = buf[pos]
        partner = self.association.between(client, server)
        service = self._services.get(tag) if partner else None
        if service:
            if service is not self._serving:
                self.abort()
                self._serving = service
            service.serve(buf, pos, end)
        elif tag == _AARQ:
            self.abort()
            start, now_ms = self.start, self.now_ms
            opened = self.association.open(client, server, buf, pos, end, self.out, start, now_ms)
            self.sent(start, opened)
        elif tag == _RLRQ:
            start = self.start
            closed = self.association.close(client, server, buf, pos, end, self.out, start)
            self.sent(start, closed)
            if not self.association.status:
                self.abort()
        else:
            self._unserved(tag, partner)

    def _unserved(self, tag: int, partner: bool):
        if not partner:
            raise NotAssociated
        for known in _NOT_OFFERED:
            if tag == known:
                raise NotNegotiated
        raise UnknownApdu

    def _exception(self, violation):
        self.general.abort()
        self.out_stride = 0
        at = self.start
        self.out[at] = _EXCEPTION
        self.out[at + 1] = violation.state
        self.out[at + 2] = violation.service
        self.sent(at, at + 3)


def _unconfirmed(buf, pos: int, end: int) -> bool:
    # GET, SET or ACTION whose invoke octet says that nobody waits for an answer.
    return buf[pos] in (_GET, _SET, _ACTION) and end - pos > 2 and not buf[pos + 2] & _CONFIRMED
