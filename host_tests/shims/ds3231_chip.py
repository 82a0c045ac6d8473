"""A DS3231 by its registers 00 to 12, as its data sheet describes them.

    00..06 time, BCD   07..0D alarms   0E control, 1C after power-up   0F status   10 aging
    11, 12 temperature; only the seconds of a counting oscillator move anything

It counts in BCD as the chip does, in the mode the hours were written in, without a calendar of the
meter's own. `run(seconds)` lets time pass, `lose_power()` is the end of both supplies.
"""

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_OSF = 0x80
_EOSC = 0x80
# What can be written, register by register; the rest of an octet reads 0.
_WRITABLE = bytes((0x7F, 0x7F, 0x7F, 0x07, 0x3F, 0x9F, 0xFF)) + b"\xff" * 7 + b"\xff"
_READ_ONLY = (0x11, 0x12)


def _up(octet):
    """The next BCD number."""
    return octet + 7 if octet & 0x0F == 9 else octet + 1


class Chip:
    """Registers behind an address pointer that goes round after 12."""

    def __init__(self):
        self.registers = bytearray(0x13)
        self.on_battery = False
        self.deaf = False  # it does not acknowledge its address
        self.lose_power()

    def lose_power(self):
        """Neither supply nor battery, and power again: 1900-01-01 00:00:00, a day 1."""
        self.registers[:] = bytes((0, 0, 0, 1, 1, 1, 0)) + bytes(7) + b"\x1c\x88\x00\x19\x00"

    def run(self, seconds):
        """Time passes."""
        if self.on_battery and self.registers[0x0E] & _EOSC:
            self.registers[0x0F] |= _OSF
            return
        for _ in range(seconds):
            self._second()

    def _second(self):
        for at in (0, 1):
            if self.registers[at] != 0x59:
                self.registers[at] = _up(self.registers[at])
                return
            self.registers[at] = 0
        self._hour()

    def _hour(self):
        hours = self.registers[2]
        if not hours & 0x40:
            self.registers[2] = 0 if hours == 0x23 else _up(hours)
            midnight = hours == 0x23
        else:
            number = hours & 0x1F
            afternoon = hours & 0x20
            midnight = number == 0x11 and afternoon != 0
            if number == 0x11:
                afternoon ^= 0x20
            self.registers[2] = 0x40 | afternoon | (1 if number == 0x12 else _up(number))
        if midnight:
            self._day()

    def _day(self):
        r = self.registers
        r[3] = r[3] % 7 + 1
        month = (r[5] >> 4 & 1) * 10 + (r[5] & 0x0F)
        year = (r[6] >> 4) * 10 + (r[6] & 0x0F)
        length = _DAYS[month - 1] + (1 if month == 2 and year % 4 == 0 else 0)
        if (r[4] >> 4) * 10 + (r[4] & 0x0F) < length:
            r[4] = _up(r[4])
            return
        r[4] = 1
        century = r[5] & 0x80
        if month < 12:
            r[5] = century | _up(r[5] & 0x1F)
            return
        r[5] = (century ^ 0x80 if r[6] == 0x99 else century) | 1
        r[6] = 0 if r[6] == 0x99 else _up(r[6])

    def read(self, at, size):
        """size octets from register at on."""
        return bytes([self.registers[(at + k) % 0x13] for k in range(size)])

    def write(self, at, octets):
        """Octets to the registers from at on."""
        for octet in octets:
            if at == 0x0F:
                # Flags can only be cleared; bit 3 lets the 32 kHz out, bit 2 is the chip's own.
                kept = self.registers[at]
                self.registers[at] = kept & octet & 0x83 | octet & 0x08 | kept & 0x04
            elif at not in _READ_ONLY:
                mask = _WRITABLE[at] if at < len(_WRITABLE) else 0xFF
                self.registers[at] = octet & mask
            at = (at + 1) % 0x13
