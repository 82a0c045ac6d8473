"""Viper routines as they lie in the image, on the emulated RP2040, against their plain twins.

A viper int is 32 bits there and 64 elsewhere, and frozen native code must lie word-aligned, so
neither CPython nor the unix port can vouch for them. on_board/ has the comparisons.
"""

import ast
from pathlib import Path

import pytest
from prompt import Prompt

_TESTS = Path(__file__).resolve().parents[1]
_LIB = _TESTS.parent / "firmware" / "lib"
_SCRIPTS = Path(__file__).resolve().parent / "on_board"
_SEED = 20250
_LEAST = 6  # cases that a comparison has at least

# Unit tests that mean something on 32 bits or on the board's own heap, and are quick there; a
# float has 32 bits too, so those that compute with floats stay away.
_UNIT = (
    "dlms/test_fcs",
    "dlms/test_frame",
    "dlms/test_axdr",
    "dlms/test_session",
    "dlms/test_steady_get",
    "cosem/test_find",
    "cosem/test_heap",
    "cosem/test_values",
    "meter/test_registers",
    "meter/test_clock",
    "meter/test_clock_life",
)
_SUPPORT = (
    "shims/mpy/unittest.py",
    "unit/dlms/dlms_fakes.py",
    "unit/dlms/dlms_vectors.py",
    "unit/cosem/cosem_reading.py",
    "vectors/dlms.json",
    "vectors/axdr.json",
)


def _is_viper(node):
    names = [ast.unparse(decorator) for decorator in getattr(node, "decorator_list", [])]
    return any(name.split(".")[-1] == "viper" for name in names)


def _routines():
    """(module, routine) of every viper routine in the firmware."""
    return [
        (f"{path.parent.name}.{path.stem}", node.name)
        for path in sorted(_LIB.glob("*/*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _is_viper(node)
    ]


def _put(prompt, path):
    """A file of host_tests in the same place under /t on the board."""
    prompt.put(f"/t/{path.relative_to(_TESTS)}", path.read_bytes())


def _start(prompt, *folders):
    """A fresh heap; folders below /t to import from, behind what is frozen."""
    prompt.fresh()
    prompt.run(f"import sys\nfor f in {folders!r}:\n sys.path.append('/t/' + f)")


@pytest.fixture(scope="module")
def prompt(board):
    """The prompt of a board whose meter was stopped, with the tests on its file system."""
    with Prompt(board.doors["prompt"]) as made:
        units = [_TESTS / "unit" / f"{name}.py" for name in _UNIT]
        support = [_TESTS / name for name in _SUPPORT]
        for path in [*_SCRIPTS.glob("*.py"), *_TESTS.glob("twins/*.py"), *support, *units]:
            _put(made, path)
        yield made


@pytest.fixture(scope="module")
def lines(prompt):
    """(module, routine) -> what the comparison on the board said."""
    said = {}
    for script in sorted(_SCRIPTS.glob("viper_*.py")):
        _start(prompt, "", "e2e/on_board")
        printed = prompt.run(f"import compare\ncompare.run({script.stem!r}, {_SEED})")
        for line in printed.splitlines():
            module, routine, verdict = line.split(" ", 2)
            said[module, routine] = verdict
    return said


def test_there_are_viper_routines():
    assert ("dlms.fcs", "fcs16") in _routines()


@pytest.mark.parametrize("module, routine", _routines())
def test_routine_equals_its_twin(lines, module, routine):
    assert (module, routine) in lines, "no comparison in on_board/"
    verdict, _, rest = lines[module, routine].partition(" ")
    assert verdict == "same", rest
    assert int(rest) >= _LEAST


def test_no_comparison_is_left_over(lines):
    assert set(lines) == set(_routines())


@pytest.mark.parametrize("name", _UNIT)
def test_unit_tests_on_the_board(prompt, name):
    room, module = name.split("/")
    _start(prompt, "", "shims/mpy", f"unit/{room}")
    printed = prompt.run(
        f"import unittest\ncount, failed = unittest.run_module(__import__({module!r}))\n"
        "print(count, len(failed))"
    )
    count, failed = printed.split()[-2:]
    assert failed == "0" and int(count) > 0, printed
