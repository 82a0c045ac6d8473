# Disconnect control, class 70 version 0. IEC 62056-6-2.
#
#   1 logical_name    octet-string(6)     dispatch.py
#   2 output_state    03 1 = the relay is closed, which it is in the state Connected alone
#   3 control_state   16 0 Disconnected, 1 Connected, 2 Ready_for_reconnection; outlives the power
#   4 control_mode    16 0 to 6, which transitions there are
#   methods 1 remote_disconnect, 2 remote_reconnect     0F 00; null-data or none will do
#
#   transition            from to         transition            from to
#   a remote_reconnect      0   1         e manual_reconnect      2   1
#   b remote_disconnect     1   0         f manual_disconnect     1   2
#   c remote_disconnect     2   0         g local_disconnect      1   2
#   d remote_reconnect      0   2         h local_reconnect       2   1
#
# Remote is a client that calls the method; local is the meter itself, a limiter or a script that
# calls the same method; manual is the button. Nothing is queued: what the mode does not allow in
# this state is other-reason, what changes nothing is success.
from micropython import const

from cosem import live, value
from dlms import axdr, shape
from meter import events

_OUTPUT_STATE = const(2)
_CONTROL_STATE = const(3)
_CONTROL_MODE = const(4)
_REMOTE_DISCONNECT = const(1)
_DISCONNECTED = const(0)
_CONNECTED = const(1)
_READY = const(2)
_A = const(0x01)
_B = const(0x02)
_C = const(0x04)
_D = const(0x08)
_E = const(0x10)
_F = const(0x20)
_G = const(0x40)
_H = const(0x80)
# Transitions of modes 0 to 6: none, bcfgde, bcfgae, bcgde, bcgae, bcfgdeh, bcgdeh.
_MODES = b"\x00\x7e\x77\x5e\x57\xfe\xde"
_FORM = b"\x16"
_ENUM = const(22)  # tags
_I8 = const(15)
_NULL = const(0)
_SUCCESS = const(0)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)
# Transition, state before, state after, event.
_TRANSITIONS = (
    (_A, _DISCONNECTED, _CONNECTED, events.REMOTE_CONNECT),
    (_B, _CONNECTED, _DISCONNECTED, events.REMOTE_DISCONNECT),
    (_C, _READY, _DISCONNECTED, events.REMOTE_DISCONNECT),
    (_D, _DISCONNECTED, _READY, events.READY_FOR_RECONNECTION),
    (_E, _READY, _CONNECTED, events.MANUAL_CONNECT),
    (_F, _CONNECTED, _READY, events.MANUAL_DISCONNECT),
    (_G, _CONNECTED, _READY, events.LOCAL_DISCONNECT),
    (_H, _READY, _CONNECTED, events.LOCAL_CONNECT),
)

_relay = None  # set(closed); main names it


def use(relay) -> None:
    """Switch this relay from now on: relay.set(closed). It follows the state at once."""
    global _relay
    _relay = relay
    for one in _all():
        one.apply()


def button() -> None:
    """The button was pressed: manual_reconnect when ready for it, else manual_disconnect."""
    for one in _all():
        one.move(_E if one.state == _READY else _F)


def _all() -> list:
    return [one for one in live.made.values() if isinstance(one, DisconnectControl)]


class DisconnectControl:
    """One object of the class. state: control_state"""

    def __init__(self, row: int):
        self._row = row
        self.state = value.octets(row, _CONTROL_STATE)[1]
        self.apply()

    def mode(self) -> int:
        """control_mode."""
        return value.octets(self._row, _CONTROL_MODE)[1]

    def second(self, now_s: int, fields) -> None:
        """The relay is told again, should a disturbance have moved it."""
        self.apply()

    def apply(self) -> None:
        """Let the relay follow the state."""
        if _relay is not None:
            _relay.set(self.state == _CONNECTED)

    def disconnect(self, remote: bool) -> int:
        """Method 1; an action-result."""
        if self.state == _DISCONNECTED or not remote and self.state == _READY:
            return _SUCCESS
        if not remote:
            return self.move(_G)
        return self.move(_B if self.state == _CONNECTED else _C)

    def reconnect(self, remote: bool) -> int:
        """Method 2; an action-result."""
        if self.state == _CONNECTED:
            return _SUCCESS
        if not remote:
            return self.move(_H)
        if self.state == _READY:
            # Already there, where that is as far as a remote reconnection goes.
            return _SUCCESS if _MODES[self.mode()] & _D else _OTHER_REASON
        return self.move(_MODES[self.mode()] & (_A | _D))

    def move(self, transition: int) -> int:
        """Make a transition, if the mode has it and this is its state; an action-result."""
        if not _MODES[self.mode()] & transition:
            return _OTHER_REASON
        for one, before, after, event in _TRANSITIONS:
            if one == transition and before == self.state:
                return self._to(after, event)
        return _OTHER_REASON

    def _to(self, state: int, event: int) -> int:
        # The state is safe before the relay moves: a power cut between the two leaves a relay
        # that follows it at the start.
        result = value.store(self._row, _CONTROL_STATE, bytes((_ENUM, state)))
        if result:
            events.raise_(events.SWITCH_FAILED)
            return result
        self.state = state
        self.apply()
        events.raise_(event)
        return _SUCCESS

    def connect_for_ever(self) -> int:
        """Mode 0 knows no other state than Connected."""
        if self.state == _CONNECTED:
            return _SUCCESS
        return self._to(_CONNECTED, events.REMOTE_CONNECT)


def get(q, out, pos: int) -> int:
    """Write attributes 2 to 4, one piece each."""
    state = live.of(q.row).state
    if q.attribute == _OUTPUT_STATE:
        return axdr.put_bool(out, pos, state == _CONNECTED)
    if q.attribute == _CONTROL_STATE:
        return axdr.put_enum(out, pos, state)
    return value.get(q, out, pos)


def set(q, buf, pos: int, end: int) -> int:
    """Set control_mode to the Data at buf[pos:end]; 0 connects."""
    if shape.end(_FORM, buf, pos, end) != end:
        return _TYPE_UNMATCHED
    mode = buf[pos + 1]
    if mode >= len(_MODES):
        return _OTHER_REASON
    # Connected first: a power cut in between leaves a state that the old mode has as well.
    result = _SUCCESS if mode or q.dry else live.of(q.row).connect_for_ever()
    return result or value.keep(q, buf, pos, end)


def act(q, buf, pos: int, end: int) -> int:
    """Call method 1 or 2, remote when a client does; the meter itself has no link."""
    if pos != end and buf[pos] not in (_I8, _NULL):
        return _TYPE_UNMATCHED
    control = live.of(q.row)
    if q.attribute == _REMOTE_DISCONNECT:
        return control.disconnect(q.link is not None)
    return control.reconnect(q.link is not None)
