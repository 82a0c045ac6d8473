"""The sign-on with another library, with slow and fast clients, and what is on the line meanwhile."""

import re

import pytest
from bad_input import ACKNOWLEDGE, REQUEST, frame, trial
from iec62056_21.client import Iec6205621Client
from iec62056_21.exceptions import Iec6205621ParseError
from iec62056_21.messages import ReadoutDataMessage
from microcosem.client import Session
from microcosem.errors import LinkError, SignOnError
from microcosem.link import Link
from microcosem.wire import Wire
from ours import at_rest, session

_NAME = (1, bytes((0, 0, 42, 0, 0, 255)), 2)
_LINGER_S = 2.5  # behind DISC the port stays in HDLC for two seconds
_GIVE_UP_S = 4  # the meter no longer waits for an acknowledgement, and reads out
_AT_9600 = b"\x06050\r\n"  # mode C, data readout
_AT_300 = b"\x06040\r\n"  # the same with a speed that was not offered
_ENERGY = (3, bytes((1, 0, 1, 8, 0, 255)), 2)
_VOLTAGE = (3, bytes((1, 0, 32, 7, 0, 255)), 2)


def _wait(target, seconds):
    with target.control() as control:
        control.wait(seconds)


def _reads(target):
    at_rest(target)
    with session(target.url("optical"), mode_e=True) as meter:
        assert meter.get(*_NAME) == b"MCM10000001"


@pytest.mark.parametrize("address", ["", "10000001"])
def test_iec62056_21(target, address):
    """The iec62056-21 library signs on, without and with the meter's address."""
    at_rest(target)
    door = ("127.0.0.1", target.doors["optical"])
    client = Iec6205621Client.with_tcp_transport(door, device_address=address)
    client.connect()
    try:
        client.startup()
        assert client.manufacturer_id == "MCM"
        assert client.switchover_baudrate == 9600
        assert client.identification.endswith("2MICROCOSEM")
        assert not client.use_short_reaction_time
    finally:
        client.disconnect()
    _wait(target, _GIVE_UP_S)
    _reads(target)


def _library(target):
    client = Iec6205621Client.with_tcp_transport(("127.0.0.1", target.doors["optical"]))
    client.connect()
    return client


def test_readout_with_iec62056_21(target):
    """Its client reads the mode C readout; the values are those of a DLMS client."""
    at_rest(target)
    client = _library(target)
    try:
        found = {one.address: (one.value, one.unit) for one in client.standard_readout().data}
    finally:
        client.disconnect()
    _wait(target, _GIVE_UP_S)
    assert found["0.0.0"] == ("10000001", None)
    assert [len(found[name][0]) for name in ("0.9.1", "0.9.2")] == [6, 6]
    with session(target.url("optical"), mode_e=True) as meter:
        energy, voltage = meter.get(*_ENERGY), meter.get(*_VOLTAGE)
        clock = meter.get(8, bytes((0, 0, 1, 0, 0, 255)), 2)
    value, unit = found["1.8.0"]
    assert unit == "kWh" and re.fullmatch(r"\d{7}\.\d{3}", value)
    assert 0 <= energy - int(value.replace(".", "")) < 100  # 2 kW for less than two minutes
    value, unit = found["32.7.0"]
    assert unit == "V" and re.fullmatch(r"\d{3}\.\d\d", value)
    assert abs(voltage - int(value.replace(".", ""))) < 50
    year, month, day = clock[0] << 8 | clock[1], clock[2], clock[3]
    assert found["0.9.2"][0] == f"{year % 100:02}{month:02}{day:02}"
    assert all(unit != "" for _, unit in found.values())


def test_readout_with_our_reader(target):
    """The same lines by our own reader."""
    at_rest(target)
    meter = Session(Wire(target.url("optical")), Link(32, b"\x03"), timeout_s=5.0)
    try:
        found = meter.read_out()
    finally:
        meter.close()
    _wait(target, _GIVE_UP_S)
    assert [line.address for line in found][:4] == ["0.0.0", "0.9.1", "0.9.2", "1.8.0"]
    assert (found[0].value, found[3].unit) == ("10000001", "kWh")
    assert re.fullmatch(r"\d{7}\.\d{3}", found[3].value)


def test_programming_mode_is_refused(target):
    """The library's client is told at once: a break is no password request."""
    at_rest(target)
    client = _library(target)
    try:
        with pytest.raises(Iec6205621ParseError):
            client.access_programming_mode()
    finally:
        client.disconnect()
    _wait(target, 1)
    _reads(target)


