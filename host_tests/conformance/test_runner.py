"""The suite must be able to fail: the notation, the frames and the checks of the cases."""

import case_client
import case_file
import octets
import pytest

_UA = "7EA01E210373C37A818012050180060180070400000001080400000001533B7E"  # conformance P1/1


def _case(**fields):
    return case_file.Case({"id": "X", "title": "x"} | fields, "some.toml")


def test_frames_are_the_standards():
    """SNRM, and UA with information: both published with their check sequences."""
    assert octets.build("<03 21 93>") == octets.build("7EA0070321930F017E")
    text = "<21 03 73 | 81 80 12 05 01 80 06 01 80 07 04 00*3 01 08 04 00*3 01>"
    assert octets.build(text) == bytes.fromhex(_UA)
    (found,) = case_client.frames(bytes.fromhex(_UA))
    assert (found.source, found.destination, found.control) == (b"\x03", b"\x21", 0x73)
    assert found.information[:3] == b"\x81\x80\x12" and len(found.information) == 21


@pytest.mark.parametrize("at", range(32))
def test_a_damaged_frame_is_no_frame(at):
    bad = bytearray.fromhex(_UA)
    bad[at] ^= 0x04
    with pytest.raises(case_client.WrongAnswer):
        case_client.frames(bytes(bad))


def test_spoilt_check_sequences_are_wrong():
    good = octets.build("<03 21 10 | 55>")
    assert octets.build("<S 03 21 10 | 55>")[1] == good[1] | 8
    assert sum(a != b for a, b in zip(good, octets.build("<!FCS 03 21 10 | 55>"))) == 1
    hcs = octets.build("<!HCS 03 21 10 | 55>")  # the FCS covers the wrong HCS and is right
    assert octets.fcs16(hcs[1:-3]) == hcs[-3:-1] and hcs[6] != good[6]


def test_patterns():
    same = octets.pattern(["C4 01 .. 00 *", '"/?" 0D'])
    assert same.fullmatch(b"\xc4\x01\x0a\x00") and same.fullmatch(b"\xc4\x01\x0a\x00\n\x7e")
    assert same.fullmatch(b"/?\r")
    assert not same.fullmatch(b"\xc4\x01\xc1\x01") and not same.fullmatch(b"")
    framed = octets.pattern("<21 03 30 | E6 E7 00 *>")
    assert framed.fullmatch(octets.build("<21 03 30 | E6 E7 00 61>"))
    assert not framed.fullmatch(octets.build("<21 03 30 | E6 E6 00 61>"))
    assert not octets.pattern("").fullmatch(b"\x00")


@pytest.mark.parametrize("text", ["7", "G0", "00*", "0..0", "<03 21 93", ".."])
def test_what_is_no_octets(text):
    with pytest.raises(octets.NotationError):
        octets.build(text)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"steps": [{"silence": True}], "waits_for": "ciphering"},
        {"waits_for": "better times"},
        {"steps": [{"silence": True}], "pre": "tired"},
        {"steps": [{"silence": True}], "on": ["moon"]},
        {"steps": [{"listen": True}]},
        {"steps": [{"frame": "7"}]},
        {"steps": [{"frame": "7E", "answer": "7E"}]},
        {"steps": [{"get": "0-0:1.0.0.255 2"}]},
        {"steps": [{"silence": True}], "config": {"WINDOW": 1}, "on": ["pico"]},
        {"stops": []},
    ],
)
def test_what_is_no_case(fields):
    with pytest.raises(case_file.CaseError):
        _case(**fields)


class _Deaf:
    """A line on which every answer is the same."""

    def __init__(self, answer):
        self.answer = answer

    def exchange(self, _):
        return self.answer


def test_the_client_takes_no_wrong_answer():
    """Each differs from what is due in one thing: N(R), N(S), F, addresses, LLC header."""
    good = octets.build("<21 03 30 | E6 E7 00 D8 01 02>")
    assert case_client.Client(_Deaf(good)).ask(b"\xc0") == b"\xd8\x01\x02"
    for text in ("10 | E6 E7", "32 | E6 E7", "20 | E6 E7", "30 | E6 E6"):
        with pytest.raises(case_client.WrongAnswer):
            case_client.Client(_Deaf(octets.build(f"<21 03 {text} 00 D8>"))).ask(b"\xc0")
    for head in ("23 03 30", "21 05 30"):
        with pytest.raises(case_client.WrongAnswer):
            case_client.Client(_Deaf(octets.build(f"<{head} | E6 E7 00 D8>"))).ask(b"\xc0")
    for answer in (b"", octets.build("<21 03 97 | 10 00 04>"), b"\x00"):
        with pytest.raises(case_client.WrongAnswer):
            case_client.Client(_Deaf(answer)).ask(b"\xc0")


def test_every_case_is_in_the_catalogue():
    known = {entry["id"] for section in case_file.catalogue() for entry in section["cases"]}
    assert len(known) == 316
    assert {case.id for case in case_file.load()} <= known
