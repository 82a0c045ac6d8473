# Objects with a life of their own: demand, profiles, calendars, limiters. One instance a row.
#
# An instance may have
#   second(now_s, fields)   once a second: UTC seconds since 2000, local time (meter/clock.py).
#                           A second may be left out, so times are compared and calls not counted.
#   begin()                 once, when all of them are made
#   jumped(old_s, new_s)    the clock was set
#   row_changed()           one of the attributes it has in the table was stored
# Their bugs stop neither the others nor the meter: they are counted here.
from meter import events

made = {}  # row -> instance
bugs = 0
last_bug = None
_seconds = []  # bound methods, in the order of the rows
_jumps = []


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


def of(row: int):
    """The instance of a row that has one."""
    return made[row]


def second(now_s: int, fields) -> None:
    """Let every instance live through the moment now_s."""
    for each in _seconds:
        _call(each, now_s, fields)


def jumped(old_s: int, new_s: int) -> None:
    """Tell every instance that the clock was set, before it is told the time again."""
    for each in _jumps:
        _call(each, old_s, new_s)


def changed(row: int) -> None:
    """An attribute of a row was stored."""
    instance = made.get(row)
    if instance is not None and hasattr(instance, "row_changed"):
        instance.row_changed()


def _call(each, one, other) -> None:
    global bugs, last_bug
    try:
        each(one, other)
    except Exception as bug:
        if not bugs:  # one that comes every second says so once
            events.raise_(events.PROGRAM_ERROR)
        bugs += 1
        last_bug = bug
