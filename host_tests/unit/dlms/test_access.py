# ACCESS, Green Book 9.3.10. Octets are put together by the grammar of access.py; the vectors are
# of a translator, whose long-invoke-id 00000001 would be unconfirmed: bit 30 is set here.
import unittest

from dlms_fakes import HELLO, LONG, VALUE, Fixture, get
from dlms_vectors import hexed, unhex, vectors

CONFORMANCE = "20FE5F"  # everything, ACCESS (bit 17) too
INVOKE = "40000001"
NOBODY = unhex("0000600109FF")
STRING = "090548656C6C6F"  # the value of HELLO


class Access(Fixture):
    def __init__(self, pdu=1024, conformance=CONFORMANCE):
        super().__init__(pdu, conformance=conformance)


def request(items, values=None, invoke=INVOKE, date_time="00"):
    """items: (choice, obis, number, selection) of class 1."""
    specs = ""
    for item in items:
        specs += "%02X0001" % item[0] + hexed(item[1]) + "%02X" % item[2] + "".join(item[3:])
    n = "%02X" % len(items)
    return "D9" + invoke + date_time + n + specs + n + "".join(values or ["00"] * len(items))


def response(data, results, invoke=INVOKE):
    n = "%02X" % len(data)
    return unhex("DA" + invoke + "0000" + n + "".join(data) + n + "".join(results))


class TestAccess(unittest.TestCase):
    def test_vector_response(self):
        want = bytearray(vectors()["access_response_get_ok"])
        want[1] = 0x40
        with Access() as f:
            f.model.dispatch.objects[HELLO] = unhex("0902AABB")
            self.assertEqual(f.ask(request([(1, HELLO, 2)])), bytes(want))

    def test_vector_request(self):
        # Two gets of the logical device name; as it stands nobody waits for an answer.
        text = hexed(vectors()["access_request_get2"])
        with Access() as f:
            f.model.dispatch.objects[unhex("00002A0000FF")] = unhex("1105")
            self.assertEqual(f.ask(text), b"")
            self.assertEqual(f.ask(text.replace("D900", "D940", 1)),
                             response(["1105", "1105"], ["0100", "0100"]))  # fmt: skip

    def test_all_kinds_in_one(self):
        with Access() as f:
            items = [(2, HELLO, 2), (1, HELLO, 2), (3, HELLO, 1), (3, HELLO, 2), (1, NOBODY, 2)]
            answer = f.ask(request(items, ["090141", "00", "1107", "00", "00"]))
            want = response(
                ["00", "090141", "1107", "00", "00"], ["0200", "0100", "0300", "0300", "0104"]
            )
            self.assertEqual(answer, want)
            self.assertEqual(f.model.dispatch.called, [(1, unhex("1107")), (2, b"")])

    def test_errors_stay_with_their_item(self):
        with Access() as f:
            items = [(2, HELLO, 2), (3, HELLO, 9), (1, HELLO, 2)]
            answer = f.ask(request(items, ["1101", "00", "00"]))
            want = response(["00", "00", STRING], ["020C", "0304", "0100"])
            self.assertEqual(answer, want)

    def test_break_on_error(self):
        with Access() as f:
            items = [(1, HELLO, 2), (1, NOBODY, 2), (2, HELLO, 2), (1, HELLO, 2)]
            answer = f.ask(request(items, ["00", "00", "090141", "00"], "60000001"))
            want = response([STRING, "00", "00", "00"], ["0100", "0104", "02FA", "01FA"],
                            "60000001")  # fmt: skip
            self.assertEqual(answer, want)
            self.assertEqual(f.model.dispatch.objects[HELLO], unhex(STRING))

    def test_selection(self):
        # No presence octet: the choice says that there is one. The fake has no selective access.
        items = [(4, HELLO, 2, "01", "1105"), (5, HELLO, 2, "02", "0201" + "1105"), (1, HELLO, 2)]
        values = ["00", "090141", "00"]
        for conformance in (CONFORMANCE, "20FE5B"):
            with Access(conformance=conformance) as f:
                want = response(["00", "00", STRING], ["010D", "020D", "0100"])
                self.assertEqual(f.ask(request(items, values)), want)

    def test_long_invoke_id_and_date_time(self):
        with Access() as f:
            for invoke in ("C0ABCDEF", "40FFFFFF", "50000000"):
                for date_time in ("00", "0C07E80101FF00000000FFC400"):
                    answer = f.ask(request([(1, HELLO, 2)], None, invoke, date_time))
                    self.assertEqual(answer, response([STRING], ["0100"], invoke))

    def test_unconfirmed(self):
        with Access() as f:
            items = [(2, HELLO, 2), (1, LONG, 2), (3, HELLO, 1)]
            values = ["090141", "00", "1107"]
            self.assertEqual(f.ask(request(items, values, "00000001")), b"")
            self.assertEqual(f.ask(get(HELLO)), unhex("C401C100090141"))
            self.assertEqual(f.model.dispatch.called, [(1, unhex("1107"))])

    def test_not_negotiated(self):
        with Access(conformance="20FE1F") as f:
            self.assertEqual(f.ask(request([(1, HELLO, 2)])), unhex("D80102"))

    def test_malformed(self):
        whole = request([(2, HELLO, 2), (1, HELLO, 2)], ["090141", "00"])
        with Access() as f:
            for n in range(2, len(whole), 2):
                self.assertEqual(f.ask(whole[:n]), unhex("D80102"))
            self.assertEqual(f.ask(whole + "00"), unhex("D80102"))
            self.assertEqual(f.ask(request([(6, HELLO, 2)])), unhex("D80102"))
            self.assertEqual(f.ask(request([(0, HELLO, 2)])), unhex("D80102"))
            self.assertEqual(f.ask("D940000001000000"), unhex("D80102"))
            self.assertEqual(f.model.dispatch.objects[HELLO], unhex(STRING))


