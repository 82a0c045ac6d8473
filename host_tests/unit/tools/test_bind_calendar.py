"""Scripts, schedules and calendars of the source: octets by hand, and what is refused where."""

import os
import sys
import unittest
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, os.path.join(_ROOT, "tools"))

from table import bind_calendar, source  # noqa: E402


class _Made:
    """What a binder fills."""

    def __init__(self, section):
        self.section = section
        self.attributes = {}
        self.scripts = []
        self.calls = []
        self.starts = []


def _bind(class_id, text):
    """Attributes that a section gives; the section begins in line 2."""
    text = "\n[[object]]\n" + text
    data = source.tomllib.loads(text)
    root = source.Section("x.toml", source._places(text, "x.toml"), (), data)
    section = root.sections("object")[0]
    made = _Made(section)
    bind_calendar.BOUND[class_id](made, section, None)
    section.close()
    return made


def _hex(text):
    return bytes.fromhex(text.replace("|", ""))


class _Binds(unittest.TestCase):
    def refused(self, class_id, text, line, words):
        with self.assertRaises(source.SourceError) as caught:
            _bind(class_id, text)
        message = str(caught.exception)
        self.assertTrue(message.startswith("x.toml:%d: " % line), message)
        self.assertIn(words, message)
        self.assertTrue(message.endswith("."))


class TestScripts(_Binds):
    def test_octets(self):
        made = _bind(9, """scripts = [
  { id = 1, actions = ["write 6 0-0:14.0.1 4 octet-string RATE1", "call 7 0-0:98.1.0 2"] },
  { id = 258, actions = ["call 9 0-0:10.0.100 1 long-unsigned 3", "write 8 0-0:1.0.0 7 integer -5"] },
]""")
        self.assertEqual(made.attributes, {2: _hex(
            "01 02 | 02 02 120001 01 02"
            "| 02 05 1601 120006 0906 00000E0001FF 0F04 0905 5241544531"
            "| 02 05 1602 120007 0906 0000620100FF 0F02 0F00"
            "| 02 02 120102 01 02"
            "| 02 05 1602 120009 0906 00000A0064FF 0F01 120003"
            "| 02 05 1601 120008 0906 0000010000FF 0F07 0FFB")})
        self.assertEqual(made.scripts, [1, 258])
        self.assertEqual(made.calls[1][:2], (7, _hex("0000620100FF")))

    def test_refused(self):
        for action, words in (
            ("write 6 0-0:14.0.1 4", "writes no value"),
            ("set 6 0-0:14.0.1 4 boolean true", "no action like"),
            ("call 7 0-0:98.1 2", "no action like"),
            ("call 7 0-0:98.1.0", "no action like"),
            ("call 7 0-0:98.1.0 9", "class 7 has no method 9"),
            ("call 999 0-0:98.1.0 1", "does not serve class 999"),
            ("write 1 0-0:96.14.0 1 unsigned 1", "class 1 has no attribute to write 1"),
            ("write 1 0-0:96.14.0 2 unsigned 256", "out of range"),
            ("write 1 0-0:96.14.0 2 unsigned x", "is no integer"),
            ("write 1 0-0:96.14.0 2 octets x", "is no value"),
        ):
            text = '# a comment\nscripts = [ { id = 1, actions = ["%s"] } ]' % action
            self.refused(9, text, 4, words)
        self.refused(9, "scripts = [ { id = 0, actions = [] } ]", 3, "must be 1 to 65535")
        self.refused(9, "scripts = [ { id = 1, actions = [] }, { id = 1, actions = [] } ]", 3,
                     "two scripts 1")


_ENTRY = 'index = 1, enabled = true, at = "22:00", script = 2'


