"""The generator of the object model: what it refuses, with which line, and what it makes."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

_ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
_TOOL = os.path.join(_ROOT, "tools", "gen_table.py")
_SOURCE = os.path.join(_ROOT, "firmware", "meter.toml")

with open(_SOURCE, encoding="utf-8") as _f:
    _TEXT = _f.read()


def _run(*arguments):
    """(exit code, stdout, stderr) of the tool as people start it."""
    done = subprocess.run([sys.executable, _TOOL, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def _changed(old, new, text=_TEXT):
    """The shipped source with its one occurrence of old replaced."""
    if text.count(old) != 1:
        raise AssertionError("%r stands %d times in the source" % (old, text.count(old)))
    return text.replace(old, new)


def _set(key, value):
    """The shipped source with the one line of a key changed."""
    text, count = re.subn(r"(?m)^%s = .*$" % key, "%s = %s" % (key, value), _TEXT)
    if count != 1:
        raise AssertionError("%s stands %d times in the source" % (key, count))
    return text


class _Folder(unittest.TestCase):
    def setUp(self):
        self._holder = tempfile.TemporaryDirectory()
        self.folder = self._holder.name

    def tearDown(self):
        self._holder.cleanup()

    def write(self, text, name="meter.toml"):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def make(self, text, *more):
        """Run on a changed source; the products go below the folder."""
        return _run("--source", self.write(text), "--out", self.folder, *more)

    def made(self, text, *more):
        """Globals of the cosem/table.py and config.py made from text."""
        code, out, error = self.make(text, *more)
        self.assertEqual((code, error), (0, ""))
        found = {}
        for name in ("firmware/lib/cosem/table.py", "firmware/config.py"):
            with open(os.path.join(self.folder, name), encoding="utf-8") as f:
                exec(f.read(), found)
        return found

    def refused(self, text, line, *words):
        """One sentence on stderr with the number of the line that holds `line`; exit code 1."""
        code, out, error = self.make(text)
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(error.count("\n"), 1, error)
        numbers = [n for n, content in enumerate(text.splitlines(), 1) if line in content]
        self.assertEqual(len(numbers), 1, line)
        self.assertIn("meter.toml:%d: " % numbers[0], error)
        for word in words:
            self.assertIn(word, error)
        self.assertTrue(error.endswith(".\n"), error)
        self.assertNotIn("Traceback", error)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "firmware")))


class TestShipped(_Folder):
    def test_products_are_fresh(self):
        code, out, error = _run("--check")
        self.assertEqual((code, error), (0, ""))
        self.assertEqual(out.count("\n"), 1)
        self.assertRegex(out, r"^\d+ objects, 5 associations, \d+ access profiles: \d+ octets")

    def test_stale_products(self):
        self.assertEqual(self.make(_TEXT)[0], 0)
        self.assertEqual(self.make(_TEXT, "--check")[0], 0)
        other = _set("serial", '"999"')
        code, out, error = self.make(other, "--check")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("table.py: stale", error)
        os.remove(os.path.join(self.folder, "docs", "objects.md"))
        self.assertIn("objects.md: stale", self.make(_TEXT, "--check")[2])

    def test_release_refuses_demo_keys(self):
        code, out, error = _run("--check", "--release")
        self.assertEqual((code, out), (1, ""))
        line = [n for n, text in enumerate(_TEXT.splitlines(), 1) if "demo = true" in text]
        self.assertIn("firmware/meter.toml:%d: " % line[0], error)
        self.assertIn("'reader' is marked demo", error)

    def test_wrong_arguments(self):
        code, out, error = _run("--no-such-option")
        self.assertEqual((code, out), (2, ""))
        self.assertNotIn("Traceback", error)

    def test_missing_source(self):
        code, out, error = _run("--source", os.path.join(self.folder, "none.toml"))
        self.assertEqual((code, out, error.count("\n")), (1, "", 1))
        self.assertIn("none.toml", error)


class TestSecrets(_Folder):
    def test_overlay(self):
        secrets = self.write(
            '[passwords]\nreader = "correct horse"\nconfigurator = "battery"\n'
            'submeter-reader = "staple"\n', "secrets.toml")
        made = self.made(_TEXT, "--secrets", secrets, "--release")
        row = made["ASSOCIATIONS"][19:38]
        start = row[8] << 8 | row[9]
        self.assertEqual(made["SECRETS"][start : start + row[10]], b"correct horse")
        self.assertEqual(made["SECRETS"], b"correct horsebatterystaple")
        with open(os.path.join(self.folder, "docs", "objects.md"), encoding="utf-8") as f:
            document = f.read()
        self.assertNotIn("demo", document)
        self.assertNotIn("horse", document)

    def test_unknown_association(self):
        secrets = self.write('[passwords]\n\nrader = "x"\n', "secrets.toml")
        code, out, error = self.make(_TEXT, "--secrets", secrets)
        self.assertEqual((code, out, error.count("\n")), (1, "", 1))
        self.assertIn("secrets.toml:3: there is no association 'rader'", error)

    def test_never_into_the_source_tree(self):
        secrets = self.write('[passwords]\nreader = "x"\n', "secrets.toml")
        for more in ([], ["--out", os.path.join(_ROOT, "firmware")], ["--check"]):
            code, out, error = _run("--secrets", secrets, *more)
            self.assertEqual((code, out), (2, ""))
            self.assertIn("--secrets needs --out", error)


class TestMistakes(_Folder):
    """What people get wrong, and that the line named is the one to look at."""

    def test_in_the_middle_of_a_long_array(self):
        script = '"call 4 1-0:1.6.4 1"'
        self.refused(_changed(script, script.replace("call", "cal")), '"cal 4', "no action like")
        day = '  "12-26 day 2",'
        self.refused(_changed(day, day.replace("12-26", "13-26")), "13-26", "no day '13-26'")
        # A register by rate is gone: the first profile that has it says so.
        text = _changed('obis = "1-0:1.8.3.255"', 'obis = "1-0:1.8.7.255"')
        self.refused(text, '"1-0:1.8.2.255", "1-0:1.8.3.255"', "no object '1-0:1.8.3.255'")

    def test_a_section_is_missing(self):
        for text, name in (("", "identity"),
                           (re.sub(r"(?s)\[port.rs485\].*?(?=\[port.wrapper\])", "", _TEXT),
                            "port.rs485"),
                           (_TEXT.replace("[hdlc]", "[hldc]"), "hdlc")):
            code, _, error = self.make(text)
            self.assertEqual((code, error.count("\n")), (1, 1))
            self.assertIn(": the section [%s] is missing." % name, error)

    def test_a_byte_order_mark_and_carriage_returns(self):
        self.assertEqual(self.made("\ufeff" + _TEXT), self.made(_TEXT.replace("\n", "\r\n")))

    def test_rights(self):
        start = '[access.open]\npublic = %s # here'
        for wrong, words in (('"reed"', "must be \"read\" or a table"),
                             ('["read"]', "must be \"read\" or a table"),
                             ('{ read = ["value"] }', "by their numbers"),
                             ('{ read = [true] }', "by their numbers")):
            text = _changed('[access.open]\npublic = "read"', start % wrong)
            self.refused(text, "# here", "'public'", words)

    def test_names(self):
        for name in ('"Fre|quency"', '"Fre\\nquency"', '" "', '""', "5"):
            self.refused(_changed('name = "Frequency"', "name = " + name), "name = " + name,
                         "'name' must be")

    def test_a_string_that_no_request_holds(self):
        text = _changed('longest = 48 }', 'longest = 1025 }')
        self.refused(text, "1025", "'longest' is 1025 and a request has 1024 octets at most")


class TestInclude(_Folder):
    def _over(self, text):
        """(exit code, stdout, stderr) of a source that includes the shipped one."""
        self.write(_TEXT)
        path = self.write('include = ["meter.toml"]\n' + text, "over.toml")
        return _run("--source", path, "--out", self.folder)

    def _products(self, text):
        code, _, error = self._over(text)
        self.assertEqual((code, error), (0, ""))
        with open(os.path.join(self.folder, "docs", "objects.md"), encoding="utf-8") as f:
            return f.read()

    _SERIAL = ('[[object]]\nobis = "%s"\nname = "Mine"\nclass = 1\n'
               'value = { identity = "serial" }\naccess = "open"\n')

    def test_tables_are_merged_and_objects_replaced(self):
        before = self._products("")
        made = self._products('[identity]\nserial = "77"\n' + self._SERIAL % "0-0:96.1.0")
        self.assertIn("| 1 | `MCM77` |", made)
        self.assertIn("| 0-0:96.1.0.255 | 1 Data v0 | Mine |", made)
        self.assertNotIn("| Serial number |", made)
        self.assertEqual(made.count("\n"), before.count("\n"))
        made = self._products(self._SERIAL % "0-0:96.1.4")
        self.assertIn("| Serial number |", made)
        self.assertEqual(made.count("\n"), before.count("\n") + 1)

    def test_every_complaint_names_its_file_and_line(self):
        for text, where, words in (
            ('[identity]\nserial = "7 7"\n', "over.toml:3: ", "letters and digits"),
            ("[identity]\nserie = 1\n", "over.toml:3: ", "'serie' means nothing here"),
            (self._SERIAL % "0-0:96.1.0" + "x = 1\n", "over.toml:8: ", "'x' means nothing"),
            (2 * (self._SERIAL % "0-0:96.1.0"), "over.toml:9: ", "stands above already"),
            (2 * (self._SERIAL % "0-0:96.1.4"), "over.toml:9: ", "stands above already"),
            ("x = = 1\n", "over.toml:2: ", "not TOML"),
        ):
            code, out, error = self._over(text)
            self.assertEqual((code, out, error.count("\n")), (1, "", 1), error)
            self.assertIn(where, error)
            self.assertIn(words, error)
        line = [n for n, each in enumerate(_TEXT.splitlines(), 1) if each == "window = 7"][0]
        self.write(_set("window", "9"))
        over = self.write('include = ["meter.toml"]\n', "over.toml")
        self.assertIn("meter.toml:%d: 'window' is 9" % line, _run("--source", over)[2])

    def test_what_cannot_be_included(self):
        for name, words in (('"none.toml"', "there is no such file"), ('"../x.toml"', "of the same"),
                            ("5", "of the same folder"), ('"over.toml"', "included by itself")):
            path = self.write("include = [%s]\n" % name, "over.toml")
            code, out, error = _run("--source", path)
            self.assertEqual((code, out, error.count("\n")), (1, "", 1))
            self.assertIn("over.toml:1: ", error)
            self.assertIn(words, error)

    def test_the_other_sources_of_the_repository(self):
        for name in ("three_phase.toml", "stock.toml"):
            path = os.path.join(_ROOT, "firmware", name)
            code, _, error = _run("--source", path, "--out", self.folder)
            self.assertEqual((code, error), (0, ""))


_VOLTAGE = 'value = { slot = "VOLTAGE", type = "long-unsigned" }'
_BOOLEAN = 'value = { type = "boolean", value = true }'


class TestRefused(_Folder):
    def test_not_toml(self):
        self.refused(_set("window", "= 7"), "window = = 7", "not TOML")

    def test_unknown_keys(self):
        self.refused(_set("window", "7\nwindowz = 7"), "windowz", "'windowz' means nothing here")
        self.refused(_TEXT + "\n[extra]\nx = 1\n", "[extra]", "'extra' means nothing here")
        text = _changed(_BOOLEAN, 'value = { type = "boolean", value = true, hex = "00" }')
        self.refused(text, 'hex = "00" }', "'hex' means nothing here")

    def test_missing_keys(self):
        self.refused(_set("window", "7").replace("window = 7\n", ""), "[hdlc]",
                     "'window' is missing")

    def test_hdlc_limits_that_are_legal(self):
        for size in (32, 2030):
            self.assertEqual(self.made(_set("max_info", str(size)))["MAX_INFO"], size)
        for size in (0, 1, 2, 4):
            made = self.made(_set("hdlc_address_octets", str(size)))
            self.assertEqual(made["RS485_ADDRESS_OCTETS"], size)

    def test_hdlc_address_must_fit_its_octets(self):
        # 125 = 7D is the last free lower address of the two-octet form, 126 calls, 127 is all.
        text = _changed("hdlc_address_octets = 0", "hdlc_address_octets = 2")
        at = text.rindex("hdlc_address = 17")
        fits = text[:at] + text[at:].replace("17", "125", 1)
        self.refused(fits.replace("125", "126"), "hdlc_address_octets = 2", "126")
        self.assertEqual(self.made(fits)["RS485_PHYSICAL"], 125)

    def test_ranges_of_the_installation(self):
        for key, value in (
            ("window", "8"), ("window", "true"), ("window", '"7"'), ("max_info", "2031"),
            ("max_info", "31"), ("hdlc_address_octets", "3"), ("hdlc_address_octets", "5"),
            ("baud_max", "14400"), ("reaction_ms", "199"),
            ("inter_octet_ms", "19"), ("inactivity_s", "121"), ("max_octets", "63"),
            ("format", '"8E1"'), ("identification", '"MICRO/COSEM"'),
            ("identification", '"SEVENTEEN-LETTERS"'), ("manufacturer", '"MC"'),
            ("serial", '"12345678901234"'), ("firmware", '""'), ("time_zone_min", "900"),
            ("dst_begin", '"last sunday of march 24:00"'),
            ("rtc", '"pcf8563"'),
            ("address", '"localhost"'), ("address", '"1.2.3.256"'),
            ("dst_begin", '"first sunday of march 02:00"'), ("dst_enabled", "1"),
        ):
            self.refused(_set(key, value), "%s = %s" % (key, value))

    def test_quick_reaction_needs_the_promise(self):
        # A lower-case third letter promises 20 ms: then, and only then, 20 is allowed.
        text = _set("reaction_ms", "20")
        self.refused(text, "reaction_ms = 20", "200 to 1500")
        text = re.sub(r'(?m)^manufacturer = .*$', 'manufacturer = "MCm"', text)
        text = re.sub(r'(?m)^identification = .*$', 'identification = "TEST"', text)
        made = self.made(re.sub(r"(?m)^baud_max = .*$", "baud_max = 19200", text))
        self.assertEqual(made["REACTION_MS"], 20)
        self.assertEqual(made["IDENTIFICATION"], b"/MCm6\\2TEST\r\n")

    def test_wrapper(self):
        self.refused(_changed("port = 0\n", "port = 65536\n"), "port = 65536", "0 to 65535")
        made = self.made(_changed("port = 0\n", "port = 4059\n"))
        self.assertEqual((made["WRAPPER_ADDRESS"], made["WRAPPER_PORT"]), ("0.0.0.0", 4059))
        with open(os.path.join(self.folder, "docs", "objects.md"), encoding="utf-8") as f:
            self.assertIn("TCP and UDP port 4059 of 0.0.0.0", f.read())
    def test_every_speed_of_the_sign_on(self):
        # Z of IEC 62056-21: 0 to 6 for 300 to 19200 Bd.
        for z, baud in enumerate((300, 600, 1200, 2400, 4800, 9600, 19200)):
            made = self.made(_set("baud_max", baud))
            self.assertEqual(made["IDENTIFICATION"], b"/MCM%d\\2MICROCOSEM\r\n" % z)

    def test_duplicate(self):
        text = _TEXT + (
            '\n[[object]]\nobis = "1-0:1.8.0"\nname = "Again"\nclass = 3\nunit = "Wh"\n'
            'scaler = 0\nvalue = { type = "unsigned", value = 1 }\naccess = "metering"\n'
        )
        self.refused(text, 'obis = "1-0:1.8.0"', "1-0:1.8.0.255 of class 3 stands above already")

    def test_obis(self):
        for wrong in ("1-0:32.7", "1-0:256.7.0.255", "voltage", "1.0.32.7.0.255"):
            text = _changed('obis = "1-0:32.7.0.255"', 'obis = "%s"' % wrong)
            self.refused(text, 'obis = "%s"' % wrong, "no OBIS code")

    def test_class_and_version(self):
        text = _changed('name = "Voltage L1"\nclass = 3', 'name = "Voltage L1"\nclass = 300')
        self.refused(text, "class = 300", "does not serve class 300")
        text = _changed('name = "Clock"\nclass = 8', 'name = "Clock"\nclass = 8\nversion = 1')
        self.refused(text, "version = 1", "class 8 is served as version 0")

    def test_slot(self):
        text = _changed(_VOLTAGE, 'value = { slot = "VOLTAGES", type = "long-unsigned" }')
        self.refused(text, "VOLTAGES", "no live value 'VOLTAGES'")
        text = _changed('{ slot = "POWER", type = "double-long" }',
                        '{ slot = "POWER", type = "double-long-unsigned" }')
        self.refused(text, 'slot = "POWER",', "POWER can be negative")
        text = _changed(_VOLTAGE, 'value = { slot = "VOLTAGE", type = "float32" }')
        self.refused(text, '"VOLTAGE"', "a live value is an integer")

    def _object(self, name, **changes):
        """The source with lines of one object replaced; every new line is marked # here."""
        start = _TEXT.index('name = "%s"' % name)
        end = _TEXT.index("[[object]]", start)
        block = _TEXT[start:end]
        for key, value in changes.items():
            line = "%s = %s # here" % (key, value)
            block, count = re.subn(r"(?m)^%s = .*$" % key, lambda _: line, block)
            if not count:
                block = block.rstrip("\n") + "\n" + line + "\n\n"
        return _TEXT[:start] + block + _TEXT[end:]

    def test_units(self):
        self.refused(self._object("Voltage L1", unit='"volt"'), "# here", "'volt' is no unit")
        self.refused(self._object("Voltage L1", unit='"A"'), "# here",
                     "1-0:32.7.0.255 is a quantity in V, not in A")
        text = self._object("Active energy export", unit='"varh"')
        self.refused(text, "# here", "is a quantity in Wh, not in varh")

    def test_scaler_of_a_live_value(self):
        text = _changed('unit = "V"\nscaler = -2', 'unit = "V" # here\nscaler = -1')
        self.refused(text, "# here", "VOLTAGE counts in V with the scaler -2, not in V with -1")

    def test_unit_of_what_is_no_number(self):
        text = _changed('value = { type = "long-unsigned", value = 1000 }\nunit = "1/Wh"',
                        'value = { type = "boolean", value = true }\nunit = "1/Wh" # here')
        self.refused(text, "# here", "type boolean has the unit none and the scaler 0")

    def test_hdlc_setups(self):
        name = "HDLC setup of the RS-485 port"
        self.refused(self._object(name, port='"infrared"'), "# here", "no port 'infrared'")
        for code in ("1-1:22.0.0.255", "0-1:22.0.1.255", "0-1:23.0.0.255"):
            text = _changed('obis = "0-1:22.0.0.255"', 'obis = "%s" # here' % code)
            self.refused(text, "# here", "an HDLC setup is 0-b:22.0.0.255")
        text = self._object(name, port='"optical"')
        self.refused(text, "# here", "the port optical has the setup 0-0:22.0.0.255 of class 23")
        text = self._object(name, device="18")
        self.refused(text, "# here", "class 23 belongs to the management logical device")

    def test_local_port_setup(self):
        text = _changed('obis = "0-0:20.0.0.255"', 'obis = "0-0:20.0.1.255" # here')
        self.refused(text, "# here", "the setup of the optical port is 0-0:20.0.0.255")

    def test_class_1_has_no_unit(self):
        text = self._object("Frames dropped", unit='"none"')
        self.refused(text, "# here", "class 1 has no scaler_unit")

    def test_constants(self):
        for name, value, words in (
            ("long", '{ type = "long", value = 32768 }', "32768 is out of range for long"),
            ("long", '{ type = "long", value = -32769 }', "out of range"),
            ("unsigned", '{ type = "unsigned", value = -1 }', "out of range for unsigned, 0 to"),
            ("long", '{ type = "long", value = 1.5 }', "must be an integer"),
            ("long", '{ type = "long", value = true }', "must be an integer"),
            ("boolean", '{ type = "boolean", value = 1 }', "must be true or false"),
            ("long", '{ type = "int16", value = 1 }', "'int16' is no COSEM data type"),
            ("long", "5", "'value' must be a table"),
            ("octet-string", '{ type = "octet-string", hex = "0G" }', "hexadecimal digits"),
            ("octet-string", '{ type = "octet-string" }', "needs one of"),
            ("octet-string", '{ type = "octet-string", hex = "", text = "" }', "needs one of"),
            ("visible-string", '{ type = "visible-string", text = "\u00e4" }', "printable ASCII"),
            ("date", '{ type = "date", hex = "07E8" }', "has 5 octets, not 2"),
            ("bit-string", '{ type = "bit-string", bits = "012" }', "made of 0 and 1"),
            ("float32", '{ type = "float32", value = "x" }', "must be a number"),
            ("octet-string", '{ identity = "series" }', "no 'series'"),
            ("array", '{ type = "array", elements = [{ type = "long", value = 1 }, '
             '{ type = "unsigned", value = 1 }] }', "of one type"),
            ("array", '{ type = "array", elements = [{ type = "long", value = 99999 }] }',
             "99999 is out of range"),
            ("compact-array", '{ type = "compact-array", of = "array", values = [] }', "integers"),
        ):
            self.refused(self._object("Test value, " + name, value=value), "# here", words)

    def test_access(self):
        text = self._object("Voltage L1", access='"meters"')
        self.refused(text, "# here", "no access profile 'meters'")
        text = _changed('[access.metering]\nreader = "read"',
                        "[access.metering]\nreader = { read = [1, 2, 3, 4] }")
        self.refused(_mark(text, "Serial number", "open", "metering"), "# here",
                     "Data has no attribute 3 to read")

    def test_access_beyond_the_services(self):
        text = _changed('[access.metering]\nreader = "read"',
                        "[access.metering]\nreader = { write = [2] }")
        self.refused(_mark(text, "Serial number", "open", "metering"), "# here",
                     "'reader' may write and does not offer the service set")

    def test_secret_is_never_readable(self):
        text = _changed('[access.metering]', '[access.all]\nreader = { read = [1, 7] }\n\n'
                        '[access.metering]')
        self.refused(_mark(text, "Association of the reader", "secret", "all"), "# here",
                     "attribute 7 of Association LN is never read")

    def test_unused_profile(self):
        text = _changed("[access.open]", '[access.spare]\nreader = "read"\n\n[access.open]')
        self.refused(text, "[access.spare]", "no object uses")

    def test_unknown_association_in_a_profile(self):
        text = _changed('[access.metering]\nreader', '[access.metering]\nrader')
        self.refused(text, "rader", "no association 'rader'")

    def test_associations(self):
        reader = 'name = "reader"\nclient = 32\nserver = 1\n'
        for old, new, words in (
            ("client = 32", "client = 128", "must be 1 to 125"),
            ("client = 32", "client = 16 # here", "client 16 has the association 'public'"),
            ('name = "reader"', 'name = "public" # here', "'public' stands above already"),
            ("server = 1", "server = 2", "no logical device with the SAP 2"),
        ):
            self.refused(_changed(reader, reader.replace(old, new)), new, words)
        for old, new, words in (
            ('authentication = "low"\n', 'authentication = "high"', "'high' is not offered"),
            ('text = "12345678"', 'text = "%s"' % ("9" * 65), "1 to 64 octets"),
            ('"lowest"\n', '"lowest"\npassword = "x"', "without authentication there is no"),
        ):
            self.refused(_TEXT.replace(old, new + "\n" * old.endswith("\n"), 1),
                         new.split("\n")[-1], words)

    def test_settings(self):
        point = 'value = { type = "octet-string", text = "", longest = 48 }'
        for new, words in (
            (point.replace("48", "0"), "'longest' is 0 and must be 1 to 65535"),
            (point.replace('""', '"%s"' % ("x" * 49)), "the default is longer than 'longest'"),
            (point.replace(", longest = 48", ""), "may be written and its value is no setting"),
            ('value = { type = "null-data", setting = true }', "a setting has elements, a fixed size"),
            ('value = { type = "long", value = 5, min = 6, setting = true }', "'value' is 5 and"),
            ('value = { type = "long", value = 5, min = 6, max = 4, setting = true }', "'max' is 4"),
            ('value = { type = "unsigned", value = 5, max = 256, setting = true }', "0 to 255"),
            ('value = { type = "boolean", value = true, max = 1, setting = true }', "has no 'min'"),
            ('value = { type = "array", elements = [], setting = true }', "needs elements"),
            ('value = { type = "structure", setting = true, elements = '
             '[{ type = "null-data" }] }', "cannot be set"),
            ('value = { type = "structure", setting = true, elements = '
             '[{ type = "octet-string", text = "ABC", longest = 2 }] }', "longer than 'longest'"),
            ('value = { type = "array", setting = true, elements = [{ type = "long", value = 1, '
             'max = 2 }, { type = "long", value = 1 }] }', "all of one shape and range"),
            ('value = { slot = "VOLTAGE", type = "long" }', "may be written and its value is no"),
        ):
            code, _, error = self.make(_changed(point, new))
            self.assertEqual((code, error.count("\n")), (1, 1))
            self.assertIn(words, error)
        register = 'value = { slot = "VOLTAGE", type = "long-unsigned" }'
        new = 'value = { type = "long-unsigned", value = 1, setting = true }'
        code, _, error = self.make(_TEXT.replace(register, new, 1))
        self.assertEqual(code, 1)
        self.assertIn("a register is not set by a client", error)

    def test_demand(self):
        for changes, words in (
            ({"energy": '"both"'}, "'both' is neither import nor export"),
            ({"period_s": "0"}, "'period_s' is 0 and must be 1 to 86400"),
            ({"periods": "61"}, "'periods' is 61 and must be 1 to 60"),
            ({"scaler": "0"}, "demand is in W with the scaler -1"),
            ({"maxima": '["1-0:1.6.9"]'}, "no object 1-0:1.6.9.255 of class 4"),
            ({"maxima": '["maximum"]'}, "'maximum' is no OBIS code"),
        ):
            code, _, error = self.make(self._object("Demand, import", **changes))
            self.assertEqual((code, error.count("\n")), (1, 1))
            self.assertIn(words, error)
            self.assertIn("meter.toml:", error)

    def test_register_activation(self):
        rate = 'RATE1 = ["1-0:1.6.1", "1-0:2.6.1"]'
        for new, words in (
            (rate.replace("1.6.1", "1.8.0"), "1-0:1.8.0.255 is no energy by rate"),
            (rate.replace("1.6.1", "1.8.1"), "switches 1-0:1.8.1.255 as well"),
            (rate.replace("RATE1", "DAY"), "there is no mask 'RATE1'"),
            (rate.replace("RATE1", '""') + "\n" + rate, "a mask has 1 to 32 ASCII characters"),
        ):
            code, _, error = self.make(_changed(rate, new))
            self.assertEqual((code, error.count("\n")), (1, 1))
            self.assertIn(words, error)

    def test_what_the_firmware_does_not_set(self):
        clock = 'configurator = { read = "all", write = "all", methods = "all" }'
        for new, words in (
            ("configurator = { write = [9] }", "the firmware does not write attribute 9 of Clock"),
            ("configurator = { methods = [7] }", "Clock has no method 7 to call"),
        ):
            text = _TEXT.replace(clock, new, 1)
            self.assertNotEqual(text, _TEXT)
            code, _, error = self.make(text)
            self.assertEqual((code, error.count("\n")), (1, 1))
            self.assertIn(words, error)

    def test_readout(self):
        for old, new, words in (
            ('"1.8.0" =', '"1.8.1" =', "is read out as 1.8.0, not as 1.8.1"),
            ('"1.8.0" =', '"1.8.0.255.1" =', "is no reduced OBIS code C.D.E"),
            ('"1.8.0" =', '"1.8.256" =', "is no reduced OBIS code C.D.E"),
            ('= "1-0:1.8.0 kWh"', '= "1-0:1.8.9 kWh"', "no object 1-0:1.8.9.255 to read out"),
            ('= "1-0:1.8.0 kWh"', '= "1-0:1.8.0 kvarh"', "is in Wh, which 'kvarh' is not"),
            ('= "1-0:1.8.0 kWh"', '= "1-0:1.8.0 mWh"', "is in Wh, which 'mWh' is not"),
            ('= "1-0:1.8.0 kWh"', '= "1-0:1.8.0 k Wh"', "must be an OBIS code A-B:C.D.E.F and"),
            ('= "1-0:1.8.0 kWh"', '= "1.8.0"', "must be an OBIS code A-B:C.D.E.F and"),
            ('"1.8.0" = "1-0:1.8.0 kWh"', '"1.8.0" = 18', "must be a string"),
            ('= "1-0:13.7.0"', '= "1-0:13.7.0 k"', "is in none, which 'k' is not"),
            ('= "0-0:1.0.0 time"', '= "0-0:1.0.0"', "the 'time' or the 'date'"),
            ('= "0-0:1.0.0 time"', '= "0-0:1.0.0 date"', "the date of the clock is 0.9.2"),
            ('= "0-0:96.1.0"', '= "0-0:96.1.0 V"', "a text has no unit 'V'"),
            ('= "0-0:96.1.0"', '= "0-0:96.50.9"', "at most 32 printable characters"),
            ('= "0-0:96.1.0"', '= "0-0:96.51.0"', "at most 32 printable characters"),
            ('= "0-0:96.1.0"', '= "0-0:96.50.17"', "no live value, no constant text"),
            ('= "0-0:96.1.0"', '= "0-0:41.0.0"', "no object 0-0:41.0.0.255 to read out"),
            ('"0.2.0" =', '"0.2.1" =', "is read out as 0.2.0, not as 0.2.1"),
        ):
            text = _changed(old, new)
            line = [one for one in text.splitlines() if new in one]
            self.refused(text, line[0], words)
        text = _changed('"1.8.0" =', '"2.8.0" =')
        code, _, error = self.make(text)
        self.assertEqual((code, error.count("\n")), (1, 1))
        self.assertIn("this is not TOML", error)  # a line twice

    def test_conformance(self):
        text = _TEXT.replace('conformance = [\n  "get"', 'conformance = [ # here\n  "got"', 1)
        self.refused(text, '"got"', "'got' is no conformance bit")

    def test_mandatory_objects(self):
        for name, words in (
            ("COSEM logical device name", "'public' needs the object 0-0:42.0.0.255 of class 1"),
            ("SAP assignment", "'public' needs the object 0-0:41.0.0.255 of class 17"),
            ("Current association", "'public' needs the object 0-0:40.0.0.255 of class 15"),
            ("Association of the public client", "'public' sees no object 0-0:40.0.n.255"),
        ):
            self.refused(_without(name), 'name = "public"', words)
        self.refused(_without("Association of the reader"), 'name = "reader"', "'reader' sees no")
        text = _mark(_TEXT, "SAP assignment", "open", "metering").replace(" # here", "")
        self.refused(text, 'name = "public"', "0-0:41.0.0.255")

    def test_devices(self):
        for sap, words in ((2, "2 to 15 are reserved"), (15, "2 to 15 are reserved"),
                           (127, "127 means every device"), (0, "must be 1 to"),
                           (1, "the SAP 1 stands above already")):
            self.refused(_changed("sap = 18\n", "sap = %d # here\n" % sap), "# here", words)
        text = _TEXT.replace("client = 16\nserver = 18", "client = 17\nserver = 1")
        text = text.replace("client = 32\nserver = 18", "client = 33\nserver = 1")
        self.refused(text, "sap = 18", "no [[association]] leads to the logical device 18")
        text = _changed("sap = 1\n", "sap = 19 # here\n")
        code, _, error = self.make(text)
        self.assertEqual(code, 1)
        self.assertIn("the management logical device, [[device]] with sap = 1, is missing", error)
        for name, words in (("XYZ1", "must begin with the manufacturer"),
                            ("MCM10000001-12345", "at most 16")):
            text = _changed("sap = 1\n", 'sap = 1\nname = "%s" # here\n' % name)
            self.refused(text, "# here", words)
        text = _changed("sap = 18\n", 'sap = 18\nname = "MCM10000001" # here\n')
        self.refused(text, "# here", "the name MCM10000001 stands above already")
        text = _changed("sap = 1\n", 'sap = 1\nname = "MCM1"\n')
        text = text.replace('value = { identity = "logical_device_name" }',
                            'value = { identity = "serial" } # here', 1)
        self.refused(text, "# here", "is called MCM1 and this object says otherwise")

    def test_device_without_a_name_object(self):
        text = _without("COSEM logical device name of the submeter")
        self.refused(text, 'name = "submeter-public"', "needs the object 0-0:42.0.0.255")

    def test_association_objects(self):
        text = self._object("Current association", association='"reader"')
        self.refused(text, "# here", "nothing else is the current association")
        text = self._object("Association of the reader", association='"nobody"')
        self.refused(text, "# here", "no association 'nobody'")


