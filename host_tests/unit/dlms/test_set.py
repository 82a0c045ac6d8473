# SET; answers from the vectors or put together by the grammar of set.py.
import unittest

from dlms.server import Server
from dlms_fakes import ALL, HELLO, LONG, Fixture, ask, get
from dlms_vectors import hexed, unhex, vectors

REGISTER = unhex("0100010800FF")
ITEM = "0001%s0200"
AT_HELLO = ITEM % hexed(HELLO)
AT_LONG = ITEM % hexed(LONG)
OLD = unhex("090548656C6C6F")


class TestNormal(unittest.TestCase):
    def test_set_p1_vectors(self):
        v = vectors()
        with Fixture(conformance=ALL) as f:
            self.assertEqual(f.ask(hexed(v["set_req_normal"])), v["set_res_normal_ok"])
            self.assertEqual(f.ask(get(HELLO)), unhex("C401C1000902AABB"))

    def test_set_p2_unconfirmed(self):
        with Fixture(conformance=ALL) as f:
            self.assertEqual(f.ask("C10181" + AT_HELLO + "090177"), b"")
            self.assertEqual(f.ask(get(HELLO)), unhex("C401C100090177"))

    def test_another_type(self):
        with Fixture(conformance=ALL) as f:
            want = vectors()["set_res_normal_type_unmatched"]
            for value in ("120007", "0902AA", "0902AABBCC", "", "09"):
                self.assertEqual(f.ask("C101C1" + AT_HELLO + value), want)
            self.assertEqual(f.model.dispatch.objects[HELLO], OLD)

    def test_n3_1_unknown_choice(self):
        with Fixture(conformance=ALL) as f:
            for choice in ("00", "06", "7F", "FF"):
                text = "C1" + choice + "C1000F0000280000FF010009060000280000FF"
                self.assertEqual(f.ask(text), unhex("D80102"))

    def test_n3_2_missing_elements(self):
        with Fixture(conformance=ALL) as f:
            for text in ("C101C1000F0000280000", "C101C1" + AT_HELLO[:-2], "C101C1"):
                self.assertEqual(f.ask(text), unhex("C501C1FA"))
            self.assertEqual(f.ask("C101"), unhex("D80102"))

    def test_n3_6_unknown_object_and_class(self):
        with Fixture(conformance=ALL) as f:
            self.assertEqual(f.ask("C101C10001FFFFFFFFFFFF0200120001"), unhex("C501C104"))
            self.assertEqual(f.ask("C101C10003" + AT_HELLO[4:] + "120001"), unhex("C501C109"))

    def test_n3_7_selection(self):
        with Fixture(conformance=ALL) as f:
            text = "C101C10001" + hexed(HELLO) + "020101" + "0600000001" + "0901AA"
            self.assertEqual(f.ask(text), unhex("C501C10D"))
            self.assertEqual(f.model.dispatch.objects[HELLO], OLD)

    def test_svc_n1_not_negotiated(self):
        for bits in ("00FE17", "001010"):
            with Fixture(conformance=bits) as f:
                self.assertEqual(f.ask(hexed(vectors()["set_req_normal"])), unhex("D80102"))


class TestList(unittest.TestCase):
    def test_setlist_p1_vector(self):
        with Fixture(conformance=ALL) as f:
            f.model.dispatch.refused[REGISTER] = 11
            answer = f.ask(hexed(vectors()["set_req_with_list_2"]))
            self.assertEqual(answer, vectors()["set_res_with_list_2"])
            self.assertEqual(f.model.dispatch.objects[HELLO], unhex("0902AABB"))

    def test_setlist_n1_counts_differ(self):
        with Fixture(conformance=ALL) as f:
            two = "C104C102" + AT_HELLO + AT_LONG
            for values in ("01" "0900", "03" "090009000900", "02" "0900", "02" "090009000900", ""):
                self.assertEqual(f.ask(two + values), unhex("D80102"))
            self.assertEqual(f.ask("C104C10000"), unhex("D80102"))
            self.assertEqual(f.model.dispatch.objects[HELLO], OLD)

    def test_results_that_do_not_fit(self):
        # C5 05 iv n and a result each: nine have room in 12 octets, ten have not.
        with Fixture(12, conformance=ALL) as f:
            f.model.dispatch.objects[HELLO] = OLD
            text = "C104C1%02X" + AT_HELLO * 8 + "%02X" + "0900" * 8
            self.assertEqual(f.ask(text % (8, 8)), unhex("C505C108" + "00" * 8))
            f.model.dispatch.objects[HELLO] = OLD
            text = "C104C109" + AT_HELLO * 9 + "09" + "0900" * 9
            self.assertEqual(f.ask(text), unhex("D80104"))
            self.assertEqual(f.model.dispatch.objects[HELLO], OLD)

    def test_svc_n1_not_negotiated(self):
        with Fixture(conformance="00FC1F") as f:
            self.assertEqual(f.ask(hexed(vectors()["set_req_with_list_2"])), unhex("D80102"))


