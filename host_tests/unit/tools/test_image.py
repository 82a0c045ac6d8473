"""The tool for images: what it packs, what it says of what it cannot pack or send."""

import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import image_files
from microcosem import image, package
from microcosem.package import ImageError, Package

_MODULES = {"config.py": b"A = 1\n", "meter/energy.mpy": b"M\x06\x16\x1f" + bytes(200)}


class TestPackage(unittest.TestCase):
    def test_octets(self):
        """Another hand has put the same image together from the byte picture."""
        made = package.pack(Package("2.0", "BOARD", _MODULES, 0x1606))
        self.assertEqual(made, image_files.image(list(_MODULES.items()), mpy=0x1606))
        self.assertEqual(package.unpack(made), Package("2.0", "BOARD", _MODULES, 0x1606))

    def test_damage(self):
        made = package.pack(Package("2.0", "BOARD", _MODULES))
        for at in [*range(64), 64, 95, *range(160, len(made))]:
            bad = made[:at] + bytes((made[at] ^ 1,)) + made[at + 1 :]
            with self.assertRaises(ImageError):
                package.unpack(bad)
        for end in (0, 4, 159, 160, len(made) - 1):
            with self.assertRaises(ImageError):
                package.unpack(made[:end])

    def test_what_is_no_module(self):
        for name in ("a.txt", "other/a.py", "../a.py", "A.py", "meter/a/b.py", "boot.py",
                     "meter/slots.mpy", "port/files.py", ""):
            with self.assertRaises(ImageError, msg=name):
                package.pack(Package("2.0", "BOARD", {name: b""}))

    def test_texts(self):
        for identifier, board in (("", "B"), ("1", ""), ("x" * 33, "B"), ("1", "b" * 17),
                                  ("ü", "B")):
            with self.assertRaises(ImageError):
                package.pack(Package(identifier, board, _MODULES))
        with self.assertRaises(ImageError):
            package.pack(Package("1", "B", {}))

    def test_mpy(self):
        plain, native = b"M\x06\x00\x1f", b"M\x06\x16\x1f"  # 0x16: armv6m, sub-version 2
        self.assertEqual(package.mpy_of({"a.py": b""}), 0)
        self.assertEqual(package.mpy_of({"a.mpy": plain, "b.py": b"x"}), 0x0006)
        self.assertEqual(package.mpy_of({"a.mpy": plain, "b.mpy": native}), 0x1606)
        self.assertEqual(package.mpy_of({"a.mpy": native, "b.mpy": plain}), 0x1606)
        for other in (b"M\x05\x00\x1f", b"M\x06\x0a\x1f", b"M", b"import x\n"):
            with self.assertRaises(ImageError):
                package.mpy_of({"a.mpy": native, "b.mpy": other})

    def test_names(self):
        self.assertEqual(package.name_of("/x/firmware/lib/meter/energy.py"), "meter/energy.py")
        self.assertEqual(package.name_of("firmware/config.py"), "config.py")


class TestOctets(unittest.TestCase):
    def test_parameters(self):
        self.assertEqual(image.initiate("2.0", 294).hex(), "020209" "03322e30" "0600000126")
        self.assertEqual(image.block(b"abcdefg", 0, 5).hex(), "0202" "0600000000" "09056162636465")
        self.assertEqual(image.block(b"abcdefg", 1, 5).hex(), "0202" "0600000001" "09026667")
        long = image.block(bytes(512), 0, 512)
        self.assertEqual(long[:11].hex(), "0202" "0600000000" "09820200")
        self.assertEqual(len(long), 11 + 512)


class TestCommand(unittest.TestCase):
    """A mistake is one sentence on standard error and a code that is not 0."""

    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.module = self.folder / "config.py"
        self.module.write_text("A = 1\n")
        self.file = str(self.folder / "one.img")

    def run_it(self, *words):
        import contextlib
        import io

        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            code = image.main([str(word) for word in words])
        return code, out.getvalue(), errors.getvalue()

    def refused(self, *words):
        code, _, errors = self.run_it(*words)
        self.assertNotEqual(code, 0)
        self.assertEqual(len(errors.splitlines()), 1, errors)
        self.assertTrue(errors.startswith("image: "), errors)
        return errors

    def build(self, *words):
        return self.run_it("build", self.file, self.module, "--identifier", "2.0", *words)

    def test_sources(self):
        code, out, _ = self.build("--sources")
        self.assertEqual(code, 0)
        self.assertIn("1 modules, 2.0", out)
        found = package.unpack(Path(self.file).read_bytes())
        self.assertEqual(found, Package("2.0", "METER_PICO", {"config.py": b"A = 1\n"}))
        code, out, _ = self.run_it("info", self.file)
        self.assertEqual(code, 0)
        self.assertIn("METER_PICO", out)
        self.assertIn("config.py", out)

    def test_compiled(self):
        self.assertEqual(self.build()[0], 0)
        found = package.unpack(Path(self.file).read_bytes())
        self.assertEqual(list(found.modules), ["config.mpy"])
        self.assertEqual(found.mpy & 0xFF, found.modules["config.mpy"][1])

    def test_mistakes(self):
        self.assertIn("cannot be read", self.refused(
            "build", self.file, self.folder / "none.py", "--identifier", "1"))  # fmt: skip
        self.module.write_text("A = = 1\n")
        self.assertIn("cannot be compiled", self.refused(
            "build", self.file, self.module, "--identifier", "1"))  # fmt: skip
        self.assertIn("twice", self.refused(
            "build", self.file, self.module, self.module, "--sources", "--identifier", "1"))  # fmt: skip
        self.assertIn("cannot be written", self.refused(
            "build", self.folder, self.module, "--sources", "--identifier", "1"))  # fmt: skip
        self.assertIn("no image", self.refused("send", "socket://127.0.0.1:1", self.module))
        self.assertIn("cannot be read", self.refused("send", "socket://127.0.0.1:1", "none"))
        self.assertIn("no image", self.refused("info", self.module))

    def test_no_port(self):
        self.refused("info", "socket://127.0.0.1:1", "--hdlc")
