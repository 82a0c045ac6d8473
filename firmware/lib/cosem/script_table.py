# Script table, class 9 version 0. IEC 62056-6-2.
#
#   1 logical_name   octet-string(6)     dispatch.py
#   2 scripts        01 n, each  02 02 | 12 script_identifier | 01 m, each
#                      02 05 | 16 service_id | 12 class_id | 09 06 logical_name
#                            | 0F index | parameter, any Data
#   method 1 execute  12 script_identifier
#
# service_id 1 writes attribute `index`, 2 calls method `index`, 0 is a place left empty. Scripts
# have the meter's own rights, not those of who calls them. Identifier 0 does nothing, an unknown
# one is other-reason.
#
# Actions run in their order up to the first that fails: what follows may rely on it, as a billing
# script captures before it resets. What was done stays, the failure is logged as an event, and
# who called the method hears other-reason.
from cosem import internal, plain, value
from meter import events
from micropython import const

_SCRIPTS = const(2)
_FORM = b"\x01\x02\x02\x12\x01\x02\x05\x16\x12\x09\x06\x06\x0f\xff"
_IDENTIFIER = b"\x12"
_SERVICE_WRITE = const(1)
_SERVICE_CALL = const(2)
_DEPTH_MAX = const(4)  # of scripts that run scripts, which may name each other in a circle
_SUCCESS = const(0)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)

_depth = 0

get = value.get


def set(q, buf, pos: int, end: int) -> int:
    """Set the scripts to the Data at buf[pos:end]."""
    return plain.take(q, _FORM, _good, buf, pos, end)


def _good(scripts) -> bool:
    # Each identifier once, but 0, which is never run.
    seen = []
    for identifier, actions in scripts:
        if identifier in seen or not _actions_good(actions):
            return False
        if identifier:
            seen.append(identifier)
    return True


def _actions_good(actions) -> bool:
    for service, _, _, index, _ in actions:
        # logical_name is not written, and there is no method 0.
        lowest = 2 if service == _SERVICE_WRITE else 1 if service == _SERVICE_CALL else -128
        if service > _SERVICE_CALL or index < lowest:
            return False
    return True


def act(q, buf, pos: int, end: int) -> int:
    """Call execute with the parameter at buf[pos:end]."""
    identifier = plain.get(_IDENTIFIER, buf, pos, end)
    if identifier is None:
        return _TYPE_UNMATCHED
    return execute(q.row, identifier)


def execute(row: int, identifier: int) -> int:
    """Run a script of the table in this row; a result."""
    global _depth
    if identifier == 0:
        return _SUCCESS
    if _depth >= _DEPTH_MAX:
        return _OTHER_REASON
    for known, actions in plain.of(row, _SCRIPTS, _FORM):
        if known == identifier:
            _depth += 1
            try:
                return _run(actions)
            finally:
                _depth -= 1
    return _OTHER_REASON


def _run(actions) -> int:
    for action in actions:
        if _one(action):
            events.raise_(events.SCRIPT_FAILED)
            return _OTHER_REASON
    return _SUCCESS


def _one(action) -> int:
    service, class_id, name, index, parameter = action
    if service == 0:
        return _SUCCESS
    row = internal.find(class_id, name)
    if row < 0:
        return _OTHER_REASON
    if service == _SERVICE_WRITE:
        return internal.set(row, index, parameter, 0, len(parameter))
    return internal.act(row, index, parameter, 0, len(parameter))
