# Class 7: capture, selection, settings, against rows written by hand from IEC 62056-6-2.
import unittest

from cosem import dispatch, internal, live
from cosem_reading import (
    CONFIGURATOR,
    READER,
    descriptor,
    live_through,
    obis,
    read,
    request,
    use_still_clock,
)
from meter import registers, settings
from meter.date import days, weekday

_LOAD = "1-0:99.1.0"
_DAILY = "1-0:99.2.0"
_BILLING = "0-0:98.1.0"
_SLOT_VOLTAGE = 0
_SLOT_IMPORT = 9
_SLOT_EXPORT = 10
_ZONE = -60
_CLOCK = b"\x02\x04\x12\x00\x08\x09\x06\x00\x00\x01\x00\x00\xff\x0f\x02\x12\x00\x00"
_STATUS = b"\x02\x04\x12\x00\x01\x09\x06\x00\x00\x60\x0a\x01\xff\x0f\x02\x12\x00\x00"
_IMPORT = b"\x02\x04\x12\x00\x03\x09\x06\x01\x00\x01\x08\x00\xff\x0f\x02\x12\x00\x00"
_EXPORT = b"\x02\x04\x12\x00\x03\x09\x06\x01\x00\x02\x08\x00\xff\x0f\x02\x12\x00\x00"
_VOLTAGE = b"\x02\x04\x12\x00\x03\x09\x06\x01\x00\x20\x07\x00\xff\x0f\x02\x12\x00\x00"
_NONE = b"\x02\x04\x12\x00\x00\x09\x06" + bytes(6) + b"\x0f\x00\x12\x00\x00"
_SECONDS_2026_11_22 = days(2026, 11, 22) * 86400


def u32(number):
    return b"\x06" + bytes([number >> shift & 0xFF for shift in (24, 16, 8, 0)])


def moment(day=22, hour=0, minute=0, second=0, deviation=_ZONE, status=0, month=11):
    """09 0C and a date-time of November 2026, hundredths 0."""
    week = weekday(days(2026, month, day))
    deviation &= 0xFFFF
    return b"\x09\x0c\x07\xea" + bytes(
        [month, day, week, hour, minute, second, 0, deviation >> 8, deviation & 0xFF, status])


class Meter:
    """The profiles of the meter with a clock that goes as the test says."""

    def __init__(self):
        settings._values.clear()
        from meter import log

        log._logs.clear()
        dispatch.start()
        self.clock = use_still_clock()
        self.clock.fields[9] = 0
        self.now_s = _SECONDS_2026_11_22
        self.deviation = _ZONE
        self.at(0, 0)
        columns = b"\x01\x03" + _CLOCK + _IMPORT + _EXPORT  # the shipped one has more
        put(_BILLING, 3, columns)

    def at(self, hour, minute, second=0, day=22, deviation=_ZONE, status=0):
        """The clock shows this local time of November 2026; the objects are not told."""
        local = (days(2026, 11, day) * 24 + hour) * 3600 + minute * 60 + second
        self.now_s = local + deviation * 60
        fields = [2026, 11, day, weekday(days(2026, 11, day)), hour, minute, second, 0,
                  deviation, status]
        self.clock.fields[:] = fields

    def second(self, *at, **more):
        self.at(*at, **more)
        live_through(self.now_s, self.clock.fields)

    def jump(self, *at, **more):
        old_s = self.now_s
        self.at(*at, **more)
        live.jumped(old_s, self.now_s)

    def call(self, code, method):
        return act(code, method, b"\x0f\x00")


def act(code, method, parameter):
    q = request(CONFIGURATOR)
    result = dispatch.open(q, descriptor(7, code, method), 0, 2)
    return result or dispatch.act(q, parameter, 0, len(parameter))


def put(code, attribute, data, dry=False):
    q = request(CONFIGURATOR)
    q.dry = dry
    result = dispatch.open(q, descriptor(7, code, attribute), 0, 1)
    return result or dispatch.set(q, b"?" + data, 1, 1 + len(data))


