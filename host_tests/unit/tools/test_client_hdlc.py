"""Frames and addresses against octets that other programs produced."""

import unittest

from fakes import vectors
from microcosem import hdlc

_CLIENT_16, _SERVER_1 = b"\x21", b"\x03"
_OWN = {  # name of the vector: (destination, source, control) as its inputs say
    "hdlc_snrm_noparams": (_SERVER_1, _CLIENT_16, 0x93),
    "hdlc_ua_noinfo": (_CLIENT_16, _SERVER_1, 0x73),
    "hdlc_disc": (_SERVER_1, _CLIENT_16, 0x53),
    "hdlc_dm": (_CLIENT_16, _SERVER_1, 0x1F),
    "hdlc_rr_nr0_client": (_SERVER_1, _CLIENT_16, 0x11),
    "hdlc_rr_nr7_client": (_SERVER_1, _CLIENT_16, 0xF1),
    "hdlc_rnr_nr1_server": (_CLIENT_16, _SERVER_1, 0x35),
}


def _frames():
    return {name: octets for name, octets in vectors("hdlc_").items() if octets[:1] == b"\x7e"}


class Check(unittest.TestCase):
    def test_fcs(self):
        for data, name in (
            (b"123456789", "fcs_123456789"),
            (bytes.fromhex("A007032193"), "fcs_07032193"),
        ):
            self.assertEqual(hdlc.fcs16(data).to_bytes(2, "little"), vectors("fcs")[name])


class Address(unittest.TestCase):
    def test_sizes(self):
        known = vectors("hdlc_addr")
        self.assertEqual(hdlc.server_address(1, 1000, 4), known["hdlc_addr4_log1_phy1000"])
        self.assertEqual(
            hdlc.server_address(0x3FFF, 0x3FFF, 4), known["hdlc_addr4_broadcast_3FFF_3FFF"]
        )
        self.assertEqual(hdlc.server_address(127), known["hdlc_addr1_broadcast_7F"])
        self.assertEqual(hdlc.server_address(1, 126, 2), known["hdlc_addr2_log1_calling_7E"])


class Encode(unittest.TestCase):
    def test_frames_without_information(self):
        for name, fields in _OWN.items():
            self.assertEqual(hdlc.Frame(*fields).encode(), vectors(name)[name], name)

    def test_every_vector_comes_out_as_it_went_in(self):
        self.assertGreater(len(_frames()), 15)
        for name, octets in _frames().items():
            (frame,) = hdlc.Deframer().feed(octets)
            self.assertEqual(frame.encode(), octets, name)


class Decode(unittest.TestCase):
    def test_kinds(self):
        for word, kind in (
            ("snrm", "SNRM"),
            ("ua_", "UA"),
            ("disc", "DISC"),
            ("dm", "DM"),
            ("rr_", "RR"),
            ("rnr", "RNR"),
            ("frmr", "FRMR"),
            ("ui_", "UI"),
            ("i_", "I"),
        ):
            for name, octets in vectors("hdlc_" + word).items():
                self.assertEqual(hdlc.decode(octets[1:-1]).kind, kind, name)

    def test_sequence_numbers(self):
        frame = hdlc.decode(vectors()["hdlc_i_ns0_nr1_server"][1:-1])
        self.assertEqual((frame.n_s, frame.n_r, frame.final, frame.segmented), (0, 1, True, False))
        self.assertEqual(frame.information.hex().upper(), "E6E700C401C100090548656C6C6F")
        self.assertTrue(hdlc.decode(vectors()["hdlc_i_segmented_first_128"][1:-1]).segmented)

    def test_every_flipped_bit_is_noticed(self):
        octets = vectors()["hdlc_i_ns0_nr1_server"]
        for bit in range(8, 8 * (len(octets) - 1)):
            bad = bytearray(octets)
            bad[bit // 8] ^= 1 << bit % 8
            self.assertEqual(hdlc.Deframer().feed(bytes(bad)), [], f"bit {bit}")

    def test_every_cut_frame_is_refused(self):
        octets = vectors()["hdlc_i_ns0_nr1_server"][1:-1]
        for size in range(len(octets)):
            self.assertIsNone(hdlc.decode(octets[:size]))


class Stream(unittest.TestCase):
    def setUp(self):
        self.octets = vectors()["hdlc_ua_params_128_1"]

    def test_octet_by_octet(self):
        deframer = hdlc.Deframer()
        found = [frame for octet in self.octets for frame in deframer.feed(bytes((octet,)))]
        self.assertEqual([frame.kind for frame in found], ["UA"])

    def test_one_flag_between_two_frames(self):
        deframer = hdlc.Deframer()
        self.assertEqual(len(deframer.feed(self.octets + self.octets[1:])), 2)

    def test_noise_around_frames(self):
        deframer = hdlc.Deframer()
        noise = bytes.fromhex("00FF7E7E13A0")
        found = deframer.feed(noise + self.octets + noise + self.octets)
        self.assertEqual([frame.kind for frame in found], ["UA", "UA"])
        self.assertGreater(deframer.skipped, 0)

    def test_a_flag_inside_of_a_frame_is_data(self):
        frame = hdlc.Frame(b"\x21", b"\x03", 0x30, b"\x7e\xa0\x07\x7e")
        self.assertEqual(hdlc.Deframer().feed(frame.encode()), [frame])

    def test_reset_forgets_a_cut_frame(self):
        deframer = hdlc.Deframer()
        deframer.feed(self.octets[:10])
        deframer.reset()
        self.assertEqual(len(deframer.feed(self.octets)), 1)


if __name__ == "__main__":
    unittest.main()
