# Special days table, class 11 version 0. IEC 62056-6-2.
#
#   1 logical_name   octet-string(6)     dispatch.py
#   2 entries        01 n, each  02 03 | 12 index | 09 05 specialday_date | 11 day_id
#   methods 1 insert  02 03, an entry; it takes the place of one with its index or its date
#           2 delete  12 index
#
# Dates may have wildcards (meter/calendar.py). Where several fit a day the first in the table
# counts; the order is that of the indices.
from cosem import due, plain, value
from dlms import axdr
from meter.calendar import date_fits, date_good
from micropython import const

_SPECIAL_DAYS_LIST = const(2)
_ENTRY = b"\x02\x03\x12\x1a\x11"
_FORM = b"\x01" + _ENTRY
_INDEX = b"\x12"
_INSERT_DAY = const(1)
_ENTRY_SIZE = const(14)  # 02 03 | 12 ii ii | 09 05 date | 11 day_id
_SPECIAL_DATE = const(7)
_SPECIAL_DAY_ID = const(13)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)

get = value.get


class SpecialDays:
    """The table of a row."""

    def __init__(self, row: int):
        self.row = row

    def day_id(self, fields) -> int:
        """Day id of the day of fields; 0 = it is no special day."""
        table = value.octets(self.row, _SPECIAL_DAYS_LIST)
        # Entries have one size, see plain.put; the array's head is what is left in front.
        count = axdr.get_length(table, 1, len(table))
        for at in range(len(table) - count * _ENTRY_SIZE, len(table), _ENTRY_SIZE):
            if date_fits(table, at + _SPECIAL_DATE, fields):
                return table[at + _SPECIAL_DAY_ID]
        return 0

    def row_changed(self) -> None:
        """What is due today may be something else."""
        due.again()


def _index(entry) -> int:
    return entry[0]


def _good(entries) -> bool:
    seen = []
    for index, date, day_id in entries:
        if index in seen or not date_good(date, 0) or not day_id:
            return False
        seen.append(index)
    return True


def set(q, buf, pos: int, end: int) -> int:
    """Set the entries to the Data at buf[pos:end]."""
    return plain.take(q, _FORM, _good, buf, pos, end)


def act(q, buf, pos: int, end: int) -> int:
    """Call insert or delete with the parameter at buf[pos:end]."""
    if q.attribute == _INSERT_DAY:
        return _insert(q.row, plain.get(_ENTRY, buf, pos, end))
    index = plain.get(_INDEX, buf, pos, end)
    if index is None:
        return _TYPE_UNMATCHED
    entries = plain.of(q.row, _SPECIAL_DAYS_LIST, _FORM)
    kept = [entry for entry in entries if entry[0] != index]
    if len(kept) == len(entries):
        return _OTHER_REASON
    return plain.store(q.row, _SPECIAL_DAYS_LIST, _FORM, kept)


def _insert(row: int, entry) -> int:
    if entry is None:
        return _TYPE_UNMATCHED
    if not _good([entry]):
        return _OTHER_REASON
    kept = []
    for other in plain.of(row, _SPECIAL_DAYS_LIST, _FORM):
        if other[0] != entry[0] and other[1] != entry[1]:
            kept.append(other)
    kept.append(entry)
    kept.sort(key=_index)
    return plain.store(row, _SPECIAL_DAYS_LIST, _FORM, kept)
