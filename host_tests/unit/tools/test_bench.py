"""The benchmark's arithmetic, its report and its command, without a board."""

import ast
from pathlib import Path

import pytest
from microcosem import (
    bench,
    bench_board,
    bench_line,
    bench_memory,
    bench_report,
    bench_store,
    bench_wire,
    hdlc,
)
from microcosem.bench_board import Heap, Profile, Row, Sampling, Stats
from microcosem.bench_line import Openings
from microcosem.bench_memory import Allocated, Census
from microcosem.bench_store import Capture, Mount
from microcosem.bench_wire import Answer, Spread, Transfer, answer_of
from microcosem.errors import ReaderError

_LIB = Path(__file__).resolve().parents[3] / "firmware" / "lib"

# A line at 9600 Bd: ten bits are 1.0416... ms.
_OCTET_MS = 10 / 9.6


def _line(first_us, rx_end_us=1000.0, tx_end_us=0.0):
    return {
        "baud": 9600,
        "last_rx_end_us": rx_end_us,
        "first_tx_start_us": first_us,
        "last_tx_end_us": tx_end_us,
    }


# -- the wire ------------------------------------------------------------------------------------
def test_answer_is_taken_from_the_line():
    answer = answer_of(27, 23, _line(4200.0, 1000.0, 4200.0 + 30000.0))
    assert answer.wait_ms == pytest.approx(3.2)
    assert answer.send_ms == pytest.approx(30.0)  # 23.96 ms of octets and a gap
    assert answer.wire_ms == pytest.approx(50 * _OCTET_MS)
    assert answer.elapsed_ms == pytest.approx(27 * _OCTET_MS + 3.2 + 30.0)


def test_end_of_the_last_stop_bit_may_be_missing():
    answer = answer_of(1, 23, _line(4200.0, 1000.0, 4200.0 + 22.5 * _OCTET_MS * 1000))
    assert answer.send_ms == pytest.approx(23 * _OCTET_MS)


@pytest.mark.parametrize("received, first_us", [(0, 4200.0), (23, None)])
def test_no_answer(received, first_us):
    assert answer_of(27, received, _line(first_us)) is None


def test_spread():
    assert Spread.of([3.0, 1.0, 9.0, 2.0]) == Spread(1.0, 2.5, 9.0, 4)


def test_ratio_leaves_the_reader_out():
    answers = [Answer(10, 90, 5.0, 90.0, 1.0), Answer(10, 90, 15.0, 90.0, 1.0)]
    transfer = Transfer.of("list", 9600, (128, 1), 180, answers)
    assert (transfer.wire_ms, transfer.elapsed_ms, transfer.frames) == (200.0, 220.0, 2)
    assert transfer.ratio == pytest.approx(1.1)


class _Control:
    """Answers the statistics of a line one after the other."""

    def __init__(self, *states):
        self.states = list(states)

    def ask(self, cmd, **fields):
        assert (cmd, fields) == ("uart", {"port": "rs485"})
        return self.states.pop(0)


def _timed_wire(monkeypatch, reads, *states):
    """A TimedWire whose port hands out `reads`."""
    reads = list(reads)
    monkeypatch.setattr(bench_wire.Wire, "__init__", lambda self, url: None)
    monkeypatch.setattr(bench_wire.Wire, "write", lambda self, data: None)
    monkeypatch.setattr(bench_wire.Wire, "read", lambda self: reads.pop(0))
    return bench_wire.TimedWire("", _Control(*states), "rs485")


def test_wire_notes_an_answer_before_it_sends_again(monkeypatch):
    states = _line(3000.0), _line(9000.0, 6000.0)
    wire = _timed_wire(monkeypatch, [b"ab", b"", b"c", b"d"], *states)
    wire.write(b"12345")
    assert [wire.read(), wire.read(), wire.read()] == [b"ab", b"", b"c"]
    wire.write(b"1")
    wire.read()
    answers = wire.taken()
    assert [(a.sent, a.received, round(a.wait_ms, 6)) for a in answers] == [
        (5, 3, 2.0),
        (1, 1, 3.0),
    ]
    assert wire.taken() == []  # nothing was sent since


def test_wire_misses_an_answer(monkeypatch):
    wire = _timed_wire(monkeypatch, [], _line(None))
    wire.write(b"1")
    with pytest.raises(ReaderError, match="without an answer"):
        wire.note()


