"""An image of the firmware from the tool to the meter that runs it: blocks lost on the way, power
cuts, an image that does not start. The class's states and cuts one by one are unit tests."""

import contextlib
import random
import re

import pytest
from conftest import _TARGETS
from microcosem import image
from microcosem.errors import ReaderError
from microcosem.target import ROOT, Options, Target

_LIB = ROOT / "firmware" / "lib"
_CONFIGURATOR = ["--client", "48", "--password", "87654321"]
_CLASS, _OBIS = 18, bytes((0, 0, 44, 0, 0, 255))
_ECHO = (8192, bytes((0, 0, 128, 0, 0, 255)), 2)
_ANSWER = """

def get(q, out, pos: int) -> int:
    out[pos : pos + 5] = b"\\x09\\x03new"
    return pos + 5
"""
_LONG = f"LONG = b'{'long' * 500}'\n"  # for some blocks more


@pytest.fixture(params=_TARGETS)
def kind(request):
    return request.param


def _build(folder, kind, identifier, changes):
    """An image of the named modules, each changed by a function; compiled for the board."""
    paths = []
    for name, change in changes.items():
        path = folder / identifier / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        source = _LIB.parent / name if "/" not in name else _LIB / name
        path.write_text(change(source.read_text(encoding="utf-8")), encoding="utf-8")
        paths.append(str(path))
    made = folder / f"{identifier}.img"
    words = ["build", str(made), *paths, "--identifier", identifier]
    assert image.main(words + ["--sources"] * (kind != "pico")) == 0
    return made


def _second(folder, kind):
    """One with another sign-on line and another echo."""
    return _build(folder, kind, "2.0", {
        "config.py": lambda text: text.replace("MICROCOSEM", "SECOND") + _LONG,
        "cosem/echo.py": lambda text: text + _ANSWER,
    })  # fmt: skip


def _send(target, door, *words):
    way = [] if door == "optical" else ["--hdlc"]
    return image.main(["send", target.url(door), *map(str, words), *way, *_CONFIGURATOR])


@contextlib.contextmanager
def _session(target, door="rs485"):
    way = [] if door == "optical" else ["--hdlc"]
    options = image.parser().parse_args(["info", target.url(door), *way, *_CONFIGURATOR])
    session = image.connect(options)
    try:
        yield session
    finally:
        session.close()


def _running(target):
    """Firmware identifier, sign-on line, echo: what an image of these tests changes."""
    with _session(target, "optical") as session:
        echo = session.get(*_ECHO)
        return session.get(*image._IDENTIFIER).decode(), session.identification.text, echo


def _status(target):
    with _session(target) as session:
        return session.get(_CLASS, _OBIS, 6)


def _some_blocks(session, octets, numbers):
    size = session.get(_CLASS, _OBIS, 2)
    session.act(_CLASS, _OBIS, 1, image.initiate("2.0", len(octets)))
    for number in numbers:
        session.act(_CLASS, _OBIS, 2, image.block(octets, number, size))


def test_it_runs_and_a_bad_one_falls_back(kind, tmp_path, capsys):
    good = _second(tmp_path, kind)
    bad = _build(tmp_path, kind, "3.0", {"cosem/echo.py": lambda text: "raise ValueError\n"})
    door = "optical" if kind == "pico" else "rs485"
    with Target(kind) as target:
        before = _running(target)
        assert before[1:] == ("MICROCOSEM", b"")
        assert _send(target, door, good, "--activate") == 0
        assert capsys.readouterr().out.endswith("the meter runs 2.0\n")
        assert _running(target) == ("2.0", "SECOND", b"new")
        assert _send(target, "rs485", bad, "--activate") == 1
        assert "activation failed" in capsys.readouterr().err
        assert _status(target) == 7
        assert _running(target) == ("2.0", "SECOND", b"new")
        assert target.alive()


def test_it_goes_on_after_a_break(kind, tmp_path, capsys):
    made = _second(tmp_path, kind)
    octets = made.read_bytes()
    with Target(kind) as target:
        with pytest.raises(ReaderError), _session(target) as session:
            _some_blocks(session, octets, (1, 3))
            session.wire.close()  # the cable is out
            session.get(_CLASS, _OBIS, 6)
        assert _send(target, "rs485", made) == 0
        assert re.search(r"goes on, 2 of \d+ blocks", capsys.readouterr().err)
        assert _status(target) == 3


def test_it_goes_on_after_a_killed_process(tmp_path, capsys):
    made = _second(tmp_path, "host")
    files = tmp_path / "files"
    with Target("host", Options(files=files)) as target:
        with _session(target) as session:
            _some_blocks(session, made.read_bytes(), (3, 0))
        target.process.kill()
        target.process.wait()
    with Target("host", Options(files=files)) as target:
        assert _send(target, "rs485", made) == 0
        assert re.search(r"goes on, 2 of \d+ blocks", capsys.readouterr().err)
    with Target("host", Options(files=files)) as target:
        assert _status(target) == 3


def _cut(target, at, work):
    """Does the work with a power cut at a flash operation, and starts the board again."""
    with target.control() as control:
        control.ask("power", on=False, at=at)
    code = work()
    with target.control() as control:
        control.ask("power", on=False, at={"flash_op": 10**9})  # if it did not come to it
        control.ask("power", on=False)
        control.ask("power", on=True)
    target._await_firmware(Options().rs485_baud)
    return code


def test_power_cuts_on_the_board(tmp_path, monkeypatch):
    """Whatever the board claims to have is there: the SHA-256 of the whole is right in the end."""
    made = _second(tmp_path, "pico")

    chosen = random.Random(1)
    codes = []
    with Target("pico") as target:
        monkeypatch.setattr(image, "_TRIES", 1)
        for _ in range(3):
            at = {"flash_op": chosen.randrange(1, 50)}
            at["phase"] = chosen.choice(("before", "middle", "after"))
            codes.append(_cut(target, at, lambda: _send(target, "rs485", made, "--timeout", "1")))
        assert 1 in codes  # at least one cut came in time
        monkeypatch.undo()
        assert _send(target, "rs485", made) == 0
        assert _status(target) == 3
        assert _send(target, "rs485", made, "--activate") == 0
        assert _running(target) == ("2.0", "SECOND", b"new")