class TestBlocks(unittest.TestCase):
    FIRST = "C102C1" + AT_HELLO + "0000000001040904AABB"

    def test_vectors(self):
        v = vectors()
        with Fixture(conformance=ALL) as f:
            # The vectors' blocks hold 0902AABB and 1122: the length must be 4.
            first = hexed(v["set_req_first_block"]).replace("0902AABB", "0904AABB")
            self.assertEqual(first, self.FIRST)
            self.assertEqual(f.ask(first), v["set_res_datablock_1"])
            self.assertEqual(f.model.dispatch.objects[HELLO], OLD)
            self.assertEqual(f.ask(hexed(v["set_req_block_last"])), v["set_res_last_datablock"])
            self.assertEqual(f.model.dispatch.objects[HELLO], unhex("0904AABB1122"))

    def test_bt_set_n4_malformed_value(self):
        v = vectors()
        with Fixture(conformance=ALL) as f:
            f.ask(hexed(v["set_req_first_block"]))
            answer = f.ask(hexed(v["set_req_block_last"]))
            self.assertEqual(answer, unhex("C503C10C00000002"))
            self.assertEqual(f.model.dispatch.objects[HELLO], OLD)

    def test_one_block(self):
        with Fixture(conformance=ALL) as f:
            answer = f.ask("C102C1" + AT_HELLO + "0100000001030901AA")
            self.assertEqual(answer, unhex("C503C10000000001"))
            self.assertEqual(f.model.dispatch.objects[HELLO], unhex("0901AA"))

    def test_long_value(self):
        value = unhex("09820190") + bytes([k & 0xFF for k in range(400)])
        with Fixture(64, conformance=ALL) as f:
            head = "C102C1" + AT_LONG
            for k in range(0, len(value), 40):
                part = value[k : k + 40]
                number = k // 40 + 1
                last = k + 40 >= len(value)
                text = "%02X%08X%02X" % (1 if last else 0, number, len(part)) + hexed(part)
                answer = f.ask(head + text)
                want = "C503C100%08X" if last else "C502C1%08X"
                self.assertEqual(answer, unhex(want % number))
                head = "C103C1"
            self.assertEqual(f.model.dispatch.objects[LONG], value)

    def test_list_vectors(self):
        v = vectors()
        with Fixture(conformance=ALL) as f:
            self.assertEqual(
                f.ask(hexed(v["set_req_list_first_block"])), v["set_res_datablock_1"])
            self.assertEqual(f.ask("C103C1010000000201BB"), unhex("C504C1010000000002"))
            self.assertEqual(f.model.dispatch.objects[HELLO], unhex("0902AABB"))
            f.model.dispatch.refused[REGISTER] = 11
            whole = hexed(v["set_req_with_list_2"])[6:]
            self.assertEqual(
                f.ask("C105C1" + whole[:42] + "0000000001" + "05" + whole[42:52]),
                v["set_res_datablock_1"])
            answer = f.ask("C103C10100000002%02X" % ((len(whole) - 52) // 2) + whole[52:])
            self.assertEqual(answer, v["set_res_last_datablock_with_list"])

    def test_list_that_is_malformed(self):
        with Fixture(conformance=ALL) as f:
            f.ask(hexed(vectors()["set_req_list_first_block"]))
            self.assertEqual(f.ask("C103C1010000000202BBCC"), unhex("D80102"))
            self.assertEqual(f.model.dispatch.objects[HELLO], OLD)
            self.assertEqual(f.ask(self.FIRST), vectors()["set_res_datablock_1"])

    def test_bt_set_n1_wrong_number(self):
        with Fixture(conformance=ALL) as f:
            f.ask(self.FIRST)
            self.assertEqual(f.ask("C103C1FF000000030107"), unhex("C503C11300000003"))
            self.assertEqual(f.ask("C103C1FF00000002021122"), unhex("C503C11200000002"))
            self.assertEqual(f.model.dispatch.objects[HELLO], OLD)
            for number in ("00000000", "00000002", "00010001"):
                text = self.FIRST.replace("00000001", number)
                self.assertEqual(f.ask(text), unhex("C503C113" + number))

    def test_bt_set_n2_block_without_first(self):
        with Fixture(conformance=ALL) as f:
            self.assertEqual(f.ask("C103C1FF000000020107"), unhex("C503C11200000002"))

    def test_another_invoke_id(self):
        with Fixture(conformance=ALL) as f:
            f.ask(self.FIRST)
            self.assertEqual(f.ask("C103C20100000002021122"), unhex("C503C21200000002"))
            self.assertEqual(f.ask("C103C10100000002021122"), unhex("C503C11200000002"))

    def test_bt_set_n3_more_than_fits(self):
        # The buffer has 1024 octets, ten of them for the descriptor.
        with Fixture(conformance=ALL) as f:
            f.ask("C102C1" + AT_HELLO + "00000000010409821000")
            for number in range(2, 12):
                answer = f.ask("C103C100%08X64" % number + "55" * 100)
                want = "C502C1%08X" if number < 12 else "C503C111%08X"
                self.assertEqual(answer, unhex(want % number))
            answer = f.ask("C103C1000000000C64" + "55" * 100)
            self.assertEqual(answer, unhex("C503C1110000000C"))
            self.assertEqual(f.model.dispatch.objects[HELLO], OLD)

    def test_damaged_block(self):
        for part in ("021122334455", "0511", "8F11223344"):
            with Fixture(conformance=ALL) as f:
                f.ask(self.FIRST)
                answer = f.ask("C103C10100000002" + part)
                self.assertEqual(answer, unhex("C503C11100000002"))
                self.assertEqual(f.model.dispatch.objects[HELLO], OLD)
        with Fixture(conformance=ALL) as f:
            self.assertEqual(f.ask("C103C1010000"), unhex("D80102"))
            self.assertEqual(f.ask("C102C1" + AT_HELLO + "0100000001"), unhex("D80102"))

    def test_refused_before_the_value_has_come(self):
        with Fixture(conformance=ALL) as f:
            f.model.dispatch.refused[HELLO] = 3
            self.assertEqual(f.ask(self.FIRST), unhex("C503C10300000001"))

    def test_broken_off_by_another_request(self):
        for text in (get(LONG), "C101C1" + AT_LONG + "0900", "6200", "C301C10001"):
            with Fixture(conformance=ALL) as f:
                f.ask(self.FIRST)
                f.ask(text)
                f.ask("C103C10100000002021122")
                self.assertEqual(f.model.dispatch.objects[HELLO], OLD)

    def test_bt_set_n5_not_negotiated(self):
        with Fixture(conformance="00F61F") as f:
            for text in (self.FIRST, "C103C10100000002021122",
                         hexed(vectors()["set_req_list_first_block"])):
                self.assertEqual(f.ask(text), unhex("D80102"))

    def test_one_line_at_a_time(self):
        with Fixture(conformance=ALL) as f:
            other = Server(1024, 1024)
            ask(other, unhex("601DA109060760857405080101BE10040E01000000065F1F0400007E1F0400"), 17)
            f.ask(self.FIRST)
            busy = ask(other, unhex(self.FIRST), 17)
            self.assertEqual(busy, unhex("C503C10200000001"))
            self.assertEqual(f.ask("C103C10100000002021122"), unhex("C503C10000000002"))
            taken = ask(other, unhex(self.FIRST), 17)
            self.assertEqual(taken, vectors()["set_res_datablock_1"])
            # A link that closes lets it go.
            self.assertEqual(f.ask(self.FIRST), unhex("C503C10200000001"))
            other.released()
            self.assertEqual(f.ask(self.FIRST), vectors()["set_res_datablock_1"])


if __name__ == "__main__":
    unittest.main()
