"""Foreign clients and our reader read the same meter on every target and agree octet by octet."""

import pytest
import tomli
from agree import assert_agree
from foreign import PUBLIC, Cosem, Denied, Gurux, plain
from microcosem import axdr
from microcosem.axdr import Bits
from microcosem.errors import AccessError, RefusedError
from microcosem.reading import object_list
from microcosem.target import ROOT
from ours import at_rest, session

_DOORS = {"optical": True, "rs485": False}  # door: signs on in mode E
_LONG = bytes((0, 0, 96, 51, 0, 255))  # 600 octets counting modulo 251, docs/objects.md
_LONG_DATA = b"\x09\x82\x02\x58" + bytes(k % 251 for k in range(600))
_NAME = (1, bytes((0, 0, 42, 0, 0, 255)), 2)
_NAME_DATA = b"\x09\x0bMCM10000001"
_HIDDEN = (3, bytes((1, 0, 1, 8, 0, 255)), 2)  # the public client has no right to it
_CLOCK = (8, bytes((0, 0, 1, 0, 0, 255)), 2)
_ANSWER = 3 + 4 + len(_LONG_DATA)  # LLC, GET-response, Data
_METER = tomli.loads((ROOT / "firmware" / "meter.toml").read_text(encoding="utf-8"))
_GRANTED_INFO = _METER["hdlc"]["max_info"]  # the meter's own limit
_TEST_VALUES = (bytes((0, 0, 96, 50)), bytes((0, 0, 96, 51)))


@pytest.fixture(params=_DOORS)
def door(request, target):
    """(url, mode E) of each door in turn."""
    return target.url(request.param), _DOORS[request.param]


def _ours(door, whole):
    """The object list, and readable attributes as encoded octets."""
    with session(door[0], door[1]) as meter:
        entries = object_list(meter)
        chosen = entries if whole else _representative(entries)
        keys = [(e.class_id, e.obis, n) for e in chosen for n in e.readable]
        octets = {key: meter.get_octets(*key) for key in keys}
    return [(e.class_id, e.version, e.obis, e.readable) for e in entries], octets


def _representative(entries):
    """The first object of every class, and the test values: every type of Data, the longest."""
    first = {}
    for entry in entries:
        first.setdefault(entry.class_id, entry)
    return [e for e in entries if e is first[e.class_id] or e.obis[:4] in _TEST_VALUES]


def _as_gurux(value):
    """Our decoded value in the types that `plain` leaves."""
    if isinstance(value, (list, tuple)):
        return [_as_gurux(item) for item in value]
    return str(value) if isinstance(value, Bits) else value


def test_attributes_by_every_client(target, door):
    """The object list, readable attributes through both doors; what gurux_dlms makes of the values.

    Of every object on the host. On unix and pico of one object of each class and of the test
    values: there test_matrix.py reads every attribute of every object with both clients.
    """
    at_rest(target)
    rows, ours = _ours(door, whole=target.kind == "host")
    at_rest(target)
    assert len(rows) > 40
    assert ours[(1, _LONG, 2)] == _LONG_DATA
    decoded = {}
    with Gurux(*door) as meter:
        assert meter.objects() == rows
        replies = {key: meter.reply(*key) for key in ours}
        theirs = {key: bytes(reply.data.array()) for key, reply in replies.items()}
        decoded = {key: plain(reply.value) for key, reply in replies.items()}
    assert_agree(ours, theirs)
    # utf8-string: this release hands out hex text; date types: its own classes. An attribute that
    # is an empty array becomes None.
    wrong = {key: (value, theirs[key].hex()) for key, value in decoded.items()
             if theirs[key][0] not in (0x0C, 0x19, 0x1A, 0x1B)
             and theirs[key] != b"\x01\x00"
             and value != _as_gurux(axdr.decode(theirs[key]))}  # fmt: skip
    assert not wrong
    at_rest(target)
    with Cosem(*door) as meter:
        assert_agree(ours, {key: meter.get(*key) for key in ours})


def test_public_client(target, door):
    """No password: a smaller list, and nothing else can be read."""
    at_rest(target)
    with session(*door, client=PUBLIC, password=None) as meter:
        rows = [(e.class_id, e.obis) for e in object_list(meter)]
        name = meter.get_octets(*_NAME)
        with pytest.raises(AccessError) as caught:
            meter.get(*_HIDDEN)
    assert name == _NAME_DATA
    assert caught.value.result == 4
    assert _NAME[:2] in rows and _CLOCK[:2] in rows and _HIDDEN[:2] not in rows
    at_rest(target)
    with Gurux(*door, client=PUBLIC, password=None) as meter:
        assert [row[::2] for row in meter.objects()] == rows
        assert meter.get(*_NAME) == _NAME_DATA
        with pytest.raises(Denied):
            meter.get(*_HIDDEN)
    at_rest(target)
    with Cosem(*door, client=PUBLIC, password=None) as meter:
        assert meter.get(*_NAME) == _NAME_DATA
        with pytest.raises(Exception, match="OBJECT_UNDEFINED"):
            meter.get(*_HIDDEN)


