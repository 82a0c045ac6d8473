# The watchdog: resets the chip when the main loop hangs.
from machine import WDT, mem32
from micropython import const

_TIMEOUT_MS = const(8000)  # near the hardware's most, 8388; the loop turns in milliseconds
_CTRL_CLEAR = const(0x4005B000)  # CTRL, RP2040 datasheet 4.7.6, at its atomic-clear alias
_ENABLE_BIT = const(30)
_REASON = const(0x40058008)  # what reset the chip, 4.7.6: 0 = the power or the RUN pin
# The SDK leaves this in scratch register 4 of a watchdog that has to be fed; a reset on purpose,
# as machine.reset() does it, leaves something else.
_SCRATCH_4 = const(0x4005801C)
_TO_BE_FED = const(0x6AB73121)


class Watchdog:
    """Stands still until start()."""

    def __init__(self):
        self._watchdog = None

    def expired(self) -> bool:
        """Was the last reset that of a watchdog nobody fed?"""
        return mem32[_REASON] & 3 != 0 and mem32[_SCRATCH_4] == _TO_BE_FED

    def cold(self) -> bool:
        """Did the chip start because power came on?"""
        return mem32[_REASON] & 3 == 0

    def start(self, timeout_ms: int = _TIMEOUT_MS) -> None:
        """From now on feed() must come in time."""
        self._watchdog = WDT(timeout=timeout_ms)

    def feed(self) -> None:
        """The main loop is alive."""
        self._watchdog.feed()

    def stop(self) -> None:
        """Switch it off, which machine.WDT cannot: for the developer at the prompt. Harmless when
        it was never started."""
        mem32[_CTRL_CLEAR] = 1 << _ENABLE_BIT