class TestSchedule(_Binds):
    def bind(self, more=""):
        return 'script_table = "0-0:10.0.100"\nentries = [ { %s%s } ]' % (_ENTRY, more)

    def test_octets(self):
        made = _bind(10, self.bind(
            ', weekdays = "mon sun", special_days = [1, 9], window_min = 60, from = "11-01",'
            ' to = "03-31"'))
        self.assertEqual(made.attributes, {2: _hex(
            "01 01 | 02 0A 120001 0301 0906 00000A0064FF 120002 0904 16000000 12003C"
            "| 0407 82 0409 8080 0905 FFFF0B01FF 0905 FFFF031FFF"), 3: _hex("06 00000000")})
        self.assertEqual(made.starts, [(_hex("00000A0064FF"), 2)])

    def test_least(self):
        self.assertEqual(_bind(10, self.bind()).attributes[2], _hex(
            "01 01 | 02 0A 120001 0301 0906 00000A0064FF 120002 0904 16000000 120000"
            "| 0407 00 0400 0905 FFFFFFFFFF 0905 FFFFFFFFFF"))

    def test_refused(self):
        for more, words in (
            (', weekdays = "mo"', "'mo' is no day of the week"),
            (", special_days = [0]", "'0' is no day id"),
            (", window_min = 65536", "must be 0 to 65535"),
            (', from = "02-30"', "there is no day '02-30'"),
            (', from = "2027-02-29"', "there is no day '2027-02-29'"),
            (', from = "2027-01-01", to = "03-31"', "the same parts of a date"),
            (', from = "01-last", to = "03-31"', "the same parts of a date"),
            (', wrong = 1', "'wrong' means nothing here"),
        ):
            self.refused(10, self.bind(more), 4, words)
        self.refused(10, self.bind().replace("22:00", "24:00"), 4, "there is no time '24:00'")
        self.refused(10, self.bind().replace("22:00", "*:00"), 4, "'*:00' is no time")
        self.refused(10, self.bind().replace("0-0:10", "10"), 3, "is no OBIS code")


