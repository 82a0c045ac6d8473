# GET with list; answers from the vectors or put together by the grammar of get_list.py.
import unittest

from dlms_fakes import ALL, HELLO, LONG, VALUE, Fixture, get
from dlms_vectors import hexed, unhex, vectors

REGISTER = unhex("0100010800FF")
ITEM = "0001%s0200"


def get_list(*codes):
    return "C003C1%02X" % len(codes) + "".join([ITEM % hexed(code) for code in codes])


def fetch(f, answer, head):
    """Raw data of all blocks that begin with head (C402C1), and the longest APDU."""
    raw = b""
    number = 0
    longest = 0
    while True:
        number += 1
        longest = max(longest, len(answer))
        assert answer[:3] == unhex(head), hexed(answer)
        assert answer[4:8] == bytes((0, 0, 0, number)), hexed(answer)
        at = 9 if head[:2] == "C4" else 8
        size = answer[at]
        at += 1
        if size == 0x81:
            size = answer[at]
            at += 1
        assert len(answer) == at + size, hexed(answer)
        raw += answer[at:]
        if answer[3]:
            return raw, longest
        answer = f.ask(("C002C1%08X" if head[:2] == "C4" else "C302C1%08X") % number)


class TestList(unittest.TestCase):
    def test_getlist_p1_vector(self):
        with Fixture(conformance=ALL) as f:
            f.model.dispatch.objects[HELLO] = unhex("09021122")
            f.model.dispatch.refused[REGISTER] = 11
            answer = f.ask(hexed(vectors()["get_req_with_list_2"]))
            self.assertEqual(answer, vectors()["get_res_with_list_2"])

    def test_unknown_object_in_its_place(self):
        with Fixture(conformance=ALL) as f:
            answer = f.ask(get_list(REGISTER, HELLO, REGISTER))
            self.assertEqual(answer, unhex("C403C103" "0104" "00090548656C6C6F" "0104"))

    def test_getlist_n3_selection_fails_alone(self):
        with Fixture(conformance=ALL) as f:
            first = "0001" + hexed(HELLO) + "02" + "01010F00"
            answer = f.ask("C003C102" + first + ITEM % hexed(HELLO))
            self.assertEqual(answer, unhex("C403C102" "010D" "00090548656C6C6F"))

    def test_bt_get_p4_blocks(self):
        # The raw data of the blocks is what would have stood behind C4 03 iv.
        want = unhex("04" "00") + VALUE + unhex("0104" "00090548656C6C6F" "00") + VALUE
        with Fixture(1024, conformance=ALL) as f:
            self.assertEqual(f.ask(get_list(LONG, REGISTER, HELLO, LONG)), unhex("C403C1") + want)
        for pdu in list(range(12, 40)) + [64, 128, 137, 138, 139, 255]:
            with Fixture(pdu, conformance=ALL) as f:
                # Other requests come into the buffer that the list came in.
                answer = f.ask(get_list(LONG, REGISTER, HELLO, LONG))
                raw, longest = fetch(f, answer, "C402C1")
                self.assertEqual(raw, want)
                self.assertTrue(longest <= pdu)

    def test_exact_fit(self):
        # C4 03 C1, n, and 00 with the value of 203 octets.
        with Fixture(208, conformance=ALL) as f:
            self.assertEqual(f.ask(get_list(LONG))[:4], unhex("C403C101"))
        with Fixture(207, conformance=ALL) as f:
            self.assertEqual(f.ask(get_list(LONG))[:3], unhex("C402C1"))

    def test_blocks_not_negotiated(self):
        with Fixture(64, conformance="00021F") as f:
            self.assertEqual(f.ask(get_list(LONG)), unhex("D80104"))
            self.assertEqual(f.ask(get_list(HELLO))[:3], unhex("C403C1"))

    def test_svc_n1_not_negotiated(self):
        with Fixture(conformance="00101F") as f:
            self.assertEqual(f.ask(get_list(HELLO)), unhex("D80102"))

    def test_malformed(self):
        good = get_list(HELLO, HELLO)
        with Fixture(conformance=ALL) as f:
            for text in ("C003C1", "C003C100", good[:-2], good + "00", "C003C181", "C003C1FF00"):
                self.assertEqual(f.ask(text), unhex("D80102"))
            self.assertEqual(f.ask(good)[:4], unhex("C403C102"))


class TestInBlocks(unittest.TestCase):
    def test_a_value_that_fails_in_its_middle(self):
        with Fixture(64, conformance=ALL) as f:
            f.model.dispatch.fails_at = 2
            self.assertEqual(f.ask(get(LONG))[:8], unhex("C402C10000000001"))
            answer = f.ask("C002C100000001")
            self.assertEqual(answer, vectors()["get_res_datablock_last_error"])
            self.assertEqual(f.ask("C002C100000002"), unhex("C402C101000000020110"))

    def test_bt_get_n4_another_invoke_id(self):
        with Fixture(64, conformance=ALL) as f:
            f.ask(get(LONG))
            self.assertEqual(f.ask("C002C200000001"), unhex("C402C201000000010110"))
            self.assertEqual(f.ask("C002C100000001"), unhex("C402C101000000010110"))

    def test_priority_may_change(self):
        with Fixture(64, conformance=ALL) as f:
            f.ask(get(LONG))
            self.assertEqual(f.ask("C0024100000001")[:8], unhex("C402C10000000002"))

    def test_bt_get_n2_acknowledged_twice(self):
        with Fixture(64, conformance=ALL) as f:
            f.ask(get(LONG))
            f.ask("C002C100000001")
            self.assertEqual(f.ask("C002C100000001"), unhex("C402C101000000010113"))

    def test_another_service_ends_it(self):
        for text in ("C101C1" + ITEM % hexed(HELLO) + "0900", "C301C1FFFF" + hexed(HELLO) + "0200",
                     "EE00"):
            with Fixture(64, conformance=ALL) as f:
                f.ask(get(LONG))
                f.ask(text)
                self.assertEqual(f.ask("C002C100000001"), unhex("C402C101000000010110"))


if __name__ == "__main__":
    unittest.main()
