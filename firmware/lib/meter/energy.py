# Energy registers: import and export in nWh, never falling. MID 2014/32/EU annex V.
#
# One window of 1 s at 2.3 W is 640 uWh, so rounding each window to 1 nWh costs nothing, and as
# the rounding is to the nearest it does not add up. 100 A at 230 V for 20 years are 4e18 nWh:
# Python's integers hold more, registers hold Wh in 63 bits.
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

    def restore(self, import_wh: int, export_wh: int) -> None:
        """Start from earlier readings, Wh."""
        self.import_nwh = import_wh * _NWH
        self.export_nwh = export_wh * _NWH
        self._show()

    def book(self, nwh: int) -> None:
        """Add the energy of one window, nWh, to the register its sign names."""
        if nwh >= 0:
            self.import_nwh += nwh
        else:
            self.export_nwh -= nwh
        self._show()

    def _show(self) -> None:
        import_wh = self.import_nwh // _NWH
        export_wh = self.export_nwh // _NWH
        registers.put(_SLOT_ENERGY_IMPORT, import_wh)
        registers.put(_SLOT_ENERGY_EXPORT, export_wh)
        self.total_wh = import_wh + export_wh
