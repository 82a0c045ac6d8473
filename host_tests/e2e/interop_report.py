"""A plugin of pytest that writes docs/interop.md from a run of test_matrix.py.

    pytest -p interop_report host_tests/e2e/test_matrix.py
"""

import datetime
import importlib.metadata
import subprocess
from pathlib import Path

from matrix_cells import CLIENTS, FEATURES, NO_DLMS, NO_SIGN_ON

_ROOT = Path(__file__).resolve().parents[2]
_REPORT = _ROOT / "docs" / "interop.md"
_TARGETS = ("host", "unix", "pico")
_MEANING = {"host": "CPython", "unix": "MicroPython's unix port", "pico": "the image, emulated"}
_FAILED = "**fails**"

_results: dict = {}  # (target, client, feature) -> "ok" or _FAILED
_remarks: dict = {}  # (client, feature) -> remark


def pytest_runtest_logreport(report):
    """One cell has run; a fixture that failed counts as well."""
    found = dict(report.user_properties)
    if "cell" not in found:
        return
    target, client, feature = found["cell"]
    key = (target, client, feature)
    if report.failed:
        _results[key] = _FAILED
    elif report.when == "call":
        _results.setdefault(key, "n/a" if "lacks" in found else "ok")
        if found.get("remark"):
            _remarks[client, feature] = found["remark"]


def pytest_sessionfinish():
    if _results:
        _REPORT.write_text(_report(), encoding="utf-8")


def _report():
    targets = [target for target in _TARGETS if any(key[0] == target for key in _results)]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in CLIENTS)
    lines = [
        "# Interoperability", "",
        f"Written by `make interop`; do not edit. {datetime.date.today().isoformat()}, commit "
        f"{_commit()}; {versions}.", "",
        "Clients that nobody of this project wrote, as they are installed from PyPI, against the "
        "running meter.", "Targets: " + ", ".join(f"{t} = {_MEANING[t]}" for t in targets) + ".",
        "The link is RS-485 at 9600 Bd unless the row says otherwise. A client asks for the sizes "
        "that the row", "names; what is used is what was negotiated, with at most "
        "`max_info` and `window` of `firmware/meter.toml`.",
        "n/a: this client cannot be asked, and why; on pico: there is no network. gurux_dlms and "
        "dlms-cosem", "know no IEC 62056-21, so their sign-on is made for them; iec62056-21 knows "
        "nothing else.", "",
    ]  # fmt: skip
    for client in CLIENTS:
        lines += [f"## {client}", "", *_table(client, targets), ""]
    return "\n".join(lines)


def _table(client, targets):
    """The rows of a client; those of the protocols that it does not know are left out."""
    yield "| feature | " + " | ".join(targets) + " | remark |"
    yield "|---|" + ":-:|" * len(targets) + "---|"
    for feature in FEATURES:
        asked, name = feature.cells[client], feature.name
        if callable(asked):
            cells = [_results.get((target, client, name), "not run") for target in targets]
            remark = _remarks.get((client, name), "")
        else:
            cells, remark = ["n/a"] * len(targets), asked
        if remark not in (NO_DLMS, NO_SIGN_ON):
            yield f"| {name} | {' | '.join(cells)} | {remark} |".replace("  |", " |")


def _commit():
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=_ROOT, capture_output=True, text=True
    )
    return done.stdout.strip() or "unknown"
