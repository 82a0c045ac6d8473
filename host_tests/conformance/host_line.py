"""The whole firmware in this process, with a clock of its own: no time passes but what is asked.

Every Meter loads the firmware's modules anew, so nothing of one case is left in the next.
Octets go through port/channel.py and the fake UARTs in memory (host_tests/shims).
"""

import sys
import time
from pathlib import Path

import micropython  # noqa: F401 (installs the names that MicroPython has built in)

_ROOT = Path(__file__).resolve().parents[2]
_FIRMWARE = _ROOT / "firmware"
_SHIMS = _ROOT / "host_tests" / "shims"
_STEP_MS = 4  # as often as port/channel.py looks at the time
_PASSES_MAX = 8  # of a step: while it hears octets the loop is busy until time goes on
_LONG_MS, _LONG_STEP_MS = 3000, 20  # long waits go in larger steps
_QUIET_MS = 40  # nothing more comes behind an answer
_SLOW_QUIET_MS = 1200  # 7E1: behind a line of a readout at 300 Bd comes the next, when it has left
_RESPONSE_MS = 500  # of HDLC: the meter answers in the same pass, a real one within this
_SIGN_ON_MS = 1600  # longest reaction time of IEC 62056-21
_TICKS_MASK = 0x3FFFFFFF
_DAMAGE = 0x100  # parity error of the PL011's RIS
_UARTS = {"optical": (0, 0x4003403C), "rs485": (1, 0x4003803C)}
_PATHS = [str(_SHIMS), str(_FIRMWARE), str(_FIRMWARE / "lib")]

for _folder in _PATHS:
    if _folder not in sys.path:
        sys.path.append(_folder)

_OURS = {p.stem for folder in (_FIRMWARE, _SHIMS) for p in folder.glob("*.py")}
_OURS |= {p.name for p in (_FIRMWARE / "lib").iterdir() if p.is_dir()}
_OURS -= {"micropython", "start"}


def _is_ours(name):
    return name.split(".")[0] in _OURS


def _take_out():
    """The firmware's modules as they are loaded now, taken out of the interpreter."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if _is_ours(name)}


class _OwnTime:
    """`time` for the shims: the date goes with the meter's clock, from 2021-01-01 on."""

    def __init__(self, meter):
        self._meter = meter

    def time(self):
        return self._meter.now_ms // 1000

    def __getattr__(self, name):
        return getattr(time, name)


class _NoGarbage:
    """`gc` for main.py: two minutes of its time would otherwise be 60 collections of ours."""

    @staticmethod
    def collect():
        return 0


class Meter:
    """A meter just switched on. config: names of firmware/config.py with other values."""

    kind = "host"

    def __init__(self, config=None):
        self.now_ms = 1000
        self._others = _take_out()
        try:
            module = __import__("config")
            for name, value in (config or {}).items():
                if not hasattr(module, name):
                    raise KeyError(f"firmware/config.py has no {name}")
                setattr(module, name, value)
            main = __import__("main")
        except BaseException:
            self.close()
            raise
        main.gc = _NoGarbage
        self.loop = main.loop
        self.loop.adc.produced = lambda: 0  # the measurement stands still
        self.modules = {name: sys.modules[name] for name in list(sys.modules) if _is_ours(name)}
        machine = self.modules["machine"]
        machine.time = _OwnTime(self)
        machine.RTC._set_s = machine.time.time()

    def close(self):
        """Gives the interpreter its modules back."""
        _take_out()
        sys.modules.update(self._others)

    def line(self, door):
        return Line(self, door)

    def step(self, ms=_STEP_MS):
        """One step of time, and whatever the main loop does in it."""
        self.now_ms = self.now_ms + ms & _TICKS_MASK
        for _ in range(_PASSES_MAX):
            if not self.loop.once(self.now_ms):
                return

    def wait(self, ms):
        step = _STEP_MS if ms < _LONG_MS else _LONG_STEP_MS
        for _ in range(0, ms, step):
            self.step(step)

    def bugs(self):
        """How many exceptions of its own the server has caught."""
        return self.loop.bugs()


class Line:
    """One line of the meter with us at its far end."""

    def __init__(self, meter, door):
        self.meter, self.door = meter, door
        number, self._ris = _UARTS[door]
        self.wire = meter.modules["wires"].wires[number]

    @property
    def baud(self):
        return self.wire.line[0]

    def take(self):
        """What the meter has sent since the last time."""
        heard, self.wire.tx = bytes(self.wire.tx), bytearray()
        return heard

    def send(self, octets):
        """Octets, all at once."""
        self.wire.rx += octets
        self.meter.step()

    def send_slowly(self, octets, gap_ms=_STEP_MS):
        """One octet at a time."""
        for octet in octets:
            self.wire.rx.append(octet)
            self.meter.step(gap_ms)

    def damaged(self, octets):
        """Octets of which the UART says that their parity or stop bit is wrong."""
        words = self.meter.modules["machine"].mem32.words
        words[self._ris] = words.get(self._ris, 0) | _DAMAGE
        self.send(octets)

    def wait(self, ms):
        self.meter.wait(ms)

    def listen(self):
        """All that comes until the line is quiet, or silence for the response time."""
        heard, quiet_ms = self.take(), 0
        patience_ms = _SIGN_ON_MS if self.wire.line[1] == 7 else _RESPONSE_MS
        while quiet_ms < (self._quiet_ms() if heard else 2 * patience_ms):
            self.meter.step()
            quiet_ms += _STEP_MS
            if piece := self.take():
                heard, quiet_ms = heard + piece, 0
        return heard

    def _quiet_ms(self):
        return _SLOW_QUIET_MS if self.wire.line[1] == 7 else _QUIET_MS

    def nothing(self):
        """What comes although nothing should."""
        return self.listen()

    def exchange(self, octets):
        """Sends; all that comes back."""
        self.send(octets)
        return self.listen()
