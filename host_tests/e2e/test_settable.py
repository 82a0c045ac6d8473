"""Every attribute that may be set, through the whole server by octets on a line: set to another value,
read back, refused where it must be, given back; and what was set last is there after a restart.

settable.toml has the values. It must name what the meter lets be written, no more and no less.
"""

import os
import sys
import time
from pathlib import Path

import pytest
from microcosem import axdr
from microcosem.target import KINDS, Options, Target
from ours import PASSWORD, session

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_DATA = tomllib.loads((Path(__file__).parent / "settable.toml").read_text(encoding="utf-8"))
_TARGETS = os.environ.get("MICROCOSEM_TARGETS", ",".join(KINDS)).split(",")
_CONFIGURATOR, _CONFIGURATORS_PASSWORD = 48, b"87654321"
_CURRENT = bytes((0, 0, 40, 0, 0, 255))
_SUCCESS, _TEMPORARY_FAILURE, _DENIED, _UNDEFINED, _UNMATCHED, _OTHER = 0, 2, 3, 4, 12, 250
_NOT_SERVED = b"\xd8\x01\x02"
_WRITE = 2  # bit of an access mode
_PATIENCE = 20  # times; the meter erases flash while a line is silent
_RATES = (300, 600, 1200, 2400, 4800, 9600, 19200)


def _octets(text):
    """'09 00*3' -> 09 00 00 00."""
    made = b""
    for word in text.split():
        digits, _, times = word.partition("*")
        made += bytes.fromhex(digits) * int(times or 1)
    return made


class Settable:
    """An attribute of settable.toml."""

    def __init__(self, class_id, name, attribute, values):
        self.key = (class_id, name, attribute)
        self.good = _octets(values["good"])
        self.refused = [(_octets(text), _OTHER) for text in values.get("out_of_range", ())]
        self.refused += [(_octets(text), _UNMATCHED) for text in values.get("unmatched", ())]
        self.refused.append((_octets(_DATA["wrong_type"]), _UNMATCHED))
        self.same = values.get("same", False)
        self.clears = values.get("clears", False)
        self.moves = values.get("moves", 0)
        self.switched = values.get("switched", False)
        self.secret = values.get("secret", False)

    def __str__(self):
        return "{} {} attribute {}".format(self.key[0], self.key[1].hex(), self.key[2])

    def is_there(self, data):
        """Is this what was set?"""
        return data[: self.moves or None] == self.good[: self.moves or None]


def _name(text):
    head, _, tail = text.partition(":")
    return bytes(int(part) for part in (*head.split("-"), *tail.split("."), 255))


def _read_data():
    found = []
    for objects, attributes in _DATA.items():
        if objects != "wrong_type":
            class_id, *names = objects.split()
            found += [Settable(int(class_id), _name(name), int(number), values)
                      for name in names for number, values in attributes.items()]  # fmt: skip
    return found


_ALL = _read_data()


class Client:
    """A session, with SET."""

    def __init__(self, made):
        self.made = made

    def read(self, key):
        return self.made.get_octets(*key)

    def ask(self, key, data):
        class_id, name, attribute = key
        request = b"\xc1\x01\xc1" + class_id.to_bytes(2, "big") + name + bytes((attribute, 0))
        return self.made.exchange(request + data)

    def write(self, key, data):
        """The data-access-result."""
        for _ in range(_PATIENCE):
            answer = self.ask(key, data)
            assert answer[:3] == b"\xc5\x01\xc1" and len(answer) == 4, answer.hex()
            if answer[3] != _TEMPORARY_FAILURE:
                break
            time.sleep(0.5)
        return answer[3]

    def modes(self):
        """(class, name, attribute) -> access mode, of all objects that are seen."""
        found = {}
        for class_id, _, name, (attributes, _) in axdr.decode(self.read((15, _CURRENT, 2))):
            found |= {(class_id, bytes(name), k): mode for k, mode, _ in attributes}
        return found


