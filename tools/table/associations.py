"""Logical devices, associations and named access profiles of the source."""

from __future__ import annotations

from dataclasses import dataclass

from .names import CLASSES, CONFORMANCE, CONTEXTS, MECHANISMS, SERVED
from .source import Section

_SECRET_MAX = 64
_FIRST_FREE_SAP = 16  # IEC 62056-46 and -47: 2 to 15 are reserved
_ALL_STATION = 127


@dataclass
class Device:
    """A logical device: its SAP and its name."""

    sap: int
    name: bytes
    section: Section


@dataclass
class Association:
    """Who connects to which logical device, and how."""

    name: str
    client: int
    server: int
    context: int
    mechanism: int
    conformance: int
    secret: bytes
    demo: bool
    section: Section

    def offers(self, service: str) -> bool:
        """Is the service part of the proposed conformance?"""
        return bool(self.conformance >> 23 - CONFORMANCE.index(service) & 1)


def devices(root: Section, identity: dict[str, bytes]) -> list[Device]:
    """Sections [[device]], by SAP; number 1, the management logical device, is a must.

    A name that is not given: that of the meter; with a dash and the SAP for all but number 1.
    """
    found: list[Device] = []
    for section in root.sections("device"):
        made = _device(section, identity["logical_device_name"].decode())
        if made.sap in [device.sap for device in found]:
            raise section.error(
                f"a logical device with the SAP {made.sap} stands above already", "sap")
        if made.name in [device.name for device in found]:
            raise section.error(f"the name {made.name.decode()} stands above already", "name")
        found.append(made)
    if 1 not in [device.sap for device in found]:
        raise root.error("the management logical device, [[device]] with sap = 1, is missing")
    return sorted(found, key=lambda device: device.sap)


def _device(section: Section, own: str) -> Device:
    sap = section.number("sap", 1, 0x3FFD)
    if 1 < sap < _FIRST_FREE_SAP or sap == _ALL_STATION:
        raise section.error(
            f"the SAP {sap} is not free: 2 to 15 are reserved and 127 means every device", "sap")
    name = section.text("name", own if sap == 1 else f"{own}-{sap}").encode()
    if not 3 <= len(name) <= 16 or name[:3] != own[:3].encode():
        raise section.error(
            "the name of a logical device must begin with the manufacturer and have at most "
            "16 octets", "name")
    section.close()
    return Device(sap, name, section)


def associations(root: Section, known: list[Device], passwords: dict) -> list[Association]:
    """Sections [[association]] in their order; passwords overlay those of the source."""
    found: list[Association] = []
    for section in root.sections("association"):
        made = _association(section, [device.sap for device in known], passwords)
        for other in found:
            if other.name == made.name:
                raise section.error(f"the association '{made.name}' stands above already", "name")
            if (other.client, other.server) == (made.client, made.server):
                raise section.error(
                    f"client {made.client} has the association '{other.name}' with this logical "
                    "device already", "client")
        found.append(made)
    if not found:
        raise root.error("there is no [[association]], so nobody could read the meter")
    for device in known:
        if device.sap not in [made.server for made in found]:
            raise device.section.error(
                f"no [[association]] leads to the logical device {device.sap}", "sap")
    return found


def _association(section: Section, saps: list[int], passwords: dict) -> Association:
    name = section.text("name")
    server = section.number("server", 1, 0x3FFD)
    if server not in saps:
        raise section.error(f"there is no logical device with the SAP {server}", "server")
    mechanism = _choice(section, "authentication", MECHANISMS)
    secret, demo = _secret(section, name, mechanism, passwords)
    made = Association(
        name, section.number("client", 1, 0x7D), server, _choice(section, "context", CONTEXTS),
        mechanism, _conformance(section), secret, demo, section,
    )
    section.close()
    return made


def _choice(section: Section, key: str, known: dict[str, int]) -> int:
    value = section.text(key)
    if value not in known:
        raise section.error(f"'{value}' is not offered, only {', '.join(known)}", key)
    return known[value]


def _conformance(section: Section) -> int:
    block = 0
    for name in section.items("conformance"):
        if name not in CONFORMANCE:
            raise section.error(f"'{name}' is no conformance bit", "conformance")
        block |= 1 << 23 - CONFORMANCE.index(name)
    if not block:
        raise section.error("an association without a service is of no use", "conformance")
    return block


