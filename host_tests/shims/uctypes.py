"""`uctypes` for CPython: only addressof, with made-up addresses as a microcontroller has them."""
import ctypes


def addressof(buffer):
    """Address of a writable buffer."""
    return ctypes.addressof((ctypes.c_char * 1).from_buffer(buffer))
