"""Section 3: the negotiated conformance, told from meter.toml. Section 10: two ports at once."""

from pathlib import Path

import case_client
import pytest

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

_SOURCE = Path(__file__).resolve().parents[2] / "firmware" / "meter.toml"
# Bits of the conformance block, Green Book 9.4.6.1: 0 is the first of 24.
_BITS = {
    "general-block-transfer": 2,
    "attribute0-supported-with-set": 8,
    "priority-mgmt-supported": 9,
    "attribute0-supported-with-get": 10,
    "block-transfer-with-get-or-read": 11,
    "block-transfer-with-set-or-write": 12,
    "block-transfer-with-action": 13,
    "multiple-references": 14,
    "access": 17,
    "get": 19,
    "set": 20,
    "selective-access": 21,
    "action": 23,
}
_CONFIGURATOR = 48, b"87654321"
_NAME = bytes.fromhex("000100002A0000FF02")
_NAME_DATA = b"\x09\x0bMCM10000001"
_LONG = bytes.fromhex("00010000603300FF02")  # 600 octets counting modulo 251, docs/objects.md
_LONG_DATA = b"\x09\x82\x02\x58" + bytes(k % 251 for k in range(600))
_REGISTER = bytes.fromhex("00030100010800FF02")  # not for the public client
_OBJECT_LIST = bytes.fromhex("000F0000280000FF02")
_DOUBLE_LONG_UNSIGNED = 6
_GAP_MS = 300  # the meter changes its line behind the last bit of the sign-on
_NOT_ASSOCIATED = bytes.fromhex("D80102")
_UNDEFINED = 4


def _offered(client):
    """What meter.toml says that this client is offered by logical device 1, 24 bits."""
    meter = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))
    for one in meter["association"]:
        if (one["client"], one["server"]) == (client, 1):
            return sum(0x800000 >> _BITS[name] for name in one["conformance"])
    raise AssertionError(f"meter.toml has no client {client}")


def _negotiated(line, client, password, proposed):
    """The conformance block of the AARE: behind 5F 1F 04 00."""
    peer = case_client.Client(line, client)
    peer.disconnect()
    peer.connect()
    aare = peer.associate(password, proposed.to_bytes(3, "big"))
    at = aare.index(bytes.fromhex("5F1F0400")) + 4
    return int.from_bytes(aare[at : at + 3], "big")


_CLIENTS = [(16, b""), (32, b"12345678"), _CONFIGURATOR]


@pytest.mark.case("APPL_OPEN_13/1", "All conformance bits proposed")
@pytest.mark.parametrize("client, password", _CLIENTS)
def test_all_bits_proposed(host, client, password):
    found = _negotiated(host().line("rs485"), client, password, 0xFFFFFF)
    assert found == _offered(client)
    assert not found & 0x800000


@pytest.mark.case("APPL_OPEN_13/2", "Only what the server supports")
@pytest.mark.parametrize("proposed", [0x007E1F, 0x00501F, 0x000010])
@pytest.mark.parametrize("client, password", _CLIENTS)
def test_what_both_can(host, client, password, proposed):
    found = _negotiated(host().line("rs485"), client, password, proposed)
    assert found == _offered(client) & proposed


def _optical(line):
    """Sign on in mode E, and open an association of the public client."""
    identification = line.exchange(b"/?!\r\n")
    acknowledge = b"\x062%c2\r\n" % identification[4]
    assert line.exchange(acknowledge) == acknowledge
    line.wait(_GAP_MS)
    client = case_client.Client(line)
    client.connect()
    client.associate(max_pdu=64)
    return client


def _rs485(line):
    client = case_client.Client(line, _CONFIGURATOR[0])
    client.connect()
    client.associate(_CONFIGURATOR[1])
    return client


def _interleaved(optical, rs485):
    one, two = _optical(optical), _rs485(rs485)
    # Request by request; neither has the other's rights.
    for _ in range(3):
        for client in (one, two):
            assert case_client.read(client, _NAME) == _NAME_DATA
        assert case_client.read(one, _REGISTER) == _UNDEFINED
        assert case_client.read(two, _REGISTER)[0] == _DOUBLE_LONG_UNSIGNED
    # A block transfer on one goes on although the other reads something long meanwhile.
    block = one.ask(bytes.fromhex("C001C1") + _OBJECT_LIST + b"\x00")
    for number in range(1, 4):
        assert block[:9] == bytes.fromhex("C402C100") + number.to_bytes(4, "big") + b"\x00"
        assert case_client.read(two, _LONG) == _LONG_DATA
        block = one.ask(bytes.fromhex("C002C1") + number.to_bytes(4, "big"))
    # Release and disconnection of one leave the other alone.
    assert two.ask(bytes.fromhex("6200")) == bytes.fromhex("6303800100")
    assert two.ask(bytes.fromhex("C001C1") + _NAME + b"\x00") == _NOT_ASSOCIATED
    assert case_client.read(one, _NAME) == _NAME_DATA
    two.disconnect()
    assert case_client.read(one, _NAME) == _NAME_DATA
    one.disconnect()


@pytest.mark.case("ROB_6", "Two ports at once")
def test_two_ports_at_once(host):
    meter = host()
    _interleaved(meter.line("optical"), meter.line("rs485"))


@pytest.mark.case("ROB_6", "Two ports at once")
def test_two_ports_of_the_board(pico):
    with pico.line("optical") as optical, pico.line("rs485") as rs485:
        _interleaved(optical, rs485)