def test_first_answer_takes_one_frame_only(monkeypatch):
    """Two GETs: the second one acknowledges the first segment, whatever was to follow it."""
    link = bench_line.Link(32, b"\x03")
    sent = []

    class Port:
        def write(self, data):
            sent.append(hdlc.decode(data[1:-1]))

        def read(self):
            k = len(sent) - 1
            control = (k + 1) << 5 | 0x10 | k << 1
            return hdlc.Frame(link.client, link.server, control, b"\xe6\xe7\x00", True).encode()

    session = bench_line.Session(Port(), link)
    bench_line.first_answer(session, b"\xc0")
    bench_line.first_answer(session, b"\xc0")
    assert [(frame.kind, frame.n_s, frame.n_r) for frame in sent] == [("I", 0, 0), ("I", 1, 1)]


def test_first_answer_gives_up(monkeypatch):
    class Silent:
        def write(self, data):
            pass

        def read(self):
            return b""

    monkeypatch.setattr(bench_line, "_PATIENCE_S", 0.05)
    session = bench_line.Session(Silent(), bench_line.Link(32, b"\x03"))
    with pytest.raises(ReaderError, match="without an answer"):
        bench_line.first_answer(session, b"\xc0")


# -- the board's figures -------------------------------------------------------------------------
def test_share_of_sampling():
    """10 us a set and 8000 sets a second are 80 ms of each second."""
    sampling = Sampling(20000.0, 16, 1500, 2000, 0, 12000, 230.0)
    assert sampling.set_us == pytest.approx(10.0)
    assert sampling.share_percent == pytest.approx(8.0)


def test_heap_tells_modules_from_objects():
    steps = (("dlms.hdlc", 800), ("dlms.hdlc:Link", 2000), ("main", 90), ("dlms.hdlc:Link", 2100))
    heap = Heap(4000, steps)
    assert heap.modules == {"dlms.hdlc": 800, "main": 90}
    assert heap.objects == {"dlms.hdlc:Link": 4100}


def test_modules_are_imported_right_room_first():
    found = ["port.uart", "main", "dlms.get", "rp2", "cosem", "meter.clock", "config", "dlms"]
    wanted = ["config", "meter.clock", "cosem", "dlms", "dlms.get", "port.uart"]
    assert bench_board.in_order(found) == wanted


def _profile():
    rows = (
        Row(0, "feed", "a:f", 1, 100.0),
        Row(1, "feed", "a:g", 1, 60.0),
        Row(2, "feed", "a:h", 2, 25.0),
        Row(1, "feed", "a:i", 1, 10.0),
        Row(0, "reply", "a:j", 1, 50.0),
    )
    return Profile(rows, 101.0, 51.0, 20.0)


