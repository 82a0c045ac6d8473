# Rights that the shipped meter.toml does not grant: the tests change the access table in RAM.
import unittest

from cosem import association_ln, associations, dispatch
from cosem.table import ACCESS, ROWS
from cosem_reading import PUBLIC, READER, descriptor, pieces, read, request, unhex

_REGISTER = unhex("0003 0100010800FF")  # 1-0:1.8.0
_MODULES = (associations, association_ln, dispatch)


def _row(key):
    for row in range(len(ROWS) // 16):
        if ROWS[row * 16 : row * 16 + 8] == key:
            return row
    raise ValueError(key)


class TestRights(unittest.TestCase):
    def setUp(self):
        self.access = bytearray(ACCESS)
        for module in _MODULES:
            module.ACCESS = self.access

    def tearDown(self):
        for module in _MODULES:
            module.ACCESS = ACCESS

    def _grant(self, who, text):
        """Readable, writable, methods of class 3 objects like the register, for one client."""
        at = associations.rights(who, _row(_REGISTER))
        self.access[at + 2 : at + 8] = unhex(text)

    def test_modes_in_the_object_list(self):
        # Read 1 and 3, write 2 and 3, call method 1: modes 1, 2, 3 and 1.
        self._grant(READER, "0005 0006 0001")
        want = unhex("02 04 | 12 0003 | 11 00 | 09 06 0100010800FF | 02 02 | 01 03"
                     "| 02 03 0F 01 16 01 00 | 02 03 0F 02 16 02 00 | 02 03 0F 03 16 03 00"
                     "| 01 01 | 02 02 0F 01 16 01")
        self.assertTrue(want in pieces(READER, 15, "0-0:40.0.0", 2))

    def test_access_denied(self):
        # APPL_DATA_LN_N1/6: attribute 2 is there and may not be read.
        self._grant(READER, "0005 0000 0000")
        self.assertEqual(read(READER, 3, "1-0:1.8.0", 2), 3)
        self.assertEqual(read(READER, 3, "1-0:1.8.0", 3), unhex("02 02 0F 00 16 1E"))

    def test_what_may_only_be_written_is_seen(self):
        for text in ("0000 0002 0000", "0000 0100 0000", "0000 0000 0001", "0000 0000 0100"):
            self._grant(READER, text)
            self.assertEqual(read(READER, 3, "1-0:1.8.0", 2), 3)
            self.assertEqual(read(READER, 1, "1-0:1.8.0", 2), 9)

    def test_what_nobody_may_is_not_seen(self):
        self._grant(READER, "0000 0000 0000")
        self.assertEqual(read(READER, 3, "1-0:1.8.0", 2), 4)
        self.assertEqual(read(READER, 1, "1-0:1.8.0", 2), 4)

    def test_rights_belong_to_one_association(self):
        self._grant(PUBLIC, "0001 0000 0000")
        self.assertEqual(read(PUBLIC, 3, "1-0:1.8.0", 1), unhex("09 06 0100010800FF"))
        self.assertEqual(read(PUBLIC, 3, "1-0:1.8.0", 2), 3)
        self.assertEqual(len(read(READER, 3, "1-0:1.8.0", 2)), 5)

    def test_failed_open_leaves_the_request(self):
        q = request(READER)
        dispatch.open(q, descriptor(1, "0-0:96.1.0", 2), 0, 0)
        row = q.row
        self.assertEqual(dispatch.open(q, descriptor(3, "1-0:1.8.0", 9), 0, 0), 4)
        self.assertEqual((q.row, q.attribute, q.result), (row, 2, 4))


if __name__ == "__main__":
    unittest.main()
