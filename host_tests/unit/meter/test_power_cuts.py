# Power cuts: before, in and after every flash operation of a life of the memory, and again in
# every operation of the start that follows. Nothing that was acknowledged is lost, no register
# falls, no number comes twice.
#
# A cut needs no second run of the life: the flash before each operation is kept, and an operation
# is then left as far as each picture of nor.py shows.
import sys
import unittest

from meter import log, registers, settings
from meter.counter import Counter
from meter.energy import Energy
from meter.keeper import Keeper
from meter.memory import Memory
from nor import AFTER, BACK, BITS, HALF, Nor

_SECTORS = 20
_LOG = 3
_RECORD = 500  # octets: eight in a sector
_CAPACITY = 9
_COUNTER = 0x20
_WH = 1000000000
_PICTURES = (HALF, BITS, BACK, AFTER)  # before an operation is after the one before
# MicroPython goes through one operation in five; CPython through all.
_STEP = 1 if sys.implementation.name == "cpython" else 5


def value(key, k):
    """What is put under a key at step k."""
    return bytes([key & 0xFF, k & 0xFF, k >> 8]) * (5 + 70 * (key & 3))


def record(k):
    return bytes([k & 0xFF, k >> 8]) * (_RECORD // 2 - k % 3)


class Known:
    """What the memory has acknowledged, and what it was doing."""

    def __init__(self):
        self.values = {}
        self.records = {}  # sequence number -> octets
        self.first = 0  # none below, once a clear was acknowledged
        self.next = 0
        self.number = -1  # last one of the counter
        self.shown_wh = 0
        self.true_nwh = 0
        self.doing = None  # ("put", key, octets), ("append", octets), ("clear",)

    def copy(self):
        other = Known()
        for name in ("first", "next", "number", "shown_wh", "true_nwh", "doing"):
            setattr(other, name, getattr(self, name))
        other.values = dict(self.values)
        other.records = dict(self.records)
        return other


class Life:
    """The memory and its users on a flash; checks what it finds at the start."""

    def __init__(self, nor, known):
        self.nor = nor
        self.known = known
        self.memory = Memory(nor)
        assert self.memory.fault is None, self.memory.fault
        self.log = log.open(_LOG, _RECORD, _CAPACITY)
        self.energy = Energy()
        self.keeper = Keeper(self.energy)
        self.counter = Counter(_COUNTER, 3)
        self.check()

    def check(self):
        doing = self.known.doing or ("nothing",)
        for key, octets in self.known.values.items():
            found = settings.get(key)
            if found != octets:  # what was in flight may have arrived, and stays then
                assert doing[0] == "put" and doing[1:] == (key, found), (key, doing)
                self.known.values[key] = found
        self.check_log(doing)
        shown_wh = registers.value(9)
        assert self.known.shown_wh <= shown_wh <= self.known.true_nwh // _WH
        assert self.energy.import_nwh <= self.known.true_nwh
        self.known.shown_wh = shown_wh
        self.known.doing = None

    def check_log(self, doing):
        known = self.known
        assert self.log.capacity == _CAPACITY
        cleared = doing[0] == "clear" and self.log.first == self.log.next
        assert cleared or known.next <= self.log.next <= known.next + 2, (self.log.next, doing)
        out = bytearray(_RECORD)
        for seq in range(self.log.first, self.log.next):
            octets = bytes(out[: self.log.read(seq, out, 0)])
            if seq in known.records:
                assert octets == known.records[seq], seq
            else:
                assert octets == b"" or doing == ("append", octets), (seq, doing)
                known.records[seq] = octets
        known.next = self.log.next
        if cleared:
            known.first = known.next
            known.records.clear()
        else:
            # As many as there is room for, less those that were in flight.
            oldest = max(known.first, self.log.next - _CAPACITY)
            assert self.log.first <= max(oldest, min(known.records or (oldest,)))
            assert self.log.first >= known.first

    # What a life consists of; each method is one step.

    def put(self, key, k):
        octets = value(key, k)
        self.known.doing = ("put", key, octets)
        assert settings.put(key, octets)
        self.known.values[key] = octets
        self.known.doing = None

    def append(self, k):
        octets = record(k)
        self.known.doing = ("append", octets)
        assert self.log.append(octets)
        self.known.records[self.log.next - 1] = octets
        self.known.next = self.log.next
        self.known.doing = None

    def clear(self):
        self.known.doing = ("clear",)
        assert self.log.clear()
        self.known.first = self.known.next = self.log.next
        self.known.records.clear()
        self.known.doing = None

    def count(self):
        number = self.counter.next()
        assert number > self.known.number
        self.known.number = number

    def book(self, nwh):
        self.known.true_nwh = self.energy.import_nwh + nwh
        self.energy.book(nwh)
        assert self.energy.import_nwh - registers.value(9) * _WH < _WH
        self.known.shown_wh = registers.value(9)

    def tend(self):
        self.memory.tend(True)

    def tidy(self):
        while self.memory.tend(True):
            pass


def live(life):
    """A few weeks, pressed together: everything goes round."""
    for k in range(24):
        life.put(0x100 + k % 5, k)
        life.tend()
        life.append(k)
        life.tend()
        life.count()
        life.book(_WH + 1)
        life.book(k)
        life.tidy()
        if k == 15:
            life.clear()
    for k in range(3):
        life.append(k)


def restart(life, k):
    """What a meter does after a cut."""
    life.memory.prepare()
    life.tend()
    life.count()
    life.put(0x101, 1000 + k)
    life.book(_WH)
    life.append(2000 + k)


def operations(life, run):
    """(flash before, what was known, operation) of the flash operations that run() causes."""
    found = []
    first = life.nor.operations

    def watch(sector, offset, data):
        if (life.nor.operations - first) % _STEP == 1 % _STEP:
            found.append((bytes(life.nor.octets), life.known.copy(), (sector, offset, data)))

    life.nor.watch = watch
    run()
    life.nor.watch = None
    return found


def cut(before, picture):
    """The flash and what is known after a cut."""
    octets, known, operation = before
    nor = Nor(_SECTORS, octets)
    nor.leave(operation[0], operation[1], operation[2], picture)
    return nor, known.copy()


class TestCuts(unittest.TestCase):
    def tearDown(self):
        settings.use(None)
        log.use(None)

    def aged(self):
        """A memory that has gone round already: every sector was erased, the store moves."""
        life = Life(Nor(_SECTORS), Known())
        life.memory.prepare()
        for k in range(130):
            life.put(0x100 + k % 5, k)
            life.append(k)
            life.tidy()
        for k in range(300):
            life.book(_WH)
        life.tidy()
        assert min(life.nor.erases) > 0
        return life

    def run_through(self, before, depth):
        """Cut everywhere; the number of cuts."""
        count = 0
        for k in range(len(before)):
            for picture in _PICTURES:
                nor, known = cut(before[k], picture)
                life = Life(nor, known)
                count += 1
                if depth > 1:
                    again = operations(life, lambda life=life, k=k: restart(life, k))
                    count += self.run_through(again, depth - 1)
                elif k % 8 == 0:
                    restart(life, k)
                    Life(nor, life.known)
        return count

    def test_life(self):
        life = self.aged()
        erases = sum(life.nor.erases)
        before = operations(life, lambda: live(life))
        self.assertTrue(len(before) > 150 // _STEP, len(before))
        self.assertTrue(sum(life.nor.erases) - erases >= 5)
        Life(life.nor, life.known)
        cuts = self.run_through(before, 2)
        self.assertTrue(cuts > 20 * len(before) // _STEP, cuts)

    def test_first_start(self):
        made = []
        nor = Nor(_SECTORS)

        def begin():
            made.append(Life(nor, Known()))
            made[0].memory.prepare()

        before = []

        def watch(sector, offset, data):
            if nor.operations % _STEP == 1 % _STEP:
                before.append((bytes(nor.octets), Known(), (sector, offset, data)))

        nor.watch = watch
        begin()
        nor.watch = None
        before += operations(made[0], lambda: restart(made[0], 1))
        cuts = self.run_through(before, 2)
        self.assertTrue(cuts > 4 * len(before) >= 4, cuts)


class TestTheTest(unittest.TestCase):
    """A memory that is not safe is found out."""

    def tearDown(self):
        settings.use(None)
        log.use(None)

    def found_out(self, spoil):
        life = TestCuts().aged()
        before = operations(life, lambda: live(life))
        try:
            for each in before:
                for picture in _PICTURES:
                    nor, known = cut(each, picture)
                    spoil(nor, known)
                    Life(nor, known)
        except AssertionError:
            return True
        return False

    def test_right(self):
        self.assertFalse(self.found_out(lambda nor, known: None))

    def test_a_value_that_was_not_put(self):
        def spoil(nor, known):
            known.values[0x100] = b"another"

        self.assertTrue(self.found_out(spoil))

    def test_a_record_and_a_wh_too_many(self):
        def record_more(nor, known):
            known.next += 3

        def wh_more(nor, known):
            known.shown_wh += 2

        self.assertTrue(self.found_out(record_more))
        self.assertTrue(self.found_out(wh_more))

    def test_a_flash_that_forgets(self):
        def spoil(nor, known):
            for sector in range(_SECTORS):
                if nor.octets[sector * 4096 + 16] == 252:  # one of the store's
                    nor.octets[sector * 4096 + 16] = 0

        self.assertTrue(self.found_out(spoil))


if __name__ == "__main__":
    unittest.main()
