# Associations: who is known, secrets, and class 15 as each association sees it.
import unittest

from cosem import associations
from cosem.association_ln import get as class_get
from cosem_reading import CONFIGURATOR, PUBLIC, READER, Link
from cosem_reading import descriptor, pieces, read, request, unhex
from cosem import dispatch
from meter import registers


def _equal(a, text):
    return associations.secret_equal(a, b"??" + text + b"?", 2, len(text))


class TestTable(unittest.TestCase):
    def test_select(self):
        self.assertEqual(associations.select(16, 1), PUBLIC)
        self.assertEqual(associations.select(32, 1), READER)
        self.assertEqual(associations.select(48, 1), CONFIGURATOR)
        for client, server in ((1, 1), (16, 2), (32, 257), (0, 0), (33, 1), (16, 0)):
            self.assertEqual(associations.select(client, server), -1)
        for sap in (0, 2, 16, 17, 19, 127, 257):
            self.assertFalse(associations.device(sap))

    def test_second_logical_device(self):
        # The same clients, other associations: each pair of SAPs is one of its own.
        self.assertTrue(associations.device(1) and associations.device(18))
        pairs = ((16, 1), (32, 1), (16, 18), (32, 18))
        found = [associations.select(client, server) for client, server in pairs]
        self.assertEqual(len([a for a in range(associations.count()) if a in found]), 4)
        for a, pair in zip(found, pairs):
            self.assertEqual((associations.client(a), associations.server(a)), pair)

    def test_authentication(self):
        self.assertEqual(associations.mechanism(PUBLIC), 0)
        self.assertEqual(associations.mechanism(READER), 1)
        self.assertEqual(associations.context(READER), 1)

    def test_conformance(self):
        # Bits 2 general blocks, 9 priority-mgmt, 10 attribute 0 with get, 11 blocks of get,
        # 14 lists, 17 access, 19 get: 200000 + 004000 + 002000 + 001000 + 000200 + 000040 + 000010;
        # 21 selective access: 000004.
        self.assertEqual(associations.conformance(PUBLIC), 0x207250)
        self.assertEqual(associations.conformance(READER), 0x207254)
        # And 8 attribute 0 with set, 12 and 13 blocks of set and action, 20 set, 23 action.
        self.assertEqual(associations.conformance(CONFIGURATOR), 0x20FE5D)

    def test_secret(self):
        self.assertTrue(_equal(READER, b"12345678"))
        for wrong in (b"", b"1", b"1234567", b"123456789", b"1234567812345678", b"12345679",
                      b"22345678", b"\x00" * 8):
            self.assertFalse(_equal(READER, wrong))

    def test_no_secret_is_no_password(self):
        self.assertFalse(_equal(PUBLIC, b""))
        self.assertFalse(_equal(PUBLIC, b"12345678"))


