# What register monitors and limiters have in common: the value they watch, the scripts they run.
#
#   monitored_value   02 03 | 12 class | 09 06 obis | 0F attribute
#   a script          02 02 | 09 06 obis of the script table | 12 selector
# The value is an integer, and the thresholds are of its type: the one of the other end is refused.
from micropython import const

from cosem import internal
from dlms import axdr, shape
from meter import events

VALUE_FORM = b"\x02\x03\x12\x09\x06\x06\x0f"
SCRIPT_FORM = b"\x02\x02\x09\x06\x06\x12"
INTEGER_FORM = b"\xfe\x09\x05\x06\x0f\x10\x11\x12\x14\x15\x16"
SCRIPT_SIZE = 13
_VALUE_SIZE = const(15)
_CLASS_AT = const(3)  # in monitored_value
_OBIS_AT = const(7)
_INDEX_AT = const(14)
_TABLE_AT = const(4)  # in a script
_SELECTOR_AT = const(10)  # its tag
_SCRIPT_TABLE = const(9)
_EXECUTE = const(1)
_OTHER_REASON = const(250)
_SUCCESS = const(0)
_TYPE_UNMATCHED = const(12)
_ROOM = const(280)  # for a Data, see internal.get

_scratch = bytearray(_ROOM)


def row_of(what, pos: int = 0) -> int:
    """Row of the object in the monitored_value at what[pos:]; -1 = there is none."""
    return internal.find(axdr.get_u16(what, pos + _CLASS_AT), what, pos + _OBIS_AT)


def attribute_of(what, pos: int = 0) -> int:
    """The attribute in the monitored_value at what[pos:]."""
    return axdr.get_i8(what, pos + _INDEX_AT)


def tag_of(what, pos: int = 0) -> int:
    """Tag of the integer that a monitored_value names; -1 when it names none."""
    row, attribute = row_of(what, pos), attribute_of(what, pos)
    if row < 0 or attribute < 2:
        return -1
    end = internal.get(row, attribute, _scratch, 0)
    if end < 0 or shape.end(INTEGER_FORM, _scratch, 0, end) != end:
        return -1
    return _scratch[0]


def watchable(buf, pos: int, end: int, tag: int) -> int:
    """Result of setting a monitored_value where thresholds have this tag, -1 = there are none."""
    if shape.end(VALUE_FORM, buf, pos, end) != end:
        return _TYPE_UNMATCHED
    found = tag_of(buf, pos) if end - pos == _VALUE_SIZE else -1
    return _OTHER_REASON if found < 0 or tag >= 0 and found != tag else _SUCCESS


def run(scripts, pos: int) -> int:
    """Run the script that stands at scripts[pos:]; a result. Selector 0 is none."""
    selector = axdr.get_u16(scripts, pos + _SELECTOR_AT + 1)
    if not selector:
        return _SUCCESS
    row = internal.find(_SCRIPT_TABLE, scripts, pos + _TABLE_AT)
    if row < 0:
        events.raise_(events.SCRIPT_FAILED)
        return _OTHER_REASON
    at = pos + _SELECTOR_AT
    return internal.act(row, _EXECUTE, scripts, at, at + 3)