def _names(path):
    """What a module of the firmware defines or imports by name: "f", "Class", "Class.f"."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
            for inner in getattr(node, "body", ()):
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}"


@pytest.mark.parametrize(
    "name",
    [name for _, _, name in bench_board.PROFILE]
    + [":".join(pair) for pair in bench_board.CLASSES],
)
def test_what_is_measured_is_in_the_firmware(name):
    module, _, wanted = name.partition(":")
    assert wanted in set(_names(_LIB / (module.replace(".", "/") + ".py")))


def test_profile_own_time_is_less_the_level_below():
    profile = _profile()
    assert [profile.own_us(index) for index in range(5)] == [30.0, 35.0, 25.0, 10.0, 50.0]
    assert profile.total_us == 172.0


def test_conversation_numbers_follow_each_other():
    """After the AARQ with N(S) 0 a GET has N(S) = N(R) = 1, 2 ... modulo 8, all of them polls."""
    opening, gets = bench_board.conversation(b"12345678", bytes(13))
    frames = [hdlc.decode(octets[1:-1]) for octets in opening + gets]
    assert [frame.kind for frame in frames] == ["SNRM"] + ["I"] * 9
    numbers = [(frame.n_s, frame.n_r) for frame in frames[1:]]
    assert numbers == [(0, 0)] + [(k % 8, k % 8) for k in range(1, 9)]
    assert all(frame.final for frame in frames)


class _Prompt:
    """A board that finds every function called `calls` times, 30 us with 4 us of measuring each."""

    def __init__(self, calls):
        self.calls = calls

    def run(self, code):
        return ""

    def value(self, code):
        turn = (90, 34 * self.calls, self.calls)
        return 4.0 if code.startswith(("print(overhead", "print(sending")) else [(turn, turn)] * 8


def test_profile_takes_the_measuring_off():
    profile = bench_board.profile(_Prompt(2), b"12345678", bytes(13))
    assert {(row.calls, row.whole_us) for row in profile.rows} == {(2, 60.0)}
    assert (profile.feed_us, profile.reply_us, profile.write_us) == (90.0, 90.0, 4.0)


def test_profile_that_lost_its_function():
    with pytest.raises(ReaderError, match="Link.feed any more"):
        bench_board.profile(_Prompt(0), b"12345678", bytes(13))


def test_allocations_are_counted_for_each_request():
    class Counting(_Prompt):
        def value(self, code):
            asked.append(code)
            return 0.0, 4.0 * len(asked)

    asked = []
    found = bench_memory.per_request(Counting(1), b"12345678")
    assert [(one.inner, one.outer) for one in found] == [(0.0, 4.0 * k) for k in range(1, 6)]
    assert all(code.startswith("print(allocated([b'~") for code in asked)
    assert len(set(asked)) == len(asked)


def test_store_is_filled_and_measured():
    """Three figures for each capture; the rows that there was room for count."""

    class Full(_Prompt):
        def value(self, code):
            return answers[code.split("(")[1]]

    answers = {
        "captures": [(9000, 6000, 1400), (8000, 5000, 1500)],
        "fill": 40,
        "reads": 300.0,
        "fill_others": 100,
        "fill_settings": 12000,
        "mount": (190000, 30000, 8),
    }
    capture, rows = bench_store.prepare(Full(1), 50)
    assert (capture, rows) == (Capture((9000, 8000), (6000, 5000), (1400, 1500)), 40)
    mount = bench_store.mount(Full(1), 50)
    assert (mount.whole_us, mount.other_rows, mount.read_us) == (220000, 100, 300.0)
    answers["captures"] = []
    with pytest.raises(ReaderError, match="captures nothing"):
        bench_store.prepare(Full(1), 50)


# -- the report ----------------------------------------------------------------------------------
def _results(slowest_ms=4.9, used=81919, overruns=0, bugs=0):
    spread = Spread(1.0, 2.0, 3.0, 200)
    before, after = Stats(60000, 180000, 0, 0, 0), Stats(used, 178000, overruns, 0, bugs)
    heap = Heap(4096, (("dlms.hdlc", 1024), ("port.adc", 32768), ("dlms.hdlc:Link", 2048)))
    sizes = {"image": 300 * 1024, "stock": 290 * 1024, "modules": {"dlms.get": 900, "main": 124}}
    return bench_report.Results(
        {"register": [2.0, 3.0, slowest_ms]},
        Openings(spread, spread, spread, spread, 200),
        [
            Transfer("list", 9600, 128, 1, 2279, 21, 2900.0, 2929.0),
            Transfer("list", 9600, 512, 7, 2279, 3, 2570.0, 2570.0),
            Transfer("list", 115200, 128, 1, 2279, 21, 200.0, 210.0),
            Transfer("register", 115200, 128, 1, 5, 1, 6.0, 9.0),
        ],
        38.1,
        before,
        after,
        Sampling(20000.0, 16, 4200, 2000, 0, 12000, 230.0),
        _profile(),
        [Allocated("a register", 0.0, 34.0)],
        heap,
        sizes,
        Capture((9000, 8000, 10000), (6000, 5000, 7000), (1400, 1400, 1500)),
        Mount(2976, 1200, 12000, 190000, 30000, 8, 300.0),
        812.4,
        Census(90, 80, 1000, 2500),
    )


def _verdicts(results):
    return {f.name: f.verdict for f in bench_report.figures(results) if f.aim}


def test_every_aim_is_met():
    assert set(_verdicts(_results()).values()) == {"met"}


def test_missed_aims_say_by_how_much():
    verdicts = _verdicts(_results(slowest_ms=5.5, used=81920 + 1024, overruns=2, bugs=1))
    assert verdicts["GET, register"] == "**missed by 0.50 ms (1 of 3 answers are later)**"
    assert verdicts["heap in use after 200 associations"] == "**missed by 1.0 KB**"
    assert verdicts["overruns of the samples' ring"] == "**missed by 2**"
    assert verdicts["own mistakes caught (bugs)"] == "**missed by 1**"
    assert verdicts["sampling, share of the core"] == "met"


def test_short_values_are_not_judged_by_their_ratio():
    results = _results()
    results.transfers.append(Transfer("list", 115200, 128, 1, 2279, 21, 200.0, 214.0))
    verdicts = _verdicts(results)
    # 214 / 200; the register's 1.5 does not count
    name = "long values at 115200 Bd, HDLC 128 / 1, time over wire time, worst"
    assert verdicts[name] == "**missed by 0.020**"


def test_an_aim_just_reached_is_missed():
    assert "missed" in _verdicts(_results(slowest_ms=5.0))["GET, register"]
    assert "missed" in _verdicts(_results(used=81920))["heap in use after 200 associations"]


def test_report():
    made_from = bench_report.Provenance("2026-01-02", "abc1234", "0123456789ab")
    text = bench_report.markdown(_results(slowest_ms=5.5, used=90000), made_from)
    assert "2026-01-02, commit abc1234" in text
    assert "| GET, register | 2.00 / 3.00 / 5.50 ms | under 5 ms | **missed by 0.50 ms" in text
    assert "the ring of samples takes 32.0 KB, imported modules 1.0 KB" in " ".join(text.split())
    assert "90 modules hold 1000 functions of 16 octets" in " ".join(text.split())
    assert "    a.h                                                  2      25      25" in text
    # 29 ms in 21 frames are 1.38 ms each; 2929 / 2900
    row = "| list | 9600 | 128 / 1 | 2279 | 21 | 2.900 s | 2.929 s | 1.38 ms | 1.010 |"
    assert row in text
    assert "| **over stock** | 10240 |" in text
    assert "| image | 300.0 KB; 10.0 KB over stock |" in text
    assert "| frozen modules | 1.0 KB | under 200 KB | met |" in text
    assert "| capture of a row of the load profile | 8.00 / 9.00 / 10.00 ms |" in text
    assert "| mount of a full store | 220 ms |" in text
    assert "| start of the meter over it | 812 ms |" in text
    # 90000 - 32768 = 57232
    assert "| the same without the ring of samples | 55.9 KB |" in text
    assert "| a register | 0 | 34 |" in text
    assert "after 200 associations: 90000 in use" in " ".join(text.split())


def test_report_of_a_run_without_misses_names_none():
    text = bench_report.markdown(_results(), bench_report.Provenance("", "", ""))
    assert "issed" not in text


def test_summary_is_plain():
    text = bench_report.summary(_results(slowest_ms=5.5))
    assert "missed by 0.50 ms" in text and "*" not in text
    assert "9600 Bd, HDLC 128 / 1, time over wire time, worst 1.010 aim 1.01" in " ".join(text.split())


# -- the command ---------------------------------------------------------------------------------
def test_failure_is_one_sentence(monkeypatch, capsys):
    def dead(*_):
        raise ReaderError("the board is silent")

    monkeypatch.setattr(bench, "run", dead)
    assert bench.main([]) == 1
    assert capsys.readouterr().err == "bench: the board is silent\n"


def test_ctrl_c(monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(bench, "run", interrupted)
    assert bench.main([]) == 130
    assert capsys.readouterr().err == "bench: stopped\n"


@pytest.mark.parametrize("option", ["--associations", "--rows"])
@pytest.mark.parametrize("text", ["0", "-1", "x", "100001"])
def test_bad_number(option, text, capsys):
    with pytest.raises(SystemExit) as ended:
        bench.main([option, text])
    assert ended.value.code == 2
    assert "is no number from 1 to 100000" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, "{"])
def test_without_a_table_of_sizes(tmp_path, monkeypatch, capsys, content):
    path = tmp_path / "size.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(bench.BenchError, match="make firmware"):
        bench.sizes(path)


def test_without_an_image(tmp_path):
    with pytest.raises(bench.BenchError, match="cannot be read"):
        bench.provenance(tmp_path / "firmware.bin")


def test_provenance(tmp_path, monkeypatch):
    """SHA-256 of "abc" is the example of FIPS 180-2, B.1."""
    image = tmp_path / "firmware.bin"
    image.write_bytes(b"abc")
    answers = {"rev-parse": "abc1234", "status": " M firmware/main.py"}
    monkeypatch.setattr(bench, "_git", lambda *words: answers[words[0]])
    found = bench.provenance(image)
    assert found.fingerprint == "ba7816bf8f01"
    assert found.commit == "abc1234 with uncommitted changes"
    answers["status"] = ""
    assert bench.provenance(image).commit == "abc1234"


def test_without_git(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bench._git("rev-parse", "HEAD") == ""
