"""What lasts, measured at the prompt of the board: capture of a row, a full store, its mount.

The load profile is filled through its own log with rows like one that it captured, a quarter of an
hour apart, so that a reading of it is like that of a meter which has run for a month.
"""

from __future__ import annotations

from dataclasses import dataclass

from .bench_prompt import Prompt, PromptError

LOAD_PROFILE = bytes((1, 0, 99, 1, 0, 255))  # firmware/meter.toml
_CAPTURES = 20
_READS = 50

# Rows go to the log past the profile, which goes on believing that its rows are in order: they are.
_STORE = """
import gc, time
from cosem import internal, live, profile_reading
from meter import date, log, settings
from port import flash
us = time.ticks_us; diff = time.ticks_diff
memory = loop.memory
loads = live.of(internal.find(7, %r))
loads.open()
def timed(f, *a):
    b = us(); r = f(*a); e = us()
    if r is False: raise ValueError('the store took no row')
    return diff(e, b)
def tidy():
    while memory.tend(True): pass
    gc.collect()
def captured():
    return bytes(memoryview(profile_reading.buffer)[:loads.columns.capture()])
def captures(count):
    found = []
    for k in range(count):
        tidy(); whole = timed(loads.capture)
        tidy(); columns = timed(loads.columns.capture)
        row = captured()
        found.append((whole, columns, timed(loads.log.append, row)))
    return found
def stamped(row, fields):
    # 09 0C | year u16, month, day, weekday, hour, minute, second, hundredths, deviation, status
    row[2] = fields[0] >> 8; row[3] = fields[0] & 255
    for k in range(1, 6): row[3 + k] = fields[k]
    row[9] = 0
    return row
def add(kept, row):
    while not kept.append(row):
        if not memory.tend(True): raise ValueError('the store is full')
def fill(count):
    row = bytearray(captured())
    fields = [0] * 10
    count = min(count, loads.capacity)
    tidy(); loads.empty()  # those that it captured are younger
    for k in range(count):
        date.put_minute(fields, 9000000 + 15 * k)
        add(loads.log, stamped(row, fields))
    tidy()  # an erase stops the chip, and a frame that comes meanwhile is lost
    return count
def fill_others(count):
    total = 0
    for other in live.made.values():
        kept = getattr(other, 'log', None)
        if kept is not None and other is not loads:
            row = bytes(kept.asked[0])
            for k in range(min(count, kept.capacity)): add(kept, row)
            total += kept.next - kept.first
    return total
def fill_settings(count):
    octets = 0
    for key in range(0xE000, 0xE000 + count):
        if not settings.put(key, bytes(100)): break
        octets += 100; tidy()
    return octets
def mount():
    from meter.journal import Journal
    from meter.store import Store
    gc.collect()
    a = us(); journal = Journal(flash.partition()); store = Store(journal); b = us()
    logs = 0
    for other in live.made.values():
        kept = getattr(other, 'log', None)
        if kept is not None:
            log.Log(journal, kept._number, *kept.asked); logs += 1
    return diff(b, a), diff(us(), b), logs
def reads(count):
    out = bytearray(300); first = loads.log.first; spent = 0
    for k in range(count): spent += timed(loads.log.read, first + k, out, 0)
    return spent / count
"""
_START = """
import time
a = time.ticks_us()
import main
print(time.ticks_diff(time.ticks_us(), a))
"""


@dataclass(frozen=True)
class Capture:
    """Microseconds: a capture, in it the columns' values, and the row on its way into flash."""

    whole_us: tuple[int, ...]
    columns_us: tuple[int, ...]
    append_us: tuple[int, ...]


@dataclass(frozen=True)
class Mount:
    """A store of so many rows and octets of settings, taken in again."""

    rows: int  # of the load profile
    other_rows: int
    settings: int  # octets
    base_us: int  # journal and settings
    logs_us: int
    logs: int
    read_us: float  # one row of the load profile

    @property
    def whole_us(self) -> int:
        return self.base_us + self.logs_us


def prepare(prompt: Prompt, rows: int) -> tuple[Capture, int]:
    """Measures captures of the stopped meter, then gives its load profile that many rows; how
    many it has then."""
    prompt.run(_STORE % LOAD_PROFILE)
    captured = prompt.value(f"print(captures({_CAPTURES}))")
    if not captured:
        raise PromptError("the load profile captures nothing")
    filled = prompt.value(f"print(fill({rows}))")
    return Capture(*zip(*captured, strict=True)), filled


def mount(prompt: Prompt, rows: int) -> Mount:
    """Fills every other log with as many rows and the settings, and mounts all of it anew."""
    read_us = prompt.value(f"print(reads({_READS}))")
    others = prompt.value(f"print(fill_others({rows}))")
    octets = prompt.value(f"print(fill_settings({rows}))")
    base_us, logs_us, logs = prompt.value("print(mount())")
    return Mount(rows, others, octets, base_us, logs_us, logs, read_us)


def start_ms(prompt: Prompt) -> float:
    """From the import of main to a meter that is ready, with all that it has kept."""
    prompt.restart()
    return prompt.value(_START) / 1000
