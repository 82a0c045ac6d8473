# A small object model in the place of the cosem room, and a way to ask a server.
from dlms import association, server
from dlms import get as get_service
from dlms_vectors import hexed, unhex

PASSWORD = b"12345678"
CONFORMANCE = 0x00501F  # priority, block transfer with get, get .. action: as in the session


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
    """Class 1 objects: obis -> encoded Data, handed out in pieces of at most 50 octets."""

    def __init__(self):
        self.objects = {}
        self.failing = 0

    def open(self, q, buf, pos):
        q.piece = 0
        q.result = 0
        q.more = False
        obis = bytes(buf[pos + 2 : pos + 8])
        if obis not in self.objects:
            return 4
        if buf[pos : pos + 2] != b"\x00\x01":
            return 9
        if q.selector:
            return 13
        q.row = obis
        return 0

    def get(self, q, out, pos):
        if self.failing:
            raise ValueError(self.failing)
        value = self.objects[q.row]
        part = value[50 * q.piece : 50 * q.piece + 50]
        q.more = 50 * q.piece + 50 < len(value)
        out[pos : pos + len(part)] = part
        return pos + len(part)


class FakeModel:
    """Puts the fakes in the place of the cosem room for one test, and back after it."""

    def __enter__(self):
        self.dispatch = FakeDispatch()
        self._saved = (association.associations, server.associations, get_service.dispatch)
        self.associations = FakeAssociations()
        association.associations = server.associations = self.associations
        get_service.dispatch = self.dispatch
        return self

    def __exit__(self, *unused):
        association.associations, server.associations, get_service.dispatch = self._saved


def ask(application, apdu, client=16, device=1):
    """Answer of the server to an APDU, as bytes."""
    buf = bytearray(b"??" + apdu + b"??")
    application.answer(client, device, buf, 2, 2 + len(apdu))
    return bytes(application.out[application.out_pos : application.out_end])


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
        self.offered = CONFORMANCE

    def __enter__(self):
        self.model.__enter__()
        self.model.associations.offered = self.offered
        self.model.dispatch.objects = {HELLO: unhex("090548656C6C6F"), LONG: VALUE}
        self.server = server.Server(1024, self.tx)
        text = AARQ % self.pdu
        if self.conformance:
            text = text.replace("007E1F", self.conformance)
        ask(self.server, unhex(text), 17)
        return self

    def __exit__(self, *unused):
        self.model.__exit__()

    def ask(self, text):
        return ask(self.server, unhex(text), 17)


def get(obis, invoke="C1", selection="00"):
    return "C001" + invoke + "0001" + hexed(obis) + "02" + selection
