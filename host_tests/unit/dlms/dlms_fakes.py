# A small object model in the place of the cosem room, and a way to ask a server.
from dlms import association, get, server

PASSWORD = b"12345678"
CONFORMANCE = 0x00501F  # priority, block transfer with get, get .. action: as in the session


class FakeAssociations:
    """Client 16 with LLS, client 17 without security; one logical device."""

    def select(self, client, device):
        return {16: 0, 17: 1}.get(client, -1) if device == 1 else -1

    def device(self, device):
        return device == 1

    def mechanism(self, index):
        return 1 - index

    def secret_equal(self, index, buf, pos, n):
        return bytes(buf[pos : pos + n]) == PASSWORD

    def conformance(self, index):
        return CONFORMANCE


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
        self._saved = (association.associations, server.associations, get.dispatch)
        association.associations = server.associations = FakeAssociations()
        get.dispatch = self.dispatch
        return self

    def __exit__(self, *unused):
        association.associations, server.associations, get.dispatch = self._saved


def ask(application, apdu, client=16, device=1):
    """Answer of the server to an APDU, as bytes."""
    buf = bytearray(b"??" + apdu + b"??")
    application.answer(client, device, buf, 2, 2 + len(apdu))
    return bytes(application.out[application.out_pos : application.out_end])
