"""The texts of the products: cosem/table.py, config.py and docs/objects.md."""

from __future__ import annotations

from .associations import Association, Device
from .installation import Installation
from .names import BAUD_RATES, CLASSES, CONFORMANCE, MECHANISMS, show_obis
from .objects import Object
from .pack import Packed
from .readout import Line

HEAD = "Generated from firmware/meter.toml by tools/gen_table.py; do not edit."
_PER_LINE = 20
_LINE_MAX = 99
_CONFIG_NOTES = {
    "IDENTITY": "manufacturer, serial number, firmware version",
    "IDENTIFICATION": "message of the sign-on, IEC 62056-21; the octet behind the letters is Z",
    "DEVICE_ADDRESS": "who is meant by a sign-on with an address",
    "REACTION_MS": "from a request of the sign-on to its answer",
    "UNUSED_MS": "back to the sign-on when no link was opened for so long",
    "OPTICAL_PHYSICAL": "lower HDLC address",
    "OPTICAL_ADDRESS_OCTETS": "octets of the HDLC address, 0 = as the client likes",
    "RS485_LINE": "bits 0-2 baud code of IEC 62056-21 (7 = 115200), 0x10 = 8N1, else 7E1",
    "RS485_PHYSICAL": "lower HDLC address",
    "RS485_ADDRESS_OCTETS": "octets of the HDLC address, 0 = as the client likes",
    "WRAPPER_ADDRESS": "the wrapper listens on this address of the machine",
    "WRAPPER_PORT": "for TCP and UDP; 0 = there is no network",
    "MAX_INFO": "octets of the information field, both ways",
    "WINDOW": "frames, both ways",
    "INTER_OCTET_MS": "a frame with a longer gap is dropped",
    "INACTIVITY_MS": "a link silent for so long is closed, 0 = never",
    "MAX_PDU": "octets of the longest APDU, both ways",
    "RTC": "where the time comes from: internal, ds3231",
    "CLOCK": "zone in minutes to UTC, DST enabled, begin, end (ten fields each), DST minutes",
    "CALIBRATION": "nominal, from the analogue front end of the board; see meter/quantities.py",
}


def _octets(content: bytes) -> str:
    return 'b"' + "".join(f"\\x{octet:02x}" for octet in content) + '"'


def _table(name: str, entries: list[tuple[bytes, str]]) -> list[str]:
    if not entries:
        return [f'{name} = b""']
    lines = [f"{name} = ("]
    for content, note in entries:
        line = f"    {_octets(content)}"
        if len(line) + 4 + len(note) > _LINE_MAX:
            lines.append(f"    # {note}")
            note = ""
        lines.append(line + (f"  # {note}" if note else ""))
    return [*lines, ")"]


def _chunks(content: bytes, size: int = _PER_LINE) -> list[tuple[bytes, str]]:
    return [(part, "") for part in _split(content, size)]


def table(packed: Packed, objects: list[Object], known: list[Association],
          readout: list[Line]) -> str:
    """firmware/lib/cosem/table.py."""
    lines = [
        "# " + HEAD,
        "# Layouts: ROWS, ATTRIBUTES, SCALERS and POOL in value.py and register.py; ACCESS,",
        "# ASSOCIATIONS, VIEWS and SECRETS in associations.py; READOUT in readout.py.",
    ]
    lines += _table("ROWS", [
        (row, show_obis(item.obis)) for row, item in zip(packed.rows, objects)])
    lines += _table("SCALERS", _chunks(b"".join(packed.scalers)))
    lines += _table("ATTRIBUTES", _chunks(b"".join(packed.attributes), 16))  # two in a line
    lines += _table("ACCESS", _chunks(b"".join(packed.access), 16))
    lines += _table("ASSOCIATIONS", [
        (row, who.name) for row, who in zip(packed.associations, known)])
    lines += _table("READOUT", [
        (part, line.head.partition("(")[0]) for line in readout
        for part in _split(line.record(), 16)])
    lines += _table("VIEWS", _chunks(b"".join(packed.views)))
    lines += _table("SECRETS", _chunks(packed.secrets))
    lines += _table("POOL", _chunks(packed.pool))
    return "\n".join(lines) + "\n"


