"""The ways onto a board, tried on the emulated one as far as they go: mpremote at its prompt,
`deploy` onto a stock MicroPython, the image's own shape. No test touches a serial port."""

import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ours import session

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "METER_PICO"
ROOMS = ("port", "dlms", "cosem", "meter")

_STEP_S = 240  # of real time: a busy machine is not a failure
_ANSWER_S = 10
_STOCK_STACK = 8192 - 256  # octets, MicroPython's rp2 port: PICO_STACK_SIZE, and what it keeps back
_LONG = ((15, bytes((0, 0, 40, 0, 0, 255))), (8, bytes((0, 0, 1, 0, 0, 255))))


def toolchain(*arguments, check=True):
    """Run a command of the build tools in a process of its own; (exit code, stdout, stderr)."""
    done = subprocess.run(
        [sys.executable, "-m", "toolchain", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "tools"},
        capture_output=True,
        text=True,
        timeout=_STEP_S,
    )
    assert not check or done.returncode == 0, done.stderr
    return done.returncode, done.stdout, done.stderr


def _line(line):
    """Octets up to a line feed."""
    heard = b""
    while not heard.endswith(b"\n"):
        heard += line.recv(64)
    return heard


class Board:
    """An emulated board that runs an image until the end of the `with` block."""

    def __init__(self, image):
        command = ["node", "tools/emulator/emulator.mjs", "--image", str(image)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.doors = json.loads(self.process.stdout.readline())
        self.prompt = f"socket://127.0.0.1:{self.doors['prompt']}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()

    def mpremote(self, *arguments):
        """What one mpremote command at this board's prompt prints."""
        command = [sys.executable, "-m", "mpremote", "connect", self.prompt, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_STEP_S)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, **request):
        """One request to the control door, and its answer."""
        with socket.create_connection(("127.0.0.1", self.doors["control"]), 10) as door:
            door.sendall(json.dumps(request).encode() + b"\n")
            return json.loads(door.makefile().readline())

    def resets(self):
        """How often the board was reset by its watchdog, which machine.reset() uses."""
        return self.ask(cmd="time")["watchdog_resets"]

    def sign_on(self, resets=0):
        """The answer to a sign-on request (IEC 62056-21), once the meter runs after `resets`."""
        end = time.monotonic() + _STEP_S
        while self.resets() < resets or not self.ask(cmd="uart", port="optical")["enabled"]:
            assert time.monotonic() < end, "the meter has not opened its optical port"
            time.sleep(0.1)
        with socket.create_connection(("127.0.0.1", self.doors["optical"]), 10) as line:
            line.settimeout(_ANSWER_S)
            while True:  # a meter that has just opened its port may not listen yet
                line.sendall(b"/?!\r\n")
                try:
                    return _line(line)
                except TimeoutError:
                    assert time.monotonic() < end, "the meter does not answer"


@pytest.fixture(scope="module")
def meter():
    with Board(BUILD / "firmware.bin") as board:
        yield board


@pytest.fixture(scope="module")
def stock():
    folder = Path(toolchain("where", "stock")[1].strip())
    with Board(folder / "firmware.bin") as board:
        yield board


def sources():
    """Dotted names of the modules in the four rooms."""
    files = [file for room in ROOMS for file in (ROOT / "firmware" / "lib" / room).glob("*.py")]
    return {f"{file.parent.name}.{file.stem}" for file in files}


# --- at the prompt of the meter's image ---


def test_the_image_names_itself(meter):
    words = meter.mpremote("exec", "import sys; print(sys.implementation[2])")
    assert words.strip() == "Microcosem METER_PICO with RP2040"


def test_every_module_is_frozen(meter):
    listing = meter.mpremote("exec", "help('modules')").replace("/", ".")
    assert sources() | {"main", "config"} <= set(listing.split())


def test_frozen_modules_come_from_the_image(meter):
    words = meter.mpremote("exec", "import os, dlms.hdlc; print(dlms.hdlc.__file__, os.listdir())")
    assert words.split(" ", 1)[0] == "dlms/hdlc.py"
    assert "lib" not in words.split(" ", 1)[1]


