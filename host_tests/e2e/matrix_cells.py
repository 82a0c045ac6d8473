"""What each foreign client is put to, feature by feature: the rows and columns of docs/interop.md.

A cell is a function of a running target that fails when the feature does not work, or the reason
why this client cannot be asked. A cell may return a remark for the table.
"""

import contextlib
from dataclasses import dataclass, field

import pytest
import tomli
from agree import assert_agree
from dlms_cosem.clients.dlms_client import DlmsClient
from dlms_cosem.enumerations import AuthenticationMechanism
from foreign import (
    CONFIGURATOR,
    CONFIGURATOR_PASSWORD,
    PASSWORD,
    READER,
    Cosem,
    Denied,
    Gurux,
    open_line,
)
from gurux_dlms import GXDLMSClient
from gurux_dlms.enums import Authentication, InterfaceType
from iec62056_21.client import Iec6205621Client
from iec62056_21.messages import AnswerDataMessage
from iec62056_21.transports import TcpTransport
from microcosem import axdr
from microcosem.target import ROOT, Options, Target
from ours import at_rest

_LONG = (1, bytes((0, 0, 96, 51, 0, 255)), 2)  # 600 octets counting modulo 251, docs/objects.md
_LONG_DATA = b"\x09\x82\x02\x58" + bytes(k % 251 for k in range(600))
_NAME = (1, bytes((0, 0, 42, 0, 0, 255)), 2)
_NAME_DATA = b"\x09\x0bMCM10000001"
_SERIAL = (1, bytes((0, 0, 96, 1, 0, 255)), 2)
_POINT = bytes((0, 0, 96, 1, 10, 255))  # metering point id, which the configurator sets
_MESSAGE = bytes((0, 0, 96, 13, 0, 255))  # consumer message, up to 512 octets
_ECHO = (8192, bytes((0, 0, 128, 0, 0, 255)))
_CLOCK = (8, bytes((0, 0, 1, 0, 0, 255)))
_SHIFT_TIME = 6
_ANSWER = 3 + 4 + len(_LONG_DATA)  # LLC, GET-response, Data
_METER = tomli.loads((ROOT / "firmware" / "meter.toml").read_text(encoding="utf-8"))
_MAX_INFO = _METER["hdlc"]["max_info"]
_MAX_PDU = _METER["apdu"]["max_octets"]
_NEXT_BLOCK = b"\xe6\xe6\x00\xc1\x03"  # SET-request with a further block, behind the LLC header
_PDU_SIZES = (64, 256, 1024, 65535)
_OFFERED = {bit for entry in _METER["association"] for bit in entry["conformance"]}
_RECEIVE_S = 5.0

GURUX, COSEM, IEC = CLIENTS = ("gurux_dlms", "dlms-cosem", "iec62056-21")
NO_DLMS = "knows IEC 62056-21 only"
NO_SIGN_ON = "knows no IEC 62056-21"


@dataclass
class Feature:
    """A row: name, and for each client a function of the target or a reason."""

    name: str
    cells: dict = field(default_factory=dict)
    door: str = "rs485"  # a target that lacks it is not asked


FEATURES: list[Feature] = []


def _feature(name, gurux, cosem, iec=NO_DLMS, door="rs485", needs="get"):
    """needs: bit of the conformance block; a meter that does not offer it is not asked."""
    if needs not in _OFFERED or (door == "wrapper" and door not in _METER["port"]):
        gurux = cosem = "this meter does not offer it"
    FEATURES.append(Feature(name, {GURUX: gurux, COSEM: cosem, IEC: iec}, door))


def _reader(make, **options):
    """Makes a cell of a function of an associated client on RS-485."""

    def wrap(work):
        def cell(target):
            with make(target.url("rs485"), **options) as meter:
                return work(meter)

        return cell

    return wrap


def _settings(make):
    return _reader(make, client=CONFIGURATOR, password=CONFIGURATOR_PASSWORD)