@pytest.mark.parametrize("acknowledge", [_AT_9600, _AT_300], ids=["9600", "300"])
def test_readout_is_repeated(target, acknowledge):
    """NAK repeats it, at the speed that it has; the library's parser checks the block."""
    at_rest(target)
    with trial(target, "optical", _LINGER_S + 1) as line:
        assert line.message(REQUEST)[:1] == b"/"
        blocks = [line.block(words) for words in (acknowledge, b"\x15")]
        assert line.uart()["baud"] in (range(9500, 9700) if acknowledge == _AT_9600 else (300, 301))
        for block in blocks:
            lines = ReadoutDataMessage.from_bytes(block).data_block.data_lines
            assert [one.data_sets[0].address for one in lines][:4] == [
                "0.0.0", "0.9.1", "0.9.2", "1.8.0"
            ]  # fmt: skip
        assert len(blocks[0]) == len(blocks[1])


def test_readout_without_an_acknowledgement(target):
    """As in mode A: at 300 Bd, and the line is used to the full."""
    at_rest(target)
    with trial(target, "optical") as line:
        assert line.message(REQUEST)[:1] == b"/"
        block = line.block(b"")
        assert len(ReadoutDataMessage.from_bytes(block).data_block.data_lines) == 15


@pytest.mark.parametrize("acknowledge, baud", [(_AT_300, 300), (_AT_9600, 9600)])
def test_readout_fills_the_line(board, acknowledge, baud):
    """It comes after the reaction time, and its lines follow each other without a gap."""
    at_rest(board)
    with trial(board, "optical", _LINGER_S + 1) as line:
        assert line.message(REQUEST)[:1] == b"/"
        block = line.block(acknowledge)
        seen = line.uart()
    assert 200e3 <= seen["first_tx_start_us"] - seen["last_rx_end_us"] <= 260e3
    needed_us = len(block) * 10e6 / baud
    assert needed_us * 0.99 <= seen["last_tx_end_us"] - seen["first_tx_start_us"]
    assert seen["last_tx_end_us"] - seen["first_tx_start_us"] <= needed_us * 1.01


def test_slow_and_fast_clients(target):
    """A client may take 20 to 1500 ms between any two of its messages."""
    at_rest(target)
    for gap_s in (0.02, 1.4):
        with trial(target, "optical", _LINGER_S) as line:
            assert line.answer(REQUEST, 0.5).endswith(b"\r\n")
            _wait(target, gap_s)
            assert line.answer(ACKNOWLEDGE, 0.5) == ACKNOWLEDGE
            _wait(target, gap_s)
            assert [found.kind for found in line.frames(frame(0x93))] == ["UA"]
            assert [found.kind for found in line.frames(frame(0x53))] == ["UA"]


def test_lower_speed_is_not_taken(target):
    """Only the speed that both sides named is used; our reader says so."""
    at_rest(target)
    meter = Session(Wire(target.url("optical")), Link(32, b"\x03"), timeout_s=1.5)
    with pytest.raises(SignOnError, match="does not confirm 2400 baud; it offers 9600"):
        meter.sign_on(max_speed="3")
    meter.close()
    _wait(target, _GIVE_UP_S)
    _reads(target)


def test_lines_of_a_session(board):
    """300 baud 7E1 at rest and at the sign-on, 9600 baud 8N1 in HDLC, then back."""
    at_rest(board)
    with board.control() as control:
        before = control.ask("uart", port="optical")
        with session(board.url("optical"), mode_e=True) as meter:
            meter.get(*_NAME)
            within = control.ask("uart", port="optical")
        control.wait(_LINGER_S)
        after = control.ask("uart", port="optical")
    for state in (before, after):
        assert (state["bits"], state["parity"]) == (7, "even")
        assert abs(state["baud"] - 300) < 3
    assert (within["bits"], within["parity"]) == (8, "none")
    assert abs(within["baud"] - 9600) < 96


def test_frame_reject_reaches_the_person(target):
    """A number that acknowledges what was never sent: FRMR, and our reader says why."""
    with session(target.url("rs485")) as meter:
        meter.link._v_r = 5
        with pytest.raises(LinkError, match="invalid receive number"):
            meter.get(*_NAME)


def test_a_line_in_use(target):
    """While one client's link is open another one is refused."""
    with trial(target, "rs485") as line:
        assert [found.kind for found in line.frames(frame(0x93))] == ["UA"]
        assert [found.kind for found in line.frames(frame(0x93, client=b"\x21"))] == ["DM"]
