"""The host tests import the firmware's modules untouched, with fakes for what only a board has."""

import os
import sys

import pytest

_HERE = os.path.dirname(os.path.abspath(__file__))
_ROOT = os.path.dirname(_HERE)

# Tests of several rooms have the same name, so pytest imports them by path (pyproject.toml) and
# the helpers beside them must be found here.
_ROOMS = [os.path.join(_HERE, "unit", room) for room in ("port", "dlms", "cosem", "meter")]

for folder in (
    *_ROOMS,
    os.path.join(_HERE, "life"),
    _HERE,
    os.path.join(_ROOT, "tools"),
    os.path.join(_ROOT, "firmware"),
    os.path.join(_ROOT, "firmware", "lib"),
    os.path.join(_HERE, "shims"),
):
    if folder not in sys.path:
        sys.path.insert(0, folder)


@pytest.fixture(autouse=True)
def no_events_of_others():
    """What another test's meter had noted does not come into this one's logs."""
    events = sys.modules.get("meter.events")
    while events and events.take():
        pass
