# Class 18 as a client sees it: attributes, rights and parameters; the states are meter/test_image.
import unittest

from image_files import BOARD, MemoryFiles, image
from cosem import dispatch, image_transfer, internal, live, value
from cosem_reading import obis
from meter import events, slots

_OBIS = b"\x00\x00\x2c\x00\x00\xff"
_IDENTIFIER_OBIS = b"\x00\x00\x00\x02\x00\xff"
_SUCCESS, _TEMPORARY_FAILURE, _TYPE_UNMATCHED, _OTHER_REASON = 0, 2, 12, 250
_IMAGE = image([("config.py", b"A = 1\n" * 20)])


def _u32(number):
    return number.to_bytes(4, "big")


def _octets(octets):
    n = len(octets)
    return b"\x09" + (bytes((n,)) if n < 128 else b"\x82" + n.to_bytes(2, "big")) + octets


class TestImageTransfer(unittest.TestCase):
    def setUp(self):
        self.files = MemoryFiles()
        self.start()
        self.set(2, b"\x06\x00\x00\x02\x00")
        self.set(5, b"\x03\x01")

    def start(self):
        while events.take():
            pass
        slots.starting(self.files, b"1.0")
        self.restarts = []
        image_transfer.use(self.files, BOARD.decode(), lambda: self.restarts.append(1))
        dispatch.start()
        self.row = internal.find(18, _OBIS)
        self.transfer = live.of(self.row).transfer

    def tearDown(self):
        from meter.image import NoFiles

        slots.running = None
        value.shown.clear()
        image_transfer.use(NoFiles(), "", None)
        dispatch.start()

    def get(self, attribute):
        out = bytearray(300)
        return bytes(out[: internal.get(self.row, attribute, out, 0)])

    def set(self, attribute, octets):
        return internal.set(self.row, attribute, octets, 0, len(octets))

    def act(self, method, octets):
        return internal.act(self.row, method, bytearray(octets), 0, len(octets))

    def initiate(self, size=len(_IMAGE)):
        return self.act(1, b"\x02\x02\x09\x03abc\x06" + _u32(size))

    def block(self, number, block=64):
        piece = _IMAGE[number * block : (number + 1) * block]
        return self.act(2, b"\x02\x02\x06" + _u32(number) + _octets(piece))

    def test_at_the_start(self):
        for attribute, wanted in (
            (2, b"\x06\x00\x00\x02\x00"),
            (3, b"\x04\x00"),
            (4, b"\x06\x00\x00\x00\x00"),
            (5, b"\x03\x01"),
            (6, b"\x16\x00"),
            (7, b"\x01\x00"),
        ):
            self.assertEqual(self.get(attribute), wanted)

    def test_a_transfer(self):
        self.assertEqual(self.set(2, b"\x06\x00\x00\x00\x40"), _SUCCESS)
        self.assertEqual(self.initiate(), _SUCCESS)
        # 160 + 1 + 9 + 4 + 120 = 294 octets are five blocks of 64
        self.assertEqual(len(_IMAGE), 294)
        self.assertEqual(self.get(3), b"\x04\x05\x00")
        self.assertEqual(self.get(6), b"\x16\x01")
        for number in (4, 0, 2):
            self.assertEqual(self.block(number), _SUCCESS)
        self.assertEqual(self.get(3), b"\x04\x05\xa8")  # 10101 000
        self.assertEqual(self.get(4), b"\x06\x00\x00\x00\x01")
        self.assertEqual(self.act(3, b"\x0f\x00"), _OTHER_REASON)
        self.assertEqual(self.block(1), _SUCCESS)
        self.assertEqual(self.block(3), _SUCCESS)
        self.assertEqual(self.get(4), b"\x06\x00\x00\x00\x05")
        self.assertEqual(self.act(3, b"\x0f\x00"), _SUCCESS)
        self.assertEqual(self.get(6), b"\x16\x03")
        self.assertEqual(
            self.get(7),
            b"\x01\x01\x02\x03\x06\x00\x00\x01\x26\x09\x032.0\x09\x20" + _IMAGE[64:96],
        )
        self.assertEqual(events.take()[0], 17)
        self.assertEqual(self.act(4, b""), _TEMPORARY_FAILURE)
        self.assertEqual(self.get(6), b"\x16\x05")

    def test_the_running_image_names_itself(self):
        self.test_a_transfer()
        self.assertEqual(self.restarts, [])
        for _ in range(10):
            live.of(self.row).second(0, None)
        self.assertTrue(self.restarts)
        self.start()
        out = bytearray(300)
        end = internal.get(internal.find(1, _IDENTIFIER_OBIS), 2, out, 0)
        self.assertEqual(bytes(out[:end]), b"\x09\x032.0")
        for code in ("0-0:0.2.8", "1-0:0.2.8"):  # and the digest of the package
            end = internal.get(internal.find(1, obis(code)), 2, out, 0)
            self.assertEqual(bytes(out[:end]), b"\x09\x20" + _IMAGE[64:96])
        self.assertEqual(self.restarts, [])
        for _ in range(12):
            live.of(self.row).second(0, None)
        self.assertEqual(self.get(6), b"\x16\x06")
        self.assertEqual(events.take()[0], 18)

    def test_a_bad_image(self):
        self.assertEqual(self.initiate(200), _SUCCESS)
        self.assertEqual(self.act(2, b"\x02\x02\x06" + _u32(0) + _octets(bytes(200))), _SUCCESS)
        self.assertEqual(self.act(3, b"\x0f\x00"), _OTHER_REASON)
        self.assertEqual(self.get(6), b"\x16\x04")
        self.assertEqual(events.take()[0], 51)

    def test_a_long_bit_string(self):
        # 2040 blocks of 16 octets are 255 octets of bits in two pieces, the rest behind 248
        self.set(2, b"\x06\x00\x00\x00\x10")
        self.assertEqual(self.initiate(2040 * 16), _SUCCESS)
        for number in (0, 1983, 1984, 2039):
            self.act(2, b"\x02\x02\x06" + _u32(number) + _octets(bytes(16)))
        q, out, found = internal._request(self.row, 3), bytearray(300), b""
        more = True
        while more:
            q.more = False
            found += bytes(out[: image_transfer.get(q, out, 0)])
            more = q.more
            q.piece += 1
        self.assertEqual(q.piece, 2)
        wanted = b"\x80" + bytes(246) + b"\x01\x80" + bytes(5) + b"\x01"
        self.assertEqual(found, b"\x04\x82\x07\xf8" + wanted)

    def test_enabled(self):
        self.assertEqual(self.set(5, b"\x03\x00"), _SUCCESS)
        self.assertEqual(self.initiate(), _OTHER_REASON)
        for method in (3, 4):
            self.assertEqual(self.act(method, b"\x0f\x00"), _OTHER_REASON)
        self.assertEqual(self.get(6), b"\x16\x00")
        self.assertEqual(self.set(5, b"\x03\x01"), _SUCCESS)
        self.assertEqual(self.initiate(), _SUCCESS)

    def test_block_size(self):
        for size in (15, 961, 0, 0xFFFFFFFF):
            self.assertEqual(self.set(2, b"\x06" + _u32(size)), _OTHER_REASON)
        self.assertEqual(self.set(2, b"\x06" + _u32(960)), _SUCCESS)
        self.assertEqual(self.get(2), b"\x06" + _u32(960))
        self.initiate()
        self.assertEqual(self.set(2, b"\x06" + _u32(100)), _TEMPORARY_FAILURE)

    def test_types(self):
        for attribute, octets in ((2, b"\x12\x00\x40"), (5, b"\x11\x01"), (5, b"\x03")):
            self.assertEqual(self.set(attribute, octets), _TYPE_UNMATCHED)
        for method, octets in (
            (1, b""),
            (1, b"\x00"),
            (1, b"\x02\x02\x09\x01a\x12\x00\x00"),
            (1, b"\x02\x02\x0a\x01a\x06\x00\x00\x00\x00"),
            (1, b"\x02\x03\x09\x01a\x06\x00\x00\x00\x00\x00"),
            (2, b"\x02\x02\x09\x01a\x06\x00\x00\x00\x00"),
            (2, b"\x02\x02\x06\x00\x00\x00\x00\x09\x02a"),
            (3, b"\x11\x00"),
            (4, b"\x0f"),
        ):
            self.assertEqual(self.act(method, octets), _TYPE_UNMATCHED, octets)
        self.assertEqual(self.get(6), b"\x16\x00")

    def test_without_files(self):
        from meter.image import NoFiles

        image_transfer.use(NoFiles(), "", None)
        dispatch.start()
        self.assertEqual(self.initiate(), 1)
        self.assertEqual(self.block(0), _OTHER_REASON)
        self.assertEqual(self.get(6), b"\x16\x00")
