"""Bad input on every target: nothing but protocol comes back, and the next client is served."""

import ast
import random

import pytest
from bad_input import (
    ACKNOWLEDGE,
    CLIENT,
    DISC,
    GAP_S,
    LLC,
    PASSWORD,
    REACTION_S,
    REQUEST,
    SERVER,
    SNRM,
    Talker,
    apdus,
    frame,
    noise,
    on,
    strange,
    trial,
)
from microcosem import apdu
from microcosem.hdlc import FLAG, client_address, fcs16, server_address
from prompt import Prompt

_AARQ = apdu.aarq(PASSWORD)
_GET = apdu.get_normal(1, bytes((0, 0, 42, 0, 0, 255)), 2)
_GET_LONG = apdu.get_normal(1, bytes((0, 0, 96, 51, 0, 255)), 2)  # 600 octets
_OPEN = 0x10  # I frame, N(S) = N(R) = 0, poll
_BUFFER = 512 + 12  # octets between the flags of the longest frame, MAX_INFO of firmware/config.py
_UNUSED_S, _LINGER_S, _INACTIVITY_S = 10, 2, 120  # config.py, dlms/optical.py, config.py
_SLACK_S = 1.5
_SIGN_ON_S = 4  # longer than its time-outs, 1.5 between characters and 2.2 for the acknowledgement

_DEVICES = (1, 18)  # logical devices of firmware/meter.toml

# What only the emulated board can do: lines with a format, its prompt, two minutes in less.
_ON_BOARD = pytest.mark.parametrize("target", ["pico"], indirect=True)


def _kinds(line, octets):
    return [found.kind for found in line.frames(octets)]


def _connect(line, client=CLIENT):
    assert _kinds(line, frame(SNRM, client=client)) == ["UA"]


def _associate(line, client=CLIENT, request=_AARQ):
    """A link, and an association on it; the next frame has N(S) = N(R) = 1."""
    _connect(line, client)
    (answer,) = line.frames(frame(_OPEN, LLC + request, client=client))
    assert answer.information[3] == apdu.AARE and b"\xa2\x03\x02\x01\x00" in answer.information


def test_what_counts_as_protocol():
    """The judge of everything heard below, on known octets: UA and DM of the conformance tests."""
    frames = bytes.fromhex("7EA00721037301407E 7EA00721031F6BE97E")
    text = b"/MCM5\\2MICROCOSEM\r\n\x06252\r\n"
    block = b"\x021.8.0(000123.45*kWh)\r\n!\r\n\x03K"  # as the iec62056-21 library makes it
    assert strange(block) == strange(block[:23] + text) == b""
    assert strange(block[:-1]) and strange(block[:20] + text) and strange(block.replace(b")", b""))
    assert strange(b"") == strange(frames) == strange(text + frames) == b""
    assert strange(text + b"Traceback") == b"Traceback"
    assert strange(frames[:-1]) == frames[9:-1]
    for at in range(1, 9):
        bad = bytearray(frames)
        bad[at] ^= 0x20
        assert strange(bytes(bad)) != b""
    assert strange(b"/MCM5\\2\x00\r\n") and strange(b"\x06252\n") and strange(b"\x00")


# --- noise -------------------------------------------------------------------------------------


def test_noise_before_the_sign_on(target):
    with trial(target, "optical") as line:
        for words in (noise(1, 100), noise(2, 100), b"/" * 9 + b"\x06" * 9 + b"/?" + b"A" * 40):
            assert line.answer(words, REACTION_S) == b""
            assert line.message(REQUEST)[:1] == b"/"


@pytest.mark.parametrize("seed", [3, 4])
def test_noise_on_a_closed_link(target, seed):
    with trial(target, "rs485") as line:
        assert line.answer(noise(seed, 2500)) == b""


def test_noise_in_an_association(target):
    """It is still there behind the noise."""
    with trial(target, "rs485") as line:
        _associate(line)
        assert line.answer(noise(5, 2500), GAP_S) == b""
        assert _kinds(line, frame(0x32, LLC + _GET)) == ["I"]


def test_text_on_the_hdlc_line(target):
    """A client that tries the sign-on where there is none."""
    with trial(target, "rs485") as line:
        assert line.answer((REQUEST + ACKNOWLEDGE) * 20, GAP_S) == b""


# --- wrong lines -------------------------------------------------------------------------------