def _session(meter, client=_CONFIGURATOR, password=_CONFIGURATORS_PASSWORD):
    return session(meter.url("rs485"), client=client, password=password, max_info=512, window=7)


def _has_bits(data, bits):
    return all(a & b == b for a, b in zip(data, bits, strict=True))


def _is_back(one, data, before):
    """Events add bits to a register at any time, what is set here is one of them."""
    return _has_bits(data, before) if one.clears else data == before


def _one_at_a_time(client):
    """Each attribute alone, so that none depends on what another has been set to."""
    for one in _ALL:
        before = None if one.secret else client.read(one.key)
        assert one.same == (before == one.good), f"{one} is {before.hex()}"
        for data, result in one.refused:
            assert client.write(one.key, data) == result, f"{one}: {data.hex()}"
            if not one.secret and not one.moves:
                assert _is_back(one, client.read(one.key), before), f"{one} after {data.hex()}"
        assert client.write(one.key, one.good) == _SUCCESS, one
        for data, result in one.refused:
            assert client.write(one.key, data) == result, f"{one}: {data.hex()}"
        if one.secret:
            continue
        if one.clears:
            assert _has_bits(client.read(one.key), before), one
        else:
            assert one.is_there(client.read(one.key)), one
        assert client.write(one.key, before) == _SUCCESS, one
        if not one.moves:
            assert _is_back(one, client.read(one.key), before), one


def _nobody_else(meter):
    """Who has no SET is told so and changes nothing; what is not for setting is denied."""
    with _session(meter) as made:
        client = Client(made)
        for key, mode in client.modes().items():
            if not mode & _WRITE:
                assert client.write(key, b"\x00") == _DENIED, key
        assert client.write((1, _name("0-0:96.1.10"), 3), b"\x00") == _UNDEFINED
    for number, password in ((32, PASSWORD), (16, None)):
        with _session(meter, number, password) as made:
            client = Client(made)
            assert not any(mode & _WRITE for mode in client.modes().values())
            for one in _ALL:
                assert client.ask(one.key, one.good) == _NOT_SERVED, one


def _all_together(client):
    for one in _ALL:
        assert client.write(one.key, one.good) == _SUCCESS, one


def _all_are_there(client):
    for one in _ALL:
        if not (one.secret or one.switched or one.clears):
            assert one.is_there(client.read(one.key)), f"{one} is {client.read(one.key).hex()}"


def _new(class_id, name, attribute):
    return [one for one in _ALL if one.key == (class_id, _name(name), attribute)][0].good


_INTERPRETED = [kind for kind in ("host", "unix") if kind in _TARGETS]
_KINDS = [kind for kind in KINDS if kind in _TARGETS]


@pytest.mark.parametrize("kind", _INTERPRETED)
def test_every_attribute(kind):
    with Target(kind) as meter, _session(meter) as made:
        client = Client(made)
        writable = {key for key, mode in client.modes().items() if mode & _WRITE}
        assert writable == {one.key for one in _ALL}
        _one_at_a_time(client)


@pytest.mark.parametrize("kind", _INTERPRETED)
def test_nobody_else(kind):
    with Target(kind) as meter:
        _nobody_else(meter)


@pytest.mark.parametrize("kind", _KINDS)
def test_all_last(kind, tmp_path):
    memory = {"more": ("--flash", str(tmp_path / "flash"))} if kind == "pico" else {"files": tmp_path}
    with Target(kind, Options(**memory)) as meter:
        with _session(meter) as made:
            _all_together(Client(made))
            _all_are_there(Client(made))
    baud = _RATES[_new(23, "0-1:22.0.0", 2)[1]]
    with Target(kind, Options(**memory, rs485_baud=baud)) as meter:
        with _session(meter, password=_new(15, "0-0:40.0.3", 7)[2:]) as made:
            _all_are_there(Client(made))
