# Negotiation of the HDLC link: the information field of SNRM and UA. IEC 62056-46, 6.4.4.4.3.
#
#   81 80 len { id len value }    81 format identifier, 80 group identifier
#   05 max information field, transmit   06 the same, receive     1 or 2 octets, default 128
#   07 window, transmit                  08 window, receive     4 octets (1, 2 accepted), default 1
# Every value is seen from the sender: what the client sends in 06 bounds what we transmit.
from micropython import const

_FORMAT_ID = const(0x81)
_GROUP = const(0x80)  # negotiation parameters
_INFO_TX = const(5)
_WINDOW_RX = const(8)
_INFO_DEFAULT = const(128)
_INFO_MIN = const(32)
_INFO_MAX = const(2030)
_WINDOW_MAX = const(7)


class Negotiation:
    """Limits of one link: own ones, and the agreed ones after each SNRM.

    `max_info` octets, which the buffers of the link hold, and `window` frames are the own ones
    until own() says otherwise; `info_tx`, `info_rx` octets of the information field, `window_tx`,
    `window_rx` frames, as seen from the server.
    """

    def __init__(self, max_info: int, window: int):
        self.max_info = max_info
        self.own(max_info, max_info, window, window)
        self._asked = bytearray(8)  # four u16: the client's 05 06 07 08
        self.reset()

    def own(self, info_tx: int, info_rx: int, window_tx: int, window_rx: int):
        """Own limits for the next SNRM, kept in `mine` in this order; what is agreed stays."""
        self.mine = (
            min(info_tx, self.max_info),
            min(info_rx, self.max_info),
            window_tx,
            window_rx,
        )

    def reset(self):
        """Values of a link whose SNRM carries no parameters, whatever we could do."""
        self._ask_defaults()
        self._agree()

    def _ask_defaults(self):
        for k in range(4):
            self._put(k, _INFO_DEFAULT if k < 2 else 1)

    def _put(self, k: int, value: int):
        self._asked[2 * k] = value >> 8
        self._asked[2 * k + 1] = value & 0xFF

    def _get(self, k: int) -> int:
        return self._asked[2 * k] << 8 | self._asked[2 * k + 1]

    def _agree(self):
        own = self.mine
        self.info_tx = min(own[0], self._get(1))
        self.info_rx = min(own[1], self._get(0))
        self.window_tx = min(own[2], self._get(3))
        self.window_rx = min(own[3], self._get(2))

    def read(self, buf, pos: int, end: int) -> bool:
        """Take the proposal of an SNRM, buf[pos:end]; False when it is malformed (answer: DM)."""
        self._ask_defaults()
        good = pos == end or self._group(buf, pos, end)
        if good:
            self._agree()
        return good

    def _group(self, buf, pos: int, end: int) -> bool:
        if end - pos < 3 or buf[pos] != _FORMAT_ID or buf[pos + 1] != _GROUP:
            return False
        stop = pos + 3 + buf[pos + 2]
        pos += 3
        # A user data group may follow behind stop: not ours to read.
        while pos + 1 < stop <= end:
            size = buf[pos + 1]
            if pos + 2 + size > stop or not self._parameter(buf, pos, size):
                return False
            pos += 2 + size
        return pos == stop

    def _parameter(self, buf, pos: int, size: int) -> bool:
        k = buf[pos] - _INFO_TX
        if not 0 <= k <= _WINDOW_RX - _INFO_TX or size > 4:
            return False
        value = 0
        for at in range(pos + 2, pos + 2 + size):
            value = min(value << 8 | buf[at], 0xFFFF)
        if size:  # a length of zero means the default
            self._put(k, _bounded(k, value))
        return True

    def write(self, out, pos: int) -> int:
        """Write the UA's information field, all four values; returns the new pos."""
        head = (_FORMAT_ID, _GROUP, 0)
        for octet in head:
            out[pos] = octet
            pos += 1
        first = pos
        pos = _put_info(out, pos, 5, self.info_tx)
        pos = _put_info(out, pos, 6, self.info_rx)
        pos = _put_window(out, pos, 7, self.window_tx)
        pos = _put_window(out, pos, 8, self.window_rx)
        out[first - 1] = pos - first
        return pos


def _bounded(k: int, value: int) -> int:
    if k < 2:
        return min(max(value, _INFO_MIN), _INFO_MAX)
    return min(max(value, 1), _WINDOW_MAX)


def _put_info(out, pos: int, identifier: int, value: int) -> int:
    out[pos] = identifier
    if value > 0xFF:
        out[pos + 1] = 2
        out[pos + 2] = value >> 8
        out[pos + 3] = value & 0xFF
        return pos + 4
    out[pos + 1] = 1
    out[pos + 2] = value
    return pos + 3


def _put_window(out, pos: int, identifier: int, value: int) -> int:
    out[pos] = identifier
    out[pos + 1] = 4
    for k in range(2, 5):
        out[pos + k] = 0
    out[pos + 5] = value
    return pos + 6
