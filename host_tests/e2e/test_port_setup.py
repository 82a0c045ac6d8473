"""The setups of the ports, classes 19 and 23, set by a client: in use from the next link on, lasting."""

import os

import pytest
from microcosem.target import KINDS, Options, Target
from ours import session

_CONFIGURATOR, _PASSWORD = 48, b"87654321"
_TARGETS = os.environ.get("MICROCOSEM_TARGETS", ",".join(KINDS)).split(",")
_HDLC, _OPTICAL = bytes((0, 1, 22, 0, 0, 255)), bytes((0, 0, 20, 0, 0, 255))
_BAUD = 19200
_OTHER_REASON = 250
# 19200 Bd; windows of 2 and 3; 100 and 64 octets; lower address 20.
_LINK = {2: "16 06", 3: "11 02", 4: "11 03", 5: "12 0064", 6: "12 0040", 9: "12 0014"}
_SIGN_ON = {4: "16 04", 5: "16 00", 6: "09 02 3432"}  # 4800 Bd, 20 ms, "42"


def _set(made, class_id, obis, attribute, data):
    request = b"\xc1\x01\xc1" + class_id.to_bytes(2, "big") + obis + bytes((attribute, 0)) + data
    answer = made.exchange(request)
    assert answer[:3] == b"\xc5\x01\xc1"
    return answer[3]


def _configurator(meter):
    return session(meter.url("rs485"), client=_CONFIGURATOR, password=_PASSWORD, max_info=512, window=7)


def _baud(meter, port):
    with meter.control() as control:
        control.wait(0.2)
        return control.ask("uart", port=port)["baud"]


def _change(meter):
    with _configurator(meter) as made:
        assert made.link.max_info_rx == 512
        for attribute, text in _LINK.items():
            assert _set(made, 23, _HDLC, attribute, bytes.fromhex(text)) == 0
        for attribute, text in _SIGN_ON.items():
            assert _set(made, 19, _OPTICAL, attribute, bytes.fromhex(text)) == 0
        assert _set(made, 23, _HDLC, 5, bytes.fromhex("12 0201")) == _OTHER_REASON
        assert abs(_baud(meter, "rs485") - 9600) < 200  # the link is open
        assert made.get_octets(23, _HDLC, 2) == bytes.fromhex(_LINK[2])
    assert abs(_baud(meter, "rs485") - _BAUD) < 400


def _is_in_use(meter):
    with session(meter.url("rs485"), client=_CONFIGURATOR, password=_PASSWORD, size=2, max_info=512,
                 window=7, lower=20) as made:  # fmt: skip
        # The client hears 100 octets in windows of 2, and says 64 in windows of 3.
        link = made.link
        assert (link.max_info_rx, link.window_rx) == (100, 2)
        assert (link.max_info_tx, link.window_tx) == (64, 3)
        for attribute, text in _LINK.items():
            assert made.get_octets(23, _HDLC, attribute) == bytes.fromhex(text)
    with session(meter.url("optical"), mode_e=True, address="42") as made:
        assert made.identification.maker == "MCm"
        assert made.identification.baud == 4800
        assert made.get_octets(19, _OPTICAL, 6) == bytes.fromhex(_SIGN_ON[6])


@pytest.mark.parametrize("kind", [k for k in ("host", "unix") if k in _TARGETS])
def test_interpreted(kind, tmp_path):
    with Target(kind, Options(files=tmp_path)) as meter:
        _change(meter)
        _is_in_use(meter)
    with Target(kind, Options(files=tmp_path, rs485_baud=_BAUD)) as meter:
        _is_in_use(meter)


@pytest.mark.parametrize("kind", [k for k in ("pico",) if k in _TARGETS])
def test_on_the_board(kind, tmp_path):
    memory = ("--flash", str(tmp_path / "flash.bin"))
    with Target(kind, Options(more=memory)) as meter:
        _change(meter)
        _is_in_use(meter)
        with meter.control() as control:
            control.wait(1.0)
    with Target(kind, Options(more=memory, rs485_baud=_BAUD)) as meter:
        _is_in_use(meter)
