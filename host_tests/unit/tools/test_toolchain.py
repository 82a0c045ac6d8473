"""The build tools' own logic: pins and keys, interrupted work, the patch, the size table."""

import pytest
from toolchain import debian, machine, micropython, pico, pins, places, size
from toolchain.running import ToolError, logged

# --- pins and keys ---


def test_pins_are_name_value_lines():
    assert pins.parse("# text\n\nA=1\nB_2=15:12.2.rel1-1+23\n") == {
        "A": "1",
        "B_2": "15:12.2.rel1-1+23",
    }


@pytest.mark.parametrize("line", ["A", "A=", "=1", "A B=1", "A= 1", "1A=2"])
def test_a_line_that_is_no_pin_is_refused_by_its_number(line):
    with pytest.raises(ToolError, match=":2: "):
        pins.parse("A=1\n" + line)


def test_every_source_has_version_and_checksum():
    have = pins.pins()
    for name in ("MICROPYTHON", "MBEDTLS", "PICO_SDK", "TINYUSB"):
        assert have[name + "_PACKAGE"]
        assert len(bytes.fromhex(have[name + "_SHA256"])) == 32


def test_modules_are_compiled_for_the_version_that_is_built():
    version = pins.pins()["MICROPYTHON_VERSION"]
    assert f"\nmpy-cross=={version}." in (pins.HERE / "requirements.txt").read_text()


def test_pins_of_needs_exist():
    assert {need.pin for need in machine.NEEDS} - {""} <= set(pins.pins())


def test_key_tells_inputs_and_their_borders_apart(tmp_path):
    file = tmp_path / "f"
    file.write_text("ab")
    assert pins.key(file) == pins.key("ab")
    assert len({pins.key("ab"), pins.key("a", "b"), pins.key("b", "a"), pins.key("abc")}) == 4


# --- the cache ---


def test_cache_is_where_it_was_asked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CACHE", raising=False)
    assert places.cache() == tmp_path / "microcosem"
    monkeypatch.setenv("CACHE", str(tmp_path / "own"))
    assert places.cache() == tmp_path / "own"


