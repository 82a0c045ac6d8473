"""Scripts, schedules, special days and calendars as the source has them: classes 9, 10, 11, 20, 22.

    date   "12-24", "2027-12-24", "*-01", "02-last", "03-last sun", "10-* mon", "*" for any day
    time   "06:00", "06:00:30", "*:15" each hour, "*:*" each minute
    script "2", of script_table = "0-0:10.0.100"

    class 9   scripts = [ { id = 1, actions = [
                  "write 6 0-0:14.0.1 4 octet-string RATE1",     class, object, attribute, value
                  "call 7 0-0:98.1.0 2",                         class, object, method
                  "call 9 0-0:10.0.100 1 long-unsigned 2" ] } ]
    class 10  entries = [ { index = 1, enabled = false, at = "22:00", script = 2,
                  weekdays = "mon tue", special_days = [1], window_min = 60,
                  from = "11-01", to = "03-31" } ]
    class 11  special_days = [ "01-01 day 3", "2027-03-26 day 3" ]
    class 20  calendar_name = "STANDARD"
              seasons = [ "WINTER from 11-01 week W" ], weeks = [ "W: 1 1 1 1 1 2 2" ],
              days = [ { id = 1, actions = [ "00:00 script 2", "06:00 script 1" ] } ]
    class 22  script = 1, type = 1, times = [ "00:00 on *-01" ]
"""

from __future__ import annotations

import re
from typing import Any

from . import data
from .names import CLASSES, SIGNED, TYPES, UNSIGNED, obis, show_obis
from .source import Section, SourceError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE = re.compile(
    r"(?:(\d{4}|\*)-)?(\d\d|\*)-(\d\d|\*|last|last-1)(?: (mon|tue|wed|thu|fri|sat|sun))?$")
_TIME = re.compile(r"(\d\d|\*):(\d\d|\*)(?::(\d\d))?$")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LAST = {"last": 0xFE, "last-1": 0xFD}
_OPEN_DATE = b"\xff\xff\xff\xff\xff"
_NEVER = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\x00\xff"
_NOTHING_DONE = b"\x06\x00\x00\x00\x00"
_LONGEST = 1024  # cosem/plain.py


def _array(elements: list[bytes]) -> bytes:
    return b"\x01" + data.length(len(elements)) + b"".join(elements)


def _structure(*elements: bytes) -> bytes:
    return b"\x02" + data.length(len(elements)) + b"".join(elements)


def _u16(value: int) -> bytes:
    return b"\x12" + value.to_bytes(2, "big")


def _put(made, number: int, key: str, content: bytes) -> None:
    if len(content) > _LONGEST:
        raise made.section.error(
            f"the attribute has {len(content)} octets and {_LONGEST} is the limit", key)
    made.attributes[number] = content


def date(section: Section, key: str, text: str) -> bytes:
    """The five octets of a date as the source writes it."""
    if text == "*":
        return _OPEN_DATE
    match = _DATE.match(text)
    if not match:
        raise section.error(
            f"'{text}' is no date like 12-24, 2027-12-24, *-01 or 03-last sun", key)
    year, month, day, weekday = match.groups()
    made = (0xFFFF if year in (None, "*") else int(year)).to_bytes(2, "big")
    made += bytes([0xFF if month == "*" else int(month)])
    made += bytes([0xFF if day == "*" else _LAST.get(day) or int(day)])
    made += bytes([_DAYS.index(weekday) + 1 if weekday else 0xFF])
    if not _there(made):
        raise section.error(f"there is no day '{text}'", key)
    return made


def _there(made: bytes) -> bool:
    year, month, day = int.from_bytes(made[:2], "big"), made[2], made[3]
    if not (2000 <= year <= 2099 or year == 0xFFFF) or not (1 <= month <= 12 or month == 0xFF):
        return False
    last = 31 if month == 0xFF else _MONTH_DAYS[month - 1]
    if month == 2 and year != 0xFFFF and year % 4:
        last = 28
    return 1 <= day <= last or day >= 0xFD


