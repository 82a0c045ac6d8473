"""Whole sessions: the transcript of another client's session, and a small meter with losses."""

import unittest

from fakes import FakeMeter, ScriptedWire, vectors
from microcosem import client, readout
from microcosem.client import Session, open_session
from microcosem.errors import (
    AccessError,
    EchoError,
    GarbageError,
    LinkError,
    ProtocolError,
    RefusedError,
    SilenceError,
)
from microcosem.hdlc import Frame
from microcosem.link import Link

_SERVER = b"\x03"
_SERIAL = bytes((0, 0, 96, 1, 0, 255))


def _link(**options):
    return Link(16, _SERVER, **options)


def _octets(data):
    size = bytes((len(data),)) if len(data) < 128 else b"\x82" + len(data).to_bytes(2, "big")
    return b"\x09" + size + data


def setUpModule():
    client._SWITCH_GAP_S = 0


class Transcript(unittest.TestCase):
    """gurux_dlms was the client of this session; our octets must be the same, one for one."""

    def script(self):
        frames = list(vectors("session_HDLC-LLS").values())
        return list(zip(frames[::2], frames[1::2]))

    def run_session(self, piece):
        wire = ScriptedWire(self.script(), piece)
        session = open_session(wire, _link(), mode_e=False, timeout_s=0.2)
        granted = session.associate(b"12345678", 0x401E5D, 1024)
        self.assertEqual((granted.conformance, granted.max_pdu), (0x00501F, 1024))
        self.assertEqual(session.get(1, _SERIAL, 2), b"METER00000001")
        segmented = session.get(1, bytes((0, 0, 96, 1, 1, 255)), 2)
        self.assertEqual(segmented, bytes(range(200)))
        blocks = session.get(1, bytes((0, 0, 96, 1, 2, 255)), 2)
        self.assertEqual(blocks, bytes(range(200)))
        session.close()
        self.assertEqual(wire.script, [])
        self.assertTrue(wire.closed)

    def test_whole_frames(self):
        self.run_session(0)

    def test_octet_by_octet(self):
        self.run_session(1)


class SignOn(unittest.TestCase):
    request = vectors()["21_request_no_address"]
    answer = vectors()["21_ident_modeE_2"]
    acknowledge = vectors()["21_ack_modeE_9600"]

    def session(self, script):
        return Session(ScriptedWire(script), _link(), timeout_s=0.05)

    def test_lines_change_in_order(self):
        session = self.session([(self.request, self.answer), (self.acknowledge, self.acknowledge)])
        found = session.sign_on()
        self.assertEqual((found.maker, found.text, session.baud), ("ELS", "METER01", 9600))
        self.assertEqual(session.wire.lines, [(300, "7E1"), (9600, "7E1"), (9600, "8N1")])

    def test_a_missing_confirmation_is_no_fault(self):
        client._CONFIRM_S, before = 0.05, client._CONFIRM_S
        self.addCleanup(setattr, client, "_CONFIRM_S", before)
        session = self.session([(self.request, self.answer), (self.acknowledge, b"")])
        self.assertEqual(session.sign_on().text, "METER01")

    def test_echo_before_the_answer_is_stripped(self):
        script = [(self.request, self.request + self.answer), (self.acknowledge, b"\x06252\r\n")]
        self.assertEqual(self.session(script).sign_on().text, "METER01")

    def test_silence(self):
        with self.assertRaises(SilenceError) as caught:
            self.session([(self.request, b"")] * 2).sign_on()
        self.assertIn("no answer to the sign-on", caught.exception.text)

    def test_echo(self):
        with self.assertRaises(EchoError) as caught:
            self.session([(self.request, self.request)]).sign_on()
        self.assertIn("--echo", caught.exception.text)

    def test_garbage(self):
        for noise in (b"\x00\x55\x7f", b"x" * 200):
            with self.assertRaises(GarbageError) as caught:
                self.session([(self.request, noise)]).sign_on()
            self.assertIn("parity", caught.exception.text)


class ReadOut(unittest.TestCase):
    sign_on = (vectors()["21_request_no_address"], vectors()["21_ident_modeE_2"])
    acknowledge = vectors()["21_ack_readout_9600"]
    block = vectors()["21_readout_block"]

    def session(self, script):
        return Session(ScriptedWire(script), _link(), timeout_s=0.05)

    def test_lines(self):
        session = self.session([self.sign_on, (self.acknowledge, self.block)])
        (line,) = session.read_out()
        self.assertEqual((line.address, line.value, line.unit), ("1.8.0", "000123.45", "kWh"))
        self.assertEqual(session.wire.lines, [(300, "7E1"), (9600, "7E1")])

    def test_a_spoilt_block_is_asked_for_again(self):
        for at in range(1, len(self.block) - 2):
            spoilt = bytearray(self.block)
            spoilt[at] ^= 0x40  # makes no ETX of any octet of the block
            script = [self.sign_on, (self.acknowledge, bytes(spoilt)), (b"\x15", self.block)]
            self.assertEqual(len(self.session(script).read_out()), 1)
        spoilt = self.block[:-1] + b"\x00"
        script = [self.sign_on, (self.acknowledge, spoilt), (b"\x15", spoilt), (b"\x15", spoilt)]
        with self.assertRaises(GarbageError):
            self.session(script).read_out()

    def test_none(self):
        for answer in (b"", self.block[:-1]):
            with self.assertRaises(SilenceError) as caught:
                self.session([self.sign_on, (self.acknowledge, answer)]).read_out()
            self.assertIn("no data readout", caught.exception.text)

    def test_what_is_no_line(self):
        text = b"1.8.0(1\r\n!\r\n\x03"
        check = 0
        for octet in text:
            check ^= octet
        script = [self.sign_on, (self.acknowledge, b"\x02" + text + bytes((check,)))]
        with self.assertRaises(GarbageError):
            self.session(script).read_out()

    def test_several_values_in_a_line(self):
        found = readout.lines(b"\x020.0.0(1)1.8.0(2*kWh)(3*kvarh)\r\n!\r\n\x03\x00")
        self.assertEqual(
            [(line.address, line.value, line.unit) for line in found],
            [("0.0.0", "1", ""), ("1.8.0", "2", "kWh"), ("1.8.0", "3", "kvarh")],
        )


