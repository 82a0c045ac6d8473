# HDLC frames: fields of vectors other programs confirmed, and every way to damage a frame.
import unittest

from dlms import frame
from dlms_vectors import unhex, vectors

_SNRM = unhex("7EA0070321930F017E")


def read_all(octets, max_info=128, chunk=0):
    """Frames the reader finds: (control, info, segmented) each."""
    reader = frame.Reader(max_info)
    found = []
    chunk = chunk or len(octets) or 1
    for at in range(0, len(octets), chunk):
        part = octets[at : at + chunk]
        pos = 0
        while pos < len(part):
            pos = reader.take(part, pos, len(part))
            if reader.ready:
                info = bytes(reader.buf[reader.info : reader.info_end])
                found.append((reader.control, info, reader.segmented))
    return found, reader


class TestReader(unittest.TestCase):
    def test_vectors(self):
        v = vectors()
        for name, control, size in (
            ("hdlc_snrm_noparams", 0x93, 0),
            ("hdlc_snrm_params_128_1", 0x93, 21),
            ("hdlc_disc", 0x53, 0),
            ("hdlc_rr_nr7_client", 0xF1, 0),
            ("hdlc_i_ns0_nr0_client", 0x10, 16),
            ("hdlc_addr4_snrm_log1_phy17", 0x93, 0),
            ("hdlc_known_snrm_4byte_params_w7", 0x93, 21),
        ):
            found, _ = read_all(v[name])
            self.assertEqual(len(found), 1)
            self.assertEqual(found[0][0], control)
            self.assertEqual(len(found[0][1]), size)

    def test_octet_by_octet(self):
        found, _ = read_all(vectors()["hdlc_i_ns0_nr0_client"], chunk=1)
        self.assertEqual(found[0][1], unhex("E6E600C001C100010000600100FF0200"))

    def test_segmentation_bit(self):
        # Server frames have the addresses swapped; the syntax is the same.
        found, _ = read_all(vectors()["hdlc_i_segmented_first_128"])
        self.assertEqual((found[0][2], len(found[0][1])), (True, 128))

    def test_addresses(self):
        v = vectors()
        for name, server in (
            ("hdlc_addr2_snrm_log1_phy17", "0223"),
            ("hdlc_addr4_snrm_log1_phy17", "00020023"),
        ):
            _, reader = read_all(v[name])
            self.assertEqual(bytes(reader.buf[reader.server : reader.client_at]), unhex(server))
            self.assertEqual(reader.buf[reader.client_at], 0x21)

    def test_illegal_address_lengths(self):
        v = vectors()
        # A three-octet server, a two-octet client (what the bytes are, the vectors' inputs say).
        for octets in (unhex("7EA0090002052193AFD07E"), unhex("7EA00B0002040100219361807E")):
            self.assertEqual(read_all(octets)[0], [])
        self.assertEqual(v["beh_hdlc_3byte_server_address"], b"")

    def test_every_truncation_is_no_frame(self):
        whole = vectors()["hdlc_i_ns0_nr0_client"]
        for size in range(len(whole)):
            found, reader = read_all(whole[:size])
            self.assertEqual(found, [])
            reader.drop()
            self.assertFalse(reader.waiting())

    def test_every_bit_flip_is_no_frame(self):
        whole = vectors()["hdlc_snrm_params_128_1"]
        for bit in range(8 * len(whole)):
            damaged = bytearray(whole)
            damaged[bit // 8] ^= 1 << bit % 8
            found, _ = read_all(bytes(damaged))
            self.assertEqual(found, [])

    def test_recovers_after_garbage(self):
        found, _ = read_all(unhex("00FFA07F55") + _SNRM)
        self.assertEqual(len(found), 1)

    def test_shared_and_repeated_flags(self):
        found, _ = read_all(b"\x7e\x7e\x7e" + _SNRM + _SNRM[1:])
        self.assertEqual(len(found), 2)

    def test_bad_frame_takes_the_one_glued_to_it(self):
        # HDLC_FRAME_N7/2: after a frame that fails its check the length can't be trusted.
        bad = bytearray(_SNRM)
        bad[6] ^= 1
        found, reader = read_all(bytes(bad) + _SNRM[1:])
        self.assertEqual(found, [])
        self.assertEqual(reader.dropped, 1)

    def test_length_beyond_the_buffer(self):
        found, reader = read_all(b"\x7e\xa7\xff" + b"\x03" * 300 + _SNRM)
        self.assertEqual(len(found), 1)
        self.assertEqual(reader.dropped, 1)

    def test_format_types(self):
        for octets in ("7E0007032193CBEB7E", "7E80070321939E617E"):
            self.assertEqual(read_all(unhex(octets))[0], [])


class TestWrite(unittest.TestCase):
    def test_vectors(self):
        v = vectors()
        out = bytearray(200)
        n = frame.write(out, b"\x03", 1, 0x21, 0x73, b"", 0, 0, False)
        self.assertEqual(bytes(out[:n]), v["hdlc_ua_noinfo"])
        n = frame.write(out, b"\x03", 1, 0x21, 0x1F, b"", 0, 0, False)
        self.assertEqual(bytes(out[:n]), v["hdlc_dm"])
        info = b"??" + unhex("E6E700C401C100090548656C6C6F")
        n = frame.write(out, b"\x03", 1, 0x21, 0x30, info, 2, 14, False)
        self.assertEqual(bytes(out[:n]), v["hdlc_i_ns0_nr1_server"])

    def test_segment(self):
        want = vectors()["hdlc_i_segmented_first_128"]
        info = want[8:136]  # 7E, format 2, addresses 2, control, HCS 2
        out = bytearray(200)
        n = frame.write(out, b"\x03", 1, 0x21, 0x30, info, 0, 128, True)
        self.assertEqual(bytes(out[:n]), want)

    def test_largest_frame_fits_buffer_size(self):
        out = bytearray(frame.buffer_size(2030))
        n = frame.write(out, b"\x00\x02\x00\x23", 4, 0x21, 0x30, bytes(2030), 0, 2030, True)
        self.assertEqual(n, len(out))
        self.assertEqual(len(read_all(bytes(out[:n]), 2030)[0]), 0)  # it is a server's frame:
        # its first address is the client's, so the reader takes 21 for the server and 00 02 00 23
        # for a client of four octets, which no client has.


if __name__ == "__main__":
    unittest.main()
