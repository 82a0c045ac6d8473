"""The control socket of a target: JSON lines out, one JSON line back for each."""

from __future__ import annotations

import json
import socket

from .errors import ReaderError

_ANSWER_S = 30.0


class ControlError(ReaderError):
    """The target did not do what it was told, and says why."""

    kind = "control"


class Control:
    """A connection to the control socket at 127.0.0.1:port."""

    def __init__(self, port: int):
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_S)
        except OSError as error:
            raise ControlError(f"no control socket at port {port}: {error.strerror}") from None
        self._lines = self._socket.makefile("r", encoding="utf-8")

    def __enter__(self) -> Control:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def ask(self, cmd: str, *, within_s: float = _ANSWER_S, **fields) -> dict:
        """One command and its answer; raises ControlError with the target's sentence."""
        request = json.dumps({"cmd": cmd} | fields) + "\n"
        self._socket.settimeout(within_s)
        try:
            self._socket.sendall(request.encode("utf-8"))
            answer = json.loads(self._lines.readline() or "null")
        except (OSError, ValueError) as error:
            raise ControlError(f"the control socket does not answer '{cmd}': {error}") from None
        if not isinstance(answer, dict):
            raise ControlError(f"the target closed its control socket at '{cmd}'")
        if not answer.get("ok"):
            raise ControlError(f"the target refuses '{cmd}': {answer.get('error')}")
        return answer

    def set_channel(self, channel: str, rms: float, phase_deg: float = 0.0) -> None:
        """channel v, i1 or i2; the current lags the voltage by phase_deg."""
        self.ask("set", channel=channel, rms=rms, phase_deg=phase_deg)

    def time_s(self) -> float:
        """The target's own clock, seconds since its start."""
        return self.ask("time")["time_us"] / 1e6

    def wait(self, seconds: float, within_s: float = 600.0) -> None:
        """Returns when so much of the target's time has passed."""
        self.ask("wait", us=round(seconds * 1e6), within_s=within_s)
