# For the tests of images: files in memory that lose their power at any operation, and images.
import hashlib


class Cut(Exception):
    """The power is gone."""


class MemoryFiles:
    """What port/files.py offers. Writing counts: operation number cut_at does not happen any more,
    or half with torn=True, and nothing after it."""

    def __init__(self, room=1 << 20):
        self.stored = {}  # name -> bytes
        self.folders = set()
        self.room = room
        self.full = False
        self.mend()

    def mend(self, cut_at=None, torn=False):
        """The power is back; the next cut."""
        self.operations = 0
        self.cut_at = cut_at
        self.torn = torn
        self.dead = False

    def operate(self):
        """Count an operation; True = tear this one."""
        if self.dead:
            raise Cut
        if self.full:
            raise OSError(28)
        self.operations += 1
        if self.operations == self.cut_at:
            self.dead = True
            if not self.torn:
                raise Cut
        return self.dead

    def settle(self):
        """The end of an operation that may have been torn."""
        if self.dead:
            raise Cut

    def start(self):
        pass

    def open(self, name, mode):
        if mode == "wb":
            self.operate()
            self.stored[name] = b""
            self.settle()
        elif name not in self.stored:
            raise OSError(2)
        return MemoryFile(self, name, mode)

    def path(self, name):
        return "/" + name

    def rename(self, old, new):
        if self.operate():
            raise Cut
        self.stored[new] = self.stored.pop(old)

    def remove(self, name):
        if self.operate():
            raise Cut
        del self.stored[name]

    def rmdir(self, name):
        if self.operate():
            raise Cut
        assert not self.names(name)
        self.folders.remove(name)

    def mkdir(self, name):
        if self.operate():
            raise Cut
        assert name not in self.folders
        self.folders.add(name)

    def names(self, folder):
        known = list(self.stored) + list(self.folders)
        inside = [name[len(folder) + 1 :] for name in known if name.startswith(folder + "/")]
        return [name for name in inside if "/" not in name]

    def has(self, name):
        return name in self.stored or name in self.folders

    def free(self):
        return self.room - sum([len(octets) for octets in self.stored.values()])


class MemoryFile:
    """Octets written are in the file at each write, the harsher case."""

    def __init__(self, files, name, mode):
        self.files, self.name, self.mode = files, name, mode
        self.at = 0

    def seek(self, at):
        self.at = at

    def read(self, n=-1):
        octets = self.files.stored[self.name][self.at :]
        octets = octets if n < 0 else octets[:n]
        self.at += len(octets)
        return octets

    def readinto(self, buf):
        octets = self.read(len(buf))
        buf[: len(octets)] = octets
        return len(octets)

    def write(self, octets):
        assert self.mode != "rb"
        if self.files.operate():
            octets = octets[: len(octets) // 2]
        old = self.files.stored[self.name]
        old += bytes(max(0, self.at - len(old)))
        self.files.stored[self.name] = (
            old[: self.at] + bytes(octets) + old[self.at + len(octets) :]
        )
        self.at += len(octets)
        self.files.settle()

    def close(self):
        pass


BOARD = b"BOARD"


def image(modules, identifier=b"2.0", board=BOARD, mpy=0, head=b"MCIM\x01\x00"):
    """The octets of an image, put together by the byte picture of meter/package.py."""
    body = b""
    for name, octets in modules:
        body += bytes((len(name),)) + name.encode() + len(octets).to_bytes(4, "big") + octets
    header = head + mpy.to_bytes(2, "big") + len(body).to_bytes(4, "big")
    header += board + bytes(16 - len(board)) + identifier + bytes(32 - len(identifier)) + bytes(4)
    assert len(header) == 64
    return header + hashlib.sha256(header + body).digest() + bytes(64) + body
