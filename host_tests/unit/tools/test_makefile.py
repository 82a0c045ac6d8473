"""What the Makefile's targets need they name: a fresh clone has nothing yet."""

import re
from pathlib import Path

_TEXT = (Path(__file__).resolve().parents[3] / "Makefile").read_text(encoding="utf-8")
_RULE = re.compile(r"^([a-z][a-z0-9-]*):([^#\n]*).*\n((?:\t.*\n)+)", re.M)
# Modules that import packages of the Python environment.
_PACKAGED = re.compile(r"\$\(PY\) -m (pytest|ruff|microcosem\.(?:demo|reader|bench|image))\b")


def _rules():
    return {name: (needs.split(), recipe) for name, needs, recipe in _RULE.findall(_TEXT)}


def test_packages_are_there_before_they_are_used():
    """`make demo` in a fresh clone makes the Python environment first."""
    users = {name for name, (_, recipe) in _rules().items() if _PACKAGED.search(recipe)}
    assert {"demo", "read", "bench", "lint", "test-unit", "test-conformance", "test-e2e"} <= users
    for name in users:
        assert {"python-ready", "tools-ready"} & set(_rules()[name][0]), name


def test_the_image_is_there_before_it_is_run():
    """What starts the emulated board builds image and emulator first."""
    for name in ("demo", "bench", "emulator", "conformance", "test-conformance", "test-e2e"):
        assert "ready-pico" in _rules()[name][0], name
    assert "firmware" in _rules()["ready-pico"][0]
    assert "emulator" in _rules()["ready-pico"][1]
