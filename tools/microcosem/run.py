"""Starts a meter and says how to read it: python -m microcosem.run --target host|unix|pico"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from .errors import ReaderError
from .target import KINDS, Options, Target, TargetError

_POLL_S = 0.5


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m microcosem.run", description=__doc__)
    p.add_argument("--target", choices=KINDS, default="pico", help="what runs the firmware")
    for door in ("optical", "rs485", "wrapper", "prompt", "control"):
        p.add_argument(
            f"--{door}",
            type=_port,
            default=0,
            metavar="PORT",
            help=f"TCP port of the {door} door (default: choose)",
        )
    p.add_argument("--source", type=Path, metavar="FILE",
                   help="what the meter is (default: firmware/meter.toml); host and unix")
    return p


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no TCP port")
    return int(text)


def doors(target: Target) -> str:
    """What was opened, and a command to paste."""
    lines = [f"{name:8} 127.0.0.1:{port}" for name, port in target.doors.items()]
    optical, rs485 = target.url("optical"), target.url("rs485")
    return "\n".join(
        [
            f"The meter runs ({target.kind}); Ctrl-C ends it.",
            *lines,
            "",
            "To read it, in a second terminal:",
            f'  make read ARGS="{optical}"',
            f'  make read ARGS="{optical} --client 32 --password 12345678"',
            f'  make read ARGS="{rs485} --hdlc --client 32 --password 12345678 --list"',
        ]
    )


def watch(target: Target) -> int:
    """Waits for the end: ours by Ctrl-C, or the meter's."""
    try:
        while target.alive():
            try:
                target.process.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                pass
    except KeyboardInterrupt:
        return 0
    print(f"run: the meter ended: {target.log().strip() or 'without a word'}", file=sys.stderr)
    return 1


def _stop(*_) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    where = Options(
        options.optical, options.rs485, options.wrapper, options.prompt, options.control,
        real_time=True, source=options.source,
    )  # fmt: skip
    try:
        if options.wrapper and options.target == "pico":
            raise TargetError("the emulated board has no network, so there is no wrapper")
        with Target(options.target, where) as target:
            print(doors(target), flush=True)
            return watch(target)
    except ReaderError as error:
        print(f"run: {error.text}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
