"""The wrapper on TCP and UDP: gurux_dlms as an independent client, and what no client sends."""

import contextlib
import socket
import time

import pytest
from conftest import feed
from foreign import PASSWORD, PUBLIC, READER, Denied, Gurux
from gurux_dlms import GXDLMSClient
from gurux_dlms.enums import Authentication, InterfaceType
from microcosem.target import KINDS, Target

_LONG = (1, bytes((0, 0, 96, 51, 0, 255)), 2)
_LONG_DATA = b"\x09\x82\x02\x58" + bytes(k % 251 for k in range(600))
_NAME = (1, bytes((0, 0, 42, 0, 0, 255)), 2)
_CURRENT = (3, bytes((1, 0, 31, 7, 0, 255)), 2)
_ENERGY = (3, bytes((1, 0, 1, 8, 0, 255)), 2)
_SUBMETER = 18
_AARQ = "00010010 0001001F 601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0"
_GET_NAME = "00010010 0001000D C001C1 0001 00002A0000FF 02 00"
_NAME_ANSWER = bytes.fromhex("00010001 00100011 C401C100 090B") + b"MCM10000001"
_SILENCE_S = 0.5
_PATIENCE_S = 15.0


@pytest.fixture(scope="module", params=[kind for kind in KINDS if kind != "pico"])
def target(request):
    """A meter that has a network."""
    with Target(request.param) as meter:
        feed(meter)
        yield meter
        assert meter.alive(), f"the meter ended during the tests: {meter.log()}"


@pytest.fixture(params=["tcp", "udp"])
def kind(request):
    return {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}[request.param]


class _Socket:
    """A socket with the face of a serial port, as foreign.Gurux wants it."""

    in_waiting = 4096

    def __init__(self, target, kind):
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.settimeout(_PATIENCE_S)
        self.socket.connect(("127.0.0.1", target.doors["wrapper"]))

    def write(self, octets):
        self.socket.send(octets)

    def read(self, count):
        return self.socket.recv(count)

    def close(self):
        self.socket.close()


class _Gurux(Gurux):
    """gurux_dlms with interface type WRAPPER: no link to open or to close."""

    def __init__(self, target, kind, client=READER, password=PASSWORD, server=1, max_pdu=1024):
        level = Authentication.NONE if password is None else Authentication.LOW
        self.client = GXDLMSClient(True, client, server, level, password, InterfaceType.WRAPPER)
        self.client.maxReceivePDUSize = max_pdu
        self.frames = 0
        self.port = _Socket(target, kind)
        self.client.parseAareResponse(self.exchange(self.client.aarqRequest()).data)

    def _disconnect(self):
        self.port.close()
        time.sleep(0.05)  # the meter sees the end of one connection before the next begins


def _raw(target, kind):
    made = socket.socket(socket.AF_INET, kind)
    made.connect(("127.0.0.1", target.doors["wrapper"]))
    made.settimeout(_PATIENCE_S)
    return contextlib.closing(made)


def _receive(client, size):
    """So many octets, or what came before the end of the connection."""
    found = b""
    while len(found) < size:
        piece = client.recv(size - len(found))
        if not piece:
            break
        found += piece
    return found


def _associate(client):
    client.send(bytes.fromhex(_AARQ))
    assert client.recv(100)[:10] == bytes.fromhex("00010001 0010002B 6129")


def test_every_attribute(target, kind):
    """The object list and every readable attribute of it."""
    with _Gurux(target, kind) as meter:
        rows = meter.objects()
        assert len(rows) > 40
        for class_id, _, obis, readable in rows:
            for attribute in readable:
                assert meter.get(class_id, obis, attribute)
        assert meter.get(*_LONG) == _LONG_DATA
        assert meter.get(*_NAME) == b"\x09\x0bMCM10000001"


