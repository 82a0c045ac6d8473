"""Run the unit tests of the firmware's rooms under the MicroPython unix port.

    python3 host_tests/run_mpy.py [--micropython PATH] [room or file ...]

One process per file; a summary at the end; exit code 1 if anything failed.
"""
import argparse
import os
import subprocess
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_ROOT = os.path.dirname(_HERE)
_ROOMS = ("port", "dlms", "cosem", "meter")
_TIMEOUT_S = 300  # the slowest file, the accuracy grid, needs a few seconds
_HEAP = "8m"  # the shims' waveform tables; the board's own heap is measured on its image


def _find(names):
    """Test files of the named rooms, or the named files themselves."""
    files = []
    for name in names or _ROOMS:
        if os.path.isfile(name):
            files.append(os.path.abspath(name))
            continue
        folder = os.path.join(_HERE, "unit", name)
        if not os.path.isdir(folder):
            raise SystemExit("run_mpy: there is no room or test file called %s" % name)
        found = sorted(f for f in os.listdir(folder) if f.startswith("test_"))
        files += [os.path.join(folder, f) for f in found if f.endswith(".py")]
    return files


def _run(micropython, path):
    """(exit code, everything it printed)."""
    runner = os.path.join(_HERE, "shims", "mpy", "run_one.py")
    command = [micropython, "-X", "heapsize=" + _HEAP, runner, path]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return 1, "not finished after %d s" % _TIMEOUT_S
    return done.returncode, (done.stdout + done.stderr).rstrip()


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    default = os.path.join(_ROOT, "build", "unix", "micropython")
    parser.add_argument("--micropython", default=default, help="the unix port's executable")
    parser.add_argument("names", nargs="*", metavar="room or file")
    return parser.parse_args()


def main():
    """Print one line per file, the output of those that fail, and a summary."""
    arguments = _arguments()
    if not os.access(arguments.micropython, os.X_OK):
        raise SystemExit("run_mpy: no MicroPython at %s; build it first" % arguments.micropython)
    failed = 0
    files = _find(arguments.names)
    for path in files:
        code, output = _run(arguments.micropython, path)
        name = os.path.relpath(path, os.path.join(_HERE, "unit"))
        print("%-4s %-36s %s" % ("FAIL" if code else "ok", name, output.split("\n")[-1]))
        if code:
            failed += 1
            print(output)
    print("%d files under MicroPython, %d failed" % (len(files), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(130)  # without a word about an output that nobody reads
