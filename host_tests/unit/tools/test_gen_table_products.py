"""What the generator makes: octets, rights, logical devices, calibration; read back apart."""

import json
import re
import tempfile
import unittest
from pathlib import Path

from table import associations, calibration, classes, data, emit, installation, names, objects
from table import pack, readout, slots, source, taken

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

_ROOT = Path(__file__).resolve().parents[3]
_TEXT = (_ROOT / "firmware" / "meter.toml").read_text(encoding="utf-8")


def _section(text):
    """A Section of TOML text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.toml"
        path.write_text(text, encoding="utf-8")
        return source.read(path, "s.toml")


def _tables(text):
    """(objects, globals of the made table.py, the parsed TOML)."""
    root = _section(text)
    made = installation.read(root)
    devices = associations.devices(root, made.identity)
    known = associations.associations(root, devices, {})
    live = slots.read(_ROOT / "firmware/lib/meter/registers.py", "registers.py")
    access = associations.Access(root, known)
    found = objects.read(root, objects.Reader(made, devices, known, access, live))
    tables = {}
    lines = readout.read(root, found)
    exec(emit.table(pack.pack(found, known), found, known, lines), tables)
    return found, tables, tomllib.loads(text)


def _u16(octets, at):
    return octets[at] << 8 | octets[at + 1]


def _code(text):
    parts = [int(part) for part in re.split("[-:.]", text)]
    return bytes(parts + [255] * (6 - len(parts)))


class TestData(unittest.TestCase):
    def _encoded(self, text):
        return data.encode(_section("v = " + text).section("v"), {})[1]

    def test_vectors(self):
        # Octets that other programs made; vectors/axdr.json says which.
        with open(_ROOT / "host_tests" / "vectors" / "axdr.json", encoding="utf-8") as f:
            want = {v["name"]: bytes.fromhex(v["hex"]) for v in json.load(f)["vectors"]}
        for name, text in (
            ("axdr_null", '{ type = "null-data" }'),
            ("axdr_dontcare_FF", '{ type = "dont-care" }'),
            ("axdr_bool_false", '{ type = "boolean", value = false }'),
            ("axdr_bitstring_10101", '{ type = "bit-string", bits = "10101" }'),
            ("axdr_bitstring_16", '{ type = "bit-string", bits = "1111000000001111" }'),
            ("axdr_dlong_-1", '{ type = "double-long", value = -1 }'),
            ("axdr_dlongu_max", '{ type = "double-long-unsigned", value = 4294967295 }'),
            ("axdr_octets_empty", '{ type = "octet-string", hex = "" }'),
            ("axdr_octets_127", '{ type = "octet-string", hex = "%s" }' % ("55" * 127)),
            ("axdr_octets_128", '{ type = "octet-string", hex = "%s" }' % ("55" * 128)),
            ("axdr_octets_256", '{ type = "octet-string", hex = "%s" }' % ("AA" * 256)),
            ("axdr_visible_Hello", '{ type = "visible-string", text = "Hello" }'),
            ("axdr_utf8_aring", '{ type = "utf8-string", text = "\u00e5" }'),
            ("axdr_bcd_12", '{ type = "bcd", value = 0x12 }'),
            ("axdr_int8_-5", '{ type = "integer", value = -5 }'),
            ("axdr_uint16_50000", '{ type = "long-unsigned", value = 50000 }'),
            ("axdr_int64_-1", '{ type = "long64", value = -1 }'),
            ("axdr_uint64", '{ type = "long64-unsigned", value = 0x0123456789ABCDEF }'),
            ("axdr_enum_30", '{ type = "enum", value = 30 }'),
            ("axdr_float32_1.5", '{ type = "float32", value = 1.5 }'),
            ("axdr_float64_-2.25", '{ type = "float64", value = -2.25 }'),
            ("axdr_datetime_tag19_fixed12",
             '{ type = "date-time", hex = "07E80714060C1E0000800000" }'),
            ("axdr_array_empty", '{ type = "array", elements = [] }'),
            ("axdr_struct_scaler_unit", '{ type = "structure", elements = ['
             '{ type = "integer", value = -1 }, { type = "enum", value = 30 }] }'),
            ("axdr_compactarray_3_uint16",
             '{ type = "compact-array", of = "long-unsigned", values = [1, 2, 3] }'),
        ):
            self.assertEqual(self._encoded(text), want[name], name)

    def test_long_lengths(self):
        self.assertEqual(data.length(65535), b"\x82\xff\xff")
        self.assertEqual(data.length(65536), b"\x83\x01\x00\x00")


class TestRows(unittest.TestCase):
    def setUp(self):
        self.found, self.tables, self.toml = _tables(_TEXT)

    def _row(self, class_id, code, device=1):
        key = class_id.to_bytes(2, "big") + _code(code)
        rows = [self.tables["ROWS"][16 * i : 16 * i + 16]
                for i, item in enumerate(self.found) if item.device == device]
        self.assertEqual(rows, sorted(rows, key=lambda row: row[:8]))
        return [row for row in rows if row[:8] == key]

    def test_every_object_of_the_source_has_a_row(self):
        self.assertEqual(len(self.tables["ROWS"]), 16 * len(self.toml["object"]))
        registers = (_ROOT / "firmware/lib/meter/registers.py").read_text(encoding="utf-8")
        for item in self.toml["object"]:
            rows = self._row(item["class"], item["obis"], item.get("device", 1))
            self.assertEqual(len(rows), 1, item["obis"])
            row = rows[0]
            slot = item.get("value", {}).get("slot")
            if slot:
                number = re.search(r"(?m)^_SLOT_%s = const\((\d+)\)" % slot, registers).group(1)
                self.assertEqual((row[10], _u16(row, 12)), (1, int(number)))
            if item["class"] == 3:
                pair = self.tables["SCALERS"][2 * row[11] : 2 * row[11] + 2]
                self.assertEqual(pair[0], item["scaler"] & 255)

    def test_live_types(self):
        # Tags: 18 long-unsigned, 6 double-long-unsigned, 5 double-long, 16 long.
        for code, tag in (("1-0:32.7.0", 18), ("1-0:1.8.0", 6), ("1-0:16.7.0", 5),
                          ("1-0:13.7.0", 16)):
            self.assertEqual(_u16(self._row(3, code)[0], 14), tag)

    def test_constants_lie_in_the_pool(self):
        row = self._row(1, "0-0:96.50.10")[0]
        start, size = _u16(row, 12), _u16(row, 14)
        self.assertEqual(row[10], 2)
        self.assertEqual(self.tables["POOL"][start : start + size], b"\x0a\x05Hello")

    def test_docs_show_every_object(self):
        text = (_ROOT / "docs" / "objects.md").read_text(encoding="utf-8")
        for item in self.toml["object"]:
            self.assertIn("| %s | %d " % (item["obis"], item["class"]), text)


class TestReadout(unittest.TestCase):
    def _lines(self, text):
        """(octets of the records, texts of the lines) of a changed [readout] table."""
        start = _TEXT.index("[readout]")
        end = _TEXT.index("# Access profiles.", start)
        _, tables, _ = _tables(_TEXT[:start] + text + _TEXT[end:])
        return tables["READOUT"]

    def test_records(self):
        # size 6 + head + tail, form 1, slot 9, digits of 4294967295, Wh to kWh, octets of the head
        self.assertEqual(self._lines('[readout]\n"1.8.0" = "1-0:1.8.0 kWh"\n'),
                         bytes((17, 1, 9, 10, 3, 6)) + b"1.8.0(" + b"*kWh)")
        # long-unsigned: five digits, two of them decimals
        self.assertEqual(self._lines('[readout]\n"32.7.0" = "1-0:32.7.0"\n'),
                         bytes((16, 1, 0, 5, 2, 7)) + b"32.7.0(" + b"*V)")
        # form 0, the row in the place of slot and digits
        rows = [item.obis for item in _tables(_TEXT)[0]]
        at = rows.index(_code("0-0:96.1.0"))
        self.assertEqual(self._lines('[readout]\n"0.0.1" = "0-0:96.1.0"\n'),
                         bytes((13, 0, 0, at, 0, 6)) + b"0.0.1(" + b")")
        self.assertEqual(self._lines('[readout]\n"0.9.2" = "0-0:1.0.0 date"\n'),
                         bytes((13, 3, 0, 0, 0, 6)) + b"0.9.2(" + b")")

    def test_mega_and_no_unit(self):
        made = self._lines('[readout]\n"1.8.0" = "1-0:1.8.0 MWh"\n"96.60.1" = "0-0:96.60.1"\n')
        self.assertEqual(made, bytes((17, 1, 9, 10, 6, 6)) + b"1.8.0(" + b"*MWh)"
                         + bytes((15, 1, 13, 10, 0, 8)) + b"96.60.1(" + b")")

    def test_none(self):
        self.assertEqual(self._lines(""), b"")


class TestLocalPort(unittest.TestCase):
    def _setup(self, *changes):
        text = _TEXT
        for old, new in changes:
            self.assertEqual(text.count(old), 1, old)
            text = text.replace(old, new)
        found = [item for item in _tables(text)[0] if item.class_id == 19]
        return [b"".join(item.attributes[k] for k in range(2, 7)) for item in found]

    def test_follows_the_port(self):
        # default_mode, default_baud, prop_baud, response_time enums; device_addr
        self.assertEqual(self._setup(), [b"\x16\0\x16\0\x16\5\x16\1\x09\x0810000001"])
        quick = self._setup(('manufacturer = "MCM"', 'manufacturer = "MCm"'),
                               ("baud_max = 9600", 'baud_max = 300\naddress = "42"'))
        self.assertEqual(quick, [b"\x16\0\x16\0\x16\0\x16\0\x09\x0242"])

    def test_every_speed(self):
        # Z 0 to 6 of IEC 62056-21; 115200 Bd, an agreement outside of it, is 9 of the enumeration.
        for code, baud in enumerate((300, 600, 1200, 2400, 4800, 9600, 19200)):
            made = self._setup(("baud_max = 9600", f"baud_max = {baud}"))
            self.assertEqual(made[0][5], code)
        self.assertEqual(self._setup(("baud_max = 9600", "baud_max = 115200"))[0][5], 9)


class TestHdlcSetups(unittest.TestCase):
    def test_follow_the_ports(self):
        # comm_speed, windows, sizes of information fields, time-outs in ms and s, lower address
        text = _TEXT.replace("baud = 9600", "baud = 115200").replace("window = 7", "window = 3")
        text = text.replace("inactivity_s = 120", "inactivity_s = 60")
        found = [item for item in _tables(text)[0] if item.class_id == 23]
        made = [b"".join(item.attributes[k] for k in range(2, 10)) for item in found]
        same = bytes.fromhex("1103 1103 120200 120200 1200C8 12003C 120011")
        self.assertEqual(made, [b"\x16\x05" + same, b"\x16\x09" + same])
        self.assertEqual([item.argument for item in found], [0, 1])


class TestRights(unittest.TestCase):
    def test_masks(self):
        # A client that may set and act; clock: read 1 and 3, write 2, call method 1.
        text = _TEXT.replace('[\n  "get", "block-transfer', '["get", "set", "action", "block-transfer')
        text = text.replace("[access.open]", "[access.odd]\npublic = { read = [1, 3], "
                            'write = [2], methods = [1] }\nreader = "read"\n\n[access.open]')
        text = text.replace("[access.clock]\npublic", '[access.clock2]\npublic')
        text = re.sub(r"(?s)\[access.clock2\].*?\n\n", "", text)
        text = text.replace('access = "clock"', 'access = "odd"')
        found, tables, _ = _tables(text)
        index = [i for i, item in enumerate(found) if item.name == "Clock"][0]
        profile = tables["ROWS"][16 * index + 9]
        at = profile * 8 * (len(tables["ASSOCIATIONS"]) // 19)
        rights = tables["ACCESS"][at : at + 24]
        # attributes 9, methods 6 | read 101b | write 010b | call 1b; reader: read all nine
        self.assertEqual(rights[:16], bytes.fromhex("0906 0005 0002 0001  0906 01FF 0000 0000"))
        # configurator, not named: nothing
        self.assertEqual(rights[16:], bytes.fromhex("0906 0000 0000 0000"))
        # Bits 2, 9, 10, 11, 14, 17 access, 19 get, 20 set, 23 action.
        self.assertEqual(tables["ASSOCIATIONS"][5:8], bytes.fromhex("207259"))

    def test_settings(self):
        # kind 3: first entry, 0 | entries; entry: default in the pool, key, longest
        text = _TEXT.replace('text = "", longest = 48', 'text = "AB", longest = 48')
        text = text.replace(
            'name = "Consumer message"\nclass = 1\nvalue = { type = "octet-string", text = "", '
            "longest = 512 }",
            'name = "Consumer message"\nclass = 1\nvalue = { type = "long", value = -2, '
            "setting = true }")
        found, tables, _ = _tables(text)
        longest = []
        for index, item in enumerate(found):
            row = tables["ROWS"][16 * index : 16 * index + 16]
            if row[10] == 3 and item.class_id in (1, 8192):
                self.assertEqual(_u16(row, 14), 2 if item.obis[2:4] == b"\x60\x34" else 1)
                entry = tables["ATTRIBUTES"][8 * _u16(row, 12) :]
                default = tables["POOL"][_u16(entry, 0) : _u16(entry, 0) + _u16(entry, 2)]
                self.assertEqual(default, item.attributes[2])
                longest.append(_u16(entry, 6))
        self.assertEqual(longest, [32, 48, 0, 16, 0, 0, 0, 0, 0, 512])
        no_bits = b"\x06\x00\x00\x00\x00"  # error and alarm register
        wanted = [b"\x09\x00", b"\x09\x02AB", b"\x10\xff\xfe", b"\x09\x05RATE1",
                  bytes.fromhex("01 02 10 FFFE 10 0003"), bytes.fromhex("02 03 11 C8 09 00 03 01"),
                  bytes.fromhex("12 0384"), no_bits, no_bits, b"\x09\x00"]
        self.assertEqual([item.attributes[2] for item in found
                          if item.kind == 3 and item.class_id in (1, 8192)], wanted)

    def test_shapes(self):
        # dlms/shape.py: FC type lowest highest, the sign turned over: 7F9C and 8064 are -100 and 100
        found, _, _ = _tables(_TEXT)
        shapes = [item.attributes[3] for item in found if item.obis[2:4] == b"\x60\x34"]
        self.assertEqual(shapes, [bytes.fromhex("01 FC 10 7F9C 8064"),
                                  bytes.fromhex("02 03 FC 11 0A FA 09 00 10 03"),
                                  bytes.fromhex("FC 12 003C 0E10")])

    def test_keys_belong_to_the_object_and_not_to_its_row(self):
        # CRC-CCITT of 0001 0001 00 00 60 0D 00 FF 02, the consumer message, from FFFF
        crc = 0xFFFF
        for octet in bytes.fromhex("0001 0001 0000600D00FF 02"):
            crc ^= octet << 8
            for _ in range(8):
                crc = crc << 1 & 0xFFFF ^ (0x1021 if crc & 0x8000 else 0)
        for text in (_TEXT, _TEXT.replace('obis = "0-0:96.1.10.255"', 'obis = "0-0:96.1.9.255"')):
            found, tables, _ = _tables(text)
            row = [i for i, item in enumerate(found) if item.name == "Consumer message"][0]
            entry = 8 * _u16(tables["ROWS"], 16 * row + 12)
            self.assertEqual(_u16(tables["ATTRIBUTES"], entry + 4), crc)

    def test_document_lists_what_may_be_written(self):
        text = (_ROOT / "docs" / "objects.md").read_text(encoding="utf-8")
        _, _, written = text.partition("## Attributes that may be written")
        written, _, called = written.partition("## Methods that may be called")
        self.assertIn("| 0-0:1.0.0.255 | 8 | 6 shift_time | long, -900 to 900 seconds | configurator |", called)
        toml = tomllib.loads(_TEXT)
        wanted = {}  # two logical devices may have an object of the same name
        for item in toml["object"]:
            rights = toml["access"][item["access"]].values()
            settable = any("write" in one for one in rights if isinstance(one, dict))
            settable = settable and bool(names.SERVED[item["class"]][0])
            line = "| %s | %d " % (item["obis"], item["class"])
            wanted[line] = wanted.get(line, False) or settable
        for line, settable in wanted.items():
            self.assertEqual(line in written, settable, line)
        self.assertEqual(written.count("| 0-0:1.0.0.255 | 8 |"), 6)  # 2, 3 and 5 to 8

    def test_views(self):
        found, tables, toml = _tables(_TEXT)
        for index, who in enumerate(toml["association"]):
            row = tables["ASSOCIATIONS"][19 * index : 19 * index + 19]
            start, count = _u16(row, 15), _u16(row, 17)
            seen = [_u16(tables["VIEWS"], 2 * k) for k in range(start, start + count)]
            want = [
                i for i, item in enumerate(found)
                if item.device == who["server"]
                and who["name"] in toml["access"][self._profile(toml, item)]
            ]
            self.assertEqual(seen, want)

    def _profile(self, toml, item):
        return [entry["access"] for entry in toml["object"]
                if _code(entry["obis"]) == item.obis and entry["class"] == item.class_id
                and entry.get("device", 1) == item.device][0]


_SECOND = """
[[object]]
obis = "0-0:42.0.0.255"
name = "Name of the second device"
class = 1
device = 20
value = { type = "octet-string", text = "MCM2" }
access = "second"

