# The transfer of an image, class 18, as a state machine on files. Knows no DLMS.
#
#   file "transfer", replaced whole:  "MCT1" | transfer u32 | status u8 | - | block size u16
#                                     | size u32 | identifier
#   file "part"                       the blocks, part.py
#   folders a, b                      the slots: a module cosem/x.py in a/cosem, x.py in a/_
#   file "pointer"                    which one runs, slots.py
#
#   0 --initiate--> 1 --verify--> 2 --> 3 --activate--> 5 --> restart, trial --> 6
#                   ^             `---> 4               |                   `--> 7
#                   `-- initiate, but while 5 ----------'  7 also when it cannot be unpacked
#
# What takes long is done in steps. 2 and 5 go on where they were after a cut: they begin anew.
# The order that makes a cut harmless: status 1 with a new number, then the file of that number;
# the modules, then the pointer to them; the pointer's verdict, then the status that tells it.
from micropython import const

from meter import package, slots
from meter.part import OTHER, Part

NOT_INITIATED = 0
INITIATED = 1
VERIFYING = 2
VERIFIED = 3
NOT_VERIFIED = 4
ACTIVATING = 5
ACTIVATED = 6
NOT_ACTIVATED = 7
_SUCCESS = const(0)  # action-result, IEC 62056-5-3
_HARDWARE_FAULT = const(1)
_TEMPORARY_FAILURE = const(2)
_OTHER_REASON = const(250)
_TRANSFER = "transfer"
_TOP = "_"  # folder of a slot for what is in no room
_MAGIC = b"MCT1"
_STATE_HEAD = const(16)  # octets in front of the identifier
_IDENTIFIER_MAX = const(64)  # of an identifier
_IMAGE_MOST = const(262144)  # octets of an image: the heap would not hold the half of it
_MOST_BLOCKS = const(2048)
_SPARE = const(32768)  # octets that the file system keeps for itself
_STEP_OCTETS = const(1024)  # octets hashed or unpacked in one step
_AT_ONCE = const(8)  # steps that a method may take, and a second: about 40 ms of hashing
_ALIVE_S = const(10)  # an image that served so long has started
_RESTART_S = const(4)  # for the client to ask for the status and to leave


