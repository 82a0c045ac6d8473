# Disconnect control: every mode in every state, remote, local and manual; the relay follows.
# The tables are those of IEC 62056-6-2, class 70, written down once more.
import unittest

from cosem import disconnect_control, dispatch, internal, live, value
from cosem.table import ROWS
from cosem_reading import CONFIGURATOR, READER, descriptor, obis, read, request, use_still_clock
from meter import events, settings

_SET, _ACTION = 1, 2
_CODE = "0-0:96.3.10"
_OTHER, _DENIED, _UNMATCHED = 250, 3, 12
_DISCONNECTED, _CONNECTED, _READY = 0, 1, 2
_LETTERS = {0: "", 1: "bcfgde", 2: "bcfgae", 3: "bcgde", 4: "bcgae", 5: "bcfgdeh", 6: "bcgdeh"}
# letter: state before, state after, event
_WAYS = {"a": (0, 1, 63), "b": (1, 0, 62), "c": (2, 0, 62), "d": (0, 2, 59), "e": (2, 1, 61),
         "f": (1, 2, 60), "g": (1, 2, 64), "h": (2, 1, 69)}
# who asks -> letters that may answer
_ASKED = {"remote_disconnect": "bc", "remote_reconnect": "ad", "local_disconnect": "g",
          "local_reconnect": "h"}
# ... and the state in which there is nothing to do
_THERE = {"remote_disconnect": (0,), "remote_reconnect": (1,), "local_disconnect": (0, 2),
          "local_reconnect": (1,)}


class Relay:
    def __init__(self):
        self.closed = None

    def set(self, closed):
        self.closed = closed


def drain():
    codes = []
    while True:
        event = events.take()
        if event is None:
            return codes
        codes.append(event[0])