def test_a_file_runs_and_pin_names_are_those_of_the_board(meter, tmp_path):
    pins = dict(
        line.split(",GPIO") for line in (ROOT / "boards/METER_PICO/pins.csv").read_text().split()
    )
    script = tmp_path / "pins.py"
    script.write_text(
        "import machine\nfor n in dir(machine.Pin.board):\n print(n, getattr(machine.Pin.board, n))\n"
    )
    printed = dict(re.findall(r"(\w+) Pin\(GPIO(\d+),", meter.mpremote("run", str(script))))
    assert printed == pins


def test_deploy_refuses_a_board_whose_image_holds_the_modules(meter):
    code, _, words = toolchain("deploy", "--port", meter.prompt, check=False)
    assert code == 1
    assert "make flash" in words and "Traceback" not in words


def test_the_meter_answers_again_after_a_reset(meter):
    resets = meter.resets()
    meter.mpremote("reset")
    assert meter.sign_on(resets + 1).startswith(b"/")


# --- deploy onto a stock image ---


def test_deploy_puts_the_meter_on_a_stock_board(stock):
    assert "main" not in stock.mpremote("fs", "ls", ":")
    toolchain("deploy", "--port", stock.prompt)
    assert stock.sign_on(1).startswith(b"/")  # main.py started, from the file system
    words = stock.mpremote("exec", "import dlms.hdlc; print(dlms.hdlc.__file__)")
    assert words.strip() == "/lib/dlms/hdlc.mpy"
    assert ".py\n" not in stock.mpremote("fs", "ls", ":lib/dlms")
    _reads_within_its_stack(stock)


def _reads_within_its_stack(stock):
    stock.mpremote("reset")
    assert stock.sign_on(2).startswith(b"/")
    stock.ask(cmd="cpu", restack=True)
    with session(f"socket://127.0.0.1:{stock.doors['rs485']}") as made:
        for class_id, code in _LONG:
            assert made.get(class_id, code, 2)
    assert stock.ask(cmd="cpu")["stack_bytes"] < _STOCK_STACK


# --- what has no board behind it ---


def test_a_port_without_a_board_is_one_sentence():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = f"socket://127.0.0.1:{closed.getsockname()[1]}"
    for command in (["deploy"], ["flash"]):
        code, _, words = toolchain(*command, "--port", port, check=False)
        assert code == 1
        assert len(words.splitlines()) == 1 and port in words


# --- a release ---


def test_a_release_refuses_demo_passwords():
    code, _, words = toolchain("firmware", "--release", check=False)
    assert code == 1
    assert "demo" in words and "SECRETS=" in words and "Traceback" not in words


# --- the image ---


def test_uf2_holds_the_image_block_by_block():
    """UF2 block: 2 magics, flags, address, 256, number, count, family, data, magic (512 bytes)."""
    data = (BUILD / "firmware.uf2").read_bytes()
    image = b""
    for number in range(len(data) // 512):
        block = data[512 * number : 512 * number + 512]
        head = struct.unpack("<8I", block[:32])
        assert head == (
            0x0A324655,
            0x9E5D5157,
            0x00002000,
            0x10000000 + 256 * number,
            256,
            number,
            len(data) // 512,
            0xE48BFF56,
        )
        assert struct.unpack("<I", block[508:]) == (0x0AB16F30,)
        image += block[32:288]
    wanted = (BUILD / "firmware.bin").read_bytes()
    assert image[: len(wanted)] == wanted
    assert set(image[len(wanted) :]) <= {0}


def test_image_leaves_the_storage_area_alone():
    assert (BUILD / "firmware.bin").stat().st_size <= 640 * 1024


def test_frozen_native_code_is_word_aligned():
    """ARMv6-M loads 32-bit literals from word-aligned places only. Native code is in .text ("t")."""
    listing = subprocess.run(
        ["arm-none-eabi-nm", BUILD / "firmware.elf"], capture_output=True, text=True, check=True
    )
    native = re.findall(r"^(\w+) t (fun_data_\w+)", listing.stdout, re.M)
    assert len(native) >= 4
    assert [name for address, name in native if int(address, 16) % 4] == []
