"""The objects of the source, checked one by one and as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

from . import bind_calendar, binders, data, shapes
from .associations import Access, Association, Device
from .installation import Installation
from .names import CLASSES, NUMERIC, SIGNED, TYPES, UNITS, UNSIGNED, obis, show_obis, unit_of
from .slots import MEANINGS
from .source import Section

BUILTIN, LIVE, CONSTANT, ATTRIBUTES = 0, 1, 2, 3  # kinds of a row, see value.py
_LDN = bytes((0, 0, 42, 0, 0, 255))
_SAP_LIST = bytes((0, 0, 41, 0, 0, 255))
_CURRENT = bytes((0, 0, 40, 0, 0, 255))
_PIECE_MAX = 256


@dataclass
class Object:
    """One object: identity, binding and rights."""

    section: Section
    name: str
    obis: bytes
    class_id: int
    version: int
    device: int
    rights: list[bytes]
    kind: int = BUILTIN
    type_name: str = ""
    source: str = ""  # for people: slot, constant, ...
    argument: int = 0  # kind 0: argument, kind 1: slot
    constant: bytes = b""
    attributes: dict[int, bytes] = field(default_factory=dict)  # kind 3: number -> default
    longest: int = 0  # octets of a string in attributes[2]
    scripts: list[int] = field(default_factory=list)  # of a script table
    calls: list[tuple] = field(default_factory=list)  # class, OBIS code, text of its actions
    starts: list[tuple] = field(default_factory=list)  # script table, script of a schedule
    first: int = 0  # kind 3: its first entry, given by pack.py
    unit: str = ""
    scaler: int = 0

    def seen_by(self, index: int) -> bool:
        """May the association see it?"""
        return any(self.rights[index][2:])

    def title(self) -> str:
        """OBIS code and class, for messages."""
        return f"{show_obis(self.obis)} of class {self.class_id}"


class Reader:
    """Reads [[object]] sections against everything they refer to."""

    def __init__(self, made: Installation, devices: list[Device], known: list[Association],
                 access: Access, slots: dict[str, int]):
        self.installation = made
        self.identity = made.identity
        self.devices = devices
        self.known = known
        self.access = access
        self.slots = slots
        self.later: list[Callable[[list[Object]], None]] = []  # what needs all the objects

    def read(self, section: Section) -> Object:
        """One object, or a SourceError."""
        code = obis(section.text("obis"))
        if code is None:
            raise section.error(f"'{section.text('obis')}' is no OBIS code A-B:C.D.E.F", "obis")
        class_id = section.number("class", 1, 0xFFFF)
        if class_id not in CLASSES:
            raise section.error(f"the firmware does not serve class {class_id}", "class")
        version = section.number("version", 0, 255, CLASSES[class_id][0])
        if version != CLASSES[class_id][0]:
            raise section.error(
                f"class {class_id} is served as version {CLASSES[class_id][0]}", "version")
        device = section.number("device", 1, 0x3FFD, 1)
        if device not in [known.sap for known in self.devices]:
            raise section.error(f"there is no logical device with the SAP {device}", "device")
        rights = self.access.rights(section, section.text("access"), class_id, device)
        made = Object(section, _name(section), code, class_id, version, device, rights)
        self._bind(made)
        section.close()
        _element_fits(made)
        return made

    def _bind(self, made: Object) -> None:
        if made.class_id in (1, 3, 8192):
            self._value(made, made.section.section("value"))
            self._scaler_unit(made)
        elif made.class_id == 15:
            self._association(made)
        elif made.class_id == 17:
            made.kind, made.type_name, made.source = CONSTANT, "array", "logical devices"
            made.constant = _sap_list(self.devices)
        elif made.class_id in binders.BINDERS:
            made.kind, made.source = ATTRIBUTES, "attributes"
            binders.BINDERS[made.class_id](made, made.section, self)

    def _value(self, made: Object, value: Section) -> None:
        if not value.has("slot"):
            made.kind, made.source = CONSTANT, "constant"
            if value.has("longest") or value.has("setting"):
                _setting(made, value)
                self._fits_a_request(made, value)
            form = bytearray() if made.kind == ATTRIBUTES and not made.longest else None
            made.type_name, made.constant = data.encode(value, self._identity(made.device), form)
            if made.kind == ATTRIBUTES:
                made.attributes[2] = made.constant
            if form and shapes.ranged(form):
                made.attributes[3] = bytes(form)  # cosem/data.py finds it there
                made.source = f"setting {shapes.words(form)}"
            _writable(made)
            return
        slot = value.text("slot")
        if slot not in self.slots:
            raise value.error(f"the meter has no live value '{slot}'", "slot")
        kind = value.text("type")
        if kind not in SIGNED and kind not in UNSIGNED:
            raise value.error(f"a live value is an integer and cannot be a '{kind}'", "type")
        negative = MEANINGS.get(slot, ("none", 0, False))[2]
        if negative and kind not in SIGNED:
            raise value.error(f"{slot} can be negative and {kind} cannot", "type")
        value.close()
        made.kind, made.source, made.type_name = LIVE, f"live {slot}", kind
        made.argument = self.slots[slot]
        _writable(made)

    def _fits_a_request(self, made: Object, value: Section) -> None:
        most = self.installation.values["MAX_PDU"]
        if made.longest > most:
            raise value.error(
                f"'longest' is {made.longest} and a request has {most} octets at most", "longest")

    def _identity(self, device: int) -> dict[str, bytes]:
        # Each logical device has a name of its own.
        names = [known.name for known in self.devices if known.sap == device]
        return {**self.identity, "logical_device_name": names[0]}

    def _scaler_unit(self, made: Object) -> None:
        section = made.section
        if made.class_id != 3:
            for key in ("unit", "scaler"):
                if section.has(key):
                    raise section.error(
                        f"class {made.class_id} has no scaler_unit, so no '{key}'", key)
            return
        made.unit = section.text("unit")
        made.scaler = section.number("scaler", -128, 127)
        if made.unit not in UNITS:
            raise section.error(f"'{made.unit}' is no unit of the standard", "unit")
        if made.type_name not in NUMERIC and (made.unit, made.scaler) != ("none", 0):
            raise section.error(
                f"a value of type {made.type_name} has the unit none and the scaler 0", "unit")
        self._agree(made)

    def _agree(self, made: Object) -> None:
        # With what the OBIS code stands for, and with what the slot counts.
        wanted = unit_of(made.obis)
        if wanted and made.unit != wanted:
            raise made.section.error(
                f"{show_obis(made.obis)} is a quantity in {wanted}, not in {made.unit}", "unit")
        if made.kind != LIVE:
            return
        slot = made.source[5:]
        unit, scaler, _ = MEANINGS.get(slot, ("none", 0, False))
        if (made.unit, made.scaler) != (unit, scaler):
            raise made.section.error(
                f"{slot} counts in {unit} with the scaler {scaler}, not in {made.unit} with "
                f"{made.scaler}", "unit")

    def _association(self, made: Object) -> None:
        # Argument 0 is the alias, otherwise index + 1.
        name = made.section.text("association")
        names = [known.name for known in self.known]
        made.type_name = ""
        made.source = f"association {name}"
        if (name == "current") != (made.obis == _CURRENT):
            raise made.section.error(
                "0-0:40.0.0.255 and nothing else is the current association", "association")
        if name == "current":
            return
        if name not in names:
            raise made.section.error(f"there is no association '{name}'", "association")
        if made.obis[:4] != _CURRENT[:4] or made.obis[5] != 255:
            raise made.section.error("an association is 0-0:40.0.n.255", "obis")
        made.argument = names.index(name) + 1
        if any(int.from_bytes(rights[4:6], "big") for rights in made.rights):
            made.kind = ATTRIBUTES  # empty: the secret of the association table counts
            made.attributes[7] = b"\x09\x00"


def _name(section: Section) -> str:
    # It stands in a table of docs/objects.md.
    name = section.text("name")
    if not name.isprintable() or "|" in name or not name.strip():
        raise section.error("'name' must be one line of printable characters without |", "name")
    return name


def _setting(made: Object, value: Section) -> None:
    # longest = 48 beside a string, setting = true beside another type.
    kind = value.text("type")
    made.kind, made.source = ATTRIBUTES, "setting"
    if made.class_id == 3:
        raise value.error("a register is not set by a client")
    if kind in data.STRINGS:
        made.longest = value.number("longest", 1, 0xFFFF)
        made.source += f" up to {made.longest} octets"
    elif not value.flag("setting") or not (data.fixed(kind) or kind in ("array", "structure")):
        raise value.error(f"a setting has elements, a fixed size, or is a string with 'longest', "
                          f"and is not a '{kind}'", "type")


def _writable(made: Object) -> None:
    # Where a client may write, there must be something to write to; and only there.
    for rights in made.rights:
        if made.kind != ATTRIBUTES and int.from_bytes(rights[4:6], "big"):
            raise made.section.error(
                f"{made.title()} may be written and its value is no setting", "access")
    if made.longest and len(made.constant) > 1 + len(data.length(made.longest)) + made.longest:
        raise made.section.error("the default is longer than 'longest'", "value")


def _sap_list(devices: list[Device]) -> bytes:
    elements = [
        b"\x02\x02\x12" + device.sap.to_bytes(2, "big") + data.octet_string(device.name)
        for device in devices
    ]
    return b"\x01" + data.length(len(elements)) + b"".join(elements)


def _element_fits(made: Object) -> None:
    # 02 04 | 12 class | 11 version | 09 06 obis | 02 02 | 01 n | 7 each | 01 m | 6 each
    _, _, attributes, methods, _ = CLASSES[made.class_id]
    size = 2 + 3 + 2 + 8 + 2 + 2 + 7 * len(attributes) + 2 + 6 * len(methods)
    if size > _PIECE_MAX:
        raise made.section.error(
            f"its element of object_list has {size} octets and {_PIECE_MAX} is the limit")


def read(root: Section, reader: Reader) -> list[Object]:
    """All objects by logical device, class and OBIS code; complete and without duplicates."""
    found = [reader.read(section) for section in root.sections("object")]
    found.sort(key=lambda made: (made.device, made.class_id, made.obis))
    for one, two in zip(found, found[1:]):
        if (one.device, one.class_id, one.obis) == (two.device, two.class_id, two.obis):
            raise _later(one, two).error(f"{one.title()} stands above already", "obis")
    for finish in reader.later:
        finish(found)
    for index, who in enumerate(reader.known):
        _complete(found, index, who)
    for device in reader.devices:
        _named(found, device)
    bind_calendar.check(found)
    return found


def _later(one: Object, two: Object) -> Section:
    return max(one.section, two.section, key=lambda section: section.path)


def _find(found: list[Object], device: int, class_id: int, code: bytes) -> Object | None:
    for made in found:
        if (made.device, made.class_id, made.obis) == (device, class_id, code):
            return made
    return None


def _complete(found: list[Object], index: int, who: Association) -> None:
    # What IEC 62056-6-2 wants every association to see.
    wanted = [(1, _LDN), (15, _CURRENT)]
    if who.server == 1:
        wanted.append((17, _SAP_LIST))
    for class_id, code in wanted:
        made = _find(found, who.server, class_id, code)
        if made is None or not made.seen_by(index):
            raise who.section.error(
                f"the association '{who.name}' needs the object {show_obis(code)} of class "
                f"{class_id}", "name")
    own = [made for made in found if made.class_id == 15 and made.argument == index + 1]
    if not any(made.seen_by(index) for made in own):
        raise who.section.error(
            f"the association '{who.name}' sees no object 0-0:40.0.n.255 of its own", "name")


def _named(found: list[Object], device: Device) -> None:
    made = _find(found, device.sap, 1, _LDN)
    if made is None:
        raise device.section.error("the logical device has no name object 0-0:42.0.0.255")
    if made.constant != data.octet_string(device.name):
        raise made.section.error(
            f"the logical device is called {device.name.decode()} and this object says otherwise",
            "value")


def tag(made: Object) -> int:
    """Tag of the type of a live value."""
    return TYPES[made.type_name]
