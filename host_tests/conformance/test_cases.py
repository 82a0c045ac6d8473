"""Every case of cases/*.toml with steps, on each of its targets. The test's id is the case's."""

import case_file
import pytest
from runner import Run

_CASES = [case for case in case_file.load() if case.steps]


def _on(target):
    found = [case for case in _CASES if target in case.on]
    return pytest.mark.parametrize(
        "case", [pytest.param(case, marks=pytest.mark.case(case.id, case.title)) for case in found],
        ids=[case.id for case in found],
    )  # fmt: skip


@_on("host")
def test_host(case, host):
    Run(case, host(case.config).line(case.port)).all()


@_on("pico")
def test_pico(case, pico):
    with pico.line(case.port) as line:
        Run(case, line).all()
