"""The port room: the only one that imports machine, rp2 and uctypes.

uart (octets, line formats, driver enable), adc (ring of samples), rtc and ds3231 (UTC), flash (a
raw partition), power (the power-fail pin), watchdog, led, board (pins, ticks). channel joins a
UART with the door of a protocol and imports nothing.
"""

import gc

_OFTEN = 4096  # octets
_NEVER = -1


def collect_between(octets: int) -> None:
    """Collect garbage after each so many octets taken; -1: when the heap is full."""
    if hasattr(gc, "threshold"):  # CPython, where the host target runs, has none
        gc.threshold(octets)


def loaded() -> None:
    """All modules are there: whoever runs the meter collects from now on."""
    collect_between(_NEVER)


# Modules that come from a file system leave garbage between what stays, until the heap is full
# and no piece of it long enough for a buffer.
collect_between(_OFTEN)