def test_what_a_wrong_line_looks_like(target):
    """Octets that a slower or faster sender leaves behind; the parity handed on as bit 7."""
    slow = b"\x00\xff\x80\xf8\x00\x07\xe0\xfe" * 20
    with trial(target, "optical") as line:
        assert line.answer(slow, REACTION_S) == b""
        assert line.message(bytes(octet | 0x80 for octet in REQUEST))[:1] == b"/"
    with trial(target, "rs485") as line:
        assert line.answer(slow) == b""
        assert line.answer(bytes(octet | 0x80 for octet in frame(SNRM)), GAP_S) == b""


def _askew(line, octets, **far_end):
    """Sends in a wrong format: the meter sees damage and says nothing. Errors it has seen."""
    before = line.uart()
    line.far_end(**far_end)
    line.send_askew(octets, REACTION_S)
    after = line.uart()
    line.far_end(auto=True)
    assert after["tx"] == before["tx"]
    return sum(after[name] - before[name] for name in ("parity_errors", "framing_errors"))


@_ON_BOARD
def test_wrong_parity(target):
    with trial(target, "optical") as line:
        assert _askew(line, REQUEST, baud=300, bits=7, parity="odd") == len(REQUEST)
        assert _askew(line, REQUEST, baud=300, bits=8, parity="none") > 0
        even = bytes(octet | octet.bit_count() % 2 << 7 for octet in REQUEST)
        line.far_end(baud=300, bits=8, parity="none")
        line.send(even)  # the same bits as 7E1
        line.far_end(auto=True)
        assert line.message(b"")[:1] == b"/"
    with trial(target, "rs485") as line:
        for parity in ("even", "odd"):
            assert _askew(line, frame(SNRM) * 3, baud=9600, bits=8, parity=parity) > 0


@_ON_BOARD
@pytest.mark.parametrize("baud", [300, 1200, 4800, 19200, 115200])
def test_wrong_speed(target, baud):
    request = frame(SNRM) * (1 if baud < 2400 else 10)
    with trial(target, "rs485") as line:
        _askew(line, request, baud=baud)
        _askew(line, REQUEST, baud=baud, bits=7, parity="even")
    with trial(target, "optical") as line:
        _askew(line, request, baud=baud)
        if baud != 300:
            _askew(line, REQUEST, baud=baud, bits=7, parity="even")


@_ON_BOARD
def test_sign_on_at_300_baud_while_the_port_is_at_9600(target):
    with trial(target, "optical", _UNUSED_S + _SLACK_S) as line:
        line.sign_on()
        for _ in range(3):
            _askew(line, REQUEST, baud=300, bits=7, parity="even")


# --- the sign-on -------------------------------------------------------------------------------


def test_wrong_requests_and_acknowledgements(target):
    """No answer, no change of speed, and the next request is answered."""
    with trial(target, "optical") as line:
        for words in (b"/?10000002!\r\n", b"/?\r\n", b"/?" + b"1" * 60 + b"!\r\n"):
            assert line.answer(words, REACTION_S) == b""
        for words in (b"292", b"041", b"", b"252" + b"2" * 60):
            assert line.message(REQUEST)[:1] == b"/"
            assert line.answer(b"\x06" + words + b"\r\n", REACTION_S) == b""


def test_silence_in_the_sign_on(target):
    """In any message. The next request comes at once, or after all time-outs."""
    with trial(target, "optical") as line:
        for words in (b"/", b"/?1000", REQUEST[:-1]):
            line.send(words)
            assert line.message(REQUEST)[:1] == b"/"
        for words in (b"", ACKNOWLEDGE[:1], ACKNOWLEDGE[:-1]):
            line.send(words)
            assert line.message(REQUEST)[:1] == b"/"
        # Whoever acknowledges nothing gets the readout, and the next client need not wait for it.
        assert line.answer(ACKNOWLEDGE[:-1], _SIGN_ON_S)[:7] == b"\x020.0.0("


def test_silence_after_the_hand_over(target):
    """No link is opened: the port is back at 300 Bd after a while, whatever is on the line."""
    with trial(target, "optical", _UNUSED_S + _SLACK_S) as line:
        line.sign_on()
        assert line.answer(noise(6, 500) + frame(SNRM)[:-1]) == b""


# --- frames ------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [frame(SNRM), frame(_OPEN, LLC + _AARQ)], ids=["short", "long"])
def test_cut_frames(target, whole):
    """Any part of a frame, then silence: no answer, and the next frame is understood."""
    cuts = [size for size in (1, 2, 3, 7, 9, 40, len(whole) - 1) if size < len(whole)]
    with trial(target, "rs485") as line:
        for cut in cuts:
            assert line.answer(whole[:cut], GAP_S) == b""
            _connect(line)


