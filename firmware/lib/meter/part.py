# The blocks of an image on their way in, in the order they came: the file "part".
#
#   0 4D 43 42 31 "MCB1" | 4 transfer u32
#   8 records: block number u32 | CRC-32 of number and block u32 | block, filled up with 00
#
# A record is only ever added. A block counts as there when its record is whole and in the file,
# and no sooner: which ones are there is read from the file at the start, nothing else says so. A
# cut leaves at most one torn record at the end, which the next one overwrites.
from array import array
from binascii import crc32

from micropython import const

PART = "part"
_MAGIC = b"MCB1"
_RECORD_HEAD = const(8)
_NONE = const(0xFFFF)  # no record: the block is missing
ADDED = 0
THERE = 1
OTHER = 2


class Part:
    """The blocks 0 to count - 1 of an image of `size` octets; 2 octets of RAM for each."""

    def __init__(self, files, transfer: int, size: int, block_size: int):
        self.size = size
        self.block_size = block_size
        self.count = (size + block_size - 1) // block_size
        self.missing = self.count  # how many
        self.first = 0  # the first that is missing, count when none is
        self._files = files
        self._head = _MAGIC + transfer.to_bytes(4, "big")
        self._records = 0
        self._at = array("H", [_NONE] * self.count)  # block -> record
        self._block = bytearray(_RECORD_HEAD + block_size)

    def start(self) -> None:
        """Begin an empty file."""
        file = self._files.open(PART, "wb")
        try:
            file.write(self._head)
        finally:
            file.close()

    def scan(self) -> None:
        """Find out which blocks the file holds; a file of another transfer holds none."""
        if not self._files.has(PART):
            return self.start()
        file = self._files.open(PART, "rb")
        try:
            good = file.read(_RECORD_HEAD) == self._head
            while good:
                good = self._next(file)
        finally:
            file.close()
        if not self._records:
            self.start()

    def _next(self, file) -> bool:
        record = self._block
        if file.readinto(record) != len(record):
            return False
        number = int.from_bytes(record[:4], "big")
        if number >= self.count or int.from_bytes(record[4:8], "big") != _check(record):
            return False
        self._note(number)
        return True

    def _note(self, number: int) -> None:
        if self._at[number] == _NONE:
            self.missing -= 1
        self._at[number] = self._records
        self._records += 1
        while self.first < self.count and self._at[self.first] != _NONE:
            self.first += 1

    def length(self, number: int) -> int:
        """Octets of a block; the last one may be shorter."""
        return min(self.block_size, self.size - number * self.block_size)

    def has(self, number: int) -> bool:
        """Is the block there?"""
        return self._at[number] != _NONE

    def add(self, number: int, buf, pos: int) -> int:
        """Take length(number) octets at buf[pos:]: ADDED and safe, or THERE before, or OTHER:
        there before with other octets. OSError = not taken."""
        n = self.length(number)
        record = self._block
        if self.has(number):
            self._load(number)
            same = record[_RECORD_HEAD : _RECORD_HEAD + n] == buf[pos : pos + n]
            return THERE if same else OTHER
        for k in range(_RECORD_HEAD + n, len(record)):
            record[k] = 0
        record[_RECORD_HEAD : _RECORD_HEAD + n] = buf[pos : pos + n]
        record[:4] = number.to_bytes(4, "big")
        record[4:8] = _check(record).to_bytes(4, "big")
        self._append(record)
        self._note(number)
        return ADDED

    def _append(self, record) -> None:
        file = self._files.open(PART, "r+b")
        try:
            file.seek(_RECORD_HEAD + self._records * len(record))
            file.write(record)
        finally:
            file.close()

    def _load(self, number: int) -> None:
        file = self._files.open(PART, "rb")
        try:
            self._seek(file, number)
            file.readinto(self._block)
        finally:
            file.close()

    def _seek(self, file, number: int) -> None:
        file.seek(_RECORD_HEAD + self._at[number] * len(self._block))

    def read(self, start: int, n: int) -> bytes:
        """Octets start..start + n of the image, fewer at its end; their blocks are there."""
        n = min(n, self.size - start)
        made = bytearray(n)
        at = 0
        while at < n:
            number = (start + at) // self.block_size
            self._load(number)
            inside = _RECORD_HEAD + (start + at) % self.block_size
            some = min(n - at, len(self._block) - inside)
            made[at : at + some] = self._block[inside : inside + some]
            at += some
        return made


def _check(record) -> int:
    return crc32(record[8:], crc32(record[:4]))
