"""The C stack of the emulated board: what the meter takes of it, and that nothing overflows it.

Below the stack lies the heap. A call too many must raise RuntimeError there; what is written over
otherwise is found out much later, as a hang.
"""

import os
import re
from pathlib import Path

import pytest
from microcosem.target import KINDS, Target
from ours import session
from prompt import Prompt

_HEADER = Path(__file__).resolve().parents[2] / "boards" / "METER_PICO" / "mpconfigboard.h"
_TARGETS = os.environ.get("MICROCOSEM_TARGETS", ",".join(KINDS)).split(",")
_CONFIGURATOR, _PASSWORD = 48, b"87654321"
_CLOCK = bytes((0, 0, 1, 0, 0, 255))
_SCRIPTS = bytes((0, 0, 10, 0, 1, 255))  # end of billing period
_OBJECT_LIST = bytes((0, 0, 40, 0, 0, 255))
_CALL = 512  # octets of stack that a call takes, at most
_DEPTH = 4  # of scripts that run scripts, cosem/script_table.py

pytestmark = pytest.mark.skipif("pico" not in _TARGETS, reason="of the board")


def _constant(name):
    return int(re.search(rf"#define {name} +(\w+)", _HEADER.read_text())[1], 0)


_STACK = _constant("METER_PICO_STACK_BYTES")
_FOR_PYTHON = _STACK - _constant("METER_PICO_STACK_MARGIN")


@pytest.fixture
def board():
    with Target("pico") as made, made.control() as control:
        control.set_channel("v", 230.0)
        control.set_channel("i1", 10.0)
        control.wait(3)
        yield made


def _deepest(control):
    """Octets of stack since it was last asked."""
    return control.ask("cpu", restack=True)["stack_bytes"]


def _set_clock(made, year, month, day, hour):
    moment = year.to_bytes(2, "big") + bytes((month, day, 255, hour, 59, 58, 0, 0x80, 0, 0))
    value = b"\x09\x0c" + moment
    assert (
        made.exchange(b"\xc1\x01\xc1\x00\x08" + _CLOCK + b"\x02\x00" + value) == b"\xc5\x01\xc1\0"
    )


def _nested():
    """Scripts 1 to 3 each call the next, the last one resets a maximum."""
    scripts = b""
    for k in range(1, _DEPTH):
        call = (
            b"\x02\x05\x16\x02\x12\x00\x09\x09\x06"
            + _SCRIPTS
            + b"\x0f\x01\x12\x00"
            + bytes((k + 1,))
        )
        scripts += b"\x02\x02\x12\x00" + bytes((k,)) + b"\x01\x01" + call
    reset = (
        b"\x02\x05\x16\x02\x12\x00\x04\x09\x06" + bytes((1, 0, 1, 6, 0, 255)) + b"\x0f\x01\x0f\x00"
    )
    capture = (
        b"\x02\x05\x16\x02\x12\x00\x07\x09\x06"
        + bytes((0, 0, 98, 1, 0, 255))
        + b"\x0f\x02\x0f\x00"
    )
    return (
        b"\x01"
        + bytes((_DEPTH,))
        + scripts
        + b"\x02\x02\x12\x00"
        + bytes((_DEPTH,))
        + b"\x01\x02"
        + capture
        + reset
    )


def test_the_meter_stays_within_its_stack(board):
    with board.control() as control:
        with session(board.url("rs485"), client=_CONFIGURATOR, password=_PASSWORD) as made:
            made.get(15, _OBJECT_LIST, 2)
            assert _deepest(control) < _FOR_PYTHON
            answer = made.exchange(b"\xc1\x01\xc1\x00\x09" + _SCRIPTS + b"\x02\x00" + _nested())
            assert answer == b"\xc5\x01\xc1\x00"
            # At a client's word, and by the calendars at the end of a month.
            answer = made.exchange(b"\xc3\x01\xc1\x00\x09" + _SCRIPTS + b"\x01\x01\x12\x00\x01")
            assert answer == b"\xc7\x01\xc1\x00\x00"
            at_a_word = _deepest(control)
            for year, month, day in ((2027, 1, 31), (2027, 2, 28), (2027, 3, 31)):
                _set_clock(made, year, month, day, 23)
                control.wait(6)
            by_itself = _deepest(control)
        assert max(at_a_word, by_itself) < _FOR_PYTHON
        assert control.ask("time")["watchdog_resets"] == 0


def test_a_recursion_without_end_raises_in_time(board):
    with board.control() as control, Prompt(board.doors["prompt"]) as prompt:
        _deepest(control)
        said = prompt.run(
            "import gc\n"
            "def down(k):\n"
            "    if k % 4 == 0: gc.collect()\n"
            "    return down(k + 1) + 1\n"
            "class Asked:\n"
            "    def __getattr__(self, name): return getattr(Asked(), name)\n"
            "for what in (lambda: down(0), lambda: Asked().deeper):\n"
            "    try: what()\n"
            "    except RuntimeError as error: print(error)\n"
        )
        assert said.split("\n")[:2] == ["maximum recursion depth exceeded"] * 2
        assert _FOR_PYTHON - _CALL < _deepest(control) < _STACK
