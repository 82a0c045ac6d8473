"""The runner's own client: links, associations, APDUs in I frames. Not the firmware's code.

It needs a line with exchange(octets) -> all that came back until the line was quiet. Every
frame that it takes must have good check sequences, the client's address and the next N(S).
"""

import octets

_SNRM, _DISC, _UA, _DM = 0x93, 0x53, 0x73, 0x1F
_LLC_OUT, _LLC_IN = b"\xe6\xe6\x00", b"\xe6\xe7\x00"
_MAX_INFO = 128  # without negotiation
_POLLS_MAX = 2000  # a meter that never comes to an end is wrong
_LLS = b"\x8a\x02\x07\x80\x8b\x07\x60\x85\x74\x05\x08\x02\x01\xac"
CONFORMANCE = b"\x00\x7e\x1f"
MAX_PDU = 0x04B0

# pre -> client SAP, password
CLIENTS = {
    "associated": (16, b""),
    "reader": (32, b"12345678"),
    "configurator": (48, b"87654321"),
}


class WrongAnswer(AssertionError):
    """The meter answered against the protocol; the message has the octets."""


class Refused(WrongAnswer):
    """The association or the link was not granted."""


class Frame:
    """A frame that came back: head (addresses and control), information, segmented."""

    def __init__(self, body):
        self.body = body
        self.segmented = bool(body[0] & 8)
        size = next((n for n in range(1, 5) if body[3 + n - 1] & 1), 0)
        self.source = body[3 : 3 + size]
        self.destination = body[2:3]
        self.control = body[3 + size]
        rest = body[4 + size : -2]
        if rest and octets.fcs16(body[: 4 + size]) != rest[:2]:
            raise WrongAnswer(f"wrong HCS in {octets.shown(body)}")
        self.information = rest[2:]

    @property
    def final(self):
        return bool(self.control & 0x10)


def frames(heard):
    """The frames of an answer; anything else in it is an error."""
    found = []
    at = 0
    while at < len(heard):
        size = (heard[at + 1] & 7) << 8 | heard[at + 2] if len(heard) > at + 2 else 0
        body = heard[at + 1 : at + 1 + size]
        whole = heard[at : at + size + 2]
        sound = len(body) >= 7 and octets.fcs16(body[:-2]) == body[-2:]
        if heard[at] != octets.FLAG or whole[-1] != octets.FLAG or not sound:
            raise WrongAnswer(f"no frame: {octets.shown(heard[at:])}")
        found.append(Frame(body))
        at += size + 1 if heard[at + size + 1 : at + size + 3] == b"\x7e\xa0" else size + 2
    return found


def aarq(password=b"", conformance=CONFORMANCE, max_pdu=MAX_PDU):
    """AARQ of the LN context without ciphering; with a password LLS."""
    body = bytes.fromhex("A109060760857405080101")
    if password:
        body += _LLS + bytes((len(password) + 2, 0x80, len(password))) + password
    initiate = b"\x01\x00\x00\x00\x06\x5f\x1f\x04\x00" + conformance + max_pdu.to_bytes(2, "big")
    body += b"\xbe" + bytes((len(initiate) + 2, 4, len(initiate))) + initiate
    return b"\x60" + bytes((len(body),)) + body


