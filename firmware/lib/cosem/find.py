# Search in the object table, a viper leaf.
#
# A row is 16 octets; its first 8 are class u16 | obis 6, the order of the wire, and rows are
# sorted by them, so a request is compared octet by octet where it lies in the APDU.
import micropython


# Bounds: the caller passes 0 <= first <= last <= number of rows and 8 octets of buf at pos.
# Overflow: indices only, below 2**20. Octet loads only, so alignment is free.
# Twin: host_tests/twins/find.py
@micropython.viper
def find(rows: ptr8, first: int, last: int, buf: ptr8, pos: int) -> int:
    """Row of the class|obis at buf[pos:pos+8] within rows first..last-1; -1 = none."""
    while first < last:
        middle = (first + last) >> 1
        at = middle << 4
        k = 0
        while k < 8 and rows[at + k] == buf[pos + k]:
            k += 1
        if k == 8:
            return middle
        if rows[at + k] < buf[pos + k]:
            first = middle + 1
        else:
            last = middle
    return -1


# Bounds, overflow and twin as above; buf holds 6 octets of obis at pos.
# Only the answer to a request that failed needs it, so a scan is enough.
# A row is skipped at its first differing octet.
@micropython.viper
def find_obis(rows: ptr8, first: int, last: int, buf: ptr8, pos: int) -> int:
    """First row of first..last-1 with the obis at buf[pos:pos+6] and any class; -1 = none."""
    while first < last:
        at = (first << 4) + 2
        k = 0
        while k < 6 and rows[at + k] == buf[pos + k]:
            k += 1
        if k == 6:
            return first
        first += 1
    return -1
