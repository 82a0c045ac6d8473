# Runs before main.py: lays the modules of an image over the frozen ones; see meter/slots.py.
#
# A package has one path in MicroPython, so a module of a room cannot be found in two places. Here
# __import__ is replaced: it points the room's path to the slot for a module that the slot has, and
# back to the frozen ones for any other. Modules in no room come first in sys.path.
#
# An image that does not get as far as the main loop is stopped by the watchdog, which runs from
# here on while the image is on trial, whether it hangs or ends in an exception.
import builtins
import sys

from meter import slots
from port.files import Files
from port.watchdog import Watchdog

_FIRMWARE = 2  # in config.IDENTITY: the firmware identifier
_TOP = "_"  # folder of the modules that are in no room
_laid = {}  # dotted name -> folder of the slot that has it
_home = {}  # room -> its own path
_import = builtins.__import__


def start(files) -> bool:
    """Choose what runs; True when the image has a main of its own."""
    pointer = slots.starting(files, __import__("config").IDENTITY[_FIRMWARE])
    if pointer.slot == slots.FROZEN:
        return False
    del sys.modules["config"]  # the slot may have another one
    if pointer.state == slots.TRIAL:
        Watchdog().start()
    return _lay(files, pointer.slot)


def _lay(files, slot: str) -> bool:
    top = False
    for room in files.names(slot):
        folder = slot + "/" + room
        for file in files.names(folder):
            name = file.split(".")[0]
            if room == _TOP:
                top = top or name == "main"
            else:
                _laid[room + "." + name] = files.path(folder)
    sys.path.insert(0, files.path(slot + "/" + _TOP))
    builtins.__import__ = _find
    return top


def _find(name, globals=None, locals=None, fromlist=None, level=0):
    """__import__, with the modules of the slot in front."""
    room, dot, inner = name.partition(".")
    if inner:
        _load(room, name)
    else:
        for inner in fromlist or ():
            _load(room, room + "." + inner)
    if room in _home:
        _point(room, _home[room])
    return _import(name, globals, locals, fromlist, level)


def _load(room: str, name: str) -> None:
    # The path is looked at before the module runs, so what that imports may point it elsewhere.
    if name not in _laid or name in sys.modules:
        return
    if room not in _home:
        _home[room] = _import(room).__path__
    _point(room, _laid[name])
    _import(name)


def _point(room: str, path) -> None:
    # A list of folders in CPython, one folder in MicroPython.
    if isinstance(path, str) and not isinstance(_home[room], str):
        path = [path]
    setattr(sys.modules[room], "__path__", path)


if __name__ == "__main__" and start(Files()):
    import main

    main.run()
    raise KeyboardInterrupt  # the frozen main.py must not run as well
