# Door of the optical port: IEC 62056-21 sign-on at 300 Bd, then HDLC until the link has ended.
#
# After DISC the line stays for a moment, so that a client that lost the UA may repeat its DISC
# and gets DM; then the port is back at 300 Bd 7E1 for the next sign-on.
from micropython import const

_LINGER_MS = const(2000)
_TICKS_MASK = const(0x3FFFFFFF)


class OpticalDoor:
    """feed, reply, tick as every door; line() is what the port wants once its last reply has left.

    signon and link are the two protocols; unused_ms: back to the sign-on when the hand-over is
    followed by no SNRM for so long.
    """

    def __init__(self, signon, link, unused_ms: int):
        self.link = link
        self._signon = signon
        self._unused_ms = unused_ms
        self._used = False  # the link was open since the hand-over
        self._since_ms = 0

    def line(self) -> int:
        """Baud code and format the port should have now (see port/uart.py)."""
        return self._signon.line

    def feed(self, buf, n: int, now_ms: int):
        """Take buf[0:n] for whichever protocol has the line."""
        if self._signon.done():
            self.link.feed(buf, n, now_ms)
        else:
            self._signon.feed(buf, n, now_ms)
            self._since_ms = now_ms

    def reply(self, out) -> int:
        """The next frame or message, 0 when there is none."""
        if self._signon.done():
            return self.link.reply(out)
        return self._signon.reply(out)

    def tick(self, now_ms: int):
        """Let time pass; ends HDLC mode when the link has been closed long enough."""
        if not self._signon.done():
            self._signon.tick(now_ms)
            self._used = False
            return
        self.link.tick(now_ms)
        if self.link.state:
            self._used = True
            self._since_ms = now_ms
        elif (now_ms - self._since_ms) & _TICKS_MASK > self._patience_ms():
            self._signon.reset(now_ms)

    def _patience_ms(self) -> int:
        return _LINGER_MS if self._used else self._unused_ms

    def damage(self, now_ms: int):
        """The line driver saw a damaged character."""
        if self._signon.done():
            self.link.damage(now_ms)
        else:
            self._signon.damage(now_ms)

    def sending(self, now_ms: int):
        """The caller is still putting octets on the line."""
        if self._signon.done():
            self.link.sending(now_ms)
        else:
            self._signon.sending(now_ms)
