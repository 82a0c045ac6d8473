# Runs on the board: compares the viper routines of one module with their twins and prints one
# line for each, "module routine same COUNT", or "module routine differs WHERE got ... want ...".
import random
import sys

from machine import mem32

_NATIVE_CODE = 12  # of a function object: type, context, children, code; four octets each
_FLASH = 0x10000000


def octets(count):
    """count octets without pattern."""
    return bytes([random.getrandbits(8) for _ in range(count)])


def place(function):
    """Address of a viper routine's code."""
    return mem32[id(function) + _NATIVE_CODE]


def run(script, seed):
    """Import a script and run its COMPARISONS, {routine: generator of (where, got, want)}."""
    made = __import__(script)
    for name in sorted(made.COMPARISONS):
        random.seed(seed)
        print(made.MODULE, name, _verdict(made, name))


def _verdict(made, name):
    at = place(getattr(sys.modules[made.MODULE], name))
    if at < _FLASH or at % 4:
        return "differs code at %x got %d want 0" % (at, at % 4)
    count = 0
    for where, got, want in made.COMPARISONS[name]():
        if got != want:
            return "differs %s got %r want %r" % (where, got, want)
        count += 1
    return "same %d" % count
