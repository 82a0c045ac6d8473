# A small object model in the place of the cosem room, and a way to ask a server.
from dlms import access, action, action_list, association, axdr, descriptor, get_list, server
from dlms import get as get_service
from dlms import set as set_service
from dlms_vectors import hexed, unhex

PASSWORD = b"12345678"
CONFORMANCE = 0x00501F  # priority, block transfer with get, get .. action: as in the session
EVERYTHING = 0x20FE5F  # and general blocks, attribute 0, all block transfers, lists, ACCESS
# Users of dispatch
_USERS = (descriptor, get_service, get_list, set_service, action, action_list, access)


class FakeAssociations:
    """Client 16 with LLS, client 17 without security; one logical device."""

    offered = CONFORMANCE

    def count(self):
        return 2

    def select(self, client, device):
        return {16: 0, 17: 1}.get(client, -1) if device == 1 else -1

    def device(self, device):
        return device == 1

    def mechanism(self, index):
        return 1 - index

    def secret_equal(self, index, buf, pos, n):
        return bytes(buf[pos : pos + n]) == PASSWORD

    def conformance(self, index):
        return self.offered


class FakeDispatch:
    """Class 1 objects: obis -> encoded Data, handed out in pieces of at most 50 octets.

    An octet-string is set to an octet-string. Method 1 returns its parameter, 2 nothing.
    """

    def __init__(self):
        self.objects = {}
        self.refused = {}  # obis -> result of open
        self.failing = 0
        self.fails_at = -1  # the piece that fails with 14
        self.called = []  # method and parameter
        self.asked = []  # pieces

    def open(self, q, buf, pos, operation):
        q.piece = 0
        q.result = 0
        q.more = False
        obis = bytes(buf[pos + 2 : pos + 8])
        if obis in self.refused:
            return self.refused[obis]
        if obis not in self.objects:
            return 4
        if operation != 2 and buf[pos : pos + 2] != b"\x00\x01":
            return 9
        if q.selector:
            return 13
        q.row = obis
        q.attribute = buf[pos + 8]
        return 4 if operation == 2 and q.attribute > 2 else 0

    def get(self, q, out, pos):
        if self.failing:
            raise ValueError(self.failing)
        self.asked.append(q.piece)
        q.result = 14 if q.piece == self.fails_at else 0
        if q.result:
            q.more = False
            return pos
        return self._cut(q, self.objects[q.row], out, pos)

    def _cut(self, q, value, out, pos):
        part = value[50 * q.piece : 50 * q.piece + 50]
        q.more = 50 * q.piece + 50 < len(value)
        out[pos : pos + len(part)] = part
        return pos + len(part)

    def set(self, q, buf, pos, end):
        if buf[pos : pos + 1] != b"\x09" or axdr.skip(buf, pos, end) != end:
            return 12
        self.objects[q.row] = bytes(buf[pos:end])
        return 0

    def act(self, q, buf, pos, end):
        q.buf = buf
        q.pos = pos
        q.end = end
        q.returns = q.attribute == 1
        if q.returns and axdr.skip(buf, pos, end) != end:
            return 12
        self.called.append((q.attribute, bytes(buf[pos:end])))
        return 0

    def returned(self, q, out, pos):
        q.result = 0
        return self._cut(q, bytes(q.buf[q.pos : q.end]), out, pos)


class FakeModel:
    """Puts the fakes in the place of the cosem room for one test, and back after it."""

    def __enter__(self):
        self.dispatch = FakeDispatch()
        self._saved = (association.associations, server.associations, get_service.dispatch)
        self.associations = FakeAssociations()
        association.associations = server.associations = self.associations
        for user in _USERS:
            user.dispatch = self.dispatch
        return self

    def __exit__(self, *unused):
        association.associations, server.associations, dispatch = self._saved
        for user in _USERS:
            user.dispatch = dispatch


def ask(application, apdu, client=16, device=1):
    """Answer of the server to an APDU, as bytes."""
    buf = bytearray(b"??" + apdu + b"??")
    application.answer(client, device, buf, 2, 2 + len(apdu))
    return bytes(application.out[application.out_pos : application.out_end])


ALL = "00FE1F"  # conformance: everything above
AARQ = "601DA109060760857405080101BE10040E01000000065F1F0400007E1F%04X"
HELLO = unhex("0000600100FF")
LONG = unhex("0000600101FF")
VALUE = unhex("0981C8") + bytes([k & 0xFF for k in range(200)])


class Fixture:
    """A server with an open association on the small object model."""

    def __init__(self, pdu=1024, tx=1024, conformance=None):
        self.model = FakeModel()
        self.pdu = pdu
        self.tx = tx
        self.conformance = conformance

    def __enter__(self):
        self.model.__enter__()
        self.model.dispatch.objects = {HELLO: unhex("090548656C6C6F"), LONG: VALUE}
        self.server = server.Server(1024, self.tx)
        text = AARQ % self.pdu
        if self.conformance:
            self.model.associations.offered = EVERYTHING
            text = text.replace("007E1F", self.conformance)
        ask(self.server, unhex(text), 17)
        return self

    def __exit__(self, *unused):
        self.server.released()  # the staging buffer is for the next test
        self.model.__exit__()

    def ask(self, text):
        return ask(self.server, unhex(text), 17)


def get(obis, invoke="C1", selection="00"):
    return "C001" + invoke + "0001" + hexed(obis) + "02" + selection
