"""The emulated board's optical port at every speed that the identification can offer."""

import contextlib

import pytest
from bad_input import DISC, REQUEST, SNRM, Line, Tap, frame
from iec62056_21.messages import ReadoutDataMessage
from prompt import Prompt

_LINGER_S = 2.5  # behind DISC and behind a readout the port is back at 300 Bd
_BOOTED_S = 2.0  # a Ctrl-C that comes while main.py is imported would leave no loop


@pytest.fixture
def line(board):
    with board.control() as control, contextlib.closing(Tap(board.doors["optical"])) as tap:
        yield Line(board, "optical", tap, control)


def _offer(board, z):
    """Stops the meter, lets it offer another Z, and starts it again."""
    with board.control() as control:
        control.wait(_BOOTED_S)
    with Prompt(board.doors["prompt"]) as prompt, board.control() as control:
        prompt.run(f"loop.channels[0].door._signon._identification = {b'/MCM%d' % z}"
                   + r" + b'\\2RATES\r\n'")  # fmt: skip
        prompt.leave()
        prompt.type(b"run()\r")
        control.wait(_BOOTED_S)


def _speed(line):
    state = line.uart()
    return state["baud"], state["bits"]


@pytest.mark.parametrize("z", range(7))
def test_rate(board, line, z):
    """Data readout and mode E, at 300 << Z."""
    _offer(board, z)
    identification = b"/MCM%d\\2RATES\r\n" % z
    assert line.message(REQUEST) == identification
    block = line.block(b"\x060%d0\r\n" % z)
    assert _speed(line) == (pytest.approx(300 << z, rel=0.005), 7)
    assert len(ReadoutDataMessage.from_bytes(block).data_block.data_lines) == 15
    line.wait(_LINGER_S)
    assert _speed(line) == (pytest.approx(300, rel=0.005), 7)
    assert line.message(REQUEST) == identification
    assert line.message(b"\x062%d2\r\n" % z) == b"\x062%d2\r\n" % z
    line.wait(0.3)
    assert [found.kind for found in line.frames(frame(SNRM))] == ["UA"]
    assert _speed(line) == (pytest.approx(300 << z, rel=0.005), 8)
    assert [found.kind for found in line.frames(frame(DISC))] == ["UA"]
    line.wait(_LINGER_S)
    assert _speed(line) == (pytest.approx(300, rel=0.005), 7)
