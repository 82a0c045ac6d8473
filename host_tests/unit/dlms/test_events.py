# What the protocol reports as an event: guessed passwords, and bugs of ours.
import unittest

from dlms.server import Server
from dlms.throttle import Throttle
from meter import events


def drain():
    codes = []
    while True:
        event = events.take()
        if event is None:
            return codes
        codes.append(event[0])


class TestWrongPasswords(unittest.TestCase):
    def setUp(self):
        drain()
        self.throttle = Throttle(2)

    def test_the_third_in_a_row(self):
        for _ in range(2):
            self.throttle.failed(1, 0)
        self.assertEqual(drain(), [])
        self.throttle.failed(1, 0)
        self.assertEqual(drain(), [46])

    def test_once_until_a_password_is_right(self):
        for _ in range(30):
            self.throttle.failed(1, 0)
        self.assertEqual(drain(), [46])
        self.throttle.passed(1)
        for _ in range(3):
            self.throttle.failed(1, 0)
        self.assertEqual(drain(), [46])

    def test_each_association_for_itself(self):
        for index in (0, 1, 0, 1):
            self.throttle.failed(index, 0)
        self.assertEqual(drain(), [])


class TestBugs(unittest.TestCase):
    def test_a_bug_is_an_event(self):
        drain()
        server = Server(64, 64)

        def broken(client, number):
            raise ValueError("a bug")

        server.association.between = broken
        server.answer(16, 1, b"\xc0\x01\xc1", 0, 3)
        self.assertEqual((drain(), server.bugs), ([12], 1))


if __name__ == "__main__":
    unittest.main()
