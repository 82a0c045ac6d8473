# ACTION; answers from the vectors or put together by the grammar of action.py. In the small
# object model method 1 returns its parameter, method 2 nothing, others are not there.
import unittest

from dlms_fakes import ALL, HELLO, LONG, Fixture
from dlms_vectors import hexed, unhex, vectors
from test_get_list import fetch

ASSOCIATION = unhex("0000280000FF")
DISCONNECT = unhex("0000600A03FF")
ECHO = "0001" + hexed(HELLO) + "01"
NOTHING = "0001" + hexed(HELLO) + "02"
MISSING = "0001" + hexed(HELLO) + "03"
BIG = unhex("098200C8") + bytes([k & 0xFF for k in range(200)])


class Actions(Fixture):
    """All services; the objects of the vectors are there too."""

    def __init__(self, pdu=1024, conformance=ALL):
        Fixture.__init__(self, pdu, conformance=conformance)

    def __enter__(self):
        Fixture.__enter__(self)
        self.model.dispatch.objects[ASSOCIATION] = self.model.dispatch.objects[DISCONNECT] = b"\0"
        self.called = self.model.dispatch.called
        return self


class TestNormal(unittest.TestCase):
    def test_vectors(self):
        v = vectors()
        with Actions() as f:
            for request, answer in (
                ("action_req_normal_with_param", "action_res_normal_with_data"),
                ("action_req_normal_no_param", "action_res_normal_success_nodata"),
            ):
                self.assertEqual(f.ask(hexed(v[request])), v[answer])
            self.assertEqual(f.called, [(1, unhex("09021122")), (2, b"")])
            f.model.dispatch.refused[DISCONNECT] = 11
            answer = f.ask(hexed(v["action_req_normal_no_param"]))
            self.assertEqual(answer, v["action_res_normal_object_unavailable"])

    def test_unconfirmed(self):
        with Actions() as f:
            self.assertEqual(f.ask("C30181" + ECHO + "010F07"), b"")
            self.assertEqual(f.called, [(1, unhex("0F07"))])

    def test_act_n1_n2_n4_results(self):
        with Actions() as f:
            for method, want in (
                (MISSING + "010F00", "04"),
                ("0001FFFFFFFFFFFF01010F00", "04"),
                (ECHO + "00", "0C"),
                (ECHO + "010F", "0C"),
                (ECHO + "01", "0C"),
                (ECHO + "010F0000", "0C"),
                (ECHO + "000F00", "FA"),
                (ECHO, "FA"),
                ("0001", "FA"),
            ):
                self.assertEqual(f.ask("C301C1" + method), unhex("C701C1" + want + "00"))
            self.assertEqual(f.called, [])
            self.assertEqual(f.ask("C301"), unhex("D80102"))

    def test_choices(self):
        with Actions() as f:
            for choice in ("00", "07", "FF"):
                self.assertEqual(f.ask("C3" + choice + "C1" + ECHO + "00"), unhex("D80102"))

    def test_svc_n1_not_negotiated(self):
        v = vectors()
        with Actions(conformance="00FE1E") as f:
            self.assertEqual(f.ask("C301C1" + NOTHING + "00"), unhex("D80102"))
        with Actions(conformance="00F81F") as f:
            for name in ("with_list_2", "first_pblock", "list_first_pblock", "with_pblock_last",
                         "next_pblock_1"):
                self.assertEqual(f.ask(hexed(v["action_req_" + name])), unhex("D80102"))


class TestResultBlocks(unittest.TestCase):
    def test_vector(self):
        # An APDU of 12 octets has room for three of raw data; the vector's block has 0F00.
        with Actions(12) as f:
            answer = f.ask("C301C1" + ECHO + "010905AABBCCDDEE")
            want = hexed(vectors()["action_res_with_pblock_1"]).replace("020F00", "030905AA")
            self.assertEqual(answer, unhex(want))
            next_block = hexed(vectors()["action_req_next_pblock_1"])
            self.assertEqual(f.ask(next_block), unhex("C702C1000000000203BBCCDD"))

    def test_bt_act_p2_every_size(self):
        for pdu in list(range(12, 40)) + [64, 137, 138, 139, 209]:
            with Actions(pdu) as f:
                raw, longest = fetch(f, f.ask("C301C1" + ECHO + "01" + hexed(BIG)), "C702C1")
                self.assertEqual(raw, BIG)
                self.assertTrue(longest <= pdu)
                self.assertEqual(len(f.called), 1)
        # C7 01 iv 00 01 00 and 204 octets.
        with Actions(210) as f:
            answer = f.ask("C301C1" + ECHO + "01" + hexed(BIG))
            self.assertEqual(answer, unhex("C701C1000100") + BIG)

    def test_wrong_number(self):
        with Actions(64) as f:
            f.ask("C301C1" + ECHO + "01" + hexed(BIG))
            self.assertEqual(f.ask("C302C100000002"), unhex("C701C10F00"))
            self.assertEqual(f.ask("C302C100000001"), unhex("C701C11000"))

    def test_nothing_in_progress(self):
        with Actions(64) as f:
            self.assertEqual(f.ask("C302C100000001"), unhex("C701C11000"))
            f.ask("C001C10001" + hexed(LONG) + "0200")
            self.assertEqual(f.ask("C302C100000001"), unhex("C701C11000"))
            self.assertEqual(f.ask("C302C1000000"), unhex("D80102"))

    def test_blocks_not_negotiated(self):
        with Actions(64, "00FA1F") as f:
            self.assertEqual(f.ask("C301C1" + ECHO + "01" + hexed(BIG)), unhex("C701C1FA00"))


