"""What is built from the tree: the firmware image, the stock image it is compared with, unix."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

from . import machine, micropython, pins, places, size
from .running import ToolError, logged, output, step

BUILD = pins.REPO / "build"
_BOARDS = pins.REPO / "boards"
_MANIFEST = pins.REPO / "firmware" / "manifest.py"
_RP2040_FAMILY = "0xe48bff56"  # UF2 family of the RP2040

# What mpy-cross calls the machines whose native code the unix port can run.
_NATIVE = {"x86_64": "x64", "i686": "x86", "armv7l": "armv7m"}


def firmware(board: str, release: bool = False, secrets: str = "") -> None:
    """build/BOARD/firmware.{elf,bin,uf2} and a size report; build/BOARD-release/ for a release."""
    if not (_BOARDS / board / "mpconfigboard.cmake").is_file():
        raise ToolError(f"there is no board {board}; there are: {', '.join(boards())}.")
    out = BUILD / (f"{board}-release" if release else board)
    generated = _release_tables(out, secrets) if release else pins.REPO
    work = out / f"cmake-{_build_key(*_configuration(board))}"
    for other in set(out.glob("cmake-*")) - {work}:
        shutil.rmtree(other)
    with step(f"building the {out.name} image"):
        _rp2(_BOARDS / board, work, out / "build.log", generated=generated)
    _publish(work, out)
    size.report(out, stock(), every_module=False)


def _release_tables(out: Path, secrets: str) -> Path:
    """Where a release takes its tables from; refused when they hold a demonstration password."""
    tables = out / "generated" if secrets else pins.REPO
    words = ["--secrets", secrets, "--out", str(tables)] if secrets else ["--check"]
    command = [places.python(), str(pins.REPO / "tools" / "gen_table.py"), "--release", *words]
    if subprocess.run(command, cwd=pins.REPO, stdout=subprocess.DEVNULL, check=False).returncode:
        raise ToolError(
            "no release image is built with the tables as they are; SECRETS=FILE names a file "
            'outside the repository with lines such as [passwords] reader = "..."'
        )
    return tables


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
        "MICROPY_MANIFEST_GENERATED_DIR": pins.REPO,
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


def _rp2(
    board: Path,
    work: Path,
    log: Path,
    *,
    manifest: Path | None = None,
    generated: Path = pins.REPO,
) -> None:
    """Build the rp2 port for a board folder; `generated` holds firmware/config.py and the table."""
    settings = {
        "PICO_NO_PICOTOOL": 1,  # it would be fetched by git, and only makes the UF2
        "MICROPY_LIB_DIR": micropython.library_dir(),
        "MICROPY_MANIFEST_GENERATED_DIR": generated,
    }
    arguments = " ".join(f"-D{name}={value}" for name, value in settings.items())
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
        _rp2(board, work, places.logs() / "stock.log", manifest=manifest)
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


def _build_key(*more: Path) -> str:
    """Objects made from another tree or by another compiler are not mixed with today's."""
    return pins.key(micropython.tree().name, machine.compiler(), *more)


def _configuration(board: str) -> list[Path]:
    """What the port is compiled with: its names are not collected anew when only this changes."""
    return sorted((_BOARDS / board).glob("mpconfigboard.*"))


def _version() -> dict[str, str]:
    """What the banner shows: MicroPython's version, and the day of the last commit as build date."""
    committed = output(["git", "-C", str(pins.REPO), "log", "-1", "--format=%ct"])
    env = {"SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH") or committed or "0"}
    if not micropython.mpy_dir():
        env["MICROPY_GIT_TAG"] = "v" + pins.pins()["MICROPYTHON_VERSION"]
        env["MICROPY_GIT_HASH"] = "release"
    return env
