# Which image runs: the frozen modules, or the ones laid over them from one of two slots.
#
#   pointer   the file that says so, 13 octets; it is only ever replaced whole, by a renaming
#     0 4D 43 50 31   "MCP1"
#     4 slot          61 or 62, the folder a or b; 2D = the frozen modules
#     5 before        the slot to fall back to
#     6 state         67 good; 74 on trial; 66 fallen back: the transfer's image did not start
#     7 left          starts that a trial has left
#     8 -
#     9 transfer u32  the transfer that this is about; 0 = none yet
#
# A slot's file "base" is the firmware identifier of the frozen modules that it was laid over.
# After others were flashed it does not run any more: it may not go with them.
#
# A start of an image on trial is counted before any of its code runs. Who has no starts left, or
# cannot be counted, gives way to the slot before. A pointer that is not there, or is not one,
# means the frozen modules. This file and port/files.py are always the frozen ones.
from micropython import const

POINTER = "pointer"
FROZEN = "-"
GOOD = 0x67
TRIAL = 0x74
FALLEN = 0x66
_MAGIC = b"MCP1"
_POINTER_SIZE = const(13)
_STARTS = const(2)  # one accident during a trial, such as a power cut, is forgiven
_SLOTS = ("a", "b")

running = None  # the Pointer that this start went by; None = it went by none
base = b""  # firmware identifier of the frozen modules


class Pointer:
    """What the file says."""

    def __init__(self):
        self.slot = self.before = FROZEN
        self.state = GOOD
        self.left = 0
        self.transfer = 0


def read(files) -> Pointer:
    """The pointer as it is stored."""
    made = Pointer()
    octets = load(files, POINTER)
    if len(octets) == _POINTER_SIZE and octets[:4] == _MAGIC:
        made.slot, made.before = _slot(octets[4]), _slot(octets[5])
        made.state, made.left = octets[6], octets[7]
        made.transfer = int.from_bytes(octets[9:13], "big")
    return made


def _slot(octet: int) -> str:
    name = chr(octet)
    return name if name in _SLOTS else FROZEN


def write(files, pointer: Pointer) -> None:
    """Store it; OSError = it is as it was."""
    head = (ord(pointer.slot), ord(pointer.before), pointer.state, pointer.left, 0)
    save(files, POINTER, _MAGIC + bytes(head) + pointer.transfer.to_bytes(4, "big"))


def load(files, name: str) -> bytes:
    """The octets of a small file, none when it is not there."""
    try:
        file = files.open(name, "rb")
    except OSError:
        return b""
    try:
        return file.read()
    finally:
        file.close()


def save(files, name: str, octets: bytes) -> None:
    """Replace a small file: after a cut it has the octets of before or these."""
    beside = name + ".new"
    file = files.open(beside, "wb")
    try:
        file.write(octets)
    finally:
        file.close()
    files.rename(beside, name)


def spare(pointer: Pointer) -> str:
    """The slot that the next image may fill."""
    return "b" if pointer.slot == "a" else "a"


def try_out(files, slot: str, transfer: int) -> None:
    """From the next start on the image in `slot` runs, on trial; OSError = all is as it was."""
    pointer = Pointer()
    pointer.before = running.slot if running else FROZEN
    pointer.slot = slot
    pointer.state, pointer.left, pointer.transfer = TRIAL, _STARTS, transfer
    write(files, pointer)


def starting(files, identifier: bytes) -> Pointer:
    """The board starts, with frozen modules of this identifier: what runs. Counts a trial."""
    global running, base
    base = identifier
    running = read(files)
    if running.slot != FROZEN and load(files, running.slot + "/base") != base:
        running.slot = FROZEN
        running.state = FALLEN
    if running.state == TRIAL:
        try:
            _count(files, running)
        except OSError:  # uncounted it might be tried for ever
            running.slot = running.before
            running.state = FALLEN
    return running


def _count(files, pointer: Pointer) -> None:
    if pointer.left:
        pointer.left -= 1
    else:
        pointer.slot, pointer.before = pointer.before, FROZEN
        pointer.state = FALLEN
    write(files, pointer)


def alive(files) -> Pointer:
    """The image on trial has shown that it runs."""
    pointer = read(files)
    if pointer.state == TRIAL:
        pointer.state, pointer.left = GOOD, 0
        write(files, pointer)
    return pointer
