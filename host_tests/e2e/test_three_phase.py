"""Another source than meter.toml: the three-phase meter, started and read whole."""

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

import ours
import pytest
from microcosem import names
from microcosem.reading import object_list, read_entry, read_value
from microcosem.target import ROOT, Options, Target, TargetError

_SOURCE = ROOT / "firmware" / "three_phase.toml"
_MEASURED_S = 2.5  # the first whole window of the measurement, and one more


@pytest.fixture(scope="module")
def meter():
    with Target("host", Options(source=_SOURCE)) as made:
        with made.control() as control:
            control.ask("set", channel="i1", rms=10)
            control.wait(_MEASURED_S)
        yield made


@pytest.fixture
def session(meter):
    with ours.session(meter.url("rs485"), max_info=512, window=7) as made:
        yield made


def _number(session, code):
    return read_value(session, 3, names.parse(code)[1]).value


def test_every_object_is_listed_and_every_attribute_read(session):
    entries = object_list(session)
    listed = {(entry.class_id, names.show(entry.obis)) for entry in entries}
    own = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))["object"]
    for item in own:
        assert (item["class"], item["obis"].removesuffix(".255")) in listed
    for entry in entries:
        for reading in read_entry(session, entry, True):
            assert not reading.error, reading


def test_one_phase_is_measured_and_the_others_are_nothing(session):
    assert 22800 <= _number(session, "1-0:32.7.0") <= 23200  # 230 V in 10 mV
    for total, l1 in (("1-0:1.7.0", "1-0:21.7.0"), ("1-0:1.8.0", "1-0:21.8.0")):
        assert abs(_number(session, total) - _number(session, l1)) <= 300
    assert 22500 <= _number(session, "1-0:21.7.0") <= 23500  # 2300 W in 0.1 W
    for code in ("1-0:52.7.0", "1-0:72.7.0", "1-0:51.7.0", "1-0:41.7.0", "1-0:3.8.1"):
        assert _number(session, code) == 0


def test_a_wrong_source_is_one_sentence(tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[identity]\nmanufacturer = "MC"\n', encoding="utf-8")
    with pytest.raises(TargetError, match=r"wrong.toml:2: 'manufacturer' must be three letters"):
        Target("host", Options(source=wrong))
    with pytest.raises(TargetError, match="the emulated board runs its image"):
        Target("pico", Options(source=_SOURCE))
