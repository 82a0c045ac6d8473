# Image transfer, class 18 version 0. IEC 62056-6-2.
#
#   1 logical_name                              octet-string(6)     dispatch.py
#   2 image_block_size                          06 octets, 16 to 960; not while a transfer goes on
#   3 image_transferred_blocks_status           04 bit k = block k is there
#   4 image_first_not_transferred_block_number  06 the number of blocks when all are there
#   5 image_transfer_enabled                    03
#   6 image_transfer_status                     16 0..7, meter/image.py
#   7 image_to_activate_info                    01 01 02 03 | 06 size | 09 identification
#                                               | 09 signature: the SHA-256; 01 00 until verified
#
#   methods 1 image_transfer_initiate   02 02 | 09 identifier | 06 size
#           2 image_block_transfer      02 02 | 06 number | 09 block
#           3 image_verify, 4 image_activate   0F 00; null-data or none will do
#
# A method that goes on after its answer, or meets one that does, returns temporary-failure.
import sys

from micropython import const

from cosem import internal, live, value
from dlms import axdr, shape
from meter import events, image, package

_BLOCK_SIZE = const(2)
_BLOCKS_STATUS = const(3)
_FIRST_MISSING = const(4)
_TRANSFER_ENABLED = const(5)
_TRANSFER_STATUS = const(6)
_INITIATE = const(1)
_BLOCK_TRANSFER = const(2)
_VERIFY = const(3)
_DATA = const(1)  # class of the firmware identifier
_BIT_STRING = const(4)
_DOUBLE_LONG_UNSIGNED = const(6)
_OCTETS = const(9)
_PIECE_BITS = const(1984)  # 248 octets; tag and length fit beside them
_BLOCK_LEAST = const(16)
_BLOCK_MOST = const(960)  # with what is around it in an APDU of 1024
_DIGEST_SIZE = const(32)
_SUCCESS = const(0)
_TEMPORARY_FAILURE = const(2)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)
_INITIATE_SHAPE = b"\x02\x02\x09\x00\xff\x06"
_BLOCK_SHAPE = b"\x02\x02\x06\x09\x00\xff"
# Active firmware identifier and its signature, 0-0:0.2.0 and 0.2.8, and the same of 1-0.
_IDENTIFIER_E = const(0)
_SIGNATURE_E = const(8)
_EVENTS = {
    image.VERIFIED: events.FIRMWARE_READY,
    image.NOT_VERIFIED: events.FIRMWARE_REFUSED,
    image.ACTIVATED: events.FIRMWARE_ACTIVATED,
}

_files = image.NoFiles()
_board = b""


def _restart() -> None:
    """What use() names."""


def use(files, board: str, restart) -> None:
    """Keep images in these files (port/files.py), for a board of this name. restart() is called
    when an activation has come to the point where the meter starts anew."""
    global _files, _board, _restart
    _files = files
    _board = board.encode()
    _restart = restart


def _tell(status: int) -> None:
    if status in _EVENTS:
        events.raise_(_EVENTS[status])


class ImageTransfer:
    """An object of the class; a meter has one."""

    def __init__(self, row: int):
        self.row = row
        mpy = getattr(sys.implementation, "_mpy", 0)
        self.transfer = image.Transfer(_files, _board, mpy, _tell)
        if self.transfer.running:
            # The image's, and not those of the frozen modules.
            _show(_IDENTIFIER_E, self.transfer.running)
            _show(_SIGNATURE_E, self.transfer.digest)

    def second(self, now_s: int, fields) -> None:
        """Go on with what takes long."""
        self.transfer.second()
        if self.transfer.restart:
            _restart()

    def block_size(self) -> int:
        """Attribute 2."""
        return int.from_bytes(value.octets(self.row, _BLOCK_SIZE)[1:], "big")

    def enabled(self) -> bool:
        """Attribute 5."""
        return value.octets(self.row, _TRANSFER_ENABLED)[1] != 0


def _show(e: int, octets: bytes) -> None:
    for a in range(2):
        row = internal.find(_DATA, bytes((a, 0, 0, 2, e, 0xFF)))
        if row >= 0:
            value.shown[row] = bytes((_OCTETS, len(octets))) + octets


