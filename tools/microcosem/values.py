"""What a person reads: a register's value with its scaler, a date, a text, in exact decimals."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

from .axdr import Bits, Structure
from .names import CLASSES, show, unit

_MAX_SCALER = 30  # larger exponents are a fault of the meter
_LONGEST = 64  # characters of a value in a table
_NO_DEVIATION = -0x8000
_STATUS_DST = 0x80
_STATUS_INVALID = 0x01  # never set, or lost
_STATUS_DOUBT = 0x0E


def scaled(value, scaler: int) -> Decimal | None:
    """value * 10**scaler, exact; None when the value is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(scaler) > _MAX_SCALER:
        return None
    if isinstance(value, float):
        value = format(value, ".7g")
    return Decimal(value).scaleb(scaler)


def scaler_unit(data) -> tuple[int, str]:
    """{scaler, unit} of a register: (exponent, text of the unit)."""
    if isinstance(data, Structure) and len(data) == 2 and all(isinstance(x, int) for x in data):
        return int(data[0]), unit(int(data[1]))
    return 0, ""


def date_time(octets: bytes) -> str | None:
    """Twelve octets as 2024-07-20 12:30:00 +02:00 summer; unspecified parts as --."""
    if len(octets) != 12:
        return None
    year = int.from_bytes(octets[:2], "big")
    date = "-".join((_part(year, 0xFFFF, 4), _part(octets[2], 0xFF), _part(octets[3], 0xFF)))
    time = ":".join(_part(octet, 0xFF) for octet in octets[5:8])
    return f"{date} {time}" + _offset(octets[9:11]) + _status(octets[11])


def _part(value: int, wildcard: int, width: int = 2) -> str:
    return "-" * width if value == wildcard else f"{value:0{width}d}"


def _offset(octets: bytes) -> str:
    """The deviation is minutes to add to local time to get UTC: -120 is +02:00."""
    minutes = -int.from_bytes(octets, "big", signed=True)
    if minutes == -_NO_DEVIATION:
        return ""
    hours, rest = divmod(abs(minutes), 60)
    return f" {'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def _status(status: int) -> str:
    if status == 0xFF:
        return ""
    doubt = " doubtful" if status & _STATUS_DOUBT else ""
    return (
        (" summer" if status & _STATUS_DST else "")
        + (" invalid" if status & _STATUS_INVALID else "")
        + doubt
    )


def to_datetime(octets: bytes) -> datetime | None:
    """Twelve octets as an aware datetime (naive without a deviation); None with wildcards."""
    if len(octets) != 12:
        return None
    deviation = int.from_bytes(octets[9:11], "big", signed=True)
    zone = None if deviation == _NO_DEVIATION else timezone(timedelta(minutes=-deviation))
    hundredths = 0 if octets[8] == 0xFF else octets[8]
    year, (hour, minute, second) = int.from_bytes(octets[:2], "big"), octets[5:8]
    micros = hundredths * 10000
    try:
        return datetime(year, octets[2], octets[3], hour, minute, second, micros, zone)
    except ValueError:
        return None


def text(value) -> str:
    """Any value on one line."""
    if value is None:
        return "-"
    if isinstance(value, bytes):
        return _octets(value)
    if isinstance(value, list):
        return "[" + ", ".join(text(item) for item in value) + "]"
    if isinstance(value, Structure):
        return "{" + ", ".join(text(item) for item in value) + "}"
    return value if isinstance(value, Bits) else str(value)


def brief(value, shown: str) -> str:
    """`shown`, or for a value too long for a line of a table its start or its size."""
    if len(shown) <= _LONGEST:
        return shown
    if isinstance(value, list):
        return f"[{len(value)} elements]"
    if isinstance(value, bytes):
        return f"{shown[:_LONGEST]}… ({len(value)} octets)"
    return shown[:_LONGEST] + "…"


def _octets(value: bytes) -> str:
    """Printable text as text; a plausible date-time as a date; the rest in hex."""
    if value and all(0x20 <= octet < 0x7F for octet in value):
        return value.decode("ascii")
    if len(value) == 12 and to_datetime(value) is not None:
        return date_time(value) or ""
    if len(value) == 6 and value[5] == 255:
        return show(value)
    return value.hex().upper()


def plain(value):
    """Any value in the types of JSON; octets in hex."""
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def class_name(class_id: int) -> str:
    return CLASSES.get(class_id, f"class {class_id}")
