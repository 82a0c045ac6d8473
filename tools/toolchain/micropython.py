"""The MicroPython tree that everything is built from, with the libraries the archive strips."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

from . import debian, pins, places
from .running import ToolError, logged, output, step

# Frozen native code holds 32-bit literals that ARMv6-M loads from word-aligned places only, but
# mpy-tool.py lays it out on half-words: a literal wider than 16 bits then reads wrong, depending
# on where the linker happens to put the function.
_MPY_TOOL = "tools/mpy-tool.py"
_HALF_WORD = '" __attribute__ ((aligned (2)))"'
_WORD = '" __attribute__ ((aligned (4)))"'

# Of an upstream checkout: ports and libraries that no target here is built from.
_NOT_COPIED = {
    "": {".git"},
    "ports": {
        "alif",
        "cc3200",
        "esp32",
        "esp8266",
        "mimxrt",
        "nrf",
        "renesas-ra",
        "samd",
        "stm32",
    },
    "lib": {"alif-security-toolkit", "fsp", "nxp_driver", "stm32lib", "arduino-lib", "wiznet5k"},
}


def mpy_dir() -> Path | None:
    """The upstream checkout named by MPY_DIR, if any."""
    named = os.environ.get("MPY_DIR")
    if not named:
        return None
    checkout = Path(named).expanduser().resolve()
    if not (checkout / "ports" / "rp2" / "CMakeLists.txt").is_file():
        raise ToolError(f"MPY_DIR={named} is no MicroPython checkout: it has no ports/rp2.")
    for library in ("pico-sdk", "tinyusb", "mbedtls"):
        if not any((checkout / "lib" / library).glob("*")):
            raise ToolError(
                f"MPY_DIR={named} lacks lib/{library}: run `make -C {named}/ports/rp2 submodules`."
            )
    return checkout


def _state(checkout: Path | None) -> str:
    """What tells two states of an upstream checkout apart."""
    if checkout is None:
        return ""
    head = output(["git", "-C", str(checkout), "rev-parse", "HEAD"])
    return f"{checkout} {head} " + output(
        ["git", "-C", str(checkout), "status", "--porcelain", "-uno"]
    )


def tree() -> Path:
    """Where the tree of these pins, or of MPY_DIR, lies."""
    return places.cache() / f"micropython-{pins.tree_key(_state(mpy_dir()))}"


def library_dir() -> Path:
    """The micropython-lib folder: the tree's own where it is filled, else one that is empty."""
    own = tree() / "lib" / "micropython-lib"
    return own if (own / "README.md").is_file() else tree() / "empty-lib"


def provide() -> Path:
    """Make the tree unless it is whole; its path."""
    places.make_whole(tree(), _fill)
    return tree()


def _fill(folder: Path) -> None:
    checkout = mpy_dir()
    if checkout:
        with step(f"copying {checkout}"):
            _copy_checkout(checkout, folder)
    else:
        _unpack_sources(folder)
    (folder / "empty-lib").mkdir(exist_ok=True)
    (folder / "empty-lib" / "README.md").touch()
    align_native_code(folder / _MPY_TOOL)
    with step("building mpy-cross"):
        logged(["make", "-C", str(folder / "mpy-cross"), "-j2"], places.logs() / "mpy-cross.log")


def _copy_checkout(checkout: Path, folder: Path) -> None:
    def skip(inside: str, names: list[str]) -> set[str]:
        relative = os.path.relpath(inside, checkout)
        built = {name for name in names if name == "build" or name.startswith("build-")}
        return _NOT_COPIED.get("" if relative == "." else relative, set()) | built | {".git"}

    shutil.copytree(checkout, folder, symlinks=True, ignore=skip, dirs_exist_ok=True)


def _unpack_sources(folder: Path) -> None:
    sources = debian.fetch("micropython", "MICROPYTHON", source=True)
    mbedtls = debian.fetch("mbedtls", "MBEDTLS", source=True)
    pico_sdk = debian.fetch("pico-sdk-source", "PICO_SDK", source=False)
    tinyusb = debian.fetch("tinyusb-source", "TINYUSB", source=False)
    with step("unpacking the sources"):
        _unpack_archive(sources, folder)
        _unpack_archive(mbedtls, folder / "lib" / "mbedtls")
        _unpack_deb(pico_sdk, "usr/src/pico-sdk", folder / "lib" / "pico-sdk")
        _unpack_deb(tinyusb, "usr/src/tinyusb", folder / "lib" / "tinyusb")
        # The port takes a README as the sign of an initialised submodule.
        (folder / "lib" / "pico-sdk" / "README.md").touch()


def _unpack_archive(archive: Path, folder: Path) -> None:
    """Unpack a source archive, its top folder (whatever its name) becoming `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            top, _, rest = member.name.partition("/")
            if not rest:
                continue
            if member.islnk():  # a hard link names its target from the archive's root
                member.linkname = member.linkname.partition("/")[2]
            member.name = rest
            tar.extract(member, folder)


def _unpack_deb(deb: Path, inside: str, folder: Path) -> None:
    """Unpack one folder of a binary package; nothing of it is installed."""
    unpacked = folder.with_name(folder.name + ".deb")
    logged(["dpkg-deb", "-x", str(deb), str(unpacked)], places.logs() / "unpack.log")
    shutil.rmtree(folder, ignore_errors=True)
    (unpacked / inside).rename(folder)
    shutil.rmtree(unpacked)


def align_native_code(mpy_tool: Path) -> None:
    """Word-align frozen ARMv6-M code in the build's own copy of mpy-tool.py, and see that it took."""
    text = mpy_tool.read_text()
    if text.count(_HALF_WORD) != 1:
        raise ToolError(
            f"{mpy_tool.name} lays native code out in a way that is not known here: look at its "
            "alignment attributes before anything is built with it."
        )
    mpy_tool.write_text(text.replace(_HALF_WORD, _WORD))
    if _HALF_WORD in mpy_tool.read_text():
        raise ToolError(f"{mpy_tool} could not be changed.")
