"""The texts of the products: cosem/table.py, config.py and docs/objects.md."""

from __future__ import annotations

from .associations import Association, Device
from .installation import Installation
from .names import BAUD_RATES, CLASSES, CONFORMANCE, MECHANISMS, show_obis
from .objects import Object
from .pack import Packed
from .readout import Line
from .taken import CALLED, WRITTEN

HEAD = "Generated from firmware/meter.toml by tools/gen_table.py; do not edit."
_PER_LINE = 20
_LINE_MAX = 99
_BIT_REGISTERS = 97  # C of error and alarm registers
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
    lines += ["", *_called(objects, known)]
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


def _written(objects: list[Object], known: list[Association]) -> list[str]:
    """Every attribute that somebody may write."""
    lines = ["## Attributes that may be written", "",
             "Another type, or a string that is too long, is answered with 12 type-unmatched, a "
             "value out", "of range with 250 other-reason; the old value stays.", "",
             "| OBIS | class | attribute | takes | by |", "|---|--:|---|---|---|"]
    for item in objects:
        names = CLASSES[item.class_id][2]
        for number, name in enumerate(names, 1):
            who = _who(item, known, 4, number)
            takes = WRITTEN.get((item.class_id, number)) or _value_taken(item)
            if who:
                lines.append(f"| {show_obis(item.obis)} | {item.class_id} | {number} {name} | "
                             f"{takes} | {who} |")
    return lines


def _called(objects: list[Object], known: list[Association]) -> list[str]:
    """Every method that somebody may call."""
    lines = ["## Methods that may be called", "",
             "A parameter of another type is answered with 12 type-unmatched, one that is out of "
             "range or does", "not fit the state of the object with 250 other-reason.", "",
             "| OBIS | class | method | parameter | by |", "|---|--:|---|---|---|"]
    for item in objects:
        for number, name in enumerate(CLASSES[item.class_id][3], 1):
            who = _who(item, known, 6, number)
            if who:
                lines.append(f"| {show_obis(item.obis)} | {item.class_id} | {number} {name} | "
                             f"{CALLED[item.class_id, number]} | {who} |")
    return lines


def _who(item: Object, known: list[Association], at: int, number: int) -> str:
    """Names of the associations that may write attribute (at = 4) or call method (6) number."""
    return ", ".join(one.name for one, rights in zip(known, item.rights)
                     if int.from_bytes(rights[at : at + 2], "big") >> number - 1 & 1)


def _value_taken(item: Object) -> str:
    # Data and Echo say it in the source.
    takes = item.source.replace("setting", "").strip()
    if item.class_id == 1 and item.obis[2] == _BIT_REGISTERS:
        takes = "the bits that are to stay: a client clears bits and sets none"
    if not takes:
        return item.type_name
    return takes if 3 in item.attributes else f"{item.type_name}, {takes}"


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
