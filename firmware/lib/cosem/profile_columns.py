# The columns of a profile: what is captured, and the capture of one row. IEC 62056-6-2, class 7.
#
#   capture object   02 04 | 12 class | 09 06 obis | 0F attribute | 12 element
# Attribute 0 is all of the object as one structure. Element 0 is the whole attribute, n the n-th
# element of an array or structure. A row is the Data of the columns one behind the other.
from array import array

from micropython import const

from cosem import associations, internal
from cosem.profile_reading import buffer
from cosem.profile_selection import is_time
from cosem.table import ACCESS, ROWS
from dlms import axdr
from dlms.fcs import move
from meter import compare

_OBJECT_SIZE = const(18)
_OBJECTS_AT = const(2)
_PROFILE_GENERIC = const(7)  # class
_ASSOCIATION_LN = const(15)
_BUFFER_ATTRIBUTE = const(2)
_ELEMENT_MAX = const(0x0FFF)  # above: windows of a captured buffer, which nobody captures here
_RECORD_MAX = const(512)
_STRING_ROOM = const(34)  # octets kept for a string, a structure or an array that is shorter now
_ARRAY = const(1)
_STRUCTURE = const(2)
_OCTETS = const(9)
_VARIABLE = const(254)  # axdr.size_of
_MOMENT_DATA = const(14)  # octets
_DEVIATION_AT = const(9)  # of a date-time
_STATUS_OBJECT = b"\x00\x01\x00\x00\x60\x0a"  # class 1, 0-0:96.10.e: words 1 and 2


class Columns:
    """What the Data objects, capture_objects, says.

    size: octets of a row at most. time: column of the clock, -1 = none. status: word of
    profile_status that is captured, -1 = none
    """

    def __init__(self, objects):
        self._what = array("h")  # row, attribute, element of each column
        self.time = self.status = -1
        for k in range(objects[1]):
            self._add(objects, k)
        self.size = self._measure()

    def _add(self, objects, k: int) -> None:
        at = _OBJECTS_AT + k * _OBJECT_SIZE
        row = internal.find(axdr.get_u16(objects, at + 3), objects, at + 7)
        for number in (row, axdr.get_i8(objects, at + 14), axdr.get_u16(objects, at + 16)):
            self._what.append(number)
        if self.time < 0 and is_time(objects, k):
            self.time = k
        if row >= 0 and ROWS[row * 16 : row * 16 + 6] == _STATUS_OBJECT:
            self.status = ROWS[row * 16 + 6] - 1

    def _measure(self) -> int:
        # Room for a row: what changes its length has some to grow.
        total = 0
        for k in range(self.width()):
            end = self._capture(k, 0)
            total += _room(buffer, end) if end > 0 else _STRING_ROOM
        return min(total, _RECORD_MAX)

    def width(self) -> int:
        """Number of columns."""
        return len(self._what) // 3

    def capture(self) -> int:
        """Make a row of what there is now at the start of buffer; the position behind it."""
        # A column that fails, or has outgrown the row, is null-data.
        pos = 0
        left = self.width()
        for k in range(left):
            left -= 1
            end = self._capture(k, pos)
            if end < 0 or end > self.size - left:
                end = axdr.put_null(buffer, pos)
            pos = end
        return pos

    def _capture(self, k: int, pos: int) -> int:
        row, attribute, element = self._what[3 * k], self._what[3 * k + 1], self._what[3 * k + 2]
        if row < 0:
            return -1
        end = _all(row, pos) if attribute == 0 else internal.get(row, attribute, buffer, pos)
        return _element(pos, end, element) if element and end > 0 else end

    def minute(self, row) -> int:
        """UTC minute of the clock column of a row, -1 when it has none."""
        if self.time < 0:
            return -1
        pos = compare.column(row, self.time)
        if compare.kind(row, pos, len(row)) == 0:
            return -1
        pos = compare.moment(row, pos)
        return compare.utc_min(row, pos) if compare.is_utc(row, pos) else -1

    def deviation(self, row) -> int:
        """Minutes from local time to UTC of a row that has a minute."""
        pos = compare.moment(row, compare.column(row, self.time))
        return axdr.get_i16(row, pos + _DEVIATION_AT)


def is_capturable(buf, at: int) -> bool:
    """May the capture object at buf[at:at + 18] be one?"""
    class_id = axdr.get_u16(buf, at + 3)
    attribute = axdr.get_i8(buf, at + 14)
    row = internal.find(class_id, buf, at + 7)
    if row < 0 or attribute < 0 or axdr.get_u16(buf, at + 16) > _ELEMENT_MAX:
        return False
    if class_id == _ASSOCIATION_LN:  # it tells of whoever asks, and nobody does
        return False
    if attribute == 0:
        return class_id != _PROFILE_GENERIC
    # No buffer within a buffer, so captures are never circular.
    if class_id == _PROFILE_GENERIC and attribute == _BUFFER_ATTRIBUTE:
        return False
    return attribute <= _attributes(row) and _is_readable(row, attribute)


def _room(buf, end: int) -> int:
    # Octets to keep for a Data like that of buf[:end].
    if axdr.size_of(buf[0]) != _VARIABLE or buf[0] == _OCTETS and end == _MOMENT_DATA:
        return end
    return max(end, _STRING_ROOM)


def _all(row: int, pos: int) -> int:
    # Attribute 0: a structure of what somebody may read, null-data for the rest; -1 = too long.
    n = _attributes(row)
    pos = axdr.put_structure(buffer, pos, n)
    for attribute in range(1, n + 1):
        end = -1
        if pos > _RECORD_MAX:
            return -1
        if _is_readable(row, attribute):
            end = internal.get(row, attribute, buffer, pos)
        pos = end if end > 0 else axdr.put_null(buffer, pos)
    return pos


def _element(pos: int, end: int, element: int) -> int:
    """Put element n, from 1, of the array or structure at buffer[pos:end] in its place."""
    if buffer[pos] != _ARRAY and buffer[pos] != _STRUCTURE:
        return -1
    if element > axdr.get_length(buffer, pos + 1, end):
        return -1
    at = axdr.skip_length(buffer, pos + 1)
    while element > 1:
        at = axdr.skip(buffer, at, end)
        element -= 1
    behind = axdr.skip(buffer, at, end)
    move(buffer, pos, buffer, at, behind - at)
    return pos + behind - at


def _attributes(row: int) -> int:
    return ACCESS[associations.rights(0, row)]


def _is_readable(row: int, attribute: int) -> bool:
    """May any association read it? What none may, a secret, is not captured either."""
    for a in range(associations.count()):
        if associations.readable(associations.rights(a, row)) >> attribute - 1 & 1:
            return True
    return False