class TestParameterBlocks(unittest.TestCase):
    FIRST = "C304C1" + ECHO + "0000000001020902"

    def test_vectors(self):
        v = vectors()
        with Actions() as f:
            ack = v["action_res_next_pblock_1"]
            self.assertEqual(f.ask(hexed(v["action_req_first_pblock"])), ack)
            self.assertEqual(f.called, [])
            answer = f.ask(hexed(v["action_req_with_pblock_last"]))
            self.assertEqual(answer, v["action_res_normal_success_nodata"])
            self.assertEqual(f.called, [(2, unhex("0F000F00"))])
            self.assertEqual(f.ask(hexed(v["action_req_list_first_pblock"])), ack)

    def test_bt_act_p1_both_ways(self):
        with Actions(40) as f:
            head = "C304C1" + ECHO
            for k in range(0, len(BIG), 30):
                part = BIG[k : k + 30]
                last = k + 30 >= len(BIG)
                text = "%02X%08X%02X" % (1 if last else 0, k // 30 + 1, len(part))
                answer = f.ask(head + text + hexed(part))
                if not last:
                    self.assertEqual(answer, unhex("C704C1%08X" % (k // 30 + 1)))
                head = "C306C1"
            self.assertEqual(fetch(f, answer, "C702C1")[0], BIG)
            self.assertEqual(f.called, [(1, BIG)])

    def test_bt_act_n1_wrong_number(self):
        with Actions() as f:
            f.ask(self.FIRST)
            self.assertEqual(f.ask("C306C1FF000000070100"), unhex("C701C10F00"))
            self.assertEqual(f.ask("C306C1010000000202AABB"), unhex("C701C11000"))
            self.assertEqual(f.called, [])

    def test_more_than_fits(self):
        with Actions() as f:
            f.ask("C304C1" + ECHO + "00000000010409821000")
            for number in range(2, 12):
                answer = f.ask("C306C100%08X64" % number + "55" * 100)
                self.assertEqual(answer, unhex("C704C1%08X" % number))
            answer = f.ask("C306C1000000000C64" + "55" * 100)
            self.assertEqual(answer, unhex("C701C10F00"))

    def test_refused_at_once(self):
        with Actions() as f:
            first = "C304C1" + MISSING + "0000000001020902"
            self.assertEqual(f.ask(first), unhex("C701C10400"))
            self.assertEqual(f.ask("C304C1" + ECHO + "00000001"), unhex("D80102"))
            self.assertEqual(f.ask("C306C1010000"), unhex("D80102"))


class TestList(unittest.TestCase):
    def test_vector(self):
        with Actions() as f:
            answer = f.ask("C303C102" + NOTHING + ECHO + "02" + "00" + "09021122")
            self.assertEqual(answer, vectors()["action_res_with_list_2"])
            self.assertEqual(f.called, [(2, b""), (1, unhex("09021122"))])
            answer = f.ask(hexed(vectors()["action_req_with_list_2"]))
            self.assertEqual(answer, unhex("C703C102" "0001000F00" "0000"))

    def test_act_p3_errors_in_their_place(self):
        with Actions() as f:
            answer = f.ask("C303C103" + ECHO + MISSING + NOTHING + "03" + "00" + "0F00" + "0F00")
            self.assertEqual(answer, unhex("C703C103" "0C00" "0400" "0000"))

    def test_in_blocks_both_ways(self):
        big = hexed(BIG)
        methods = "03" + ECHO + NOTHING + ECHO
        values = "03" + big + "00" + big
        want = unhex("03" "000100" + big + "0000" "000100" + big)
        with Actions(64) as f:
            raw, longest = fetch(f, f.ask("C303C1" + methods + values), "C702C1")
            self.assertEqual((raw, longest <= 64, len(f.called)), (want, True, 3))
            f.ask("C305C1" + methods + "000000000164" + values[:200])
            f.ask("C306C1" + "000000000264" + values[200:400])
            rest = "%02X" % (len(values) // 2 - 200) + values[400:]
            if len(rest) // 2 - 1 >= 0x80:
                rest = "81" + rest
            answer = f.ask("C306C1" + "0100000003" + rest)
            self.assertEqual(fetch(f, answer, "C702C1")[0], want)
            self.assertEqual(len(f.called), 6)

    def test_many_results(self):
        # 63 methods and their null-data: the longest list that comes in 640 octets.
        with Actions(32) as f:
            answer = f.ask("C303C13F" + NOTHING * 63 + "3F" + "00" * 63)
            self.assertEqual(fetch(f, answer, "C702C1")[0], unhex("3F" + "0000" * 63))

    def test_malformed(self):
        with Actions() as f:
            for text in ("00", "0000", "01" + NOTHING, "01" + NOTHING + "020000",
                         "01" + NOTHING + "0100FF", "02" + NOTHING + "0100", "8001"):
                self.assertEqual(f.ask("C303C1" + text), unhex("D80102"))
            self.assertEqual(f.called, [])

    def test_too_long_without_blocks(self):
        with Actions(64, "00FA1F") as f:
            answer = f.ask("C303C101" + ECHO + "01" + hexed(BIG))
            self.assertEqual(answer, unhex("D80104"))


if __name__ == "__main__":
    unittest.main()
