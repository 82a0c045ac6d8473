"""The README's claims that can be run: its example is run as it stands, its targets exist."""

import re
import subprocess
import sys

from microcosem.target import ROOT, Options, Target

_README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_client_example():
    """The dlms-cosem example reads the energy of a meter at the port that the README names."""
    example = re.search(r"```python\n(.*?)```", _README, re.S)
    assert example is not None
    code = example.group(1)
    port = int(re.search(r"127\.0\.0\.1:(\d+)", code).group(1))
    assert f"RS485={port}" in _README
    with Target("host", Options(rs485=port)):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"\d+ Wh\n", done.stdout)


def test_readout_example():
    """The iec62056-21 example prints the readout of a meter at the port that the README names."""
    code = re.findall(r"```python\n(.*?)```", _README, re.S)[1]
    port = int(re.search(r"127\.0\.0\.1\", (\d+)", code).group(1))
    assert f"OPTICAL={port}" in _README
    with Target("host", Options(optical=port)):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("0.0.0 10000001 None\n")
    assert re.search(r"^1\.8\.0 \d{7}\.\d{3} kWh$", done.stdout, re.M)


def test_targets_exist():
    """Every `make TARGET` of the README is a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"make ([a-z]+)", _README))
    assert {"demo", "test", "run", "read", "firmware", "flash", "deploy"} <= named
    for name in named:
        assert re.search(rf"^{name}:", makefile, re.M), name


def test_paths_exist():
    """Files and folders that the README names are there."""
    for path in re.findall(r"`((?:firmware|boards|tools|host_tests|docs)/[\w./]+)`", _README):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"\]\(([\w./]+)\)", _README):
        assert (ROOT / path).exists(), path
