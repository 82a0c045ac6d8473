# Data readout of IEC 62056-21 in modes A and C, a line at a time.
#
#   STX  line CRLF  ...  ! CRLF  ETX  BCC
#
# BCC is the exclusive or of everything behind STX up to and with ETX (ISO 1155), built up as
# the lines leave, so the block is never whole in RAM.
from micropython import const

from cosem import readout

_STX = const(0x02)
_ETX = const(0x03)
_CR = const(0x0D)
_LF = const(0x0A)
_BUFFER = const(82)  # STX, a line of 78 characters with its end, and one to spare


def buffer_size() -> int:
    """Octets that Readout.reply may write at a time."""
    return _BUFFER


class Readout:
    """One readout under way; `more` is True until all of it was handed out."""

    def __init__(self):
        self.more = False
        self._at = 0
        self._bcc = 0

    def start(self) -> bool:
        """From the first line on; False when the meter has nothing to read out."""
        self._at = 0
        self._bcc = 0
        self.more = readout.end() > 0
        return self.more

    def reply(self, out) -> int:
        """Write the next line, or the end of the block, to out; the number of characters."""
        at = self._at
        if at == readout.end():
            return self._last(out)
        first = 1 if at == 0 else 0
        out[0] = _STX
        end = _line_end(out, readout.line(at, out, first))
        self._at = readout.after(at)
        self._check(out, first, end)
        return end

    def _last(self, out) -> int:
        out[0] = 0x21  # "!"
        end = _line_end(out, 1)
        out[end] = _ETX
        self._check(out, 0, end + 1)
        out[end + 1] = self._bcc
        self.more = False
        return end + 2

    def _check(self, out, at: int, end: int):
        bcc = self._bcc
        for k in range(at, end):
            bcc ^= out[k]
        self._bcc = bcc


def _line_end(out, pos: int) -> int:
    out[pos] = _CR
    out[pos + 1] = _LF
    return pos + 2
