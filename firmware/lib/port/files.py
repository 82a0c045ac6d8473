# Files of the meter in one folder of the file system, which is littlefs on the board: a file's
# new octets are there once it was closed, a renaming replaces at once.
import io
import os

FOLDER = "/image"  # another one on a machine that is no board


class Files:
    """The files below FOLDER; every name is relative to it. OSError tells of what went wrong."""

    def __init__(self, folder: str = ""):
        self._at = (folder or FOLDER) + "/"

    def start(self) -> None:
        """Make the folder if it is not there."""
        if not self.has(""):
            os.mkdir(self._at[:-1])

    def open(self, name: str, mode: str):
        """A binary file."""
        return io.open(self._at + name, mode)

    def path(self, name: str) -> str:
        """Its name for everybody else."""
        return self._at + name

    def rename(self, old: str, new: str) -> None:
        """Replaces `new` if there is one."""
        os.rename(self._at + old, self._at + new)

    def remove(self, name: str) -> None:
        """A file."""
        os.remove(self._at + name)

    def rmdir(self, name: str) -> None:
        """An empty folder."""
        os.rmdir(self._at + name)

    def mkdir(self, name: str) -> None:
        """A folder."""
        os.mkdir(self._at + name)

    def names(self, folder: str) -> list:
        """What is in a folder; nothing in one that is not there."""
        try:
            return os.listdir(self._at + folder)
        except OSError:
            return []

    def has(self, name: str) -> bool:
        """Is there such a file or folder?"""
        try:
            os.stat((self._at + name).rstrip("/"))
            return True
        except OSError:
            return False

    def free(self) -> int:
        """Octets that are not used."""
        found = os.statvfs(self._at[:-1])
        return found[0] * found[3]
