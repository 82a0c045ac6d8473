"""A client of the meter by APDUs: our own reader's, and selective access written out here."""

from microcosem import apdu, axdr
from expect import EPOCH, Row, local, offset_s
from datetime import datetime, timedelta

_CONFIGURATOR = (48, b"87654321")
_DEVICE = 1
LOAD = bytes((1, 0, 99, 1, 0, 255))
DAILY = bytes((1, 0, 99, 2, 0, 255))
BILLING = bytes((0, 0, 98, 1, 0, 255))
STANDARD_LOG = bytes((0, 0, 99, 98, 0, 255))
POWER_FAILURES = bytes((0, 0, 96, 7, 0, 255))
CLOCK = bytes((0, 0, 1, 0, 0, 255))
_CLOCK_COLUMN = b"\x02\x04\x12\x00\x08\x09\x06" + CLOCK + b"\x0f\x02\x12\x00\x00"


class Reader:
    """An association with a dlms.server.Server."""

    def __init__(self, server):
        self._server = server
        apdu.parse_aare(self._exchange(apdu.aarq(_CONFIGURATOR[1])))

    def _exchange(self, request):
        server = self._server
        server.answer(_CONFIGURATOR[0], _DEVICE, bytearray(request), 0, len(request))
        assert not server.bugs, server.last_bug
        return bytes(server.out[server.out_pos : server.out_end])

    def get(self, class_id, obis, attribute, selection=None):
        """An attribute's value, in as many blocks as it takes."""
        request = apdu.get_normal(class_id, obis, attribute)
        if selection is not None:
            request = request[:-1] + b"\x01" + selection
        part = apdu.parse_get(self._exchange(request))
        whole = b""
        while isinstance(part, apdu.Block):
            whole += part.data
            if part.last:
                return axdr.decode(whole)
            part = apdu.parse_get(self._exchange(apdu.get_next(part.number)))
        return axdr.decode(part)

    def between(self, profile, first_s, last_s):
        """Rows of a profile by their time, both ends included."""
        ends = b"\x09\x0c" + date_time(first_s) + b"\x09\x0c" + date_time(last_s)
        return self.get(7, profile, 2, b"\x01\x02\x04" + _CLOCK_COLUMN + ends + b"\x01\x00")

    def last(self, profile, count):
        """The last entries of a profile, at most count of them."""
        n = self.get(7, profile, 7)
        if not n:
            return []
        first = max(1, n - count + 1)
        numbers = b"\x06" + first.to_bytes(4, "big") + b"\x06" + n.to_bytes(4, "big")
        return self.get(7, profile, 2, b"\x02\x02\x04" + numbers + b"\x12\x00\x01\x12\x00\x00")

    def set_clock(self, now_s):
        """SET of the clock's time; True when the meter took it."""
        request = b"\xc1\x01\xc1\x00\x08" + CLOCK + b"\x02\x00\x09\x0c" + date_time(now_s)
        return self._exchange(request) == b"\xc5\x01\xc1\x00"


def date_time(now_s):
    """Twelve octets of local time with its deviation."""
    at = local(now_s)
    head = at.year.to_bytes(2, "big") + bytes((at.month, at.day, at.isoweekday()))
    deviation = (-offset_s(now_s) // 60).to_bytes(2, "big", signed=True)
    return head + bytes((at.hour, at.minute, at.second, 0xFF)) + deviation + b"\x00"


def moment(octets):
    """UTC second since 2000 of a date-time."""
    year, month, day = int.from_bytes(octets[:2], "big"), octets[2], octets[3]
    at = datetime(year, month, day, octets[5], octets[6], octets[7])
    assert at.isoweekday() == octets[4]
    at += timedelta(minutes=int.from_bytes(octets[9:11], "big", signed=True))
    return int((at - EPOCH).total_seconds())


def row(columns):
    """A Row of what a load or daily profile sends; None for one that is lost."""
    if columns[0] is None:
        return None
    return Row(moment(columns[0]), columns[1], (columns[2], columns[3]))


def billing_row(columns):
    """A Row with its rates; None for one that is lost."""
    if columns[0] is None:
        return None
    made = Row(moment(columns[0]), 0, (columns[1], columns[6]))
    made.rates = list(columns[2:6]) + list(columns[7:11])
    return made
