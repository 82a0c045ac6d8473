"""A short slice of the fuzzing, the corpus, and proof that the fuzzer sees what it looks for."""

import random
from pathlib import Path

import pytest
import run
from cases import Case, kept, replay, shortest
from dlms.server import Server
from all_doors import DOORS
from hypothesis import given, settings
from hypothesis import strategies as st

_CORPUS = sorted((Path(__file__).resolve().parent / "corpus").glob("*.json"))
_SLICE = 6000  # inputs for each door; make fuzz does a million
_SEED = 21
_ENOUGH = 5  # steps of a case worth shortening
_EXAMPLES = 60  # of hypothesis, which is slow but shrinks what it finds


@pytest.mark.parametrize("door", DOORS)
def test_slice(door):
    chunk = run.Chunk(_SEED, door, 0, _SLICE).run()
    assert chunk.failures == []
    assert chunk.inputs >= _SLICE


@pytest.mark.parametrize("door", DOORS)
def test_shrinking_cases(door):
    @settings(max_examples=_EXAMPLES, derandomize=True, deadline=None, database=None)
    @given(rng=st.randoms(use_true_random=False))
    def play(rng):
        Case(rng, DOORS[door]()).play()

    play()


@pytest.mark.parametrize("path", _CORPUS, ids=lambda path: path.stem)
def test_corpus(path):
    replay(path.read_text(encoding="utf-8"))


def test_the_same_seed_makes_the_same_run():
    first, second = (run.Chunk(_SEED, "hdlc", 3, 500).run() for _ in range(2))
    assert first.answers == second.answers
    other = run.Chunk(_SEED + 1, "hdlc", 3, 500).run()
    assert other.answers != first.answers


@pytest.mark.parametrize("inputs", [1, 9999, 30000])
def test_chunks_share_the_inputs(inputs):
    assert sum(chunk[3] for chunk in run.chunks(1, inputs)) == inputs // len(DOORS) * len(DOORS)


def test_every_kind_of_answer_is_met():
    """A fuzzer that only ever meets rejections would prove nothing."""
    answers = run.Chunk(_SEED, "hdlc", 0, _SLICE).run().answers
    frames = {"I", "frame 11", "frame 13", "frame 17", "frame 1f"}
    apdus = {"61", "63", "c401", "c402", "c403", "c501", "c503", "c701", "d8", "e0"}
    assert frames | apdus <= set(answers)


# --- what it must notice -----------------------------------------------------------------------


def _failures(monkeypatch, answer, door="hdlc"):
    """What a slice says of a server whose answer() is another; `answer` gets the original."""
    original = Server.answer
    monkeypatch.setattr(Server, "answer", lambda *words: answer(original, *words))
    return [why for why, _ in run.Chunk(_SEED, door, 0, 400).run().failures]


def _is_set(words):
    # answer(self, client, server, buf, pos, end); a SET, because what probes the door is a GET.
    return words[3][words[4]] == 0xC1


def test_an_escaped_exception_is_found(monkeypatch):
    def answer(original, *words):
        if _is_set(words):
            raise KeyError("escaped")
        original(*words)

    assert "KeyError: 'escaped'" in _failures(monkeypatch, answer)


def test_a_caught_bug_is_found(monkeypatch):
    def answer(original, self, *words):
        original(self, *words)
        if _is_set((self, *words)):
            self.bugs += 1

    assert any("a bug was caught" in why for why in _failures(monkeypatch, answer))


def test_growing_memory_is_found(monkeypatch):
    def answer(original, self, *words):
        original(self, *words)
        if _is_set((self, *words)):
            self.__dict__.setdefault("leak", []).append(bytearray(1))

    assert any("did not return to its floor" in why for why in _failures(monkeypatch, answer))


def test_a_server_that_gives_up_is_found(monkeypatch):
    def answer(original, self, *words):
        original(self, *words)
        if self.__dict__.setdefault("asked", 0) > 100:
            self.out_pos = self.out_end
        self.asked += 1

    assert any("0 answers" in why or "no I frame" in why for why in _failures(monkeypatch, answer))


def test_a_long_answer_is_found(monkeypatch):
    def answer(original, self, *words):
        original(self, *words)
        if _is_set((self, *words)):
            self.out_end = self.out_pos + 1200  # the server's own limit is 1024

    assert any("negotiated" in why for why in _failures(monkeypatch, answer))


def test_a_failure_is_kept_short(monkeypatch, tmp_path):
    """The steps that matter remain, and replaying them fails as before."""
    original = Server.answer

    def answer(self, *words):
        if words[2][words[3]] == 0xC3:
            raise KeyError("escaped")
        original(self, *words)

    monkeypatch.setattr(Server, "answer", answer)
    case = _failing_case()
    steps = shortest("hdlc", case.steps)
    assert len(steps) == 3 < len(case.steps)  # SNRM, the frame numbered 0, the request
    with pytest.raises(KeyError):
        replay(kept("hdlc", "", steps))
    monkeypatch.setattr(run, "CORPUS", tmp_path)
    path = run.keep("hdlc", "escaped", case.steps)
    with pytest.raises(KeyError):
        replay(path.read_text())


def _failing_case():
    rng, door = random.Random(_SEED), DOORS["hdlc"]()
    while True:
        case = Case(rng, door)
        try:
            case.play()
        except KeyError:
            if len(case.steps) > _ENOUGH:
                return case
            door = DOORS["hdlc"]()
