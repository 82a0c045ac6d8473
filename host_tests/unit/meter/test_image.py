# The transfer of an image as a state machine: every state, every wrong input, every cut.
import unittest

from image_files import BOARD, Cut, MemoryFiles, image
from meter import image as states
from meter import package, slots
from meter.image import Transfer

_SUCCESS, _HARDWARE_FAULT, _TEMPORARY_FAILURE, _OTHER_REASON = 0, 1, 2, 250
_BLOCK = 64
_MODULES = [("config.py", b"A = 1\n" * 30), ("meter/energy.py", bytes(range(256)) * 2)]
_IMAGE = image(_MODULES)


class Meter:
    """A meter that starts, lives and starts again on the same files."""

    def __init__(self, files=None, good=True):
        self.files = files or MemoryFiles()
        self.base = b"1.0"
        self.good = good  # does the image come to life?
        self.events = []
        self.start()

    def start(self):
        self.pointer = slots.starting(self.files, self.base)
        self.transfer = Transfer(self.files, BOARD, 0, self.events.append)

    def seconds(self, n):
        for _ in range(n):
            self.transfer.second()
            if self.transfer.restart:
                self.start()

    def live(self, n=100):
        """n seconds, or until an image that is bad was given up."""
        for _ in range(n):
            if self.pointer.state == slots.TRIAL and not self.good:
                self.start()
            self.seconds(1)

    def initiate(self, octets=_IMAGE, block=_BLOCK):
        return self.transfer.initiate(b"name", len(octets), block)

    def send(self, number, octets=_IMAGE, block=_BLOCK):
        piece = octets[number * block : (number + 1) * block]
        buf = b"before" + piece + b"behind"
        return self.transfer.block(number, buf, 6, len(piece))

    def send_all(self, octets=_IMAGE, block=_BLOCK):
        for number in range((len(octets) + block - 1) // block):
            assert self.send(number, octets, block) == _SUCCESS

    def verified(self, octets=_IMAGE):
        assert self.initiate(octets) == _SUCCESS
        self.send_all(octets)
        self.transfer.verify()
        self.seconds(30)
        return self.transfer.status == states.VERIFIED


def laid(files, slot):
    """The modules in a slot, by their names in the image."""
    found = {}
    for name, octets in files.stored.items():
        if name.startswith(slot + "/") and "/" in name[2:]:
            found[name[2:].replace("_/", "")] = octets
    return found


class TestBlocks(unittest.TestCase):
    def setUp(self):
        self.meter = Meter()
        self.assertEqual(self.meter.initiate(), _SUCCESS)

    def bits(self):
        part = self.meter.transfer.part
        return [int(part.has(k)) for k in range(part.count)]

    def test_any_order(self):
        count = self.meter.transfer.part.count
        self.assertEqual(count, -(-len(_IMAGE) // 64))
        order = [count - 1, 1] + [k for k in range(count) if k not in (1, count - 1, 2)] + [2]
        for number in order[:3]:
            self.assertEqual(self.meter.send(number), _SUCCESS)
        self.assertEqual(self.bits(), [1, 1] + [0] * (count - 3) + [1])
        self.assertEqual(self.meter.transfer.part.first, 2)
        for number in order[3:]:
            self.assertEqual(self.meter.send(number), _SUCCESS)
        self.assertEqual(self.meter.transfer.part.first, count)
        self.assertEqual(bytes(self.meter.transfer.part.read(0, 99999)), _IMAGE)

    def test_repeated(self):
        self.meter.send(1)
        size = len(self.meter.files.stored["part"])
        self.assertEqual(self.meter.send(1), _SUCCESS)
        self.assertEqual(len(self.meter.files.stored["part"]), size)
        other = bytes(len(_IMAGE))
        self.assertEqual(self.meter.send(1, other), _OTHER_REASON)
        self.assertEqual(bytes(self.meter.transfer.part.read(64, 64)), _IMAGE[64:128])

    def test_wrong_numbers_and_lengths(self):
        transfer = self.meter.transfer
        count = transfer.part.count
        last = len(_IMAGE) % 64
        for number, n in ((0, 63), (0, 65), (0, 0), (count, 64), (1 << 32 - 1, 64),
                          (count - 1, 64), (count - 1, last - 1), (count - 1, last + 1)):
            with self.subTest(number=number, n=n):
                self.assertEqual(transfer.block(number, bytes(100), 0, n), _OTHER_REASON)
        self.assertEqual(sum(self.bits()), 0)
        self.assertEqual(transfer.block(count - 1, bytes(100), 0, last), _SUCCESS)

    def test_resume_after_a_restart(self):
        for number in (0, 3, 5):
            self.meter.send(number)
        self.meter.start()
        self.assertEqual(self.meter.transfer.status, states.INITIATED)
        self.assertEqual(self.meter.transfer.identifier, b"name")
        self.assertEqual([k for k, bit in enumerate(self.bits()) if bit], [0, 3, 5])
        self.meter.send_all()
        self.assertEqual(bytes(self.meter.transfer.part.read(0, 99999)), _IMAGE)

    def test_again_from_the_start(self):
        self.meter.send(0)
        self.assertEqual(self.meter.initiate(block=50), _SUCCESS)
        self.assertEqual(sum(self.bits()), 0)
        self.meter.start()
        self.assertEqual(sum(self.bits()), 0)
        self.assertEqual(self.meter.transfer.part.block_size, 50)

    def test_a_full_file_system(self):
        self.meter.files.full = True
        self.assertEqual(self.meter.send(0), _HARDWARE_FAULT)
        self.assertEqual(self.meter.initiate(), _HARDWARE_FAULT)
        self.meter.files.full = False
        self.assertEqual(self.meter.transfer.status, states.INITIATED)
        self.assertEqual(self.meter.send(0), _SUCCESS)
        self.assertEqual(sum(self.bits()), 1)

    def test_sizes_that_are_refused(self):
        transfer = self.meter.transfer
        for size in (0, 160, 262145, 0xFFFFFFFF):
            self.assertEqual(transfer.initiate(b"", size, 512), _OTHER_REASON)
        self.assertEqual(transfer.initiate(b"", 2049 * 64, 64), _OTHER_REASON)
        self.assertEqual(transfer.initiate(b"i" * 65, 1000, 64), _OTHER_REASON)
        self.meter.files.room = 40000  # 2 * 4000 and 8 * 63 and 32768 are more
        self.assertEqual(transfer.initiate(b"", 4000, 64), _OTHER_REASON)
        self.assertEqual(transfer.initiate(b"", 1000, 64), _SUCCESS)


    def test_nobody_would_start_it(self):
        slots.running = None  # a board without boot.py
        transfer = Transfer(self.meter.files, BOARD, 0)
        self.assertEqual(transfer.initiate(b"name", 1000, 64), _OTHER_REASON)


class TestVerify(unittest.TestCase):
    def test_good(self):
        meter = Meter()
        self.assertTrue(meter.verified())
        self.assertEqual(package.identifier(meter.transfer.header), b"2.0")
        self.assertEqual(package.digest(meter.transfer.header), _IMAGE[64:96])
        self.assertEqual(meter.events, [states.VERIFIED])
        self.assertEqual(meter.transfer.verify(), _SUCCESS)
        meter.start()
        self.assertEqual(meter.transfer.status, states.VERIFIED)
        self.assertEqual(package.identifier(meter.transfer.header), b"2.0")

    def test_a_small_one_is_done_at_once(self):
        meter = Meter()
        meter.initiate()
        meter.send_all()
        self.assertEqual(meter.transfer.verify(), _SUCCESS)

    def test_a_long_one_takes_its_time(self):
        meter = Meter()
        octets = image([("config.py", bytes(20000))])
        meter.initiate(octets, 512)
        meter.send_all(octets, 512)
        self.assertEqual(meter.transfer.verify(), _TEMPORARY_FAILURE)
        self.assertEqual(meter.transfer.status, states.VERIFYING)
        self.assertEqual(meter.transfer.verify(), _TEMPORARY_FAILURE)
        self.assertEqual(meter.send(0, octets, 512), _OTHER_REASON)
        meter.start()  # the power was gone in the middle
        self.assertEqual(meter.transfer.status, states.VERIFYING)
        meter.seconds(5)
        self.assertEqual(meter.transfer.verify(), _SUCCESS)

    def test_incomplete(self):
        meter = Meter()
        self.assertEqual(meter.transfer.verify(), _OTHER_REASON)
        meter.initiate()
        meter.send(0)
        self.assertEqual(meter.transfer.verify(), _OTHER_REASON)
        self.assertEqual(meter.transfer.status, states.INITIATED)
        self.assertEqual(meter.send(1), _SUCCESS)

    def test_every_octet_counts(self):
        octets = image([("config.py", b"A = 1\n")])
        for at in list(range(96)) + list(range(160, len(octets))):
            bad = octets[:at] + bytes((octets[at] ^ 4,)) + octets[at + 1 :]
            meter = Meter()
            self.assertFalse(meter.verified(bad), at)
            self.assertEqual(meter.transfer.status, states.NOT_VERIFIED)
            self.assertEqual(meter.events, [states.NOT_VERIFIED])

    def test_what_is_not_for_this_meter(self):
        one = [("config.py", b"")]
        for octets in (
            image(one, board=b"OTHER"),
            image(one, board=b"BOARD2"),
            image(one, identifier=b""),
            image(one, mpy=6),  # compiled, and this meter takes no compiled ones
            image(one, head=b"MCIM\x02\x00"),
            image([("", b"")]),
            image([("boot.py", b"")]),
            image([("meter/slots.mpy", b"")]),
            image([("other/config.py", b"")]),
            image([("../config.py", b"")]),
            image([("meter/../config.py", b"")]),
            image([("meter/sub/config.py", b"")]),
            image([("/config.py", b"")]),
            image([("config.txt", b"")]),
            image([("Config.py", b"")]),
            image(one) + b"\x00",
        ):
            meter = Meter()
            self.assertFalse(meter.verified(octets))
            self.assertEqual(meter.transfer.verify(), _OTHER_REASON)
            self.assertEqual(meter.transfer.activate(), _OTHER_REASON)
            self.assertEqual(meter.initiate(), _SUCCESS)

    def test_compiled_modules(self):
        # sys.implementation._mpy: version 6, 0x1406 for armv6m with sub-version 0
        header = image([("config.mpy", b"")], mpy=0x1406)
        for mpy, good in ((0x1406, True), (0x0406, False), (0x1405, False), (0, False)):
            self.assertEqual(package.fits(header, len(header), BOARD, mpy), good)
        header = image([("config.mpy", b"")], mpy=0x0006)  # no native code in it
        self.assertTrue(package.fits(header, len(header), BOARD, 0x1406))


class TestActivate(unittest.TestCase):
    def test_to_the_end(self):
        meter = Meter()
        self.assertTrue(meter.verified())
        self.assertEqual(meter.transfer.activate(), _TEMPORARY_FAILURE)
        self.assertEqual(meter.transfer.status, states.ACTIVATING)
        self.assertEqual(meter.transfer.activate(), _TEMPORARY_FAILURE)
        self.assertEqual(meter.initiate(), _TEMPORARY_FAILURE)
        meter.live()
        self.assertEqual(meter.transfer.status, states.ACTIVATED)
        self.assertEqual(meter.pointer.slot, "a")
        self.assertEqual(laid(meter.files, "a"), dict(_MODULES))
        self.assertEqual(meter.events, [states.VERIFIED, states.ACTIVATED])
        self.assertEqual(meter.transfer.running, b"2.0")
        meter.start()
        self.assertEqual(meter.transfer.status, states.ACTIVATED)
        self.assertEqual(meter.transfer.activate(), _OTHER_REASON)

    def test_verifies_first(self):
        meter = Meter()
        self.assertEqual(meter.transfer.activate(), _OTHER_REASON)
        meter.initiate()
        self.assertEqual(meter.transfer.activate(), _OTHER_REASON)
        self.assertEqual(meter.transfer.status, states.INITIATED)
        meter.send_all()
        self.assertEqual(meter.transfer.activate(), _TEMPORARY_FAILURE)
        meter.live()
        self.assertEqual(meter.transfer.status, states.ACTIVATED)

    def test_verifies_a_long_one_first(self):
        meter = Meter()
        octets = image([("config.py", bytes(20000))])
        meter.initiate(octets, 512)
        meter.send_all(octets, 512)
        self.assertEqual(meter.transfer.activate(), _TEMPORARY_FAILURE)
        self.assertEqual(meter.transfer.status, states.VERIFYING)
        meter.live()
        self.assertEqual(meter.transfer.status, states.ACTIVATED)

    def test_falls_back(self):
        meter = Meter()
        self.assertTrue(meter.verified())
        meter.transfer.activate()
        meter.live()
        second = image([("config.py", b"raise ValueError\n")], identifier=b"3.0")
        self.assertTrue(meter.verified(second))
        meter.good = False
        meter.transfer.activate()
        meter.seconds(30 if meter.good else 6)
        self.assertEqual((meter.pointer.slot, meter.transfer.running), ("b", b"3.0"))
        meter.live()
        self.assertEqual(meter.transfer.status, states.NOT_ACTIVATED)
        self.assertEqual((meter.pointer.slot, meter.transfer.running), ("a", b"2.0"))
        self.assertEqual(laid(meter.files, "a"), dict(_MODULES))
        meter.good = True
        self.assertTrue(meter.verified(second))

    def test_falls_back_to_the_frozen_modules(self):
        meter = Meter(good=False)
        self.assertTrue(meter.verified())
        meter.transfer.activate()
        meter.live()
        self.assertEqual(meter.transfer.status, states.NOT_ACTIVATED)
        self.assertEqual((meter.pointer.slot, meter.transfer.running), (slots.FROZEN, b""))

    def test_one_accident_is_forgiven(self):
        meter = Meter()
        self.assertTrue(meter.verified())
        meter.transfer.activate()
        meter.seconds(8)
        self.assertEqual(meter.pointer.slot, "a")
        meter.start()  # the power was gone for a moment
        meter.live()
        self.assertEqual(meter.transfer.status, states.ACTIVATED)

    def test_other_frozen_modules(self):
        meter = Meter()
        self.assertTrue(meter.verified())
        meter.transfer.activate()
        meter.live()
        meter.base = b"1.1"  # somebody has flashed the board
        meter.start()
        self.assertEqual((meter.pointer.slot, meter.transfer.running), (slots.FROZEN, b""))
        meter.base = b"1.0"
        meter.start()
        self.assertEqual((meter.pointer.slot, meter.transfer.running), ("a", b"2.0"))
        meter.base = b"1.1"
        meter.start()
        self.assertTrue(meter.verified())
        meter.good = False
        meter.transfer.activate()
        meter.live()
        self.assertEqual(meter.transfer.status, states.NOT_ACTIVATED)
        self.assertEqual(meter.pointer.slot, slots.FROZEN)

    def test_what_cannot_be_counted_is_not_tried(self):
        meter = Meter()
        self.assertTrue(meter.verified())
        meter.transfer.activate()
        meter.seconds(3)
        meter.files.full = True
        meter.start()
        self.assertEqual(meter.pointer.slot, slots.FROZEN)

    def test_a_full_file_system(self):
        meter = Meter()
        self.assertTrue(meter.verified())
        meter.files.full = True
        self.assertEqual(meter.transfer.activate(), _HARDWARE_FAULT)
        meter.files.full = False
        self.assertEqual(meter.transfer.activate(), _TEMPORARY_FAILURE)
        meter.files.full = True
        meter.seconds(3)
        self.assertEqual(meter.transfer.status, states.NOT_ACTIVATED)


class TestCuts(unittest.TestCase):
    """The power goes at every writing operation of a transfer, and again in what follows."""

    def life(self, meter):
        """A client that does what is left to do; blocks 1, 0, 3, 2, .."""
        for _ in range(200):
            transfer = meter.transfer
            status = transfer.status
            if status in (states.NOT_INITIATED, states.NOT_VERIFIED):
                transfer.initiate(b"name", len(_IMAGE), 256)
            elif status == states.INITIATED and transfer.part.missing:
                for k in range(transfer.part.count + 1):
                    number = k ^ 1
                    if number < transfer.part.count and not transfer.part.has(number):
                        assert meter.send(number, _IMAGE, 256) == _SUCCESS
            elif status == states.INITIATED:
                transfer.verify()
            elif status == states.VERIFIED:
                transfer.activate()
            elif status in (states.ACTIVATED, states.NOT_ACTIVATED):
                return
            meter.seconds(1)

    def run_until_cut(self, meter):
        try:
            if meter.transfer is None:
                meter.start()
            self.life(meter)
            return False
        except Cut:
            meter.transfer = None
            return True

    def claims(self, files):
        """After a cut: nothing is claimed that is not there, and what runs is whole."""
        pointer = slots.read(files)
        if pointer.slot != slots.FROZEN:
            assert laid(files, pointer.slot) == dict(_MODULES)
        copied = _copy(files)
        slots.starting(copied, b"1.0")
        transfer = Transfer(copied, BOARD, 0)
        part = transfer.part
        if part is None:
            return
        for number in range(part.count):
            if part.has(number):
                at = number * 256
                assert bytes(part.read(at, 256)) == _IMAGE[at : at + 256]
        if transfer.status >= states.VERIFYING:
            assert not part.missing

    def one(self, cuts):
        """A life with cuts at these operations, each counted from the one before."""
        slots.running = None
        meter = Meter()
        for cut_at, torn in cuts:
            meter.files.mend(cut_at, torn)
            if not self.run_until_cut(meter):
                return False
            meter.files.mend()
            self.claims(meter.files)
        meter.files.mend()
        self.run_until_cut(meter)
        if len(cuts) > 1 and meter.transfer.status == states.NOT_ACTIVATED:
            # Both starts of the trial were cut short. Nothing is lost by it.
            self.assertEqual(meter.pointer.slot, slots.FROZEN)
            meter.transfer.initiate(b"name", len(_IMAGE), 256)
            self.life(meter)
        self.assertEqual(meter.transfer.status, states.ACTIVATED)
        self.assertEqual(laid(meter.files, "a"), dict(_MODULES))
        self.assertEqual(meter.transfer.running, b"2.0")
        return True

    def test_one_cut(self):
        for torn in (False, True):
            k = 1
            while self.one([(k, torn)]):
                k += 1
            self.assertGreater(k, 30)

    def test_a_cut_in_what_follows_a_cut(self):
        first, again = 1, 0
        while self.one([(first, True)]):
            second = 1
            while second < 40 and self.one([(first, True), (second, first % 2 == 0)]):
                second += 1
                again += 1
            first += 1
        self.assertGreater(again, 300)


def _copy(files):
    made = MemoryFiles()
    made.stored, made.folders = dict(files.stored), set(files.folders)
    return made
