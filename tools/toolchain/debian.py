"""Sources from Debian's archive, by package name and exact version.

The wanted suite is usually not in the machine's package lists, and those stay as they are: apt
reads a private list through -o Dir::..., with the mirror's address asked from apt itself. apt
checks the archive's signature and every checksum; the file that is used is checked once more.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from . import places
from .pins import pins
from .running import ToolError, logged, output, say

_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_BY_HAND = (
    "or build from an upstream checkout of MicroPython: make ... MPY_DIR=/path/to/micropython"
)


def fetch(package: str, pin: str, *, source: bool) -> Path:
    """The one file used of a package (see versions.env), downloaded unless it is already there."""
    version, checksum = pins()[f"{pin}_PACKAGE"], pins()[f"{pin}_SHA256"]
    folder = places.downloads() / f"{package}-{version.replace(':', '_')}"
    file = _used_file(folder, source)
    if not file or _sha256(file) != checksum:
        shutil.rmtree(folder, ignore_errors=True)
        _download(package, version, folder, source)
        file = _used_file(folder, source)
    if not file:
        raise ToolError(f"{package} {version} came without the file that is used of it.")
    if _sha256(file) != checksum:
        raise ToolError(f"{file.name} does not have the checksum that versions.env names.")
    return file


def _used_file(folder: Path, source: bool) -> Path | None:
    # An upstream archive ends in xz, gz or bz2; its signature beside it in asc.
    return next(folder.glob("*.orig.tar.*[z2]" if source else "*.deb"), None)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _download(package: str, version: str, folder: Path, source: bool) -> None:
    suite = pins()["DEBIAN_SUITE"]
    options = _private_lists(suite)
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    verb = ["source", "--download-only"] if source else ["download"]
    say(f"  downloading {package} {version}")
    try:
        logged(
            ["apt-get", "-q", *options, *verb, f"{package}={version}"],
            places.logs() / "apt.log",
            cwd=part,
        )
    except ToolError:
        raise ToolError(_gone(package, version, suite, options, source)) from None
    part.rename(folder)


def _gone(package: str, version: str, suite: str, options: list[str], source: bool) -> str:
    """The sentence for a pinned version that apt does not deliver."""
    verb = ["showsrc", "--only-source"] if source else ["show"]
    shown = output(["apt-cache", *options, *verb, package]).splitlines()
    there = sorted({line.split()[1] for line in shown if line.startswith("Version: ")})
    if version in there or not there:
        return f"{package} {version} could not be downloaded ({places.logs() / 'apt.log'}); {_BY_HAND}"
    return (
        f"Debian {suite} no longer has {package} {version} but {', '.join(there)}: put that version "
        f"and its checksum into tools/toolchain/versions.env, {_BY_HAND}"
    )


@lru_cache(maxsize=None)
def _private_lists(suite: str) -> list[str]:
    """Options that show apt the wanted suite and nothing else; its lists are fetched once per run."""
    root = places.cache() / "apt" / suite
    options = _options(root)
    shutil.rmtree(root, ignore_errors=True)
    (root / "lists" / "partial").mkdir(parents=True)
    (root / "archives" / "partial").mkdir(parents=True)
    for uri in _archive_uris():
        (root / "sources.list").write_text(_sources_list(uri, suite))
        if _update(options):
            return options
    raise ToolError(
        f"Debian {suite} could not be read from any of this machine's package archives "
        f"({places.logs() / 'apt.log'}): repeat it with a network, on Debian, {_BY_HAND}"
    )


def _options(root: Path) -> list[str]:
    settings = {
        "Dir::Etc::SourceList": root / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": root / "lists",
        "Dir::Cache": root,
        "Dir::Cache::archives": root / "archives",
        "APT::Get::List-Cleanup": "0",
    }
    if os.geteuid() == 0:  # the unprivileged download user cannot write into the cache
        settings["APT::Sandbox::User"] = "root"
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _sources_list(uri: str, suite: str) -> str:
    signed = f"[signed-by={_KEYRING}] " if _KEYRING.exists() else ""
    return "".join(f"{kind} {signed}{uri} {suite} main\n" for kind in ("deb", "deb-src"))


def _archive_uris() -> list[str]:
    """The package archives of this machine, as its own apt names them."""
    if not shutil.which("apt-get"):
        raise ToolError(
            f"there is no apt-get here to obtain the sources with: run this on Debian, {_BY_HAND}"
        )
    listed = output(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"])
    uris = list(dict.fromkeys(listed.splitlines()))
    return [uri for uri in uris if "security" not in uri]


def _update(options: list[str]) -> bool:
    """Fetch the lists of one archive; a suite it does not carry, or one unsigned, is a False."""
    log = places.logs() / "apt.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        done = subprocess.run(
            ["apt-get", "-q", *options, "-o", "APT::Update::Error-Mode=any", "update"],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return done.returncode == 0