[[object]]
obis = "0-0:40.0.0.255"
name = "Current association of the second device"
class = 15
device = 20
association = "current"
access = "second"

[[object]]
obis = "0-0:40.0.1.255"
name = "Its public client"
class = 15
device = 20
association = "public 2"
access = "second"
"""


class TestDevices(unittest.TestCase):
    def test_another_logical_device(self):
        text = _TEXT.replace("sap = 1\n", 'sap = 1\n\n[[device]]\nsap = 20\nname = "MCM2"\n', 1)
        text = text.replace(
            "# Access profiles.",
            '[[association]]\nname = "public 2"\nclient = 16\nserver = 20\ncontext = "LN"\n'
            'authentication = "lowest"\nconformance = ["get"]\n\n'
            '[access.second]\n"public 2" = "read"\n\n# Access profiles.')
        found, tables, _ = _tables(text + _SECOND)
        first = len(found) - 3
        self.assertEqual([item.device for item in found[first - 1 :]], [18, 20, 20, 20])
        row = tables["ASSOCIATIONS"][-19:]
        self.assertEqual(row[:3], bytes([16, 0, 20]))
        self.assertEqual((_u16(row, 11), _u16(row, 13)), (first, first + 3))
        self.assertEqual(_u16(row, 17), 3)
        management = [item for item in found if item.device == 1]
        self.assertEqual(_u16(tables["ASSOCIATIONS"], 13), len(management))
        # 01 03 | {1, MCM10000001} | {18, MCM10000001-18} | {20, MCM2}
        want = (b"\x01\x03\x02\x02\x12\x00\x01\x09\x0bMCM10000001"
                b"\x02\x02\x12\x00\x12\x09\x0eMCM10000001-18"
                b"\x02\x02\x12\x00\x14\x09\x04MCM2")
        self.assertIn(want, tables["POOL"])

    def test_the_submeter(self):
        # The same OBIS codes in both devices, bound to the two current inputs.
        found, _, _ = _tables(_TEXT)
        bound = {(item.device, item.obis): item.source for item in found if item.class_id == 3}
        current, power = _code("1-0:31.7.0"), _code("1-0:16.7.0")
        self.assertEqual((bound[1, current], bound[18, current]),
                         ("live CURRENT_1", "live CURRENT_2"))
        self.assertEqual((bound[1, power], bound[18, power]), ("live POWER", "live POWER_2"))


class TestDamaged(unittest.TestCase):
    """A source damaged in one line is made, or refused with a line and a sentence."""

    _VALUES = ("5", '"x"', '""', "true", "[]", "{}", "-1", "1.5", "nan", "[5]", "{ type = 5 }",
               '{ type = "array", elements = [5] }', "{ read = [true] }", "1979-05-27")
    _EVERY = 17  # of some 6000 damages; all were tried once

    def _damages(self):
        lines = _TEXT.splitlines()
        for at, line in enumerate(lines):
            key = re.match(r"([\w]+ = )", line)
            news = ["", line + "\n" + line]
            if key:
                news += [key.group(1) + value for value in self._VALUES]
            elif line.startswith("["):
                news += ["[x]", "[[x]]", "[object]", "[access]"]
            for new in news:
                yield "\n".join(lines[:at] + [new] + lines[at + 1 :])

    def test_damages(self):
        tried = refused = 0
        for text in list(self._damages())[:: self._EVERY]:
            tried += 1
            try:
                _tables(text)
            except source.SourceError as error:
                refused += 1
                self.assertRegex(str(error), r"^s\.toml:\d+: [^\n]*\.$")
        self.assertTrue(tried > 300 and refused > tried // 2)


class TestCalibration(unittest.TestCase):
    def test_of_the_board(self):
        with open(_ROOT / "boards" / "METER_PICO" / "front_end.toml", "rb") as f:
            end = tomllib.load(f)
        text = (_ROOT / "boards" / "METER_PICO" / "front_end.toml").read_text(encoding="utf-8")
        got = calibration.nominal(_section(text))
        adc, pin = end["adc"], end["pin"]
        # u per volt at the pin: 8 * 4131.6 steps over the reference.
        volts = adc["reference_v"] / (8 * (4096 + 4 * adc["wide_extra_steps"]))
        self.assertAlmostEqual(got[0], volts / pin["voltage_v_per_v"] * 1e9, delta=1)
        self.assertAlmostEqual(got[1], volts / pin["current_v_per_a"] * 1e9, delta=1)
        self.assertEqual(got[2], got[1])
        self.assertEqual(got[3:5], (41667, 83333))  # thirds of 125 us
        self.assertEqual(got[5], 71)  # 8 * 8.9 = 71.2
        self.assertEqual(got[6], 69)  # 64 * (1 + 1/12) = 69.33
        self.assertEqual(got[7:], (575, 20))  # 230 V * 5 mA / 2

    def test_leads(self):
        text = (_ROOT / "boards" / "METER_PICO" / "front_end.toml").read_text(encoding="utf-8")
        shifted = re.sub(r"lead_ns = \[0, 0\]", "lead_ns = [-1667, 5000]", text)
        self.assertEqual(calibration.nominal(_section(shifted))[3:5], (40000, 88333))
        wrong = re.sub(r"lead_ns = \[0, 0\]", "lead_ns = [-50000, 0]", text)
        with self.assertRaises(source.SourceError) as caught:
            calibration.nominal(_section(wrong))
        line = [n for n, t in enumerate(wrong.splitlines(), 1) if t.startswith("lead_ns")][0]
        self.assertIn("s.toml:%d: " % line, str(caught.exception))


class TestAgreement(unittest.TestCase):
    """Things written down twice, on purpose, stay equal."""

    def test_every_class_has_a_file(self):
        self.assertEqual(set(classes.FILES), set(names.CLASSES))
        for number, module in classes.FILES.items():
            self.assertIn("get", classes.File(module).names, number)

    def test_attributes_and_methods_of_the_firmware(self):
        nothing = ((), ())
        for number, module in classes.FILES.items():
            found = classes.File(module).names
            served = names.SERVED.get(number, nothing)
            self.assertEqual("set" in found, bool(served[0]), module)
            self.assertEqual("act" in found, bool(served[1]), module)

    def test_what_is_taken_is_documented(self):
        # All that is served, and nothing else; Data and Echo say it with their value.
        attributes = {(number, k) for number, (them, _) in names.SERVED.items() for k in them}
        self.assertEqual(set(taken.WRITTEN), attributes - {(1, 2), (8192, 2)})
        methods = {(number, k) for number, (_, them) in names.SERVED.items() for k in them}
        self.assertEqual(set(taken.CALLED), methods)

    def test_classes_without_objects_are_left_out(self):
        made = [objects.Object(None, "", bytes(6), number, 0, 1, []) for number in (3, 15, 70)]
        text = classes.text(made, "head")
        self.assertEqual(re.findall(r"(?m)^    (\w+),$", text),
                         ["association_ln", "disconnect_control", "register"])
        self.assertIn("MAKE = {\n    70: disconnect_control.DisconnectControl,\n}\n", text)
        self.assertIn("RETURNED = {}\n", text)
        self.assertIn("START = ()\n", text)

    def test_events_start_with_the_objects_that_show_them(self):
        for obis in (b"\0\0\x63\x62\1\xff", b"\0\0\x60\x0b\0\xff", b"\0\0\x61\x62\0\xff"):
            made = [objects.Object(None, "", obis, 1, 0, 1, [])]
            self.assertIn("START = (event_objects.start,)\n", classes.text(made, "head"))

    def test_changes_are_counted_where_an_object_shows_them(self):
        made = [objects.Object(None, "", b"\0\0\x60\2\0\xff", 1, 0, 1, []),
                objects.Object(None, "", b"\0\0\x60\x0b\0\xff", 1, 0, 1, [])]
        text = classes.text(made, "head")
        self.assertIn("START = (configuration.start, event_objects.start)\n", text)
        self.assertIn("CHANGED = (configuration.changed,)\n", text)
        self.assertIn("CHANGED = ()\n", classes.text(made[1:], "head"))

    def test_units_of_the_slots(self):
        # registers.py says what a count is: `# 10 mV`, `# 0.1 W, positive = import`, `# Wh`.
        text = (_ROOT / "firmware/lib/meter/registers.py").read_text(encoding="utf-8")
        prefix = {"m": -3, "": 0}
        for name, (unit, scaler, _) in slots.MEANINGS.items():
            note = re.search(r"(?m)^_SLOT_%s = const\(\d+\)  # (.*)$" % name, text).group(1)
            match = re.match(r"([\d.]+)?\s*(m)?(Wh|VAh|VA|varh|var|V|A|W|Hz|s|deg)?\b", note)
            number = match.group(1) or "1"
            exponent = len(number) - 1 if number[0] == "1" else -len(number.split(".")[1])
            self.assertEqual(match.group(3) or "none", unit, name)
            self.assertEqual(exponent + prefix[match.group(2) or ""], scaler, name)

    def test_every_slot_with_a_unit_is_known(self):
        known = slots.read(_ROOT / "firmware/lib/meter/registers.py", "registers.py")
        self.assertEqual(set(slots.MEANINGS) - set(known), set())
        self.assertEqual(len(set(known.values())), len(known))
        self.assertEqual(set(known) - set(slots.MEANINGS), {
            "SAMPLE_OVERRUNS", "FRAMES_DROPPED", "PROFILE_STATUS_1", "PROFILE_STATUS_2",
            "EVENT_STANDARD", "EVENT_FRAUD", "EVENT_DISCONNECTOR", "EVENT_QUALITY",
            "EVENT_COMMUNICATION", "POWER_FAILURES", "CONFIGURATION_CHANGES"})

    def test_units_of_obis_codes(self):
        # IEC 62056-61, electricity: C 1 2 active, 3 4 reactive, 9 10 apparent; D 7 now, 8 energy.
        for code, unit in (
            ("1-0:1.8.0", "Wh"), ("1-0:21.7.0", "W"), ("1-0:3.8.1", "varh"), ("1-0:52.7.0", "V"),
            ("1-0:71.7.0", "A"), ("1-0:9.7.0", "VA"), ("1-0:14.7.0", "Hz"), ("0-0:1.8.0", None),
            ("1-0:32.7.5", None), ("1-0:0.3.0", None), ("1-0:128.7.0", None),
        ):
            self.assertEqual(names.unit_of(_code(code)), unit, code)


if __name__ == "__main__":
    unittest.main()
