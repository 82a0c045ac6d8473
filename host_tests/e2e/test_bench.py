"""The benchmark itself, short: it ends well, its figures are there, and nothing was lost.

Every figure is simulated time of the emulated board, so the machine's speed does not matter.
"""

import os
import re
import subprocess
import sys

import pytest
from microcosem.target import ROOT


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The table of figures: name -> text of the measured column."""
    path = tmp_path_factory.mktemp("bench") / "bench.md"
    done = subprocess.run(
        [sys.executable, "-m", "microcosem.bench", "--associations", "5", "--rows", "100"]
        + ["--output", str(path)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tools")},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", path.read_text(encoding="utf-8"), re.M)
    return {name.strip(): measured.strip() for name, measured in rows}


def test_sampling(report):
    assert float(report["sampling, share of the core"].removesuffix(" %")) < 25


def test_nothing_was_lost(report):
    for name in ("overruns of the samples' ring", "own mistakes caught (bugs)", "frames dropped"):
        assert report[name] == "0", name


def test_every_figure_is_there(report):
    for start in (
        "GET, register",
        "GET, clock",
        "SNRM to UA",
        "AARQ with password",
        "heap in use after",
        "the same without the ring",
        "image",
        "frozen modules",
        "capture of a row",
        "mount of a full store",
        "long values at 9600 Bd",
        "long values at 115200 Bd",
    ):
        assert any(name.startswith(start) for name in report), start
