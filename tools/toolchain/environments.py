"""Python packages, npm packages and type stubs: each from its lock file, checksums verified."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from . import pins, places
from .running import ToolError, logged, step

_EMULATOR = pins.REPO / "tools" / "emulator"
_TYPINGS = pins.REPO / "typings"
_PORTS = ("rp2", "stm32")  # their packages overwrite each other, so each has a folder

# What rp2's stub lacks: (line of it, what stands there instead). The constructor is Flash's.
_LACKING = (
    ("class DMA:", "class DMA:\n    channel: int\n    count: int\n    read: int\n    write: int"),
    (
        "    def __init__(self) -> None: ...",
        "    def __init__(self, *, start: int = -1, len: int = -1) -> None: ...",
    ),
)


def provide() -> None:
    """Everything that comes from PyPI and npm."""
    provide_python()
    places.make_whole(places.node(), _fill_node)
    provide_emulator()
    _provide_stubs()


def provide_python() -> None:
    """The virtual environment alone: all that a board on USB needs."""
    places.make_whole(places.venv(), _fill_venv)


def _obtain(command: list[str], log: str, cwd: Path | None = None) -> None:
    """Run a package client; when it fails, say what usually is the matter."""
    try:
        logged(command, places.logs() / log, cwd=cwd)
    except ToolError as error:
        raise ToolError(f"{error}; if there was no network, repeat it with one.") from None


def _pip_install(*words: str) -> None:
    python = str(places.venv() / "bin" / "python")
    options = ["--disable-pip-version-check", "--require-hashes"]
    _obtain([python, "-m", "pip", "install", *options, *words], "pip.log")


def _fill_venv(folder: Path) -> None:
    with step("installing the Python packages"):
        logged([sys.executable, "-m", "venv", str(folder)], places.logs() / "pip.log")
        _pip_install("-r", str(pins.HERE / "requirements.txt"))


def _fill_node(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(pins.HERE / name, folder)
    with step("installing the npm tools"):
        _npm_ci(folder)


def _npm_ci(folder: Path) -> None:
    _obtain(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], "npm.log", folder)


def provide_emulator() -> None:
    """The emulator's packages, beside its own lock file, where Node looks for them."""
    key = pins.key(_EMULATOR / "package-lock.json")
    stamp = _EMULATOR / "node_modules" / f".complete-{key}"
    if stamp.exists():
        return
    with step("installing the emulator's packages"):
        _npm_ci(_EMULATOR)
    stamp.touch()


def _provide_stubs() -> None:
    """typings/PORT: stubs of a port's modules, with the compiler's own names added."""
    locks = [pins.HERE / f"stubs-{port}.txt" for port in _PORTS]
    builtins = pins.HERE / "builtins.pyi"
    stamp = _TYPINGS / f".complete-{pins.key(*locks, builtins, repr(_LACKING))}"
    if stamp.exists():
        return
    shutil.rmtree(_TYPINGS, ignore_errors=True)
    with step("installing the type stubs"):
        for port, lock in zip(_PORTS, locks):
            _pip_install("--target", str(_TYPINGS / port), "-r", str(lock))
            shutil.copy(builtins, _TYPINGS / port / "__builtins__.pyi")
    complete(_TYPINGS / "rp2" / "rp2" / "__init__.pyi")
    stamp.touch()


def complete(stub: Path) -> None:
    """Add what rp2's stub lacks; refused when it is not as it was."""
    text = stub.read_text()
    for line, instead in _LACKING:
        if text.count(line + "\n") != 1:
            raise ToolError(f"{stub} has no line '{line}': look at what it lacks now.")
        text = text.replace(line + "\n", instead + "\n")
    stub.write_text(text)
