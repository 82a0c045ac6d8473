# SAP assignment, class 17 version 0. IEC 62056-6-2.
#
#   1 logical_name         octet-string(6)     dispatch.py
#   2 SAP_assignment_list  01 n { 02 02 | 12 SAP | 09 len logical device name }
#   method 1 connect_logical_device: nobody has the right
#
# The list never changes, so the generator encodes it into the pool.
from cosem import value


def get(q, out, pos: int) -> int:
    """Write piece q.piece of attribute 2."""
    return value.get(q, out, pos)
