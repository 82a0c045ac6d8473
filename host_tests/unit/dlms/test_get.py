# GET and its block transfer; answers from the vectors or put together by the grammar of get.py.
import unittest

from dlms_fakes import HELLO, LONG, VALUE, Fixture, get
from dlms_vectors import unhex, vectors


class TestNormal(unittest.TestCase):
    def test_vectors(self):
        with Fixture() as f:
            self.assertEqual(
                f.ask("C001C100010000600100FF0200"), vectors()["get_res_normal_octets"]
            )

    def test_get_p2_invoke_octet_is_echoed(self):
        with Fixture() as f:
            for invoke in ("C1", "41", "4F", "CF"):
                self.assertEqual(f.ask(get(HELLO, invoke))[2], int(invoke, 16))

    def test_get_p3_unconfirmed(self):
        with Fixture() as f:
            self.assertEqual(f.ask(get(HELLO, "81")), b"")

    def test_errors(self):
        with Fixture() as f:
            self.assertEqual(f.ask(get(unhex("0000600109FF"))), unhex("C401C10104"))
            self.assertEqual(f.ask("C001C100030000600100FF0200"), unhex("C401C10109"))
            self.assertEqual(f.ask(get(HELLO, selection="010100")), unhex("C401C1010D"))

    def test_malformed(self):
        # The invoke octet is readable: GET-response with other-reason; else exception.
        with Fixture() as f:
            for text in (
                "C001C10001",
                "C001C100010000600100FF02",
                "C001C100010000600100FF020000",
                "C001C100010000600100FF0201",
            ):
                self.assertEqual(f.ask(text), vectors()["get_res_normal_error_other_reason"])
            self.assertEqual(f.ask("C001"), unhex("D80102"))

    def test_choices_not_offered(self):
        with Fixture() as f:
            self.assertEqual(f.ask("C004C1000F0000280000FF0100"), unhex("D80102"))
            self.assertEqual(f.ask(get(HELLO))[3], 0)

    def test_svc_n1_get_not_negotiated(self):
        with Fixture(conformance="00000F") as f:
            self.assertEqual(f.ask(get(HELLO)), unhex("D80102"))

    def test_selective_access_not_negotiated(self):
        with Fixture(conformance="000010") as f:
            self.assertEqual(f.ask(get(HELLO, selection="010100")), unhex("C401C1010D"))


class TestBlocks(unittest.TestCase):
    def read(self, f, moments=0):
        """The long value by block transfer: raw data and the sizes of the APDUs.

        moments: how often the line is idle between two blocks."""
        answer = f.ask(get(LONG))
        raw = b""
        sizes = []
        number = 0
        while True:
            sizes.append(len(answer))
            number += 1
            self.assertEqual(answer[:3], unhex("C402C1"))
            self.assertEqual(answer[4:9], bytes((0, 0, 0, number, 0)))
            size, at = (answer[10], 11) if answer[9] == 0x81 else (answer[9], 10)
            self.assertEqual(len(answer), at + size)
            raw += answer[at:]
            if answer[3]:
                return raw, sizes
            for _ in range(moments):
                f.server.ahead()
            answer = f.ask("C002C1%08X" % number)

    def test_session_block(self):
        # The server of the vector cut its blocks at 100 octets: an APDU of 110.
        with Fixture(tx=110) as f:
            first = f.ask("C001C100010000600101FF0200")
            self.assertEqual(first, unhex("C402C100000000010064") + VALUE[:100])
            self.assertEqual(self.read(f)[0], VALUE)

    def test_every_pdu_size(self):
        # 3 + 200 octets; whatever the client takes, no APDU is longer and the value is whole.
        for pdu in list(range(12, 64)) + list(range(120, 150)) + [203, 206]:
            with Fixture(pdu) as f:
                raw, sizes = self.read(f)
                self.assertEqual(raw, VALUE)
                self.assertTrue(max(sizes) <= pdu)

    def test_what_is_made_ahead_is_the_same(self):
        long = unhex("098203E8") + bytes([k % 251 for k in range(1000)])
        for pdu in (20, 64, 128, 135, 250):
            for moments in (1, 2, 3, 20):
                with Fixture(pdu) as f:
                    f.model.dispatch.objects[LONG] = long
                    raw, sizes = self.read(f, moments)
                    self.assertEqual(raw, long)
                    self.assertTrue(max(sizes) <= pdu)

    def test_the_block_on_the_wire_stays_as_it_is(self):
        # HDLC sends its segments again out of the answer's buffer.
        with Fixture(64) as f:
            first = f.ask(get(LONG))
            for _ in range(5):
                f.server.ahead()
            self.assertEqual(bytes(f.server.out[f.server.out_pos : f.server.out_end]), first)
            self.assertEqual(f.model.dispatch.asked, [0, 1, 2])  # 54 octets a block, 50 a piece

    def test_nothing_is_made_ahead_without_a_transfer(self):
        with Fixture(64) as f:
            f.server.ahead()
            f.ask(get(HELLO))
            f.server.ahead()
            self.assertEqual(f.model.dispatch.asked, [0])

    def test_a_failure_ahead_is_told_when_it_is_asked_for(self):
        with Fixture(64) as f:
            f.model.dispatch.fails_at = 2
            f.ask(get(LONG))
            for _ in range(5):
                f.server.ahead()
            self.assertEqual(f.ask("C002C100000001"), unhex("C402C10100000002010E"))

    def test_a_bug_ahead_ends_the_association(self):
        with Fixture(64) as f:
            f.ask(get(LONG))
            f.model.dispatch.failing = 7
            f.server.ahead()
            self.assertEqual((f.server.bugs, f.server.association.status), (1, 0))
            self.assertEqual(f.ask("C002C100000001"), unhex("D80102"))

    def test_bt_get_p3_whole_when_it_fits(self):
        # C4 01 C1 00 and 203 octets are 207; in 206 they have no room.
        with Fixture(206) as f:
            self.assertEqual(f.ask(get(LONG))[:2], unhex("C402"))
        for pdu in (207, 208, 230, 1024, 65535):
            with Fixture(pdu) as f:
                self.assertEqual(f.ask(get(LONG)), unhex("C401C100") + VALUE)

    def test_smallest_block(self):
        # 12 octets leave two raw octets: header C4 02 iv last number(4) 00 length.
        with Fixture(12) as f:
            self.assertEqual(f.ask(get(LONG)), unhex("C402C10000000001" + "0002" + "0981"))

    def test_wrong_number_aborts(self):
        with Fixture(64) as f:
            f.ask(get(LONG))
            self.assertEqual(
                f.ask("C002C100000003"), vectors()["get_res_datablock_error_blocknum_invalid"]
            )
            self.assertEqual(f.ask("C002C100000001"), unhex("C402C101000000010110"))

    def test_next_without_transfer(self):
        with Fixture() as f:
            self.assertEqual(f.ask("C002C100000001"), unhex("C402C101000000010110"))
            self.assertEqual(f.ask("C002C10000"), unhex("D80102"))

    def test_new_get_aborts(self):
        with Fixture(64) as f:
            f.ask(get(LONG))
            f.ask(get(HELLO))
            self.assertEqual(f.ask("C002C100000001"), unhex("C402C101000000010110"))

    def test_blocks_not_negotiated(self):
        with Fixture(64, conformance="000010") as f:
            self.assertEqual(f.ask(get(LONG)), unhex("C401C101FA"))


if __name__ == "__main__":
    unittest.main()
