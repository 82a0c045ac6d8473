"""The port of a reader: bytes out, bytes in, line format, echo, trace. Works on any pyserial URL."""

from __future__ import annotations

import contextlib
import os
import sys
import time

import serial

from .errors import PortError

try:
    import termios

    _FAILURES = (serial.SerialException, ValueError, OSError, termios.error)
except ImportError:  # Windows
    _FAILURES = (serial.SerialException, ValueError, OSError)

_POLL_S = 0.02  # granularity of waiting


class Wire:
    """An open port. `trace` prints every message in hex on standard error."""

    def __init__(self, url: str, trace: bool = False, echo: bool = False):
        self.url = url
        self.trace = trace
        self._cancels_echo = echo
        self._echo = bytearray()  # octets sent that will come back
        self._seven_bits = False
        self._own_parity = False
        self._port = self._open(url)

    @staticmethod
    def _open(url: str):
        try:
            return serial.serial_for_url(url, timeout=_POLL_S, write_timeout=10)
        except _FAILURES as error:
            raise PortError(f"the port {url} cannot be opened: {_reason(error)}") from None

    def close(self) -> None:
        self._port.close()

    def set_line(self, baud: int, seven_bits: bool) -> None:
        """7E1 for the sign-on, 8N1 for HDLC. A driver without 7E1 gets its parity from us."""
        self._seven_bits = seven_bits
        self._own_parity = False
        try:
            self._port.baudrate = baud
            self._set_format(seven_bits)
        except _FAILURES as error:
            form = "7E1" if seven_bits else "8N1"
            raise PortError(
                f"the port {self.url} cannot do {baud} baud {form}: {_reason(error)}"
            ) from None
        if self.trace:
            print(f"   {baud} baud {'7E1' if seven_bits else '8N1'}", file=sys.stderr)

    def _set_format(self, seven_bits: bool) -> None:
        if seven_bits:
            try:
                self._port.bytesize = serial.SEVENBITS
                self._port.parity = serial.PARITY_EVEN
                return
            except _FAILURES:
                self._own_parity = True  # the same ten bits on the line, made as 8N1
        with contextlib.suppress(*_FAILURES):
            self._port.parity = serial.PARITY_NONE  # may fail as long as there are seven bits
        self._port.bytesize = serial.EIGHTBITS

    def write(self, data: bytes) -> None:
        """Sends, and returns when the last bit has left (as far as the driver can tell)."""
        self._show(">>", data)
        if self._cancels_echo:
            self._echo += data
        try:
            self._port.write(_with_parity(data) if self._own_parity else data)
            self._port.flush()
        except _FAILURES as error:
            raise PortError(f"the port {self.url} failed: {_reason(error)}") from None

    def read(self) -> bytes:
        """What has arrived; empty after a short wait without anything."""
        try:
            data = self._port.read(max(1, self._port.in_waiting))
        except _FAILURES as error:
            raise PortError(f"the port {self.url} failed: {_reason(error)}") from None
        if self._seven_bits:
            data = bytes(octet & 0x7F for octet in data)
        self._show("<<", data)
        return self._without_echo(data)

    def drain(self, quiet_s: float = 0.05) -> bytes:
        """Reads until the line has been quiet for a while; at most ten times that long."""
        data, end = b"", time.monotonic() + 10 * quiet_s
        quiet_since = time.monotonic()
        while time.monotonic() < min(end, quiet_since + quiet_s):
            piece = self.read()
            if piece:
                data += piece
                quiet_since = time.monotonic()
        return data

    def _without_echo(self, data: bytes) -> bytes:
        """Takes the octets that we sent ourselves off the front, as long as they match."""
        taken = 0
        while taken < len(data) and self._echo and data[taken] == self._echo[0]:
            del self._echo[0]
            taken += 1
        if taken < len(data):
            self._echo.clear()
        return data[taken:]

    def _show(self, mark: str, data: bytes) -> None:
        if self.trace and data:
            print(f"{mark} {data.hex(' ').upper()}", file=sys.stderr)


def _with_parity(data: bytes) -> bytes:
    """Seven bits and the even parity as the eighth."""
    return bytes(octet | octet.bit_count() % 2 << 7 for octet in data)


def _reason(error: Exception) -> str:
    """The operating system's words when there are any, else the last part of the message."""
    number = getattr(error, "errno", None)
    if type(error).__name__ == "error" and error.args:  # termios.error has no errno
        number = error.args[0]
    if number:
        return os.strerror(number).lower()
    words = str(error)
    if "[Errno" in words:
        words = words.rpartition("[Errno")[2].partition("]")[2]
    return words.rpartition("could not open port")[2].strip(" :'\")") or type(error).__name__
