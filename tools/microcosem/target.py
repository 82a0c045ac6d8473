"""Starts and stops a meter: CPython (host), MicroPython's unix port (unix), emulated board (pico).

Every target opens the same doors on 127.0.0.1: optical and rs485 as raw octets, control as JSON
lines; the emulated board also has the prompt, the other two the wrapper on TCP and UDP. Needs nothing but the standard library.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from .control import Control, ControlError
from .errors import ReaderError

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("host", "unix", "pico")
_DOORS = ("optical", "rs485", "prompt", "control")
_FIRMWARE = ROOT / "firmware"
_GENERATOR = ROOT / "tools" / "gen_table.py"
_IMAGE = ROOT / "build" / "METER_PICO" / "firmware.bin"
_UNIX = ROOT / "build" / "unix" / "micropython"
_EMULATOR = ROOT / "tools" / "emulator" / "emulator.mjs"
_SHIMS = ROOT / "host_tests" / "shims"
_READY_S = 60.0  # a cold start of the emulator on a busy machine takes seconds
_STOP_S = 5.0
_LAST_WORDS_S = 2.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class TargetError(ReaderError):
    """A target cannot be started or has ended."""

    kind = "target"


@dataclass(frozen=True)
class Options:
    """Ports of the doors (0 = choose) and the switches of the emulated board."""

    optical: int = 0
    rs485: int = 0
    wrapper: int = 0
    prompt: int = 0
    control: int = 0
    image: Path = _IMAGE
    real_time: bool = False
    rs485_baud: int = 9600  # what the meter's memory says, where that is not what meter.toml does
    files: Path | None = None  # the file system of an interpreted meter; None = a new one
    source: Path | None = None  # what an interpreted meter is; None = firmware/meter.toml
    more: tuple[str, ...] = ()  # further words for the command line


def _ports(options: Options, doors) -> list[str]:
    return [word for door in doors for word in (f"--{door}", str(getattr(options, door)))]


def _need(path: Path, what: str) -> str:
    if not path.exists():
        raise TargetError(f"{what} is not there: {path.relative_to(ROOT)}; build it first")
    return str(path)


def _pico(options: Options) -> list[str]:
    node = shutil.which("node")
    if node is None:
        raise TargetError("the emulated board needs Node.js, and there is no 'node' on the path")
    _need(_EMULATOR.parent / "node_modules", "the emulator's packages")
    words = [node, str(_EMULATOR), "--image", _need(options.image, "the image")]
    return words + _ports(options, _DOORS) + ["--real-time"] * options.real_time


def _interpreted(interpreter: list[str], options: Options) -> list[str]:
    script = _need(_SHIMS / "start.py", "the start of the interpreted meter")
    doors = _ports(options, ("optical", "rs485", "wrapper", "control"))
    files = ["--files", str(options.files)] if options.files else []
    return interpreter + [script] + doors + files


def _tables(source: Path, folder: Path) -> list[str]:
    """The firmware with the tables of another source; the words that name it."""
    made = folder / "firmware"
    shutil.copytree(_FIRMWARE, made, ignore=shutil.ignore_patterns("__pycache__"))
    words = [sys.executable, str(_GENERATOR), "--source", str(source), "--out", str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TargetError(done.stderr.strip().rstrip("."))
    return ["--tables", str(made)]


def command(kind: str, options: Options) -> list[str]:
    """The words that start a target."""
    if kind == "pico":
        if options.source:
            raise TargetError("the emulated board runs its image, which is meter.toml's")
        return _pico(options) + list(options.more)
    if kind == "unix":
        interpreter = [_need(_UNIX, "MicroPython's unix port")]
    elif kind == "host":
        interpreter = [sys.executable]
    else:
        raise TargetError(f"there is no target '{kind}'; there are {', '.join(KINDS)}")
    return _interpreted(interpreter, options) + list(options.more)


class Target:
    """A running meter. `doors` maps the name of a door to its TCP port."""

    def __init__(self, kind: str, options: Options | None = None):
        self.kind = kind
        self.doors: dict[str, int] = {}
        self._log = tempfile.TemporaryFile()  # what it says on standard error
        self._files = tempfile.TemporaryDirectory(prefix="microcosem-")
        self._tables = tempfile.TemporaryDirectory(prefix="microcosem-")
        options = options or Options()
        words = command(kind, replace(options, files=options.files or Path(self._files.name)))
        try:
            if options.source:
                words += _tables(options.source.resolve(), Path(self._tables.name))
            self.process = subprocess.Popen(
                words,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._log,
                start_new_session=True,
                env=_environment(),
                preexec_fn=_end_with_parent,
            )
        except OSError as error:
            raise TargetError(f"{words[0]} cannot be started: {error.strerror}") from None
        try:
            self._await_doors()
            self._await_firmware(options.rs485_baud)
        except ControlError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_LAST_WORDS_S)  # what is ending says why, unless it is stopped
            self.stop()
            raise TargetError(f"the target {kind} did not start: {self._last_words()}") from None
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Target:
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def url(self, door: str) -> str:
        """What a reader opens."""
        return f"socket://127.0.0.1:{self.doors[door]}"

    def control(self) -> Control:
        return Control(self.doors["control"])

    def alive(self) -> bool:
        return self.process.poll() is None

    def log(self) -> str:
        """What the target has said on standard error."""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def stop(self) -> None:
        """Ends the process: politely first, then for certain."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if not self.alive():
                break
            # To its group: one that has started anew may wait for its successor.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            try:
                self.process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                continue
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._files.cleanup()
        self._tables.cleanup()

    def _await_doors(self) -> None:
        """The first line on standard output names the doors."""
        timer = threading.Timer(_READY_S, self.process.kill)
        timer.start()
        line = self.process.stdout.readline() if self.process.stdout else b""
        timer.cancel()
        try:
            self.doors = {name: int(port) for name, port in json.loads(line).items()}
        except (ValueError, AttributeError, TypeError):
            raise TargetError(
                f"the target {self.kind} did not start: {self._last_words()}"
            ) from None

    def _await_firmware(self, baud: int) -> None:
        """The meter is ready when both lines stand as they should: 300 baud, and the other's own."""
        end = time.monotonic() + _READY_S
        with self.control() as control:
            while time.monotonic() < end:
                optical, rs485 = (control.ask("uart", port=port) for port in ("optical", "rs485"))
                if _is_at(optical, 300) and _is_at(rs485, baud):
                    return
                time.sleep(0.05)
        raise TargetError("the meter has not opened its lines; is this its image?")

    def _last_words(self) -> str:
        self.process.wait(_STOP_S)
        lines = self.log().strip().splitlines()
        return lines[-1] if lines else f"it ended with exit code {self.process.returncode}"


def _is_at(line: dict, baud: int) -> bool:
    """Is a line open and, within what a divider can do, at this speed?"""
    return line["enabled"] and abs(line["baud"] - baud) <= baud * 0.02


def _end_with_parent() -> None:
    """In the child, on Linux: SIGTERM when this process dies without a chance to stop it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}


__all__ = ["KINDS", "ROOT", "ControlError", "Options", "Target", "TargetError", "command"]
