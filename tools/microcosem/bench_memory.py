"""Octets that serving a request takes from the board's heap, with the garbage collector switched off.

The frames are put into the door of the RS-485 line of a stopped meter; the second time the same
requests come, all is steady. Through the channel as well: a UART of Python hands them over.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import apdu
from .bench_board import ROOMS, conversation
from .bench_prompt import Prompt

_ALLOCATED = """
import gc
class Wire:
    frame = b''; sent = 0
    def readinto(self, buf):
        n = min(len(buf), len(self.frame) - self.sent)
        for k in range(n): buf[k] = self.frame[self.sent + k]
        self.sent += n
        return n
    def write(self, buf): return len(buf)
    def errors(self): return 0
    def idle(self): return True
channel = loop.channels[1]
door = channel.door
wire = Wire()
out = memoryview(bytearray(1024))
def direct(frame):
    door.feed(frame, len(frame), 0)
    while door.reply(out): pass
def whole(frame):
    wire.frame = frame; wire.sent = 0
    while channel.poll(0): pass
def turn(say, frames):
    before = gc.mem_alloc()
    for frame in frames: say(frame)
    return gc.mem_alloc() - before
def allocated(opening, frames):
    turn(direct, opening)
    turn(direct, frames)
    gc.collect(); gc.disable()
    inner = turn(direct, frames)
    uart = channel._uart; channel._uart = wire
    outer = turn(whole, frames)
    channel._uart = uart; gc.enable()
    return inner / len(frames), outer / len(frames)
"""
# Name -> class, logical name, attribute; each is one frame there and one frame back.
_REQUESTS = {
    "register 1-0:1.7.0, value": (3, bytes((1, 0, 1, 7, 0, 255)), 2),
    "register 1-0:1.7.0, scaler and unit": (3, bytes((1, 0, 1, 7, 0, 255)), 3),
    "logical device name 0-0:42.0.0": (1, bytes((0, 0, 42, 0, 0, 255)), 2),
    "clock 0-0:1.0.0, time": (8, bytes((0, 0, 1, 0, 0, 255)), 2),
    "an attribute that is not there": (3, bytes((1, 0, 1, 7, 0, 255)), 9),
}


@dataclass(frozen=True)
class Allocated:
    """Octets of heap per request: in link and services, and with the channel around them."""

    request: str
    inner: float
    outer: float


def per_request(prompt: Prompt, password: bytes) -> list[Allocated]:
    """Of the stopped meter."""
    prompt.run(_ALLOCATED)
    found = []
    for name, what in _REQUESTS.items():
        opening, frames = conversation(password, apdu.get_normal(*what))
        inner, outer = prompt.value(f"print(allocated({opening!r}, {frames!r}))")
        found.append(Allocated(name, inner, outer))
    return found


# What the modules of ours are made of: an object of 16 octets for each function, and a dictionary
# for each module and class, a place of 8 octets for every name in it, imported ones included.
_CENSUS = """
import sys, main
def census(rooms):
    function = type(census); functions = classes = names = modules = 0
    for name, module in sys.modules.items():
        if name.split('.')[0] not in rooms: continue
        modules += 1
        for key, value in module.__dict__.items():
            names += 1
            inner = {}
            if type(value) is type and key[0].isupper():
                if any(value is other for other in seen): continue
                seen.append(value); classes += 1; inner = value.__dict__
            elif type(value) is function and not any(value is other for other in seen):
                seen.append(value); functions += 1
            for part in inner.values():
                names += 1
                if type(part) is function: functions += 1
    return modules, classes, functions, names
seen = []
print(census(%r))
"""


@dataclass(frozen=True)
class Census:
    """How many of each there are in the modules of ours; names: of modules and classes."""

    modules: int
    classes: int
    functions: int
    names: int


def census(prompt: Prompt) -> Census:
    """Of the firmware on a board that starts anew."""
    prompt.restart()
    return Census(*prompt.value(_CENSUS % (ROOMS,)))
