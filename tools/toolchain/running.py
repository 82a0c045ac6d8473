"""Running commands: a log for what they print, one sentence for what goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Mapping, Sequence

_LOG_TAIL_LINES = 12


class ToolError(Exception):
    """Something the user can act on; its text is the whole message."""


def say(text: str) -> None:
    """One line of progress on stdout, at once."""
    print(text, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Announce a step that takes a while, and how long it took when it ended well."""
    started = time.monotonic()
    say(f"  {text} ...")
    yield
    say(f"  {text}: {time.monotonic() - started:.0f} s")


def output(command: Sequence[str]) -> str:
    """What a command prints; an empty string when it fails or does not exist."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def logged(
    command: Sequence[str],
    log: Path,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a command with everything it prints in `log` (appended); ToolError when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        sink.write(("\n$ " + " ".join(command) + "\n").encode())
        sink.flush()
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, **(env or {})},
                check=False,
            )
        except FileNotFoundError:
            raise ToolError(f"{command[0]} is not installed: run `make toolchain`.") from None
    if done.returncode:
        _show_tail(log)
        raise ToolError(f"{Path(command[0]).name} failed ({done.returncode}); all of it: {log}")


def _show_tail(log: Path) -> None:
    # What went wrong stands well above the end when make works on two things at once.
    lines = log.read_text(errors="replace").splitlines()
    errors = [line for line in lines if "error:" in line.lower()]
    for line in errors[:_LOG_TAIL_LINES] or lines[-_LOG_TAIL_LINES:]:
        print("    | " + line, file=sys.stderr)
