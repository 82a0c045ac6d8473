"""The texts of the products: cosem/table.py, config.py and docs/objects.md."""

from __future__ import annotations

from .associations import Association, Device
from .installation import Installation
from .names import CLASSES, CONFORMANCE, MECHANISMS, show_obis
from .objects import Object
from .pack import Packed

_HEAD = "Generated from firmware/meter.toml by tools/gen_table.py; do not edit."
_PER_LINE = 20
_LINE_MAX = 99
_CONFIG_NOTES = {
    "OPTICAL_SIGN_ON": "identification, device address, reaction time in ms: dlms.signon.SignOn",
    "OPTICAL_UNUSED_MS": "back to the sign-on when no link was opened for so long",
    "OPTICAL_LINK": "lower address, max info, window, inter-octet ms, inactivity ms (0 = never)",
    "RS485_LINE": "bits 0-2 baud code of IEC 62056-21 (7 = 115200), 0x10 = 8N1, else 7E1",
    "RS485_LINK": "as OPTICAL_LINK",
    "PDU": "largest APDU taken, largest APDU sent",
    "CLOCK": "zone in minutes to UTC, DST enabled, begin, end (ten fields each), DST minutes",
    "CALIBRATION": "nominal, from the analogue front end of the board; see meter/quantities.py",
    "IDENTITY": "manufacturer, serial number, firmware version",
}


def _octets(content: bytes) -> str:
    return 'b"' + "".join(f"\\x{octet:02x}" for octet in content) + '"'


def _table(name: str, entries: list[tuple[bytes, str]]) -> list[str]:
    if not entries:
        return [f'{name} = b""']
    lines = [f"{name} = ("]
    for content, note in entries:
        lines.append(f"    {_octets(content)}" + (f"  # {note}" if note else ""))
    return [*lines, ")"]


def _chunks(content: bytes) -> list[tuple[bytes, str]]:
    return [(content[i : i + _PER_LINE], "") for i in range(0, len(content), _PER_LINE)]


def table(packed: Packed, objects: list[Object], known: list[Association]) -> str:
    """firmware/lib/cosem/table.py."""
    lines = [
        "# " + _HEAD,
        "# Layouts: ROWS, SCALERS and POOL in value.py and register.py; ACCESS, ASSOCIATIONS and",
        "# VIEWS in associations.py.",
    ]
    lines += _table("ROWS", [
        (row, show_obis(item.obis)) for row, item in zip(packed.rows, objects)])  # fmt: skip
    lines += _table("SCALERS", [(pair, "") for pair in packed.scalers])
    rights = [(rights, "") for profile in packed.access for rights in _split(profile, 8)]
    lines += _table("ACCESS", rights)
    lines += _table("ASSOCIATIONS", [
        (row, who.name) for row, who in zip(packed.associations, known)])  # fmt: skip
    lines += _table("VIEWS", _chunks(b"".join(packed.views)))
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
    lines = ["# " + _HEAD]
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
    if isinstance(value, tuple):
        inner = ", ".join(_literal(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


def document(objects: list[Object], known: list[Association], devices: list[Device],
             installation: Installation) -> str:
    """docs/objects.md."""
    lines = ["# Objects of the meter", "", _HEAD.replace("#", "").strip(), ""]
    lines += ["## Logical devices", "", "| SAP | name |", "|--:|---|"]
    lines += [f"| {device.sap} | `{device.name.decode()}` |" for device in devices]
    lines += ["", "## Associations", ""]
    lines += ["| name | client | server | authentication | services offered |",
              "|---|--:|--:|---|---|"]  # fmt: skip
    lines += [_association_line(who) for who in known]
    names = [who.name for who in known]
    for device in devices:
        lines += ["", f"## Objects of logical device {device.sap}", ""]
        lines += ["| OBIS | class | object | value | scaler, unit | " + " | ".join(names) + " |"]
        lines += ["|---|---|---|---|---|" + "---|" * len(names)]
        lines += [_object_line(item) for item in objects if item.device == device.sap]
    lines += ["", "Rights: R = attributes that may be read, W written, M = methods that may be",
              "called, with their numbers; - = the association does not see the object."]  # fmt: skip
    lines += ["", *_ports(installation)]
    return "\n".join(lines) + "\n"


def _association_line(who: Association) -> str:
    services = [name for name in CONFORMANCE if who.offers(name)]
    mechanism = [name for name, number in MECHANISMS.items() if number == who.mechanism][0]
    if who.demo:
        mechanism += " (demo password)"
    return f"| {who.name} | {who.client} | {who.server} | {mechanism} | {', '.join(services)} |"


def _object_line(item: Object) -> str:
    value = ", ".join(part for part in (item.type_name, item.source) if part)
    unit = f"10^{item.scaler} {item.unit}".replace("10^0 ", "") if item.class_id == 3 else ""
    rights = " | ".join(_rights(rights) for rights in item.rights)
    kind = f"{item.class_id} {CLASSES[item.class_id][1]} v{item.version}"
    return f"| {show_obis(item.obis)} | {kind} | {item.name} | {value} | {unit} | {rights} |"


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


def _ports(installation: Installation) -> list[str]:
    values = installation.values
    message, address, reaction_ms = values["OPTICAL_SIGN_ON"]
    lines = ["## Ports", ""]
    text = message.decode().rstrip()
    lines.append(f"- Optical: sign-on `{text}`, device address `{address.decode()}`, reaction "
                 f"time {reaction_ms} ms; {_link(values['OPTICAL_LINK'])}.")  # fmt: skip
    line = values["RS485_LINE"]
    shape = "8N1" if line & 0x10 else "7E1"
    lines.append(f"- RS-485: baud code {line & 7}, {shape}; {_link(values['RS485_LINK'])}.")
    receive, send = values["PDU"]
    lines.append(f"- APDUs: up to {receive} octets received, up to {send} octets sent.")
    return lines


def _link(link: tuple) -> str:
    lower, info, window, octet_ms, idle_ms = link
    return (f"HDLC lower address {lower}, information field up to {info} octets, window "
            f"{window}, inter-octet time-out {octet_ms} ms, inactivity time-out "
            f"{idle_ms // 1000} s")  # fmt: skip
