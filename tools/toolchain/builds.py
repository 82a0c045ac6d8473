"""What is built from the tree: the firmware image, the stock image it is compared with, unix."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

from . import machine, micropython, pins, places, size
from .running import ToolError, logged, output, say, step

BUILD = pins.REPO / "build"
_BOARDS = pins.REPO / "boards"
_MANIFEST = pins.REPO / "firmware" / "manifest.py"
_RP2040_FAMILY = "0xe48bff56"  # UF2 family of the RP2040

# What mpy-cross calls the machines whose native code the unix port can run.
_NATIVE = {"x86_64": "x64", "i686": "x86", "armv7l": "armv7m"}


def firmware(board: str, release: bool) -> None:
    """build/BOARD/firmware.{elf,bin,uf2} and a size report."""
    if not (_BOARDS / board / "mpconfigboard.cmake").is_file():
        raise ToolError(f"there is no board {board}; there are: {', '.join(boards())}.")
    if release:
        _refuse_demo_keys()
    out = BUILD / board
    work = out / f"cmake-{_build_key()}"
    with step(f"building the {board} image"):
        _rp2(_BOARDS / board, work, out / "build.log")
    _publish(work, out)
    size.report(out, stock(), every_module=False)


def show_size(board: str) -> None:
    """The size report of an image that was built."""
    size.report(BUILD / board, stock(), every_module=True)


def boards() -> list[str]:
    """Names of the boards in boards/."""
    return sorted(path.parent.name for path in _BOARDS.glob("*/mpconfigboard.cmake"))


def stock() -> Path:
    """A stock image for the same chip, made once: what our image is compared with."""
    places.make_whole(stock_folder(), _fill_stock)
    return stock_folder()


def stock_folder() -> Path:
    """Where the stock image lies once it was made."""
    return places.cache() / f"stock-{_build_key()}"


def unix() -> None:
    """build/unix/micropython: the unix port with the packages frozen in."""
    march = _NATIVE.get(platform.machine())
    if march is None:
        raise ToolError(
            f"MicroPython has no native code for {platform.machine()}: no unix target here."
        )
    out = BUILD / "unix"
    work = out / f"make-{_build_key()}"
    options = {
        "VARIANT": "standard",
        "FROZEN_MANIFEST": _MANIFEST,
        "MPY_LIB_DIR": micropython.library_dir(),
        "MPY_CROSS_FLAGS": f"-march={march}",
        "MICROPY_PY_FFI": 0,
        "MICROPY_PY_BTREE": 0,
        "MICROPY_SSL_MBEDTLS": 1,
        "BUILD": work,
    }
    words = [f"{name}={value}" for name, value in options.items()]
    with step("building the unix port"):
        logged(
            ["make", "-C", str(micropython.tree() / "ports" / "unix"), "-j2", *words],
            _fresh(out / "build.log"),
            env=_version(),
        )
    _replace(work / "micropython", out / "micropython")


def _rp2(board: Path, work: Path, log: Path, manifest: Path | None = None) -> None:
    """Build the rp2 port for a board folder."""
    arguments = f"-DPICO_NO_PICOTOOL=1 -DMICROPY_LIB_DIR={micropython.library_dir()}"
    words = [f"BOARD_DIR={board}", f"BUILD={work}"]
    if manifest:
        words.append(f"FROZEN_MANIFEST={manifest}")
    logged(
        ["make", "-C", str(micropython.tree() / "ports" / "rp2"), "-j2", *words],
        _fresh(log),
        env={**_version(), "CMAKE_ARGS": arguments},
    )


def _fill_stock(folder: Path) -> None:
    manifest = folder / "manifest.py"
    manifest.write_text('freeze("$(PORT_DIR)/modules")\ninclude("$(MPY_DIR)/extmod/asyncio")\n')
    board = micropython.tree() / "ports" / "rp2" / "boards" / "RPI_PICO"
    work = folder / "cmake"
    with step("building a stock image to compare with"):
        _rp2(board, work, places.logs() / "stock.log", manifest)
    for suffix in ("elf", "bin"):
        shutil.copy(work / f"firmware.{suffix}", folder)
    shutil.rmtree(work)


def _publish(work: Path, out: Path) -> None:
    """Put the image where the other tools look for it, each file replaced in one go."""
    for suffix in ("elf", "bin"):
        _replace(work / f"firmware.{suffix}", out / f"firmware.{suffix}")
    part = out / "firmware.uf2.part"
    convert = [
        micropython.tree() / "tools" / "uf2conv.py",
        "-f",
        _RP2040_FAMILY,
        "-b",
        "0x10000000",
    ]
    logged(
        ["python3", *map(str, convert), "-c", "-o", str(part), str(out / "firmware.bin")],
        out / "build.log",
    )
    part.replace(out / "firmware.uf2")


def _replace(made: Path, wanted: Path) -> None:
    if wanted.exists() and wanted.read_bytes() == made.read_bytes():
        return
    part = wanted.with_name(wanted.name + ".part")
    shutil.copy2(made, part)
    part.replace(wanted)


def _fresh(log: Path) -> Path:
    log.unlink(missing_ok=True)
    return log


def _build_key() -> str:
    """Objects made from another tree or by another compiler are not mixed with today's."""
    return pins.key(micropython.tree().name, machine.compiler())


def _version() -> dict[str, str]:
    """What the banner shows: MicroPython's version, and the day of the last commit as build date."""
    committed = output(["git", "-C", str(pins.REPO), "log", "-1", "--format=%ct"])
    env = {"SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH") or committed or "0"}
    if not micropython.mpy_dir():
        env["MICROPY_GIT_TAG"] = "v" + pins.pins()["MICROPYTHON_VERSION"]
        env["MICROPY_GIT_HASH"] = "release"
    return env


def _refuse_demo_keys() -> None:
    """A release image must not carry the demonstration passwords and keys."""
    say("  checking that no demonstration key goes into a release")
    command = [places.python(), str(pins.REPO / "tools" / "gen_table.py"), "--check", "--release"]
    if subprocess.run(command, check=False).returncode:
        raise ToolError("no release image: see the lines above.")
