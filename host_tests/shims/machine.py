"""`machine` as the rp2 port has it, as far as firmware/lib/port uses it; for CPython and unix.

UART ends in wires.py, the converter's registers switch mains.py on, everything else is kept in
plain attributes that tests can look at.
"""

import micropython  # installs time.ticks_* on CPython
import time

import control
import wires
from mains import mains

_ADC_CS = 0x4004C000
_ADC_CS_SET = 0x4004E000
_ADC_CS_CLEAR = 0x4004F000
_START_MANY = 8
_WATCHDOG_CLEAR = 0x4005B000
_UART_BASES = (0x40034000, 0x40038000)
_UART_RIS = 0x3C
_UART_ICR = 0x44
_DOORS_US = 1000  # the doors are looked at this often


class _Registers:
    """mem32: remembers; a few registers do something."""

    def __init__(self):
        self.words = {}

    def __getitem__(self, address):
        return self.words.get(address, 0)

    def __setitem__(self, address, value):
        value &= 0xFFFFFFFF
        if address == _WATCHDOG_CLEAR:
            WDT.running = WDT.running and not value >> 30 & 1
        elif address == _ADC_CS_SET:
            self._store(_ADC_CS, self[_ADC_CS] | value)
        elif address == _ADC_CS_CLEAR:
            self._store(_ADC_CS, self[_ADC_CS] & ~value)
        elif address - _UART_ICR in _UART_BASES:
            raw = address - _UART_ICR + _UART_RIS
            self.words[raw] = self.words.get(raw, 0) & ~value
        else:
            self._store(address, value)

    def _store(self, address, value):
        if address == _ADC_CS:
            mains.advance()
            mains.running = bool(value & _START_MANY)
        self.words[address] = value


mem32 = _Registers()
_looked_us = time.ticks_us()


def pump(now_us=None):
    """Look at the doors, if it is time."""
    global _looked_us
    now = time.ticks_us()
    if time.ticks_diff(now, _looked_us) < _DOORS_US:
        return
    _looked_us = now
    for wire in wires.wires:
        wire.pump()
    control.pump()


def idle():
    """Sleep as the rp2 port's idle does: until something happens, 1 ms at most."""
    time.sleep_us(500)
    pump()


class UART:
    """PL011 with its far end at wires.wires[number]."""

    def __init__(self, number, baudrate=115200, **options):
        self.wire = wires.wires[number]
        self.init(baudrate=baudrate, **options)

    def init(self, baudrate=None, bits=8, parity=None, stop=1, **options):
        names = {None: "none", 0: "even", 1: "odd"}
        if baudrate is None:
            baudrate = self.wire.line[0]
        self.mask = (1 << bits) - 1
        self.wire.line = (baudrate, bits, names[parity])

    def write(self, data):
        self.wire.send(bytes([octet & self.mask for octet in data]))
        return len(data)

    def txdone(self):
        return True


class Pin:
    """A pin that remembers its level; states maps every pin that was made to its last level."""

    IN, OUT = 0, 1
    PULL_UP = 1
    states = {}

    def __init__(self, number, mode=IN, pull=None, value=None):
        self.number = number
        self.alone = int(pull == Pin.PULL_UP)  # the level of an input that nobody drives
        if value is not None:
            self(value)

    def __call__(self, value=None):
        if value is None:
            return Pin.states.get(self.number, self.alone)
        Pin.states[self.number] = value
        return None


class ADC:
    def __init__(self, pin):
        mem32[_ADC_CS] |= 1


class RTC:
    """Kept by the host's clock, from 2021-01-01 at the start until it is set."""

    _set_s = time.time()  # the host's clock when it was set
    _base_s = 1609459200  # 2021-01-01, which the rp2 port starts from

    def datetime(self, wanted=None):
        if wanted is not None:
            RTC._base_s = _seconds(wanted)
            RTC._set_s = time.time()
            return None
        return _broken_down(RTC._base_s + int(time.time() - RTC._set_s))


def _seconds(fields):
    # Since 1970, by day counting; years 1970..2099.
    year, month, day = fields[0], fields[1], fields[2]
    days = (year - 1970) * 365 + (year - 1969) // 4 + day - 1
    days += (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)[month - 1]
    if month > 2 and year % 4 == 0:
        days += 1
    return days * 86400 + fields[4] * 3600 + fields[5] * 60 + fields[6]


def _broken_down(seconds):
    year = 1970 + seconds // 31557600
    while _seconds((year + 1, 1, 1, 0, 0, 0, 0)) <= seconds:
        year += 1
    month = 12
    while _seconds((year, month, 1, 0, 0, 0, 0)) > seconds:
        month -= 1
    rest = seconds - _seconds((year, month, 1, 0, 0, 0, 0))
    weekday = (seconds // 86400 + 3) % 7  # 1970-01-01 was a Thursday
    return (
        year,
        month,
        rest // 86400 + 1,
        weekday,
        rest // 3600 % 24,
        rest // 60 % 60,
        rest % 60,
        0,
    )


def reset():
    """As start.py has it; alone it is an error."""
    on_reset()


def on_reset():
    raise RuntimeError("there is nothing to start anew")


class I2C:
    """A bus; devices maps the address of each chip on it to its model (see ds3231_chip.py)."""

    devices = {}

    def __init__(self, number, *, scl=None, sda=None, freq=400000, timeout=50000):
        self.pins = (number, scl.number, sda.number)

    def _chip(self, address):
        chip = I2C.devices.get(address)
        if chip is None or chip.deaf:
            raise OSError(5)  # EIO: nobody acknowledged
        return chip

    def readfrom_mem(self, address, register, size):
        return self._chip(address).read(register, size)

    def readfrom_mem_into(self, address, register, buf):
        octets = self._chip(address).read(register, len(buf))
        for k in range(len(buf)):
            buf[k] = octets[k]

    def writeto_mem(self, address, register, buf):
        self._chip(address).write(register, bytes(buf))


class WDT:
    running = False
    fed = 0

    def __init__(self, timeout=5000):
        WDT.running = True

    def feed(self):
        WDT.fed += 1
