# Negotiation: the cases of IEC 62056-46 8.4.5.3 as arithmetic (min of proposal and own value).
import unittest

from dlms.snrm import Negotiation
from dlms_vectors import unhex, vectors


def agree(info, max_info=512, window=7):
    """Outcome of a proposal: info_tx, info_rx, window_tx, window_rx, and whether it was legal."""
    n = Negotiation(max_info, window)
    good = n.read(info, 0, len(info))
    return (n.info_tx, n.info_rx, n.window_tx, n.window_rx), good


class TestRead(unittest.TestCase):
    def test_no_parameters_mean_128_and_1(self):
        self.assertEqual(agree(b""), ((128, 128, 1, 1), True))

    def test_own_limit_bounds_the_proposal(self):
        info = unhex("818014050207EE060207EE07040000000108040000000" + "1")
        self.assertEqual(agree(info), ((512, 512, 1, 1), True))
        self.assertEqual(agree(info, 2030), ((2030, 2030, 1, 1), True))

    def test_own_limits_for_the_next_snrm(self):
        n = Negotiation(512, 7)
        n.own(2030, 100, 3, 5)  # the buffers hold 512
        self.assertEqual((n.info_tx, n.info_rx, n.window_tx, n.window_rx), (128, 128, 1, 1))
        info = unhex("81801405020" + "7EE060207EE" + "070400000007080400000007")
        self.assertTrue(n.read(info, 0, len(info)))
        self.assertEqual((n.info_tx, n.info_rx, n.window_tx, n.window_rx), (512, 100, 3, 5))

    def test_directions_are_crossed(self):
        # The client transmits 200 octets, window 2, and receives 100 octets, window 5.
        info = unhex("81801205" + "01C8" + "060164" + "070400000002" + "080400000005")
        self.assertEqual(agree(info), ((100, 200, 5, 2), True))

    def test_partial_list(self):
        self.assertEqual(agree(unhex("818006080400000007")), ((128, 128, 7, 1), True))

    def test_zero_length_is_the_default(self):
        self.assertEqual(agree(unhex("81800405000600")), ((128, 128, 1, 1), True))

    def test_window_above_seven_and_info_below_32(self):
        info = unhex("81800C" + "050105" + "060105" + "070109" + "080109")
        self.assertEqual(agree(info), ((32, 32, 7, 7), True))

    def test_user_group_follows(self):
        self.assertTrue(agree(unhex("818000C003010203"))[1])

    def test_malformed(self):
        for text in ("8180030B0101", "818014050180", "828004050180", "81", "8180", "818003050580"):
            self.assertFalse(agree(unhex(text))[1])

    def test_failed_read_keeps_the_limits(self):
        n = Negotiation(512, 7)
        good = unhex("81800306" + "0201")
        self.assertFalse(n.read(good, 0, len(good)))
        self.assertEqual((n.info_tx, n.info_rx), (128, 128))


class TestWrite(unittest.TestCase):
    def test_ua_of_the_vector(self):
        want = vectors()["hdlc_ua_params_128_1"][8:-3]
        out = bytearray(24)
        n = Negotiation(128, 1).write(out, 0)
        self.assertEqual(bytes(out[:n]), want)

    def test_two_octets_for_large_fields(self):
        n = Negotiation(512, 7)
        info = unhex("8180140502020006020200" + "070400000001080400000001")
        self.assertTrue(n.read(info, 0, len(info)))
        out = bytearray(24)
        size = n.write(out, 0)
        self.assertEqual(bytes(out[:size]), info)


if __name__ == "__main__":
    unittest.main()
