# Demand register, class 5 version 0. IEC 62056-6-2. Average power of one direction of energy.
#
#   1 logical_name           octet-string(6)     dispatch.py
#   2 current_average_value  06 0.1 W; ramps up, see meter/demand.py
#   3 last_average_value     06 0.1 W
#   4 scaler_unit            02 02 | 0F scaler | 16 unit
#   5 status                 11 of attribute 3: 20 the clock was set in it, 80 power was down in it
#   6 capture_time           09 0C when attribute 3 was computed
#   7 start_time_current     09 0C when the running window began
#   8 period                 06 s, 1 to 86400
#   9 number_of_periods      12 1 to 60
#   methods 1 reset, 2 next_period     0F 00; null-data or none will do
# Periods end where local seconds since 2000 are a multiple of the period; the moment is fixed when
# a period begins, so a clock that is put back by a few seconds passes it once. In the table there
# is also attribute 10, which nobody may ask for: the maxima, 09 n, OBIS codes of class 4 objects.
from cosem import internal, live, value
from dlms import axdr
from meter import registers
from meter.demand import Demand
from meter.tariffs import rates
from micropython import const

_CURRENT = const(2)
_LAST = const(3)
_STATUS = const(5)
_CAPTURE_TIME = const(6)
_START_TIME = const(7)
_PERIOD = const(8)
_PERIODS = const(9)
_MAXIMA = const(10)
_EXPORT = const(1)  # argument of a row that measures export
_SLOT_LAST_DEMAND_IMPORT = const(33)  # meter/registers.py; that of export follows
_RESET = const(1)
_NEXT_PERIOD = const(2)
_CLASS_EXTENDED = const(4)
_DEVIATION = const(8)  # of the fields
_CLOCK_ADJUSTED = const(0x20)  # bits of the profile status, used alike
_POWER_DOWN = const(0x80)
_PERIOD_MAX = const(86400)
_PERIODS_MAX = const(60)
_NULL = const(0)  # tags
_U32 = const(6)
_I8 = const(15)
_U16 = const(18)
_SUCCESS = const(0)
_READ_WRITE_DENIED = const(3)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)
_NEVER = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\x00\xff"


class DemandRegister:
    """One demand: it takes what was booked since the last second, and ends periods."""

    def __init__(self, row: int):
        self._row = row
        self._export = value.argument(row) == _EXPORT
        self._running = True
        self._now = _NEVER  # local time as of the last second, the 12 octets of a date-time
        self._taken = self._counter()
        self.status = 0  # of the last average ...
        self._next_status = _POWER_DOWN  # ... and of the running window
        self._adjusted = False  # the clock was set since the last second
        self.row_changed()

    def row_changed(self) -> None:
        """Period or number of periods are new: everything starts anew."""
        period_s = axdr.get_u32(value.octets(self._row, _PERIOD), 1)
        self.demand = Demand(period_s, axdr.get_u16(value.octets(self._row, _PERIODS), 1))
        self.captured = self._now
        self._restart()
        self._show()

    def _show(self) -> None:
        # 1-0:1.5.0 and 2.5.0 are registers of the last average.
        registers.put(_SLOT_LAST_DEMAND_IMPORT + self._export, self.demand.last)

    def _restart(self) -> None:
        self._due_s = -1  # when the running period ends, UTC; -1 = it has not begun
        self._starts = [self._now]  # of the window's periods, oldest first

    def started(self) -> bytes:
        """When the running window began."""
        return self._starts[0]

    def _counter(self) -> int:
        return rates.exported_nwh if self._export else rates.imported_nwh

    def _take(self) -> None:
        counter = self._counter()
        if self._running:
            self.demand.add(counter - self._taken)
        self._taken = counter

    def run(self, on: bool) -> None:
        """Take part, or stand still: a register activation says so."""
        self._take()
        self._running = on

    def second(self, now_s: int, fields) -> None:
        """Take the energy of this second, and end the period if it is over."""
        self._take()
        self._now = _octets(fields)
        if self._adjusted:
            self._close_adjusted()
        elif self._due_s < 0:
            self._starts = [self._now]
        elif now_s >= self._due_s:
            self._end_period()
        else:
            return
        period_s = self.demand.period_s
        self._due_s = now_s + period_s - (now_s - fields[_DEVIATION] * 60) % period_s

    def _end_period(self) -> None:
        self.demand.end_period()
        self._starts.append(self._now)
        if len(self._starts) > self.demand.periods:
            self._starts.pop(0)
        self._ended()

    def jumped(self, old_s: int, new_s: int) -> None:
        """The clock was set: the window ends with the next second, which knows the new time."""
        self._adjusted = True

    def _close_adjusted(self) -> None:
        # The window that ends here and the one that begins both say so.
        self._adjusted = False
        self._next_status |= _CLOCK_ADJUSTED
        self.next_period()
        self._next_status |= _CLOCK_ADJUSTED

    def next_period(self) -> None:
        """Method 2: the window ends early."""
        self._take()
        self.demand.next_period()
        self._restart()
        self._ended()

    def _ended(self) -> None:
        self.status = self._next_status
        self._next_status = 0
        self.captured = self._now
        self._show()
        codes = value.octets(self._row, _MAXIMA)
        for at in range(2, len(codes), 6):
            row = internal.find(_CLASS_EXTENDED, codes, at)
            live.of(row).offer(self.demand.last, self.status, self._now)

    def reset(self) -> None:
        """Method 1: both averages 0, a new window."""
        self._take()
        self.demand.reset()
        self.status = self._next_status = 0
        self.captured = self._now
        self._restart()
        self._show()


def _octets(fields) -> bytes:
    made = bytearray(12)
    axdr.store_date_time(made, 0, fields)
    return bytes(made)


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attributes 2 to 9."""
    it = live.of(q.row)
    attribute = q.attribute
    if attribute == _CURRENT:
        return axdr.put_u32(out, pos, it.demand.current())
    if attribute == _LAST:
        return axdr.put_u32(out, pos, it.demand.last)
    if attribute == _STATUS:
        return axdr.put_u8(out, pos, it.status)
    if attribute == _CAPTURE_TIME:
        return axdr.put_octets(out, pos, it.captured, 0, 12)
    if attribute == _START_TIME:
        return axdr.put_octets(out, pos, it.started(), 0, 12)
    return value.get(q, out, pos)


def set(q, buf, pos: int, end: int) -> int:
    """Set attribute 8 or 9 to the Data at buf[pos:end]; both averages start anew."""
    if q.attribute == _PERIOD:
        if buf[pos] != _U32:
            return _TYPE_UNMATCHED
        good = 1 <= axdr.get_u32(buf, pos + 1) <= _PERIOD_MAX
    elif q.attribute == _PERIODS:
        if buf[pos] != _U16:
            return _TYPE_UNMATCHED
        good = 1 <= axdr.get_u16(buf, pos + 1) <= _PERIODS_MAX
    else:
        return _READ_WRITE_DENIED
    return value.keep(q, buf, pos, end) if good else _OTHER_REASON


def act(q, buf, pos: int, end: int) -> int:
    """Methods 1 and 2."""
    if pos != end and buf[pos] != _I8 and buf[pos] != _NULL:
        return _TYPE_UNMATCHED
    it = live.of(q.row)
    if q.attribute == _RESET:
        it.reset()
    elif q.attribute == _NEXT_PERIOD:
        it.next_period()
    else:
        return _READ_WRITE_DENIED
    return _SUCCESS
