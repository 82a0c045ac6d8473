"""The sign-on with another library, with slow and fast clients, and what is on the line meanwhile."""

import pytest
from bad_input import ACKNOWLEDGE, REQUEST, frame, trial
from iec62056_21.client import Iec6205621Client
from microcosem.client import Session
from microcosem.errors import LinkError, SignOnError
from microcosem.link import Link
from microcosem.wire import Wire
from ours import at_rest, session

_NAME = (1, bytes((0, 0, 42, 0, 0, 255)), 2)
_LINGER_S = 2.5  # behind DISC the port stays in HDLC for two seconds
_GIVE_UP_S = 4  # the meter no longer waits for an acknowledgement


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
