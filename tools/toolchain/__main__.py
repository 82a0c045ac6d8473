"""The commands of the build tools; the Makefile calls them."""

from __future__ import annotations

import argparse
import os
import sys

from . import builds, environments, machine, micropython, pico, places
from .running import ToolError, say


def toolchain() -> None:
    """Obtain and build everything that building and testing need."""
    tools()
    micropython.provide()
    builds.stock()
    say(f"toolchain: complete in {places.cache()}")


def tools() -> None:
    """What lint, types and the tests on CPython need: no compiler and no MicroPython sources."""
    machine.provide(machine.FOR_CHECKS)
    environments.provide()


def firmware(options: argparse.Namespace) -> None:
    """The image of a board."""
    machine.provide()
    micropython.provide()
    builds.firmware(options.board, options.release, options.secrets)


def unix() -> None:
    """The unix port."""
    machine.provide()
    micropython.provide()
    builds.unix()


def python() -> None:
    """The virtual environment alone."""
    machine.provide(machine.FOR_PYTHON)
    environments.provide_python()


# Commands that change the cache or build/, one at a time.
_MAKING = {
    "toolchain": lambda options: toolchain(),
    "tools": lambda options: tools(),
    "python": lambda options: python(),
    "emulator": lambda options: environments.provide_emulator(),
    "firmware": firmware,
    "unix": lambda options: unix(),
    "size": lambda options: builds.show_size(options.board),
}
_USING = {
    "flash": lambda options: pico.flash(options.board, options.port),
    "deploy": lambda options: pico.deploy(options.port),
    "where": lambda options: print(_PLACES[options.what]()),
}
_PLACES = {
    "cache": lambda: str(places.cache()),
    "node": lambda: str(places.node() / "node_modules" / ".bin"),
    "python": places.python,
    "stock": lambda: str(builds.stock_folder()),
    "tree": lambda: str(micropython.tree()),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="toolchain", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in (
        ("toolchain", "obtain and build what building and testing need"),
        ("tools", "obtain what the checks and tests on the host need"),
        ("python", "obtain the Python packages"),
        ("emulator", "obtain the emulated board's npm packages"),
        ("firmware", "build an image"),
        ("unix", "build the unix port"),
        ("size", "what an image holds"),
        ("flash", "flash an image onto a board on USB"),
        ("deploy", "put the modules onto a stock MicroPython"),
        ("where", "print a path"),
    ):
        command = commands.add_parser(name, help=text)
        if name in ("firmware", "size", "flash"):
            command.add_argument("--board", default="METER_PICO")
        if name == "firmware":
            command.add_argument("--release", action="store_true", help="refuse demo keys")
            command.add_argument("--secrets", default="", help="passwords of a release, a file")
        if name in ("flash", "deploy"):
            command.add_argument("--port", default="", help="serial port; default: the one board")
        if name == "where":
            command.add_argument("what", choices=sorted(_PLACES))
    return parser


def _run(options: argparse.Namespace) -> None:
    if options.command in _USING:
        _USING[options.command](options)
        return
    with places.alone():
        _MAKING[options.command](options)


def main() -> int:
    """Exit 0, or one sentence on stderr and 1; 130 after Ctrl-C, which loses nothing."""
    try:
        machine.check_python()
        _run(_parser().parse_args())
    except ToolError as error:
        print(f"toolchain: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("toolchain: interrupted; run it again to go on.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read our lines has gone, as with `make size | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"toolchain: {error.strerror}: {error.filename}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
