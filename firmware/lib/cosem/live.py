# Objects with a life of their own: demand, profiles, calendars, limiters. One instance a row.
#
# An instance may have
#   second(now_s, fields)   once a second: UTC seconds since 2000, local time (meter/clock.py).
#                           A second may be left out, so times are compared and calls not counted.
#                           True = called again for the same second: more is to be done.
#   begin()                 once, when all of them are made
#   jumped(old_s, new_s)    the clock was set
#   row_changed()           one of the attributes it has in the table was stored
# Their bugs stop neither the others nor the meter: they are counted here.
#
# All of them together may take 0.2 s, at the end of a month or when the clock is set. The main
# loop lets one after the other live through a second, and serves its lines in between.
from array import array

from meter import events

made = {}  # row -> instance
bugs = 0
last_bug = None
_seconds = []  # bound methods, in the order of the rows
_jumps = []
_now_s = 0  # the second that they live through, and its local time
_fields = array("i", bytes(40))
_next = 0  # the instance whose turn it is
_count = 0  # of those that live through it


def add(row: int, instance) -> None:
    """Register the instance of a row, once, at the start."""
    made[row] = instance
    if hasattr(instance, "second"):
        _seconds.append(instance.second)
    if hasattr(instance, "jumped"):
        _jumps.append(instance.jumped)


def begin() -> None:
    """All instances are made: those that act on others may."""
    for instance in made.values():
        if hasattr(instance, "begin"):
            instance.begin()


def clear() -> None:
    """Forget all instances, for a meter that starts anew in the same interpreter."""
    made.clear()
    _seconds.clear()
    _jumps.clear()
    _end()


def of(row: int):
    """The instance of a row that has one."""
    return made[row]


def second(now_s: int, fields) -> None:
    """Begin the moment now_s, unless one is under way; go_on() lets them live through it."""
    global _now_s, _next, _count
    if _next < _count:
        return
    _now_s = now_s
    for k in range(len(_fields)):
        _fields[k] = fields[k]  # the clock goes on meanwhile
    _next = 0
    _count = len(_seconds)


def go_on() -> bool:
    """Call one instance; False when all have lived through the moment."""
    global _next
    if _next < _count and not _call(_seconds[_next], _now_s, _fields):
        _next += 1
    return _next < _count


def _end() -> None:
    global _next, _count
    _next = _count = 0


def jumped(old_s: int, new_s: int) -> None:
    """Tell every instance that the clock was set, before it is told the time again.

    A moment under way ends: who has not lived through it is told the new time."""
    _end()
    for each in _jumps:
        _call(each, old_s, new_s)


def changed(row: int) -> None:
    """An attribute of a row was stored."""
    instance = made.get(row)
    if instance is not None and hasattr(instance, "row_changed"):
        instance.row_changed()


def _call(each, one, other):
    global bugs, last_bug
    try:
        return each(one, other)
    except Exception as bug:
        if not bugs:  # one that comes every second says so once
            events.raise_(events.PROGRAM_ERROR)
        bugs += 1
        last_bug = bug