def test_interrupted_work_is_begun_anew_and_finished_work_is_not(tmp_path):
    folder = tmp_path / "thing"

    def breaks(place):
        (place / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        places.make_whole(folder, breaks)
    assert not places.whole(folder)
    assert places.make_whole(folder, lambda place: (place / "all").touch())
    assert places.whole(folder) and not (folder / "half").exists()
    assert not places.make_whole(folder, breaks)


# --- sources ---


@pytest.fixture
def download(monkeypatch, tmp_path):
    """A cache whose downloads deliver the given content; the list counts them."""
    monkeypatch.setenv("CACHE", str(tmp_path))
    calls = []

    def fake(package, version, folder, source):
        calls.append(package)
        folder.mkdir(parents=True)
        (folder / "x_1.orig.tar.xz").write_bytes(b"content")
        (folder / "x_1.orig.tar.xz.asc").write_bytes(b"signature")

    monkeypatch.setattr(debian, "_download", fake)
    return calls


def _pin(monkeypatch, checksum):
    monkeypatch.setattr(debian, "pins", lambda: {"X_PACKAGE": "1-1", "X_SHA256": checksum})


# SHA-256 of the seven octets "content", from sha256sum
_CONTENT = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"


def test_a_source_is_downloaded_once(monkeypatch, download):
    _pin(monkeypatch, _CONTENT)
    first = debian.fetch("x", "X", source=True)
    assert first.name == "x_1.orig.tar.xz"
    assert debian.fetch("x", "X", source=True) == first
    assert download == ["x"]


def test_a_damaged_download_is_fetched_again(monkeypatch, download):
    _pin(monkeypatch, _CONTENT)
    debian.fetch("x", "X", source=True).write_bytes(b"contemt")
    assert debian.fetch("x", "X", source=True).read_bytes() == b"content"


def test_a_source_with_another_checksum_is_refused(monkeypatch, download):
    _pin(monkeypatch, "00" * 32)
    with pytest.raises(ToolError, match="checksum"):
        debian.fetch("x", "X", source=True)


def test_a_version_that_is_gone_is_named_with_what_is_there(monkeypatch):
    monkeypatch.setattr(debian, "output", lambda command: "Package: x\nVersion: 2-1\n")
    text = debian._gone("x", "1-1", "stable", [], True)
    assert "no longer has x 1-1 but 2-1" in text and "MPY_DIR=" in text


def test_mpy_dir_must_be_a_checkout_with_its_libraries(monkeypatch, tmp_path):
    monkeypatch.setenv("MPY_DIR", str(tmp_path))
    with pytest.raises(ToolError, match="no ports/rp2"):
        micropython.mpy_dir()
    (tmp_path / "ports" / "rp2").mkdir(parents=True)
    (tmp_path / "ports" / "rp2" / "CMakeLists.txt").touch()
    with pytest.raises(ToolError, match="lib/pico-sdk.*submodules"):
        micropython.mpy_dir()


# --- the patch of mpy-tool.py ---

_TOOL = """
            self.attributes += " __attribute__ ((aligned (4)))"
            self.attributes += " __attribute__ ((aligned (2)))"
"""


def test_half_word_alignment_becomes_word_alignment(tmp_path):
    tool = tmp_path / "mpy-tool.py"
    tool.write_text(_TOOL)
    micropython.align_native_code(tool)
    assert tool.read_text() == _TOOL.replace("(2)", "(4)")


@pytest.mark.parametrize("text", ["", _TOOL + _TOOL])
def test_an_unknown_mpy_tool_is_not_built_with(tmp_path, text):
    tool = tmp_path / "mpy-tool.py"
    tool.write_text(text)
    with pytest.raises(ToolError, match="alignment"):
        micropython.align_native_code(tool)
    assert tool.read_text() == text


# --- commands and needs ---


def test_a_command_that_fails_is_one_sentence_and_a_log(tmp_path):
    log = tmp_path / "log"
    with pytest.raises(ToolError, match=r"sh failed \(3\)"):
        logged(["sh", "-c", "echo why; exit 3"], log)
    assert "why" in log.read_text()


def test_a_command_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(ToolError, match="make toolchain"):
        logged(["no-such-command-here"], tmp_path / "log")


def test_without_apt_the_missing_things_are_named(monkeypatch):
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    need = machine.Need("a thing", lambda: False, "thing", "")
    with pytest.raises(ToolError, match="missing on this machine: a thing"):
        machine.provide((need,))


def test_the_pinned_version_is_taken_where_apt_has_it(monkeypatch, capsys):
    listing = "cmake | 3.31-1 | archive\ncmake | 3.25.1-1 | archive\n"
    monkeypatch.setattr(machine, "output", lambda command: listing)
    need = machine.Need("cmake", lambda: False, "cmake", "CMAKE_PACKAGE")
    assert machine._wanted(need) == "cmake=3.25.1-1"
    monkeypatch.setattr(machine, "pins", lambda: {"CMAKE_PACKAGE": "9"})
    assert machine._wanted(need) == "cmake=3.31-1"
    assert "was not tried" in capsys.readouterr().out


# --- the size table ---

_SYMBOLS = [
    ("frozen_module_dlms_get", 0, 12),
    ("frozen_module_dlms_get_block", 0, 12),
    ("frozen_module_main", 0, 12),
    ("fun_data_dlms_get__lt_module_gt_", 0, 100),
    ("fun_data_dlms_get_block_next", 0, 30),
    ("const_qstr_table_data_dlms_get_block", 0, 8),
    ("const_obj_main_0_1", 0, 4),
    ("proto_fun_main_run", 0, 16),
    ("mp_qstr_frozen_const_pool", 0, 200),
    ("mp_frozen_names", 0, 50),
    ("main_init", 0, 999),
    ("__GcHeapStart", 0x20002000, 0),
    ("__GcHeapEnd", 0x20040000, 0),
]


def test_symbols_are_counted_for_their_module_only():
    assert size.modules(_SYMBOLS) == {
        "dlms.get": 112,
        "dlms.get_block": 50,
        "main": 32,
        "(names)": 250,
    }


def test_heap_is_what_lies_between_its_symbols():
    assert size.heap(_SYMBOLS) == 0x3E000


def test_a_stack_that_begins_in_the_heap_is_not_heap():
    ours = [("__StackTop", 0x20042000, 0), ("__MeterStackBytes", 0x4000, 0)]
    assert size.heap(_SYMBOLS + ours) == 0x3E000 - 0x2000


def test_rooms_are_summed_in_the_short_table():
    figures = {
        "image": 1000,
        "stock": 900,
        "room": 10000,
        "heap": 5,
        "stock_heap": 6,
        "modules": size.modules(_SYMBOLS),
    }
    lines = [line.split()[:2] for line in size.table_lines(figures, False)]
    assert ["dlms", "162"] in lines and ["image", "1000"] in lines
    assert ["over", "stock"] in lines


# --- a board on USB ---


def test_picos_are_told_from_other_serial_ports():
    listing = (
        "/dev/ttyACM0 e66038 2e8a:0005 MicroPython Board in FS mode\n"
        "/dev/ttyS0 None 0000:0000 None None\n"
        "/dev/ttyUSB0 A50 0403:6001 FTDI FT232R\n"
    )
    assert pico.picos(listing) == ["/dev/ttyACM0"]


@pytest.mark.parametrize(
    "ports, words",
    [([], "no board was found"), (["/dev/a", "/dev/b"], "PORT=: /dev/a, /dev/b")],
)
def test_no_board_and_several_boards_are_said(monkeypatch, ports, words):
    listing = "".join(f"{port} 1 2e8a:0005\n" for port in ports)
    monkeypatch.setattr(pico, "_listed", lambda: listing)
    with pytest.raises(ToolError, match=words):
        pico.the_board()


def test_flash_says_what_to_build_first(monkeypatch, tmp_path):
    monkeypatch.setattr(pico.builds, "BUILD", tmp_path)
    with pytest.raises(ToolError, match="make firmware BOARD=METER_PICO"):
        pico.flash("METER_PICO", "")


def test_flash_copies_the_whole_image_to_the_drive(monkeypatch, tmp_path):
    (tmp_path / "METER_PICO").mkdir()
    (tmp_path / "METER_PICO" / "firmware.uf2").write_bytes(bytes(range(256)) * 40)
    drive = tmp_path / "drive"
    drive.mkdir()
    monkeypatch.setattr(pico.builds, "BUILD", tmp_path)
    monkeypatch.setattr(pico, "find_drive", lambda: drive)  # it has no sign: gone after the copy
    pico.flash("METER_PICO", "")
    assert (drive / "firmware.uf2").read_bytes() == bytes(range(256)) * 40


def test_a_board_that_does_not_restart_is_said(monkeypatch, tmp_path):
    (tmp_path / "INFO_UF2.TXT").write_text("Board-ID: RPI-RP2\n")
    image = tmp_path / "image.uf2"
    image.write_bytes(b"x")
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "INFO_UF2.TXT").touch()
    monkeypatch.setattr(pico, "_WRITE_WAIT_S", 0)
    with pytest.raises(ToolError, match="did not restart"):
        pico._copy(image, drive)
