# HDLC link layer, server side. IEC 62056-46 clause 6; one link, one client at a time.
#
# Control octets, P = poll (client) or final (server) = 10:
#   SNRM 93   DISC 53   UA 73   DM 1F   FRMR 97   UI 13
#   I    RRR P SSS 0    RR RRR P 0001    RNR RRR P 0101     R = N(R), S = N(S)
#
# Two states: NDM (only SNRM and DISC are served) and NRM (I and UI frames flow).
# The server never transmits unless polled; it repeats when the client polls again.
#   frame.py octets <-> fields   station.py addresses   numbered.py I frames   snrm.py limits
from micropython import const

from dlms import frame
from dlms.numbered import Numbered
from dlms.snrm import Negotiation
from dlms.station import Station

_P = const(0x10)
_SNRM = const(0x83)  # control octets without P/F
_DISC = const(0x43)
_UA = const(0x63)
_DM = const(0x0F)
_FRMR = const(0x87)
_UI = const(0x03)
_RR = const(0x01)
_RNR = const(0x05)
_ALL_STATION = const(0x7F)
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
    """One HDLC link. `server` is the application: answer(...), unconfirmed(...), released(),
    serves(...), ahead(), max_pdu_rx, out, out_pos, out_end.

    `lower` is the own lower (physical) address, `address_size` its octets with the upper one (see
    station.py). Time-outs in ms; inactivity 0 = never. `own_line` is the line it has when the
    link is closed (see port/uart.py), `closed` who is told of its end: closed(link), or None.
    """

    def __init__(
        self,
        server,
        lower: int,
        max_info: int,
        window: int,
        inter_octet_ms: int,
        inactivity_ms: int,
        address_size: int = 0,
        own_line: int = 0,
    ):
        self.server = server
        self.reader = frame.Reader(max_info)
        self.limits = Negotiation(max_info, window)
        self.station = Station(lower, address_size)
        self._numbered = Numbered(server, self.limits)
        self.inter_octet_ms = inter_octet_ms
        self.inactivity_ms = inactivity_ms
        self.closed = None
        self.own_line = self._line = own_line
        self._scratch = bytearray(24)  # information field of a UA (23) or an FRMR (3)
        self._owner = 0  # client octet and logical device of the open link
        self._upper = 0
        self._last_ms = 0
        self._owner_ms = 0  # when the owner was heard last
        self.state = _NDM
        self._clear()

    def _clear(self):
        self._numbered.clear()
        self._pending = 0  # control octet of an answer frame to send, 0 = none
        self._info_size = 0  # octets of _scratch that go with it

    # --- the three verbs -------------------------------------------------------------------

    def feed(self, buf, n: int, now_ms: int):
        """Take buf[0:n] as it came from the line."""
        self.tick(now_ms)
        self._last_ms = self.server.now_ms = now_ms
        pos = 0
        while pos < n:
            pos = self.reader.take(buf, pos, n)
            if self.reader.ready:
                self._frame()

    def reply(self, out) -> int:
        """Write the next frame to send into out; returns its size, 0 when there is none.

        out holds frame.buffer_size(max_info) octets at least.
        """
        if self._numbered.sending():
            return self._numbered.write(out, self.station)
        control = self._pending
        if not control:
            return 0
        self._pending = 0
        return self.station.write(out, control, self._scratch, 0, self._info_size, False)

    def tick(self, now_ms: int):
        """Let time pass: inter-octet and inactivity time-outs (6.4.4.3.3 and 6.4.4.3.5)."""
        silent_ms = (now_ms - self._last_ms) & _TICKS_MASK
        if self.reader.waiting() and silent_ms > self.inter_octet_ms:
            self.reader.drop()
        if self.state and self.inactivity_ms and silent_ms > self.inactivity_ms:
            self.disconnect()
        if self.state and self.reader.count <= 0:
            self.server.ahead()

    def damage(self, now_ms: int):
        """The line driver saw a damaged octet: the frame in progress is lost."""
        self._last_ms = now_ms
        self.reader.drop()

    def sending(self, now_ms: int):
        """The caller is still putting octets on the line: the link is not inactive."""
        self._last_ms = now_ms

    def line(self) -> int:
        """Baud code and format of a port that has no sign-on; changes behind the last answer."""
        if self.state == _NDM and not self._pending:
            self._line = self.own_line
        return self._line

    def disconnect(self):
        """Fall back to NDM, release the association, and let new settings in."""
        self._release()
        if self.closed:
            self.closed(self)

    def _release(self):
        self.state = _NDM
        self._clear()
        self.server.released()

    # --- frames in ---------------------------------------------------------------------------

    def _frame(self):
        """Dispatch a good frame: to us, from our client (or from nobody's yet)."""
        r = self.reader
        station = self.station
        upper = station.destination(r)
        client = r.buf[r.client_at]
        control = r.control & ~_P
        if upper < 0 or not 0 < client >> 1 < _ALL_STATION:
            return
        if station.broadcast:
            self._broadcast(control, upper)
        elif self.state and client == self._owner and upper == self._upper:
            station.remember(r)
            self._frame_nrm(control)
        elif not self.server.serves(upper):
            pass
        elif self.state == _NDM:
            station.remember(r)
            self._frame_ndm(control, upper)
        elif control == _SNRM and r.control & _P and not self._numbered.sending():
            self._second_client(control, upper)

    def _broadcast(self, control: int, upper: int):
        """Only DISC and UI may be for all stations, and nothing is ever answered to them."""
        r = self.reader
        ours = upper == self._upper or self.station.all_devices
        if control == _DISC:
            self.disconnect()
        elif control == _UI and self.state == _NRM and r.buf[r.client_at] == self._owner and ours:
            if r.info_end - r.info <= self.limits.info_rx:
                self._numbered.unnumbered(r, self._owner >> 1, self._upper)

    def _frame_ndm(self, control: int, upper: int):
        # SNRM is served, DISC and everything else met with DM (conformance section 14). UI has
        # no answer, and without a link no association that could make anything of it.
        r = self.reader
        if control == _SNRM and r.control & _P:
            self._owner = r.buf[r.client_at]
            self._owner_ms = self._last_ms
            self._snrm(upper)
        elif control != _UI:
            self._send(_DM, 0)

    def _second_client(self, control: int, upper: int):
        """SNRM while the link is another's: DM, and its state stays, unless it is abandoned."""
        self.station.remember(self.reader)
        if (self._last_ms - self._owner_ms) & _TICKS_MASK > _ABANDONED_MS:
            self._release()
            self._frame_ndm(control, upper)
        else:
            self._send(_DM, 0)

    def _frame_nrm(self, control: int):
        self._owner_ms = self._last_ms
        if control == _SNRM or control == _DISC:
            self._mode(control)
        elif self.state == _REJECTED:
            self._send(_FRMR, 3)
        elif self._acceptable(control):
            if control == _UI:
                self._numbered.unnumbered(self.reader, self._owner >> 1, self._upper)
            else:
                self._serve(control)

    def _mode(self, control: int):
        """SNRM or DISC of the owner; without P they may not be answered, so nothing happens."""
        if not self.reader.control & _P:
            return
        if control == _SNRM:
            self._snrm(self._upper)
        else:
            self.disconnect()
            self._send(_UA, 0)

    def _snrm(self, upper: int):
        r = self.reader
        if self.state:
            self._release()  # settings stay: the client goes on as it is
        if not self.limits.read(r.buf, r.info, r.info_end):
            self._send(_DM, 0)
            return
        self._clear()
        self.server.line_window = self.limits.window_tx
        self.server.line_info = self.limits.info_tx
        self._upper = upper
        self.state = _NRM
        self._send(_UA, self.limits.write(self._scratch, 0))

    def _acceptable(self, control: int) -> bool:
        """Check a frame in NRM against the four reasons for a frame reject (6.4.4.3.6)."""
        r = self.reader
        size = r.info_end - r.info
        supervisory = control & 0x0F == _RR or control & 0x0F == _RNR
        reason = 0
        if control & 1 and not supervisory and control != _UI:
            reason = _FRMR_W
        elif supervisory and size:
            reason = _FRMR_W | _FRMR_X
        elif size > self.limits.info_rx:
            reason = _FRMR_Y
        elif control != _UI and not self._numbered.acknowledge(control >> 5):
            reason = _FRMR_Z
        if reason:
            self._reject(reason)
        return not reason

    def _reject(self, reason: int):
        # FRMR information: rejected control | V(R) C/R V(S) | reason W X Y Z
        n = self._numbered
        self._scratch[0] = self.reader.control
        self._scratch[1] = n.vr << 5 | n.vs() << 1
        self._scratch[2] = reason
        n.hold()
        self.state = _REJECTED
        self._send(_FRMR, 3)

    # --- numbered frames ---------------------------------------------------------------------

    def _serve(self, control: int):
        n = self._numbered
        if control & 0x0F == _RNR:
            n.hold()  # until RR
            self._send(_RR | n.vr << 5, 0)
            return
        # Another N(S) is a repeat or a gap: never executed (clause 6.4.4.3.4).
        if not control & 1 and control >> 1 & 7 == n.vr:
            n.take(self.reader, self._owner >> 1, self._upper)
        # The unacknowledged segments again and the next ones, or RR.
        if self.reader.control & _P and not n.poll():
            self._send(_RR | n.vr << 5, 0)

    # --- frames out --------------------------------------------------------------------------

    def _send(self, control: int, info_size: int):
        """Queue a frame without I; only a poll gives permission to transmit."""
        if self.reader.control & _P:
            self._pending = control | _P
            self._info_size = info_size
