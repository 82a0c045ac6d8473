"""What is measured at the prompt of the board: sampling, heap, and the profile of a GET.

Every script prints one Python literal at its end. Times are the board's own microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import apdu, hdlc
from .bench_prompt import Prompt, PromptError

# -- sampling ------------------------------------------------------------------------------------
_SETS_PER_S = 8000  # firmware/lib/meter/meter.py
_SAMPLING_S = 3
_SAMPLING = """
import gc, time
def sampling(seconds):
    us = time.ticks_us; diff = time.ticks_diff
    adc = loop.adc; meter = loop.meter
    adc.start()
    for k in range(2000): meter.poll(adc.produced())
    spent = calls = longest = 0
    lost = meter.overruns
    consumed = meter._consumed
    start = us()
    while diff(us(), start) < seconds * 1000000:
        produced = adc.produced()
        before = meter._consumed
        a = us(); meter.poll(produced); b = us()
        if meter._consumed != before:
            spent += diff(b, a); calls += 1; longest = max(longest, diff(b, a))
    sets = (meter._consumed - consumed & 0x1fffffff) // 3
    adc.stop()
    a = us(); b = us()
    spent -= calls * diff(b, a)
    a = us(); gc.collect(); b = us()
    return spent, calls, longest, sets, meter.overruns - lost, diff(b, a)
def idle_pass():
    us = time.ticks_us; now = time.ticks_ms()
    while loop.once(now): pass
    a = us()
    for k in range(200): loop.once(now)
    return time.ticks_diff(us(), a) / 200
print(sampling(%d) + (idle_pass(),))
"""


@dataclass(frozen=True)
class Sampling:
    """Polls of the meter that consumed samples, while the converter ran freely."""

    spent_us: float
    polls: int
    longest_us: int
    sets: int
    overruns: int
    collect_us: int  # one garbage collection
    idle_pass_us: float  # one pass of the main loop with nothing to do

    @property
    def set_us(self) -> float:
        return self.spent_us / self.sets

    @property
    def share_percent(self) -> float:
        """Of the core, at the rate of the converter."""
        return self.set_us * _SETS_PER_S / 1e4


def sampling(prompt: Prompt) -> Sampling:
    """Lets the stopped meter sample alone for some seconds."""
    figures = prompt.value(_SAMPLING % _SAMPLING_S)
    if not figures[3]:
        raise PromptError("the meter consumed no samples at the prompt")
    return Sampling(*figures)


# -- heap ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Stats:
    """What stats() of the firmware says; octets and counts."""

    used: int
    free: int
    overruns: int
    dropped: int
    bugs: int


def stats(prompt: Prompt) -> Stats:
    """Of the meter that was stopped, after a garbage collection."""
    return Stats(*prompt.value("print(stats())"))


_MODULES = """
import main, sys
print(list(sys.modules))
"""
ROOMS = ("config", "meter", "cosem", "dlms", "port")  # an import finds what it needs to its left
_HEAP_NOW = """
import gc
gc.collect(); gc.collect()
print((gc.mem_alloc(), gc.mem_free()))
"""
# Imports and constructors go through traced(): what a call leaves behind, less what the traced
# calls inside it left, is its own. Its notes are made where no window of measurement sees them.
_HEAP_TRACE = """
import builtins, gc
names = []; owns = []; inner = [0] * 40; depth = [0]
def used():
    gc.collect()
    return gc.mem_alloc()
def traced(name, f, a):
    start = used(); d = depth[0] + 1; depth[0] = d; inner[d] = 0
    made = f(*a)
    own = used() - start - inner[d]
    if own: names.append(name); owns.append(own)
    depth[0] = d - 1
    inner[d - 1] += used() - start
    return made
real = builtins.__import__
def tracing(*a):
    return traced(a[0], real, a)
def count(module, name):
    there = __import__(module, None, None, (name,))
    make = getattr(there, name); label = module + ':' + name
    setattr(there, name, lambda *a: traced(label, make, a))
def run(modules, classes):
    builtins.__import__ = tracing
    for name in modules: __import__(name)
    for module, name in classes: count(module, name)
    import main
    traced('port.adc:start()', main.loop.adc.start, ())
    main.loop.adc.stop()
    builtins.__import__ = real
