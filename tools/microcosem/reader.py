"""Reads a meter: python -m microcosem.reader PORT [OBIS ...]

PORT is a serial port or socket://HOST:PORT. OBIS is like 1-0:1.8.0, or class/OBIS/attribute.
"""

from __future__ import annotations

import argparse
import json
import sys

from . import names, values
from .client import Session, open_session
from .errors import ReaderError, UsageError
from .hdlc import server_address
from .link import Link
from .modee import BAUDS, FASTER
from .reading import Reading, object_list, read_entry, read_value
from .wire import Wire
from .wrapper import WrapperSession

_USUAL = (
    "0-0:42.0.0",
    "0-0:96.1.0",
    "0-0:1.0.0",
    "1-0:1.8.0",
    "1-0:2.8.0",
    "1-0:32.7.0",
    "1-0:31.7.0",
    "1-0:91.7.0",
    "1-0:16.7.0",
    "1-0:13.7.0",
    "1-0:14.7.0",
)
_PUBLIC = 16  # client that needs no password
_LOWER_FORMS = {1: 0, 2: 0x7F, 4: 0x3FFF}  # largest physical address by address size


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = argparse.ArgumentParser(
        prog="python -m microcosem.reader",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("port", help="serial port or socket://HOST:PORT")
    p.add_argument("obis", nargs="*", help="what to read; without it the usual values")
    p.add_argument("--list", action="store_true", help="read the object list and every value")
    p.add_argument(
        "--attributes",
        action="store_true",
        help="with --list: every readable attribute, not only the values",
    )
    p.add_argument(
        "--readout",
        action="store_true",
        help="the data readout of IEC 62056-21 mode C instead of DLMS; needs no password",
    )
    p.add_argument("--json", action="store_true", help="print JSON, with every value in full")
    add_connection(p)
    return p


def add_connection(p: argparse.ArgumentParser) -> None:
    """The options that say how to reach the meter and as whom."""
    door = p.add_mutually_exclusive_group()
    door.add_argument(
        "--mode-e",
        dest="mode_e",
        action="store_true",
        default=True,
        help="sign on through an optical port at 300 baud (default)",
    )
    door.add_argument("--hdlc", dest="mode_e", action="store_false", help="HDLC at once (RS-485)")
    door.add_argument("--wrapper", action="store_true", help="TCP with the wrapper, without HDLC")
    p.add_argument("--client", type=int, default=_PUBLIC, help="client address (default 16)")
    p.add_argument("--password", help="low level security: the password of the client")
    p.add_argument("--server", type=int, default=1, help="logical device (default 1)")
    p.add_argument("--physical", type=int, default=None, help="physical device address")
    p.add_argument(
        "--address-size",
        type=int,
        choices=(1, 2, 4),
        default=None,
        help="octets of the HDLC server address",
    )
    p.add_argument("--meter", default="", help="meter address of the sign-on")
    p.add_argument("--baud", type=int, default=9600, help="speed with --hdlc (default 9600)")
    p.add_argument("--max-baud", default="19200", help="highest speed to accept at the sign-on")
    p.add_argument("--max-info", type=int, default=128, help="octets in a frame (default 128)")
    p.add_argument("--window", type=int, default=1, help="frames in a row (default 1)")
    p.add_argument("--timeout", type=float, default=3.0, help="seconds to wait for an answer")
    p.add_argument("--echo", action="store_true", help="take out the echo of an optical head")
    p.add_argument("--trace", action="store_true", help="print what is on the wire in hex")


def speed_character(text: str) -> str:
    """'5' or '9600' -> '5'."""
    for character, baud in (BAUDS | FASTER).items():
        if text in (character, str(baud)):
            return character
    raise UsageError(f"'{text}' is no speed of the sign-on; it has 300, 600, 1200 ... 19200 baud")


def _check(condition: bool, text: str) -> None:
    if not condition:
        raise UsageError(text)


def make_link(options) -> Link:
    """The link that the addressing options describe."""
    size = options.address_size or (1 if options.physical is None else 2)
    physical = options.physical or 0
    largest_logical = 0x3FFF if size == 4 else 0x7F
    _check(0 < options.client < 0x7F, "--client is a number from 1 to 126")
    _check(
        0 < options.server <= largest_logical, f"--server is a number from 1 to {largest_logical}"
    )
    _check(
        0 <= physical <= _LOWER_FORMS[size],
        f"--physical has no room in an address of {size} octets",
    )
    _check(32 <= options.max_info <= 2030, "--max-info is a number from 32 to 2030")
    _check(1 <= options.window <= 7, "--window is a number from 1 to 7")
    server = server_address(options.server, physical, size)
    return Link(options.client, server, options.max_info, options.window)


def _password(options) -> bytes | None:
    if options.password is None:
        return None
    try:
        return options.password.encode("latin-1")
    except UnicodeEncodeError:
        raise UsageError("--password has a character that cannot be sent") from None


def connect(options) -> Session:
    """An associated session as the options say."""
    password = _password(options)
    _check(options.timeout > 0, "--timeout is a number of seconds above 0")
    session = _wrapped(options) if options.wrapper else _linked(options)
    try:
        session.associate(password)
    except ReaderError:
        session.close()
        raise
    return session


def _linked(options) -> Session:
    """A session with its link up, behind a sign-on or not."""
    link, max_speed = make_link(options), speed_character(options.max_baud)
    _check(options.baud > 0, "--baud is a number above 0")
    return open_session(
        Wire(options.port, options.trace, options.echo),
        link,
        baud=options.baud,
        mode_e=options.mode_e,
        address=options.meter,
        max_speed=max_speed,
        timeout_s=options.timeout,
    )


def _wrapped(options) -> Session:
    """A session over TCP; addresses have 16 bits there."""
    _check(options.port.startswith("socket://"), "--wrapper needs socket://HOST:PORT")
    for name in ("client", "server"):
        _check(0 < getattr(options, name) <= 0xFFFF, f"--{name} is a number from 1 to 65535")
    wire = Wire(options.port, options.trace)
    return WrapperSession(wire, options.client, options.server, options.timeout)


def read(session: Session, options) -> list[Reading]:
    """What the options ask for."""
    if options.list:
        return [
            reading
            for entry in object_list(session)
            for reading in read_entry(session, entry, options.attributes)
        ]
    wanted = [names.parse(text) for text in options.obis or _USUAL]
    readings = _read_wanted(session, wanted)
    if not options.obis:  # not every meter has all of the usual values
        readings = [reading for reading in readings if not reading.error]
    return readings


def _read_wanted(session: Session, wanted) -> list[Reading]:
    """Objects whose class nobody named and no table knows are looked up in the object list."""
    classes = {}
    if any(not (class_id or names.usual_class(obis)) for class_id, obis, _ in wanted):
        classes = {entry.obis: entry.class_id for entry in object_list(session)}
    return [
        read_value(
            session,
            class_id or names.usual_class(obis) or classes.get(obis, 1),
            obis,
            attribute or 2,
        )
        for class_id, obis, attribute in wanted
    ]


def print_table(readings: list[Reading], title: str) -> None:
    """OBIS, name, value, unit."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title)
    for heading in ("OBIS", "name", "value", "unit"):
        table.add_column(
            heading, justify="right" if heading == "value" else "left", overflow="fold"
        )
    for reading in readings:
        row, style = _row(reading), "red" if reading.error else ""
        table.add_row(*(Text(cell, style) for cell in row))
    Console().print(table)


def _row(reading: Reading) -> tuple[str, str, str, str]:
    code = names.show(reading.obis)
    if reading.attribute != 2:
        code += f"/{reading.attribute}"
    value = reading.error or values.brief(reading.value, reading.shown)
    return code, names.name(reading.obis), value, reading.unit


def _title(session: Session) -> str:
    found = session.identification
    return f"{found.maker} {found.text}, {session.baud} baud" if found else ""


def read_out(options) -> int:
    """Reads and prints the data readout."""
    at_a_port = options.mode_e and not options.wrapper
    _check(at_a_port and not options.obis, "--readout reads all there is, at an optical port")
    _check(options.timeout > 0, "--timeout is a number of seconds above 0")
    link = make_link(options)
    session = Session(Wire(options.port, options.trace, options.echo), link, options.timeout)
    try:
        found = session.read_out(options.meter)
    finally:
        session.close()
    if options.json:
        print(json.dumps([vars(line) for line in found], indent=1))
    else:
        print(_title(session))
        for line in found:
            print(f"{line.address:<8} {line.value:>20} {line.unit}".rstrip())
    return 0


def run(options) -> int:
    """Reads and prints; 0 when everything that was asked for by name could be read."""
    if options.readout:
        return read_out(options)
    for text in options.obis:
        names.parse(text)
    session = connect(options)
    try:
        readings, title = read(session, options), _title(session)
    finally:
        session.close()
    if options.json:
        print(json.dumps([reading.as_json() for reading in readings], indent=1))
    else:
        print_table(readings, title)
    return 1 if any(reading.error for reading in readings) else 0


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_intermixed_args(arguments)
    try:
        return run(options)
    except ReaderError as error:
        if options.json:
            print(json.dumps({"error": {"kind": error.kind, "message": error.text}}))
        print(f"reader: {error.text}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        print("reader: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
