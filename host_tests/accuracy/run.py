"""Accuracy of the meter's own modules behind a simulated, deliberately wrong front end.

    python host_tests/accuracy/run.py [--seconds N]

Calibrates at two points, then runs the grid of class 0.5 S, and of class 2 for reactive energy, on
MicroPython's unix port: prints the tables of errors, writes them to docs/accuracy.md, and exits
with 1 when a point is outside.
Everything is simulated: no reference meter and no mains were near.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[1]
_UNIX = _ROOT / "build" / "unix" / "micropython"
for _folder in (_HERE, _ROOT / "tools", _ROOT / "host_tests" / "shims"):
    sys.path.insert(0, str(_folder))

import front_end  # noqa: E402
import points  # noqa: E402
from microcosem.calibration import Point, calibrated  # noqa: E402

_SECONDS = 10  # of a point
_CALIBRATE_S = 20
_RATE = 8000  # sets per s
_WORKERS = 2
_DOCUMENT = _ROOT / "docs" / "accuracy.md"
_INTRODUCTION = """# Accuracy in simulation

Made by `make accuracy`. **Simulated**: waveforms go through a model of the front end and of the
RP2040's converter (four wide codes, 1 step of noise, 41.7 us from channel to channel) whose gains,
current transformer and offset are wrong on purpose; the meter's own modules, on MicroPython's unix
port, are calibrated at two points and then judged. The wide codes have the width that the meter
assumes. No reference meter was near, and nothing is certified.
"""


def measure(wanted: list[dict], calibration: tuple, seconds: int) -> list[dict]:
    """Points with what bench.py says of them."""
    rows = [{**point, "calibration": calibration, "seconds": seconds, "seed": number + 1}
            for number, point in enumerate(wanted)]  # fmt: skip
    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(_one, rows))


def _one(row: dict) -> dict:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([row], file)
        file.flush()
        command = [str(_UNIX), "-X", "heapsize=8m", str(_HERE / "bench.py"), file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"accuracy: a point could not be run: {done.stderr or done.stdout}")
    found = {**row, **json.loads(done.stdout)}
    found["watts"] = found["nwh"] * 3.6e-6 / (found["sets"] / _RATE)
    found["error"] = 100 * (found["watts"] / found["true_w"] - 1) if found["true_w"] else None
    if found["part"] and found.get("factor") not in ("1", None):
        found["vars"] = found["nvarh"] * 3.6e-6 / (found["reactive_sets"] / _RATE)
        found["reactive_error"] = 100 * (found["vars"] / found["true_var"] - 1)
    return found


def calibrate() -> tuple:
    """Constants of the wrong front end: the nominal ones, and what two points say of them."""
    nominal = front_end.calibration(front_end.read())
    wanted = [{"volts": points.UN_V, "hz": points.HZ, "part": 1, "degrees": degrees}
              for degrees in (0.0, 60.0)]  # fmt: skip
    found = measure(wanted, nominal, _CALIBRATE_S)
    reference = [Point(points.UN_V, points.IB_A, row["true_w"]) for row in found]
    read = [Point(row["v_10mv"] / 100, row["i_ma"] / 1000, row["watts"]) for row in found]
    return calibrated(nominal, points.HZ, reference, read)


def judge(rows: list[dict]) -> list[str]:
    """One sentence for each point outside its limit."""
    base = {row["factor"]: row["error"] for row in rows if row["section"] == "grid"
            and row["direction"] == "import" and row["part"] == 1}  # fmt: skip
    texts = [_outside(row, base) for row in rows] + [_reactive_outside(row) for row in rows]
    return [text for text in texts if text]


def _reactive_outside(row: dict) -> str:
    limit = points.reactive_limit(row["part"], row["factor"]) if row["section"] == "grid" else None
    if limit is None or abs(row["reactive_error"]) <= limit:
        return ""
    return (f"reactive, {row['direction']}, {row['part']:g} Ib, PF {row['factor']}: "
            f"{row['reactive_error']:+.3f} %, limit {limit} %")  # fmt: skip


def _outside(row: dict, base: dict) -> str:
    name = f"{row['section']} {row['direction']}, {row['part']:g} Ib, PF {row['factor']}"
    if row["section"] == "no load":
        return f"{name}: {row['nwh']} nWh without a load" if row["nwh"] else ""
    if row["section"] == "start":
        share = row["watts"] / row["true_w"]
        return "" if 0.5 < share < 1.5 else f"{name}: {share:.0%} of the energy was counted"
    if row["limit"] is None:
        return ""
    error = row["error"] - (base.get(row["factor"], 0) if row["section"] == "influence" else 0)
    row["shown"] = error
    return f"{name}: {error:+.3f} %, limit {row['limit']} %" if abs(error) > row["limit"] else ""


def table(rows: list[dict]) -> str:
    """Errors in percent: currents downwards, power factors across."""
    lines = []
    for direction in ("import", "export"):
        own = [row for row in rows if row["section"] == "grid" and row["direction"] == direction]
        lines += ["", f"Error of {direction}ed active energy, %  (limit of class 0.5 S)", ""]
        lines += _rows(own, _cell)
    for direction in ("import", "export"):
        own = [row for row in rows if row["section"] == "grid" and row["direction"] == direction]
        lines += ["", f"Error of reactive energy at active {direction}, %  (limit of class 2)", ""]
        lines += _rows(own, _reactive_cell)
    lines += ["", "Influence: change of the error against Un and fn, % (limit)", ""]
    for row in rows:
        if row["section"] == "influence":
            lines.append(f"  {row['direction']:<14} PF {row['factor']:<5} "
                         f"{row['shown']:+.3f} ({row['limit']})")  # fmt: skip
    for row in rows:
        if row["section"] == "start":
            lines.append(f"  start, 5 mA, {row['direction']}: {row['watts']:+.3f} W "
                         f"of {row['true_w']:+.3f} W")  # fmt: skip
        if row["section"] == "no load":
            lines.append(f"  no load, {row['direction']}: {row['nwh']} nWh")
    return "\n".join(lines)


def _rows(own: list[dict], cell) -> list[str]:
    lines = [f"{'I / Ib':>8}" + "".join(f"{'PF ' + name:>18}" for name, _ in points.FACTORS)]
    for part in points.CURRENTS:
        cells = [cell(row) for row in own if row["part"] == part]
        lines.append(f"{part:>8g}" + "".join(f"{text:>18}" for text in cells))
    return lines


def _reactive_cell(row: dict) -> str:
    if row["factor"] == "1":
        return "-"
    return f"{row['reactive_error']:+.3f}  ({points.reactive_limit(row['part'], row['factor'])})"


def _cell(row: dict) -> str:
    bound = f"({row['limit']})" if row["limit"] else "(-)"
    return f"{row['error']:+.3f} {bound:>6}"


def main(arguments: list[str] | None = None) -> int:
    p = argparse.ArgumentParser(prog="make accuracy", description=__doc__.splitlines()[0])
    p.add_argument("--seconds", type=int, default=_SECONDS, help="of each point, simulated")
    options = p.parse_args(arguments)
    if options.seconds < 3:
        p.error("--seconds is a number from 3 on")
    calibration = calibrate()
    wanted = [*points.grid(), *points.influences(), *points.start()]
    rows = measure(wanted, calibration, options.seconds)
    outside = judge(rows)
    text = f"{table(rows)}\n\n{_summary(rows, options.seconds)}"
    print(f"Simulated front end, wrong on purpose; constants after calibration: {calibration}")
    print(text)
    _DOCUMENT.write_text(f"{_INTRODUCTION}\n```\n{text.strip()}\n```\n", encoding="utf-8")
    for sentence in outside:
        print(f"outside: {sentence}", file=sys.stderr)
    return 1 if outside else 0


def _summary(rows: list[dict], seconds: int) -> str:
    worst = max((row for row in rows if row["section"] == "grid" and row["limit"]),
                key=lambda row: abs(row["error"]) / row["limit"])  # fmt: skip
    return (f"{len(rows)} points of {seconds} s; largest share of a limit: "
            f"{abs(worst['error']) / worst['limit']:.0%} at {worst['part']:g} Ib, "
            f"PF {worst['factor']}, {worst['direction']}.")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