# --- object list, every attribute --------------------------------------------------------------


@_reader(Gurux)
def _gurux_list(meter):
    rows = meter.objects()
    assert len(rows) == len(set(rows_names(rows))) > 40
    assert (1, 0, _NAME[1]) in [row[:3] for row in rows]
    return f"{len(rows)} objects"


@_reader(Cosem)
def _cosem_list(meter):
    rows = meter.objects()
    assert len(rows) == len(set(rows_names(rows))) > 40
    assert (1, 0, _NAME[1]) in rows
    return f"{len(rows)} objects"


def rows_names(rows):
    return [(row[0], row[2]) for row in rows]


_octets: dict = {}  # target -> what the first client has read of it


def _every(make, readable):
    """Every attribute that its rights let be read; the Data must decode to its last octet.

    The client that comes second must read the same octets as the first.
    """

    def cell(target):
        with make(target.url("rs485")) as meter:
            found = {key: meter.get(*key) for key in readable(meter)}
        for octets in found.values():
            axdr.decode(octets)
        assert_agree(_octets.setdefault(target, found), found)
        return f"{len(found)} attributes"

    return cell


def _gurux_readable(meter):
    return [(row[0], row[2], n) for row in meter.objects() for n in row[3]]


def _cosem_readable(meter):
    """Rights are the fourth element of a row: [attributes, methods]."""
    rows = meter.value(15, bytes((0, 0, 40, 0, 0, 255)), 2)
    return [(row[0], bytes(row[2]), access[0])
            for row in rows for access in row[3][0] if access[1] in (1, 3)]  # fmt: skip


_feature("GET: object list", gurux=_gurux_list, cosem=_cosem_list)
_feature("GET: every attribute of every object", gurux=_every(Gurux, _gurux_readable),
         cosem=_every(Cosem, _cosem_readable))  # fmt: skip


# --- services ----------------------------------------------------------------------------------


@_settings(Gurux)
def _gurux_many(meter):
    assert meter.values([_NAME, _SERIAL, _NAME]) == [_NAME_DATA[2:], b"10000001", _NAME_DATA[2:]]
    return "answers in one frame; of an answer in segments this release keeps the first values"


@_settings(Cosem)
def _cosem_many(meter):
    answer = meter.many([_NAME, _LONG, _SERIAL])
    assert [bytes(value) for value in answer.result] == [
        _NAME_DATA[2:], _LONG_DATA[4:], b"10000001"]  # fmt: skip
    return "answer in segments"


_feature("GET with a list", gurux=_gurux_many, cosem=_cosem_many, needs="multiple-references")


def _set_and_read_back(meter):
    for octets in (b"DE0001234567", b"", b"MP-1"):
        meter.set_octets(_POINT, octets)
        assert meter.get(1, _POINT, 2) == b"\x09" + bytes((len(octets),)) + octets


def _long_set(meter):
    """512 octets in one APDU, which takes five segments of 128."""
    octets = bytes(k % 251 for k in range(512))
    meter.set_octets(_MESSAGE, octets)
    assert meter.get(1, _MESSAGE, 2) == b"\x09\x82\x02\x00" + octets
    meter.set_octets(_MESSAGE, b"")


def _gurux_blocks_set(target):
    """The same with APDUs of 128 octets: first block and next blocks."""
    options = {"client": CONFIGURATOR, "password": CONFIGURATOR_PASSWORD, "max_pdu": 128}
    with Gurux(target.url("rs485"), **options) as meter:
        meter.client.settings.maxPduSize = 128  # what the meter takes would make it one APDU
        written, write = [], meter.port.write
        meter.port.write = lambda octets: written.append(octets) or write(octets)
        _long_set(meter)
    blocks = sum(_NEXT_BLOCK in octets for octets in written)
    assert blocks >= 512 // 128
    return f"first block and {blocks} more"


