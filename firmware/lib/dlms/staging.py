# What outlives the APDU it came in: requests by blocks, and what answers by blocks still need.
#
#   SET, ACTION first block    last number(4) length raw      behind the descriptors
#   SET, ACTION block          last number(4) length raw
#
# One buffer for all servers: RAM is dear and such requests are rare, so the first to come has it
# until it is done, and another hears temporary-failure. A request by blocks lies in it as the
# same request without blocks would: descriptors, then raw data; nothing is applied before the
# last block is there.
from micropython import const

from dlms import axdr
from dlms.blocks import number_at
from dlms.fcs import move

_MORE = const(0)
_COMPLETE = const(1)
_WRONG_NUMBER = const(2)
_BROKEN = const(3)  # malformed, or more than the buffer holds
_ID = const(0x0F)  # of the invoke octet

_shared = bytearray(0)
_owner = None


def _reserve(size: int):
    # Servers are made at the start, so this happens once.
    global _shared
    if len(_shared) < size:
        _shared = bytearray(size)


class Staging:
    """One server's hold on the shared buffer: buf[:end] is kept.

    number: of the block that came last, 0 = no request by blocks is in progress. list: that
    request is one with a list.
    """

    def __init__(self, max_pdu_rx: int):
        # The longest request that comes whole, and behind it one octet of result for every 10
        # (a method takes 9 of descriptor and 1 of parameter at least), see action_list.py.
        self._limit = max_pdu_rx
        _reserve(max_pdu_rx + max_pdu_rx // 10)
        self.buf = _shared
        self.end = 0
        self.number = 0
        self.list = False
        self._invoke = 0

    def claim(self) -> bool:
        """Empty the buffer for this server; False when another one has it."""
        global _owner
        if _owner is not None and _owner is not self:
            return False
        _owner = self
        self.buf = _shared
        self.end = 0
        return True

    def release(self):
        """Whatever was kept is not needed any more."""
        global _owner
        if _owner is self:
            _owner = None
            self.number = 0
            self.end = 0

    def keep(self, buf, pos: int, end: int) -> bool:
        """Append buf[pos:end]; False when it does not fit."""
        n = end - pos
        if self.end + n > self._limit:
            return False
        move(self.buf, self.end, buf, pos, n)
        self.end += n
        return True

    def begin(self, invoke: int, with_list: bool, buf, pos: int, end: int) -> bool:
        """A request by blocks begins with the descriptors at buf[pos:end]."""
        if not self.claim():
            return False
        self.number = 0
        self._invoke = invoke
        self.list = with_list
        return self.keep(buf, pos, end)

    def awaits(self, invoke: int) -> bool:
        """Is a request with this invoke-id in progress?"""
        return self.number != 0 and not (invoke ^ self._invoke) & _ID

    def block(self, buf, pos: int, end: int) -> int:
        """Take last number(4) length raw; 0 more to come, 1 complete, 2 wrong number, 3 broken."""
        if end - pos < 6:
            return _BROKEN
        if number_at(buf, pos + 1) != self.number + 1:
            return _WRONG_NUMBER
        size = axdr.get_length(buf, pos + 5, end)
        start = axdr.skip_length(buf, pos + 5)
        if size < 0 or start + size != end or not self.keep(buf, start, end):
            return _BROKEN
        self.number += 1
        return _COMPLETE if buf[pos] else _MORE
