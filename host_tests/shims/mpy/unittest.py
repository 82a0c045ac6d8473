"""unittest for MicroPython: the part the unit tests use, so one file runs on both interpreters."""

import sys


class SkipTest(Exception):
    """Never raised here; the name is there for code that expects it."""


class _Raises:
    def __init__(self, expected):
        self.expected = expected
        self.exception = None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            raise AssertionError("%r not raised" % self.expected)
        self.exception = value
        return issubclass(kind, self.expected)


class _SubTest:
    def __init__(self, owner, text):
        self.owner = owner
        self.text = text

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None or not issubclass(kind, Exception):
            return False
        self.owner.failures.append((self.text, value))
        return True


class TestCase:
    def __init__(self):
        self.failures = []

    def setUp(self):
        pass

    def tearDown(self):
        pass

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def fail(self, msg=None):
        raise AssertionError(msg or "failed")

    def _check(self, good, text, msg):
        if not good:
            raise AssertionError(text if msg is None else "%s: %s" % (text, msg))

    def subTest(self, msg=None, **params):
        return _SubTest(self, "%s %s" % (msg or "", params or ""))

    def assertEqual(self, a, b, msg=None):
        if not a == b:  # the text of two long lists may not fit the heap
            self._check(False, "%r != %r" % (a, b), msg)

    def assertNotEqual(self, a, b, msg=None):
        if a == b:
            self._check(False, "%r == %r" % (a, b), msg)

    def assertTrue(self, a, msg=None):
        self._check(a, "%r is not true" % (a,), msg)

    def assertFalse(self, a, msg=None):
        self._check(not a, "%r is not false" % (a,), msg)

    def assertIs(self, a, b, msg=None):
        self._check(a is b, "%r is not %r" % (a, b), msg)

    def assertIsNot(self, a, b, msg=None):
        self._check(a is not b, "%r is %r" % (a, b), msg)

    def assertIsNone(self, a, msg=None):
        self._check(a is None, "%r is not None" % (a,), msg)

    def assertIsNotNone(self, a, msg=None):
        self._check(a is not None, "it is None", msg)

    def assertIn(self, a, b, msg=None):
        self._check(a in b, "%r not in %r" % (a, b), msg)

    def assertNotIn(self, a, b, msg=None):
        self._check(a not in b, "%r in %r" % (a, b), msg)

    def assertLess(self, a, b, msg=None):
        self._check(a < b, "%r not < %r" % (a, b), msg)

    def assertLessEqual(self, a, b, msg=None):
        self._check(a <= b, "%r not <= %r" % (a, b), msg)

    def assertGreater(self, a, b, msg=None):
        self._check(a > b, "%r not > %r" % (a, b), msg)

    def assertGreaterEqual(self, a, b, msg=None):
        self._check(a >= b, "%r not >= %r" % (a, b), msg)

    def assertIsInstance(self, a, kind, msg=None):
        self._check(isinstance(a, kind), "%r is no %r" % (a, kind), msg)

    def assertAlmostEqual(self, a, b, places=7, msg=None, delta=None):
        limit = 0.5 * 10**-places if delta is None else delta
        self._check(abs(a - b) <= limit, "%r is not within %r of %r" % (a, limit, b), msg)

    def assertRaises(self, expected, function=None, *args, **kwargs):
        context = _Raises(expected)
        if function is None:
            return context
        with context:
            function(*args, **kwargs)
        return context


def _report(name, error, failed):
    print("FAIL", name)
    sys.print_exception(error)
    failed.append(name)


def _run_one(cls, name, failed):
    case = cls()
    title = "%s.%s" % (cls.__name__, name)
    try:
        case.setUp()
        try:
            getattr(case, name)()
        finally:
            case.tearDown()
    except Exception as error:
        _report(title, error, failed)
    for text, error in case.failures:
        _report("%s [%s]" % (title, text), error, failed)


def run_module(module):
    """Run every TestCase of a module; (tests run, names of the failed ones)."""
    failed = []
    count = 0
    for attribute in sorted(dir(module)):
        cls = getattr(module, attribute)
        if not (isinstance(cls, type) and issubclass(cls, TestCase)) or cls is TestCase:
            continue
        cls.setUpClass()
        for name in sorted(dir(cls)):
            if name.startswith("test"):
                count += 1
                _run_one(cls, name, failed)
        cls.tearDownClass()
    return count, failed


def main(module="__main__"):
    count, failed = run_module(__import__(module))
    print("%d tests, %d failed" % (count, len(failed)))
    sys.exit(1 if failed else 0)