class TestSpecialDays(_Binds):
    def test_octets(self):
        made = _bind(11, """special_days = [
  "01-01 day 3", "2028-02-29 day 4", "*-01 day 5", "02-last day 6", "03-last sun day 7",
  "*-*-* mon day 8", "12-last-1 day 9",
]""")
        self.assertEqual(made.attributes[2], _hex(
            "01 07"
            "| 02 03 120001 0905 FFFF0101FF 1103"
            "| 02 03 120002 0905 07EC021DFF 1104"
            "| 02 03 120003 0905 FFFFFF01FF 1105"
            "| 02 03 120004 0905 FFFF02FEFF 1106"
            "| 02 03 120005 0905 FFFF03FE07 1107"
            "| 02 03 120006 0905 FFFFFFFF01 1108"
            "| 02 03 120007 0905 FFFF0CFDFF 1109"))

    def test_refused(self):
        for text, words in (
            ("01-01", "must read like '01-01 day 3'"),
            ("01-01 day 0", "must read like"),
            ("13-01 day 1", "there is no day '13-01'"),
            ("1-1 day 1", "is no date like"),
        ):
            self.refused(11, 'special_days = ["%s"]' % text, 3, words)
        self.refused(11, 'special_days = ["01-01 day 1", "01-01 day 2"]', 3, "two entries for 01-01")
        many = ", ".join('"2027-%02d-%02d day 1"' % (1 + k // 28, 1 + k % 28) for k in range(74))
        self.refused(11, "special_days = [%s]" % many, 3, "1024 is the limit")


_CALENDAR = """calendar_name = "AB"
script_table = "0-0:10.0.100"
seasons = ["S from 04-01 week W"]
weeks = ["W: 1 1 1 1 1 1 2"]
days = [
  { id = 1, actions = ["00:00 script 2", "06:30 script 1"] },
  { id = 2, actions = ["00:00 script 2"] },
]
"""


class TestCalendar(_Binds):
    def test_octets(self):
        made = _bind(20, _CALENDAR)
        action = "02 03 0904 %s 0906 00000A0064FF 12%04X"
        wanted = {
            2: "09 02 4142",
            3: "01 01 | 02 03 0901 53 090C FFFF0401FF00000000800 0FF 0901 57",
            4: "01 01 | 02 08 0901 57 1101 1101 1101 1101 1101 1101 1102",
            5: "01 02 | 02 02 1101 01 02" + action % ("00000000", 2) + action % ("061E0000", 1)
            + "02 02 1102 01 01" + action % ("00000000", 2),
            10: "09 0C FFFFFFFFFFFFFFFFFF8000FF",
            11: "03 00",
        }
        for number in (2, 3, 4, 5):
            wanted[number + 4] = wanted[number]
        self.assertEqual(made.attributes, {n: _hex(t.replace(" ", "")) for n, t in wanted.items()})

    def test_refused(self):
        for old, new, line, words in (
            ("04-01 week W", "04-01 week X", 5, "there is no week X"),
            ("04-01", "*-01", 5, "begins on a day of a month"),
            ("S from", "from", 5, "must read like 'WINTER from"),
            ('week W"]', 'week W", "S from 05-01 week W"]', 5, "two seasons S"),
            ("W: 1", "W: 3", 6, "there is no day 3"),
            ("1 2\"]", "1\"]", 6, "must read like 'W1:"),
            ('"00:00 script 2", ', "", 7, "day 1 has no action at 00:00"),
            ("06:30", "00:00", 7, "two actions at 00:00"),
            ("06:30", "06:60", 8, "there is no time"),
            ("06:30 script 1", "06:30", 8, "must read like '06:00 script 1'"),
            ("id = 2", "id = 1", 7, "two days 1"),
        ):
            self.assertIn(old, _CALENDAR)
            self.refused(20, _CALENDAR.replace(old, new, 1), line, words)


class TestSingleAction(_Binds):
    def bind(self, kind, *times):
        listed = ", ".join('"%s"' % time for time in times)
        return 'script_table = "0-0:10.0.1"\nscript = 1\ntype = %d\ntimes = [%s]' % (kind, listed)

    def test_octets(self):
        made = _bind(22, self.bind(1, "00:00 on *-01"))
        self.assertEqual(made.attributes, {
            2: _hex("02 02 0906 00000A0001FF 120001"), 3: _hex("16 01"),
            4: _hex("01 01 02 02 0904 00000000 0905 FFFFFF01FF"), 5: _hex("06 00000000")})
        made = _bind(22, self.bind(5, "*:15 on *", "*:* on 2027-01-01"))
        self.assertEqual(made.attributes[4], _hex(
            "01 02 02 02 0904 FF0F0000 0905 FFFFFFFFFF 02 02 0904 FFFF0000 0905 07EB0101FF"))
        self.assertEqual(_bind(22, self.bind(1)).attributes[4], _hex("01 00"))

    def test_refused(self):
        self.refused(22, self.bind(1, "00:00 on *", "01:00 on *"), 6, "type 1 has one time")
        self.refused(22, self.bind(3, "00:00 on *", "01:00 on *"), 6, "all times are the same")
        self.refused(22, self.bind(2, "00:00 on 01-01"), 6, "needs dates with a year")
        self.refused(22, self.bind(4, "*:00 on 2027-01-01"), 6, "is no time")
        self.refused(22, self.bind(6), 5, "must be 1 to 5")
        self.refused(22, self.bind(1, "00:00"), 6, "is no date")


class TestReferences(_Binds):
    """Between objects: found by gen_table.py over the whole source."""

    def test_script_that_is_not_there(self):
        table = _bind(9, 'scripts = [ { id = 1, actions = ["call 7 0-0:98.1.0 2"] } ]')
        table.class_id, table.obis, table.device = 9, _hex("00000A0001FF"), 1
        profile = _Made(table.section)
        profile.class_id, profile.obis, profile.device = 7, _hex("0000620100FF"), 1
        action = _bind(22, 'script_table = "0-0:10.0.1"\nscript = 2\ntype = 1\ntimes = []')
        action.class_id, action.obis, action.device = 22, _hex("00000F0000FF"), 1
        for found, line, words in (
            ([table], 3, "there is no object 0-0:98.1.0.255 of class 7"),
            ([table, profile, action], 4, "there is no script 2 in 0-0:10.0.1.255"),
            ([action], 4, "there is no script 2 in 0-0:10.0.1.255"),
        ):
            with self.assertRaises(source.SourceError) as caught:
                bind_calendar.check(found)
            self.assertIn("x.toml:%d: " % line, str(caught.exception))
            self.assertIn(words, str(caught.exception))
        bind_calendar.check([table, profile])


if __name__ == "__main__":
    unittest.main()