class TestClass15(unittest.TestCase):
    def test_partners(self):
        self.assertEqual(read(PUBLIC, 15, "0-0:40.0.0", 3), unhex("02 02 | 0F 10 | 12 0001"))
        self.assertEqual(read(READER, 15, "0-0:40.0.0", 3), unhex("02 02 | 0F 20 | 12 0001"))
        # The objects of the individual associations do not depend on who asks.
        self.assertEqual(read(READER, 15, "0-0:40.0.1", 3), unhex("02 02 | 0F 10 | 12 0001"))
        self.assertEqual(read(READER, 15, "0-0:40.0.2", 3), unhex("02 02 | 0F 20 | 12 0001"))

    def test_names(self):
        context = unhex("09 07 | 60 85 74 05 08 01 01")
        self.assertEqual(read(PUBLIC, 15, "0-0:40.0.0", 4), context)
        mechanism = unhex("09 07 | 60 85 74 05 08 02")
        self.assertEqual(read(PUBLIC, 15, "0-0:40.0.0", 6), mechanism + b"\x00")
        self.assertEqual(read(READER, 15, "0-0:40.0.0", 6), mechanism + b"\x01")

    def test_context_info_is_what_was_negotiated(self):
        # 1234 = 04D2, 567 = 0237; conformance of the test's link 001010.
        want = unhex("02 06 | 04 18 001010 | 12 04D2 | 12 0237 | 11 06 | 0F 00 | 09 00")
        self.assertEqual(read(READER, 15, "0-0:40.0.0", 5), want)
        self.assertEqual(read(READER, 15, "0-0:40.0.2", 5), want)

    def test_context_info_of_a_closed_association(self):
        want = unhex("02 06 | 04 18 207250 | 12 0000 | 12 0000 | 11 06 | 0F 00 | 09 00")
        self.assertEqual(read(READER, 15, "0-0:40.0.1", 5), want)

    def test_association_of_another_channel(self):
        other = Link(PUBLIC)
        other.max_pdu_tx = 100
        associations.links.append(other)
        try:
            self.assertEqual(read(READER, 15, "0-0:40.0.1", 8), unhex("16 02"))
            self.assertEqual(read(READER, 15, "0-0:40.0.1", 5)[10:13], unhex("12 0064"))
            other.status = 0
            self.assertEqual(read(READER, 15, "0-0:40.0.1", 8), unhex("16 00"))
        finally:
            associations.links.remove(other)

    def test_status(self):
        self.assertEqual(read(PUBLIC, 15, "0-0:40.0.0", 8), unhex("16 02"))
        self.assertEqual(read(READER, 15, "0-0:40.0.1", 8), unhex("16 00"))
        q = request(READER)
        dispatch.open(q, descriptor(15, "0-0:40.0.0", 8), 0, 0)
        q.link.status = 1
        out = bytearray(4)
        self.assertEqual(bytes(out[: class_get(q, out, 0)]), unhex("16 01"))

    def test_security_setup(self):
        self.assertEqual(read(READER, 15, "0-0:40.0.0", 9), unhex("09 06 000000000000"))


class TestSubmeter(unittest.TestCase):
    def setUp(self):
        self.public = associations.select(16, 18)
        self.reader = associations.select(32, 18)

    def test_object_lists_are_apart(self):
        # Class and OBIS code of what the reader sees there: eleven octets into each element.
        found = pieces(self.reader, 15, "0-0:40.0.0", 2)
        self.assertEqual([piece[3:5] + piece[9:15] for piece in found[1:]], [
            unhex("0001 00002A0000FF"), unhex("0003 0100100700FF"), unhex("0003 01001F0700FF"),
            unhex("000F 0000280000FF"), unhex("000F 0000280001FF"), unhex("000F 0000280002FF"),
        ])
        self.assertEqual(len(pieces(self.public, 15, "0-0:40.0.0", 2)), 1 + 3)

    def test_own_name_and_own_values(self):
        self.assertEqual(read(self.public, 1, "0-0:42.0.0", 2), b"\x09\x0eMCM10000001-18")
        self.assertEqual(read(PUBLIC, 1, "0-0:42.0.0", 2), b"\x09\x0bMCM10000001")
        for slot, number in ((1, 111), (2, 222)):  # mA on i1 and i2, meter/registers.py
            registers.put(slot, number)
        self.assertEqual(read(READER, 3, "1-0:31.7.0", 2), unhex("06 0000006F"))
        self.assertEqual(read(self.reader, 3, "1-0:31.7.0", 2), unhex("06 000000DE"))
        # What the other device has is not there.
        self.assertEqual(read(self.reader, 3, "1-0:1.8.0", 2), 4)
        self.assertEqual(read(self.reader, 17, "0-0:41.0.0", 2), 4)

    def test_partners(self):
        self.assertEqual(read(self.reader, 15, "0-0:40.0.0", 3), unhex("02 02 | 0F 20 | 12 0012"))
        self.assertEqual(read(self.reader, 15, "0-0:40.0.1", 3), unhex("02 02 | 0F 10 | 12 0012"))


