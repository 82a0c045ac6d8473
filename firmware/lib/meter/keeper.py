# Energies over a power cut: everything now and then, what has come since every Wh.
#
#   settings 1, 2   number u32 | import nWh u64 | export nWh u64 | what the parts save
#   log 251         number u32 | import nWh u48 | export nWh u48, since the snapshot of that number
# All numbers are big-endian. The two snapshots take turns, so one that decays leaves the other.
# A record of the log is 24 octets of flash, where a snapshot with eight tariff registers is 100.
import struct

from meter import log, settings
from micropython import const

_KEYS = (1, 2)
_LOG = const(251)
_TICK = const(16)  # octets
_TICKS_MAX = const(1000)  # then a new snapshot: less than 2**48 nWh, 281 kWh, later
_LOOK = const(100)  # records in reach, should the last one have been cut
_INTERVAL_MS = const(60000)
_TICKS_MASK = const(0x3FFFFFFF)
_SNAPSHOT_HEAD = const(20)  # octets of a snapshot before the parts


class Keeper:
    """Restores an Energy, then saves it: it is the energy's keeper."""

    def __init__(self, energy):
        self._energy = energy
        self._log = log.open(_LOG, _TICK, _LOOK)
        self._number = 0  # of the last snapshot, 0 = none yet
        self._import = 0  # nWh of the last snapshot
        self._export = 0
        self._since = (0, 0)  # nWh that came after it before the start
        self._rest = b""  # what of it parts may ask for
        self._splits = None
        self._ticks = 0  # since then
        self._restore()
        self._saved_nwh = self._total()  # both together, as saved last
        self._saved_ms = 0
        energy.show()
        energy.keeper = self

    def _restore(self) -> None:
        octets = b""
        for key in _KEYS:
            kept = settings.get(key)
            if kept is not None and kept[:4] > octets[:4]:
                octets = kept
        if octets:
            self._number, self._import, self._export = struct.unpack_from(">IQQ", octets, 0)
            self._rest = octets[_SNAPSHOT_HEAD:]
            self._find_tick()
            self._energy.import_nwh = self._import + self._since[0]
            self._energy.export_nwh = self._export + self._since[1]

    def _find_tick(self) -> None:
        """Find what came after the snapshot: in the newest record that knows it."""
        tick = bytearray(_TICK)
        seq = self._log.next
        while seq > self._log.first:
            seq -= 1
            if self._log.read(seq, tick, 0) == _TICK:
                number, high, low, high_2, low_2 = struct.unpack(">IHIHI", tick)
                if number == self._number:
                    self._since = (high << 32 | low, high_2 << 32 | low_2)
                    return

    def restore(self, part) -> None:
        """Give the next part what it had; see Energy.join."""
        n = len(part.saved())
        part.restore(self._rest[:n])
        self._rest = self._rest[n:]
        part.book(self._since[0])
        part.book(-self._since[1])
        part.show()

    def _total(self) -> int:
        return self._energy.import_nwh + self._energy.export_nwh

    def poll(self, now_ms: int) -> None:
        """Save what has come in a minute; call it every second or so."""
        if (now_ms - self._saved_ms) & _TICKS_MASK >= _INTERVAL_MS:
            self._saved_ms = now_ms
            if self._total() != self._saved_nwh:
                self._energy.save()

    def save(self) -> bool:
        """Make the energy safe; False when there is no room for it now."""
        splits = [part.split for part in self._energy.parts]
        known = self._number and splits == self._splits and self._ticks < _TICKS_MAX
        # Sectors that the logs may not take are there for the settings.
        done = known and self._tick() or self._snapshot(splits)
        if done:
            self._saved_nwh = self._total()
        return done

    def _tick(self) -> bool:
        one = self._energy.import_nwh - self._import
        other = self._energy.export_nwh - self._export
        octets = struct.pack(
            ">IHIHI", self._number, one >> 32, one & 0xFFFFFFFF, other >> 32, other & 0xFFFFFFFF
        )
        self._ticks += 1
        return self._log.append(octets)

    def _snapshot(self, splits) -> bool:
        energy = self._energy
        octets = struct.pack(">IQQ", self._number + 1, energy.import_nwh, energy.export_nwh)
        for part in energy.parts:
            octets += part.saved()
        if not settings.put(_KEYS[self._number & 1], octets):
            return False
        self._number += 1
        self._import = energy.import_nwh
        self._export = energy.export_nwh
        self._splits = splits
        self._ticks = 0
        return True
