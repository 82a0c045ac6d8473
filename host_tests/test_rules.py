"""The rules of the house that a program can check: read from the syntax trees of the sources."""

import ast
import functools
import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1]
_LIB = _ROOT / "firmware" / "lib"
_ROOMS = {  # room -> rooms it may import from, itself included: only to the right
    "port": {"port"},
    "dlms": {"dlms", "cosem", "meter"},
    "cosem": {"cosem", "meter"},
    "meter": {"meter"},
}
_HARDWARE = {"machine", "rp2", "uctypes", "_thread"}
# May be imported from everywhere, and import nothing but each other.
_LEAVES = {"dlms.axdr", "dlms.fcs", "dlms.shape", "cosem.find", "meter.accumulate", "meter.registers"}
_LINES_MAX = 50
_MODULE_MAX = 400
_WIDTH_MAX = 99
# Constants that mean something else in every file; any other name has one value everywhere.
_OWN_MEANINGS = {
    "_INVALID",
    "_REJECTED",
    "_STATUS",
    "_DEVIATION",
    "_STRIDE",
    "_SECOND",
    "_RX_SIZE",
    "_TICK_MS",
}
# A class file numbers its own attributes and methods: there a small number has the meaning of its
# file, unless its name is one of these, which are the standard's for all: results and types.
_NUMBERS_MAX = 16
_STANDARD = set(
    "_SUCCESS _HARDWARE_FAULT _TEMPORARY_FAILURE _READ_WRITE_DENIED _OBJECT_UNDEFINED "
    "_CLASS_INCONSISTENT _UNAVAILABLE _TYPE_UNMATCHED _SCOPE_VIOLATED _OTHER_REASON _NULL _ARRAY "
    "_STRUCTURE _BOOLEAN _BIT_STRING _I32 _U32 _OCTETS _VISIBLE _UTF8 _I8 _I16".split()
)

_FIRMWARE = sorted((_ROOT / "firmware").rglob("*.py"))
_LIBRARY = sorted(_LIB.rglob("*.py"))
_TOOLS = sorted(p for p in (_ROOT / "tools").rglob("*.py") if "node_modules" not in p.parts)


def _shown(path):
    return str(path.relative_to(_ROOT))


@functools.cache
def _tree(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _module(path):
    """lib/dlms/hdlc.py -> dlms.hdlc; lib/dlms/__init__.py -> dlms."""
    parts = path.relative_to(_LIB).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


_MODULES = {_module(path): path for path in _LIBRARY}


def _imports(path):
    """Names of modules that a file imports, `from dlms import axdr` giving dlms.axdr."""
    found = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            whole = {f"{node.module}.{name.name}" for name in node.names}
            inner = whole & set(_MODULES)
            found |= inner if inner == whole else inner | {node.module}
    return found


def _functions(tree):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def _vipers():
    """(path, function) of every viper function."""
    found = []
    for path in _LIBRARY:
        for node in _functions(_tree(path)):
            if any("viper" in ast.unparse(one) for one in node.decorator_list):
                found.append((path, node))
    return found


def _consts(path):
    """Name -> value of the constants of a module."""
    found = {}
    for node in _tree(path).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            call = node.value
            if isinstance(call.func, ast.Name) and call.func.id == "const":
                found[node.targets[0].id] = eval(  # literals and constants above it
                    compile(ast.Expression(call.args[0]), _shown(path), "eval"), {}, dict(found)
                )
    return found


@pytest.mark.parametrize("path", _LIBRARY, ids=_shown)
def test_imports_point_to_the_right(path):
    room = path.relative_to(_LIB).parts[0]
    for name in _imports(path):
        other = name.split(".")[0]
        if other in _ROOMS and name not in _LEAVES:
            assert other in _ROOMS[room], f"{_shown(path)} imports {name}"
        assert other not in ("main", "config"), f"{_shown(path)} imports {name}"


@pytest.mark.parametrize("name", sorted(_LEAVES))
def test_leaves_import_nothing_but_leaves(name):
    ours = {other for other in _imports(_MODULES[name]) if other.split(".")[0] in _ROOMS}
    assert ours <= _LEAVES


@pytest.mark.parametrize("path", _FIRMWARE, ids=_shown)
def test_hardware_is_known_in_one_room(path):
    if path.parent.name != "port":
        assert not _imports(path) & _HARDWARE


def _numbers_own(path, name, value):
    small = isinstance(value, int) and 0 <= value <= _NUMBERS_MAX
    return path.parent.name == "cosem" and small and name not in _STANDARD


def test_constants_of_one_name_have_one_value():
    seen = {}
    for path in _FIRMWARE:
        for name, value in _consts(path).items():
            if name not in _OWN_MEANINGS and not _numbers_own(path, name, value):
                first = seen.setdefault(name, (value, path))
                assert first[0] == value, f"{name} in {_shown(first[1])} and {_shown(path)}"


def test_constants_are_found():
    # The test above is worth nothing if the constants are not seen.
    assert _consts(_LIB / "meter" / "registers.py")["_SLOT_FREQUENCY"] == 8
    assert _consts(_LIB / "port" / "adc.py")["_CS_RROBIN"] == 7 << 16


@pytest.mark.parametrize("path", _FIRMWARE, ids=_shown)
def test_constants_are_private_and_at_module_level(path):
    # In a class body the name of a private const vanishes on MicroPython.
    for node in ast.walk(_tree(path)):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
                    assert inner.func.id != "const", f"const in {node.name}"
    assert all(name.startswith("_") for name in _consts(path))


@pytest.mark.parametrize("path", _FIRMWARE + _TOOLS, ids=_shown)
def test_functions_are_short(path):
    for node in _functions(_tree(path)):
        lines = node.end_lineno - node.lineno + 1
        assert lines <= _LINES_MAX, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", _FIRMWARE, ids=_shown)
def test_modules_are_short(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    generated = lines[0].startswith("# Generated from")
    assert generated or len(lines) <= _MODULE_MAX
    assert max(map(len, lines), default=0) <= _WIDTH_MAX


@pytest.mark.parametrize("path", _FIRMWARE + _TOOLS, ids=_shown)
def test_no_bare_except(path):
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}"
            if path in _FIRMWARE:
                assert "ImportError" not in ast.unparse(node.type), f"line {node.lineno}"


@pytest.mark.parametrize("path", _LIBRARY, ids=_shown)
def test_library_is_silent_and_plain(path):
    # No print; no f-strings, match, dataclasses, async: MicroPython's common subset, cheap.
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "input", "open", "eval"), f"line {node.lineno}"
        banned = (ast.JoinedStr, ast.Match, ast.AsyncFunctionDef)
        assert not isinstance(node, banned), f"line {node.lineno}"
    assert not _imports(path) & {"dataclasses", "typing", "enum", "asyncio"}


