"""The seconds in which most happens, on the emulated board: nobody waits long for an answer.

At the end of a month scripts switch the tariff, capture a billing period and reset the maxima, and
profiles take their rows; a clock that is set makes the objects look at everything anew.
"""

import os

import pytest
from microcosem.target import KINDS, Target
from ours import session

_TARGETS = os.environ.get("MICROCOSEM_TARGETS", ",".join(KINDS)).split(",")
_CONFIGURATOR, _PASSWORD = 48, b"87654321"
_CLOCK = bytes((0, 0, 1, 0, 0, 255))
_VOLTAGE = bytes((1, 0, 32, 7, 0, 255))
_BILLING = bytes((0, 0, 98, 1, 0, 255))
_LONGEST_MS = 100  # an erase takes 45, a script as long; host_tests/conformance waits no longer
_QUESTIONS = 60  # 3 s at 9600 Bd


def _answer_ms(control):
    line = control.ask("uart", port="rs485")
    return (line["first_tx_start_us"] - line["last_rx_end_us"]) / 1000


@pytest.mark.skipif("pico" not in _TARGETS, reason="answers are timed on the emulated board")
def test_a_client_is_answered_in_the_longest_second():
    longest = []
    with Target("pico") as meter, meter.control() as control:
        control.set_channel("v", 230.0)
        control.set_channel("i1", 10.0)
        control.wait(3)
        link = {"client": _CONFIGURATOR, "password": _PASSWORD}
        with session(meter.url("rs485"), **link) as made:
            for year, month, day in ((2027, 1, 31), (2027, 2, 28), (2025, 12, 31)):
                day_time = bytes((month, day, 255, 23, 59, 59, 0, 0x80, 0, 0))
                value = b"\x09\x0c" + year.to_bytes(2, "big") + day_time
                answer = made.exchange(b"\xc1\x01\xc1\x00\x08" + _CLOCK + b"\x02\x00" + value)
                assert answer == b"\xc5\x01\xc1\x00"
                for _ in range(_QUESTIONS):
                    made.get(3, _VOLTAGE, 2)
                    longest.append(_answer_ms(control))
            assert made.get(7, _BILLING, 7) >= 3  # what took long did happen
    assert max(longest) < _LONGEST_MS
