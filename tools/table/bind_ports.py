"""Setups of the ports as the source has them: classes 19 and 23.

    class 19  of the optical port, from [port.optical]
    class 23  port = "optical" or "rs485", from [hdlc] and the port's own section

A client may change them: what is here is what the meter has at first.
"""

from __future__ import annotations

from . import data
from .names import BAUD_RATES, TYPES
from .source import Section

_HDLC_SETUP = bytes((22, 0, 0, 255))  # behind 0-b
_LOCAL_PORT = bytes((0, 0, 20, 0, 0, 255))
_PORTS = {"optical": "OPTICAL", "rs485": "RS485"}  # in the order of main.py
_BAUD_115200 = 9  # of the enumeration of IEC 62056-6-2; its 0 to 6 are the Z of IEC 62056-21
_LETTER_AT, _Z_AT, _Z_0 = 3, 4, 0x30  # in the identification /XXXZ


def _enum(number: int) -> bytes:
    return bytes((TYPES["enum"], number))


def _u8(number: int) -> bytes:
    return bytes((TYPES["unsigned"], number))


def _u16(number: int) -> bytes:
    return bytes((TYPES["long-unsigned"],)) + number.to_bytes(2, "big")


def _speed(code: int) -> bytes:
    return _enum(_BAUD_115200 if BAUD_RATES[code] == 115200 else code)


def hdlc(made, section: Section, reader) -> None:
    """Class 23. Argument: index of the port."""
    name = section.text("port")
    if name not in _PORTS:
        raise section.error(f"there is no port '{name}'", "port")
    if made.obis[0] or made.obis[2:] != _HDLC_SETUP:
        raise section.error("an HDLC setup is 0-b:22.0.0.255", "obis")
    _in_management(made, section)
    made.argument = list(_PORTS).index(name)
    made.source = f"port {name}"
    values = reader.installation.values
    code = values["RS485_LINE"] & 7 if name == "rs485" else _offered(values)
    window, info = _u8(values["WINDOW"]), _u16(values["MAX_INFO"])
    made.attributes = {
        2: _speed(code), 3: window, 4: window, 5: info, 6: info,
        7: _u16(values["INTER_OCTET_MS"]), 8: _u16(values["INACTIVITY_MS"] // 1000),
        9: _u16(values[_PORTS[name] + "_PHYSICAL"]),
    }
    reader.later.append(lambda found: _alone(made, section, found))


def _offered(values: dict) -> int:
    return values["IDENTIFICATION"][_Z_AT] - _Z_0


def _in_management(made, section: Section) -> None:
    if made.device != 1:
        raise section.error(
            f"class {made.class_id} belongs to the management logical device, number 1", "device")


def _alone(made, section: Section, found: list) -> None:
    same = [one for one in found if (one.class_id, one.argument) == (23, made.argument)]
    if same[0] is not made:
        raise section.error(f"the {made.source} has the setup {same[0].title()} already", "port")


def local_port(made, section: Section, reader) -> None:
    """Class 19: default_mode, default_baud, prop_baud, response_time, device_addr."""
    if made.obis != _LOCAL_PORT:
        raise section.error("the setup of the optical port is 0-0:20.0.0.255", "obis")
    _in_management(made, section)
    values = reader.installation.values
    letter = values["IDENTIFICATION"][_LETTER_AT : _LETTER_AT + 1]
    made.attributes = {
        2: _enum(0), 3: _enum(0), 4: _speed(_offered(values)),
        5: _enum(0 if letter.islower() else 1), 6: data.octet_string(values["DEVICE_ADDRESS"]),
    }
    made.source = "[port.optical]"


BOUND = {19: local_port, 23: hdlc}