def test_wrong_password(target):
    """Refused with authentication-failure by name; the right one is taken at once afterwards."""
    url = target.url("rs485")
    with pytest.raises(RefusedError) as caught, session(url, password=b"12345679"):
        pass
    assert caught.value.diagnostic == 13
    with pytest.raises(Exception, match="(?i)authentication.failure"):
        Gurux(url, password="12345679")
    with pytest.raises(Exception, match="AUTHENTICATION_FAILED"):
        Cosem(url, password="wrong")
    with pytest.raises(RefusedError) as caught, session(url, password=None):
        pass
    assert caught.value.diagnostic in (12, 14)
    with session(url) as meter:
        assert meter.get_octets(*_NAME) == _NAME_DATA


def test_unknown_client(target):
    url = target.url("rs485")
    with pytest.raises(RefusedError), session(url, client=99):
        pass
    with session(url) as meter:
        assert meter.get_octets(*_NAME) == _NAME_DATA


@pytest.mark.parametrize("max_info", [32, 128, 500, 2030])
def test_segments(target, max_info):
    """600 octets in frames of every size, to gurux_dlms."""
    with Gurux(target.url("rs485"), max_info=max_info) as meter:
        before = meter.frames
        assert meter.get(1, _LONG, 2) == _LONG_DATA
        size = min(max_info, _GRANTED_INFO)
        assert meter.frames - before == -(-_ANSWER // size)


@pytest.mark.parametrize("max_info", [32, 128, 2030])
@pytest.mark.parametrize("window", [1, 2, 7])
def test_windows(target, max_info, window):
    """The same, several frames in a row. (gurux_dlms 1.0.203 loses count in a window.)"""
    with session(target.url("rs485"), max_info=max_info, window=window) as meter:
        granted = min(max_info, _GRANTED_INFO), window
        assert (meter.link.max_info_rx, meter.link.window_rx) == granted
        frames = []
        step = meter.link.step
        meter.link.step = lambda frame: frames.append(frame) or step(frame)
        assert meter.get_octets(1, _LONG, 2) == _LONG_DATA
    numbered = [frame for frame in frames if frame.kind == "I"][: -(-_ANSWER // granted[0])]
    ends = [frame.final for frame in numbered]
    assert ends == [n % window == window - 1 or n == len(ends) - 1 for n in range(len(ends))]


@pytest.mark.parametrize("max_pdu", [64, 100, 512])
def test_blocks(target, max_pdu):
    """A client that takes short APDUs only gets the long value in blocks."""
    url = target.url("rs485")
    with Gurux(url, max_pdu=max_pdu) as meter:
        assert meter.get(1, _LONG, 2) == _LONG_DATA
    if max_pdu >= 100:  # its own AARQ has 68 octets, and it holds itself to the size as well
        with Cosem(url, max_pdu=max_pdu) as meter:
            assert meter.get(1, _LONG, 2) == _LONG_DATA
    with session(url, max_pdu=max_pdu) as meter:
        apdus = []
        exchange = meter.exchange
        meter.exchange = lambda request: apdus.append(exchange(request)) or apdus[-1]
        assert meter.get_octets(1, _LONG, 2) == _LONG_DATA
        meter.exchange = exchange
    assert max(len(apdu) for apdu in apdus) <= max_pdu
    assert len(apdus) >= 604 // max_pdu


@pytest.mark.parametrize("size", [1, 2, 4])
def test_address_sizes(target, size):
    with session(target.url("rs485"), size=size) as meter:
        assert meter.get_octets(*_NAME) == _NAME_DATA
    server = {1: 1, 2: 1 << 7 | 17, 4: 1 << 14 | 17}[size]
    with Gurux(target.url("rs485"), server=server) as meter:
        assert meter.get(*_NAME) == _NAME_DATA


def test_both_doors_at_once(target):
    """Two clients on two doors do not see each other's associations."""
    at_rest(target)
    with session(target.url("optical"), mode_e=True) as one:
        with session(target.url("rs485"), client=PUBLIC, password=None) as other:
            for _ in range(3):
                assert one.get_octets(*_NAME) == other.get_octets(*_NAME) == _NAME_DATA
                one.get(*_HIDDEN)
                with pytest.raises(AccessError):
                    other.get(*_HIDDEN)
