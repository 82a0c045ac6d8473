# Plain twin of the viper copy in dlms/axdr.py, written with slices instead of a loop.


def copy(out: bytearray, pos: int, src: bytes, start: int, n: int) -> int:
    """Copy n octets of src from start to out at pos; return the position behind them."""
    out[pos : pos + n] = src[start : start + n]
    return pos + n
