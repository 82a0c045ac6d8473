"""Readings: an object's value with its name and unit, and the object list of an association."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import names, values
from .axdr import Structure
from .client import Session
from .errors import AccessError, ProtocolError, ServiceError

_ASSOCIATION, _CURRENT_ASSOCIATION, _OBJECT_LIST = 15, bytes((0, 0, 40, 0, 0, 255)), 2
_READABLE = (1, 3, 4, 6)  # access modes that include reading: R, RW, and authenticated
_SCALED = {3: 3, 4: 3, 5: 4}  # class: attribute with scaler and unit
_MAIN = 2  # the attribute that a person means by "the value"


@dataclass
class Entry:
    """One row of the object list."""

    class_id: int
    version: int
    obis: bytes
    readable: list[int] = field(default_factory=list)
    attributes: list[int] = field(default_factory=list)


@dataclass
class Reading:
    """One attribute as read: `value` decoded, `shown` for people, `error` in words."""

    class_id: int
    obis: bytes
    attribute: int
    value: object = None
    shown: str = ""
    unit: str = ""
    error: str = ""

    def as_json(self) -> dict:
        row = {
            "obis": names.show(self.obis),
            "class": self.class_id,
            "attribute": self.attribute,
            "name": names.name(self.obis),
        }
        if self.error:
            return row | {"error": self.error}
        return row | {"value": self.shown, "unit": self.unit, "raw": values.plain(self.value)}


def object_list(session: Session) -> list[Entry]:
    """Attribute 2 of the current association: what this client may see."""
    rows = session.get(_ASSOCIATION, _CURRENT_ASSOCIATION, _OBJECT_LIST)
    if not isinstance(rows, list):
        raise ProtocolError("the object list of the meter is no array")
    return [_entry(row) for row in rows]


def _entry(row) -> Entry:
    """{class, version, logical name, {attributes [{id, mode, selectors}], methods}}."""
    try:
        class_id, version, obis, rights = row
        rows = [(int(attribute[0]), int(attribute[1])) for attribute in rights[0]]
    except (TypeError, ValueError, IndexError):
        raise ProtocolError("a row of the meter's object list has the wrong form") from None
    readable = [number for number, mode in rows if mode in _READABLE]
    return Entry(class_id, version, obis, readable, [number for number, _ in rows])


def read_value(session: Session, class_id: int, obis: bytes, attribute: int = _MAIN) -> Reading:
    """One attribute; a register's value is scaled with its own scaler and unit."""
    reading = Reading(class_id, obis, attribute)
    try:
        reading.value = session.get(class_id, obis, attribute)
        _describe(session, reading)
    except (AccessError, ServiceError) as error:
        reading.error = str(error)
    return reading


def _describe(session: Session, reading: Reading) -> None:
    """Fills in what a person reads."""
    scaler_attribute = _SCALED.get(reading.class_id)
    number = None
    if reading.attribute == _MAIN and scaler_attribute:
        data = session.get(reading.class_id, reading.obis, scaler_attribute)
        scaler, reading.unit = values.scaler_unit(data)
        number = values.scaled(reading.value, scaler)
    reading.shown = _shown(reading) if number is None else f"{number:f}"


def _shown(reading: Reading) -> str:
    value = reading.value
    if reading.class_id in _SCALED and reading.attribute == _SCALED[reading.class_id]:
        if isinstance(value, Structure) and len(value) == 2:
            scaler, unit = values.scaler_unit(value)
            return f"10^{scaler} {unit}".rstrip()
    if reading.class_id == 8 and reading.attribute == _MAIN and isinstance(value, bytes):
        return values.date_time(value) or values.text(value)
    return values.text(value)


def read_entry(session: Session, entry: Entry, all_attributes: bool) -> list[Reading]:
    """The value of an object, or every attribute this client may read."""
    wanted = entry.readable if all_attributes else [_MAIN]
    return [
        read_value(session, entry.class_id, entry.obis, number)
        for number in wanted
        if number in entry.readable
    ]
