# Schedule, class 10 version 0. IEC 62056-6-2.
#
#   1 logical_name   octet-string(6)     dispatch.py
#   2 entries        01 n, each  02 0A | 12 index 1..9999 | 03 enable | 09 06 script_logical_name
#                      | 12 script_selector | 09 04 switch_time | 12 validity_window, minutes
#                      | 04 07 exec_weekdays, first bit Monday
#                      | 04 n exec_specdays, first bit day_id 1 | 09 05 begin | 09 05 end
#   methods 1 enable_disable  02 04 | 12 first A | 12 last A | 12 first B | 12 last B:
#             disables the indices of range A, then enables those of B; first > last is no range
#           2 insert          02 0A, an entry; it takes the place of one with its index
#           3 delete          02 02 | 12 first | 12 last
#
# On a special day (table 0-0:11.0.e with the e of the schedule) the bit of its day_id decides, on
# any other day the weekday. begin and end are taken as date-times too, as one client sends them,
# and kept as dates. A wild begin or end is open; both with a wild year repeat each year.
# validity_window: so late an entry missed with the power off is started, 0 = never, FFFF = always.
#
# Attribute 3, which nobody sees, is the moment up to which all is done (due.py).
from cosem import due, plain, value
from meter.calendar import in_range, range_good, time_good
from micropython import const

_SCHEDULE_ENTRIES = const(2)
_SCHEDULE_KEPT = const(3)
_TAKEN = b"\x02\x0a\x12\x03\x09\x06\x06\x12\x1b\x12\x04\x07\x07\x04\x00\xff\xff\xff"
_ENTRY = b"\x02\x0a\x12\x03\x09\x06\x06\x12\x1b\x12\x04\x07\x07\x04\x00\xff\x1a\x1a"
_FORM = b"\x01" + _ENTRY
_RANGES = b"\x02\x04\x12\x12\x12\x12"
_RANGE = b"\x02\x02\x12\x12"
_SWITCH_TIME = const(4)  # place within an entry
_BEGIN_DATE = const(8)
_END_DATE = const(9)
_WEEKDAY = const(3)  # of fields
_INDEX_MAX = const(9999)
_ENABLE_DISABLE = const(1)
_INSERT_ENTRY = const(2)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)

get = value.get


class Schedule(due.Watch):
    """The schedule of a row."""

    def __init__(self, row: int):
        due.Watch.__init__(self, row, _SCHEDULE_KEPT)

    def entries(self) -> list:
        """Those that are enabled."""
        found = []
        for entry in plain.of(self.row, _SCHEDULE_ENTRIES, _FORM):
            if entry[1]:
                _, _, table, selector, time, window = entry[:6]
                found.append(due.Entry(time, entry[6:], window, table, selector))
        return found

    def on(self, entry, fields) -> bool:
        """Is the day of fields one of the entry's?"""
        weekdays, special_days, begin, end = entry.days
        if not in_range(begin, 0, end, 0, fields):
            return False
        special = due.special_day(self.row, fields)
        if special:
            return _bit(special_days, special - 1)
        return _bit(weekdays, fields[_WEEKDAY] - 1)


def _bit(bits, k: int) -> bool:
    n, octets = bits
    return k < n and octets[k >> 3] >> 7 - (k & 7) & 1 == 1


def _index(entry) -> int:
    return entry[0]


def _good(entry) -> bool:
    return (
        1 <= entry[0] <= _INDEX_MAX
        and time_good(entry[_SWITCH_TIME], 0, False)
        and range_good(entry[_BEGIN_DATE], 0, entry[_END_DATE], 0)
    )


def _taken(raw):
    # An entry as it came -> with two dates, None when they are none.
    for k in (_BEGIN_DATE, _END_DATE):
        octets = raw[k]
        date = plain.get(b"\x1a", octets, 0, len(octets))
        if date is None:
            date = plain.get(b"\x19", octets, 0, len(octets))
        if date is None:
            return None
        raw[k] = date[:5]
    return raw


def set(q, buf, pos: int, end: int) -> int:
    """Set the entries to the Data at buf[pos:end]."""
    entries = plain.get(b"\x01" + _TAKEN, buf, pos, end)
    if entries is None:
        return _TYPE_UNMATCHED
    seen = []
    for raw in entries:
        entry = _taken(raw)
        if entry is None:
            return _TYPE_UNMATCHED
        if entry[0] in seen or not _good(entry):
            return _OTHER_REASON
        seen.append(entry[0])
    return plain.store(q.row, _SCHEDULE_ENTRIES, _FORM, entries, q.dry)


def act(q, buf, pos: int, end: int) -> int:
    """Call enable_disable, insert or delete with the parameter at buf[pos:end]."""
    if q.attribute == _INSERT_ENTRY:
        return _insert(q.row, plain.get(_TAKEN, buf, pos, end))
    enabling = q.attribute == _ENABLE_DISABLE
    given = plain.get(_RANGES if enabling else _RANGE, buf, pos, end)
    if given is None:
        return _TYPE_UNMATCHED
    kept = []
    for entry in plain.of(q.row, _SCHEDULE_ENTRIES, _FORM):
        inside = given[0] <= entry[0] <= given[1]
        if enabling:
            again = given[2] <= entry[0] <= given[3]
            entry[1] = 1 if again else 0 if inside else entry[1]
        if enabling or not inside:
            kept.append(entry)
    return plain.store(q.row, _SCHEDULE_ENTRIES, _FORM, kept)


def _insert(row: int, raw) -> int:
    entry = None if raw is None else _taken(raw)
    if entry is None:
        return _TYPE_UNMATCHED
    if not _good(entry):
        return _OTHER_REASON
    kept = [other for other in plain.of(row, _SCHEDULE_ENTRIES, _FORM) if other[0] != entry[0]]
    kept.append(entry)
    kept.sort(key=_index)
    return plain.store(row, _SCHEDULE_ENTRIES, _FORM, kept)
