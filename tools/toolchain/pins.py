"""The pinned versions, and the keys under which the cache holds what was made from them."""

from __future__ import annotations

import hashlib
import platform
import sys
from pathlib import Path

from .running import ToolError

HERE = Path(__file__).resolve().parent
REPO = HERE.parent.parent
VERSIONS = HERE / "versions.env"
_KEY_CHARS = 10


def parse(text: str) -> dict[str, str]:
    """NAME=VALUE lines to a dict; comments and empty lines are skipped, anything else refused."""
    pins: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.isidentifier() or not value or " " in line:
            raise ToolError(f"{VERSIONS.name}:{number}: not a NAME=VALUE line: {line}")
        pins[name] = value
    return pins


def pins() -> dict[str, str]:
    """The pins of this checkout."""
    return parse(VERSIONS.read_text())


def key(*parts: str | Path) -> str:
    """A short name for a set of inputs: the files' contents and the strings, in this order."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:_KEY_CHARS]


def tree_key(mpy_dir_state: str = "") -> str:
    """Key of the MicroPython tree: pins, the code that assembles it, an upstream checkout's state."""
    return key(VERSIONS, HERE / "micropython.py", platform.machine(), mpy_dir_state)


def venv_key() -> str:
    """Key of the virtual environment: its lock file and the interpreter it is made with."""
    return key(HERE / "requirements.txt", sys.version, sys.base_prefix)


def node_key() -> str:
    """Key of the npm tools."""
    return key(HERE / "package-lock.json", platform.machine())
