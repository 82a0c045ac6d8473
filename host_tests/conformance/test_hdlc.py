"""Cases of the RS-485 line that octets alone do not show."""

import octets
import pytest

_SNRM = octets.build("7E A0 07 03 21 93 0F 01 7E")
_UA = octets.build("7E A0 1E 21 03 73 C3 7A") + octets.build(
    "81 80 12 05 01 80 06 01 80 07 04 00 00 00 01 08 04 00 00 00 01 53 3B 7E"
)
_PASS_MS = 4  # the host's main loop; a frame's first octet is due within the same pass


@pytest.mark.case("ROB_8", "Answer timing")
def test_answer_timing(host):
    meter = host()
    line = meter.line("rs485")
    machine, board = meter.modules["machine"], meter.modules["port.board"]
    leaving = []  # while it holds something, the last bits have not left
    machine.UART.txdone = lambda uart: not leaving

    def driving():
        return machine.Pin.states[board.RS485_DE]

    line.send_slowly(_SNRM[:-1])
    assert (line.take(), driving()) == (b"", 0)  # not before the closing flag

    leaving.append(True)
    line.send(_SNRM[-1:])
    assert (line.take(), driving()) == (_UA, 1)  # and at once behind it
    line.send(_UA)  # what the driver hears of itself
    line.wait(5 * _PASS_MS)
    assert (line.take(), driving()) == (b"", 1)

    leaving.clear()
    line.wait(_PASS_MS)
    assert driving() == 0  # the line is free as soon as the last bit has left
    assert line.exchange(_SNRM) == _UA