@pytest.mark.parametrize("max_pdu", [64, 65535])
def test_blocks(target, kind, max_pdu):
    with _Gurux(target, kind, max_pdu=max_pdu) as meter:
        before = meter.frames
        assert meter.get(*_LONG) == _LONG_DATA
        assert (meter.frames - before > 1) == (max_pdu == 64)


def test_submeter(target, kind):
    """The second logical device by its wrapper port: the second current input, 10 A."""
    with _Gurux(target, kind, server=_SUBMETER) as meter:
        assert meter.get(*_NAME) == b"\x09\x0eMCM10000001-18"
        assert abs(meter.value(*_CURRENT) - 10000) < 100
        with pytest.raises(Denied):
            meter.get(*_ENERGY)
    with _Gurux(target, kind, client=PUBLIC, password=None, server=_SUBMETER) as meter:
        assert len(meter.objects()) == 3


def test_submeter_by_hdlc_address(target):
    """The same device by its upper address, 18 of 18/17."""
    with Gurux(target.url("rs485"), server=_SUBMETER << 7 | 17) as meter:
        assert meter.get(*_NAME) == b"\x09\x0eMCM10000001-18"
        assert abs(meter.value(*_CURRENT) - 10000) < 100


def test_several_requests_in_one_segment_and_one_octet_a_segment(target):
    with _raw(target, socket.SOCK_STREAM) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.send(bytes.fromhex(_AARQ + _GET_NAME * 3))
        answers = _receive(client, 51 + 3 * len(_NAME_ANSWER))
        assert answers[51:] == _NAME_ANSWER * 3
        for octet in bytes.fromhex(_GET_NAME):
            client.send(bytes((octet,)))
            time.sleep(0.002)
        assert _receive(client, len(_NAME_ANSWER)) == _NAME_ANSWER


@pytest.mark.parametrize("header", ["0002001000010002", "000100100001FFFF", "0001001000010000"])
def test_bad_header(target, kind, header):
    """TCP is closed, a datagram is dropped; the next client is served."""
    with _raw(target, kind) as client:
        _associate(client)
        client.send(bytes.fromhex(header) + b"\x62\x00")
        if kind == socket.SOCK_STREAM:
            assert client.recv(100) == b""
        else:
            client.send(bytes.fromhex(_GET_NAME))
            assert client.recv(100) == _NAME_ANSWER
            client.send(bytes.fromhex("00010010 00010002 6200"))
            client.recv(100)
    with _Gurux(target, kind) as meter:
        assert meter.get(*_NAME) == b"\x09\x0bMCM10000001"


def test_unknown_port_has_no_answer(target, kind):
    with _raw(target, kind) as client:
        client.settimeout(_SILENCE_S)
        client.send(bytes.fromhex(_AARQ.replace("0001001F", "0002001F")))
        with pytest.raises(TimeoutError):
            client.recv(100)
        _associate(client)
        client.send(bytes.fromhex("00010010 00010002 6200"))
        assert client.recv(100)[8:] == bytes.fromhex("6303800100")


def test_end_of_the_connection_releases(target):
    with _raw(target, socket.SOCK_STREAM) as client:
        _associate(client)
    time.sleep(0.1)
    with _raw(target, socket.SOCK_STREAM) as client:
        client.send(bytes.fromhex(_GET_NAME))
        assert client.recv(100) == bytes.fromhex("00010001 00100003 D80102")


def test_all_channels_at_once(target):
    """An association on each of four channels, none of which sees the others."""
    with (
        _Gurux(target, socket.SOCK_STREAM) as one,
        _Gurux(target, socket.SOCK_DGRAM, PUBLIC, None) as two,
        Gurux(target.url("rs485")) as three,
    ):
        for _ in range(3):
            for meter in (one, two, three):
                assert meter.get(*_NAME) == b"\x09\x0bMCM10000001"
            with pytest.raises(Denied):
                two.get(*_ENERGY)
            assert one.get(*_ENERGY) and three.get(*_ENERGY)
