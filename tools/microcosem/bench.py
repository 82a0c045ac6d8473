"""Measures the firmware on the emulated board: python -m microcosem.bench

How long answers take, what sampling costs, what memory and flash are in use. All times are the
board's simulated time, so the machine this runs on does not matter. The report is docs/bench.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from . import apdu, bench_board, bench_line, bench_memory, bench_store
from .bench_prompt import Prompt
from .bench_report import Provenance, Results, markdown, summary
from .control import Control
from .errors import ReaderError
from .target import ROOT, Options, Target

_REPORT = ROOT / "docs" / "bench.md"
_SIZES = ROOT / "build" / "METER_PICO" / "size.json"
_SOURCES = ("firmware", "boards", "tools")  # what the figures depend on
_ASSOCIATIONS = 200
_ROWS = 2976  # all that the load profile holds, firmware/meter.toml
_SETTLE_S = 3.0  # simulated: the first whole windows of the measurement
_IDLE_S = 10.0
_VOLTS, _AMPERES, _LAG_DEG = 230.0, 10.0, 30.0


class BenchError(ReaderError):
    kind = "bench"


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="python -m microcosem.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument(
        "--associations",
        type=_count,
        default=_ASSOCIATIONS,
        metavar="N",
        help=f"how many associations in a row (default {_ASSOCIATIONS})",
    )
    p.add_argument(
        "--rows",
        type=_count,
        default=_ROWS,
        metavar="N",
        help=f"how many rows the logs are given (default {_ROWS}); under 1000: no reading of 1000",
    )
    p.add_argument(
        "--output", type=Path, default=_REPORT, metavar="FILE", help="default: docs/bench.md"
    )
    return p


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 100000:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to 100000")
    return int(text)


def sizes(path: Path = _SIZES) -> dict:
    """The figures that the build of the image left beside it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise BenchError("the image has no table of sizes beside it: make firmware") from None


def provenance(image: Path) -> Provenance:
    """Date, commit (with a mark when files differ from it) and fingerprint of the image."""
    commit = _git("rev-parse", "--short", "HEAD") or "unknown"
    if _git("status", "--porcelain", "--", *_SOURCES):
        commit += " with uncommitted changes"
    try:
        fingerprint = hashlib.sha256(image.read_bytes()).hexdigest()[:12]
    except OSError as error:
        raise BenchError(f"the image cannot be read ({error.strerror}): make firmware") from None
    return Provenance(datetime.now(timezone.utc).strftime("%Y-%m-%d"), commit, fingerprint)


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip()


def _apply_mains(control: Control) -> None:
    control.set_channel("v", _VOLTS)
    for channel in ("i1", "i2"):
        control.set_channel(channel, _AMPERES, _LAG_DEG)
    control.wait(_SETTLE_S)


def measure(target: Target, control: Control, associations: int, rows: int, say) -> Results:
    """Everything, in an order that leaves the meter alone until it has to be stopped."""
    _apply_mains(control)
    line = bench_line.Line(target, control)
    say("idle lines ...")
    busy_percent = bench_line.busy_percent(control, _IDLE_S)
    with Prompt(target.doors["prompt"]) as prompt:
        before = bench_board.stats(prompt)
        prompt.start("run()")
        say("GETs ...")
        gets = bench_line.gets(line)
        say(f"{associations} associations ...")
        openings = bench_line.openings(line, associations)
        prompt.interrupt()
        held = bench_board.stats(prompt)  # before scripts that measure lie in the heap
        say("captures, rows ...")
        capture, rows = bench_store.prepare(prompt, rows)
        say("long values ...")
        transfers = []
        for baud in bench_line.SPEEDS:
            line.set_baud(prompt, baud)
            prompt.start("run()")
            transfers += bench_line.transfers(line, rows)
            prompt.interrupt()
        after = replace(bench_board.stats(prompt), used=held.used, free=held.free)
        say("sampling, profile ...")
        sampling = bench_board.sampling(prompt)
        request = apdu.get_normal(*bench_line.POWER)
        profile = bench_board.profile(prompt, bench_line.PASSWORD, request)
        allocated = bench_memory.per_request(prompt, bench_line.PASSWORD)
        say("a full store ...")
        mount = bench_store.mount(prompt, rows)
        start_ms = bench_store.start_ms(prompt)
        say("heap ...")
        census = bench_memory.census(prompt)
        heap = bench_board.heap(prompt)
    return Results(
        gets, openings, transfers, busy_percent, before, after, sampling, profile, allocated,
        heap, sizes(), capture, mount, start_ms, census,
    )  # fmt: skip


def run(options) -> None:
    sizes()  # before minutes of measuring
    image = Options().image
    made_from = provenance(image)
    with Target("pico", Options(image=image)) as target, target.control() as control:
        results = measure(target, control, options.associations, options.rows, _say)
    print(summary(results))
    try:
        options.output.write_text(markdown(results, made_from), encoding="utf-8")
    except OSError as error:
        raise BenchError(f"{options.output} cannot be written: {error.strerror}") from None
    _say(f"The whole report: {options.output}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        run(options)
    except ReaderError as error:
        print(f"bench: {error.text}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
