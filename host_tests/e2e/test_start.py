"""The interpreted meter from outside: its doors, its control requests, its end."""

import json
import signal
import socket
import subprocess
import sys

import pytest
from microcosem.target import ROOT, Target

_START = ROOT / "host_tests" / "shims" / "start.py"
_INTERPRETERS = {"host": sys.executable, "unix": str(ROOT / "build" / "unix" / "micropython")}


@pytest.fixture(params=sorted(_INTERPRETERS))
def kind(request):
    return request.param


@pytest.fixture
def meter(kind):
    with Target(kind) as made:
        yield made


def _ask(target, line):
    with socket.create_connection(("127.0.0.1", target.doors["control"]), timeout=20) as door:
        door.sendall(line + b"\n")
        return json.loads(door.makefile().readline())


def test_truth_follows_what_was_set(meter):
    with meter.control() as control:
        control.ask("set", channel="v", rms=200, harmonics=[[3, 0.1, 0]])
        control.ask("set", channel="i1", rms=10, phase_deg=60, harmonics=[[3, 0.2, 180]])
        control.ask("set", channel="i2", rms=5, phase_deg=180)
        control.ask("frequency", hz=49.5)
        before_us = control.ask("time")["time_us"]
        true = control.ask("injected", reset=True)
        after_us = control.ask("time")["time_us"]
        assert true["frequency_hz"] == pytest.approx(49.5, abs=0.001)
        assert true["v_rms"] == pytest.approx(200 * 1.01**0.5)
        # The third harmonic of the current lags by 3 x 60 + 180 degrees: it is in phase.
        assert true["i1_power_w"] == pytest.approx(200 * 10 * (0.5 + 0.1 * 0.2))
        assert true["i2_power_w"] == pytest.approx(-1000)
        control.wait(0.5)
        least_us = control.ask("time")["time_us"] - after_us
        later = control.ask("injected")
        most_us = control.ask("time")["time_us"] - before_us
    # Wh = W x us: the moments lie between two readings of the clock.
    assert least_us <= later["i1_import_wh"] / true["i1_power_w"] * 3.6e9 <= most_us
    assert least_us <= later["i2_export_wh"] / 1000 * 3.6e9 <= most_us
    assert later["i1_export_wh"] == later["i2_import_wh"] == 0


def test_converter_switches(meter):
    with meter.control() as control:
        answer = control.ask("adc", wide_codes=False)
        assert (answer["wide_codes"], answer["noise"], answer["skew"]) == (False, True, True)


@pytest.mark.parametrize(
    "line",
    [b"", b"no json", b"[]", b"{}", b'{"cmd":"dance"}', b'{"cmd":"set","channel":"i3"}',
     b'{"cmd":"set","channel":"v","rms":"high"}', b'{"cmd":"set","channel":"v","rms":true}',
     b'{"cmd":"set","channel":"v","harmonics":[[1,1]]}',
     b'{"cmd":"set","channel":"v","harmonics":7}',
     b'{"cmd":"frequency"}', b'{"cmd":"frequency","hz":-1}', b'{"cmd":"uart","port":"usb"}',
     b'{"cmd":"wait","us":-5}', b'{"cmd":"wait"}', b'{"cmd":7}', b'{"cmd":["set"]}', b"\xff\xfe"],
)  # fmt: skip
def test_wrong_requests_get_a_sentence(shared, line):
    answer = _ask(shared, line)
    assert answer["ok"] is False
    assert len(answer["error"]) > 10
    assert _ask(shared, b'{"cmd":"time"}')["ok"] is True


@pytest.fixture(scope="module", params=sorted(_INTERPRETERS))
def shared(request):
    with Target(request.param) as made:
        yield made


def test_a_door_has_one_client_at_a_time(meter):
    port = meter.doors["rs485"]
    with socket.create_connection(("127.0.0.1", port)) as first:
        with meter.control() as control:
            control.wait(0.1)
            with socket.create_connection(("127.0.0.1", port)) as second:
                second.sendall(b"abc")
                first.sendall(b"12345")
                control.wait(0.2)
                assert control.ask("uart", port="rs485")["rx"] == 5
                first.close()
                control.wait(0.2)
                assert control.ask("uart", port="rs485")["rx"] == 8


def test_stop(meter):
    assert _ask(meter, b'{"cmd":"stop"}') == {"ok": True}
    assert meter.process.wait(10) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals(meter, kind, number):
    meter.process.send_signal(number)
    code = meter.process.wait(10)
    # MicroPython knows no SIGTERM and just ends by it.
    assert code == (-signal.SIGTERM if (kind, number) == ("unix", signal.SIGTERM) else 0)
    assert "Traceback" not in meter.log()


@pytest.mark.parametrize(
    "words, sentence",
    [(["--dance"], "usage"), (["--optical"], "usage"), (["--optical", "70000"], "usage"),
     (["--optical", "x"], "usage")],
)  # fmt: skip
def test_wrong_words(kind, words, sentence):
    done = subprocess.run(
        [_INTERPRETERS[kind], str(_START), *words], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 1
    assert sentence in done.stderr and "Traceback" not in done.stderr


def test_taken_port(kind):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [_INTERPRETERS[kind], str(_START), "--rs485", port],
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.strip() == f"start: port {port} of 127.0.0.1 cannot be opened"
