"""The cache: downloads and everything made from them, outside the checkout.

A folder whose name ends in a key is whole when it holds the stamp file, and absent otherwise:
an interrupted run leaves no stamp, and the next one begins that folder anew.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator

from . import pins
from .running import say

_STAMP = ".complete"


def cache() -> Path:
    """$CACHE, else $XDG_CACHE_HOME/microcosem, else ~/.cache/microcosem."""
    named = os.environ.get("CACHE")
    if named:
        return Path(named).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser().resolve() / "microcosem"


def whole(folder: Path) -> bool:
    """True when `folder` was made to its end."""
    return (folder / _STAMP).is_file()


def make_whole(folder: Path, fill: Callable[[Path], None]) -> bool:
    """Let `fill` make `folder` unless it is whole; True when it was made now."""
    if whole(folder):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fill(folder)
    (folder / _STAMP).touch()
    return True


@contextmanager
def alone() -> Iterator[None]:
    """Only one run at a time changes the cache; others wait."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  waiting for another run that uses the same cache ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def downloads() -> Path:
    return cache() / "download"


def logs() -> Path:
    return cache() / "log"


def venv() -> Path:
    return cache() / f"venv-{pins.venv_key()}"


def node() -> Path:
    return cache() / f"node-{pins.node_key()}"


def python() -> str:
    """The environment's Python where it was made, else the one that runs now: host targets need no more."""
    return str(venv() / "bin" / "python") if whole(venv()) else "python3"
