"""gurux_dlms reads the billing profile whole, by range and by entry.

The unit tests tell the octets; this tells that a client nobody here wrote gets on with them.
"""

import datetime

import pytest
from foreign import Gurux
from gurux_dlms import GXDateTime
from gurux_dlms.enums import DataType
from gurux_dlms.objects import GXDLMSClock, GXDLMSProfileGeneric
from microcosem.target import Target

_CONFIGURATOR = 48
_PASSWORD = "87654321"
_BILLING = "0.0.98.1.0.255"
_HOURS = (10, 11, 12, 13, 14)


@pytest.fixture(scope="module")
def meter():
    """A meter whose billing profile has a row at each of the hours."""
    with Target("host") as target, Gurux(
        target.url("rs485"), client=_CONFIGURATOR, password=_PASSWORD, max_info=512
    ) as made:
        profile = GXDLMSProfileGeneric(_BILLING)
        for hour in _HOURS:
            _set_clock(made, hour)
            frames = made.client.method(profile, 2, 0, DataType.INT8)
            assert not made.exchange(frames).error
        reply = made.exchange(made.client.read(profile, 3))
        made.client.updateValue(profile, 3, reply.value)
        made.profile = profile
        yield made
        assert target.alive(), f"the meter ended during the tests: {target.log()}"


def _set_clock(made, hour):
    clock = GXDLMSClock()
    clock.time = GXDateTime(_moment(hour))
    assert not made.exchange(made.client.write(clock, 2)).error


def _moment(hour, minute=0):
    zone = datetime.timezone(datetime.timedelta(hours=1))
    return datetime.datetime(2026, 11, 22, hour, minute, tzinfo=zone)


def _hours(made, frames):
    """The hours of the rows that come."""
    made.profile.buffer = []
    reply = made.exchange(frames)
    assert not reply.error
    rows = made.client.updateValue(made.profile, 2, reply.value)
    assert all(len(row) == len(made.profile.captureObjects) for row in rows)
    return [row[0].value.hour for row in rows]


def test_whole(meter):
    assert _hours(meter, meter.client.read(meter.profile, 2)) == list(_HOURS)


def test_by_range(meter):
    frames = meter.client.readRowsByRange(meter.profile, _moment(10, 30), _moment(13, 30))
    assert _hours(meter, frames) == [11, 12, 13]
    frames = meter.client.readRowsByRange(meter.profile, _moment(15), _moment(16))
    assert _hours(meter, frames) == []


def test_by_entry(meter):
    assert _hours(meter, meter.client.readRowsByEntry(meter.profile, 2, 3)) == [11, 12, 13]
