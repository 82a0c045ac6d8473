# Resolving attribute descriptors: results of IEC 62056-5-3, with the cases of the conformance
# test tool's data tests named where one exists.
import unittest

from cosem import associations, dispatch
from cosem.table import ROWS
from cosem_reading import PUBLIC, READER, descriptor, obis, pieces, read, request
from cosem_reading import use_still_clock

_READ_WRITE_DENIED = 3
_OBJECT_UNDEFINED = 4
_CLASS_INCONSISTENT = 9
_SCOPE_VIOLATED = 13


class TestOpen(unittest.TestCase):
    def test_success_sets_the_request(self):
        q = request(READER)
        q.piece, q.result = 7, 99
        self.assertEqual(dispatch.open(q, descriptor(3, "1-0:1.8.0", 2), 0, 0), 0)
        self.assertEqual(ROWS[q.row * 16 : q.row * 16 + 8], b"\x00\x03\x01\x00\x01\x08\x00\xff")
        self.assertEqual((q.attribute, q.piece, q.result), (2, 0, 0))

    def test_class_does_not_match_the_object(self):
        # APPL_DATA_LN_N1/4: class 3 with the OBIS code of the clock.
        self.assertEqual(read(READER, 3, "0-0:1.0.0", 2), _CLASS_INCONSISTENT)
        self.assertEqual(read(READER, 1, "1-0:1.8.0", 2), _CLASS_INCONSISTENT)
        self.assertEqual(read(READER, 0x0103, "1-0:1.8.0", 2), _CLASS_INCONSISTENT)

    def test_attribute_not_in_the_class(self):
        # APPL_DATA_LN_N1/5: 3 of Data, 7F, -1; /9: attribute 0.
        for attribute in (3, 0x7F, -1, 0, 17, 128):
            self.assertEqual(read(READER, 1, "0-0:96.1.0", attribute), _OBJECT_UNDEFINED)
        self.assertEqual(read(READER, 3, "1-0:1.8.0", 4), _OBJECT_UNDEFINED)
        self.assertEqual(read(READER, 15, "0-0:40.0.0", 10), _OBJECT_UNDEFINED)

    def test_secret_is_never_read(self):
        # APPL_DATA_LN_N1/7
        for who, code in ((PUBLIC, "0-0:40.0.0"), (READER, "0-0:40.0.0"), (READER, "0-0:40.0.2")):
            self.assertEqual(read(who, 15, code, 7), _READ_WRITE_DENIED)

    def test_object_of_another_association(self):
        # APPL_DATA_LN_N1/8: the public client sees no register, whatever class it names.
        self.assertEqual(read(PUBLIC, 3, "1-0:1.8.0", 2), _OBJECT_UNDEFINED)
        self.assertEqual(read(PUBLIC, 1, "1-0:1.8.0", 2), _OBJECT_UNDEFINED)
        self.assertEqual(read(PUBLIC, 15, "0-0:40.0.2", 1), _OBJECT_UNDEFINED)

    def test_unknown_object(self):
        for code in ("255-255:255.255.255.255", "0-0:0.0.0.0", "1-0:1.8.0.254", "1-1:1.8.0"):
            self.assertEqual(read(READER, 3, code, 2), _OBJECT_UNDEFINED)

    def test_selective_access_is_refused(self):
        q = request(READER)
        self.assertEqual(dispatch.open(q, descriptor(15, "0-0:40.0.0", 2), 0, 0), 0)
        q.selector = 1
        out = bytearray(16)
        self.assertEqual(dispatch.get(q, out, 5), 5)
        self.assertEqual((q.result, q.more, out), (_SCOPE_VIOLATED, False, bytearray(16)))
        q.selector = 0
        self.assertTrue(dispatch.get(q, bytearray(256), 5) > 5)
        self.assertEqual(q.result, 0)


class TestEveryObject(unittest.TestCase):
    def _codes(self, who):
        for k in range(associations.visible_count(who)):
            row = associations.visible_row(who, k)
            yield row, ROWS[row * 16 : row * 16 + 8]

    def test_logical_name_of_what_is_visible(self):
        # COSEM_OBJLIST_1: every listed object answers attribute 1.
        for who in (PUBLIC, READER):
            for _, key in self._codes(who):
                q = request(who)
                self.assertEqual(dispatch.open(q, key + b"\x01", 0, 0), 0)
                out = bytearray(8)
                self.assertEqual(dispatch.get(q, out, 0), 8)
                self.assertEqual(bytes(out), b"\x09\x06" + key[2:8])

    def test_nothing_else_answers(self):
        # COSEM_OBJLIST_1: every object that answers is listed.
        for who in (PUBLIC, READER):
            listed = [row for row, _ in self._codes(who)]
            for row in range(associations.first_row(who), associations.last_row(who)):
                code = ROWS[row * 16 : row * 16 + 8] + b"\x01"
                result = dispatch.open(request(who), code, 0, 0)
                self.assertEqual(result == 0, row in listed)
            self.assertTrue(0 < len(listed))

    def test_pieces_are_bounded_and_repeatable(self):
        use_still_clock()
        for _, key in self._codes(READER):
            for attribute in range(1, 10):
                code = "%d-%d:%d.%d.%d.%d" % tuple(key[2:8])
                found = pieces(READER, key[1], code, attribute)
                if isinstance(found, int):
                    continue
                self.assertEqual(obis(code), key[2:8])
                for piece in found:
                    self.assertTrue(0 < len(piece) <= 256)
                self.assertEqual(found, pieces(READER, key[1], code, attribute))


if __name__ == "__main__":
    unittest.main()
