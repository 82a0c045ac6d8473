"""The prompt of an emulated board, in MicroPython's raw mode: run source, put files.

Ctrl-C stops the program, Ctrl-A enters raw mode, Ctrl-D runs what was typed. The answer is
"OK" output 04 traceback 04 ">".
"""

import socket

_INTERRUPT = b"\r\x03\x03"
_RAW = b"\r\x01"
_FRIENDLY = b"\r\x02"
_ASKS = b">>> "
_RUN = b"\x04"
_READY = b"raw REPL; CTRL-B to exit\r\n>"
_STARTED = b"OK"
_STEP_S = 60


class BoardError(AssertionError):
    """What ran on the board ended with a traceback; the text is that traceback."""


class Prompt:
    """A connection to the door at `port` of 127.0.0.1; the meter's program has been stopped."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_STEP_S)
        self._seen = b""
        self.enter()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def enter(self):
        """Stop what runs and take the prompt in raw mode."""
        self._socket.sendall(_INTERRUPT + _RAW)
        self._until(_READY)

    def leave(self):
        """Back to the friendly prompt, for type()."""
        self._socket.sendall(_FRIENDLY)
        self._until(_ASKS)

    def type(self, keys):
        """Press keys at the friendly prompt."""
        self._socket.sendall(keys)

    def _until(self, ending):
        """Everything up to the ending."""
        while ending not in self._seen:
            piece = self._socket.recv(4096)
            if not piece:
                raise BoardError("the board closed its prompt")
            self._seen += piece
        text, _, self._seen = self._seen.partition(ending)
        return text

    def fresh(self):
        """Soft reset: an empty heap, no module imported; main.py does not start."""
        self._socket.sendall(_RUN)
        self._until(_READY)

    def run(self, source, data=b""):
        """What the source prints. data: what it reads from sys.stdin.buffer."""
        self._socket.sendall(source.encode() + _RUN)
        self._until(_STARTED)
        self._socket.sendall(data)
        output = self._until(_RUN)
        traceback = self._until(_RUN + b">")
        if traceback:
            raise BoardError(traceback.decode())
        return output.decode().replace("\r\n", "\n")

    def put(self, path, content):
        """Write a file on the board, its folders included. An octet 03 would be a Ctrl-C."""
        assert b"\x03" not in content
        folders = path.split("/")[1:-1]
        for size in range(1, len(folders) + 1):
            folder = "/" + "/".join(folders[:size])
            self.run(f"import os\ntry:\n os.mkdir({folder!r})\nexcept OSError:\n pass")
        self.run(
            f"import sys\nwith open({path!r}, 'wb') as f:\n"
            f" f.write(sys.stdin.buffer.read({len(content)}))",
            content,
        )
