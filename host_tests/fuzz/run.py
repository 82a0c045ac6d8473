"""Fuzzes the meter: python host_tests/fuzz/run.py [--inputs N] [--seed N] [--target host|pico]

Structure-aware inputs and plain octets go to every door. What must hold after each case: nothing
escaped, no bug was caught, the next valid client is served, memory is at its floor, no answer is
longer than was negotiated. The same seed makes the same inputs, however many processes run them;
what breaks something is kept in corpus/.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import multiprocessing
import random
import sys
import time
from collections import Counter
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[1]
_FIRMWARE = _ROOT / "firmware"
sys.path[:0] = [str(folder) for folder in (
    _HERE, _ROOT / "tools", _FIRMWARE, _FIRMWARE / "lib", _ROOT / "host_tests" / "shims")]  # fmt: skip

import micropython  # noqa: E402, F401  (puts viper's names where the firmware looks for them)
from cases import Case, kept, shortest  # noqa: E402
from all_doors import DOORS  # noqa: E402

CORPUS = _HERE / "corpus"
_INPUTS = {"host": 1_000_000, "pico": 5_000}
_SEED = 62056
_OPTICAL = 0.02  # share of the optical port on the board: its sign-on takes seconds of board time
_HEAP = 512  # octets that the board's heap may differ by: the prompt's own
_CHUNK = 5000  # inputs to one fresh door
_FAILURES = 5  # of one chunk; more say nothing new
_WARM = 0.25  # of a chunk: until then caches fill
_BLOCKS = 300  # CPython may hold so many blocks of memory more than after warming up


class Chunk:
    """Cases on one door, all drawn from the seed and the chunk's number."""

    def __init__(self, seed: int, door: str, number: int, inputs: int):
        self.door = door
        self._rng = random.Random(f"{seed}/{door}/{number}")
        self._wanted = inputs
        self.inputs = 0
        self.failures: list[tuple[str, list]] = []
        self.answers: Counter = Counter()

    def run(self) -> Chunk:
        meter = DOORS[self.door]()
        warm = 0
        while self.inputs < self._wanted and len(self.failures) < _FAILURES:
            if not self._play(meter):
                self.answers += meter.answers
                meter, warm = DOORS[self.door](), 0
            if not warm and self.inputs > self._wanted * _WARM:
                warm = _blocks()
        self.answers += meter.answers
        if warm and _blocks() > warm + _BLOCKS:
            self.failures.append((f"memory grew by {_blocks() - warm} blocks", []))
        return self

    def run_on(self, line) -> Chunk:
        """All cases on a door that cannot be made anew."""
        while self.inputs < self._wanted and len(self.failures) < _FAILURES:
            self._play(line)
            _show(f"{line.name}: {self.inputs} inputs")
        self.answers += line.answers
        return self

    def _play(self, meter) -> bool:
        case = Case(self._rng, meter)
        try:
            case.play()
        except Exception as escaped:  # any exception whatever is a finding
            why = f"{type(escaped).__name__}: {escaped}"
            self.failures.append((why, case.steps))
            return False
        finally:
            self.inputs += case.inputs
        return True


def _show(progress: str) -> None:
    """One line that changes, for a person who waits."""
    if sys.stderr.isatty():
        print(f"\r{progress} ", end="", file=sys.stderr, flush=True)


def _blocks() -> int:
    gc.collect()
    return sys.getallocatedblocks()


def run_chunk(words) -> Chunk:
    return Chunk(*words).run()


def keep(door: str, why: str, steps: list) -> Path:
    """Writes the shortest form of a failed case into the corpus."""
    text = kept(door, why, shortest(door, steps))
    path = CORPUS / f"{door}-{hashlib.sha256(text.encode()).hexdigest()[:10]}.json"
    path.write_text(text, encoding="utf-8")
    return path


def chunks(seed: int, inputs: int) -> list[tuple]:
    """The work, the same for any number of processes: each door has an equal share."""
    made = []
    for door in DOORS:
        share, number = inputs // len(DOORS), 0
        while share > 0:
            made.append((seed, door, number, min(share, _CHUNK)))
            share -= _CHUNK
            number += 1
    return made


def on_host(seed: int, inputs: int) -> int:
    """All inputs, in as many processes as there are cores; the number of failures."""
    began = time.monotonic()
    answers: dict[str, Counter] = {door: Counter() for door in DOORS}
    done = failures = 0
    with multiprocessing.get_context("fork").Pool() as pool:
        for chunk in pool.imap(run_chunk, chunks(seed, inputs)):
            done += chunk.inputs
            answers[chunk.door] += chunk.answers
            for why, steps in chunk.failures:
                failures += 1
                print(f"\n{chunk.door}: {why}\n  {keep(chunk.door, why, steps).relative_to(_ROOT)}")
            _show(f"{done} inputs, {failures} failures")
    _report(answers)
    spent = time.monotonic() - began
    print(f"seed {seed}: {done} inputs in {spent:.0f} s, {failures} failures")
    return failures


def on_board(seed: int, inputs: int) -> int:
    """The same cases through the doors of the emulated board; the number of failures."""
    import board

    began = time.monotonic()
    answers: dict[str, Counter] = {}
    done = failures = 0
    with board.Board() as meter:
        for name, door, share in (("rs485", "hdlc", 1 - _OPTICAL), ("optical", "optical", _OPTICAL)):
            line = meter.door(name)
            chunk = Chunk(seed, door, 0, round(inputs * share)).run_on(line)
            line.close()
            done += chunk.inputs
            answers[name] = chunk.answers
            for why, steps in chunk.failures:
                failures += 1
                path = keep(door, f"emulated board: {why}", steps)
                print(f"{name}: {why}\n  {path.relative_to(_ROOT)}")
        before, after = meter.end()
    _report(answers)
    spent = time.monotonic() - began
    print(f"stats() before: {before}\nstats() after:  {after}")
    print(f"seed {seed}: {done} inputs in {spent:.0f} s, {failures} failures")
    if after[0] > before[0] + _HEAP:
        print(f"the heap has grown by {after[0] - before[0]} octets")
        failures += 1
    return failures


def _report(answers: dict[str, Counter]) -> None:
    """How often each kind of answer came: two octets of an APDU, or a frame's control octet."""
    for door, counts in answers.items():
        kinds = ", ".join(f"{kind} {count}" for kind, count in counts.most_common(40))
        print(f"{door}: {kinds}")


_TARGETS = {"host": on_host, "pico": on_board}


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--target", choices=_INPUTS, default="host")
    p.add_argument("--inputs", type=_number, help="default: 1000000, on pico 5000")
    p.add_argument("--seed", type=_number, default=_SEED)
    return p


def _number(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is no number")
    return int(text)


def main() -> int:
    options = parser().parse_args()
    inputs = options.inputs or _INPUTS[options.target]
    try:
        return 1 if _TARGETS[options.target](options.seed, inputs) else 0
    except KeyboardInterrupt:
        print("fuzz: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
