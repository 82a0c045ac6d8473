# Plain twins of the viper searches in cosem/find.py: they look at every row, in order.

_STRIDE = 16


def find(rows: bytes, first: int, last: int, buf: bytes, pos: int) -> int:
    """Row of the class|obis at buf[pos:pos+8] within rows first..last-1; -1 = none."""
    wanted = bytes(buf[pos : pos + 8])
    for row in range(first, last):
        if rows[row * _STRIDE : row * _STRIDE + 8] == wanted:
            return row
    return -1


def find_obis(rows: bytes, first: int, last: int, buf: bytes, pos: int) -> int:
    """First row of first..last-1 with the obis at buf[pos:pos+6] and any class; -1 = none."""
    wanted = bytes(buf[pos : pos + 6])
    for row in range(first, last):
        if rows[row * _STRIDE + 2 : row * _STRIDE + 8] == wanted:
            return row
    return -1
