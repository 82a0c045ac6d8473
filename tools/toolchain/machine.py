"""What the machine must bring along; on Debian and its kin apt-get installs what it lacks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Callable, NamedTuple

from . import places
from .pins import pins
from .running import ToolError, logged, output, say, step


class Need(NamedTuple):
    """One thing the machine must have: how it is found, and the Debian package that brings it."""

    name: str
    found: Callable[[], bool]
    package: str
    pin: str  # name in versions.env, "" = the machine's own version


def _command(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def _arm_library(name: str) -> Callable[[], bool]:
    # gcc prints the bare name back when it does not find the file.
    return lambda: "/" in output(["arm-none-eabi-gcc", f"-print-file-name={name}"])


def _node_is_new() -> bool:
    version = output(["node", "--version"]).lstrip("v").split(".")[0]
    return version.isdigit() and int(version) >= int(pins()["NODE_LEAST"])


def _venv_works() -> bool:
    return bool(output([sys.executable, "-c", "import ensurepip; print(1)"]))


NEEDS = (
    Need("gcc", _command("gcc"), "gcc", ""),
    Need("g++", _command("g++"), "g++", ""),
    Need("make", _command("make"), "make", ""),
    Need("cmake", _command("cmake"), "cmake", "CMAKE_PACKAGE"),
    Need("pkg-config", _command("pkg-config"), "pkg-config", ""),
    Need("git", _command("git"), "git", ""),
    Need(
        "arm-none-eabi-gcc", _command("arm-none-eabi-gcc"), "gcc-arm-none-eabi", "GCC_ARM_PACKAGE"
    ),
    Need("newlib for ARM", _arm_library("libc.a"), "libnewlib-arm-none-eabi", "NEWLIB_PACKAGE"),
    Need(
        "libstdc++ for ARM",
        _arm_library("libstdc++.a"),
        "libstdc++-arm-none-eabi-newlib",
        "LIBSTDCXX_PACKAGE",
    ),
    Need("qemu-system-arm", _command("qemu-system-arm"), "qemu-system-arm", "QEMU_PACKAGE"),
    Need("node 18 or later", _node_is_new, "nodejs", ""),
    Need("npm", _command("npm"), "npm", ""),
    Need("python3 venv", _venv_works, "python3-venv", ""),
)

FOR_PYTHON = tuple(need for need in NEEDS if need.package == "python3-venv")
FOR_CHECKS = FOR_PYTHON + tuple(need for need in NEEDS if need.package in ("nodejs", "npm"))


def missing(needs: tuple[Need, ...] = NEEDS) -> list[Need]:
    """The needs this machine does not meet."""
    return [need for need in needs if not need.found()]


def check_python() -> None:
    """Refuse an interpreter that is too old to run the tools."""
    least = tuple(int(n) for n in pins()["PYTHON_LEAST"].split("."))
    if sys.version_info[: len(least)] < least:
        raise ToolError(
            f"Python {pins()['PYTHON_LEAST']} or later is needed; this is {sys.version.split()[0]}."
        )


def provide(needs: tuple[Need, ...] = NEEDS) -> None:
    """Install what is missing with apt-get; say what to install where that cannot be done."""
    lacking = missing(needs)
    if not lacking:
        return
    names = ", ".join(need.name for need in lacking)
    if not shutil.which("apt-get"):
        raise ToolError(f"missing on this machine: {names}. Install them and repeat.")
    with step(f"installing {names} with apt-get"):
        _install(lacking)
    still = [need.name for need in missing(needs)]
    if still:
        raise ToolError(f"still missing after installing their packages: {', '.join(still)}.")


def _install(needs: list[Need]) -> None:
    wanted = [_wanted(need) for need in needs]
    if not all(wanted):
        _apt_get("update")
        wanted = [_wanted(need) for need in needs]
    lost = [need.package for need, want in zip(needs, wanted) if not want]
    if lost:
        raise ToolError(
            f"apt knows no package {', '.join(lost)}: install what it stands for by hand."
        )
    _apt_get("install", "-y", "--no-install-recommends", *wanted)


def _wanted(need: Need) -> str:
    """`package=version` with the pinned version where apt has it, else the version apt offers."""
    versions = [
        line.split("|")[1].strip()
        for line in output(["apt-cache", "madison", need.package]).splitlines()
    ]
    if not versions:
        return ""
    pin = pins().get(need.pin, versions[0])
    if pin in versions:
        return f"{need.package}={pin}"
    say(f"  {need.package} {pin} is not to be had here: taking {versions[0]}, which was not tried")
    return f"{need.package}={versions[0]}"


def _apt_get(*arguments: str) -> None:
    command = ["apt-get", "-q", *arguments]
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            raise ToolError(f"as root, run: {' '.join(command)}")
        command = ["sudo", *command]
        if subprocess.run(["sudo", "-v"], check=False).returncode:  # asks at the terminal, once
            raise ToolError(f"not allowed to; as root, run: {' '.join(command[1:])}")
    logged(command, places.logs() / "apt.log", env={"DEBIAN_FRONTEND": "noninteractive"})


def compiler() -> str:
    """The ARM compiler's own version line, which is part of what an image is made from."""
    return output(["arm-none-eabi-gcc", "--version"]).split("\n")[0]