def _split(content: bytes, size: int) -> list[bytes]:
    return [content[i : i + size] for i in range(0, len(content), size)]


def config(installation: Installation) -> str:
    """firmware/config.py."""
    identity = installation.identity
    values = {
        "IDENTITY": tuple(identity[key] for key in ("manufacturer", "serial", "firmware")),
        **installation.values,
    }
    lines = ["# " + HEAD]
    for name, value in values.items():
        lines += ["", f"# {_CONFIG_NOTES[name]}", *_assignment(name, value)]
    return "\n".join(lines) + "\n"


def _assignment(name: str, value) -> list[str]:
    # One line, or one element of the tuple a line when it would be too long.
    line = f"{name} = {_literal(value)}"
    if len(line) <= _LINE_MAX or not isinstance(value, tuple):
        return [line]
    return [f"{name} = (", *(f"    {_literal(item)}," for item in value), ")"]


def _literal(value) -> str:
    if isinstance(value, bytes):
        return 'b"' + repr(value)[2:-1].replace('"', '\\"') + '"'
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        inner = ", ".join(_literal(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


def document(objects: list[Object], known: list[Association], devices: list[Device],
             installation: Installation, readout: list[Line]) -> str:
    """docs/objects.md."""
    lines = ["# Objects of the meter", "", HEAD.replace("#", "").strip(), ""]
    lines += ["## Logical devices", "", "| SAP | name |", "|--:|---|"]
    lines += [f"| {device.sap} | `{device.name.decode()}` |" for device in devices]
    lines += ["", "## Associations", ""]
    lines += ["| name | client | server | authentication | services offered |",
              "|---|--:|--:|---|---|"]
    lines += [_association_line(who) for who in known]
    for device in devices:
        own = [index for index, who in enumerate(known) if who.server == device.sap]
        names = [known[index].name for index in own]
        lines += ["", f"## Objects of logical device {device.sap}", ""]
        lines += ["| OBIS | class | object | value | scaler, unit | " + " | ".join(names) + " |"]
        lines += ["|---|---|---|---|---|" + "---|" * len(names)]
        lines += [_object_line(item, own) for item in objects if item.device == device.sap]
    lines += ["", "Rights: R = attributes that may be read, W written, M = methods that may be",
              "called, with their numbers; - = the association does not see the object."]
    lines += ["", *_written(objects, known)]
    lines += ["", *_readout(readout), *_ports(installation)]
    return "\n".join(lines) + "\n"


def _association_line(who: Association) -> str:
    services = [name for name in CONFORMANCE if who.offers(name)]
    mechanism = [name for name, number in MECHANISMS.items() if number == who.mechanism][0]
    if who.demo:
        mechanism += " (demo password)"
    return f"| {who.name} | {who.client} | {who.server} | {mechanism} | {', '.join(services)} |"


def _object_line(item: Object, own: list[int]) -> str:
    value = ", ".join(part for part in (item.type_name, item.source) if part)
    unit = f"10^{item.scaler} {item.unit}".replace("10^0 ", "") if item.class_id == 3 else ""
    rights = " | ".join(_rights(item.rights[index]) for index in own)
    kind = f"{item.class_id} {CLASSES[item.class_id][1]} v{item.version}"
    return f"| {show_obis(item.obis)} | {kind} | {item.name} | {value} | {unit} | {rights} |"


# Class and attribute -> what may be written; Data and Echo say it with their value.
_WRITTEN = {
    (5, 8): "double-long-unsigned, seconds, 1 to 86400; the averages start anew",
    (5, 9): "long-unsigned, 1 to 60; the averages start anew",
    (6, 2): "array of class and OBIS code of energies by rate, demands and maxima, up to 32",
    (6, 3): "array of name and indices into attribute 2, up to 32",
    (6, 4): "octet-string, the name of a mask",
    (7, 3): "array of capture objects, 1 to 40, rows of at most 512 octets; empties the buffer",
    (7, 4): "double-long-unsigned, seconds, 0 = by capture alone; empties the buffer",
    (7, 5): "enum, 1 to 6; empties the buffer",
    (7, 6): "one of the capture objects; empties the buffer",
    (7, 8): "double-long-unsigned, 1 and more, what there is no room for is cut; empties the "
            "buffer",
    (8, 2): "octet-string of 12 octets or date-time; wild octets keep what the clock has",
    (8, 3): "long, -840 to 720",
    (8, 5): "octet-string of 12 octets or date-time, with wildcards",
    (8, 6): "octet-string of 12 octets or date-time, with wildcards",
    (8, 7): "integer, -120 to 120",
    (8, 8): "boolean",
    (9, 2): "scripts of any actions, each identifier once",
    (10, 2): "entries, each index once, 1 to 9999; dates as date-times too",
    (11, 2): "entries, each index once; dates with wildcards",
    (15, 7): "octet-string of 8 to 64 octets, counts from the next association on",
    (19, 2): "enum, 0: the port begins with a sign-on",
    (19, 3): "enum, 0: at 300 Bd",
    (19, 4): "enum, 0 to 6 and 9 = 115200 Bd; from the next sign-on on, as all of this object",
    (19, 5): "enum, 0 or 1",
    (19, 6): "octet-string of 1 to 32 letters and digits",
    (20, 6): "octet-string",
    (20, 7): "seasons, each name once; a start with a month and a day",
    (20, 8): "weeks, each name once",
    (20, 9): "days, each day_id and each start_time of a day once",
    (20, 10): "octet-string of 12 octets or date-time, without wildcards; all open = never",
    (23, 2): "enum, 0 to 6 and 9; from the end of the port's link on, as all of this object; the "
             "sign-on of the optical port overrides it",
    (23, 3): "unsigned, 1 to 7",
    (23, 4): "unsigned, 1 to 7",
    (23, 5): "long-unsigned, 32 to max_info of [hdlc]",
    (23, 6): "long-unsigned, 32 to max_info of [hdlc]",
    (23, 7): "long-unsigned, 20 to 6000 ms",
    (23, 8): "long-unsigned, seconds, 0 = never",
    (23, 9): "long-unsigned, 16 to 16381; to 125 where addresses have two octets",
    (22, 2): "script_logical_name and script_selector",
    (22, 3): "enum 1 to 5 that fits execution_time",
    (22, 4): "times and dates that fit type",
    (21, 2): "array of up to 16 integers of the type of the monitored value",
    (21, 3): "an attribute that is an integer of the type of the thresholds",
    (21, 4): "array of up to 16 pairs of scripts: table and selector, 0 = none",
    (70, 4): "enum, 0 to 6",
    (71, 2): "an attribute that is an integer of the type of the thresholds",
    (71, 4): "an integer of the type of the monitored value",
    (71, 5): "an integer of the type of the monitored value",
    (71, 6): "double-long-unsigned, seconds",
    (71, 7): "double-long-unsigned, seconds",
    (71, 8): "id, activation time as octet-string or date-time, duration in seconds",
    (71, 9): "array of up to 32 long-unsigned",
    (71, 11): "two scripts: table and selector, 0 = none",
    (24, 2): "enum, 0: there is no such bus",
    (24, 3): "enum, 0 to 9",
    (24, 4): "array of up to 32 unsigned",
    (24, 5): "array of up to 32 integer",
    (26, 4): "octet-string, up to 512 octets",
    (27, 2): "enum, 0 to 9",
    (27, 3): "array of up to 32 structures of request, response and delay in ms; octet-strings of "
             "up to 254 octets and a long-unsigned",
    (27, 4): "array of up to 32 octet-strings of up to 254 octets",
    (28, 2): "enum, 3: there is no modem",
    (28, 3): "array of pairs of date-times, wildcards welcome",
    (28, 5): "unsigned",
    (28, 6): "structure of two unsigned",
    (29, 2): "enum, 0: there is no modem",
    (29, 3): "unsigned",
    (29, 4): "long-unsigned, seconds",
    (29, 5): "array of pairs of date-times, wildcards welcome",
    (29, 6): "array of up to 32 octet-strings of up to 254 octets",
    (61, 3): "class, OBIS code with 255 as E, up to 32 values of E, attribute from 1 on; empties "
             "the table",
    (61, 4): "structure of integer and enum",
    (63, 3): "structure of unsigned and a long-unsigned, or an array with one for each bit",
}


def _written(objects: list[Object], known: list[Association]) -> list[str]:
    """Every attribute that somebody may write."""
    lines = ["## Attributes that may be written", "",
             "Another type, or a string that is too long, is answered with 12 type-unmatched, a "
             "value out", "of range with 250 other-reason; the old value stays.", "",
             "| OBIS | class | attribute | takes | by |", "|---|--:|---|---|---|"]
    for item in objects:
        names = CLASSES[item.class_id][2]
        for number, name in enumerate(names, 1):
            who = [one.name for one, rights in zip(known, item.rights)
                   if int.from_bytes(rights[4:6], "big") >> number - 1 & 1]
            takes = _WRITTEN.get((item.class_id, number)) or (
                f"{item.type_name}, {item.source.replace('setting ', '')}")
            if who:
                lines.append(f"| {show_obis(item.obis)} | {item.class_id} | {number} {name} | "
                             f"{takes} | {', '.join(who)} |")
    return lines


def _rights(rights: bytes) -> str:
    parts = []
    for letter, at in (("R", 2), ("W", 4), ("M", 6)):
        mask = int.from_bytes(rights[at : at + 2], "big")
        numbers = [k + 1 for k in range(16) if mask >> k & 1]
        if numbers:
            parts.append(letter + " " + _ranges(numbers))
    return ", ".join(parts) or "-"


def _ranges(numbers: list[int]) -> str:
    # 1 2 3 5 -> 1-3 5
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _readout(readout: list[Line]) -> list[str]:
    if not readout:
        return []
    lines = ["## Data readout", "", "On the optical port, without a password (README).", ""]
    lines += ["| line | object |", "|---|---|"]
    lines += [f"| `{line.text}` | {line.name} |" for line in readout]
    return [*lines, ""]


def _wrapper(values: dict) -> str:
    if not values["WRAPPER_PORT"]:
        return "not started by itself; on the targets host and unix `make run` does"
    return f"TCP and UDP port {values['WRAPPER_PORT']} of {values['WRAPPER_ADDRESS']}"


def _ports(installation: Installation) -> list[str]:
    values = installation.values
    line = values["RS485_LINE"]
    return [
        "## Ports", "",
        f"- Optical: sign-on `{values['IDENTIFICATION'].decode().rstrip()}` after "
        f"{values['REACTION_MS']} ms, device address `{values['DEVICE_ADDRESS'].decode()}`, lower "
        f"HDLC address {values['OPTICAL_PHYSICAL']}.",
        f"- RS-485: {BAUD_RATES[line & 7]} Bd {'8N1' if line & 0x10 else '7E1'}, lower HDLC "
        f"address {values['RS485_PHYSICAL']}.",
        f"- Wrapper: {_wrapper(values)}.",
        f"- HDLC: information field up to {values['MAX_INFO']} octets, window {values['WINDOW']}, "
        f"inter-octet time-out {values['INTER_OCTET_MS']} ms, inactivity time-out "
        f"{values['INACTIVITY_MS'] // 1000} s.",
        f"- APDUs: up to {values['MAX_PDU']} octets both ways.",
    ]
