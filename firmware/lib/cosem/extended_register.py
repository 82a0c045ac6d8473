# Extended register, class 4 version 0. IEC 62056-6-2. Here: the maximum of a demand register.
#
#   1 logical_name  octet-string(6)     dispatch.py
#   2 value         06 0.1 W
#   3 scaler_unit   02 02 | 0F scaler | 16 unit
#   4 status        11 as of the demand register: 20 the clock was set, 80 power was down
#   5 capture_time  09 0C date-time at which the average ended, or of the reset
#   method 1 reset  0F 00; null-data or none will do
# All three values are one record, so that they are stored together or not at all. It lies in the
# table as attribute 6, which nobody may ask for:  09 11 | value u32 | status u8 | date-time 12
from cosem import live, value
from dlms import axdr
from micropython import const

_VALUE = const(2)
_SCALER_UNIT = const(3)
_STATUS = const(4)
_RECORD = const(6)
_HEAD = const(2)  # tag and length of the record ...
_STATUS_AT = const(6)  # ... and what is in it
_TIME_AT = const(7)
_RECORD_SIZE = const(19)
_U32 = const(6)
_OCTETS = const(9)
_MOMENT = const(12)  # octets of a date-time
_RESET = const(1)
_NULL = const(0)  # tags
_I8 = const(15)
_READ_WRITE_DENIED = const(3)
_TYPE_UNMATCHED = const(12)
_NEVER = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\x00\xff"


class ExtendedRegister:
    """The greatest average so far, and when it was."""

    def __init__(self, row: int):
        self._row = row
        self._running = True
        self._now = _NEVER  # local time as of the last second, the 12 octets of a date-time
        self.record = value.octets(row, _RECORD)

    def second(self, now_s: int, fields) -> None:
        now = bytearray(_MOMENT)
        axdr.store_date_time(now, 0, fields)
        self._now = now

    def run(self, on: bool) -> None:
        """Take part, or stand still: a register activation says so."""
        self._running = on

    def offer(self, average: int, status: int, moment) -> None:
        """An average has ended, 0.1 W; moment: the 12 octets of its local time."""
        if self._running and average > axdr.get_u32(self.record, _HEAD):
            self._store(average, status, moment)

    def reset(self) -> int:
        """Back to 0; the capture time is that of the reset. A result."""
        return self._store(0, 0, self._now)

    def _store(self, average: int, status: int, moment) -> int:
        made = bytearray(_RECORD_SIZE)
        made[0] = _OCTETS
        made[1] = _RECORD_SIZE - _HEAD
        axdr.store_u32(made, _HEAD, average)
        made[_STATUS_AT] = status
        made[_TIME_AT:] = moment
        result = value.store(self._row, _RECORD, bytes(made))
        if result == 0:
            self.record = bytes(made)
        return result


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attributes 2 to 5."""
    if q.attribute == _SCALER_UNIT:
        return value.get(q, out, pos)
    record = live.of(q.row).record
    if q.attribute == _VALUE:
        return axdr.put_fixed(out, pos, _U32, record, _HEAD)
    if q.attribute == _STATUS:
        return axdr.put_u8(out, pos, record[_STATUS_AT])
    return axdr.put_octets(out, pos, record, _TIME_AT, _MOMENT)


def act(q, buf, pos: int, end: int) -> int:
    """Method 1."""
    if pos != end and buf[pos] != _I8 and buf[pos] != _NULL:
        return _TYPE_UNMATCHED
    return live.of(q.row).reset() if q.attribute == _RESET else _READ_WRITE_DENIED
