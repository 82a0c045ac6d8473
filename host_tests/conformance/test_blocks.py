"""Section 6: what block transfer must hold for every size, and for two clients at once."""

import case_client
import pytest

_LONG = bytes.fromhex("00010000603300FF02")  # 600 octets counting modulo 251
_MESSAGE = bytes.fromhex("00010000600D00FF02")  # consumer message, can be set
_VALUE = b"\x09\x82\x02\x58" + bytes(k % 251 for k in range(600))
_READER = (32, b"12345678")
_CONFIGURATOR = (48, b"87654321")
_ABORTED = 15


def _open(meter, door, who, max_pdu=case_client.MAX_PDU):
    """A client that keeps the sizes of the answers, in an association of its own."""
    sap, password = who
    client = case_client.Client(meter.line(door), sap, max_info=512, window=1)
    client.disconnect()
    client.connect()
    client.associate(password, max_pdu=max_pdu)
    return client


@pytest.mark.case("APPL_BT_SIZE_P1", "Small PDU sweep")
@pytest.mark.parametrize("max_pdu", range(12, 81))
def test_small_pdus(max_pdu, host):
    """No answer longer than the client takes, no empty block, and all of the value in the end."""
    client = _open(host(), "rs485", _READER, max_pdu)
    answers = []
    ask = client.ask
    client.ask = lambda apdu: answers.append(ask(apdu)) or answers[-1]
    assert case_client.read(client, _LONG) == _VALUE
    assert max(map(len, answers)) <= max_pdu
    assert all(answer[9] > 0 for answer in answers)  # length of the raw data


def _set(client, descriptor, text):
    data = b"\x09\x82" + len(text).to_bytes(2, "big") + text
    assert client.ask(b"\xc1\x01\xc1" + descriptor + b"\x00" + data) == b"\xc5\x01\xc1\x00"
    return data


@pytest.mark.case("APPL_BT_GET_N8", "Object changes during the transfer")
def test_value_that_changes(host):
    """Another client sets the value between two blocks: all old, all new, or 15."""
    meter = host()
    other = _open(meter, "rs485", _CONFIGURATOR)
    old = _set(other, _MESSAGE, b"o" * 400)
    optical = meter.line("optical")
    assert optical.exchange(b"/?!\r\n")[:1] == b"/"
    assert optical.exchange(b"\x06252\r\n") == b"\x06252\r\n"
    meter.wait(300)
    client = _open(meter, "optical", _READER, 128)
    ask, new = client.ask, []

    def disturbed(apdu):
        answer = ask(apdu)
        if not new and answer[:2] == b"\xc4\x02":
            new.append(_set(other, _MESSAGE, b"n" * 400))
        return answer

    client.ask = disturbed
    assert case_client.read(client, _MESSAGE) in (old, new[0], _ABORTED)
