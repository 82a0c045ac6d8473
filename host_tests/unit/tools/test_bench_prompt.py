"""The raw REPL, against a board that is played from a script.

What a board sends is as MicroPython's documentation has it: "raw REPL; CTRL-B to exit\\r\\n>" after
Ctrl-A, and "OK", the output, 04, the errors, 04 and ">" after code and Ctrl-D.
"""

import socket
import threading

import pytest
from microcosem.bench_prompt import Prompt, PromptError

_RAW = b"raw REPL; CTRL-B to exit\r\n>"
_OPENING = [
    (b"\x03", b"Stopped.\r\nMicroPython v1\r\n>>> "),
    (b"\x01", b"\r\n" + _RAW),
]


class Board:
    """Takes each request of the script in its turn and sends the answer in small pieces."""

    def __init__(self, script):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.wrong = []
        self._thread = threading.Thread(target=self._play, args=(script,))
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._thread.join(10)
        self.listener.close()
        assert not self.wrong

    def _play(self, script):
        client, _ = self.listener.accept()
        with client:
            client.settimeout(5)
            for request, answer in script:
                came = b""
                while len(came) < len(request):
                    came += client.recv(len(request) - len(came))
                if came != request:
                    self.wrong.append((request, came))
                    return
                for at in range(0, len(answer), 5):
                    client.sendall(answer[at : at + 5])


def _ask(code, answer, method="run"):
    with Board(_OPENING + [(code.encode() + b"\x04", answer)]) as board:
        with Prompt(board.port) as prompt:
            return getattr(prompt, method)(code)


def test_run():
    assert _ask("print(1)", b"OK1\r\n\x04\x04>") == "1"


def test_value():
    code = "print('note')\nprint((1, [2.5]))"
    assert _ask(code, b"OKnote\r\n(1, [2.5])\r\n\x04\x04>", "value") == (1, [2.5])


@pytest.mark.parametrize("output", [b"", b"<object>\r\n", b"(1,\r\n"])
def test_value_without_a_literal(output):
    with pytest.raises(PromptError, match="no figures"):
        _ask("x", b"OK" + output + b"\x04\x04>", "value")


def test_exception_on_the_board():
    trace = b"Traceback (most recent call last):\r\n  File \"<stdin>\"\r\nNameError: name 'x'\r\n"
    with pytest.raises(PromptError, match="NameError: name 'x'"):
        _ask("x", b"OK\x04" + trace + b"\x04>")


def test_program_is_started_and_interrupted():
    script = [
        (b"run()\x04", b"OK"),
        (b"\x03", b"Stopped.\r\n\x04\x04>"),
        (b"p\x04", b"OK7\x04\x04>"),
    ]
    with Board(_OPENING + script) as board, Prompt(board.port) as prompt:
        prompt.start("run()")
        prompt.interrupt()
        assert prompt.value("p") == 7


def test_restart():
    script = [(b"\x04", b"OK\r\nMPY: soft reboot\r\n" + _RAW), (b"p\x04", b"OK7\x04\x04>")]
    with Board(_OPENING + script) as board, Prompt(board.port) as prompt:
        prompt.restart()
        assert prompt.value("p") == 7


def test_board_goes_away():
    with pytest.raises(PromptError, match="closed its prompt"):
        _ask("print(1)", b"OK1")


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PromptError, match="no prompt at port"):
        Prompt(port)
