# Energy registers: import and export in nWh, never falling. MID 2014/32/EU annex V.
#
# One window of 1 s at 0.575 W is 160 uWh, so rounding each window to 1 nWh costs nothing, and as
# the rounding is to the nearest it does not add up. 100 A at 230 V for 20 years are 4e18 nWh:
# Python's integers hold more, registers hold Wh in 63 bits.
#
# Nobody sees an energy that could be lost: what is shown was saved before (keeper.py). Whenever a
# Wh is full everything is saved and then shown, in one go, so what is shown fits together.
#
# Registers that split the energy are parts, which join it at the start, in the same order always:
#   book(nwh)           as Energy.book: add the energy of a window to where it belongs now
#   show()              put what was booked into the registers
#   saved() -> bytes    all there is to know, where energy goes now too; always of one length
#   restore(octets)     the same back; empty or too short when the part was not there before
#   split               a number that changes when energy goes elsewhere from now on
from meter import registers
from micropython import const

_SLOT_ENERGY_IMPORT = const(9)  # registers.py
_SLOT_ENERGY_EXPORT = const(10)
_NWH = const(1000000000)  # per Wh


class Energy:
    """Import and export of one billing channel."""

    def __init__(self):
        self.import_nwh = 0
        self.export_nwh = 0
        self.total_wh = 0  # import and export together: what the metrology pulses count
        self.parts = []
        self.keeper = None  # None: nothing is saved

    def restore(self, import_wh: int, export_wh: int) -> None:
        """Start from earlier readings, Wh."""
        self.import_nwh = import_wh * _NWH
        self.export_nwh = export_wh * _NWH
        self.show()

    def join(self, part) -> None:
        """Add a part, with what it had when everything was saved last."""
        self.parts.append(part)
        if self.keeper is not None:
            self.keeper.restore(part)

    def book(self, nwh: int) -> None:
        """Add the energy of one window, nWh, to the register its sign names."""
        self.add(nwh)
        # A Wh that could not be saved is tried again with the next window.
        if self.import_nwh // _NWH + self.export_nwh // _NWH != self.total_wh:
            self.save()

    def add(self, nwh: int) -> None:
        """book without saving."""
        if nwh >= 0:
            self.import_nwh += nwh
        else:
            self.export_nwh -= nwh
        for part in self.parts:
            part.book(nwh)

    def save(self) -> bool:
        """Make all energy safe and show it; False when it can't be saved now."""
        if self.keeper is not None and not self.keeper.save():
            return False
        self.show()
        return True

    def show(self) -> None:
        """Put what was booked into the registers."""
        import_wh = self.import_nwh // _NWH
        export_wh = self.export_nwh // _NWH
        registers.put(_SLOT_ENERGY_IMPORT, import_wh)
        registers.put(_SLOT_ENERGY_EXPORT, export_wh)
        self.total_wh = import_wh + export_wh
        for part in self.parts:
            part.show()