class TestDisconnectControl(unittest.TestCase):
    def setUp(self):
        use_still_clock()
        settings._values.clear()
        dispatch.start()
        self.row = internal.find(70, obis(_CODE))
        self.relay = Relay()
        disconnect_control.use(self.relay)
        drain()

    def tearDown(self):
        settings._values.clear()
        dispatch.start()
        disconnect_control._relay = None

    def start_in(self, mode, state):
        """As after a power cut in this mode and state."""
        value.store(self.row, 4, bytes((22, mode)))
        value.store(self.row, 3, bytes((22, state)))
        dispatch.start()
        disconnect_control.use(self.relay)
        drain()

    def state(self):
        self.assertEqual(read(READER, 70, _CODE, 3)[0], 22)
        state = read(READER, 70, _CODE, 3)[1]
        closed = state == _CONNECTED
        self.assertEqual(read(READER, 70, _CODE, 2), bytes((3, closed)))
        self.assertEqual(self.relay.closed, closed)
        return state

    def call(self, method, octets=b"\x0f\x00", who=CONFIGURATOR):
        q = request(who)
        result = dispatch.open(q, descriptor(70, _CODE, method), 0, _ACTION)
        return result or dispatch.act(q, octets, 0, len(octets))

    def put(self, octets):
        q = request(CONFIGURATOR)
        result = dispatch.open(q, descriptor(70, _CODE, 4), 0, _SET)
        return result or dispatch.set(q, octets, 0, len(octets))

    def ask(self, who):
        if who == "manual":
            disconnect_control.button()
            return None
        method = 1 if who.endswith("disconnect") else 2
        if who.startswith("remote"):
            return self.call(method)
        return internal.act(self.row, method, b"", 0, 0)

    def test_every_mode_in_every_state(self):
        for mode, letters in _LETTERS.items():
            for state in range(3):
                for who, answers in _ASKED.items():
                    self.check(mode, letters, state, who, answers)

    def check(self, mode, letters, state, who, answers):
        self.start_in(mode, state)
        found = [one for one in answers if one in letters and _WAYS[one][0] == state]
        result = self.ask(who)
        text = "%d %d %s" % (mode, state, who)
        # Ready already, where a remote reconnection goes no further.
        there = _THERE[who] + ((2,) if who == "remote_reconnect" and "d" in letters else ())
        if found:
            self.assertEqual((result, self.state()), (0, _WAYS[found[0]][1]), text)
            self.assertEqual(drain(), [_WAYS[found[0]][2]], text)
        else:
            self.assertEqual(self.state(), state, text)
            self.assertEqual(result, 0 if state in there else _OTHER, text)
            self.assertEqual(drain(), [], text)

    def test_the_button_in_every_mode(self):
        for mode, letters in _LETTERS.items():
            for state, letter in ((0, ""), (1, "f"), (2, "e")):
                self.start_in(mode, state)
                self.ask("manual")
                there = letter and letter in letters
                wanted = _WAYS[letter][1] if there else state
                self.assertEqual(self.state(), wanted, "%d %d" % (mode, state))
                self.assertEqual(drain(), [_WAYS[letter][2]] if there else [])

    def test_the_state_outlives_the_power(self):
        for state in (_DISCONNECTED, _READY, _CONNECTED):
            self.start_in(4, state)
            relay = Relay()
            disconnect_control.use(relay)
            self.assertEqual(relay.closed, state == _CONNECTED)

    def test_the_relay_is_told_again(self):
        self.relay.closed = False
        live.of(self.row).second(0, None)
        self.assertTrue(self.relay.closed)

    def test_mode(self):
        self.assertEqual(read(READER, 70, _CODE, 4), b"\x16\x06")
        for octets, wanted in ((b"\x16\x07", _OTHER), (b"\x11\x01", _UNMATCHED),
                               (b"\x16\x01\x00", _UNMATCHED), (b"\x16", _UNMATCHED)):
            self.assertEqual(self.put(octets), wanted)
        self.assertEqual(read(READER, 70, _CODE, 4), b"\x16\x06")
        for mode in range(1, 7):
            self.assertEqual(self.put(bytes((22, mode))), 0)
            self.assertEqual(read(READER, 70, _CODE, 4), bytes((22, mode)))

    def test_mode_0_is_always_connected(self):
        self.start_in(4, _DISCONNECTED)
        self.assertEqual(self.put(b"\x16\x00"), 0)
        self.assertEqual(self.state(), _CONNECTED)
        self.assertEqual(self.call(1), _OTHER)

    def test_what_cannot_be_stored_does_not_happen(self):
        kept = settings.put
        settings.put = lambda key, octets: False
        try:
            self.assertEqual(self.call(1), 2)
        finally:
            settings.put = kept
        self.assertEqual(self.state(), _CONNECTED)
        self.assertEqual(drain(), [68])

    def test_parameters_and_rights(self):
        for octets in (b"\x0f\x00", b"\x00", b""):
            self.assertEqual(self.call(1, octets), 0)
        self.assertEqual(self.call(1, b"\x12\x00\x00"), _UNMATCHED)
        self.assertEqual(self.call(1, who=READER), _DENIED)
        self.assertEqual(self.call(3), 4)
        q = request(CONFIGURATOR)
        for attribute in (2, 3):
            self.assertEqual(dispatch.open(q, descriptor(70, _CODE, attribute), 0, _SET), _DENIED)

    def test_the_scripts_are_local(self):
        table = internal.find(9, obis("0-0:10.0.106"))
        self.assertEqual(internal.act(table, 1, b"\x12\x00\x01", 0, 3), 0)
        self.assertEqual(self.state(), _READY)
        self.assertEqual(internal.act(table, 1, b"\x12\x00\x02", 0, 3), 0)
        self.assertEqual(self.state(), _CONNECTED)
        self.assertEqual(drain(), [64, 69])

    def test_there_is_one(self):
        self.assertEqual(ROWS[self.row * 16 + 8], 0)  # version


if __name__ == "__main__":
    unittest.main()
