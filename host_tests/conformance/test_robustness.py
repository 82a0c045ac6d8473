"""Section 10: the cases once more, octet by octet, cut off, and with bits turned over."""

import case_client
import case_file
import octets
import object_walk
import pytest
from runner import Run

_CASES = [case for case in case_file.load() if case.steps and "host" in case.on]
_GAP_MS = 1  # between octets, below the shortest inter-octet time-out
_AARQ, _RLRQ = 0x60, 0x62
_NEXT = bytes.fromhex("C001C1000100002A0000FF0200")  # logical device name
_NAME = b"MCM"
_ACCEPTED = b"\xa2\x03\x02\x01\x00"
_SET = bytes.fromhex("C101C1000100006001" "0AFF020009024F4B")  # metering point id
_NESTED = 64


class Keeper:
    """A line that keeps what came back; slowly: every octet comes alone."""

    def __init__(self, line, slowly):
        self._line, self._slowly = line, slowly
        self.heard = []

    def __getattr__(self, name):
        return getattr(self._line, name)

    def send(self, data):
        if self._slowly:
            self._line.send_slowly(data, _GAP_MS)
        else:
            self._line.send(data)

    def listen(self):
        self.heard.append(self._line.listen())
        return self.heard[-1]

    nothing = listen

    def exchange(self, data):
        self.send(data)
        return self.listen()


def _positive(case):
    """P in the id's last word, or steps that only open, read and close."""
    if case.id == "COSEM_7/2":
        return False  # its rows hold the times of its captures, and slow octets take time
    word = case.id.split("/")[0].rsplit("_", 1)[-1]
    return not word.startswith("N") and not case.config


_POSITIVE = [case for case in _CASES if _positive(case)]


@pytest.mark.case("ROB_1", "Octet-by-octet feed")
@pytest.mark.parametrize("case", _POSITIVE, ids=[case.id for case in _POSITIVE])
def test_octet_by_octet(case, host):
    heard = []
    for slowly in (False, True):
        line = Keeper(host().line(case.port), slowly)
        Run(case, line).all()
        heard.append(line.heard)
    assert heard[0] == heard[1]


_GOOD_WHEN_CUT = "APPL_DATA_LN_N3/8"  # has a SET with an octet too many, which is good without it


def _requests():
    """Every APDU of the cases once, shorter than one frame."""
    found = {}
    for case in _CASES:
        if case.id == _GOOD_WHEN_CUT:
            continue
        for step in case.steps:
            if "apdu" in step and 1 < len(apdu := octets.build(step["apdu"])) < 100:
                found[apdu] = None
    return list(found)


class Subject:
    """A meter with an association of the configurator, which can be had again at any time."""

    def __init__(self, host):
        rows = object_walk.associations()
        row = next(row for row in rows if row["name"] == "configurator")
        self._password = row["password"]["text"].encode()
        self._walk = object_walk.Walk(row, host())
        self.client = self._walk.client

    def again(self):
        self.client.disconnect()
        self.client.connect()
        self.client.associate(self._password)

    def next_is_served(self):
        answer = self.client.ask(_NEXT)
        assert answer[:3] == b"\xc4\x01\xc1" and _NAME in answer, octets.shown(answer)

    def tell(self, apdu):
        """Any APDU; behind those of the association it is opened again."""
        answer = self.client.ask(apdu)
        if apdu[0] in (_AARQ, _RLRQ):
            self.again()
        return answer

    def values(self):
        """Every value that can be set, but the time."""
        return [
            self._walk.get(one.descriptor(attribute))
            for one in self._walk.objects
            for attribute, mode in one.attributes.items()
            if mode == 3 and (one.class_id, attribute) != (8, 2)
        ]


@pytest.mark.case("ROB_2", "Truncation fuzz")
@pytest.mark.parametrize("apdu", _requests(), ids=lambda apdu: apdu.hex()[:60])
def test_cut_off(apdu, host):
    """At every length: served or refused, nothing is set, and the next request is served."""
    subject = Subject(host)
    before = subject.values()
    for size in range(1, len(apdu)):
        subject.tell(apdu[:size])
        subject.next_is_served()
    assert subject.values() == before


def _flipped(apdu):
    """The APDU with each of its bits turned over: (octet, made)."""
    for at in range(len(apdu)):
        for bit in range(8):
            made = bytearray(apdu)
            made[at] ^= 1 << bit
            yield at, bytes(made)


# Octets of the AARQ with LLS that decide: context name, mechanism name, password.
_DECIDING = {*range(6, 13), *range(19, 26), *range(30, 38)}


@pytest.mark.case("ROB_3", "Bit-flip fuzz under valid FCS")
def test_bits_of_the_association(host):
    """An association only for the right names and password; the next one is opened as ever."""
    line = host().line("rs485")
    client = case_client.Client(line, 32)
    good = case_client.aarq(b"12345678")
    assert good[6:13].hex() == "60857405080101" and good[19:26].hex() == "60857405080201"
    assert good[30:38] == b"12345678"
    for at, apdu in _flipped(good):
        client.disconnect()
        client.connect()
        answer = client.ask(apdu)
        if at in _DECIDING:
            assert _ACCEPTED not in answer, f"bit in octet {at}: {octets.shown(answer)}"
    line.wait(600000)  # wrong passwords make it patient
    client.connect()
    client.associate(b"12345678")


@pytest.mark.case("ROB_3", "Bit-flip fuzz under valid FCS")
@pytest.mark.parametrize("apdu", [_NEXT, _SET, b"\x62\x03\x80\x01\x00"], ids=["GET", "SET", "RLRQ"])
def test_bits_of_a_request(apdu, host):
    subject = Subject(host)
    for _, made in _flipped(apdu):
        subject.tell(made)
        if subject.client.ask(_NEXT) == object_walk.NOT_SERVED:
            subject.again()  # it was a good RLRQ
        subject.next_is_served()


@pytest.mark.case("ROB_5", "Deep nesting")
@pytest.mark.parametrize("opening", [b"\x02\x01", b"\x01\x01"], ids=["structures", "arrays"])
def test_deep_nesting(opening, host):
    """As the value of a SET and as the parameter of an ACTION; the old value stays."""
    subject = Subject(host)
    before = subject.client.ask(b"\xc0" + _SET[1:13])
    answer = subject.client.ask(_SET[:13] + opening * _NESTED + b"\x00")
    assert answer in (b"\xc5\x01\xc1\x0c", b"\xc5\x01\xc1\xfa"), octets.shown(answer)
    assert subject.client.ask(b"\xc0" + _SET[1:13]) == before
    echo = bytes.fromhex("C301C120000000800000FF0101")
    answer = subject.client.ask(echo + opening * _NESTED + b"\x00")
    assert answer[:3] == b"\xc7\x01\xc1" or answer[:1] == b"\xd8", octets.shown(answer)
    subject.next_is_served()
