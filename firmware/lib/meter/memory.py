# What lasts: the journal with the settings and the logs on it. Made before anything uses them.
#
#   settings -> store.Store -+
#                            +-> journal.Journal -> block device (port.flash)
#   log.Log -----------------+
from meter import events, settings
from micropython import const

_SHORT = const(3)  # sectors: one for a log, which leaves two to the store
_SETTLED = const(100)  # calls of tend, minutes: by then whoever has a log has opened it


class Memory:
    """On a block device; without one, None, everything lives in RAM and goes with the power."""

    def __init__(self, device):
        self.fault = "there is no partition"  # why nothing lasts; None: it does
        self.journal = None
        self._store = None
        self._settled = 0
        self._failures = 0  # of the flash, that an event tells of
        if device is not None:
            self._mount(device)
        settings.use(self._store)

    def _mount(self, device):
        # Imported here: without a device these modules would only cost RAM.
        from meter import log
        from meter.journal import Journal
        from meter.store import Store

        self.journal = Journal(device)
        self._store = Store(self.journal)
        self.fault = self.journal.fault
        if self.fault:
            events.raise_(events.MEMORY_ERROR)
        self._sweep = log.sweep
        log.use(self.journal)

    def prepare(self) -> None:
        """Tidy up and erase what the first writes need, before a line is listened to.

        A supply that fails again and again leaves no quiet moment, and each start writes."""
        if not self.fault:
            while self._store.tend(True) or self.journal.tend(True):
                pass

    def short(self) -> bool:
        """Are there so few sectors to write to that erasing cannot wait?"""
        return not self.fault and self.journal.ready < _SHORT

    def tend(self, idle: bool) -> bool:
        """Tidy up, and erase for later, a step at a time; idle: 45 ms may pass, 400 at worst.

        True when there is more to do."""
        if self.fault:
            return False
        if self._failures < self.journal.failures:
            self._failures = self.journal.failures
            events.raise_(events.MEMORY_ERROR)
        self._settled += idle
        if self.journal.starved and self._settled > _SETTLED:
            self.journal.starved = False
            self._sweep()
        return self._store.tend(idle) or self.journal.tend(idle)
