# The meter: takes samples from the converter's ring, window by window, and keeps the registers.
#
# A window is about one second: it ends at the first rising crossing of the voltage after 7920
# sets (0.99 s), so it holds whole cycles, 50 at 50 Hz. Windows follow each other without a gap:
# the set that ends one begins the next. What can end a window instead:
#   no crossing for 12000 sets (1.5 s)  the voltage is gone; values are measured, f = 0
#   samples were lost                   the energy so far is booked, values stay as they are
# After either the next window does not begin at a crossing. It ends at the first one after
# 800 sets; its energy counts, its other values are not shown, for its cycles are not whole.
from array import array

from meter import quantities, registers
from meter.accumulate import accumulate
from meter.energy import Energy
from meter.reactive import Reactive
from micropython import const

_SLOT_VOLTAGE = const(0)  # registers.py
_SLOT_CURRENT_1 = const(1)
_SLOT_CURRENT_2 = const(2)
_SLOT_POWER = const(3)
_SLOT_POWER_IMPORT = const(4)
_SLOT_POWER_EXPORT = const(5)
_SLOT_POWER_2 = const(6)
_SLOT_POWER_FACTOR = const(7)
_SLOT_FREQUENCY = const(8)
_SLOT_OPERATING_TIME_S = const(11)
_SLOT_SAMPLE_OVERRUNS = const(12)
_SLOT_APPARENT = const(14)
_SLOT_REACTIVE_IMPORT = const(35)
_SLOT_REACTIVE_EXPORT = const(36)

_SETS = const(0)  # words of the sums, accumulate.py
_CYCLES = const(1)
_ARMED = const(2)
_CLOSED = const(3)
_CENTRE = const(6)
_STEP = const(7)
_ARM = const(8)
_LEAST = const(9)
_V = const(10)
_I1 = const(13)
_I2 = const(16)
_VI1 = const(19)
_VI2 = const(23)
_WORDS = const(30)

_RATE = const(8000)  # sets per s
_BLOCK = const(128)  # sets per poll: 16 ms of samples, about 1 ms of work
_WORTH = const(96)  # fewer sets are left for the next poll, for a poll costs what 12 sets cost
_ALIGNED = const(7920)
_ASTRAY = const(800)  # 4 cycles: what DC removal makes of part of a cycle stays small
_MOST = const(12000)  # accumulate.py
_RING_MASK = const(16383)
# Of the ring's 16384 samples the oldest 1024 are given up: 120 that accumulate() looks back to,
# and 904, 38 ms, that the converter may reach while a block is being read.
_READABLE = const(15360)
_PATIENT = const(4096)  # samples that may wait while something else is urgent: 171 ms
_COUNT_MASK = const(0x1FFFFFFF)  # the converter counts modulo 2**29
_HALF_SCALE = const(16384)  # u: 2048 codes of 8
_ARM_U = const(192)  # 24 converter steps: 5 V below zero arms the next crossing


