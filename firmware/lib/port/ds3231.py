# The real-time clock chip DS3231 on I2C0, which keeps UTC on a battery. Same face as port/rtc.py.
#
#   00 seconds | 01 minutes | 02 hours | 03 day of week 1..7 | 04 day | 05 month | 06 year
#   0E control: 80 EOSC = stop on battery | 0F status: 80 OSF = the oscillator has stopped
# All BCD. Hours: 40 = 12-hour mode, in which 20 is p.m. Month: 80 is the century, which turns
# when the year goes from 99 to 00. The chip latches the time when a read starts.
import machine
from micropython import const

from port import board

_ADDRESS = const(0x68)
_FREQUENCY_HZ = const(400000)  # 00 to 0F and the addresses: 18 octets, 0.4 ms
_REGISTERS = const(16)
_CONTROL = const(0x0E)
_STATUS = const(0x0F)
_OSF = const(0x80)
_EOSC = const(0x80)
_HALF_DAY = const(0x40)
_PM = const(0x20)
_CENTURY = const(0x80)
_UNKNOWN = const(255)  # it counts whole seconds
# Lowest and highest of month, day, day of week, hour, minute, second.
_LOWEST = b"\x01\x01\x01\x00\x00\x00"
_HIGHEST = b"\x0c\x1f\x07\x17\x3b\x3b"


class Ds3231:
    """What meter.clock.Clock asks for. lost: the chip lost its time, or has none that makes sense;
    as of the last read."""

    def __init__(self):
        self._i2c = machine.I2C(
            0, sda=machine.Pin(board.SDA), scl=machine.Pin(board.SCL), freq=_FREQUENCY_HZ)
        self._registers = bytearray(_REGISTERS)
        self.lost = False

    def read(self, fields) -> bool:
        """UTC into fields[0..7]; False, and fields as they were, when it does not answer or
        has no time."""
        got = self._registers
        try:
            self._i2c.readfrom_mem_into(_ADDRESS, 0, got)
        except OSError:
            return False
        good = _is_time(got)
        self.lost = not good or got[_STATUS] & _OSF != 0
        if good:
            _show(got, fields)
        return good

    def write(self, fields) -> bool:
        """Set UTC, years 2000..2099, from fields[0..6]."""
        made = self._registers
        made[0] = _to_bcd(fields[6])
        made[1] = _to_bcd(fields[5])
        made[2] = _to_bcd(fields[4])
        made[3] = fields[3]
        made[4] = _to_bcd(fields[2])
        made[5] = _to_bcd(fields[1])
        made[6] = _to_bcd(fields[0] - 2000)
        # OSF is cleared last: whatever fails before, the chip still says that it has no time.
        try:
            self._i2c.writeto_mem(_ADDRESS, 0, memoryview(made)[:7])
            self._change(_CONTROL, _EOSC)
            self._change(_STATUS, _OSF)
        except OSError:
            return False
        self.lost = False
        return True

    def _change(self, register: int, bit: int) -> None:
        # Clears one bit; the alarms and the 32 kHz output stay as they are.
        one = self._i2c.readfrom_mem(_ADDRESS, register, 1)
        self._i2c.writeto_mem(_ADDRESS, register, bytes((one[0] & ~bit & 0xFF,)))


def _is_time(got) -> bool:
    # A bus that hangs low or high reads 00 or FF everywhere, and neither is a time.
    checked = (got[5] & 0x7F, got[4], got[3], _hours(got[2]), got[1], got[0])
    for k in range(6):
        octet = checked[k]
        if octet < 0 or octet & 0x0F > 9 or not _LOWEST[k] <= _from_bcd(octet) <= _HIGHEST[k]:
            return False
    return got[6] & 0x0F <= 9 and got[6] <= 0x99 and not got[5] & _CENTURY


def _hours(octet: int) -> int:
    # In 24-hour BCD; -1 = not an hour of the 12-hour mode.
    if not octet & _HALF_DAY:
        return octet
    hour = _from_bcd(octet & 0x1F)
    if not 1 <= hour <= 12 or octet & 0x0F > 9:
        return -1
    return _to_bcd(hour % 12 + (12 if octet & _PM else 0))


def _show(got, fields) -> None:
    fields[0] = 2000 + _from_bcd(got[6])
    fields[1] = _from_bcd(got[5])
    fields[2] = _from_bcd(got[4])
    fields[3] = got[3]
    fields[4] = _from_bcd(_hours(got[2]))
    fields[5] = _from_bcd(got[1])
    fields[6] = _from_bcd(got[0])
    fields[7] = _UNKNOWN


def _from_bcd(octet: int) -> int:
    return (octet >> 4) * 10 + (octet & 0x0F)


def _to_bcd(number: int) -> int:
    return number // 10 << 4 | number % 10