class Client:
    """One client on one line. server: the address octets of the meter."""

    def __init__(self, line, client=16, server=b"\x03", max_info=0, window=0):
        self.line = line
        self.server, self.client = server, bytes((client << 1 | 1,))
        self._propose = max_info, window
        self._max_info = _MAX_INFO
        self._vs = self._vr = 0

    def _frame(self, control, information=b"", segmented=False):
        return octets.frame(self.server + self.client + bytes((control,)), information, segmented)

    def command(self, control, information=b""):
        """An unnumbered command; the control octet of the answer, 0 for silence, and the frame."""
        found = frames(self.line.exchange(self._frame(control, information)))
        return (found[-1].control, found[-1]) if found else (0, None)

    def disconnect(self):
        """DISC until the link is closed: UA and then DM, or DM at once."""
        answer, _ = self.command(_DISC)
        if answer not in (_UA, _DM):
            raise WrongAnswer(f"DISC was answered with control {answer:02X}")

    def connect(self):
        """SNRM, with parameters when some are asked for; takes what the UA says."""
        max_info, window = self._propose
        information = _proposal(max_info or _MAX_INFO, window or 1) if any(self._propose) else b""
        answer, found = self.command(_SNRM, information)
        if answer != _UA:
            raise Refused(f"SNRM was answered with control {answer:02X}")
        self._max_info = min(max_info or _MAX_INFO, _accepted(found.information, 6))
        self._vs = self._vr = 0

    def associate(self, password=b"", conformance=CONFORMANCE, max_pdu=MAX_PDU):
        """An open association; the AARE."""
        aare = self.ask(aarq(password, conformance, max_pdu))
        if b"\xa2\x03\x02\x01\x00" not in aare:
            raise Refused(f"no association: {octets.shown(aare)}")
        return aare

    def ask(self, apdu):
        """The answer APDU, in however many frames; b"" when there is none."""
        field = _LLC_OUT + apdu
        parts = [field[k : k + self._max_info] for k in range(0, len(field), self._max_info)]
        for k, part in enumerate(parts):
            heard = self._numbered(part, k + 1 < len(parts))
        return self._collect(heard)

    def _numbered(self, part, more):
        """Send an I frame; the frames that come back, which must acknowledge it."""
        control = self._vr << 5 | 0x10 | self._vs << 1
        self._vs = self._vs + 1 & 7
        found = frames(self.line.exchange(self._frame(control, part, more)))
        if not found or more and (len(found) > 1 or found[0].control & 0xF != 1):
            raise WrongAnswer(f"an I frame was answered with {[f.body.hex() for f in found]}")
        return found

    def _collect(self, found):
        """Put the segments together, polling with RR for those that are outstanding."""
        field = b""
        for _ in range(_POLLS_MAX):
            for one in found:
                field += self._take(one)
            if not found[-1].final:
                raise WrongAnswer("the last frame has F = 0")
            if found[-1].control & 1 or not found[-1].segmented:
                return self._stripped(field)
            found = frames(self.line.exchange(self._frame(self._vr << 5 | 0x11)))
            if not found or found[0].control & 1:
                raise WrongAnswer("RR did not bring the next segment")
        raise WrongAnswer("the answer has no end")

    def _take(self, one):
        if one.destination != self.client or one.source != self.server:
            raise WrongAnswer(f"wrong addresses: {octets.shown(one.body)}")
        numbered = not one.control & 1
        if (not numbered and one.control & 0xF != 1) or one.control >> 5 != self._vs:
            raise WrongAnswer(f"an APDU was answered with {octets.shown(one.body)}")
        if numbered:
            if one.control >> 1 & 7 != self._vr:
                raise WrongAnswer(f"wrong N(S): {octets.shown(one.body)}")
            self._vr = self._vr + 1 & 7
        return one.information

    def _stripped(self, field):
        if field and field[:3] != _LLC_IN:
            raise WrongAnswer(f"no LLC header: {octets.shown(field)}")
        return field[3:]


def _proposal(max_info, window):
    """Information field of an SNRM: both directions alike. IEC 62056-46 6.4.4.4.3.2."""
    size = max_info.to_bytes(2, "big")
    number = window.to_bytes(4, "big")
    return b"\x81\x80\x14\x05\x02" + size + b"\x06\x02" + size + (
        b"\x07\x04" + number + b"\x08\x04" + number
    )


def _accepted(information, wanted):
    """Value of one parameter in the UA; the default when it is not there."""
    at = 3
    while at + 1 < len(information):
        name, size = information[at], information[at + 1]
        if name == wanted:
            return int.from_bytes(information[at + 2 : at + 2 + size], "big")
        at += 2 + size
    return _MAX_INFO


def read(client, descriptor, invoke=0xC1):
    """The Data of an attribute, with GET-NEXT as long as there is more; or the result, an int."""
    answer = client.ask(bytes((0xC0, 1, invoke)) + descriptor + b"\x00")
    if answer[:2] == b"\xc4\x01":
        return answer[4:] if answer[3] == 0 else answer[4]
    data = b""
    for number in range(1, _POLLS_MAX):
        if answer[:2] != b"\xc4\x02" or answer[4:8] != number.to_bytes(4, "big"):
            raise WrongAnswer(f"block {number} is {octets.shown(answer)}")
        if answer[8]:
            return answer[9]
        data += _raw(answer[9:])
        if answer[3]:
            return data
        answer = client.ask(bytes((0xC0, 2, invoke)) + number.to_bytes(4, "big"))
    raise WrongAnswer("the value has no end")


def _raw(field):
    """Octets behind a length of one, two (81) or three (82) octets."""
    size = field[0] & 0x7F if field[0] & 0x80 else 0
    length = int.from_bytes(field[1 : 1 + size], "big") if size else field[0]
    data = field[1 + size :]
    if len(data) != length:
        raise WrongAnswer(f"raw data of {length} octets has {len(data)}")
    return data