def _u32(buf, pos: int) -> int:
    return int.from_bytes(bytes(buf[pos : pos + 4]), "big")


def _put_u32(out, pos: int, number: int) -> int:
    out[pos] = _DOUBLE_LONG_UNSIGNED
    return axdr.store_u32(out, pos + 1, number)


def get(q, out, pos: int) -> int:
    """Write attributes 2 to 7, the third in pieces."""
    attribute = q.attribute
    if attribute == _BLOCK_SIZE or attribute == _TRANSFER_ENABLED:
        return value.get(q, out, pos)
    transfer = live.of(q.row).transfer
    if attribute == _TRANSFER_STATUS:
        return axdr.put_enum(out, pos, transfer.status)
    part = transfer.part
    if attribute == _FIRST_MISSING:
        return _put_u32(out, pos, part.first if part else 0)
    if attribute == _BLOCKS_STATUS:
        return _status(q, part, out, pos)
    return _info(transfer, out, pos)


def _status(q, part, out, pos: int) -> int:
    # The bits go in pieces of 248 octets, the first behind tag and length.
    count = part.count if part else 0
    at = q.piece * _PIECE_BITS
    if q.piece == 0:
        out[pos] = _BIT_STRING
        pos = axdr.put_length(out, pos + 1, count)
    end = min(count, at + 1984)
    q.more = end < count
    while at < end:
        octet = 0
        for k in range(8):
            if at + k < count and part.has(at + k):
                octet |= 0x80 >> k
        out[pos] = octet
        pos += 1
        at += 8
    return pos


def _info(transfer, out, pos: int) -> int:
    header = transfer.header
    out[pos] = 1
    out[pos + 1] = 1 if header else 0
    if not header:
        return pos + 2
    out[pos + 2] = 2
    out[pos + 3] = 3
    pos = _put_u32(out, pos + 4, transfer.part.size)
    name = package.identifier(header)
    pos = axdr.put_octets(out, pos, name, 0, len(name))
    return axdr.put_octets(out, pos, package.digest(header), 0, _DIGEST_SIZE)


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2 and 5 to the Data at buf[pos:end]."""
    if q.attribute == _TRANSFER_ENABLED:
        good = shape.end(b"\x03", buf, pos, end) == end
        return value.keep(q, buf, pos, end) if good else _TYPE_UNMATCHED
    if shape.end(b"\x06", buf, pos, end) != end:
        return _TYPE_UNMATCHED
    if not _BLOCK_LEAST <= _u32(buf, pos + 1) <= _BLOCK_MOST:
        return _OTHER_REASON
    if live.of(q.row).transfer.part is not None:
        return _TEMPORARY_FAILURE  # the blocks of one transfer are of one size
    return value.keep(q, buf, pos, end)


def act(q, buf, pos: int, end: int) -> int:
    """Call methods 1 to 4 with the parameter at buf[pos:end]."""
    instance = live.of(q.row)
    method = q.attribute
    if not _good(method, buf, pos, end):
        return _TYPE_UNMATCHED
    if not instance.enabled():
        return _OTHER_REASON
    if method == _INITIATE:
        return _initiate(instance, buf, pos, end)
    if method == _BLOCK_TRANSFER:
        return _block(instance.transfer, buf, pos, end)
    return instance.transfer.verify() if method == _VERIFY else instance.transfer.activate()


def _good(method: int, buf, pos: int, end: int) -> bool:
    if method > _BLOCK_TRANSFER:
        return pos == end or shape.end(b"\xfe\x02\x0f\x00", buf, pos, end) == end
    wanted = _INITIATE_SHAPE if method == _INITIATE else _BLOCK_SHAPE
    return pos != end and shape.end(wanted, buf, pos, end) == end


def _initiate(instance, buf, pos: int, end: int) -> int:
    # 02 02 | 09 n identifier | 06 size
    start = axdr.skip_length(buf, pos + 3)
    size = _u32(buf, end - 4)
    return instance.transfer.initiate(bytes(buf[start : end - 5]), size, instance.block_size())


def _block(transfer, buf, pos: int, end: int) -> int:
    # 02 02 | 06 number | 09 n block
    start = axdr.skip_length(buf, pos + 8)
    return transfer.block(_u32(buf, pos + 3), buf, start, end - start)
