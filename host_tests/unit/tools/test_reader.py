"""The command line: what it prints, what it says when something is wrong, and its exit codes."""

import contextlib
import io
import json
import os
import random
import socket
import subprocess
import sys
import termios
import threading
import unittest
import unittest.mock
from pathlib import Path

from fakes import FakeMeter, vectors
from microcosem import names, reader, values
from microcosem.errors import UsageError

_TOOLS = Path(__file__).resolve().parents[3] / "tools"
_VOLTAGE = bytes((1, 0, 32, 7, 0, 255))
_ENERGY = bytes((1, 0, 1, 8, 0, 255))
_CLOCK = bytes((0, 0, 1, 0, 0, 255))
_LIST = bytes((0, 0, 40, 0, 0, 255))
_NAME = bytes((0, 0, 42, 0, 0, 255))


def _row(class_id, obis, modes):
    """One element of an object list: {class, version, name, {attributes, methods}}."""
    rights = b"".join(
        b"\x02\x03\x0f" + bytes((number,)) + b"\x16" + bytes((mode,)) + b"\x00"
        for number, mode in modes
    )
    return (
        b"\x02\x04\x12"
        + class_id.to_bytes(2, "big")
        + b"\x11\x00\x09\x06"
        + obis
        + b"\x02\x02\x01"
        + bytes((len(modes),))
        + rights
        + b"\x01\x00"
    )


_ROWS = [
    _row(1, _NAME, [(1, 1), (2, 1)]),
    _row(8, _CLOCK, [(1, 1), (2, 3), (3, 0)]),
    _row(3, _VOLTAGE, [(1, 1), (2, 1), (3, 1)]),
    _row(3, _ENERGY, [(1, 1), (2, 1), (3, 1)]),
]
_VALUES = {
    (1, _NAME, 2): b"\x09\x10MIC1234567890123",
    (8, _CLOCK, 2): bytes.fromhex("090C07E80714060C1E0000FF8880"),
    (3, _VOLTAGE, 2): bytes.fromhex("125A0B"),  # 23051
    (3, _VOLTAGE, 3): bytes.fromhex("02020FFE1623"),  # 10^-2 V
    (3, _ENERGY, 2): bytes.fromhex("15000000000001E240"),  # 123456
    (3, _ENERGY, 3): bytes.fromhex("02020F00161E"),  # Wh
    (15, _LIST, 2): b"\x01" + bytes((len(_ROWS),)) + b"".join(_ROWS),
}


class Door:
    """A TCP port with a fake meter (or a talker) behind it; one connection at a time."""

    def __init__(self, sign_on=True, talk=None):
        self.meter = FakeMeter(_VALUES, block=100)
        self.sign_on, self.talk = sign_on, talk
        self.echoes = False
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                with connection, contextlib.suppress(ConnectionError):
                    self._answer(connection)

    def _answer(self, connection):
        in_hdlc = not self.sign_on
        while data := connection.recv(4096):
            if self.echoes:
                connection.sendall(data)
            if self.talk is not None:
                connection.sendall(self.talk(data))
            elif in_hdlc:
                self.meter.write(data)
                connection.sendall(self.meter.read())
            elif data.startswith(b"/?"):
                connection.sendall(b"/MIC5\\2TESTMETER\r\n")
            elif data.startswith(b"\x060"):
                connection.sendall(vectors()["21_readout_block"])
            elif data.startswith(b"\x06"):
                connection.sendall(data)
                in_hdlc = True

    def close(self):
        self._server.close()


