# Class 15, attribute 7: the configurator changes the LLS secrets that meter.toml ships.
import unittest

from cosem import associations, dispatch
from cosem_reading import CONFIGURATOR, READER, descriptor, read, request, unhex
from meter import events, settings

_READER, _CONFIGURATOR, _PUBLIC = "0-0:40.0.2", "0-0:40.0.3", "0-0:40.0.1"
_DENIED, _UNDEFINED, _FAILED, _UNMATCHED, _OTHER = 3, 4, 2, 12, 250
_NEW = "09 0A 6E65772073656372657 4"  # "new secret"


def put(code, text, who=CONFIGURATOR, dry=False):
    q = request(who)
    q.dry = dry
    octets = b"\xff" + unhex(text) + b"\xff"
    result = dispatch.open(q, descriptor(15, code, 7), 0, 1)
    return result or dispatch.set(q, octets, 1, len(octets) - 1)


def opens(association, secret):
    """Is this the secret? Octets around it must not matter."""
    return associations.secret_equal(association, b"\xff" + secret + b"\xff", 1, len(secret))


class TestSecret(unittest.TestCase):
    def setUp(self):
        self.saved = dict(settings._values)
        settings._values.clear()

    def tearDown(self):
        settings.use(None)
        settings._values.clear()
        settings._values.update(self.saved)

    def test_shipped(self):
        self.assertTrue(opens(READER, b"12345678"))
        self.assertFalse(opens(READER, b"87654321"))
        self.assertTrue(opens(CONFIGURATOR, b"87654321"))

    def test_changed(self):
        self.assertEqual(put(_READER, _NEW), 0)
        self.assertTrue(opens(READER, b"new secret"))
        for other in (b"12345678", b"new secreT", b"new secret1", b"new secre", b""):
            self.assertFalse(opens(READER, other))
        self.assertTrue(opens(CONFIGURATOR, b"87654321"))  # the others stay
        self.assertFalse(opens(4, b"new secret"))  # submeter-reader
        self.assertTrue(opens(4, b"12345678"))

    def test_own(self):
        self.assertEqual(put(_CONFIGURATOR, _NEW), 0)
        self.assertTrue(opens(CONFIGURATOR, b"new secret"))
        self.assertTrue(opens(READER, b"12345678"))

    def test_never_readable(self):
        put(_READER, _NEW)
        for who in (READER, CONFIGURATOR):
            self.assertEqual(read(who, 15, _READER, 7), _DENIED)

    def test_refused(self):
        for code, text, who, result in (
            (_READER, "09 07 30303030303030", CONFIGURATOR, _OTHER),
            (_READER, "09 00", CONFIGURATOR, _OTHER),
            (_READER, "09 41" + "30" * 65, CONFIGURATOR, _OTHER),
            (_READER, "0A 08 3030303030303030", CONFIGURATOR, _UNMATCHED),
            (_READER, "00", CONFIGURATOR, _UNMATCHED),
            (_READER, _NEW, READER, _DENIED),
            (_PUBLIC, _NEW, CONFIGURATOR, _DENIED),
        ):
            self.assertEqual(put(code, text, who), result, text)
        self.assertEqual(put(_READER, _NEW, dry=True), 0)
        self.assertTrue(opens(READER, b"12345678"))

    def test_longest(self):
        self.assertEqual(put(_READER, "09 40" + "30" * 64), 0)
        self.assertTrue(opens(READER, b"0" * 64))

    def test_stored_before_confirmed(self):
        class Full:
            def get(self, key):
                return None

            def put(self, key, octets):
                return False

        settings.use(Full())
        self.assertEqual(put(_READER, _NEW), _FAILED)
        self.assertTrue(opens(READER, b"12345678"))

    def test_event(self):
        raised = []
        before = events.raise_
        events.raise_ = raised.append
        try:
            put(_READER, "09 00")
            self.assertEqual(raised, [])
            put(_READER, _NEW)
        finally:
            events.raise_ = before
        self.assertEqual(raised, [48])


if __name__ == "__main__":
    unittest.main()