"""
_HEAP_RUN = """
run(%r, %r)
print([(names[k], owns[k]) for k in range(len(names))])
"""
CLASSES = (
    ("port.adc", "Adc"),
    ("meter.meter", "Meter"),
    ("meter.clock", "Clock"),
    ("port.rtc", "Rtc"),
    ("dlms.server", "Server"),
    ("dlms.hdlc", "Link"),
    ("dlms.signon", "SignOn"),
    ("dlms.optical", "OpticalDoor"),
    ("port.uart", "Uart"),
    ("port.channel", "Channel"),
)


@dataclass(frozen=True)
class Heap:
    """Octets of the heap of a board that starts step by step: (name, octets) in order.

    A name with a colon is an object made, else a module imported.
    """

    empty: int  # in use at the prompt before anything of ours
    steps: tuple[tuple[str, int], ...]

    @property
    def modules(self) -> dict[str, int]:
        return self._sums(lambda name: ":" not in name)

    @property
    def objects(self) -> dict[str, int]:
        return self._sums(lambda name: ":" in name)

    def _sums(self, wanted) -> dict[str, int]:
        sums: dict[str, int] = {}
        for name, octets in self.steps:
            if wanted(name):
                sums[name] = sums.get(name, 0) + octets
        return sums


def heap(prompt: Prompt) -> Heap:
    """Starts MicroPython anew and imports the firmware in small steps; the meter is not run."""
    prompt.restart()
    modules = in_order(prompt.value(_MODULES))
    prompt.restart()
    empty, _ = prompt.value(_HEAP_NOW)
    prompt.run(_HEAP_TRACE)
    return Heap(empty, tuple(prompt.value(_HEAP_RUN % (modules, CLASSES))))


def in_order(modules: list[str]) -> list[str]:
    """The modules of our rooms, right room first: imports nest less, and the stack is short."""
    ours = [name for name in modules if name.partition(".")[0] in ROOMS]
    return sorted(ours, key=lambda name: (ROOMS.index(name.partition(".")[0]), name))


# -- profile -------------------------------------------------------------------------------------
# One function at a time is replaced by one that measures, at every place from which it is called,
# so that only its own measuring has to be taken off. Depth is the nesting of the table.
#   (depth, phase, "module:name" or "module:Class.name", ...)
PROFILE = (
    (0, "feed", "dlms.hdlc:Link.feed"),
    (1, "feed", "dlms.frame:Reader.take"),
    (2, "feed", "dlms.frame:Reader._parse"),
    (3, "feed", "dlms.frame:fcs16"),
    (1, "feed", "dlms.hdlc:Link._frame"),
    (2, "feed", "dlms.station:Station.destination"),
    (2, "feed", "dlms.hdlc:Link._frame_nrm"),
    (3, "feed", "dlms.hdlc:Link._acceptable"),
    (3, "feed", "dlms.numbered:Numbered.take"),
    (4, "feed", "dlms.server:Server.answer"),
    (5, "feed", "dlms.get:Get.serve"),
    (6, "feed", "dlms.descriptor:open"),
    (7, "feed", "cosem.dispatch:open"),
    (8, "feed", "cosem.dispatch:find"),
    (6, "feed", "dlms.blocks:Blocks.begin"),
    (7, "feed", "dlms.get:Get.fill"),
    (8, "feed", "cosem.dispatch:get"),
    (9, "feed", "cosem.value:get"),
    (10, "feed", "meter.registers:copy"),
    (6, "feed", "dlms.blocks:Blocks.send"),
    (0, "reply", "dlms.hdlc:Link.reply"),
    (1, "reply", "dlms.numbered:Numbered.write"),
    (2, "reply", "dlms.frame:write"),
    (3, "reply", "dlms.frame:fcs16"),
)
_PROFILE = """
import machine, time
us = time.ticks_us; diff = time.ticks_diff
spent = calls = 0
def spy(f):
    def measured(*a):
        global spent, calls
        b = us(); r = f(*a); e = us()
        spent += diff(e, b); calls += 1
        return r
    return measured
def nothing(a, b): pass
def overhead():
    global spent, calls
    spent = calls = 0
    f = spy(nothing)
    for k in range(100): f(1, 2)
    a = us()
    for k in range(100): pass
    b = us()
    for k in range(100): nothing(1, 2)
    c = us()
    return (spent - (diff(c, b) - diff(b, a))) / 100