def _run(*arguments):
    """(exit code, standard output, standard error) of the reader."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = reader.main(list(arguments))
        except SystemExit as stop:
            code = stop.code
    return code, out.getvalue(), err.getvalue()


def setUpModule():
    """No gap at the hand-over, and none where pyserial closes a socket."""
    patch = unittest.mock.patch("time.sleep")
    patch.start()
    unittest.addModuleCleanup(patch.stop)


class Reading(unittest.TestCase):
    def setUp(self):
        self.door = Door()
        self.addCleanup(self.door.close)

    def test_table(self):
        code, out, err = _run(self.door.url, "1-0:32.7.0", "1-0:1.8.0", "0-0:1.0.0")
        self.assertEqual((code, err), (0, ""))
        for text in (
            "1-0:32.7.0",
            "voltage L1",
            "230.51",
            " V ",
            "123456",
            "Wh",
            "2024-07-20 12:30:00 +02:00",
            "summer",
            "MIC TESTMETER, 9600 baud",
        ):
            self.assertIn(text, out)

    def test_json(self):
        code, out, _ = _run(self.door.url, "--json", "1-0:32.7.0")
        (row,) = json.loads(out)
        self.assertEqual(code, 0)
        self.assertEqual(
            (row["obis"], row["value"], row["unit"], row["raw"]),
            ("1-0:32.7.0", "230.51", "V", 23051),
        )

    def test_list(self):
        code, out, _ = _run(self.door.url, "--list", "--json")
        rows = json.loads(out)
        self.assertEqual(code, 0)
        self.assertEqual(
            [row["obis"] for row in rows], ["0-0:42.0.0", "0-0:1.0.0", "1-0:32.7.0", "1-0:1.8.0"]
        )
        self.assertEqual(rows[0]["value"], "MIC1234567890123")

    def test_list_with_attributes(self):
        _, out, _ = _run(self.door.url, "--list", "--attributes", "--json")
        read = [(row["obis"], row["attribute"]) for row in json.loads(out)]
        self.assertIn(("1-0:32.7.0", 3), read)
        self.assertNotIn(("0-0:1.0.0", 3), read)  # this client may not

    def test_usual_values_leave_out_what_the_meter_has_not(self):
        code, out, _ = _run(self.door.url, "--json")
        self.assertEqual(code, 0)
        self.assertEqual(
            {row["obis"] for row in json.loads(out)},
            {"0-0:42.0.0", "0-0:1.0.0", "1-0:32.7.0", "1-0:1.8.0"},
        )

    def test_an_object_that_is_not_there(self):
        code, out, _ = _run(self.door.url, "1-0:32.7.0", "1-0:52.7.0")
        self.assertEqual(code, 1)
        self.assertIn("object undefined (4)", out)
        self.assertIn("230.51", out)

    def test_a_class_that_no_table_knows_comes_from_the_object_list(self):
        code, out, _ = _run(self.door.url, "--json", "0-1:99.99.0")
        self.assertEqual(code, 1)
        self.assertEqual(self.door.meter.requests[1][3:12], b"\x00\x0f" + _LIST + b"\x02")
        self.assertIn("object undefined", out)

    def test_long_values_are_cut_in_the_table_only(self):
        _, table, _ = _run(self.door.url, "15/0-0:40.0.0")
        self.assertIn("[4 elements]", table)
        _, out, _ = _run(self.door.url, "--json", "15/0-0:40.0.0")
        self.assertEqual(len(json.loads(out)[0]["raw"]), 4)
        self.assertEqual(values.brief(b"\x07" * 40, "07" * 40), "07" * 32 + "… (40 octets)")
        self.assertEqual(values.brief("x" * 99, "x" * 99), "x" * 64 + "…")
        self.assertEqual(values.brief(5, "5"), "5")

    def test_readout(self):
        code, out, err = _run(self.door.url, "--readout")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out.split(), "MIC TESTMETER, 9600 baud 1.8.0 000123.45 kWh".split())
        code, out, _ = _run(self.door.url, "--readout", "--json")
        wanted = [{"address": "1.8.0", "value": "000123.45", "unit": "kWh"}]
        self.assertEqual((code, json.loads(out)), (0, wanted))

    def test_trace(self):
        _, _, err = _run(self.door.url, "--trace", "1-0:32.7.0")
        for text in ("300 baud 7E1", ">> 2F 3F 21 0D 0A", "9600 baud 8N1", ">> 7E A0 07 03 21 93"):
            self.assertIn(text, err)

    def test_twice_on_one_port(self):
        for _ in range(2):
            self.assertEqual(_run(self.door.url, "1-0:32.7.0")[0], 0)


class SerialPort(unittest.TestCase):
    """A pseudo-terminal: pyserial opens and sets it like a serial port, but it has no 7E1."""

    def setUp(self):
        self.master, self.slave = os.openpty()
        self.path = os.ttyname(self.slave)
        self.meter, self.in_hdlc, self.heard = FakeMeter(_VALUES), False, []
        self.addCleanup(os.close, self.slave)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while data := os.read(self.master, 4096):
                self.heard.append((data, termios.tcgetattr(self.slave)[4]))
                self._answer(data)

    def _answer(self, data):
        if self.in_hdlc:
            self.meter.write(data)
            os.write(self.master, self.meter.read())
        elif data[0] & 0x7F == 0x2F:
            os.write(self.master, b"/MIC5\\2TESTMETER\r\n")
        elif data[0] & 0x7F == 0x06:
            os.write(self.master, data)
            self.in_hdlc = True

    def test_speeds_and_parity(self):
        """300 baud with even parity in bit 7, then 9600 baud and eight bits."""
        code, out, err = _run(self.path, "1-0:32.7.0")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("230.51", out)
        self.assertEqual(self.heard[0], (bytes.fromhex("AF3F218D0A"), termios.B300))
        self.assertEqual(self.heard[1][0], bytes.fromhex("06B235B28D0A"))
        self.assertEqual({speed for _, speed in self.heard[2:]}, {termios.B9600})
        self.assertEqual(self.heard[2][0], bytes.fromhex("7EA0070321930F017E"))


class DamagingMeter(FakeMeter):
    """Whole frames with damaged APDUs inside: no check sequence helps the reader."""

    def __init__(self, seed):
        super().__init__(_VALUES, block=100)
        self.dice = random.Random(seed)

    def _answer(self, request):
        made = bytearray(super()._answer(request))
        for _ in range(self.dice.choice((0, 0, 0, 1, 2))):
            made[self.dice.randrange(len(made))] = self.dice.randrange(256)
        return bytes(made[: self.dice.choice((len(made), len(made), self.dice.randrange(1, 60)))])


class Damage(unittest.TestCase):
    def test_any_apdu_ends_in_a_table_or_a_sentence(self):
        door = Door(sign_on=False)
        self.addCleanup(door.close)
        seen = set()
        for seed in range(60):
            door.meter = DamagingMeter(seed)
            words = ["--list", "--attributes"] if seed % 2 else ["1-0:1.8.0", "0-0:1.0.0"]
            code, out, err = _run(door.url, "--hdlc", "--timeout", "0.05", *words)
            self.assertIn(code, (0, 1), seed)
            self.assertTrue(out or err.count("\n") == 1, seed)
            seen.add(err[:40])
        self.assertGreater(len(seen), 5)  # many different sentences

    def test_any_octets_end_in_a_sentence(self):
        for seed in range(8):
            dice = random.Random(seed)
            door = Door(talk=lambda data, dice=dice: dice.randbytes(dice.randrange(80)))
            self.addCleanup(door.close)
            how = ["--hdlc"] if seed % 2 else []
            code, _, err = _run(door.url, *how, "--timeout", "0.02")
            self.assertEqual((code, err.count("\n")), (1, 1))


class Echo(unittest.TestCase):
    def test_an_echo_can_be_taken_out(self):
        """Every octet comes back before the answer, as some optical heads do it."""
        door = Door()
        self.addCleanup(door.close)
        door.echoes = True
        code, out, err = _run(door.url, "--echo", "1-0:32.7.0", "1-0:1.8.0")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("230.51", out)
        code, _, err = _run(door.url, "--hdlc", "--timeout", "0.05")
        self.assertEqual(code, 1)
        self.assertIn("--echo", err)


class Faults(unittest.TestCase):
    def check(self, words, *arguments, talk=None, kind=None, code=1):
        door = Door(talk=talk)
        self.addCleanup(door.close)
        got, out, err = _run(door.url, "--timeout", "0.05", "--json", *arguments)
        self.assertEqual(got, code)
        self.assertIn(words, err)
        self.assertEqual(err.count("\n"), 1)
        self.assertNotIn("Traceback", err)
        if kind:
            self.assertEqual(json.loads(out)["error"]["kind"], kind)

    def test_echo(self):
        self.check("comes straight back", talk=lambda data: data, kind="echo")
        self.check("comes straight back", "--hdlc", talk=lambda data: data, kind="echo")

    def test_silence(self):
        self.check("no answer to the sign-on", talk=lambda data: b"", kind="silence")
        self.check("UA missing", "--hdlc", talk=lambda data: b"", kind="silence")

    def test_no_readout(self):
        talk = lambda data: b"/ABC5METER\r\n" if data[:1] == b"/" else b""  # noqa: E731
        self.check("no data readout", "--readout", talk=talk, kind="silence")
        talk = lambda data: b"/ABCEMETER\r\n"  # noqa: E731 (mode B)
        self.check("'E', which is unknown", "--readout", talk=talk, kind="sign-on")

    def test_garbage(self):
        self.check("parity", talk=lambda data: b"\xff\x81\x00", kind="garbage")
        self.check("8N1", "--hdlc", talk=lambda data: b"\xff\x81\x00", kind="garbage")

    def test_a_meter_without_mode_e(self):
        self.check("does not offer mode E", talk=lambda data: b"/ABC5METER\r\n", kind="sign-on")

    def test_usage(self):
        for arguments in (
            ["nonsense"],
            ["1.2"],
            ["1-0:1.8.999"],
            ["--client", "0"],
            ["--client", "127"],
            ["--server", "200"],
            ["--physical", "900"],
            ["--max-baud", "12"],
            ["--max-info", "9"],
            ["--window", "9"],
            ["--timeout", "0"],
            ["--readout", "--timeout", "0"],
            ["--readout", "--hdlc"],
            ["--readout", "1-0:1.8.0"],
            ["--meter", "!!"],
            ["--password", "\u20ac"],
        ):
            with self.subTest(arguments):
                door = Door()
                self.addCleanup(door.close)
                code, _, err = _run(door.url, *arguments)
                self.assertEqual(code, 2)
                self.assertTrue(err.startswith("reader: "))

    def test_port(self):
        for url in ("/dev/no_such_port", "socket://127.0.0.1:1", "socket://", "http://x", ""):
            code, _, err = _run(url)
            self.assertEqual(code, 1, url)
            self.assertIn("cannot be opened", err)


class Process(unittest.TestCase):
    def test_as_a_module(self):
        run = subprocess.run(
            [sys.executable, "-m", "microcosem.reader", "/dev/no_such_port"],
            env=os.environ | {"PYTHONPATH": str(_TOOLS)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stderr.count("\n"), 1)
        self.assertIn("cannot be opened: no such file or directory", run.stderr)


class Names(unittest.TestCase):
    def test_forms_of_a_code(self):
        whole = bytes((1, 0, 1, 8, 0, 255))
        for text in ("1-0:1.8.0", "1-0:1.8.0.255", "1.0.1.8.0.255", "1.8.0", "1-0:1.8.0*255"):
            self.assertEqual(names.parse(text), (None, whole, None), text)
        self.assertEqual(names.parse("3/1-0:1.8.0/3"), (3, whole, 3))
        self.assertEqual(names.parse("96.1.0")[1], bytes((0, 0, 96, 1, 0, 255)))
        for text in ("", "1", "x", "1.8", "1-0:1.8.0/200", "70000/1-0:1.8.0", "1-0:1.8.256"):
            with self.assertRaises(UsageError):
                names.parse(text)

    def test_names(self):
        for text, name in (
            ("1-0:1.8.0", "active energy import total"),
            ("1-0:2.8.1", "active energy export tariff 1"),
            ("1-0:52.7.0", "voltage L2"),
            ("1-0:91.7.0", "current neutral"),
            ("1-0:16.7.0", "active power net"),
            ("0-0:1.0.0", "clock"),
            ("0-0:40.0.2", "association 2"),
            ("1-0:99.1.0", ""),
        ):
            self.assertEqual(names.name(names.parse(text)[1]), name)


if __name__ == "__main__":
    unittest.main()