def test_cut_frames_with_others_behind(target):
    """Without a pause a cut frame may cost the one behind it, never more."""
    long = frame(_OPEN, LLC + _AARQ)
    with trial(target, "rs485") as line:
        for cut in (1, 2, 3, 7, 12, 50, len(long) - 1):
            line.answer(long[:cut] + frame(SNRM) * 12, GAP_S)
            _connect(line)


def test_missing_flags(target):
    with trial(target, "rs485") as line:
        assert line.answer(b"\x00" + frame(SNRM)[1:], GAP_S) == b""
        assert line.answer(frame(SNRM)[:-1] + b"\x00", GAP_S) == b""
        _connect(line)


def _with_fcs(body):
    return bytes((FLAG,)) + body + fcs16(body).to_bytes(2, "little") + bytes((FLAG,))


def _each_bit(good, at):
    """16 frames, each with another bit of good[at : at + 2] changed."""
    made = b""
    for bit in range(16):
        bad = bytearray(good)
        bad[at + bit // 8] ^= 1 << bit % 8
        made += bad
    return made


def test_bad_fcs(target):
    """Each bit of the check in turn."""
    with trial(target, "rs485") as line:
        for good in (frame(SNRM), frame(_OPEN, LLC + _AARQ)):
            assert line.answer(_each_bit(good, len(good) - 3), GAP_S) == b""
        _connect(line)


def test_bad_hcs(target):
    """The header's check is wrong, the whole frame's right."""
    good = frame(_OPEN, LLC + _AARQ)
    with trial(target, "rs485") as line:
        _connect(line)
        bad = _each_bit(good[1:-3], 5)
        size = len(good) - 4
        bodies = [bad[at : at + size] for at in range(0, len(bad), size)]
        assert line.answer(b"".join(_with_fcs(body) for body in bodies), GAP_S) == b""
        assert _kinds(line, good) == ["I"]


def test_lengths_beyond_the_buffer(target):
    """2047 octets, and one more than fits: dropped with all that is in them."""
    with trial(target, "rs485") as line:
        for length in (2047, _BUFFER + 2):
            body = bytes((0xA0 | length >> 8, length & 0xFF)) + SERVER + CLIENT + b"\x10"
            body += fcs16(body).to_bytes(2, "little") + LLC
            whole = _with_fcs(body + bytes(length - len(body) - 2))
            assert len(whole) == length + 2
            assert line.answer(whole, GAP_S) == b""
            assert line.answer(whole[:10], GAP_S) == b""
            _connect(line)


def test_lengths_that_lie(target):
    with trial(target, "rs485") as line:
        for length in (0, 4, 6, 8, 100, _BUFFER, 2047):
            lying = bytearray(frame(SNRM))
            lying[1:3] = bytes((0xA0 | length >> 8, length & 0xFF))
            lying = _with_fcs(bytes(lying[1:-3]))
            assert line.answer(lying, GAP_S) == b""
            _connect(line)


def test_more_information_than_agreed(target):
    """FRMR until the next SNRM. A request in segments that outgrows the largest APDU is taken to
    its end and answered pdu-too-long; the link and the association stay."""
    with trial(target, "rs485") as line:
        _associate(line)
        assert _kinds(line, frame(0x32, LLC + bytes(126))) == ["FRMR"]
        assert _kinds(line, frame(0x32, LLC + _GET)) == ["FRMR"]
        _associate(line)
        for number in range(1, 12):
            control = 0x30 | (number & 7) << 1
            assert _kinds(line, frame(control, LLC + bytes(125), segmented=True)) == ["RR"]
        assert b"\xd8\x01\x04" in line.answer(frame(0x38, bytes(8)))
        assert b"MCM" in line.answer(frame(0x5A, LLC + _GET))


def test_every_control_octet(target):
    """In an open link, with and without information."""
    with trial(target, "rs485") as line:
        for first in range(0, 256, 32):
            controls = range(first, first + 32)
            line.send(b"".join(frame(SNRM) + frame(c) + frame(c, LLC + _GET) for c in controls))
        line.settle()
        _connect(line)


def test_addresses_of_others(target):
    """Every form of address that is not ours."""
    dice = random.Random(7)
    others = [bytes((logical << 1 | 1,)) for logical in range(128) if logical not in _DEVICES]
    for size in (2, 3, 4, 5):
        tails = [bytes(dice.randrange(128) << 1 for _ in range(size - 1)) for _ in range(20)]
        others += [tail + bytes((dice.randrange(128) << 1 | 1,)) for tail in tails]
    others += [server_address(1, 18, 2), server_address(1, 18, 4), server_address(2, 17, 2)]
    with trial(target, "rs485") as line:
        words = [frame(SNRM, server=server) for server in others]
        for client in (client_address(0), client_address(127), b"\x40\x41", b"\x40"):
            words.append(frame(SNRM, client=client))
        assert line.answer(b"".join(words), GAP_S) == b""
        _connect(line)


def test_parameters_at_random(target):
    """SNRM with any information: UA or DM."""
    dice = random.Random(8)
    good = bytes.fromhex("818014 05020080 06020080 070400000001 080400000001")
    kinds = set()
    with trial(target, "rs485") as line:
        for _ in range(120):
            information = bytearray(good)
            for _ in range(dice.randrange(1, 4)):
                information[dice.randrange(len(information))] = dice.randrange(256)
            information = information[: dice.randrange(1, len(information) + 1)]
            kinds.update(_kinds(line, frame(SNRM, bytes(information))))
            line.frames(frame(DISC))
        assert kinds == {"UA", "DM"}


# --- APDUs -------------------------------------------------------------------------------------

_BUG = b"\xd8\x01\x03"  # exception-response, other reason: firmware/lib/dlms/errors.py


@pytest.mark.parametrize("associated", [False, True])
def test_apdus_at_random(target, associated):
    """Each is answered or ignored by the application, never by a fault of its own."""
    with trial(target, "rs485") as line:
        talker = Talker(line)
        tags = set()
        for number, request in enumerate(apdus(9, 160)):
            if associated and number % 4 == 0:
                assert talker.ask(_AARQ)[:1] == b"\x61"
            answer = talker.ask(request)
            assert answer[:3] != _BUG, request.hex()
            tags.add(answer[:1].hex())
        assert tags <= {"", "61", "63", "c4", "d8"}
        assert tags >= {"61", "63", "d8"} | ({"c4"} if associated else set())


# --- clients that vanish -----------------------------------------------------------------------


@pytest.mark.parametrize("words", [b"", frame(0x32, LLC + _GET)[:20]], ids=["between", "within"])
def test_client_that_vanishes_and_comes_back(target, words):
    """From an association, between frames or within one; with the same address it is let in."""
    with trial(target, "rs485") as line:
        _associate(line)
        line.send(words)


def test_client_that_leaves_a_long_answer(target):
    with trial(target, "rs485") as line:
        _associate(line)
        (answer,) = line.frames(frame(0x32, LLC + _GET_LONG))
        assert answer.segmented


def test_bad_session_on_the_optical_port(target):
    """Noise, cut frames and bad checks, then DISC: soon back at 300 Bd."""
    with trial(target, "optical", _LINGER_S + _SLACK_S) as line:
        line.sign_on()
        _associate(line)
        bad = bytearray(frame(0x32, LLC + _GET))
        bad[-2] ^= 1
        assert line.answer(noise(10, 500) + bytes(bad) + bytes(bad[:9]), GAP_S) == b""
        assert _kinds(line, frame(0x32, LLC + _GET)) == ["I"]
        assert _kinds(line, frame(DISC)) == ["UA"]


@_ON_BOARD
def test_clients_that_vanish_for_good(target):
    """Both lines, one in the middle of a frame: closed after the inactivity time-out."""
    public, request = client_address(16), apdu.aarq(None)
    with on(target, "rs485") as line, on(target, "optical") as other:
        _associate(line, public, request)
        assert _kinds(line, frame(SNRM)) == ["DM"]  # the link is another client's
        other.sign_on()
        _associate(other)
        other.send(frame(0x32, LLC + _GET)[:20])
        line.wait(_INACTIVITY_S + _SLACK_S)
        line.next_client()
        other.await_sign_on(_LINGER_S + _SLACK_S)
        other.next_client()


# --- in the end --------------------------------------------------------------------------------


def test_meter_has_not_complained(target):
    assert target.alive()
    assert target.log() == ""


@_ON_BOARD
def test_no_bugs_and_no_overruns(target):
    """After all of the above; main.py's stats()."""
    with target.control() as control:
        lines = [control.ask("uart", port=port) for port in ("optical", "rs485")]
        assert control.ask("time")["watchdog_resets"] == 0
    assert [line["overruns"] for line in lines] == [0, 0]
    with Prompt(target.doors["prompt"]) as prompt:
        _, free, overruns, _, bugs = ast.literal_eval(prompt.run("print(stats())"))
    assert (overruns, bugs) == (0, 0)
    assert free > 20000
