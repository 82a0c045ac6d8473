"""A whole meter in a world of its own: a time that is asked for, a flash that stays when the power
goes, a clock chip with a battery or none.

The firmware's modules run untouched, as main.py puts them together. Every start loads all of them
anew, from code that was compiled once, so nothing but the flash and the chip outlasts a power cut.
"""

import gc  # noqa: F401 (the firmware gets another one)
import importlib.abc
import importlib.util
import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

import micropython  # noqa: F401 (installs the names that MicroPython has built in)
import nor

_ROOT = Path(__file__).resolve().parents[2]
_FIRMWARE = _ROOT / "firmware"
_SHIMS = _ROOT / "host_tests" / "shims"
_TICKS_MASK = 0x3FFFFFFF
_EPOCH = datetime(2000, 1, 1)
_UNIX_2000 = 946684800
_UNIX_2021 = 1609459200  # what the RP2040's clock starts from
_STATUS, _OSF = 0x0F, 0x80  # of the DS3231
_OURS = {p.stem for folder in (_FIRMWARE, _SHIMS) for p in folder.glob("*.py")}
_OURS |= {p.name for p in (_FIRMWARE / "lib").iterdir() if p.is_dir()}
_OURS -= {"micropython", "start", "nor"}
_RS485 = 1


class Flash(nor.Nor):
    """A Nor that stays dead after a cut, until revive(), and is quick where nothing is cut."""

    def __init__(self, sectors):
        super().__init__(sectors)
        self.dead = False

    def _operate(self, sector, offset, data):
        if self.dead:
            raise nor.PowerCut()
        try:
            super()._operate(sector, offset, data)
        except nor.PowerCut:
            self.dead = True
            raise

    def leave(self, sector, offset, data, picture):
        if data is None or picture != nor.AFTER:
            super().leave(sector, offset, data, picture)
            return
        self.programs += 1
        at = sector * nor.SECTOR + offset
        old = int.from_bytes(self.octets[at : at + nor.PAGE], "big")
        made = old & int.from_bytes(data, "big")
        self.octets[at : at + nor.PAGE] = made.to_bytes(nor.PAGE, "big")

    def revive(self):
        self.dead = False
        self.cut_at = None


class Battery:
    """A DS3231 by its registers; it counts with the world."""

    deaf = False

    def __init__(self, world):
        self._world = world
        self._ahead_s = 0  # of the world's time
        self._state = bytearray(16)
        self._state[_STATUS] = _OSF

    def lose(self):
        """The battery was empty while the power was off."""
        self._state[_STATUS] |= _OSF

    def read(self, register, size):
        now = _EPOCH + timedelta(seconds=self._world.now_s + self._ahead_s)
        parts = (now.second, now.minute, now.hour, now.isoweekday(), now.day, now.month)
        self._state[:7] = bytes([_bcd(part) for part in (*parts, now.year - 2000)])
        return bytes(self._state[register : register + size])

    def write(self, register, octets):
        self._state[register : register + len(octets)] = octets
        if register == 0:
            second, minute, hour, _, day, month, year = [_binary(octet) for octet in octets]
            made = datetime(2000 + year, month & 0x1F, day, hour, minute, second)
            self._ahead_s = int((made - _EPOCH).total_seconds()) - self._world.now_s


def _bcd(number):
    return number // 10 << 4 | number % 10


def _binary(octet):
    return (octet >> 4) * 10 + (octet & 15)


class _Compiled(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the firmware's modules and the shims; compiles each once."""

    folders = (_SHIMS, _FIRMWARE, _FIRMWARE / "lib")
    found = {}  # name -> (code, file, is a package)

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in _OURS:
            return None
        if name not in self.found and not self._compile(name):
            return None
        _, file, package = self.found[name]
        spec = importlib.util.spec_from_loader(name, self, origin=file, is_package=package)
        if package:
            spec.submodule_search_locations = [str(Path(file).parent)]
        return spec

    def _compile(self, name):
        for folder in self.folders:
            place = folder.joinpath(*name.split("."))
            package = place.is_dir()
            file = place / "__init__.py" if package else place.with_suffix(".py")
            if file.exists():
                code = compile(file.read_text(encoding="utf-8"), str(file), "exec")
                self.found[name] = (code, str(file), package)
                return True
        return False

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        code, module.__file__, _ = self.found[module.__name__]
        exec(code, module.__dict__)


class _Time:
    """`time` for the shims: the chip's own clock goes with the world."""

    def __init__(self, world):
        self._world = world

    def time(self):
        return _UNIX_2000 + self._world.now_s

    def __getattr__(self, name):
        import time

        return getattr(time, name)


class _NoGarbage:
    """`gc` for the firmware: the interpreter collects when it likes."""

    @staticmethod
    def collect():
        return 0


class World:
    """now_s: true UTC seconds since 2000. battery: the meter has a DS3231."""

    def __init__(self, start, seed, battery=True, sectors=192):
        self.now_s = int((start - _EPOCH).total_seconds())
        self.random = random.Random(seed)
        self.battery = battery
        self.flash = Flash(sectors)
        self.chip = Battery(self)
        self.starts = 0
        self.loop = None
        self._started_s = 0
        self._others = _take_out()
        self._finder = _Compiled()
        sys.meta_path.insert(0, self._finder)

    def close(self):
        """Gives the interpreter its modules back."""
        sys.meta_path.remove(self._finder)
        _take_out()
        sys.modules.update(self._others)

    def start(self):
        """Power on; a PowerCut may come out of it."""
        self.loop = None
        _take_out()
        self._started_s = self.now_s - 1
        self._prepare()
        self.starts += 1
        garbage, sys.modules["gc"] = sys.modules["gc"], _NoGarbage
        try:
            main = __import__("main")
        finally:
            sys.modules["gc"] = garbage
        self.loop = main.loop
        self.loop.adc.produced = lambda: 0  # energy comes from the test
        assert self.loop.memory.fault is None

    def _prepare(self):
        config = __import__("config")
        config.RTC = "ds3231" if self.battery else "internal"
        machine = __import__("machine")
        machine.time = _Time(self)
        machine.RTC._set_s = machine.time.time()
        machine.I2C.devices = {0x68: self.chip}
        __import__("port.flash")
        sys.modules["port.flash"].partition = lambda: self.flash

    def lived_s(self):
        """Seconds since the first pass of the main loop."""
        return self.now_s - self._started_s - 1

    def module(self, name):
        return sys.modules[name]

    def once(self):
        """The main loop, now, until it would sleep."""
        while self.loop.once((self.now_s - self._started_s) * 1000 & _TICKS_MASK):
            pass

    def server(self):
        """The DLMS server of the second port."""
        return self.loop.channels[_RS485].door.server


def _take_out():
    """The firmware's modules as they are loaded now, taken out of the interpreter."""
    taken = [name for name in sys.modules if name.split(".")[0] in _OURS]
    return {name: sys.modules.pop(name) for name in taken}
