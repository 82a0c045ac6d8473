# What the tests of the cosem room share: a link as the dlms room keeps it, a clock that stands
# still, and a reader that joins the pieces of a value. Runs on CPython and on MicroPython.
from cosem import clock, dispatch, live
from cosem.request import Request

PUBLIC = 0  # associations in the order of meter.toml
READER = 1
CONFIGURATOR = 2
PIECE_MAX = 256

dispatch.start()  # the objects that live


class Link:
    """Live state of an association; conformance and sizes are unlike any default."""

    def __init__(self, index):
        self.index = index
        self.status = 2
        self.conformance = 0x001010
        self.max_pdu_rx = 1234
        self.max_pdu_tx = 567


class StillClock:
    """Sunday 2026-11-22 14:30:05.50, one hour ahead of UTC, as meter.clock.Clock shows it."""

    def __init__(self):
        self.fields = [2026, 11, 22, 7, 14, 30, 5, 50, -60, 0]
        self.asked = 0
        self.time_zone_min = -60
        self.dst_begin = (65535, 3, 254, 7, 2, 0, 0, 0, -32768, 0)
        self.dst_end = (65535, 10, 254, 7, 3, 0, 0, 0, -32768, 0)
        self.dst_deviation_min = 60
        self.dst_enabled = True

    def now(self):
        self.asked += 1


def use_still_clock():
    """Let the clock object show a StillClock, and return it."""
    still = StillClock()
    clock.use(still)
    return still


use_still_clock()  # for tests that set something: a change of the configuration has a date


def live_through(now_s, fields):
    """A second of all objects, as the main loop gives it to them."""
    live.second(now_s, fields)
    while live.go_on():
        pass


def unhex(text):
    text = text.replace(" ", "").replace("|", "")
    return bytes([int(text[i : i + 2], 16) for i in range(0, len(text), 2)])


def obis(text):
    """'1-0:1.8.0' -> six octets, F = 255."""
    parts = text.replace("-", ".").replace(":", ".").split(".")
    return bytes([int(part) for part in parts] + [255] * (6 - len(parts)))


def descriptor(class_id, code, attribute):
    """Nine octets of a Cosem-Attribute-Descriptor, attribute modulo 256."""
    return bytes([class_id >> 8, class_id & 255]) + obis(code) + bytes([attribute & 255])


def request(association):
    """A Request of an association that is open."""
    q = Request(Link(association))
    q.association = association
    return q


def pieces(association, class_id, code, attribute):
    """All pieces of a value as a list, or the data-access-result as an int."""
    q = request(association)
    # Three octets in front: nothing may depend on where in the APDU the descriptor lies.
    result = dispatch.open(q, b"\xc0\x01\xc1" + descriptor(class_id, code, attribute), 3, 0)
    if result:
        return result
    out = bytearray(7 + PIECE_MAX)
    found = []
    while True:
        end = dispatch.get(q, out, 7)
        if q.result:
            return q.result
        found.append(bytes(out[7:end]))
        if not q.more:
            return found
        q.piece += 1


def read(association, class_id, code, attribute):
    """The Data of an attribute, or the data-access-result as an int."""
    found = pieces(association, class_id, code, attribute)
    return found if isinstance(found, int) else b"".join(found)
