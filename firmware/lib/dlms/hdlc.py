# HDLC link layer, server side. IEC 62056-46 clause 6; one link, one client at a time.
#
# Control octets, P = poll (client) or final (server) = 10:
#   SNRM 93   DISC 53   UA 73   DM 1F   FRMR 97   UI 13
#   I    RRR P SSS 0    RR RRR P 0001    RNR RRR P 0101     R = N(R), S = N(S)
#
# Two states: NDM (only SNRM and DISC are served) and NRM (numbered frames flow).
# The server never transmits unless polled; it repeats when the client polls again.
from micropython import const

from dlms import frame
from dlms.snrm import Negotiation
from dlms.fcs import move

_P = const(0x10)
_SNRM = const(0x83)  # control octets without P/F
_DISC = const(0x43)
_UA = const(0x63)
_DM = const(0x0F)
_FRMR = const(0x87)
_UI = const(0x03)
_RR = const(0x01)
_RNR = const(0x05)
_LLC = const(3)  # E6 E7 00 in front of every answer, E6 E6 00 of every request
_ALL_STATION = const(0x7F)  # upper address of a broadcast, one octet
_ALL_STATION_LONG = const(0x3FFF)
_FRMR_W = const(1)  # reasons, ISO/IEC 13239: unknown control
_FRMR_X = const(2)  # information not permitted
_FRMR_Y = const(4)  # information too long
_FRMR_Z = const(8)  # invalid N(R)
_ABANDONED_MS = const(15000)  # an owner silent for so long does not keep another client out
_TICKS_MASK = const(0x3FFFFFFF)  # of a millisecond counter that wraps at 2**30
_NDM = const(0)
_NRM = const(1)
_REJECTED = const(2)  # FRMR sent: only SNRM or DISC help