class Transfer:
    """One image at a time. board: the target's name, mpy: sys.implementation._mpy or 0.

    restart is due when the meter should start anew; on_event(status) tells of 3, 4, 6 and 7."""

    def __init__(self, files, board: bytes, mpy: int, on_event=None):
        self.status = NOT_INITIATED
        self.identifier = b""  # what initiate was told
        self.part = None
        self.header = b""  # of a verified image
        self.restart = False
        self.running = b""  # firmware identifier of the image that runs, b"" = the frozen modules
        self.digest = b""  # its SHA-256
        self._files = files
        self._board = board
        self._mpy = mpy
        self._on_event = on_event
        self._job = None  # generator of what takes long
        self._then_activate = False
        self._seconds = 0
        self._pointer = slots.running or slots.Pointer()
        self._number = self._pointer.transfer  # never again, even when the file is lost
        self._load()

    # --- what is stored ---

    def _load(self) -> None:
        octets = slots.load(self._files, _TRANSFER)
        if len(octets) >= _STATE_HEAD and octets[:4] == _MAGIC:
            self._number = int.from_bytes(octets[4:8], "big")
            self.status = octets[8]
            self.identifier = octets[_STATE_HEAD:]
            size = int.from_bytes(octets[12:16], "big")
            if INITIATED <= self.status <= ACTIVATING:
                self.part = Part(self._files, self._number, size, octets[10] << 8 | octets[11])
                self.part.scan()
                self._resume()
        if self._pointer.slot != slots.FROZEN:
            self.running = slots.load(self._files, self._pointer.slot + "/identifier")
            self.digest = slots.load(self._files, self._pointer.slot + "/digest")

    def _resume(self) -> None:
        status, part = self.status, self.part
        if status > INITIATED and part.missing:
            self.status = NOT_VERIFIED  # somebody has been at the files
        elif status == VERIFYING:
            self._job = self._verifying()
        elif status == VERIFIED:
            self.header = part.read(0, package.HEADER)
        elif status == ACTIVATING and slots.running:
            self._after_start()

    def _after_start(self) -> None:
        pointer = self._pointer
        if pointer.transfer != self._number:  # a cut before the pointer was written
            self._job = self._unpacking()
        elif pointer.state == slots.FALLEN:
            self._end(NOT_ACTIVATED)
        elif pointer.state == slots.GOOD:  # a cut behind the verdict
            self._end(ACTIVATED)

    def _store(self, status: int) -> None:
        part = self.part
        head = self._number.to_bytes(4, "big") + bytes((status, 0))
        head += part.block_size.to_bytes(2, "big") + part.size.to_bytes(4, "big")
        slots.save(self._files, _TRANSFER, _MAGIC + head + self.identifier)
        self.status = status

    def _end(self, status: int) -> None:
        """A verdict, stored before anybody hears of it."""
        try:
            self._store(status)
        except OSError:
            self.status = status  # the next start comes to it again
        self._job = None
        if status != VERIFIED:
            self._then_activate = False
        if status > ACTIVATING:
            self.part = None  # the next image's file takes the place of this one's
            self.header = b""
        if self._on_event is not None:
            self._on_event(status)

    # --- methods ---

    def initiate(self, identifier: bytes, size: int, block_size: int) -> int:
        """Begin anew: method 1. Returns an action-result, as all of them do."""
        if self.status == ACTIVATING:
            return _TEMPORARY_FAILURE
        blocks = (size + block_size - 1) // block_size
        if not package.HEADER < size <= _IMAGE_MOST or blocks > _MOST_BLOCKS:
            return _OTHER_REASON
        if len(identifier) > _IDENTIFIER_MAX or not slots.running:  # nobody would start it
            return _OTHER_REASON
        try:
            self._files.start()
            if not self._room(size, blocks):
                return _OTHER_REASON
            self._begin(identifier, size, block_size)
        except OSError:
            return _HARDWARE_FAULT
        return _SUCCESS

    def _begin(self, identifier: bytes, size: int, block_size: int) -> None:
        before = self._number, self.identifier, self.part
        self._number = (self._number + 1) & 0xFFFFFFFF
        self.identifier = identifier
        self.part = Part(self._files, self._number, size, block_size)
        try:
            self._store(INITIATED)
        except OSError:
            self._number, self.identifier, self.part = before
            raise
        self._job = None
        self._then_activate = False
        self.header = b""
        self.part.start()

    def _room(self, size: int, blocks: int) -> bool:
        # For the blocks and what stands in front of each, and for the unpacked modules.
        free = self._files.free()
        if self.part is not None:
            free += self.part.size
        return 2 * size + 8 * blocks + _SPARE <= free

    def block(self, number: int, buf, pos: int, n: int) -> int:
        """Take block `number`, the n octets at buf[pos:]: method 2."""
        part = self.part
        if self.status != INITIATED or number >= part.count or n != part.length(number):
            return _OTHER_REASON
        try:
            done = part.add(number, buf, pos)
        except OSError:
            return _HARDWARE_FAULT
        return _OTHER_REASON if done == OTHER else _SUCCESS

    def verify(self) -> int:
        """Method 3: temporary-failure while it goes on."""
        status = self.status
        if status == INITIATED:
            if self.part.missing:
                return _OTHER_REASON
            try:
                self._store(VERIFYING)
            except OSError:
                return _HARDWARE_FAULT
            self._job = self._verifying()
            self._step()
        if self.status == VERIFYING:
            return _TEMPORARY_FAILURE
        return _SUCCESS if self.status == VERIFIED else _OTHER_REASON

    def activate(self) -> int:
        """Method 4: temporary-failure while it goes on, which a restart ends."""
        status = self.status
        if status == INITIATED:
            self.verify()
        if self.status == VERIFYING:
            self._then_activate = True
        elif self.status == VERIFIED:
            if not self._activate():
                return _HARDWARE_FAULT
        elif self.status != ACTIVATING:
            return _OTHER_REASON
        return _TEMPORARY_FAILURE

    def _activate(self) -> bool:
        self._then_activate = False
        try:
            self._store(ACTIVATING)
        except OSError:
            return False
        self._job = self._unpacking()
        return True

    # --- what takes long ---

    def second(self) -> None:
        """A second has passed: go on with what takes long, report alive, count to a restart."""
        if self._job is not None:
            self._step()
            return
        if self._then_activate and self.status == VERIFIED:
            self._activate()
        elif self._seconds:
            self._count()
        elif self._pointer.state == slots.TRIAL:
            self._seconds = _ALIVE_S

    def _count(self) -> None:
        self._seconds -= 1
        if self._seconds:
            return
        if self._pointer.state == slots.TRIAL:
            self._pointer = slots.alive(self._files)
            if self.status == ACTIVATING:
                self._end(ACTIVATED)
        else:
            self.restart = True

    def _step(self) -> None:
        assert self._job is not None  # asked before
        try:
            for _ in range(_AT_ONCE):
                next(self._job)
        except StopIteration:
            self._job = None
        except OSError:
            self._end(NOT_VERIFIED if self.status == VERIFYING else NOT_ACTIVATED)

    def _verifying(self):
        part = self.part
        header = part.read(0, package.HEADER)
        if not package.fits(header, part.size, self._board, self._mpy):
            return self._end(NOT_VERIFIED)
        made = package.sha256(header)
        at = package.HEADER
        while at < part.size:
            made.update(part.read(at, _STEP_OCTETS))
            at += _STEP_OCTETS
            yield
        if made.digest() != package.digest(header) or not self._modules():
            return self._end(NOT_VERIFIED)
        self.header = header
        self._end(VERIFIED)

    def _modules(self):
        """[(name, first octet, octets)] of the modules; None when they are not as they should."""
        part, found = self.part, []
        at = package.HEADER
        while at < part.size:
            n = part.read(at, 1)[0]
            head = bytes(part.read(at + 1, n + 4))
            length = int.from_bytes(head[n:], "big")
            at += 5 + n
            if len(head) != n + 4 or at + length > part.size:
                return None
            name = _text(head[:n])
            if not package.module(name):
                return None
            found.append((name, at, length))
            at += length
        return found

    def _unpacking(self):
        files = self._files
        slot = slots.spare(self._pointer)
        _clear(files, slot)
        _folder(files, slot)
        header = self.part.read(0, package.HEADER)
        for name, at, length in self._modules() or ():
            room, slash, inner = name.rpartition("/")
            folder = slot + "/" + (room or _TOP)
            _folder(files, folder)
            file = files.open(folder + "/" + inner, "wb")
            try:
                for k in range(0, length, _STEP_OCTETS):
                    file.write(self.part.read(at + k, min(_STEP_OCTETS, length - k)))
                    yield
            finally:
                file.close()
        slots.save(files, slot + "/identifier", package.identifier(header))
        slots.save(files, slot + "/digest", package.digest(header))
        slots.save(files, slot + "/base", slots.base)
        slots.try_out(files, slot, self._number)
        self._seconds = _RESTART_S


def _text(octets: bytes) -> str:
    # "" for what is no ASCII: it is no module's name.
    for octet in octets:
        if octet > 0x7F:
            return ""
    return octets.decode()


def _folder(files, name: str) -> None:
    if not files.has(name):
        files.mkdir(name)


def _clear(files, slot: str) -> None:
    """Remove a slot with all that is in it."""
    for name in files.names(slot):
        inside = slot + "/" + name
        for file in files.names(inside):
            files.remove(inside + "/" + file)
        if name.split(".")[0] in ("identifier", "digest", "base"):
            files.remove(inside)
        else:
            files.rmdir(inside)
    if files.has(slot):
        files.rmdir(slot)


class NoFiles:
    """Stands for the files of a meter that has none: nothing can be transferred to it."""

    def start(self) -> None:
        """It does not start."""
        raise OSError

    def open(self, name: str, mode: str):
        """There is none."""
        raise OSError

    def has(self, name: str) -> bool:
        """Never."""
        return False