def time(section: Section, key: str, text: str, wild: bool = False) -> bytes:
    """The four octets of a time as the source writes it."""
    match = _TIME.match(text)
    if not match or ("*" in text and not wild):
        raise section.error(f"'{text}' is no time like 06:00 or 06:00:30", key)
    hour, minute, second = (0xFF if part == "*" else int(part or 0) for part in match.groups())
    if hour > 23 and hour != 0xFF or minute > 59 and minute != 0xFF or second > 59:
        raise section.error(f"there is no time '{text}'", key)
    return bytes([hour, minute, second, 0])


def _table(section: Section) -> bytes:
    """The OBIS code of the script table of a schedule or calendar."""
    code = obis(section.text("script_table"))
    if code is None:
        raise section.error(
            f"'{section.text('script_table')}' is no OBIS code A-B:C.D.E.F", "script_table")
    return code


def _strings(section: Section, key: str, *default) -> list[str]:
    found = section.items(key, *default)
    if not all(isinstance(text, str) for text in found):
        raise section.error(f"'{key}' must hold strings", key)
    return found


def _once(section: Section, key: str, names: list[Any], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise section.error(f"there are two {what} {name}", key)


# --- Class 9 ---

def scripts(made, section: Section, reader) -> None:
    """Class 9: scripts."""
    made.scripts = []
    elements = []
    for script in section.sections("scripts"):
        number = script.number("id", 1, 0xFFFF)
        made.scripts.append(number)
        actions = [_action(made, script, text) for text in _strings(script, "actions")]
        elements.append(_structure(_u16(number), _array(actions)))
        script.close()
    _once(section, "scripts", made.scripts, "scripts")
    _put(made, 2, "scripts", _array(elements))


def _action(made, section: Section, text: str) -> bytes:
    words = text.split(None, 4)
    code = obis(words[2]) if len(words) > 2 else None
    if len(words) < 4 or words[0] not in ("write", "call") or code is None or not (
            words[1].isdigit() and words[3].isdigit()):
        raise section.error(
            f"'{text}' is no action like 'write 6 0-0:14.0.1 4 octet-string RATE1' or "
            "'call 7 0-0:98.1.0 2'", "actions")
    writes = words[0] == "write"
    class_id, index = int(words[1]), int(words[3])
    _served(section, text, class_id, index, writes)
    made.calls.append((class_id, code, text))
    if writes and len(words) < 5:
        raise section.error(f"'{text}' writes no value", "actions")
    parameter = _value(section, text, words[4]) if len(words) > 4 else b"\x0f\x00"
    return _structure(b"\x16\x01" if writes else b"\x16\x02", _u16(class_id),
                      data.octet_string(code), bytes([0x0F, index]), parameter)


def _served(section: Section, text: str, class_id: int, index: int, writes: bool) -> None:
    if class_id not in CLASSES:
        raise section.error(f"'{text}': the firmware does not serve class {class_id}", "actions")
    names = CLASSES[class_id][2 if writes else 3]
    if not (2 if writes else 1) <= index <= len(names):
        kind = "attribute to write" if writes else "method"
        raise section.error(f"'{text}': class {class_id} has no {kind} {index}", "actions")


def _value(section: Section, text: str, given: str) -> bytes:
    kind, _, value = given.partition(" ")
    if kind in SIGNED or kind in UNSIGNED:
        if not re.fullmatch(r"-?\d+", value):
            raise section.error(f"'{text}': '{value}' is no integer", "actions")
        return bytes([TYPES[kind]]) + data.integer(section, kind, "actions", int(value))
    if kind == "boolean" and value in ("true", "false"):
        return b"\x03\x01" if value == "true" else b"\x03\x00"
    if kind == "octet-string" and value.isascii() and len(value) < 128:
        return data.octet_string(value.encode())
    if given == "null-data":
        return b"\x00"
    raise section.error(f"'{text}': '{given}' is no value like 'unsigned 1'", "actions")


# --- Class 10 ---

def schedule(made, section: Section, reader) -> None:
    """Class 10: entries."""
    code = _table(section)
    indices = []
    elements = []
    for entry in section.sections("entries"):
        indices.append(entry.number("index", 1, 9999))
        selector = entry.number("script", 1, 0xFFFF)
        made.starts.append((code, selector))
        begin = date(entry, "from", entry.text("from", "*"))
        end = date(entry, "to", entry.text("to", "*"))
        _range(entry, begin, end)
        elements.append(_structure(
            _u16(indices[-1]), b"\x03\x01" if entry.flag("enabled") else b"\x03\x00",
            data.octet_string(code), _u16(selector),
            data.octet_string(time(entry, "at", entry.text("at"))),
            _u16(entry.number("window_min", 0, 0xFFFF, 0)),
            _bits(_weekdays(entry), 7), _bits(_special(entry)),
            data.octet_string(begin), data.octet_string(end)))
        entry.close()
    _once(section, "entries", indices, "entries")
    _put(made, 2, "entries", _array(elements))
    made.attributes[3] = _NOTHING_DONE


def _range(entry: Section, begin: bytes, end: bytes) -> None:
    # As meter/calendar.py: both full, both of each year, both of each month; or one is open.
    kinds = [(one[:2] != b"\xff\xff", one[2] != 0xFF, one[3] != 0xFF) for one in (begin, end)]
    regular = all(kind in ((True, True, True), (False, True, True), (False, False, True),
                           (False, False, False)) for kind in kinds)
    alike = kinds[0] == kinds[1] or sorted(kinds) == [(False,) * 3, (True,) * 3]
    if not regular or not alike or max(begin[3], end[3]) in (0xFD, 0xFE):
        raise entry.error("'from' and 'to' must name the same parts of a date, or be left out")


def _weekdays(entry: Section) -> list[int]:
    names = entry.text("weekdays", "").split()
    for name in names:
        if name not in _DAYS:
            raise entry.error(f"'{name}' is no day of the week like mon", "weekdays")
    return [_DAYS.index(name) for name in names]


def _special(entry: Section) -> list[int]:
    found = entry.items("special_days", [])
    for day in found:
        if not isinstance(day, int) or not 1 <= day <= 255:
            raise entry.error(f"'{day}' is no day id, 1 to 255", "special_days")
    return [day - 1 for day in found]


def _bits(places: list[int], size: int = 0) -> bytes:
    size = max([size, *(place + 1 for place in places)])
    octets = bytearray((size + 7) // 8)
    for place in places:
        octets[place >> 3] |= 0x80 >> (place & 7)
    return b"\x04" + data.length(size) + bytes(octets)


# --- Class 11 ---

def special_days(made, section: Section, reader) -> None:
    """Class 11: special_days."""
    elements = []
    dates: list[str] = []
    for index, text in enumerate(_strings(section, "special_days"), 1):
        words = text.split(" day ")
        if len(words) != 2 or not words[1].isdigit() or not 1 <= int(words[1]) <= 255:
            raise section.error(f"'{text}' must read like '01-01 day 3'", "special_days")
        dates.append(words[0])
        octets = date(section, "special_days", words[0])
        elements.append(_structure(
            _u16(index), data.octet_string(octets), bytes([0x11, int(words[1])])))
    _once(section, "special_days", dates, "entries for")
    _put(made, 2, "special_days", _array(elements))


# --- Class 20 ---

def calendar(made, section: Section, reader) -> None:
    """Class 20: calendar_name, seasons, weeks, days; the passive calendar is the same at first."""
    code = _table(section)
    day_ids, profiles = _profiles(made, section, code)
    weeks = [_week(section, text, day_ids) for text in _strings(section, "weeks")]
    names = [name for name, _ in weeks]
    _once(section, "weeks", names, "weeks")
    seasons = [_season(section, text, names) for text in _strings(section, "seasons")]
    _once(section, "seasons", [name for name, _ in seasons], "seasons")
    name = data.octet_string(section.text("calendar_name").encode())
    parts = (("calendar_name", name), ("seasons", _array([one for _, one in seasons])),
             ("weeks", _array([one for _, one in weeks])), ("days", _array(profiles)))
    for number, (key, content) in enumerate(parts, 2):
        _put(made, number, key, content)
        _put(made, number + 4, key, content)
    made.attributes[10] = data.octet_string(_NEVER)
    made.attributes[11] = b"\x03\x00"


def _profiles(made, section: Section, code: bytes) -> tuple[list[int], list[bytes]]:
    day_ids = []
    found = []
    for day in section.sections("days"):
        day_ids.append(day.number("id", 1, 255))
        times, actions = [], []
        for text in _strings(day, "actions"):
            match = re.fullmatch(r"(\S+) script (\d+)", text)
            if not match:
                raise day.error(f"'{text}' must read like '06:00 script 1'", "actions")
            made.starts.append((code, int(match.group(2))))
            times.append(time(day, "actions", match.group(1)))
            actions.append(_structure(data.octet_string(times[-1]), data.octet_string(code),
                                      _u16(int(match.group(2)))))
        _once(day, "actions", [text.split()[0] for text in day.items("actions")], "actions at")
        if b"\x00\x00\x00\x00" not in times:
            raise day.error(f"day {day_ids[-1]} has no action at 00:00", "actions")
        found.append(_structure(bytes([0x11, day_ids[-1]]), _array(actions)))
        day.close()
    _once(section, "days", day_ids, "days")
    return day_ids, found


def _week(section: Section, text: str, day_ids: list[int]) -> tuple[str, bytes]:
    match = re.fullmatch(r"(\w+): (\d+(?: \d+){6})", text)
    if not match:
        raise section.error(f"'{text}' must read like 'W1: 1 1 1 1 1 2 2'", "weeks")
    wanted = [int(word) for word in match.group(2).split()]
    for day in wanted:
        if day not in day_ids:
            raise section.error(f"'{text}': there is no day {day}", "weeks")
    name = match.group(1)
    return name, _structure(data.octet_string(name.encode()),
                            *(bytes([0x11, day]) for day in wanted))


def _season(section: Section, text: str, weeks: list[str]) -> tuple[str, bytes]:
    match = re.fullmatch(r"(\w+) from (.+) week (\w+)", text)
    if not match:
        raise section.error(f"'{text}' must read like 'WINTER from 11-01 week W1'", "seasons")
    name, begin, week = match.groups()
    if week not in weeks:
        raise section.error(f"'{text}': there is no week {week}", "seasons")
    start = date(section, "seasons", begin)
    if start[2] == 0xFF or start[3] == 0xFF:
        raise section.error(f"'{text}': a season begins on a day of a month", "seasons")
    moment = start + b"\x00\x00\x00\x00\x80\x00\xff"
    return name, _structure(data.octet_string(name.encode()), data.octet_string(moment),
                            data.octet_string(week.encode()))


# --- Class 22 ---

def single_action(made, section: Section, reader) -> None:
    """Class 22: script, type, times."""
    code = _table(section)
    selector = section.number("script", 1, 0xFFFF)
    made.starts.append((code, selector))
    kind = section.number("type", 1, 5)
    pairs = [_moment(section, text, kind) for text in _strings(section, "times")]
    if kind == 1 and len(pairs) > 1:
        raise section.error("a schedule of type 1 has one time", "times")
    if kind in (2, 3) and len({at for at, _ in pairs}) > 1:
        raise section.error(f"in a schedule of type {kind} all times are the same", "times")
    _put(made, 2, "script", _structure(data.octet_string(code), _u16(selector)))
    _put(made, 3, "type", bytes([0x16, kind]))
    _put(made, 4, "times", _array([
        _structure(data.octet_string(at), data.octet_string(on)) for at, on in pairs]))
    made.attributes[5] = _NOTHING_DONE


def _moment(section: Section, text: str, kind: int) -> tuple[bytes, bytes]:
    at, _, on = text.partition(" on ")
    made = time(section, "times", at, kind not in (2, 4)), date(section, "times", on)
    open_date = made[1][:2] == b"\xff\xff" or made[1][2] == 0xFF or made[1][3] >= 0xFD
    if kind in (2, 4) and open_date:
        raise section.error(f"'{text}': type {kind} needs dates with a year", "times")
    return made


def check(found: list) -> None:
    """Every script names objects that are there, every schedule scripts that are there."""
    there = {(made.class_id, made.obis): made for made in found if made.device == 1}
    for made in found:
        for class_id, code, text in made.calls:
            if (class_id, code) not in there:
                raise _error(made, f"'{text}': there is no object {show_obis(code)} of class "
                             f"{class_id}")
        for code, selector in made.starts:
            table = there.get((9, code))
            if table is None or selector not in table.scripts:
                raise _error(made, f"there is no script {selector} in {show_obis(code)}")


def _error(made, message: str) -> SourceError:
    keys = {9: "scripts", 10: "entries", 20: "days", 22: "script"}
    return made.section.error(message, keys[made.class_id])


BOUND = {9: scripts, 10: schedule, 11: special_days, 20: calendar, 22: single_action}