class Link:
    """One HDLC link. `server` is the application: answer(...), released(), out, out_pos, out_end.

    `lower` is the own lower (physical) address. Time-outs in ms; inactivity 0 = never.
    """

    def __init__(
        self,
        server,
        lower: int,
        max_info: int,
        window: int,
        inter_octet_ms: int,
        inactivity_ms: int,
    ):
        self.server = server
        self.reader = frame.Reader(max_info)
        self.limits = Negotiation(max_info, window)
        self._lower = lower
        self._inter_octet_ms = inter_octet_ms
        self._inactivity_ms = inactivity_ms
        # A request in segments is put together here: LLC header and the largest APDU we take.
        self._msdu = bytearray(_LLC + server.max_pdu_rx)
        self._msdu_end = 0
        self._scratch = bytearray(24)  # information field of a UA (23) or an FRMR (3)
        self._address = bytearray(4)  # server address as the client spelt it in this link ...
        self._address_size = 1
        self._client = 0  # ... and the octet of the client's address: both for the next answer
        self._owner = 0  # client octet and logical device of the open link
        self._upper = 0
        self._last_ms = 0
        self._owner_ms = 0  # when the owner was heard last
        self.state = _NDM
        self._clear()

    def _clear(self):
        self._vs = 0  # N(S) of the first segment of the current answer
        self._vr = 0
        self._msdu_end = 0
        self._segments = 0  # of the current answer
        self._acked = 0  # segments the client has
        self._next = 0  # segment to go next
        self._stop = 0  # first segment beyond the window of this poll
        self._pending = 0  # control octet of an answer frame to send, 0 = none
        self._info_size = 0  # octets of _scratch that go with it

    # --- the three verbs -------------------------------------------------------------------

    def feed(self, buf, n: int, now_ms: int):
        """Take buf[0:n] as it came from the line."""
        self.tick(now_ms)
        self._last_ms = now_ms
        pos = 0
        while pos < n:
            pos = self.reader.take(buf, pos, n)
            if self.reader.ready:
                self._frame()

    def reply(self, out) -> int:
        """Write the next frame to send into out; returns its size, 0 when there is none.

        out holds frame.buffer_size(max_info) octets at least.
        """
        if self._next < self._stop:
            return self._segment(out)
        control = self._pending
        if not control:
            return 0
        self._pending = 0
        return frame.write(
            out,
            self._address,
            self._address_size,
            self._client,
            control,
            self._scratch,
            0,
            self._info_size,
            False,
        )

    def tick(self, now_ms: int):
        """Let time pass: inter-octet and inactivity time-outs (6.4.4.3.3 and 6.4.4.3.5)."""
        silent_ms = (now_ms - self._last_ms) & _TICKS_MASK
        if self.reader.waiting() and silent_ms > self._inter_octet_ms:
            self.reader.drop()
        if self.state and self._inactivity_ms and silent_ms > self._inactivity_ms:
            self.disconnect()

    def damage(self, now_ms: int):
        """The line driver saw a damaged octet: the frame in progress is lost."""
        self._last_ms = now_ms
        self.reader.drop()

    def sending(self, now_ms: int):
        """The caller is still putting octets on the line: the link is not inactive."""
        self._last_ms = now_ms

    def disconnect(self):
        """Fall back to NDM and release the association."""
        self.state = _NDM
        self._clear()
        self.server.released()

    # --- frames in ---------------------------------------------------------------------------

    def _frame(self):
        """Dispatch a good frame: to us, from our client (or from nobody's yet)."""
        r = self.reader
        upper = self._destination()
        control = r.control & ~_P
        if upper < 0 or not 0 < r.buf[r.client_at] >> 1 < _ALL_STATION:
            return
        if upper == _ALL_STATION:
            # A broadcast is never answered; only DISC means something to the link.
            if control == _DISC:
                self.disconnect()
        elif control == _UI:
            pass  # unnumbered information: no service of this server uses it yet
        elif not self.server.serves(upper):
            pass
        elif self.state == _NDM:
            self._remember()
            self._frame_ndm(control, upper)
        elif r.buf[r.client_at] == self._owner and upper == self._upper:
            self._remember()
            self._frame_nrm(control)
        elif control == _SNRM and self._next == self._stop:
            self._second_client(control, upper)

    def _destination(self) -> int:
        """Upper address of the frame in the reader, 7F for all stations, -1 when not for us."""
        r = self.reader
        buf = r.buf
        at = r.server
        size = r.client_at - at
        upper = buf[at] >> 1
        if size == 1:
            return upper
        lower = buf[at + 1] >> 1
        everybody = _ALL_STATION
        if size == 4:
            upper = upper << 7 | lower
            lower = buf[at + 2] >> 1 << 7 | buf[at + 3] >> 1
            everybody = _ALL_STATION_LONG
        if lower != self._lower and lower != everybody:
            return -1
        if upper == everybody or lower == everybody:
            return _ALL_STATION
        return upper

    def _remember(self):
        """Keep the addresses of the frame in the reader: the answer goes back with them."""
        r = self.reader
        self._address_size = r.client_at - r.server
        move(self._address, 0, r.buf, r.server, self._address_size)
        self._client = r.buf[r.client_at]

    def _frame_ndm(self, control: int, upper: int):
        # SNRM and DISC are served, everything else is met with DM (conformance section 14).
        if control == _SNRM and self.reader.control & _P:
            self._owner = self._client
            self._owner_ms = self._last_ms
            self._snrm(upper)
        else:
            self._send(_DM, 0)

    def _second_client(self, control: int, upper: int):
        """SNRM while the link is another's: DM, and its state stays, unless it is abandoned."""
        self._remember()
        if (self._last_ms - self._owner_ms) & _TICKS_MASK > _ABANDONED_MS:
            self.disconnect()
            self._frame_ndm(control, upper)
        else:
            self._send(_DM, 0)

    def _frame_nrm(self, control: int):
        self._owner_ms = self._last_ms
        poll = self.reader.control & _P
        if control == _SNRM and poll:
            self._snrm(self._upper)
        elif control == _DISC and poll:
            self.disconnect()
            self._send(_UA, 0)
        elif self.state == _REJECTED:
            self._send(_FRMR, 3)
        elif self._acceptable(control):
            self._numbered(control, poll)

    def _snrm(self, upper: int):
        r = self.reader
        if self.state:
            self.disconnect()
        if not self.limits.read(r.buf, r.info, r.info_end):
            self._send(_DM, 0)
            return
        self._clear()
        self._upper = upper
        self.state = _NRM
        self._send(_UA, self.limits.write(self._scratch, 0))

    def _acceptable(self, control: int) -> bool:
        """Check a frame in NRM against the four reasons for a frame reject (6.4.4.3.6)."""
        r = self.reader
        size = r.info_end - r.info
        reason = 0
        numbered = not control & 1 or control & 0x0F == _RR or control & 0x0F == _RNR
        if not numbered:
            reason = _FRMR_W
        elif control & 1 and size:
            reason = _FRMR_W | _FRMR_X
        elif size > self.limits.info_rx:
            reason = _FRMR_Y
        elif not self._acknowledge(control >> 5):
            reason = _FRMR_Z
        if reason:
            self._reject(reason)
        return not reason

    def _reject(self, reason: int):
        # FRMR information: rejected control | V(R) C/R V(S) | reason W X Y Z
        self._scratch[0] = self.reader.control
        self._scratch[1] = self._vr << 5 | ((self._vs + self._next) & 7) << 1
        self._scratch[2] = reason
        self._stop = self._next
        self.state = _REJECTED
        self._send(_FRMR, 3)

    def _acknowledge(self, nr: int) -> bool:
        """Take N(R); False when it acknowledges what was never sent."""
        count = (nr - self._vs - self._acked) & 7
        if self._acked + count > self._next:
            return False
        self._acked += count
        return True

    def _numbered(self, control: int, poll: int):
        if control & 1:
            self._supervisory(control, poll)
        elif control >> 1 & 7 != self._vr:
            self._poll(poll)  # a repeat or a gap: never executed (clause 6.4.4.3.4)
        else:
            self._vr = (self._vr + 1) & 7
            self._information(poll)

    def _supervisory(self, control: int, poll: int):
        if control & 0x0F == _RNR:
            self._stop = self._next  # hold the I frames until RR
            self._send(_RR | self._vr << 5, 0)
        else:
            self._poll(poll)

    def _poll(self, poll: int):
        """Answer a poll: the unacknowledged segments again and the next ones, or RR."""
        if not poll:
            return
        self._next = self._acked
        if self._acked < self._segments:
            self._stop = min(self._segments, self._acked + self.limits.window_tx)
        else:
            self._stop = self._next
            self._send(_RR | self._vr << 5, 0)

    # --- I frames --------------------------------------------------------------------------------

    def _information(self, poll: int):
        r = self.reader
        # What the client did not fetch of the last answer it has given up.
        self._vs = (self._vs + self._acked) & 7
        self._segments = self._acked = self._next = self._stop = 0
        if r.segmented or self._msdu_end:
            if not self._collect():
                self._vr = (self._vr - 1) & 7  # not accepted after all
                self._reject(_FRMR_Y)
                return
            if not r.segmented:
                self._request(self._msdu, 0, self._msdu_end)
                self._msdu_end = 0
        else:
            self._request(r.buf, r.info, r.info_end)
        self._poll(poll)

    def _collect(self) -> bool:
        """Append the segment in the reader to the request; False when it outgrows the buffer."""
        r = self.reader
        size = r.info_end - r.info
        fits = self._msdu_end + size <= len(self._msdu)
        if fits:
            move(self._msdu, self._msdu_end, r.buf, r.info, size)
            self._msdu_end += size
        return fits

    def _request(self, buf, pos: int, end: int):
        """Strip the LLC header E6 E6 00 and let the application answer; others are dropped."""
        if end - pos <= _LLC or buf[pos] != 0xE6 or buf[pos + 1] != 0xE6 or buf[pos + 2]:
            return
        server = self.server
        server.answer(self._owner >> 1, self._upper, buf, pos + _LLC, end)
        size = server.out_end - server.out_pos
        if size:
            self._prefix(server.out, server.out_pos - _LLC)
            info_tx = self.limits.info_tx
            self._segments = (size + _LLC + info_tx - 1) // info_tx

    def _prefix(self, out, at: int):
        out[at] = 0xE6
        out[at + 1] = 0xE7
        out[at + 2] = 0

    # --- frames out ------------------------------------------------------------------------------

    def _send(self, control: int, info_size: int):
        """Queue a frame without I; only a poll gives permission to transmit."""
        if self.reader.control & _P:
            self._pending = control | _P
            self._info_size = info_size

    def _segment(self, out) -> int:
        """Write I frame number _next: a slice of the answer, found from its number alone.

        So the answer itself is the retransmission store; the last frame of a window has F = 1.
        """
        k = self._next
        self._next = k + 1
        server = self.server
        at = server.out_pos - _LLC + k * self.limits.info_tx
        count = min(self.limits.info_tx, server.out_end - at)
        control = self._vr << 5 | (self._vs + k & 7) << 1
        if self._next == self._stop:
            control |= _P
        return frame.write(
            out,
            self._address,
            self._address_size,
            self._client,
            control,
            server.out,
            at,
            count,
            self._next < self._segments,
        )
