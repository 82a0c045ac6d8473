"""The suite's own folder on the path, the mark of a case written in Python, and the meters."""

import contextlib
import signal
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent
for folder in (_HERE, _HERE.parent / "e2e"):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))

import host_line  # noqa: E402

_LIMIT_S = 180  # one case; a meter that never ends must not hold up the rest


def pytest_configure(config):
    config.addinivalue_line("markers", "case(id, title): a case of the catalogue, in Python")


@pytest.fixture(autouse=True)
def limit():
    """Fails a case that does not come to an end."""

    def expired(*_):
        raise TimeoutError(f"the case took more than {_LIMIT_S} seconds")

    before = signal.signal(signal.SIGALRM, expired)
    signal.alarm(_LIMIT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def host():
    """host(config) is a meter just switched on, in this process; no bug of its own at the end."""
    with contextlib.ExitStack() as open_meters:

        def switch_on(config=None):
            meter = host_line.Meter(config)
            open_meters.callback(meter.close)
            meters.append(meter)
            return meter

        meters = []
        yield switch_on
        assert [meter.bugs() for meter in meters] == [0] * len(meters), "a bug was caught"


@pytest.fixture(scope="session")
def pico():
    """The emulated board, one for all cases."""
    import board_line

    with board_line.Board() as board:
        yield board
        assert board.alive(), "the board ended during the cases"