def _secret(section: Section, name: str, mechanism: int, passwords: dict) -> tuple[bytes, bool]:
    # A password: { text = "..", demo = true }. The overlay replaces it and its mark.
    if mechanism == 0:
        if section.has("password"):
            raise section.error("without authentication there is no password", "password")
        return b"", False
    if name in passwords:
        section.raw("password", None)
        return passwords[name], False
    given = section.section("password")
    secret = given.text("text").encode()
    demo = given.flag("demo", False)
    given.close()
    if not 1 <= len(secret) <= _SECRET_MAX:
        raise section.error(f"a password has 1 to {_SECRET_MAX} octets", "password")
    return secret, demo


def passwords(root: Section, names: list[str]) -> dict[str, bytes]:
    """The overlay: section [passwords], association = "password"."""
    section = root.section("passwords")
    found = {}
    for name in section.data:
        if name not in names:
            raise section.error(f"there is no association '{name}'", name)
        found[name] = section.text(name).encode()
        if not 1 <= len(found[name]) <= _SECRET_MAX:
            raise section.error(f"a password has 1 to {_SECRET_MAX} octets", name)
    root.close()
    return found


class Access:
    """Named access profiles: what each association may do with an object of a class.

    [access.open]
    public = "read"                                     every attribute the class lets be read
    reader = { read = [1, 2], write = [2], methods = [1] }
    configurator = { read = "all", write = "all" }      every one the firmware sets; methods too
    """

    def __init__(self, root: Section, known: list[Association]):
        self.known = known
        self.profiles: dict[str, Section] = {}
        section = root.section("access")
        for name in section.data:
            profile = section.section(name)
            for who in profile.data:
                if who not in [association.name for association in known]:
                    raise profile.error(f"there is no association '{who}'", who)
            self.profiles[name] = profile
        self.asked: set[str] = set()

    def rights(self, owner: Section, profile: str, class_id: int, device: int) -> list[bytes]:
        """For each association: attributes, methods, three masks; as ACCESS holds them."""
        if profile not in self.profiles:
            raise owner.error(f"there is no access profile '{profile}'", "access")
        self.asked.add(profile)
        section = self.profiles[profile]
        _, _, attributes, methods, _ = CLASSES[class_id]
        found = []
        for who in self.known:
            masks = (0, 0, 0)
            if section.has(who.name) and who.server == device:
                masks = _masks(section, who, owner, class_id)
            found.append(bytes([len(attributes), len(methods)]) + b"".join(
                mask.to_bytes(2, "big") for mask in masks))
        return found

    def close(self) -> None:
        """Refuse profiles that no object uses."""
        for name, section in self.profiles.items():
            if name not in self.asked:
                raise section.error(f"no object uses the access profile '{name}'")


def _masks(section: Section, who: Association, owner: Section, class_id: int) -> tuple:
    lists = _numbers(section, who, class_id)
    for kind, service, numbers in zip(("read", "write", "call"), ("get", "set", "action"), lists):
        for number in numbers:
            _possible(owner, class_id, kind, number)
        if numbers and not who.offers(service):
            raise owner.error(
                f"'{who.name}' may {kind} and does not offer the service {service}", "access")
    return tuple(sum({1 << number - 1 for number in numbers}) for numbers in lists)


def _numbers(section: Section, who: Association, class_id: int) -> tuple:
    # Attributes to read, attributes to write, methods to call.
    _, _, attributes, _, secret = CLASSES[class_id]
    readable = [i for i in range(1, len(attributes) + 1) if i not in secret]
    if section.raw(who.name) == "read":
        return readable, [], []
    if not isinstance(section.raw(who.name), dict):
        raise section.error(
            f"'{who.name}' must be \"read\" or a table of read, write and methods", who.name)
    table = section.section(who.name)
    every = {"read": readable, "write": SERVED.get(class_id, ((), ()))[0],
             "methods": SERVED.get(class_id, ((), ()))[1]}
    lists = tuple(
        list(numbers) if table.raw(key, []) == "all" else table.items(key, [])
        for key, numbers in every.items())
    table.close()
    if any(type(number) is not int for numbers in lists for number in numbers):
        raise section.error(
            f"'{who.name}' names attributes and methods by their numbers, or \"all\"", who.name)
    return lists


def _possible(owner: Section, class_id: int, kind: str, number) -> None:
    _, class_name, attributes, methods, secret = CLASSES[class_id]
    last = len(methods) if kind == "call" else len(attributes)
    what = "method" if kind == "call" else "attribute"
    if not 1 <= number <= last:
        raise owner.error(f"{class_name} has no {what} {number} to {kind}", "access")
    if kind == "read" and number in secret:
        raise owner.error(f"attribute {number} of {class_name} is never read", "access")
    written, called = SERVED.get(class_id, ((), ()))
    if kind == "write" and number not in written or kind == "call" and number not in called:
        raise owner.error(
            f"the firmware does not {kind} {what} {number} of {class_name}", "access")
