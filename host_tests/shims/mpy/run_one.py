"""Run one unit test file under MicroPython: run_one.py FILE, from any folder."""

import sys

_HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
_SHIMS = _HERE + "/.."
_TESTS = _SHIMS + "/.."
_FIRMWARE = _TESTS + "/../firmware"


def _run(path):
    folder, name = path.rsplit("/", 1)
    # The sources come before what is frozen; the shims' machine and rp2 before the built-in ones.
    sys.path[:0] = [folder, _HERE, _SHIMS, _TESTS, _FIRMWARE, _FIRMWARE + "/lib"]
    import unittest

    count, failed = unittest.run_module(__import__(name[:-3]))
    print("%d tests, %d failed" % (count, len(failed)))
    return 1 if failed or not count else 0


sys.exit(_run(sys.argv[1]))
