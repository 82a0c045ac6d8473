# Energies by rate: what the totals count, split among registers that run or stand still.
#
#   rate registers 0..3   import, rates 1 to 4      4..7   export, rates 1 to 4
# Each window's energy goes, to the nWh, into every register of its direction that runs. While
# exactly one rate runs the rates add up to the total exactly; what is shown are whole Wh, rounded
# down, so the shown rates may fall short of the shown total by less than one Wh each.
import struct

from meter import registers
from micropython import const

_SLOT_ENERGY_IMPORT_1 = const(17)  # registers.py; the seven others follow
_RATES = const(4)
_PLACES = const(8)
_SAVED_SIZE = const(65)  # octets: eight u64 and the split
_NWH = const(1000000000)  # per Wh


class Rates:
    """A part of meter.energy.Energy, see there."""

    def __init__(self):
        self.nwh = [0] * _PLACES
        self.split = 0xFF  # bit k: register k runs; nobody has told otherwise yet
        self.imported_nwh = 0  # all that was booked since the start, for demand
        self.exported_nwh = 0

    def has(self, slot: int) -> bool:
        """Is this the slot of an energy by rate?"""
        return 0 <= slot - _SLOT_ENERGY_IMPORT_1 < _PLACES

    def run(self, slot: int, on: bool) -> None:
        """Let the register of a slot run from now on, or stand still."""
        bit = 1 << slot - _SLOT_ENERGY_IMPORT_1
        self.split = self.split | bit if on else self.split & ~bit

    def book(self, nwh: int) -> None:
        """Add the energy of one window to the registers of its direction that run."""
        first = 0
        if nwh < 0:
            nwh = -nwh
            first = _RATES
            self.exported_nwh += nwh
        else:
            self.imported_nwh += nwh
        for k in range(first, first + _RATES):
            if self.split >> k & 1:
                self.nwh[k] += nwh

    def show(self) -> None:
        """Whole Wh into the registers."""
        for k in range(_PLACES):
            registers.put(_SLOT_ENERGY_IMPORT_1 + k, self.nwh[k] // _NWH)

    def saved(self) -> bytes:
        """The eight registers in nWh, 100 A for 20 years being 4e18, below 2**63; which run."""
        return struct.pack(">8QB", *self.nwh, self.split)

    def restore(self, octets: bytes) -> None:
        """What saved() gave; anything else leaves the registers at 0."""
        if len(octets) == _SAVED_SIZE:
            *self.nwh, self.split = struct.unpack(">8QB", octets)
        self.show()


rates = Rates()  # the meter's; main gives it to the energy