def _denied(meter):
    """A constant cannot be set: a result says so, and the association lives on."""
    with pytest.raises(Denied):
        meter.set_octets(_SERIAL[1], b"1")
    assert meter.get(*_NAME) == _NAME_DATA


_feature("SET, read back", gurux=_settings(Gurux)(_set_and_read_back),
         cosem=_settings(Cosem)(_set_and_read_back), needs="set")  # fmt: skip
_feature("SET of 512 octets, segments", gurux=_settings(Gurux)(_long_set),
         cosem=_settings(Cosem)(_long_set), needs="set")  # fmt: skip
_feature("SET of 512 octets, blocks", gurux=_gurux_blocks_set,
         cosem="knows SET-request-normal only",
         needs="block-transfer-with-set-or-write")  # fmt: skip
_feature("SET without the right", gurux=_settings(Gurux)(_denied),
         cosem=_settings(Cosem)(_denied), needs="set")  # fmt: skip


@_settings(Gurux)
def _gurux_act(meter):
    assert meter.act(*_ECHO, 1, b"hello") == b"hello"
    assert meter.act(*_ECHO, 1, bytes(300)) == bytes(300)
    return "echo, 5 and 300 octets"


@_settings(Cosem)
def _cosem_act(meter):
    assert meter.act(*_CLOCK, _SHIFT_TIME, b"\x10\x00\x00") is None
    return "clock, shift_time by 0 s"


_feature("ACTION", gurux=_gurux_act, cosem=_cosem_act, needs="action")


# --- long reads --------------------------------------------------------------------------------


