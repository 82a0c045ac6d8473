# Descriptors of attributes in a request. Green Book 9.5.
#
#   attribute  class(2) obis(6) attribute(1) selection(00 | 01 selector Data)
#   list       n attribute*n
from micropython import const

from cosem import dispatch
from dlms import axdr

_BIT_SELECTIVE = const(0x04)  # conformance bit 21
_SIZE = const(10)  # with an absent selection
_SCOPE_VIOLATED = const(13)
_OTHER_REASON = const(250)


def behind(buf, pos: int, end: int) -> int:
    """Position behind the attribute at pos, -1 = malformed."""
    if end - pos < _SIZE:
        return -1
    if not buf[pos + 9]:
        return pos + _SIZE
    return axdr.skip(buf, pos + 11, end) if end - pos > _SIZE else -1


def behind_list(buf, pos: int, end: int) -> int:
    """Position behind the list at pos, -1 = malformed or empty."""
    n = axdr.get_length(buf, pos, end)
    if n <= 0:
        return -1
    pos = axdr.skip_length(buf, pos)
    while n and pos >= 0:
        pos = behind(buf, pos, end)
        n -= 1
    return pos


def are_values(buf, pos: int, end: int, n: int) -> bool:
    """Is n Data*n, no more and no less, at buf[pos:end]?"""
    if axdr.get_length(buf, pos, end) != n:
        return False
    pos = axdr.skip_length(buf, pos)
    while n and pos >= 0:
        pos = axdr.skip(buf, pos, end)
        n -= 1
    return pos == end


def open(q, buf, pos: int, end: int, operation: int) -> int:
    """Resolve the attribute that fills buf[pos:end] for GET 0 or SET 1; a data-access-result."""
    q.association = q.link.index
    q.selector = 0
    if end - pos != _SIZE or buf[pos + 9]:
        result = _select(q, buf, pos, end)
        if result:
            return result
    return dispatch.open(q, buf, pos, operation)


def _select(q, buf, pos: int, end: int) -> int:
    if behind(buf, pos, end) != end or not buf[pos + 10]:
        return _OTHER_REASON  # malformed, or selector 0, which is none
    if not q.link.conformance & _BIT_SELECTIVE:
        return _SCOPE_VIOLATED
    q.selector = buf[pos + 10]
    q.buf = buf
    q.pos = pos + 11
    q.end = end
    return 0