def test_viper_stays_in_leaves_with_a_twin():
    found = _vipers()
    assert len(found) >= 8
    for path, node in found:
        assert _module(path) in _LEAVES, _shown(path)
        lines = path.read_text(encoding="utf-8").splitlines()
        text = "\n".join(line for line in lines if line.startswith("#"))
        for word in ("Bounds", "Twin"):
            assert word in text, f"{_shown(path)} does not say {word} of {node.name}"
        for twin in re.findall(r"host_tests/twins/\w+\.py", text):
            assert (_ROOT / twin).exists(), twin


def _pointers(node):
    """Arguments and locals of a viper function that are ptr16 or ptr32."""
    found = set()
    for argument in node.args.args:
        if argument.annotation and ast.unparse(argument.annotation) in ("ptr16", "ptr32"):
            found.add(argument.arg)
    for one in ast.walk(node):
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Call):
            if ast.unparse(one.value.func) in ("ptr16", "ptr32"):
                found.add(one.targets[0].id)
    return found


@pytest.mark.parametrize("path, node", _vipers(), ids=lambda one: getattr(one, "name", None))
def test_viper_keeps_clear_of_the_traps(path, node):
    constants = _consts(path)
    pointers = _pointers(node)
    for one in ast.walk(node):
        # 16-bit and 32-bit loads by a bare local change the local in MicroPython 1.25 and 1.26.
        if isinstance(one, ast.Subscript) and ast.unparse(one.value) in pointers:
            bare = isinstance(one.slice, ast.Name) and one.slice.id not in constants
            assert not bare, f"line {one.lineno}: {ast.unparse(one)}"
        if isinstance(one, ast.AugAssign):
            assert not isinstance(one.target, ast.Subscript), f"line {one.lineno}"
        # Frozen code on ARMv6-M may load a literal wider than 16 bits from the wrong address.
        if isinstance(one, ast.Constant) and isinstance(one.value, int):
            assert 0 <= one.value <= 0xFFFF, f"line {one.lineno}: {one.value}"
        if isinstance(one, ast.Name) and one.id in constants:
            assert 0 <= constants[one.id] <= 0xFFFF, f"line {one.lineno}: {one.id}"
    assert not node.args.defaults and not node.args.kwonlyargs and not node.args.vararg