class Connect(unittest.TestCase):
    snrm = vectors()["hdlc_snrm_noparams"]

    def open(self, answer, tries=3):
        wire = ScriptedWire([(self.snrm, answer)] * tries)
        self.addCleanup(lambda: self.assertTrue(wire.closed))
        return open_session(wire, _link(), mode_e=False, timeout_s=0.02)

    def test_no_ua(self):
        with self.assertRaises(SilenceError) as caught:
            self.open(b"")
        self.assertIn("UA missing", caught.exception.text)

    def test_wrong_line(self):
        with self.assertRaises(GarbageError) as caught:
            self.open(b"/?!\x80\x81")
        self.assertIn("8N1", caught.exception.text)

    def test_echo(self):
        with self.assertRaises(EchoError):
            self.open(self.snrm)

    def test_dm(self):
        with self.assertRaises(LinkError):
            self.open(vectors()["hdlc_dm"])

    def test_another_meters_ua_is_not_ours(self):
        other = Frame(b"\x21", b"\x05", 0x73).encode()
        with self.assertRaises(SilenceError):
            self.open(other)

    def test_one_lost_ua(self):
        meter = FakeMeter({}, lose={0})
        open_session(meter, _link(), mode_e=False, timeout_s=0.02).close()

    def test_parameters_as_another_client_sends_them(self):
        self.assertEqual(_link(max_info=500).snrm(), vectors()["hdlc_snrm_params_500_1_twobyte"])


class Long(unittest.TestCase):
    """Segments, windows, blocks and losses against the fake meter."""

    value = bytes(range(256)) * 3

    def read(self, link=None, **meter):
        values = {(1, _SERIAL, 2): _octets(self.value)}
        fake = FakeMeter(values, **meter)
        session = open_session(fake, link or _link(), mode_e=False, timeout_s=0.02)
        session.associate()
        value = session.get(1, _SERIAL, 2)
        session.close()
        self.assertEqual(value, self.value)
        return fake

    def test_sizes_and_windows(self):
        for max_info in (32, 128, 2030):
            for window in (1, 2, 7):
                self.read(
                    _link(max_info=max_info, window=window), max_info=max_info, window=window
                )

    def test_blocks(self):
        for block in (10, 100, 200):
            fake = self.read(block=block)
            gets = [request for request in fake.requests if request[0] == 0xC0]
            self.assertEqual(len(gets), -(-len(_octets(self.value)) // block))

    def test_long_requests_are_cut(self):
        fake = self.read(max_info=32)
        self.assertEqual(fake.requests[0][0], 0x60)
        self.assertGreater(len(fake.requests[0]) + 3, 29)

    def test_every_single_loss_is_repaired(self):
        for lost in range(1, 12):
            self.read(max_info=128, window=1, lose={lost})
        for lost in range(1, 12):
            self.read(_link(max_info=64, window=4), max_info=64, window=4, lose={lost})


class Refusals(unittest.TestCase):
    def session(self, answer):
        ua = vectors()["hdlc_ua_noinfo"]
        snrm = vectors()["hdlc_snrm_noparams"]
        wire = ScriptedWire([(snrm, ua)])
        session = open_session(wire, _link(), mode_e=False, timeout_s=0.02)
        wire.write = lambda data: wire._due.append(answer)
        return session

    def frame(self, apdu):
        return Frame(b"\x21", b"\x03", 0x30, b"\xe6\xe7\x00" + apdu).encode()

    def test_wrong_password(self):
        refused = vectors()["aare_rejected_permanent_auth_failure"]
        with self.assertRaises(RefusedError) as caught:
            self.session(self.frame(refused)).associate(b"wrong")
        self.assertEqual(caught.exception.diagnostic, 13)

    def test_access_error(self):
        with self.assertRaises(AccessError) as caught:
            self.session(self.frame(bytes.fromhex("C401C10103"))).get(1, _SERIAL, 2)
        self.assertIn("denied", caught.exception.text)

    def test_frmr(self):
        with self.assertRaises(LinkError) as caught:
            self.session(vectors()["hdlc_frmr_unknown_control_FF"]).get(1, _SERIAL, 2)
        self.assertIn("unknown control field", caught.exception.text)

    def test_dm_in_the_middle(self):
        with self.assertRaises(LinkError):
            self.session(vectors()["hdlc_dm"]).get(1, _SERIAL, 2)

    def test_silence_in_the_middle(self):
        with self.assertRaises(SilenceError):
            self.session(b"").get(1, _SERIAL, 2)

    def test_a_wrong_llc(self):
        bad = Frame(b"\x21", b"\x03", 0x30, b"\xe6\xe6\x00\xc4\x01\xc1\x00\x00").encode()
        with self.assertRaises(ProtocolError):
            self.session(bad).get(1, _SERIAL, 2)

    def test_a_meter_that_is_never_ready(self):
        with self.assertRaises(LinkError):
            self.session(Frame(b"\x21", b"\x03", 0x31).encode()).get(1, _SERIAL, 2)


if __name__ == "__main__":
    unittest.main()
