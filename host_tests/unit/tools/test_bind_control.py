"""Disconnect controls, limiters and monitors of the source: octets by hand, what is refused where."""

import os
import sys
import unittest
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, os.path.join(_ROOT, "tools"))

from table import bind_control, names, source  # noqa: E402

_LIMITER = """monitored = "3 1-0:1.7.0 2"
threshold_normal = 115000
threshold_emergency = 258
min_over_s = 30
min_under_s = 256
script_table = "0-0:10.0.106"
over = 1
group_ids = [7, 258]
"""
_MONITOR = """monitored = "3 1-0:1.7.0 2"
script_table = "0-0:10.0.106"
thresholds = [{ value = 1, up = 2 }, { value = 65536, down = 1 }]
"""


class _Made:
    """What a binder fills, and what it finds."""

    def __init__(self, class_id, code, type_name="", scripts=(), section=None, device=1):
        self.class_id = class_id
        self.obis = names.obis(code)
        self.type_name = type_name
        self.scripts = list(scripts)
        self.section = section
        self.device = device
        self.attributes = {}

    def title(self):
        return f"{names.show_obis(self.obis)} of class {self.class_id}"


class _Reader:
    def __init__(self):
        self.later = []


def _bind(class_id, text, device=1):
    """Attributes that a section gives; the section begins in line 2."""
    text = "\n[[object]]\n" + text
    root = source.Section("x.toml", source._places(text, "x.toml"), (), source.tomllib.loads(text))
    section = root.sections("object")[0]
    made = _Made(class_id, "0-0:17.0.0", section=section, device=device)
    reader = _Reader()
    bind_control.BOUND[class_id](made, section, reader)
    section.close()
    found = [made, _Made(3, "1-0:1.7.0", "double-long-unsigned"), _Made(3, "1-0:32.7.0", "float32"),
             _Made(9, "0-0:10.0.106", scripts=(1, 2))]  # fmt: skip
    for finish in reader.later:
        finish(found)
    return made.attributes


def _hex(text):
    return bytes.fromhex(text.replace("|", ""))


class TestOctets(unittest.TestCase):
    def test_disconnect_control(self):
        self.assertEqual(_bind(70, "mode = 4\n"), {3: _hex("16 01"), 4: _hex("16 04")})

    def test_limiter(self):
        made = _bind(71, _LIMITER)
        self.assertEqual(made, {
            2: _hex("02 03 | 12 0003 | 09 06 0100010700FF | 0F 02"),
            3: _hex("03 00"),
            4: _hex("06 0001C138"),
            5: _hex("06 00000102"),
            6: _hex("06 0000001E"),
            7: _hex("06 00000100"),
            8: _hex("02 03 | 12 0000 | 09 0C FFFF FF FF FF FF FF FF FF 8000 FF | 06 00000000"),
            9: _hex("01 02 12 0007 12 0102"),
            11: _hex("02 02 | 02 02 09 06 00000A006AFF 12 0001 | 02 02 09 06 000000000000 12 0000"),
        })

    def test_register_monitor(self):
        nothing = "02 02 09 06 000000000000 12 0000"
        made = _bind(21, _MONITOR)
        self.assertEqual(made, {
            2: _hex("01 02 06 00000001 06 00010000"),
            3: _hex("02 03 | 12 0003 | 09 06 0100010700FF | 0F 02"),
            4: _hex("01 02 | 02 02 | 02 02 09 06 00000A006AFF 12 0002 |" + nothing
                    + "| 02 02 |" + nothing + "| 02 02 09 06 00000A006AFF 12 0001"),
        })


class TestRefused(unittest.TestCase):
    def refused(self, class_id, text, line, words, device=1):
        with self.assertRaises(source.SourceError) as caught:
            _bind(class_id, text, device)
        self.assertTrue(str(caught.exception).startswith(f"x.toml:{line}: "), caught.exception)
        self.assertIn(words, str(caught.exception))

    def changed(self, text, old, new):
        """The text with one thing in it changed, and the line of that."""
        self.assertEqual(text.count(old), 1)
        line = text[: text.index(old)].count("\n") + 3
        return text.replace(old, new), line

    def test_disconnect_control(self):
        self.refused(70, "mode = 7\n", 3, "0 to 6")
        self.refused(70, "mode = 4\n", 2, "management logical device", 18)

    def test_limiter(self):
        for old, new, words in (
            ("3 1-0:1.7.0 2", "1-0:1.7.0", "no value like"),
            ("3 1-0:1.7.0 2", "3 1-0:1.7.0 4", "no attribute 4 of class 3"),
            ("3 1-0:1.7.0 2", "3 1-0:2.7.0 2", "no object 1-0:2.7.0.255"),
            ("3 1-0:1.7.0 2", "3 1-0:32.7.0 2", "no integer"),
            ("115000", "-1", "out of range"),
            ("115000", '"much"', "must be an integer"),
            ("258\nmin", "4294967296\nmin", "out of range"),
            ("= 30", "= -1", "0 to 4294967295"),
            ("0-0:10.0.106", "scripts", "no OBIS code"),
            ("over = 1", "over = 3", "no script 3 in 0-0:10.0.106.255"),
            ("over = 1", "over = 65536", "0 to 65535"),
            ("[7, 258]", "[7, 65536]", "0 to 65535"),
        ):
            text, line = self.changed(_LIMITER, old, new)
            self.refused(71, text, line, words)
        self.refused(71, _LIMITER.replace('script_table = "0-0:10.0.106"\n', ""), 2, "is missing")
        self.refused(71, _LIMITER + "unter = 2\n", 11, "means nothing")

    def test_register_monitor(self):
        for old, new, words in (
            ("value = 65536", "value = 4294967296", "out of range"),
            ("up = 2", "up = 9", "no script 9"),
            ("up = 2", "above = 2", "means nothing"),
            ("{ value = 1, up = 2 }, { value = 65536, down = 1 }", "", "1 to 16 thresholds"),
        ):
            text, line = self.changed(_MONITOR, old, new)
            self.refused(21, text, line, words)


if __name__ == "__main__":
    unittest.main()
