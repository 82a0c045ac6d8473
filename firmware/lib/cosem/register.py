# Register, class 3 version 0. IEC 62056-6-2.
#
#   1 logical_name  octet-string(6)     dispatch.py
#   2 value         a simple type, one per instance for ever
#   3 scaler_unit   02 02 | 0F scaler | 16 unit     quantity = value * 10**scaler in unit
from micropython import const

from cosem import value
from cosem.table import ROWS, SCALERS
from dlms import axdr

_ROW_SCALER = const(11)
_VALUE = const(2)


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attribute 2 or 3."""
    if q.attribute == _VALUE:
        return value.get(q, out, pos)
    at = ROWS[q.row * 16 + _ROW_SCALER] * 2
    pos = axdr.put_i8(out, axdr.put_structure(out, pos, 2), SCALERS[at])
    return axdr.put_enum(out, pos, SCALERS[at + 1])