def _mark(text, name, old, new):
    """The object's access changed from old to new, with # here behind it."""
    start = text.index('name = "%s"' % name)
    at = text.index('access = "%s"' % old, start)
    end = text.index("\n", at)
    return text[:at] + 'access = "%s" # here' % new + text[end:]


def _without(name):
    """The source without one object."""
    blocks = _TEXT.split("[[object]]")
    kept = [block for block in blocks if 'name = "%s"\n' % name not in block]
    if len(kept) != len(blocks) - 1:
        raise AssertionError(name)
    return "[[object]]".join(kept)


class TestProfiles(_Folder):
    """Profiles by name: the shipped daily profile, changed."""

    _COLUMNS = re.search(r'(?m)^name = "Daily profile"\n(?:.*\n)*?(columns = .*)$', _TEXT).group(1)

    def columns(self, *columns):
        return _changed(self._COLUMNS, "columns = [%s]" % ", ".join('"%s"' % one for one in columns))

    def wrong(self, words, *columns):
        text = self.columns(*columns)
        self.refused(text, text[text.index("columns = [%s" % ('"%s"' % columns[0])) :].split("\n")[0],
                     words)

    def test_columns(self):
        self.wrong("there is no object '1-0:77.8.0.255'", "1-0:77.8.0.255")
        self.wrong("no attribute 'volume', only logical_name, value, scaler_unit",
                   "1-0:2.8.0.255 volume")
        self.wrong("is no column: an OBIS code", "energy")
        self.wrong("at most the number of an element", "1-0:2.8.0.255 value two")
        self.wrong("a column stands there twice", "1-0:2.8.0.255", "1-0:2.8.0.255 value")
        self.wrong("the buffer of a profile is not captured", "0-0:98.1.0.255 buffer")
        self.wrong("an association tells of who asks", "0-0:40.0.1.255 object_list")
        self.wrong("a row has up to", "0-0:96.13.0.255", "0-0:96.1.10.255")

    def test_what_is_made(self):
        # class, A-B:C.D.E.F, attribute, element of each; sorted by the last one
        text = self.columns("0-0:1.0.0.255 time", "1-0:2.8.0.255 scaler_unit 2", "1-0:1.7.0.255")
        text = _changed("period_s = 86400", 'period_s = 86400\nsort = "largest 1-0:1.7.0.255"', text)
        pool = self.made(text)["POOL"]
        by = bytes.fromhex("0204 120003 0906010001070 0FF 0F02 120000".replace(" ", ""))
        self.assertIn(bytes.fromhex(
            "0103 0204120008 09060000010000FF 0F02 120000"
            "0204120003 0906010002 0800FF 0F03 120002") + by, pool)

    def test_sorting(self):
        for sort, words in (
            ("largets", "'largets' is none of fifo, lifo"),
            ("largest", "is by a column"),
            ("fifo 1-0:2.8.0.255", "is not by a column"),
            ("largest 1-0:32.7.0.255", "is not one of the columns"),
        ):
            text = _changed("period_s = 86400", 'period_s = 86400\nsort = "%s"' % sort)
            self.refused(text, 'sort = "%s"' % sort, words)

    def test_numbers(self):
        text = _changed("period_s = 86400", "period_s = -1")
        self.refused(text, "period_s = -1", "must be 0 to")


if __name__ == "__main__":
    unittest.main()
