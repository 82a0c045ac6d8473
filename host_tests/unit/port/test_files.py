# The files of the meter, in a folder of the machine that runs the tests.
import os
import time
import unittest

from meter import slots
from port import files
from port.files import Files

_BUILD = __file__.replace("\\", "/").rsplit("/", 4)[0] + "/build"


class TestFiles(unittest.TestCase):
    def setUp(self):
        try:
            os.mkdir(_BUILD)
        except OSError:
            pass  # it is there
        self.folder = "%s/files-%d" % (_BUILD, time.time_ns() % 1000000007)
        self.files = Files(self.folder)
        self.files.start()

    def tearDown(self):
        for name in self.files.names(""):
            if name in ("a", "b"):
                self.files.rmdir(name)
            else:
                self.files.remove(name)
        os.rmdir(self.folder)

    def test_start_again(self):
        self.files.start()
        self.assertEqual(self.files.names(""), [])

    def test_a_file(self):
        self.assertFalse(self.files.has("one"))
        slots.save(self.files, "one", b"12")
        slots.save(self.files, "one", b"345")
        self.assertTrue(self.files.has("one"))
        self.assertEqual(slots.load(self.files, "one"), b"345")
        self.assertEqual(self.files.names(""), ["one"])
        file = self.files.open("one", "r+b")
        file.seek(1)
        file.write(b"x")
        file.close()
        self.assertEqual(slots.load(self.files, "one"), b"3x5")
        self.files.remove("one")
        self.assertEqual(slots.load(self.files, "one"), b"")

    def test_a_folder(self):
        self.files.mkdir("a")
        self.assertTrue(self.files.has("a"))
        self.assertEqual(self.files.names("a"), [])
        self.assertEqual(self.files.names("b"), [])
        self.assertEqual(self.files.path("a"), self.folder + "/a")
        self.files.rmdir("a")
        self.assertFalse(self.files.has("a"))

    def test_free(self):
        self.assertGreater(self.files.free(), 100000)

    def test_what_is_missing(self):
        with self.assertRaises(OSError):
            self.files.open("none", "rb")
        with self.assertRaises(OSError):
            self.files.remove("none")

    def test_on_the_board(self):
        self.assertEqual(Files().path("a"), files.FOLDER + "/a")
