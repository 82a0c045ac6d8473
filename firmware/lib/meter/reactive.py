# Reactive energy by quadrant, apparent energy by direction, in nvarh and nVAh, never falling.
#
#             Q inductive
#        Q2       |       Q1       3.8.0 = Q1 + Q2, what OBIS calls reactive import
#   P export -----+----- P import
#        Q3       |       Q4       4.8.0 = Q3 + Q4
#             Q capacitive
# Saved once a minute and when the supply fails, and shown then: in the record that every Wh makes
# they would double the wear of the flash, which is 76 000 of 100 000 erases at full load for 20
# years already (host_tests/unit/meter/test_wear.py).
import struct

from meter import registers, settings
from micropython import const

_SLOT_REACTIVE_ENERGY_Q1 = const(37)  # registers.py; Q2 to Q4 follow
_SLOT_REACTIVE_ENERGY_IMPORT = const(41)
_SLOT_REACTIVE_ENERGY_EXPORT = const(42)
_SLOT_APPARENT_ENERGY_IMPORT = const(43)
_SLOT_APPARENT_ENERGY_EXPORT = const(44)
_KEYS = (3, 4)  # settings that take turns: number u32 | six u64
_RECORD = ">I6Q"
_SNAPSHOT_SIZE = const(52)
_QUADRANTS = const(4)
_NVARH = const(1000000000)  # per varh
_INTERVAL_MS = const(60000)
_TICKS_MASK = const(0x3FFFFFFF)


class Reactive:
    """Starts from what the settings have; poll() it every second or so."""

    def __init__(self):
        self.nvarh = [0] * _QUADRANTS
        self.nvah = [0, 0]
        self._number = 0  # of the record saved last
        self._changed = False
        self._saved_ms = 0
        self._restore()
        self._show()

    def _restore(self) -> None:
        for key in _KEYS:
            kept = settings.get(key)
            if kept is not None and len(kept) == _SNAPSHOT_SIZE:
                number, *energies = struct.unpack(_RECORD, kept)
                if number > self._number:
                    self._number = number
                    self.nvarh = energies[:_QUADRANTS]
                    self.nvah = energies[_QUADRANTS:]

    def book(self, exports: bool, nvarh: int, nvah: int) -> None:
        """Add one window: reactive, inductive positive, and apparent energy."""
        quadrant = (1 if exports else 0) if nvarh >= 0 else (2 if exports else 3)
        self.nvarh[quadrant] += abs(nvarh)
        self.nvah[1 if exports else 0] += nvah
        self._changed = True

    def poll(self, now_ms: int) -> None:
        """Save once a minute."""
        if (now_ms - self._saved_ms) & _TICKS_MASK >= _INTERVAL_MS:
            self._saved_ms = now_ms
            self.save()

    def save(self) -> None:
        """Make the energies safe, if there is room now, and show them."""
        if not self._changed:
            return
        number = self._number + 1
        octets = struct.pack(_RECORD, number, *self.nvarh, *self.nvah)
        if settings.put(_KEYS[number & 1], octets):
            self._number = number
            self._changed = False
            self._show()

    def _show(self) -> None:
        q1, q2, q3, q4 = self.nvarh
        for k in range(_QUADRANTS):
            registers.put(_SLOT_REACTIVE_ENERGY_Q1 + k, self.nvarh[k] // _NVARH)
        registers.put(_SLOT_REACTIVE_ENERGY_IMPORT, (q1 + q2) // _NVARH)
        registers.put(_SLOT_REACTIVE_ENERGY_EXPORT, (q3 + q4) // _NVARH)
        registers.put(_SLOT_APPARENT_ENERGY_IMPORT, self.nvah[0] // _NVARH)
        registers.put(_SLOT_APPARENT_ENERGY_EXPORT, self.nvah[1] // _NVARH)