class TestObjectList(unittest.TestCase):
    def test_of_the_public_client(self):
        # Everything the public client may know, by class and OBIS code.
        found = pieces(PUBLIC, 15, "0-0:40.0.0", 2)
        self.assertEqual(found[0], unhex("01 09"))
        self.assertEqual([piece[3:5] + piece[9:15] for piece in found[1:]], [
            unhex("0001 0000000200FF"), unhex("0001 00002A0000FF"), unhex("0001 0000600100FF"),
            unhex("0008 0000010000FF"), unhex("000F 0000280000FF"), unhex("000F 0000280001FF"),
            unhex("0011 0000290000FF"), unhex("0017 0000160000FF"), unhex("0017 0001160000FF"),
        ])

    def test_element_of_data(self):
        # {1, 0, 0-0:0.2.0.255, {[{1, read, null}, {2, read, null}], []}}
        want = unhex("02 04 | 12 0001 | 11 00 | 09 06 0000000200FF | 02 02"
                     "| 01 02 | 02 03 0F 01 16 01 00 | 02 03 0F 02 16 01 00 | 01 00")
        self.assertEqual(pieces(PUBLIC, 15, "0-0:40.0.0", 2)[1], want)

    def test_element_of_a_register(self):
        want = unhex("02 04 | 12 0003 | 11 00 | 09 06 0100010800FF | 02 02 | 01 03"
                     "| 02 03 0F 01 16 01 00 | 02 03 0F 02 16 01 00 | 02 03 0F 03 16 01 00"
                     "| 01 01 | 02 02 0F 01 16 00")
        self.assertTrue(want in pieces(READER, 15, "0-0:40.0.0", 2))

    def test_selective_access_is_announced(self):
        # access_selectors: a profile's buffer by range (1) and entry (2), a utility table's
        # buffer by offset (1), null-data with every other attribute.
        table = [p for p in pieces(READER, 15, "0-0:40.0.0", 2) if unhex("0000410001FF") in p]
        rights = ["02 03 0F 0%d 16 01" % i for i in range(1, 9)]
        want = "00".join(rights[:4]) + "01 01 0F 01 | 01 00"
        self.assertEqual(table[0][17:], unhex("01 04" + want))
        profile = [p for p in pieces(READER, 15, "0-0:40.0.0", 2) if unhex("0100630100FF") in p]
        want = rights[0] + "00" + rights[1] + "01 02 0F 01 0F 02" + "00".join(rights[2:]) + "00"
        want += "01 02 02 02 0F 01 16 00 02 02 0F 02 16 00"
        self.assertEqual(profile[0][17:], unhex("01 08" + want))

    def test_element_of_the_association(self):
        # Nine attributes, the secret without right; four methods without right; version 1.
        found = [p for p in pieces(READER, 15, "0-0:40.0.0", 2) if unhex("0000280000FF") in p]
        self.assertEqual(len(found), 1)
        attributes = ["02 03 0F 0%d 16 0%d 00" % (i, 0 if i == 7 else 1) for i in range(1, 10)]
        methods = ["02 02 0F 0%d 16 00" % i for i in range(1, 5)]
        want = "02 04 | 12 000F | 11 01 | 09 06 0000280000FF | 02 02 | 01 09"
        want += "".join(attributes) + "| 01 04" + "".join(methods)
        self.assertEqual(found[0], unhex(want))

    def test_individual_object_lists_its_own_association(self):
        self.assertEqual(
            read(READER, 15, "0-0:40.0.1", 2), read(PUBLIC, 15, "0-0:40.0.0", 2))
        self.assertEqual(
            read(READER, 15, "0-0:40.0.2", 2), read(READER, 15, "0-0:40.0.0", 2))


if __name__ == "__main__":
    unittest.main()
