# Register table, class 61 version 0. IEC 62056-6-2.
#
#   1 logical_name            octet-string(6)     dispatch.py
#   2 table_cell_values       01 n, one Data a cell; 00 where there was nothing to capture
#   3 table_cell_definition   02 04 | 12 class_id | 09 06 logical_name, its E = FF
#                               | 01 n group_E_values 11 | 0F attribute_index
#   4 scaler_unit             02 02 | 0F scaler | 16 unit
#   methods 1 reset    empties the table
#           2 capture  copies the attribute of each object whose E is one of the values
#
# Setting 3 empties the table too: first 2, then 3, so that no power cut leaves old cells under a
# new definition. Captured cells last like any attribute.
from cosem import internal, plain, value
from dlms import axdr
from micropython import const

_CELL_VALUES = const(2)
_CELL_DEFINITION = const(3)
_DEFINITION_FORM = b"\x02\x04\x12\x09\x06\x06\x01\x11\x0f"
_SCALER_FORM = b"\x02\x02\x0f\x16"
_GROUP_E = const(4)  # place in an OBIS code
_ANY_E = const(0xFF)
_CELLS_MAX = const(32)
_TABLE_SIZE_MAX = const(1024)  # octets of the values, as cosem/plain.py has it
_CELL_ROOM = const(280)  # see internal.get
_EMPTY_TABLE = b"\x01\x00"
_RESET_TABLE = const(1)
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)

get = value.get


def set(q, buf, pos: int, end: int) -> int:
    """Set attribute 3 or 4 to the Data at buf[pos:end]."""
    if q.attribute != _CELL_DEFINITION:
        return plain.take(q, _SCALER_FORM, bool, buf, pos, end)
    what = plain.get(_DEFINITION_FORM, buf, pos, end)
    if what is None:
        return _TYPE_UNMATCHED
    if not _good(what):
        return _OTHER_REASON
    if not q.dry:
        result = value.store(q.row, _CELL_VALUES, _EMPTY_TABLE)
        if result:
            return result
    return plain.store(q.row, _CELL_DEFINITION, _DEFINITION_FORM, what, q.dry)


def _good(definition) -> bool:
    _, name, group, attribute = definition
    return attribute > 0 and name[_GROUP_E] == _ANY_E and len(group) <= _CELLS_MAX


def act(q, buf, pos: int, end: int) -> int:
    """Call reset or capture; the parameter is integer 0, null-data or nothing."""
    if pos != end and bytes(buf[pos:end]) not in (b"\x00", b"\x0f\x00"):
        return _TYPE_UNMATCHED
    if q.attribute == _RESET_TABLE:
        return value.store(q.row, _CELL_VALUES, _EMPTY_TABLE)
    return _capture(q.row)


def _capture(row: int) -> int:
    class_id, name, group, attribute = plain.of(row, _CELL_DEFINITION, _DEFINITION_FORM)
    head = bytearray(4)
    table = bytearray(head[: axdr.put_array(head, 0, len(group))])
    cell = bytearray(_CELL_ROOM)
    code = bytearray(name)
    for e in group:
        code[_GROUP_E] = e
        n = _cell(internal.find(class_id, code), attribute, cell)
        if len(table) + n > _TABLE_SIZE_MAX:
            return _OTHER_REASON
        table.extend(cell[:n])
    return value.store(row, _CELL_VALUES, bytes(table))


def _cell(row: int, attribute: int, cell) -> int:
    """Write what is captured of a row into cell; its octets."""
    n = internal.get(row, attribute, cell, 0) if row >= 0 else -1
    return n if n > 0 else axdr.put_null(cell, 0)
