"""Run the firmware on CPython or on MicroPython's unix port, with TCP doors on 127.0.0.1.

    start.py [--optical PORT] [--rs485 PORT] [--wrapper PORT] [--control PORT] [--max-info OCTETS]

PORT 0 = choose; OCTETS 0 = as meter.toml says.

When ready it prints one JSON line: {"optical": port, "rs485": port, "wrapper": port, "control": port}.
"""

import sys

_HERE = __file__.replace("\\", "/").rsplit("/", 1)[0] if "/" in __file__ else "."
_FIRMWARE = _HERE + "/../../firmware"
_NAMES = ("--optical", "--rs485", "--wrapper", "--control", "--max-info")
# On top of what MicroPython finds itself; the sources come before what is frozen.
sys.path[:0] = [_HERE, _FIRMWARE, _FIRMWARE + "/lib"]


def _options(words):
    """Port of each door, and the longest information field."""
    made = {name: 0 for name in _NAMES}
    while words:
        name = words.pop(0)
        if name not in made or not words or not words[0].isdigit() or int(words[0]) > 65535:
            raise ValueError("usage: start.py " + " ".join(["[%s N]" % n for n in _NAMES]))
        made[name] = int(words.pop(0))
    if made["--max-info"] and not 32 <= made["--max-info"] <= 2030:
        raise ValueError("--max-info is 32 to 2030 octets")
    return made


def _open(options):
    import config
    import control
    import wires

    wires.wires[0] = wires.Door(options["--optical"])
    wires.wires[1] = wires.Door(options["--rs485"])
    control.door = control.Control(options["--control"])
    config.WRAPPER_PORT = wires.free(options["--wrapper"])  # the meter opens it itself
    config.WRAPPER_ADDRESS = wires.LOOPBACK
    config.MAX_INFO = options["--max-info"] or config.MAX_INFO
    print(
        '{"optical": %d, "rs485": %d, "wrapper": %d, "control": %d}'
        % (wires.wires[0].port, wires.wires[1].port, config.WRAPPER_PORT, control.door.port)
    )


def _quiet_end():
    # CPython only: end on SIGTERM as on Ctrl-C, and let the doors' line out at once.
    if sys.implementation.name == "cpython":
        import signal

        sys.stdout.reconfigure(line_buffering=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _run():
    import micropython  # CPython: installs the names that MicroPython has built in

    try:
        options = _options(sys.argv[1:])
        _quiet_end()
        _open(options)
    except (OSError, ValueError) as error:
        print("start:", error, file=sys.stderr)
        return 1
    try:
        main = __import__("main")
        main.run()
    except KeyboardInterrupt:
        pass
    return 0


sys.exit(_run())
