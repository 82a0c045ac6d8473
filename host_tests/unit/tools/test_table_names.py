"""Names of the standard that the generator knows, against vectors of other programs."""

import json
from pathlib import Path

from table.names import CONFORMANCE

_VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "dlms.json"
# Names that the vectors' source spells another way.
_ALIASES = {
    "un-confirmed-write": "unconfirmed-write",
    "attribute-0-supported-with-set": "attribute0-supported-with-set",
    "attribute-0-supported-with-get": "attribute0-supported-with-get",
}


def test_conformance_bits():
    """Bit k of the standard is 0x800000 >> k; each vector names a bit and the block it makes."""
    vectors = [
        v for v in json.loads(_VECTORS.read_text())["vectors"] if v["layer"] == "CONFORMANCE"
    ]
    assert len(vectors) == 22
    for v in vectors:
        bit, name = v["inputs"]["bit"], v["inputs"]["name"].lower().replace("_", "-")
        assert CONFORMANCE[bit] == _ALIASES.get(name, name)
        assert int(v["hex"], 16) == 0x800000 >> bit
