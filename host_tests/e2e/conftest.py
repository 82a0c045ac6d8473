"""Targets for the end-to-end tests: each is started once per module. MICROCOSEM_TARGETS narrows."""

import os
import signal
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent
for folder in (_HERE, _HERE.parents[1] / "tools"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from microcosem.errors import ReaderError  # noqa: E402
from microcosem.target import KINDS, Target  # noqa: E402

_TARGETS = os.environ.get("MICROCOSEM_TARGETS", ",".join(KINDS)).split(",")


_LIMIT_S = 180  # one test; a client that waits for ever must not hold up the rest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure with an emulated board tells what the board knows: resets, errors of its lines."""
    outcome = yield
    report = outcome.get_result()
    for name in ("target", "board"):
        meter = getattr(item, "funcargs", {}).get(name)
        if report.failed and getattr(meter, "kind", "") == "pico":
            report.sections.append((f"emulated board at the end of the {report.when}", _told(meter)))


def _told(meter):
    try:
        with meter.control() as control:
            lines = [str(control.ask("uart", port=port)) for port in ("optical", "rs485")]
            return "\n".join([str(control.ask("time")), *lines])
    except (OSError, ReaderError) as error:
        return f"it does not answer: {error}"


@pytest.fixture(autouse=True)
def limit():
    """Fails a test that does not come to an end."""

    def expired(*_):
        raise TimeoutError(f"the test took more than {_LIMIT_S} seconds")

    before = signal.signal(signal.SIGALRM, expired)
    signal.alarm(_LIMIT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def feed(target):
    """A load to measure, so that no register is just zero."""
    with target.control() as control:
        control.set_channel("v", 230.0)
        control.set_channel("i1", 10.0, 30.0)
        control.set_channel("i2", 10.0, 30.0)
        control.wait(2.0)


@pytest.fixture(scope="module", params=_TARGETS)
def target(request):
    """A running meter with a load: CPython, MicroPython on this machine, the emulated board."""
    with Target(request.param) as meter:
        feed(meter)
        yield meter
        assert meter.alive(), f"the meter ended during the tests: {meter.log()}"


@pytest.fixture(scope="module")
def board():
    """The emulated board alone, for what only it can do."""
    with Target("pico") as meter:
        yield meter
        assert meter.alive(), f"the meter ended during the tests: {meter.log()}"
