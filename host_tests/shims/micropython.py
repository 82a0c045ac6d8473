"""`micropython` for CPython: const, viper and native as near identities, and viper's own types.

The unix port never imports this file, because its built-in module comes first. Viper casts its
arguments by their annotations; here the same annotations turn a buffer into a memoryview of the
right width, so an index means the same on both. Keyword arguments are refused, as viper refuses
them.
"""

import builtins
import time

_MASK_TICKS = (1 << 30) - 1


def const(value):
    return value


def _cast(buffer, code):
    view = memoryview(buffer)
    if view.format != "B":
        view = view.cast("B")
    return view if code == "B" else view.cast(code)


def _ptr8(buffer):
    return buffer if isinstance(buffer, (bytes, bytearray)) else _cast(buffer, "B")


def _ptr16(buffer):
    return _cast(buffer, "H")


def _ptr32(buffer):
    return _cast(buffer, "i")


def _uint(value):
    return value & 0xFFFFFFFF


def viper(function):
    """Cast positional arguments as viper does: ptr8, ptr16, ptr32, int, uint, bool."""
    wanted = [
        function.__annotations__.get(name, object)
        for name in function.__code__.co_varnames[: function.__code__.co_argcount]
    ]
    casts = [None if cast in (object, int, _ptr8) else cast for cast in wanted]
    octets = [k for k, cast in enumerate(wanted) if cast is _ptr8]
    if any(casts):
        return _casting(function, casts, octets)

    def call(*args):
        for k in octets:
            if not isinstance(args[k], (bytes, bytearray)):
                return function(*[a if c is not _ptr8 else c(a) for a, c in zip(args, wanted)])
        return function(*args)

    call.__wrapped__ = function
    return call


def _casting(function, casts, octets):
    def call(*args):
        if len(args) != len(casts):
            raise TypeError("function takes %d positional arguments" % len(casts))
        args = [a if cast is None else cast(a) for a, cast in zip(args, casts)]
        for k in octets:
            args[k] = _ptr8(args[k])
        return function(*args)

    call.__wrapped__ = function
    return call


def native(function):
    return function


def opt_level(level=None):
    return 0


def mem_info(verbose=None):
    return None


def alloc_emergency_exception_buf(size):
    return None


def schedule(function, argument):
    function(argument)


def kbd_intr(character):
    return None


def _ticks_ms():
    return (time.monotonic_ns() // 1000000) & _MASK_TICKS


def _ticks_us():
    return (time.monotonic_ns() // 1000) & _MASK_TICKS


def _ticks_diff(end, start):
    half = (_MASK_TICKS + 1) // 2
    return ((end - start + half) & _MASK_TICKS) - half


def _ticks_add(ticks, delta):
    return (ticks + delta) & _MASK_TICKS


def _install():
    # Viper's types are names known everywhere; time.ticks_* live in the built-in module time.
    for name, cast in (("ptr", _ptr8), ("ptr8", _ptr8), ("ptr16", _ptr16), ("ptr32", _ptr32)):
        setattr(builtins, name, cast)
    builtins.uint = _uint
    time.ticks_ms = _ticks_ms
    time.ticks_us = _ticks_us
    time.ticks_diff = _ticks_diff
    time.ticks_add = _ticks_add
    time.sleep_ms = lambda ms: time.sleep(ms / 1000)
    time.sleep_us = lambda us: time.sleep(us / 1000000)


_install()