def _gurux_info(max_info, window):
    def cell(target):
        with Gurux(target.url("rs485"), max_info=max_info, window=window) as meter:
            before = meter.frames
            assert meter.get(*_LONG) == _LONG_DATA
            granted = min(max_info, _MAX_INFO)
            assert meter.frames - before == -(-_ANSWER // granted)
        return f"negotiated {granted} / {window}"

    return cell


def _gurux_longest_info(target):
    """The meter is started with max_info 2030 where its buffers are not fixed in an image."""
    if target.kind == "pico":
        _gurux_info(2030, 1)(target)
    else:
        with Target(target.kind, Options(more=("--max-info", "2030"))) as meter:
            with Gurux(meter.url("rs485"), max_info=2030, window=1) as client:
                before = client.frames
                assert client.get(*_LONG) == _LONG_DATA
                assert client.frames - before == 1
    return f"host and unix: started with 2030, negotiated 2030 / 1; pico: {_MAX_INFO} / 1"


@_reader(Cosem)
def _cosem_long(meter):
    assert meter.get(*_LONG) == _LONG_DATA
    return "its SNRM proposes nothing: 128 / 1"


_NO_PARAMETERS = "its SNRM proposes no parameters"
_feature("600 octets, HDLC 128 / 1", gurux=_gurux_info(128, 1), cosem=_cosem_long)
_feature("600 octets, HDLC 2030 / 1", gurux=_gurux_longest_info, cosem=_NO_PARAMETERS)
_feature("600 octets, HDLC 2030 / 7", gurux="1.0.203 miscounts the frames of a window above 1",
         cosem=_NO_PARAMETERS)  # fmt: skip


def _blocks(client, max_pdu):
    """The long value with this PDU size: the blocks are counted on the line."""

    def cell(target):
        with client(target.url("rs485"), max_pdu=max_pdu) as meter:
            assert meter.get(*_LONG) == _LONG_DATA
        return f"up to {min(max_pdu, _MAX_PDU)} octets an APDU" if max_pdu > _MAX_PDU else None

    return cell


for _size in _PDU_SIZES:
    _feature(f"600 octets, PDU size {_size}", gurux=_blocks(Gurux, _size),
             cosem="its own AARQ has 68 octets, more than it then allows itself"
             if _size < 100 else _blocks(Cosem, _size))  # fmt: skip


# --- the wrapper --------------------------------------------------------------------------------


class _GuruxWrapper(Gurux):
    """gurux_dlms with interface type WRAPPER: no link to open or to close."""

    def __init__(self, url):
        self.client = GXDLMSClient(
            True, READER, 1, Authentication.LOW, PASSWORD, InterfaceType.WRAPPER)  # fmt: skip
        self.frames = 0
        self.port = open_line(url, False)
        self.client.parseAareResponse(self.exchange(self.client.aarqRequest()).data)

    def _disconnect(self):
        self.port.close()


class _CosemWrapper(Cosem):
    """dlms-cosem on its own TCP transport."""

    def __init__(self, url):
        host, port = url.rpartition("/")[2].split(":")
        self.client = DlmsClient.with_tcp_transport(
            host, int(port), READER, 1, AuthenticationMechanism.LLS, PASSWORD.encode())  # fmt: skip
        self.client.connect()
        self.client.associate()

    def _disconnect(self):
        self.client.disconnect()


def _wrapper(make):
    def cell(target):
        with make(target.url("wrapper")) as meter:
            assert meter.get(*_NAME) == _NAME_DATA
            assert meter.get(*_LONG) == _LONG_DATA

    return cell


_feature("Wrapper on TCP", gurux=_wrapper(_GuruxWrapper), cosem=_wrapper(_CosemWrapper),
         door="wrapper")  # fmt: skip


# --- lines -------------------------------------------------------------------------------------


def _mode_e(client):
    def cell(target):
        at_rest(target)
        with client(target.url("optical"), mode_e=True) as meter:
            assert meter.get(*_NAME) == _NAME_DATA
        return "300 Bd, then 9600; the sign-on in plain octets, HDLC by the client"

    return cell


@contextlib.contextmanager
def _iec(target):
    """The library's own client on its own TCP transport; the port is at the sign-on."""
    at_rest(target)
    transport = TcpTransport(("127.0.0.1", target.doors["optical"]), timeout=_RECEIVE_S * 4)
    client = Iec6205621Client(transport)
    client.connect()
    try:
        yield client
    finally:
        client.disconnect()


def _iec_identification(target):
    with _iec(target) as client:
        client.startup()
        assert client.manufacturer_id == "MCM"
        assert client.switchover_baudrate == 9600
        assert client.identification.endswith("MICROCOSEM"), client.identification


def _iec_readout(target):
    """Mode C, Y = 0: data lines with a BCC that the library checks."""
    with _iec(target) as client:
        answer = client.standard_readout()
    assert isinstance(answer, AnswerDataMessage)
    assert [data.address for data in answer.data] == list(_METER["readout"])
    return f"{len(answer.data)} values"


def _iec_programming(target):
    """Y = 1: this meter has no programming mode, and says so with a break."""
    with _iec(target) as client:
        client.startup()
        client.ack_with_option_select("programming")
        assert client.transport.read() == b"\x01B0\x03q"
    return "the meter ends it with a break, which its transport checks and its parser cannot take"


_feature("Optical port: mode E", gurux=_mode_e(Gurux), cosem=_mode_e(Cosem),
         iec="acknowledges with V = 0 only")  # fmt: skip
_feature("Sign-on: identification", gurux=NO_SIGN_ON, cosem=NO_SIGN_ON, iec=_iec_identification)
_feature("Data readout, mode C", gurux=NO_SIGN_ON, cosem=NO_SIGN_ON, iec=_iec_readout)
_feature("Programming mode refused", gurux=NO_SIGN_ON, cosem=NO_SIGN_ON, iec=_iec_programming)

CELLS = [
    (feature.name, client)
    for feature in FEATURES
    for client in CLIENTS
    if callable(feature.cells[client])
]


def feature(name):
    """The row of this name."""
    (found,) = [one for one in FEATURES if one.name == name]
    return found
