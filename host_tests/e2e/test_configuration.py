"""What a foreign client changes is counted and dated, and the standard event log tells of it."""

import time

from foreign import Gurux
from gurux_dlms.enums import DataType
from gurux_dlms.objects import GXDLMSData, GXDLMSProfileGeneric

_CONFIGURATOR, _PASSWORD = 48, "87654321"
_POINT, _COUNT, _DATE = "0.0.96.1.10.255", "0.0.96.2.0.255", "0.0.96.2.1.255"
_LOG = "0.0.99.98.0.255"
_CHANGED = 47
_PATIENCE_S = 30  # for a second of an emulated board on a busy machine


def _read(made, code):
    return made.exchange(made.client.read(GXDLMSData(code), 2)).value


def _set(made, octets):
    point = GXDLMSData(_POINT)
    point.value = octets
    point.setDataType(2, DataType.OCTET_STRING)
    return int(made.exchange(made.client.write(point, 2)).error)


def _changes_logged(made):
    rows = made.exchange(made.client.read(GXDLMSProfileGeneric(_LOG), 2)).value
    return [row[1] for row in rows].count(_CHANGED)


def test_a_change_is_counted_dated_and_logged(target):
    with Gurux(target.url("rs485"), client=_CONFIGURATOR, password=_PASSWORD) as made:
        before, logged = _read(made, _COUNT), _changes_logged(made)
        assert _set(made, b"x" * 49) == 12  # too long: refused, and no change
        assert _read(made, _COUNT) == before
        assert _set(made, b"50700123") == 0
        assert _read(made, _COUNT) == before + 1
        assert bytes(_read(made, _DATE))[:2] != b"\xff\xff"  # a year
        end = time.monotonic() + _PATIENCE_S
        while _changes_logged(made) == logged and time.monotonic() < end:
            time.sleep(0.2)
        assert _changes_logged(made) == logged + 1
