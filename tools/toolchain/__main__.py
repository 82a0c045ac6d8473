"""The commands of the build tools; the Makefile calls them."""

from __future__ import annotations

import argparse
import sys

from . import builds, environments, machine, micropython, pico, places
from .running import ToolError, say


def toolchain() -> None:
    """Obtain and build everything that building and testing need."""
    machine.provide()
    environments.provide()
    micropython.provide()
    builds.stock()
    say(f"toolchain: complete in {places.cache()}")


def firmware(options: argparse.Namespace) -> None:
    machine.provide()
    micropython.provide()
    builds.firmware(options.board, options.release)


def unix() -> None:
    machine.provide()
    micropython.provide()
    builds.unix()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="toolchain", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("toolchain", help="obtain and build what building and testing need")
    image = commands.add_parser("firmware", help="build an image")
    image.add_argument("--board", default="METER_PICO")
    image.add_argument("--release", action="store_true", help="refuse demonstration keys")
    commands.add_parser("unix", help="build the unix port")
    commands.add_parser("emulator", help="the emulated board's npm packages")
    where = commands.add_parser("where", help="print a path: python, node, cache, tree")
    where.add_argument("what", choices=sorted(_PLACES))
    flash = commands.add_parser("flash", help="flash an image onto a board on USB")
    flash.add_argument("--board", default="METER_PICO")
    flash.add_argument("--port", default="")
    deploy = commands.add_parser("deploy", help="put the modules on a stock MicroPython")
    deploy.add_argument("--port", default="")
    return parser


_PLACES = {
    "cache": lambda: str(places.cache()),
    "node": lambda: str(places.node() / "node_modules" / ".bin"),
    "python": places.python,
    "tree": lambda: str(micropython.tree()),
}


def _run(options: argparse.Namespace) -> None:
    if options.command == "where":
        print(_PLACES[options.what]())
    elif options.command == "flash":
        pico.flash(options.board, options.port)
    elif options.command == "deploy":
        pico.deploy(options.port)
    else:
        with places.alone():
            _build(options)


def _build(options: argparse.Namespace) -> None:
    if options.command == "toolchain":
        toolchain()
    elif options.command == "firmware":
        firmware(options)
    elif options.command == "unix":
        unix()
    else:
        environments.provide_emulator()


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
    return 0


if __name__ == "__main__":
    sys.exit(main())