class TestLong(unittest.TestCase):
    ITEMS = [(1, LONG, 2), (2, HELLO, 2), (1, LONG, 2), (3, HELLO, 1)]
    VALUES = ["00", "090141", "00", "1107"]

    def want(self):
        long_value = hexed(VALUE)
        return response([long_value, "00", long_value, "1107"], ["0100", "0200", "0100", "0300"])

    def read(self, f, first):
        """The APDU that general blocks carry, window 1."""
        raw, answer, number = b"", f.ask(first), 0
        while True:
            number += 1
            self.assertEqual((answer[0], answer[2] << 8 | answer[3]), (0xE0, number))
            self.assertTrue(len(answer) <= f.pdu)
            raw += answer[8:] if answer[6] == 0x81 else answer[7:]
            if answer[1] & 0x80:
                return raw
            answer = f.ask("E081%04X%04X00" % (number + 1, number))

    def test_whole(self):
        with Access() as f:
            self.assertEqual(f.ask(request(self.ITEMS, self.VALUES)), self.want())

    def test_in_general_blocks(self):
        for pdu in list(range(16, 80)) + [135, 136, 200]:
            with Access(pdu) as f:
                self.assertEqual(self.read(f, request(self.ITEMS, self.VALUES)), self.want())

    def test_request_in_general_blocks(self):
        text = request(self.ITEMS, self.VALUES)
        half = len(text) // 4 * 2
        for pdu in (40, 128):
            with Access(pdu) as f:
                part = text[:half]
                self.assertEqual(f.ask("E04100010000%02X" % (len(part) // 2) + part), b"")
                part = text[half:]
                first = "E08100020000%02X" % (len(part) // 2) + part
                self.assertEqual(self.read(f, first), self.want())

    def test_a_value_that_breaks_off(self):
        with Access(40) as f:
            f.model.dispatch.fails_at = 2
            answer, number = f.ask(request(self.ITEMS, self.VALUES)), 0
            while answer[0] == 0xE0:
                number += 1
                answer = f.ask("E081%04X%04X00" % (number, number))
            self.assertEqual(answer, unhex("D80101"))
            self.assertEqual(f.ask(get(HELLO))[3], 0)

    def test_too_long_without_general_blocks(self):
        with Access(64, "00FE5F") as f:
            self.assertEqual(f.ask(request(self.ITEMS, self.VALUES)), unhex("D80104"))

    def test_the_buffer_is_another_line_s(self):
        with Access(64) as f, Access(64) as g:
            f.ask(request(self.ITEMS, self.VALUES))
            self.assertEqual(g.ask(request([(1, HELLO, 2)])), unhex("D80101"))
            f.server.released()
            self.assertEqual(g.ask(request([(1, HELLO, 2)])), response([STRING], ["0100"]))


if __name__ == "__main__":
    unittest.main()
