# Status mapping, class 63 version 0. IEC 62056-6-2.
#
#   1 logical_name    octet-string(6)     dispatch.py
#   2 status_word     11, 12, 06 or 15: a live value of the meter, to be read as bits
#   3 mapping_table   02 02 | 11 ref_table_id | 12 entry of the leading bit, the next bits follow;
#                                             or 01 n, each 12 entry of a bit
from cosem import plain, value
from meter import registers
from dlms import axdr
from micropython import const

_STATUS_WORD = const(2)
_BY_FIRST = b"\x02\x02\x11\x12"
_BY_BIT = b"\x02\x02\x11\x01\x12"
_BITS = const(8)  # of an octet


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attribute 2 or 3."""
    if q.attribute != _STATUS_WORD:
        return value.get(q, out, pos)
    # The table holds the type of the word; its argument is the slot of the value.
    tag = out[pos] = value.octets(q.row, _STATUS_WORD)[0]
    return registers.copy(value.argument(q.row), axdr.size_of(tag), out, pos + 1)


def set(q, buf, pos: int, end: int) -> int:
    """Set the mapping table to the Data at buf[pos:end]; a list has one entry for each bit."""
    if plain.get(_BY_FIRST, buf, pos, end) is not None:
        return plain.take(q, _BY_FIRST, bool, buf, pos, end)
    bits = axdr.size_of(value.octets(q.row, _STATUS_WORD)[0]) * _BITS
    return plain.take(q, _BY_BIT, lambda what: len(what[1]) == bits, buf, pos, end)