door = loop.channels[1].door
uart = loop.channels[1]._uart
out = memoryview(bytearray(1024))
def say(frame):
    # All but the last octet first: what is left is what stands between last bit in and answer.
    global spent, calls
    door.feed(frame, len(frame) - 1, 0)
    frame = frame[-1:]
    state = machine.disable_irq()
    spent = calls = 0
    a = us(); door.feed(frame, 1, 0); b = us()
    feed = diff(b, a), spent, calls
    spent = calls = 0
    a = us(); n = door.reply(out); b = us()
    reply = diff(b, a), spent, calls
    machine.enable_irq(state)
    if not n: raise ValueError('no answer to ' + frame.hex())
    return feed, reply
def owner(path):
    module, name = path.split(':')
    there = __import__(module, None, None, (name,))
    parts = name.split('.')
    for part in parts[:-1]: there = getattr(there, part)
    return there, parts[-1]
def profile(path, frames):
    there, name = owner(path)
    f = getattr(there, name)
    setattr(there, name, spy(f))
    found = [say(frame) for frame in frames]
    setattr(there, name, f)
    return found
def sending(octets):
    # With the line at rest, as it is when an answer begins.
    total = 0
    for k in range(8):
        time.sleep_ms(50); uart.idle()
        state = machine.disable_irq()
        a = us(); uart.write(out[:octets]); b = us()
        machine.enable_irq(state)
        total += diff(b, a)
    return total / 8
"""


@dataclass(frozen=True)
class Row:
    """A function in the path of a GET: calls and microseconds, nested calls included."""

    depth: int
    phase: str
    path: str
    calls: int
    whole_us: float


@dataclass(frozen=True)
class Profile:
    """The path of a GET from the last octet in to the answer handed to the UART."""

    rows: tuple[Row, ...]
    feed_us: float
    reply_us: float
    write_us: float

    @property
    def total_us(self) -> float:
        return self.feed_us + self.reply_us + self.write_us

    def own_us(self, index: int) -> float:
        """What a row spends outside of the rows below it."""
        row, below = self.rows[index], 0.0
        for other in self.rows[index + 1 :]:
            if other.depth <= row.depth:
                break
            if other.depth == row.depth + 1:
                below += other.whole_us
        return row.whole_us - below


def _frame(control: int, information: bytes) -> bytes:
    return hdlc.Frame(b"\x03", hdlc.client_address(32), control, information).encode()


def conversation(password: bytes, request: bytes) -> tuple[list[bytes], list[bytes]]:
    """Frames that open link and association, and eight GETs whose numbers follow each other."""
    llc = b"\xe6\xe6\x00"
    opening = [_frame(hdlc.SNRM, b""), _frame(hdlc.POLL, llc + apdu.aarq(password))]
    numbers = [(k + 1) & 7 for k in range(8)]
    gets = [_frame(n << 5 | hdlc.POLL | n << 1, llc + request) for n in numbers]
    return opening, gets


def profile(prompt: Prompt, password: bytes, request: bytes) -> Profile:
    """The stopped meter serves frames that are put straight into the door of its RS-485 line."""
    opening, gets = conversation(password, request)
    prompt.run(_PROFILE)
    prompt.run(f"for frame in {opening!r}: say(frame)")
    prompt.run(f"gets = {gets!r}")
    overhead_us = prompt.value("print(overhead())")
    plain = prompt.value("print([say(frame) for frame in gets])")
    rows = [_row(prompt, overhead_us, *entry) for entry in PROFILE]
    write_us = prompt.value("print(sending(len(gets[0])))")
    feed_us, reply_us = (_mean(turn[phase][0] for turn in plain) for phase in (0, 1))
    return Profile(tuple(rows), feed_us, reply_us, write_us)


def _row(prompt: Prompt, overhead_us: float, depth: int, phase: str, path: str) -> Row:
    turns = prompt.value(f"print(profile({path!r}, gets))")
    found = [turn[0 if phase == "feed" else 1] for turn in turns]
    calls = found[0][2]
    if not calls:
        raise PromptError(f"a GET does not call {path} any more; the table of the profile is old")
    return Row(
        depth, phase, path, calls, _mean(spent for _, spent, _ in found) - calls * overhead_us
    )


def _mean(values) -> float:
    values = list(values)
    return sum(values) / len(values)
