"""Identity, ports, clock and APDU sizes: what becomes config.py."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .names import BAUD_RATES
from .source import Section

_8N1 = 0x10
_FORMATS = {"7E1": 0, "8N1": _8N1}
# IEC 62056-46: lower addresses below 10 are reserved, 3FFE calls, 3FFF is everybody.
_LOWER = (0x10, 0x3FFD)
_LOWER_SHORT = 0x7D  # in an address of two octets
_LDN_MAX = 16
_IDENT_MAX = 16
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august",
           "september", "october", "november", "december")
_RTCS = ("internal", "ds3231")
_CHANGE = re.compile(r"last ([a-z]+) of ([a-z]+) (\d\d):00$")


@dataclass
class Installation:
    """Values of config.py, by the names they have there."""

    identity: dict[str, bytes] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


def read(root: Section) -> Installation:
    """Sections [identity], [port.*], [hdlc], [apdu] and [clock]."""
    made = Installation()
    made.identity = _identity(root.section("identity"))
    ports = root.section("port")
    _optical(ports.section("optical"), made)
    _rs485(ports.section("rs485"), made)
    _wrapper(ports.section("wrapper"), made)
    ports.close()
    _hdlc(root.section("hdlc"), made)
    _apdu(root.section("apdu"), made)
    clock = root.section("clock")
    made.values["RTC"] = _rtc(clock)
    made.values["CLOCK"] = _clock(clock)
    return made


def _identity(section: Section) -> dict[str, bytes]:
    letters = section.text("manufacturer")
    if not re.fullmatch(r"[A-Z]{2}[A-Za-z]", letters):
        raise section.error("'manufacturer' must be three letters, as in FLAG", "manufacturer")
    serial = section.text("serial")
    if not re.fullmatch(r"[0-9A-Za-z]+", serial):
        raise section.error("'serial' must be letters and digits", "serial")
    name = letters.upper() + serial
    if len(name) > _LDN_MAX:
        raise section.error(
            f"the logical device name {name} has {len(name)} octets and {_LDN_MAX} is the limit",
            "serial",
        )
    firmware = section.text("firmware")
    if not re.fullmatch(r"[!-~]{1,32}", firmware):
        raise section.error("'firmware' must be 1 to 32 printable characters", "firmware")
    kind = section.text("type", "")
    if not re.fullmatch(r"[ -~]{0,32}", kind):
        raise section.error("'type' must be up to 32 printable characters", "type")
    section.close()
    return {
        "manufacturer": letters.encode(),
        "type": kind.encode(),
        "serial": serial.encode(),
        "firmware": firmware.encode(),
        "logical_device_name": name.encode(),
    }


def _optical(section: Section, made: Installation) -> None:
    ident = section.text("identification")
    if not 1 <= len(ident) <= _IDENT_MAX or not re.fullmatch(r"[!-~]+", ident) or set(ident) & set(
        "/!\\"
    ):
        raise section.error(
            f"'identification' must be 1 to {_IDENT_MAX} printable characters without / ! and \\",
            "identification",
        )
    z = _baud(section, "baud_max")
    letters = made.identity["manufacturer"]
    message = b"/" + letters + b"%d\\2" % z + ident.encode() + b"\r\n"
    address = section.text("address", made.identity["serial"].decode())
    if len(address) > 32 or not address.isalnum() or not address.isascii():
        raise section.error("'address' must be up to 32 letters and digits", "address")
    quick = letters[2:].islower()
    reaction_ms = section.number("reaction_ms", 20 if quick else 200, 1500)
    made.values["IDENTIFICATION"] = message
    made.values["DEVICE_ADDRESS"] = address.encode()
    made.values["REACTION_MS"] = reaction_ms
    made.values["UNUSED_MS"] = section.number("unused_s", 1, 120) * 1000
    _address(section, "OPTICAL", made)
    section.close()


def _rs485(section: Section, made: Installation) -> None:
    shape = section.text("format")
    if shape not in _FORMATS:
        raise section.error(f"'{shape}' is no line format, only 8N1 and 7E1 are", "format")
    made.values["RS485_LINE"] = _baud(section, "baud") | _FORMATS[shape]
    _address(section, "RS485", made)
    section.close()


def _address(section: Section, port: str, made: Installation) -> None:
    lower = section.number("hdlc_address", *_LOWER)
    size = section.number("hdlc_address_octets", 0, 4, 0)
    if size == 3:
        raise section.error("an HDLC address has 1, 2 or 4 octets", "hdlc_address_octets")
    if size == 2 and lower > _LOWER_SHORT:
        raise section.error(
            f"an HDLC address of 2 octets has no room for {lower}", "hdlc_address_octets")
    made.values[port + "_PHYSICAL"] = lower
    made.values[port + "_ADDRESS_OCTETS"] = size


def _wrapper(section: Section, made: Installation) -> None:
    address = section.text("address")
    parts = address.split(".")
    if len(parts) != 4 or not all(part.isdigit() and int(part) < 256 for part in parts):
        raise section.error("'address' must be an IPv4 address of this machine", "address")
    made.values["WRAPPER_ADDRESS"] = address
    made.values["WRAPPER_PORT"] = section.number("port", 0, 0xFFFF)
    section.close()


def _baud(section: Section, key: str) -> int:
    rate = section.number(key, 300, 115200)
    if rate not in BAUD_RATES:
        known = ", ".join(str(rate) for rate in BAUD_RATES)
        raise section.error(f"{rate} Bd is not offered, only {known} are", key)
    return BAUD_RATES.index(rate)


def _hdlc(section: Section, made: Installation) -> None:
    made.values["MAX_INFO"] = section.number("max_info", 32, 2030)
    made.values["WINDOW"] = section.number("window", 1, 7)
    made.values["INTER_OCTET_MS"] = section.number("inter_octet_ms", 20, 6000)
    made.values["INACTIVITY_MS"] = section.number("inactivity_s", 0, 120) * 1000
    section.close()


def _apdu(section: Section, made: Installation) -> None:
    # GET-response-with-datablock needs 12 octets around its data; 64 keeps it worth sending.
    made.values["MAX_PDU"] = section.number("max_octets", 64, 0xFFFF)
    section.close()


def _rtc(section: Section) -> str:
    name = section.text("rtc", _RTCS[0])
    if name not in _RTCS:
        raise section.error(f"'{name}' is no clock, only {' and '.join(_RTCS)} are", "rtc")
    return name


def _clock(section: Section) -> tuple:
    made = (
        section.number("time_zone_min", -840, 840),
        section.flag("dst_enabled"),
        _change(section, "dst_begin"),
        _change(section, "dst_end"),
        section.number("dst_deviation_min", -120, 120),
    )
    section.close()
    return made


def _change(section: Section, key: str) -> tuple[int, ...]:
    # The ten fields of a date-time: any year, last such weekday of the month, any deviation.
    match = _CHANGE.match(section.text(key).lower())
    if not match or match.group(1) not in _DAYS or match.group(2) not in _MONTHS:
        raise section.error(f"'{key}' must read like 'last sunday of march 02:00'", key)
    hour = int(match.group(3))
    if hour > 23:
        raise section.error(f"'{key}' names the hour {hour}", key)
    month = _MONTHS.index(match.group(2)) + 1
    day = _DAYS.index(match.group(1)) + 1
    return (0xFFFF, month, 0xFE, day, hour, 0, 0, 0, -0x8000, 0)
