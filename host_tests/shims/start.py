"""Run the firmware on CPython or on MicroPython's unix port, with TCP doors on 127.0.0.1.

    start.py [--optical PORT] [--rs485 PORT] [--wrapper PORT] [--control PORT] [--max-info OCTETS]
             [--files FOLDER] [--tables FOLDER]

PORT 0 = choose; OCTETS 0 = as meter.toml says; FOLDER is the file system and
holds the flash too, build/files if not given. --tables: a copy of firmware/ with other tables.

When ready it prints one JSON line: {"optical": port, "rs485": port, "wrapper": port, "control": port}.
"""

import os
import sys

_HERE = __file__.replace("\\", "/").rsplit("/", 1)[0] if "/" in __file__ else "."
_FIRMWARE = _HERE + "/../../firmware"
_NAMES = ("--optical", "--rs485", "--wrapper", "--control", "--max-info")
# On top of what MicroPython finds itself; the sources come before what is frozen.
sys.path[:0] = [_HERE, _FIRMWARE, _FIRMWARE + "/lib"]


def _options(words):
    """Port of each door, and the longest information field."""
    made = {name: 0 for name in _NAMES}
    made["--files"] = made["--tables"] = ""
    while words:
        name = words.pop(0)
        if name in ("--files", "--tables") and words:
            made[name] = words.pop(0)
            continue
        if name not in made or not words or not words[0].isdigit() or int(words[0]) > 65535:
            raise ValueError("usage: start.py " + " ".join(["[%s N]" % n for n in _NAMES]))
        made[name] = int(words.pop(0))
    if made["--max-info"] and not 32 <= made["--max-info"] <= 2030:
        raise ValueError("--max-info is 32 to 2030 octets")
    return made


def _files(folder):
    """The folder that is the meter's file system."""
    from port import files

    files.FOLDER = folder or _HERE + "/../../build/files"
    for at in range(1, len(files.FOLDER) + 1):
        if files.FOLDER[at : at + 1] in ("/", ""):
            try:
                os.mkdir(files.FOLDER[:at])
            except OSError:
                pass  # it is there, or what follows will tell
    import rp2

    rp2.Flash.keep_in(files.FOLDER + "/flash.bin")


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
    options["--optical"], options["--rs485"] = wires.wires[0].port, wires.wires[1].port
    options["--wrapper"], options["--control"] = config.WRAPPER_PORT, control.door.port


def _again(options):
    """machine.reset(): this program anew, with the same doors."""
    words = [sys.executable, __file__]
    for name in options:
        if options[name]:
            words += [name, str(options[name])]
    if hasattr(os, "execv"):
        os.execv(words[0], words)
    # The unix port can only start another one and wait for it.
    _close()
    words = ["'" + word.replace("'", "'\\''") + "'" for word in words]
    sys.exit(os.system(" ".join(words)) >> 8)


def _close():
    """All sockets; the successor needs their ports."""
    main, control = sys.modules.get("main"), sys.modules["control"].door
    loop = getattr(main, "loop", None)
    for one in sys.modules["wires"].wires + control.clients + [control] + list(loop.network if loop else ()):
        for name in ("server", "client", "_listening", "_peer", "_socket"):
            made = getattr(one, name, None)
            if hasattr(made, "close"):
                made.close()


def _boot():
    """What the board does before main.py. An exception on trial ends as on the board: the watchdog
    of boot.py resets it."""
    import boot
    from port.files import Files

    boot.start(Files())


def _on_trial():
    from meter import slots

    return slots.running is not None and slots.running.state == slots.TRIAL


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
        if options["--tables"]:
            sys.path[:0] = [options["--tables"], options["--tables"] + "/lib"]
        _quiet_end()
        _files(options["--files"])
        _boot()
        _open(options)
    except (OSError, ValueError) as error:
        print("start:", error, file=sys.stderr)
        return 1
    machine = __import__("machine")
    machine.on_reset = lambda: _again(options)
    try:
        main = __import__("main")
        main.run()
    except KeyboardInterrupt:
        pass
    except Exception:
        if not _on_trial():
            raise
        machine.reset()
    return 0


sys.exit(_run())
