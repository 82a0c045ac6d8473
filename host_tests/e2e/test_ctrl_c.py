"""Ctrl-C on the emulated board: whenever it comes, the meter stops and stays stopped.

A watchdog that survives the Ctrl-C would reset the board 8 s later, under the fingers of whoever
stopped it.
"""

import socket
import time

import pytest
from prompt import Prompt

_PROMPT = b">>> "
_WATCHDOG_S = 9.0  # longer than firmware/lib/port/watchdog.py gives the main loop
_STEP_S = 20.0


class _Keys:
    """Somebody at the prompt of a board that is switched off and on."""

    def __init__(self, port, control):
        self._port = port
        self._control = control

    def boot_and_press(self, delay_s, keys):
        """Switch on, press the keys delay_s after both lines were opened; what comes back."""
        self._control.ask("power", on=False)
        self._control.ask("power", on=True)
        with socket.create_connection(("127.0.0.1", self._port), timeout=_STEP_S) as door:
            self._await_lines()
            self._control.wait(delay_s)
            door.sendall(keys)
            return self._until_prompt(door)

    def _await_lines(self):
        end = time.monotonic() + _STEP_S
        while time.monotonic() < end:
            lines = [self._control.ask("uart", port=port) for port in ("optical", "rs485")]
            if all(line["enabled"] for line in lines):
                return
        raise TimeoutError("the meter has not opened its lines")

    def _until_prompt(self, door):
        seen = b""
        while not seen.endswith(_PROMPT):
            seen += door.recv(4096)
        return seen


@pytest.fixture(scope="module")
def keys(board):
    with board.control() as control:
        yield _Keys(board.doors["prompt"], control)


@pytest.mark.parametrize("pressed", [b"\x03", b"\x03\x03", b"\r\x03\x03\x03"])
@pytest.mark.parametrize("delay_ms", [0, 3, 7, 15, 40, 130, 700])
def test_meter_stays_stopped(board, keys, delay_ms, pressed):
    with board.control() as control:
        before = control.ask("time")["watchdog_resets"]
        keys.boot_and_press(delay_ms / 1000, pressed)
        control.wait(_WATCHDOG_S)
        assert control.ask("time")["watchdog_resets"] == before


def test_run_goes_on_and_stops_again(board, keys):
    """After a stop, run() measures on under its watchdog and can be stopped again."""
    assert b"Stopped. run() goes on" in keys.boot_and_press(2.0, b"\x03")
    with Prompt(board.doors["prompt"]) as prompt, board.control() as control:
        stopped = int(prompt.run("print(loop.adc.produced())"))
        control.wait(_WATCHDOG_S)
        assert int(prompt.run("print(loop.adc.produced())")) == stopped
        prompt.leave()
        prompt.type(b"run()\r")
        control.wait(_WATCHDOG_S)
        assert control.ask("time")["watchdog_resets"] == 0
        prompt.enter()
        assert int(prompt.run("print(loop.adc.produced())")) > stopped + 24000
