"""The commands as a person runs them, in fresh processes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from microcosem.target import KINDS, ROOT

_ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT / "tools"), "PYTHONUNBUFFERED": "1"}
_TARGETS = os.environ.get("MICROCOSEM_TARGETS", ",".join(KINDS)).split(",")
_END_S = 20
_VOLTS = re.compile(r" 2(29|30)\.\d\d │ V")


def _command(module, *words, **options):
    command = [sys.executable, "-m", f"microcosem.{module}", *words]
    return subprocess.Popen(
        command, cwd=ROOT, env=_ENVIRONMENT, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, **options)  # fmt: skip


def _run(module, *words, within_s=60):
    """(exit code, standard output, standard error)."""
    process = _command(module, *words)
    out, err = process.communicate(timeout=within_s)
    return process.returncode, out, err


def _read(target, *words, door="rs485"):
    how = [] if door == "optical" else ["--hdlc"]
    return _run("reader", target.url(door), *how, *words)


def _visible(association):
    """OBIS codes of the rows of docs/objects.md that show a right in the association's column."""
    column = None
    for line in (ROOT / "docs" / "objects.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if association in cells:
            column = cells.index(association)
        elif not line.startswith("|"):
            column = None
        elif column and cells[1].endswith(".255") and cells[column] != "-":
            yield cells[1]


_READER = ("--client", "32", "--password", "12345678")


class TestReader:
    def test_table(self, target):
        code, out, err = _read(target, *_READER, door="optical")
        assert (code, err) == (0, "")
        for text in ("MCM MICROCOSEM, 9600 baud", "MCM10000001", "voltage L1", " Wh "):
            assert text in out
        assert _VOLTS.search(out)

    def test_list(self, target):
        """Every object the reader may see, with a value that fits what is on the inputs."""
        code, out, err = _read(target, *_READER, "--list", "--json")
        assert (code, err) == (0, "")
        rows = {row["obis"]: row for row in json.loads(out)}
        names = list(_visible("reader"))
        assert len(names) > 40
        assert set(rows) == {name.removesuffix(".255") for name in names}
        assert not [row for row in rows.values() if "error" in row]
        for obis, true, unit in (("1-0:32.7.0", 230, "V"), ("1-0:31.7.0", 10, "A"),
                                 ("1-0:16.7.0", 1991.9, "W"), ("1-0:14.7.0", 50, "Hz")):  # fmt: skip
            assert abs(float(rows[obis]["value"]) - true) < 0.01 * true, obis
            assert rows[obis]["unit"] == unit

    def test_wrapper(self, target):
        if target.kind == "pico":
            return  # it has no network
        port = f"socket://127.0.0.1:{target.doors['wrapper']}"
        code, out, err = _run("reader", port, "--wrapper", *_READER, "--list", "--json")
        assert (code, err) == (0, "")
        listed = {row["obis"] for row in json.loads(out)}
        assert listed == {name.removesuffix(".255") for name in _visible("reader")}
        code, out, err = _run("reader", target.url("rs485"), "--wrapper", within_s=20)
        assert code == 1 and len(err.splitlines()) == 1
        code, out, err = _run("reader", "/dev/ttyUSB0", "--wrapper")
        assert (code, err) == (2, "reader: --wrapper needs socket://HOST:PORT\n")

    def test_wrong_password(self, target):
        code, out, err = _read(target, "--client", "32", "--password", "nonsense")
        assert (code, out) == (1, "")
        assert err == ("reader: the meter refused the association: authentication failure: "
                       "the password is wrong (user diagnostic 13)\n")  # fmt: skip

    def test_wrong_address(self, target):
        code, _, err = _read(target, "--server", "5", "--timeout", "0.3")
        assert code == 1
        assert "UA missing" in err and "address" in err

    def test_wrong_door(self, target):
        """Sign-on where HDLC is spoken."""
        code, _, err = _run("reader", target.url("rs485"), "--timeout", "0.3")
        assert code == 1
        assert "no answer to the sign-on" in err

    def test_object_that_is_not_there(self, target):
        code, out, _ = _read(target, *_READER, "1-0:32.7.0", "1-0:52.7.0")
        assert code == 1
        assert "object undefined (4)" in out and _VOLTS.search(out)


def _children(pid):
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text(encoding="ascii").split()]


def _is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _doors(process):
    """The ports that `run` prints before it says how to read them."""
    doors = {}
    for line in process.stdout:
        name, _, address = line.strip().partition(" ")
        if "127.0.0.1:" in address and "socket" not in line:
            doors[name] = int(address.rpartition(":")[2])
        if "--hdlc" in line:
            return doors
    raise AssertionError(f"run ended: {process.stderr.read()}")


@pytest.mark.parametrize("kind", _TARGETS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_run(kind, number):
    """Doors, a reader at one of them, and an end that leaves nothing behind."""
    process = _command("run", "--target", kind)
    try:
        doors = _doors(process)
        assert {"optical", "rs485", "control"} <= doors.keys()
        code, out, err = _run("reader", "--hdlc", f"socket://127.0.0.1:{doors['rs485']}")
        assert (code, err) == (0, "")
        assert "MCM10000001" in out
        (child,) = _children(process.pid)
        process.send_signal(number)
        process.wait(_END_S)
    finally:
        process.kill()
        _, err = process.communicate()
    end = time.monotonic() + _END_S
    while _is_running(child) and time.monotonic() < end:
        time.sleep(0.1)
    assert not _is_running(child)
    if number != signal.SIGKILL:
        assert (process.returncode, err) == (0, "")


def test_run_on_a_port_that_is_taken(target):
    """One sentence, no traceback."""
    code, _, err = _run("run", "--target", target.kind, "--optical", str(target.doors["optical"]))
    assert code == 1
    assert err.startswith("run: ") and err.count("\n") == 1 and "Traceback" not in err


def test_demo():
    """The whole show on the emulated board: every value within its limit."""
    code, out, err = _run("demo", within_s=170)
    assert (code, err) == (0, ""), out
    assert "MCM MICROCOSEM answers; HDLC at 9600 baud" in out
    assert "31 values read" in out and "(limit 1 %)" in out
    # Five tables; the last line may name the same quantity once more, without a column of errors.
    rows = [line for line in out.splitlines() if "active power" in line and "│" in line]
    assert len(rows) == 5
