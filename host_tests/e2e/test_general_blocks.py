"""gurux_dlms reads through general block transfer, its own blocks not proposed; and by ACCESS."""

import foreign
import pytest
from gurux_dlms import GXDLMSClient
from gurux_dlms.enums import AccessServiceCommandType, Conformance, ErrorCode
from gurux_dlms.GXDLMSAccessItem import GXDLMSAccessItem
from gurux_dlms.GXDLMSSettings import GXDLMSSettings
from gurux_dlms.objects import GXDLMSData

_LONG = bytes((0, 0, 96, 51, 0, 255))  # 600 octets counting modulo 251, docs/objects.md
_NAME = bytes((0, 0, 42, 0, 0, 255))
_DATA = b"\x09\x82\x02\x58" + bytes(k % 251 for k in range(600))
_PROPOSED = Conformance.GET | Conformance.GENERAL_BLOCK_TRANSFER
_APDU = 4 + len(_DATA)
_BLOCK_HEAD = {64: 7, 100: 7, 300: 9, 1024: 9}  # octets; see dlms/general_blocks.py


@pytest.fixture
def client(monkeypatch):
    """gurux_dlms as installed, with one thing it lacks.

    1.0.203 reads settings.blockNumber for its acknowledgements and never sets it; the number of
    its own block is settings.blockIndex.
    """
    monkeypatch.setattr(GXDLMSSettings, "blockNumber", property(lambda s: s.blockIndex), False)

    def make(window):
        class Client(GXDLMSClient):
            def __init__(self, *words):
                super().__init__(*words)
                self.proposedConformance = _PROPOSED
                self.settings.gbtWindowSize = window

        monkeypatch.setattr(foreign, "GXDLMSClient", Client)

    return make


@pytest.mark.parametrize(("window", "pdu"), [(1, 64), (3, 64), (7, 100), (1, 300), (1, 1024)])
def test_gurux(target, client, window, pdu):
    """With a link window of 1: its parser loses count of several frames that are APDUs each."""
    client(window)
    with foreign.Gurux(target.url("rs485"), max_pdu=pdu) as meter:
        assert meter.client.settings.negotiatedConformance == _PROPOSED
        assert meter.get(1, _NAME, 2) == b"\x09\x0bMCM10000001"  # short: goes whole
        meter.frames = 0
        assert meter.get(1, _LONG, 2) == _DATA
        assert meter.frames >= _APDU / (pdu - _BLOCK_HEAD[pdu])


def test_gurux_access(target):
    """Two attributes by one ACCESS request, whose answer gurux_dlms parses."""
    with foreign.Gurux(target.url("rs485")) as meter:
        client = meter.client
        assert client.settings.negotiatedConformance & Conformance.ACCESS
        name, absent = GXDLMSData("0.0.42.0.0.255"), GXDLMSData("0.0.42.0.9.255")
        items = [GXDLMSAccessItem(AccessServiceCommandType.GET, it, 2) for it in (name, absent)]
        reply = meter.exchange(client.accessRequest(None, items))
        client.parseAccessResponse(items, reply.data)
        assert [item.error for item in items] == [ErrorCode.OK, ErrorCode.UNDEFINED_OBJECT]
        assert bytes(items[0].value) == b"MCM10000001"