class Meter:
    """One voltage and two currents; poll() it often."""

    def __init__(self, ring, calibration):
        self.ring = ring
        self.calibration = calibration
        self.energy = Energy()
        self.reactive = Reactive()
        self.overruns = 0
        self._weight_1 = quantities.weights(calibration[3])
        self._weight_2 = quantities.weights(calibration[4])
        self._sums = array("i", [0] * _WORDS)
        self._levels = array("H", [0] * (3 * _BLOCK + 3))
        self._before = array("H", [0, 0, 0])  # levels of the set before the window
        self._consumed = 0  # samples, modulo 2**29; only ever moves by whole sets
        self._counted = 0  # of these, in the operating time
        self._active = 0  # product of v and i1 in this window
        self._crossing = -1  # where the window's first crossing lay; -1 = it began astray
        self._time = 0  # sets not yet in the operating time
        self._time_s = 0
        self._torn = False  # an exception (Ctrl-C) left a poll in the middle
        self._setup(calibration[5])

    def _setup(self, step: int) -> None:
        centre = _HALF_SCALE + 2 * step  # two wide codes lie below half of the reference
        sums = self._sums
        sums[_CENTRE] = centre
        sums[_STEP] = step
        sums[_ARM] = _ARM_U
        for k in range(3):
            self._levels[k] = centre
        self._begin(-1)

    def can_wait(self, produced: int) -> bool:
        """True while the ring has ample room; a poll may take 4 ms when it closes a window."""
        return (produced - self._consumed) & _COUNT_MASK < _PATIENT

    def poll(self, produced: int) -> bool:
        """Consume some of what the converter has produced; True = there is more to do now."""
        waiting = (produced - self._consumed) & _COUNT_MASK
        if waiting > _READABLE or self._torn:
            return self._overrun(waiting)
        sets = waiting // 3
        if sets < _WORTH:
            return False
        self._torn = True
        sums = self._sums
        nsets = min(sets, _BLOCK, _MOST - sums[_SETS])
        done = accumulate(self.ring, self._consumed & _RING_MASK, nsets, sums, self._levels)
        self._consumed = (self._consumed + 3 * done) & _COUNT_MASK
        if sums[_CLOSED]:
            self._close_at_crossing()
        elif sums[_SETS] >= _MOST:
            self._close_without()
        self._torn = False
        return sets - done >= _WORTH

    def power_fail(self) -> None:
        """The supply goes: what was measured so far is booked and made safe."""
        if self._sums[_SETS] >= _ASTRAY:
            self._book()
            self._begin(-1)
        self.energy.save()
        self.reactive.save()

    def _overrun(self, waiting: int) -> bool:
        # Only whole sets are skipped, so the next sample is channel 0 again. Of a torn window
        # nobody knows which sums have its last samples: it is dropped, like the time the meter
        # was stopped for, and is no overrun.
        if not self._torn:
            self.overruns += 1
            registers.put(_SLOT_SAMPLE_OVERRUNS, self.overruns)
        if self._sums[_SETS] >= _ASTRAY and not self._torn:
            self._torn = True
            self._book()
        self._consumed = (self._consumed + waiting // 3 * 3) & _COUNT_MASK
        self._count_time()
        # The currents before the gap must not meet the voltage after it.
        for k in range(3):
            self._levels[k] = self._sums[_CENTRE]
        self._sums[_ARMED] = 0
        self._begin(-1)
        self._torn = False
        return False

    def _begin(self, crossing: int) -> None:
        # A new window; crossing: where between its first set and the one before, or -1.
        sums = self._sums
        sums[_SETS] = 0
        sums[_CYCLES] = 0
        sums[_CLOSED] = 0
        for k in range(_V, _WORDS):
            sums[k] = 0
        sums[_LEAST] = _ASTRAY if crossing < 0 else _ALIGNED
        for k in range(3):
            self._before[k] = self._levels[k]
        self._crossing = crossing

    def _close_at_crossing(self) -> None:
        crossing = quantities.crossing(self._sums)
        if self._crossing < 0:
            self._book()
        else:
            self._show(quantities.frequency(self._sums, self._crossing, crossing))
        self._begin(crossing)

    def _close_without(self) -> None:
        self._show(0)
        self._begin(-1)

    def _product(self, i: int, at: int, weight) -> int:
        # i is the current's place in the sums; its channel is 1 or 2.
        channel = (i - _V) // 3
        shift = self._before[channel] - self._levels[channel]
        return quantities.product(self._sums, _V, i, at, shift, weight)

    def _book(self) -> int:
        """Energy of the window into its register; its power in mW, 0 below the threshold."""
        calibration = self.calibration
        n = self._sums[_SETS]
        self._count_time()
        products = self._active = self._product(_I1, _VI1, self._weight_1)
        p_mw = quantities.power_mw(products, n, calibration[0], calibration[1])
        # A short window, one that begins astray, is noisier than a second.
        if abs(p_mw) < calibration[7] * _RATE // min(n, _RATE):
            return 0
        self.energy.book(quantities.energy_nwh(products, n, calibration[0], calibration[1]))
        return p_mw

    def _show(self, frequency: int) -> None:
        """Book the window and put its values into the registers."""
        p_mw = self._book()
        registers.put(_SLOT_FREQUENCY, frequency)
        v = self._rms(_V, 0, 10000000) if frequency else 0
        i = self._current(_I1, 1)
        registers.put(_SLOT_VOLTAGE, v)
        registers.put(_SLOT_CURRENT_1, i)
        registers.put(_SLOT_CURRENT_2, self._current(_I2, 2))
        self._show_power(p_mw if frequency else 0, v * i // 100)
        self._show_reactive(p_mw, frequency if i else 0)
        registers.put(_SLOT_POWER_2, _tenth_w(self._power_2()) if frequency else 0)

    def _show_power(self, p_mw: int, apparent_mva: int) -> None:
        power = _tenth_w(p_mw)
        registers.put(_SLOT_POWER, power)
        registers.put(_SLOT_POWER_IMPORT, max(power, 0))
        registers.put(_SLOT_POWER_EXPORT, max(-power, 0))
        registers.put(_SLOT_APPARENT, _tenth_w(apparent_mva))
        registers.put(_SLOT_POWER_FACTOR, quantities.power_factor(p_mw, apparent_mva))

    def _show_reactive(self, p_mw: int, frequency: int) -> None:
        # Only of whole cycles, whose frequency is known: neither the eighth of a second after a
        # start or an overrun counts, nor the window that a power cut breaks off.
        q_mvar = 0
        if frequency:
            calibration = self.calibration
            v, i, n = calibration[0], calibration[1], self._sums[_SETS]
            q = quantities.reactive(self._sums, self._active, frequency, calibration[3])
            q_mvar = quantities.power_mw(q, n, v, i)
            if abs(q_mvar) < calibration[7]:
                q = q_mvar = 0
            if p_mw or q_mvar:
                s = quantities.apparent(self._sums, calibration[6])
                nvarh = quantities.energy_nwh(q, n, v, i)
                self.reactive.book(p_mw < 0, nvarh, quantities.energy_nwh(s, n, v, i))
        registers.put(_SLOT_REACTIVE_IMPORT, _tenth_w(max(q_mvar, 0)))
        registers.put(_SLOT_REACTIVE_EXPORT, _tenth_w(max(-q_mvar, 0)))

    def _power_2(self) -> int:
        calibration = self.calibration
        products = self._product(_I2, _VI2, self._weight_2)
        n = self._sums[_SETS]
        p_mw = quantities.power_mw(products, n, calibration[0], calibration[2])
        return 0 if abs(p_mw) < calibration[7] else p_mw

    def _rms(self, at: int, gain: int, unit_nano: int) -> int:
        calibration = self.calibration
        squares = quantities.square(self._sums, at)
        return quantities.rms(
            squares, self._sums[_SETS], calibration[6], calibration[gain], unit_nano
        )

    def _current(self, at: int, gain: int) -> int:
        current_ma = self._rms(at, gain, 1000000)
        return 0 if current_ma < self.calibration[8] else current_ma

    def _count_time(self) -> None:
        # By what was consumed, not by what the sums say: it holds after a torn poll too.
        sets = ((self._consumed - self._counted) & _COUNT_MASK) // 3
        self._counted = self._consumed
        self._time += sets
        self._time_s += self._time // _RATE
        self._time %= _RATE
        registers.put(_SLOT_OPERATING_TIME_S, self._time_s)


def _tenth_w(mw: int) -> int:
    # mW to 0.1 W, to the nearest.
    return (mw + 50) // 100
