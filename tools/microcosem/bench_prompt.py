"""The prompt of a board from a program: MicroPython's raw REPL over the prompt door.

Ctrl-C stops what runs, Ctrl-A enters the raw REPL;
code Ctrl-D -> "OK" output 04 errors 04 ">"; Ctrl-D alone starts MicroPython anew, without main
"""

from __future__ import annotations

import ast
import socket

from .errors import ReaderError

_ANSWER_S = 120.0  # a script that measures for seconds takes longer on a busy machine
_STOP, _RAW, _RUN = b"\x03", b"\x01", b"\x04"
_FRIENDLY_PROMPT, _RAW_PROMPT = b">>> ", b"exit\r\n>"


class PromptError(ReaderError):
    """The board does not answer at its prompt, or a script ended with an exception there."""

    kind = "prompt"


class Prompt:
    """The raw REPL behind the TCP port 127.0.0.1:port; the running program has been stopped."""

    def __init__(self, port: int):
        self._came = b""
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_S)
        except OSError as error:
            raise PromptError(f"no prompt at port {port}: {error.strerror}") from None
        self._send(_STOP)
        self._until(_FRIENDLY_PROMPT)
        self._send(_RAW)
        self._until(_RAW_PROMPT)

    def __enter__(self) -> Prompt:
        return self

    def __exit__(self, *_) -> None:
        self._socket.close()

    def run(self, code: str) -> str:
        """Runs code and returns what it printed; raises PromptError with its last line of error."""
        self._send(code.encode("utf-8") + _RUN)
        self._until(b"OK")
        printed = self._until(_RUN)
        errors = self._until(_RUN + b">").decode("utf-8", "replace").strip()
        if errors:
            raise PromptError(f"a script failed on the board: {errors.splitlines()[-1]}")
        return printed.decode("utf-8", "replace").strip()

    def start(self, code: str) -> None:
        """Runs code that does not end by itself; interrupt() ends it."""
        self._send(code.encode("utf-8") + _RUN)
        self._until(b"OK")

    def interrupt(self) -> None:
        """Ctrl-C for what start() started."""
        self._send(_STOP)
        self._until(_RUN + b">")

    def value(self, code: str):
        """Runs code whose last line printed is a Python literal; returns that."""
        lines = self.run(code).splitlines()
        try:
            return ast.literal_eval(lines[-1])
        except (IndexError, ValueError, SyntaxError):
            raise PromptError("a script on the board printed no figures") from None

    def restart(self) -> None:
        """Soft reset: an empty heap, no module of ours imported, main.py not run."""
        self._send(_RUN)
        self._until(_RAW_PROMPT)

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise PromptError(f"the board's prompt is gone: {error}") from None

    def _until(self, end: bytes) -> bytes:
        """What comes before end; end itself is taken too."""
        while end not in self._came:
            self._came += self._receive()
        found, _, self._came = self._came.partition(end)
        return found

    def _receive(self) -> bytes:
        try:
            data = self._socket.recv(4096)
        except OSError as error:
            raise PromptError(f"the board does not answer at its prompt: {error}") from None
        if not data:
            raise PromptError("the board has closed its prompt")
        return data
