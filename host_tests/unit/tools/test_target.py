"""Starting and stopping targets, and the control socket, with a stand-in for the meter."""

import contextlib
import io
import sys
import textwrap
import unittest
from pathlib import Path
from unittest import mock

from microcosem import run, target
from microcosem.control import Control, ControlError
from microcosem.target import Options, Target, TargetError

_METER = textwrap.dedent("""
    import json, socket, sys
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    print(json.dumps({"optical": 1, "rs485": 2, "control": port}), flush=True)
    while True:
        client, _ = server.accept()
        with client, client.makefile("rw") as lines:
            for line in lines:
                cmd = json.loads(line)["cmd"]
                if cmd == "leave":
                    sys.exit("gone away")
                if cmd == "babble":
                    print("no JSON", file=lines, flush=True)
                    continue
                answer = {"ok": cmd != "no", "error": "I will not", "enabled": True, "time_us": 2e6,
                          "baud": 300 if '"optical"' in line else 9600}
                print(json.dumps(answer), file=lines, flush=True)
""")


@contextlib.contextmanager
def stand_in(script):
    """Target(...) starts this script and no meter."""
    with mock.patch.object(target, "command", lambda *_: [sys.executable, "-c", script]):
        yield


class Commands(unittest.TestCase):
    def test_emulated_board(self):
        options = Options(optical=5001, image=Path(__file__), real_time=True, more=("--seed", "3"))
        with mock.patch("shutil.which", return_value="/usr/bin/node"):
            words = target.command("pico", options)
        self.assertEqual(words[0], "/usr/bin/node")
        self.assertEqual(words[words.index("--optical") + 1], "5001")
        self.assertEqual(words[words.index("--image") + 1], str(Path(__file__)))
        self.assertIn("--real-time", words)
        self.assertEqual(words[-2:], ["--seed", "3"])

    def test_host_needs_this_python_only(self):
        words = target.command("host", Options())
        self.assertEqual(words[0], sys.executable)
        self.assertTrue(words[1].endswith("host_tests/shims/start.py"))
        words = target.command("host", Options(wrapper=4059))
        self.assertEqual(words[words.index("--wrapper") + 1], "4059")

    def test_what_is_missing_is_named(self):
        with self.assertRaisesRegex(TargetError, "no target 'moon'"):
            target.command("moon", Options())
        absent = target.ROOT / "build" / "absent.bin"
        with mock.patch("shutil.which", return_value="/usr/bin/node"):
            with self.assertRaisesRegex(TargetError, "build/absent.bin; build it first"):
                target.command("pico", Options(image=absent))
        with mock.patch("shutil.which", return_value=None):
            with self.assertRaisesRegex(TargetError, "Node.js"):
                target.command("pico", Options())


class Running(unittest.TestCase):
    def test_doors_and_end(self):
        with stand_in(_METER), Target("host") as meter:
            self.assertEqual(meter.url("optical"), "socket://127.0.0.1:1")
            self.assertTrue(meter.alive())
            with meter.control() as control:
                self.assertEqual(control.time_s(), 2.0)
        self.assertFalse(meter.alive())

    def test_a_target_that_does_not_start_is_quoted(self):
        scripts = ("import sys; sys.exit('the port 5001 is taken')", "print('hello')",
                   "print('{\"optical\": \"x\"}')")  # fmt: skip
        words = ("the port 5001 is taken", "exit code 0", "exit code 0")
        for script, expected in zip(scripts, words):
            with stand_in(script), self.assertRaisesRegex(TargetError, expected):
                Target("host")

    def test_a_target_that_ends_at_once_is_quoted(self):
        script = _METER.replace('cmd == "leave"', "True")
        with stand_in(script), self.assertRaisesRegex(TargetError, "gone away"):
            Target("host")

    def test_a_target_that_ignores_signals_is_killed(self):
        script = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        with stand_in(script + _METER), mock.patch.object(target, "_STOP_S", 0.3):
            meter = Target("host")
            meter.stop()
        self.assertFalse(meter.alive())


class ControlSocket(unittest.TestCase):
    def test_refusals_are_quoted(self):
        with stand_in(_METER), Target("host") as meter, meter.control() as control:
            with self.assertRaisesRegex(ControlError, "refuses 'no': I will not"):
                control.ask("no")
            with self.assertRaisesRegex(ControlError, "does not answer 'babble'"):
                control.ask("babble")

    def test_an_end_in_the_middle(self):
        with stand_in(_METER), Target("host") as meter, meter.control() as control:
            with self.assertRaisesRegex(ControlError, "closed its control socket|does not answer"):
                control.ask("leave")

    def test_nobody_there(self):
        with self.assertRaisesRegex(ControlError, "no control socket at port 1"):
            Control(1)


class RunCommand(unittest.TestCase):
    def test_bad_options(self):
        for words in (["--target", "moon"], ["--optical", "x"], ["--rs485", "70000"]):
            with (
                contextlib.redirect_stderr(io.StringIO()),
                self.assertRaises(SystemExit) as caught,
            ):
                run.main(words)
            self.assertEqual(caught.exception.code, 2)

    def test_the_board_has_no_wrapper(self):
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            code = run.main(["--target", "pico", "--wrapper", "4059"])
        self.assertEqual(code, 1)
        self.assertEqual(
            err.getvalue(), "run: the emulated board has no network, so there is no wrapper\n"
        )

    def test_what_it_prints(self):
        with stand_in(_METER), Target("host") as meter:
            text = run.doors(meter)
        self.assertIn("optical  127.0.0.1:1", text)
        self.assertIn('make read ARGS="socket://127.0.0.1:2 --hdlc', text)

    def test_a_meter_that_ends_is_reported(self):
        err = io.StringIO()
        with stand_in(_METER), Target("host") as meter, contextlib.redirect_stderr(err):
            with meter.control() as control, contextlib.suppress(ControlError):
                control.ask("leave")
            self.assertEqual(run.watch(meter), 1)
        self.assertEqual(err.getvalue(), "run: the meter ended: gone away\n")


if __name__ == "__main__":
    unittest.main()