def select(code, selector, data):
    """The Data that a selection answers with, or the data-access-result."""
    q = request(READER)
    result = dispatch.open(q, descriptor(7, code, 2), 0, 0)
    if result:
        return result
    q.selector = selector
    q.buf = b"??" + data
    q.pos, q.end = 2, 2 + len(data)
    made, out = b"", bytearray(3 + 256)
    while True:
        end = dispatch.get(q, out, 3)
        if q.result:
            return q.result
        made += bytes(out[3:end])
        if not q.more:
            return made
        q.piece += 1


def entries(code, first, last, column=1, to_column=0):
    return select(code, 2, b"\x02\x04" + u32(first) + u32(last)
                  + bytes([0x12, 0, column, 0x12, 0, to_column]))


def between(code, low, high, columns=(), by=_CLOCK):
    wanted = b"".join(columns)
    return select(code, 1, b"\x02\x04" + by + low + high + bytes([1, len(columns)]) + wanted)


def array(rows):
    return bytes([1, len(rows)]) + b"".join(rows)


def billing(time, energy=0, export=0):
    return b"\x02\x03" + time + u32(energy) + u32(export)


class TestCapture(unittest.TestCase):
    def setUp(self):
        self.meter = Meter()
        registers.put(_SLOT_IMPORT, 1000)
        registers.put(_SLOT_EXPORT, 7)
        registers.put(_SLOT_VOLTAGE, 23012)

    def load(self):
        return read(READER, 7, _LOAD, 2)

    def test_attributes(self):
        self.assertEqual(read(READER, 7, _LOAD, 2), b"\x01\x00")
        columns = _CLOCK + _STATUS + _IMPORT + _EXPORT + _VOLTAGE
        self.assertEqual(read(READER, 7, _LOAD, 3), b"\x01\x05" + columns)
        self.assertEqual(read(READER, 7, _LOAD, 4), u32(900))
        self.assertEqual(read(READER, 7, _LOAD, 5), b"\x16\x01")
        self.assertEqual(read(READER, 7, _LOAD, 6), _NONE)
        self.assertEqual(read(READER, 7, _LOAD, 7), u32(0))
        self.assertEqual(read(READER, 7, _BILLING, 8), u32(36))

    def test_a_row_is_what_there_is_when_the_period_ends(self):
        for minute in range(0, 46):
            self.meter.second(14, minute, 3)
        # at 14:15:03, :30:03 and :45:03: no row for 14:00, which nobody saw begin
        rows = [
            b"\x02\x05" + moment(22, 14, minute, 3) + b"\x11" + bytes([status])
            + u32(1000) + u32(7) + b"\x12\x59\xe4"
            for minute, status in ((15, 0x80), (30, 0), (45, 0))
        ]
        self.assertEqual(self.load(), array(rows))
        self.assertEqual(read(READER, 7, _LOAD, 7), u32(3))
        self.assertEqual(read(READER, 7, _DAILY, 7), u32(0))

    def test_days_end_at_local_midnight(self):
        self.meter.second(22, 59, 59)
        self.meter.second(23, 0, 0)  # midnight of UTC is an hour later than that of UTC+1
        self.meter.second(23, 59, 59)
        self.assertEqual(read(READER, 7, _DAILY, 7), u32(0))
        self.meter.second(0, 0, 0, day=23)
        row = b"\x02\x04" + moment(23) + b"\x11\x80" + u32(1000) + u32(7)
        self.assertEqual(read(READER, 7, _DAILY, 2), array([row]))

    def test_a_row_by_method(self):
        self.meter.at(8, 1, 2)
        self.assertEqual(self.meter.call(_BILLING, 2), 0)
        self.assertEqual(read(READER, 7, _BILLING, 2), array([billing(moment(22, 8, 1, 2), 1000, 7)]))
        self.assertEqual(self.meter.call(_BILLING, 1), 0)
        self.assertEqual(read(READER, 7, _BILLING, 2), b"\x01\x00")
        self.assertEqual(act(_BILLING, 2, b"\x12\x00\x00"), 12)
        self.assertEqual(act(_BILLING, 2, b"\x00"), 0)
        self.assertEqual(act(_BILLING, 2, b""), 0)

    def test_the_oldest_row_goes(self):
        for day in range(1, 31):
            self.meter.at(0, 0, day=day)
            self.meter.call(_BILLING, 2)
        for day in range(1, 11):
            self.meter.at(1, 0, day=day)
            self.meter.call(_BILLING, 2)
        self.assertEqual(read(READER, 7, _BILLING, 7), u32(36))
        found = read(READER, 7, _BILLING, 2)
        self.assertEqual(found[:2], b"\x01\x24")
        self.assertEqual(found[2:28], billing(moment(5), 1000, 7))

    def test_status_of_a_clock_that_is_not_set(self):
        self.meter.second(14, 0, 1)
        self.meter.second(14, 7, 1, status=1)
        self.meter.second(14, 15, 1)
        self.meter.second(14, 30, 1, status=0x80)
        statuses = [row[:1] for row in self.load().split(b"\x11")[1:]]
        self.assertEqual(statuses, [b"\x86", b"\x08"])  # power down, not valid, clock invalid

    def test_forward_over_the_end_of_periods_makes_one_row(self):
        self.meter.second(14, 0, 1)
        self.meter.jump(16, 5, 0)
        self.meter.second(16, 5, 1)
        self.meter.second(16, 15, 0)
        found = entries(_LOAD, 1, 0, 1, 2)
        rows = [b"\x02\x02" + moment(22, 16, 5, 1) + b"\x11\xa0",
                b"\x02\x02" + moment(22, 16, 15, 0) + b"\x11\x00"]
        self.assertEqual(found, array(rows))

    def test_backward_makes_rows_again(self):
        self.meter.second(14, 0, 1)
        self.meter.second(14, 15, 0)
        self.meter.jump(14, 10, 0)
        self.meter.second(14, 10, 1)
        self.meter.second(14, 15, 0)
        rows = [b"\x02\x02" + moment(22, 14, 15) + b"\x11\x80",
                b"\x02\x02" + moment(22, 14, 15) + b"\x11\x20"]
        self.assertEqual(entries(_LOAD, 1, 0, 1, 2), array(rows))

    def test_a_small_step_back_makes_no_row_twice(self):
        self.meter.second(14, 0, 1)
        self.meter.second(14, 15, 0)
        self.meter.second(14, 14, 55)
        self.meter.second(14, 15, 0)
        self.meter.second(14, 15, 1)
        self.assertEqual(read(READER, 7, _LOAD, 7), u32(1))

    def test_the_hour_that_comes_twice_has_its_rows_twice(self):
        self.meter.second(2, 59, 59, deviation=-120, status=0x80)
        self.meter.second(2, 0, 0)
        self.meter.second(2, 15, 0)
        self.assertEqual(read(READER, 7, _LOAD, 7), u32(2))

    def test_after_a_power_cut_one_row_closes_the_interval(self):
        self.meter.second(14, 0, 1)
        self.meter.second(14, 15, 0)
        self.meter.second(14, 20, 0)
        dispatch.start()
        self.meter.second(14, 29, 0)
        self.assertEqual(read(READER, 7, _LOAD, 7), u32(1))
        dispatch.start()
        self.meter.second(16, 1, 0)
        self.meter.second(16, 1, 1)
        rows = [b"\x02\x02" + moment(22, 14, 15) + b"\x11\x80",
                b"\x02\x02" + moment(22, 16, 1) + b"\x11\x80"]
        self.assertEqual(entries(_LOAD, 1, 0, 1, 2), array(rows))


    def test_a_row_waits_for_room_in_flash(self):
        log = live.of(internal.find(7, obis(_LOAD)))
        self.meter.second(14, 0, 1)
        append = log.log.append
        log.log.append = lambda row: False
        self.meter.second(14, 15, 0)
        self.meter.second(14, 15, 1)
        self.assertEqual(read(READER, 7, _LOAD, 7), u32(0))
        self.assertEqual(self.meter.call(_LOAD, 2), 2)  # nothing is confirmed that is not safe
        log.log.append = append
        self.meter.second(14, 15, 2)
        self.meter.second(14, 15, 3)
        self.assertEqual(entries(_LOAD, 1, 0, 1, 1), array([b"\x02\x01" + moment(22, 14, 15)]))

    def test_a_row_that_waits_has_taken_its_status(self):
        profile = live.of(internal.find(7, obis(_DAILY)))
        self.meter.second(23, 59, 59)
        append, profile.log.append = profile.log.append, lambda row: False
        self.meter.second(0, 0, 0, day=23)
        profile.log.append = append
        self.meter.second(0, 0, 1, day=23)
        self.meter.second(0, 0, 0, day=24)
        rows = [b"\x02\x02" + moment(23) + b"\x11\x80", b"\x02\x02" + moment(24) + b"\x11\x00"]
        self.assertEqual(entries(_DAILY, 1, 0, 1, 2), array(rows))

    def test_what_a_script_captures_waits(self):
        # Billing ends once, and nobody calls the script again.
        row = internal.find(7, obis(_BILLING))
        profile = live.of(row)
        profile.open()
        append, profile.log.append = profile.log.append, lambda row: False
        self.assertEqual(internal.act(row, 2, b"", 0, 0), 0)
        self.assertEqual(self.meter.call(_BILLING, 2), 2)
        profile.log.append = append
        self.meter.second(0, 0, 1)
        self.assertEqual(read(READER, 7, _BILLING, 7), u32(1))

    def test_more_rows_than_can_wait(self):
        # Four wait; then one is lost, and the next row says that something is not valid.
        profile = live.of(internal.find(7, obis(_LOAD)))
        self.meter.second(14, 0, 1)
        append, profile.log.append = profile.log.append, lambda row: False
        for k in range(1, 6):
            self.meter.second(14 + k // 4, k % 4 * 15)
        profile.log.append = append
        self.meter.second(15, 30)
        kept = [(14, 15, 0x80), (14, 30, 0), (14, 45, 0), (15, 0, 0), (15, 30, 4)]
        rows = [b"\x02\x02" + moment(22, hour, minute) + bytes((0x11, status))
                for hour, minute, status in kept]
        self.assertEqual(entries(_LOAD, 1, 0, 1, 2), array(rows))

    def test_the_youngest_row_was_cut_off(self):
        # It reads as nothing, so the one before tells how far the profile had got.
        self.meter.second(14, 0, 1)
        self.meter.second(14, 15, 0)
        self.meter.second(14, 30, 0)
        profile = live.of(internal.find(7, obis(_LOAD)))
        profile.log._kept[profile.log.next - 1] = b""
        dispatch.start()
        self.meter.second(14, 31, 0)
        self.assertEqual(entries(_LOAD, 3, 0, 1, 1), array([b"\x02\x01" + moment(22, 14, 31)]))

    def test_a_start_on_the_day_when_summer_time_ends(self):
        # The last row was captured at 0:00 of this day, which then had another deviation.
        self.meter.second(23, 59, 59, day=21, deviation=-120, status=0x80)
        self.meter.second(0, 0, 0, deviation=-120, status=0x80)
        dispatch.start()
        self.meter.second(12, 0, 0)
        self.assertEqual(read(READER, 7, _DAILY, 7), u32(1))

    def test_an_interval_begins_with_the_clock_invalid(self):
        self.meter.second(14, 0, 1, status=1)
        self.meter.second(14, 15, 0, status=1)
        self.meter.at(14, 16)
        self.meter.second(14, 30, 0)
        self.meter.second(14, 45, 0)
        rows = [b"\x02\x02" + moment(22, 14, 30) + b"\x11\x06",
                b"\x02\x02" + moment(22, 14, 45) + b"\x11\x00"]
        self.assertEqual(entries(_LOAD, 2, 0, 1, 2), array(rows))

    def test_a_buffer_that_cannot_be_emptied_stays(self):
        self.meter.call(_BILLING, 2)
        log = live.of(internal.find(7, obis(_BILLING))).log
        log.clear = lambda: False
        self.assertEqual(self.meter.call(_BILLING, 1), 2)
        self.assertEqual(put(_BILLING, 4, u32(60)), 2)
        self.assertEqual(read(READER, 7, _BILLING, 4), u32(0))
        self.assertEqual(read(READER, 7, _BILLING, 7), u32(1))


class TestSelection(unittest.TestCase):
    """Ten rows of the billing profile, 22nd 10:00, 11:00, .. 19:00; energy 100, 200, .. 1000."""

    def setUp(self):
        self.meter = Meter()
        self.rows = []
        for k in range(10):
            self.add(10 + k, 100 * (k + 1))

    def add(self, hour, energy):
        registers.put(_SLOT_IMPORT, energy)
        registers.put(_SLOT_EXPORT, 0)
        self.meter.at(hour, 0)
        self.assertEqual(self.meter.call(_BILLING, 2), 0)
        self.rows.append(billing(moment(22, hour), energy))

    def test_entries(self):
        self.assertEqual(entries(_BILLING, 1, 0), array(self.rows))
        self.assertEqual(entries(_BILLING, 2, 3), array(self.rows[1:3]))
        self.assertEqual(entries(_BILLING, 9, 100), array(self.rows[8:]))
        self.assertEqual(entries(_BILLING, 11, 0), b"\x01\x00")
        self.assertEqual(entries(_BILLING, 2, 2, 2, 2), array([b"\x02\x01" + u32(200)]))
        self.assertEqual(entries(_BILLING, 2, 2, 2, 0), array([b"\x02\x02" + u32(200) + u32(0)]))
        for wrong in ((0, 1), (3, 2), (1, 1, 4, 4), (1, 1, 0, 1), (1, 1, 3, 2)):
            self.assertEqual(entries(_BILLING, *wrong), 250)

    def test_range_of_local_time(self):
        def low(hour, minute=0):
            return b"\x09\x0c\x07\xea\x0b\x16\xff" + bytes([hour, minute]) + b"\x00\xff\x80\x00\xff"

        self.assertEqual(between(_BILLING, low(12), low(14)), array(self.rows[2:5]))
        self.assertEqual(between(_BILLING, low(12, 1), low(14, 59)), array(self.rows[3:5]))
        self.assertEqual(between(_BILLING, low(14), low(12)), b"\x01\x00")
        self.assertEqual(between(_BILLING, b"\x00", low(12)), array(self.rows[:3]))
        self.assertEqual(between(_BILLING, low(18), b"\x00"), array(self.rows[8:]))
        self.assertEqual(between(_BILLING, b"\x00", b"\x00"), array(self.rows))
        as_type = b"\x19" + low(12)[2:]
        self.assertEqual(between(_BILLING, as_type, low(13)), array(self.rows[2:4]))

    def test_range_of_utc(self):
        found = between(_BILLING, moment(22, 11, deviation=0), moment(22, 13, deviation=0))
        self.assertEqual(found, array(self.rows[2:5]))
        found = between(_BILLING, moment(22, 12), moment(22, 12, 59))
        self.assertEqual(found, array(self.rows[2:3]))

    def test_columns(self):
        found = between(_BILLING, moment(22, 12), moment(22, 12), [_IMPORT, _CLOCK])
        self.assertEqual(found, array([b"\x02\x02" + moment(22, 12) + u32(300)]))
        self.assertEqual(between(_BILLING, b"\x00", b"\x00", [_VOLTAGE]), 250)

    def test_by_another_column(self):
        found = between(_BILLING, b"\x12\x01\x2c", u32(500), by=_IMPORT)
        self.assertEqual(found, array(self.rows[2:5]))
        self.assertEqual(between(_BILLING, b"\x12\x01\x2c", u32(500), by=_VOLTAGE), 250)
        self.assertEqual(between(_BILLING, b"\x09\x01A", b"\x00", by=_IMPORT), 12)

    def test_malformed(self):
        self.assertEqual(between(_BILLING, b"\x12\x00\x00", b"\x00"), 12)
        self.assertEqual(between(_BILLING, b"\x02\x00", b"\x00"), 12)
        self.assertEqual(between(_BILLING, moment(22, 25), b"\x00"), 250)
        self.assertEqual(select(_BILLING, 1, b"\x02\x03" + _CLOCK + b"\x00\x00"), 12)
        self.assertEqual(select(_BILLING, 2, b"\x02\x03" + u32(1) + u32(1) + b"\x12\x00\x01"), 12)
        self.assertEqual(select(_BILLING, 3, b"\x00"), 13)
        self.assertEqual(select(_BILLING, 0x80, b"\x00"), 13)

    def test_no_selection_of_other_attributes(self):
        q = request(READER)
        for attribute in (1, 3, 7):
            dispatch.open(q, descriptor(7, _BILLING, attribute), 0, 0)
            q.selector = 2
            dispatch.get(q, bytearray(300), 0)
            self.assertEqual(q.result, 13)

    def test_every_window_by_bisection_is_what_a_scan_finds(self):
        profile = live.of(internal.find(7, obis(_BILLING)))
        self.assertTrue(profile.in_order(0))
        bounds = [b"\x00"]
        for hour in range(9, 21):
            for minute in (0, 30):
                bounds.append(moment(22, hour, minute))
                bounds.append(b"\x09\x0c\x07\xea\x0b\x16\xff" + bytes([hour, minute])
                              + b"\xff\xff\x80\x00\xff")
        bounds.append(b"\x09\x0c\x07\xea\xff\xff\xff\xff\xff\xff\xff\x80\x00\xff")
        bounds.append(b"\x09\x0c\xff\xff\xff\xff\xff\x0d\xff\xff\xff\x80\x00\xff")
        ordered, seen = profile._ordered, 0
        for low in bounds:
            for high in bounds:
                profile._ordered = ordered
                found = between(_BILLING, low, high)
                profile._ordered = profile.log.next  # as if time had gone back
                self.assertFalse(profile.in_order(0))
                self.assertEqual(found, between(_BILLING, low, high), (low, high))
                seen += found[1]
        self.assertTrue(seen > len(bounds))

    def test_time_that_went_back(self):
        self.meter.at(11, 30)
        self.meter.call(_BILLING, 2)
        again = billing(moment(22, 11, 30), 1000)
        self.assertEqual(between(_BILLING, moment(22, 11), moment(22, 12)),
                         array(self.rows[1:3] + [again]))
        dispatch.start()  # and after a start as well
        self.assertEqual(between(_BILLING, moment(22, 11), moment(22, 12)),
                         array(self.rows[1:3] + [again]))
        self.assertEqual(self.meter.call(_BILLING, 1), 0)
        self.assertTrue(live.of(internal.find(7, obis(_BILLING))).in_order(0))

    def test_newest_first(self):
        self.assertEqual(put(_BILLING, 5, b"\x16\x02"), 0)
        self.rows = []
        for k in range(5):
            self.add(10 + k, k)
        down = self.rows[::-1]
        self.assertEqual(read(READER, 7, _BILLING, 2), array(down))
        self.assertEqual(entries(_BILLING, 2, 3), array(down[1:3]))
        self.assertEqual(entries(_BILLING, 4, 9), array(down[3:]))
        self.assertEqual(between(_BILLING, moment(22, 11), moment(22, 13)), array(down[1:4]))

    def test_a_capture_while_it_is_read(self):
        q = request(READER)
        dispatch.open(q, descriptor(7, _BILLING, 2), 0, 0)
        out = bytearray(300)
        dispatch.get(q, out, 0)
        self.meter.at(20, 0)
        self.meter.call(_BILLING, 2)
        made = b""
        while q.more:
            q.piece += 1
            made += bytes(out[: dispatch.get(q, out, 0)])
        self.assertEqual(made, b"".join(self.rows))

    def test_a_reset_while_it_is_read(self):
        q = request(READER)
        dispatch.open(q, descriptor(7, _BILLING, 2), 0, 0)
        out = bytearray(300)
        dispatch.get(q, out, 0)
        self.meter.call(_BILLING, 1)
        q.piece += 1
        self.assertEqual(dispatch.get(q, out, 5), 5)
        self.assertEqual((q.result, q.more), (15, False))

    def test_a_lost_row_is_null_data(self):
        log = live.of(internal.find(7, obis(_BILLING))).log
        log._kept.pop(log.first + 3)
        self.rows[3] = b"\x02\x03\x00\x00\x00"
        self.assertEqual(read(READER, 7, _BILLING, 2), array(self.rows))
        self.assertEqual(between(_BILLING, moment(22, 11), moment(22, 15)), array(self.rows[1:6]))
        self.assertEqual(between(_BILLING, moment(22, 11), moment(22, 15), [_EXPORT]),
                         array([b"\x02\x01" + u32(0)] * 2 + [b"\x02\x01\x00"]
                               + [b"\x02\x01" + u32(0)] * 2))


class TestSettings(unittest.TestCase):
    def setUp(self):
        self.meter = Meter()
        registers.put(_SLOT_IMPORT, 5)
        self.meter.call(_BILLING, 2)

    def used(self):
        return read(READER, 7, _BILLING, 7)

    def test_what_is_set_empties_the_buffer(self):
        for attribute, data in (
            (3, b"\x01\x01" + _IMPORT), (4, u32(60)), (5, b"\x16\x02"), (6, _IMPORT), (8, u32(3)),
        ):
            self.assertEqual(self.used(), u32(1))
            self.assertEqual(put(_BILLING, attribute, data, True), 0)
            self.assertEqual(self.used(), u32(1))
            self.assertEqual(put(_BILLING, attribute, data), 0)
            self.assertEqual(read(READER, 7, _BILLING, attribute), data)
            self.assertEqual(self.used(), u32(0))
            self.meter.call(_BILLING, 2)
        self.assertEqual(read(READER, 7, _BILLING, 2), array([b"\x02\x01" + u32(5)]))

    def test_what_is_refused_changes_nothing(self):
        unknown = _IMPORT[:-8] + b"\x63" + _IMPORT[-7:]
        secret = b"\x02\x04\x12\x00\x0f\x09\x06\x00\x00\x28\x00\x02\xff\x0f\x07\x12\x00\x00"
        link = secret[:14] + b"\x08" + secret[15:]
        buffer = b"\x02\x04\x12\x00\x07\x09\x06\x01\x00\x63\x01\x00\xff\x0f\x02\x12\x00\x00"
        for attribute, data, result in (
            (3, b"\x01\x01" + unknown, 250), (3, b"\x01\x00", 250), (3, b"\x01\x01" + secret, 250),
            (3, b"\x01\x01" + link, 250),
            (3, b"\x01\x01" + buffer, 250), (3, b"\x01\x01" + buffer[:14] + b"\x00" + buffer[15:], 250),
            (3, b"\x01\x01" + _IMPORT[:14] + b"\x04" + _IMPORT[15:], 250),
            (3, b"\x01\x01" + _IMPORT[:14] + b"\xff" + _IMPORT[15:], 250),
            (3, b"\x01\x01" + _IMPORT[:16] + b"\x10\x00", 250),
            (3, b"\x01\x02" + _IMPORT, 12), (3, b"\x12\x00\x00", 12), (3, _IMPORT, 12),
            (4, b"\x12\x00\x3c", 12), (4, u32(0x80000000), 250), (5, b"\x16\x00", 250),
            (5, b"\x16\x07", 250), (5, b"\x11\x01", 12), (5, b"\x16\x03", 250),
            (6, _VOLTAGE, 250), (6, b"\x00", 12), (8, u32(0), 250), (8, b"\x12\x00\x05", 12),
        ):
            self.assertEqual(put(_BILLING, attribute, data), result, (attribute, data))
            self.assertEqual(self.used(), u32(1))
        for attribute in (1, 2, 7):
            self.assertEqual(put(_BILLING, attribute, u32(1)), 3)

    def test_it_outlives_a_start(self):
        self.assertEqual(put(_BILLING, 3, b"\x01\x01" + _IMPORT), 0)
        self.meter.call(_BILLING, 2)
        dispatch.start()
        self.assertEqual(read(READER, 7, _BILLING, 2), array([b"\x02\x01" + u32(5)]))

    def test_a_power_cut_within_a_set(self):
        # The new columns are safe and the rows of the old ones were not yet thrown away.
        row = internal.find(7, obis(_BILLING))
        from cosem import value

        self.assertEqual(value.store(row, 3, b"\x01\x01" + _IMPORT), 0)
        dispatch.start()
        self.assertEqual(read(READER, 7, _BILLING, 2), b"\x01\x00")
        self.assertEqual(read(READER, 7, _BILLING, 3), b"\x01\x01" + _IMPORT)

    def test_elements_and_whole_objects(self):
        unit = _IMPORT[:14] + b"\x03\x12\x00\x02"
        whole = _IMPORT[:14] + b"\x00" + _IMPORT[15:]
        beyond = _IMPORT[:16] + b"\x00\x05"
        self.assertEqual(put(_BILLING, 3, b"\x01\x03" + unit + whole + beyond), 0)
        self.meter.call(_BILLING, 2)
        # the unit, Wh; {logical_name, value, scaler_unit}; a number has no elements
        self.assertEqual(read(READER, 7, _BILLING, 2), array([
            b"\x02\x03\x16\x1e" + b"\x02\x03\x09\x06\x01\x00\x01\x08\x00\xff" + u32(5)
            + b"\x02\x02\x0f\x00\x16\x1e" + b"\x00"]))

    def test_long_rows_are_cut(self):
        message = b"\x00\x00\x60\x0d\x00\xff"
        row = internal.find(1, message)
        text = b"\x09\x81\xc8" + bytes([65 + k % 26 for k in range(200)])
        internal.set(row, 2, text, 0, len(text))
        column = b"\x02\x04\x12\x00\x01\x09\x06" + message + b"\x0f\x02\x12\x00\x00"
        other = column[:16] + b"\x00\x00"
        self.assertEqual(put(_BILLING, 3, b"\x01\x03" + column + _IMPORT + other), 0)
        for _ in range(3):
            self.assertEqual(self.meter.call(_BILLING, 2), 0)
        whole = b"\x02\x03" + text + u32(5) + text
        self.assertEqual(read(READER, 7, _BILLING, 2), array([whole] * 3))
        self.assertEqual(entries(_BILLING, 2, 2, 2, 3), array([b"\x02\x02" + u32(5) + text]))

    def test_a_value_that_outgrows_its_row_is_null_data(self):
        message = b"\x00\x00\x60\x0d\x00\xff"
        column = b"\x02\x04\x12\x00\x01\x09\x06" + message + b"\x0f\x02\x12\x00\x00"
        self.assertEqual(put(_BILLING, 3, b"\x01\x02" + column + _IMPORT), 0)
        row = internal.find(1, message)
        text = b"\x09\x64" + bytes(100)
        internal.set(row, 2, text, 0, len(text))
        self.meter.call(_BILLING, 2)
        self.assertEqual(read(READER, 7, _BILLING, 2), array([b"\x02\x02\x00" + u32(5)]))

    def test_sorted(self):
        self.assertEqual(put(_BILLING, 6, _IMPORT), 0)
        self.assertEqual(put(_BILLING, 8, u32(3)), 0)
        self.assertEqual(put(_BILLING, 5, b"\x16\x03"), 0)
        self.assertEqual(read(READER, 7, _BILLING, 8), u32(3))
        for k, energy in enumerate((50, 90, 10, 70, 20)):
            registers.put(_SLOT_IMPORT, energy)
            self.meter.at(k, 0)
            self.assertEqual(self.meter.call(_BILLING, 2), 0)
        rows = [billing(moment(22, 1), 90), billing(moment(22, 3), 70), billing(moment(22, 0), 50)]
        self.assertEqual(read(READER, 7, _BILLING, 2), array(rows))
        self.assertEqual(self.used(), u32(3))
        dispatch.start()  # they outlive it
        self.assertEqual(read(READER, 7, _BILLING, 2), array(rows))
        self.assertEqual(entries(_BILLING, 2, 2), array(rows[1:2]))
        self.assertEqual(between(_BILLING, u32(60), b"\x00", by=_IMPORT), array(rows[:2]))
        self.assertEqual(between(_BILLING, moment(22, 0), moment(22, 1)), array([rows[0], rows[2]]))
        # the sort object has to stay a column
        self.assertEqual(put(_BILLING, 3, b"\x01\x01" + _CLOCK), 250)
        self.assertEqual(put(_BILLING, 6, _NONE), 250)
        self.meter.call(_BILLING, 1)
        dispatch.start()
        self.assertEqual(self.used(), u32(0))


if __name__ == "__main__":
    unittest.main()
