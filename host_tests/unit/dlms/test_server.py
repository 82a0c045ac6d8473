# The door of the application layer: what is not offered, what is unknown, what is our own fault.
import unittest

from dlms_fakes import AARQ, HELLO, Fixture, ask, get
from dlms_vectors import unhex, vectors


class TestServer(unittest.TestCase):
    def test_unk_n1_unk_n2_data_ln_n4(self):
        with Fixture() as f:
            for text, want in (
                ("EE00", "D80202"),
                ("7F", "D80202"),
                ("0501" + "02FA00", "D80102"),
                ("D900000001", "D80102"),
                ("E080000100000BC4", "D80102"),
                ("DF00", "D80102"),
            ):
                self.assertEqual(f.ask(text), unhex(want))
            self.assertEqual(f.ask(get(HELLO))[3], 0)

    def test_own_bug_ends_the_association_and_nothing_else(self):
        with Fixture() as f:
            f.model.dispatch.failing = 1
            self.assertEqual(f.ask(get(HELLO)), vectors()["exception_other_reason"])
            self.assertEqual((f.server.bugs, f.server.association.status), (1, 0))
            f.model.dispatch.failing = 0
            ask(f.server, unhex(AARQ % 1024), 17)
            self.assertEqual(f.ask(get(HELLO))[3], 0)

    def test_unconfirmed_is_served_and_not_answered(self):
        with Fixture() as f:
            f.server.unconfirmed(17, 1, unhex(AARQ % 1024), 0, len(AARQ) // 2)
            self.assertEqual(f.server.out_pos, f.server.out_end)
            self.assertEqual(f.server.association.status, 2)
            f.server.unconfirmed(17, 1, unhex("6200"), 0, 2)
            self.assertEqual(f.server.association.status, 0)

    def test_unconfirmed_violation_is_not_answered(self):
        # A choice that does not exist; bit 6 of the third octet asks for an answer.
        with Fixture() as f:
            for text in ("C109%s00", "C309%s00", "C009%s00"):
                self.assertEqual(f.ask(text % "81"), b"", text)
                self.assertEqual(f.ask(text % "C1"), unhex("D80102"), text)


if __name__ == "__main__":
    unittest.main()
