# The numbered frames of a link: I frames both ways, their numbers, window and segments.
# IEC 62056-46 clauses 6.4.4.3 and 6.4.4.4.
#
#   request   I S=1 | I S=1 | I S=0    put together here    LLC E6 E6 00 in the first one only
#   answer    E6 E7 00 APDU            cut where it lies: segment k is a slice found from k alone
#             E6 E7 00 APDU ...        with server.out_stride: general blocks of one turn
#
# So the answer in server.out is the retransmission store, and nothing is ever kept twice.
from micropython import const

from dlms.fcs import move

_P = const(0x10)
_LLC = const(3)  # E6 E7 00 in front of every answer, E6 E6 00 of every request
_LSAP = const(0xE6)
_LSAP_ALL = const(0xFF)  # of a broadcast, in UI frames only


class Numbered:
    """V(S), V(R) and what they count. `limits` are the agreed ones of the link, see snrm.py."""

    def __init__(self, server, limits):
        self._server = server
        self._limits = limits
        # A request in segments is put together here: LLC header and the largest APDU we take.
        self._msdu = bytearray(_LLC + server.max_pdu_rx)
        self.clear()

    def clear(self):
        """As after SNRM: all numbers 0, nothing half received, nothing to repeat."""
        self._first = 0  # N(S) of the first segment of the current answer
        self.vr = 0  # V(R), the N(S) expected next
        self._msdu_end = 0
        self._segments = 0  # of the current answer ...
        self._per_apdu = 1  # ... and of each of its APDUs but the last
        self._acked = 0  # segments the client has
        self._next = 0  # segment to go next
        self._stop = 0  # first segment beyond the window of this poll

    def vs(self) -> int:
        """V(S), the N(S) of the next I frame."""
        return (self._first + self._next) & 7

    def sending(self) -> bool:
        """True while I frames of this poll are left to be written."""
        return self._next < self._stop

    def hold(self):
        """No more I frames in this poll."""
        self._stop = self._next

    def acknowledge(self, nr: int) -> bool:
        """Take N(R); False when it acknowledges what was never sent."""
        count = (nr - self._first - self._acked) & 7
        if self._acked + count > self._next:
            return False
        self._acked += count
        return True

    def poll(self) -> bool:
        """Allow the unacknowledged segments again and the next ones; False when there are none."""
        self._next = self._acked
        if self._acked < self._segments:
            self._stop = min(self._segments, self._acked + self._limits.window_tx)
            return True
        self._stop = self._next
        return False

    # --- in --------------------------------------------------------------------------------------

    def take(self, r, client: int, upper: int):
        """Take the I frame in the reader r, and answer the request that it completes."""
        # What the client did not fetch of the last answer it has given up.
        self._first = (self._first + self._acked) & 7
        self._segments = self._acked = self._next = self._stop = 0
        if r.segmented or self._msdu_end:
            self._collect(r)
            if not r.segmented:
                self._request(client, upper, self._msdu, 0, self._msdu_end)
                self._msdu_end = 0
        else:
            self._request(client, upper, r.buf, r.info, r.info_end)
        self.vr = (self.vr + 1) & 7

    def _collect(self, r):
        # What has no room is not kept, only known to be too long when its last segment comes:
        # the association outlives it (conformance case APPL_UNK_N5).
        size = r.info_end - r.info
        if self._msdu_end + size > len(self._msdu):
            self._msdu_end = len(self._msdu) + 1
        else:
            move(self._msdu, self._msdu_end, r.buf, r.info, size)
            self._msdu_end += size

    def _request(self, client: int, upper: int, buf, pos: int, end: int):
        """Let the application answer what is behind the LLC header; the rest is dropped."""
        if not _addressed(buf, pos, end) or buf[pos] != _LSAP:
            return
        server = self._server
        if end > len(buf):
            server.too_long()
        else:
            server.answer(client, upper, buf, pos + _LLC, end)
        size = server.out_end - server.out_pos
        if size:
            self._cut(server.out, server.out_pos - _LLC, size + _LLC)

    def _cut(self, out, at: int, size: int):
        """Plan the segments of out[at:at + size] and put the LLC header of each APDU in place."""
        info_tx = self._limits.info_tx
        stride = self._server.out_stride or size
        self._per_apdu = (stride + info_tx - 1) // info_tx
        self._segments = 0
        while size > stride:
            self._segments += self._per_apdu
            _prefix(out, at)
            at += stride
            size -= stride
        self._segments += (size + info_tx - 1) // info_tx
        _prefix(out, at)

    def unnumbered(self, r, client: int, upper: int):
        """Hand the UI frame in the reader r to the application; V(S) and V(R) stay.

        A request is served in the buffer of answers. An answer sent to its end counts as taken
        from then on; while one is under way the UI is lost, as unconfirmed data may be.
        """
        buf = r.buf
        pos = r.info
        if self._next < self._segments or not _addressed(buf, pos, r.info_end):
            return
        if buf[pos] == _LSAP or buf[pos] == _LSAP_ALL:
            self._first = self.vs()
            self._segments = self._acked = self._next = self._stop = 0
            self._server.unconfirmed(client, upper, buf, pos + _LLC, r.info_end)

    # --- out -------------------------------------------------------------------------------------

    def write(self, out, station) -> int:
        """Write the next I frame into out; the last one of a window has F = 1."""
        k = self._next
        self._next = k + 1
        server = self._server
        info_tx = self._limits.info_tx
        stride = server.out_stride
        end = server.out_end
        at = server.out_pos - _LLC
        if stride:
            at += k // self._per_apdu * stride
            end = min(end, at + stride)
            at += k % self._per_apdu * info_tx
        else:
            at += k * info_tx
        count = min(info_tx, end - at)
        control = self.vr << 5 | (self._first + k & 7) << 1
        if self._next == self._stop:
            control |= _P
        return station.write(out, control, server.out, at, count, at + count < end)


def _prefix(out, at: int):
    out[at] = _LSAP
    out[at + 1] = 0xE7
    out[at + 2] = 0


def _addressed(buf, pos: int, end: int) -> bool:
    # Destination LSAP | source LSAP E6 | quality 00, and something behind it.
    return end - pos > _LLC and buf[pos + 1] == _LSAP and not buf[pos + 2]
