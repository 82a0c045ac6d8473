"""Section 1: what asks for a stopwatch, or for a meter of another speed."""

import pytest

_REQUEST = b"/?!\r\n"
_SNRM = bytes.fromhex("7EA0070321930F017E")


def _waited_ms(line, meter):
    """Time until the first octet comes."""
    start = meter.now_ms
    while not (heard := line.take()):
        meter.step()
        assert meter.now_ms - start < 2000, "no answer"
    return meter.now_ms - start, heard


@pytest.mark.case("MODEE_OPEN_P6", "Reaction time")
@pytest.mark.parametrize("letter, least_ms", [("M", 200), ("m", 20)])
def test_reaction_time(host, letter, least_ms):
    meter = host(
        {"IDENTIFICATION": b"/MC%s5\\2MICROCOSEM\r\n" % letter.encode(), "REACTION_MS": least_ms}
    )
    line = meter.line("optical")
    line.send(_REQUEST)
    waited_ms, heard = _waited_ms(line, meter)
    assert heard == b"/MC%s5\\2MICROCOSEM\r\n" % letter.encode()
    # The meter looks at the time every 4 ms, and one step passes while the request is sent.
    assert least_ms - 4 <= waited_ms <= least_ms + 8


@pytest.mark.case("MODEE_ACK_P2", "All rates")
@pytest.mark.parametrize("z", range(7))
def test_all_rates(host, z):
    meter = host({"IDENTIFICATION": b"/MCM%d\\2MICROCOSEM\r\n" % z})
    line = meter.line("optical")
    assert line.exchange(_REQUEST) == b"/MCM%d\\2MICROCOSEM\r\n" % z
    acknowledge = b"\x062%d2\r\n" % z
    assert line.exchange(acknowledge) == acknowledge
    line.wait(300)
    assert line.wire.line == (300 << z, 8, "none")
    answer = line.exchange(_SNRM)
    assert answer[3:6] == b"\x21\x03\x73"


@pytest.mark.case("MODEE_ACK_N2", "Normal-protocol acknowledge with mode 0")
@pytest.mark.parametrize("z", range(7))
def test_readout_at_all_rates(host, z):
    meter = host({"IDENTIFICATION": b"/MCM%d\\2MICROCOSEM\r\n" % z})
    line = meter.line("optical")
    line.exchange(_REQUEST)
    block = line.exchange(b"\x060%d0\r\n" % z)
    assert line.wire.line == (300 << z, 7, "even")
    assert block[:1] == b"\x02" and block[-5:-1] == b"!\r\n\x03"
    check = 0
    for octet in block[1:]:  # the check character makes the exclusive or zero
        check ^= octet
    assert check == 0
