# Limiter, class 71 version 0. IEC 62056-6-2.
#
#   1 logical_name                      octet-string(6)     dispatch.py
#   2 monitored_value                   02 03 | 12 class | 09 06 obis | 0F attribute
#   3 threshold_active                  the one of 4 and 5 that holds now; nobody sets it
#   4 threshold_normal                  an integer of the type of the value
#   5 threshold_emergency               the same
#   6 min_over_threshold_duration       06 s
#   7 min_under_threshold_duration      06 s
#   8 emergency_profile                 02 03 | 12 id | 09 0C activation_time | 06 duration s
#   9 emergency_profile_group_id_list   01 n | 12 id
#  10 emergency_profile_active          03
#  11 actions                           02 02 action_over_threshold action_under_threshold
#                                         02 02 | 09 06 script table | 12 selector, 0 = none
#
# The value has to be above the active threshold for all of the first duration, then the action
# over threshold runs, once; not above it for all of the second, then the action under threshold.
# Durations do not move with the clock. The emergency profile holds from its activation time on
# for its duration, if its id is in the list; an activation time without a date never comes.
#
# The table keeps in the place of attribute 3 whether the action over threshold was the last one,
# 03: whoever was cut off stays so, and is reconnected, after a power failure.
from array import array

from micropython import const

from cosem import internal, live, monitoring, value
from cosem.monitoring import SCRIPT_SIZE
from dlms import axdr, shape
from meter import clock, date, events

_MONITORED_VALUE = const(2)
_THRESHOLD_ACTIVE = const(3)
_THRESHOLD_NORMAL = const(4)
_THRESHOLD_EMERGENCY = const(5)
_OVER_DURATION = const(6)
_UNDER_DURATION = const(7)
_EMERGENCY_PROFILE = const(8)
_GROUP_IDS = const(9)
_EMERGENCY_ACTIVE = const(10)
_ACTIONS = const(11)
_ID_AT = const(3)  # in emergency_profile
_TIME_AT = const(7)
_DURATION_AT = const(20)
_PROFILE_SIZE = const(24)
_IDS_MAX = const(32)
_ID_SIZE = const(3)
_ACTIONS_SIZE = const(28)
_SCRIPTS_AT = const(2)  # in actions
_DEVIATION_FIELD = const(8)
_NO_DEVIATION = const(-0x8000)
_BOOLEAN = const(3)  # tags
_OCTETS = const(9)
_DATE_TIME = const(25)
_MOMENT_SIZE = const(12)
_FORMS = {
    _THRESHOLD_NORMAL: monitoring.INTEGER_FORM,
    _THRESHOLD_EMERGENCY: monitoring.INTEGER_FORM,
    _OVER_DURATION: b"\x06",
    _UNDER_DURATION: b"\x06",
    _EMERGENCY_PROFILE: b"\x02\x03\x12\x19\x06",
    _GROUP_IDS: b"\x01\x12",
    _ACTIONS: b"\x02\x02" + monitoring.SCRIPT_FORM + monitoring.SCRIPT_FORM,
}
_TYPE_UNMATCHED = const(12)
_OTHER_REASON = const(250)


class Limiter:
    """One object of the class. emergency: emergency_profile_active"""

    def __init__(self, row: int):
        self._row = row
        self._stale = True  # an attribute was set
        self._monitored = -1  # row
        self._attribute = 0
        self._thresholds = (0, 0)  # normal, emergency
        self._durations_s = (0, 0)  # under, over
        self._from_s = -1  # the emergency profile, UTC seconds or local ones
        self._length_s = 0
        self._local = False
        self.emergency = False
        self._over = -1  # 1 = above the threshold now, and since ...
        self._since_s = 0  # monotonic
        self._acted = value.octets(row, _THRESHOLD_ACTIVE)[1]  # the action that was the last

    def row_changed(self) -> None:
        """An attribute was set."""
        self._stale = True

    def threshold_active(self) -> bytes:
        """Attribute 3, a whole Data."""
        return value.octets(
            self._row, _THRESHOLD_EMERGENCY if self.emergency else _THRESHOLD_NORMAL)

    def _open(self) -> None:
        row = self._row
        what = value.octets(row, _MONITORED_VALUE)
        before = self._monitored, self._attribute
        self._monitored = monitoring.row_of(what)
        self._attribute = monitoring.attribute_of(what)
        if before != (self._monitored, self._attribute):
            self._over = -1
        thresholds = self._integer(_THRESHOLD_NORMAL), self._integer(_THRESHOLD_EMERGENCY)
        if before[0] >= 0 and thresholds != self._thresholds:
            events.raise_(events.LIMIT_CHANGED)
        self._thresholds = thresholds
        self._durations_s = self._integer(_UNDER_DURATION), self._integer(_OVER_DURATION)
        self._open_emergency()
        self._stale = False

    def _integer(self, attribute: int) -> int:
        octets = value.octets(self._row, attribute)
        return internal.integer(octets, 0, len(octets))

    def _open_emergency(self) -> None:
        profile = value.octets(self._row, _EMERGENCY_PROFILE)
        self._from_s = -1
        ids = value.octets(self._row, _GROUP_IDS)
        wanted = profile[_ID_AT : _ID_AT + 2]
        for at in range(3, len(ids), _ID_SIZE):
            if ids[at : at + 2] == wanted:
                self._find_moment(profile)

    def _find_moment(self, profile) -> None:
        fields = array("i", bytes(40))
        axdr.get_date_time(profile, _TIME_AT, fields)
        if not date.is_time(fields):
            return
        self._local = fields[_DEVIATION_FIELD] == _NO_DEVIATION
        self._from_s = date.seconds(fields)
        if not self._local:
            self._from_s += fields[_DEVIATION_FIELD] * 60
        self._length_s = internal.integer(profile, _DURATION_AT - 1, _PROFILE_SIZE)

    def second(self, now_s: int, fields) -> None:
        """Compare the value with the active threshold, and act when it has lasted."""
        if self._stale:
            self._open()
        if self._monitored < 0:
            return
        self._judge_emergency(now_s, fields)
        number = internal.number(self._monitored, self._attribute)
        over = 1 if number > self._thresholds[1 if self.emergency else 0] else 0
        lasting_s = clock.monotonic_s()
        if over != self._over:
            self._over = over
            self._since_s = lasting_s
        if over != self._acted and lasting_s - self._since_s >= self._durations_s[over]:
            self._act(over)

    def _judge_emergency(self, now_s: int, fields) -> None:
        past_s = now_s - self._from_s
        if self._local:
            past_s -= fields[_DEVIATION_FIELD] * 60
        emergency = self._from_s >= 0 and 0 <= past_s < self._length_s
        if emergency != self.emergency:
            self.emergency = emergency
            events.raise_(events.LIMIT_CHANGED)

    def _act(self, over: int) -> None:
        # The script first: a power cut between the two runs it again, which does no harm.
        self._acted = over
        events.raise_(events.LIMIT_EXCEEDED if over else events.LIMIT_OK)
        actions = value.octets(self._row, _ACTIONS)
        monitoring.run(actions, _SCRIPTS_AT if over else _SCRIPTS_AT + SCRIPT_SIZE)
        value.store(self._row, _THRESHOLD_ACTIVE, bytes((_BOOLEAN, over)))


def get(q, out, pos: int) -> int:
    """Write attributes 2 to 11, one piece each."""
    limiter = live.of(q.row)
    if q.attribute == _THRESHOLD_ACTIVE:
        octets = limiter.threshold_active()
        return value.cut(q, octets, 0, len(octets), out, pos)
    if q.attribute == _EMERGENCY_ACTIVE:
        return axdr.put_bool(out, pos, limiter.emergency)
    return value.get(q, out, pos)


def set(q, buf, pos: int, end: int) -> int:
    """Set attributes 2, 4 to 9 and 11 to the Data at buf[pos:end]."""
    attribute = q.attribute
    if attribute == _MONITORED_VALUE:
        tag = value.octets(q.row, _THRESHOLD_NORMAL)[0]
        return monitoring.watchable(buf, pos, end, tag) or value.keep(q, buf, pos, end)
    if shape.end(_FORMS[attribute], buf, pos, end) != end:
        return _TYPE_UNMATCHED
    if attribute == _EMERGENCY_PROFILE:
        return _set_profile(q, buf, pos, end)
    if attribute == _THRESHOLD_NORMAL or attribute == _THRESHOLD_EMERGENCY:
        if buf[pos] != monitoring.tag_of(value.octets(q.row, _MONITORED_VALUE)):
            return _TYPE_UNMATCHED
    return value.keep(q, buf, pos, end) if _regular(attribute, buf, pos, end) else _OTHER_REASON


def _regular(attribute: int, buf, pos: int, end: int) -> bool:
    # Lengths of one octet, so that what is kept has everything at its place.
    if attribute == _GROUP_IDS:
        n = buf[pos + 1]
        return n <= _IDS_MAX and end - pos == 2 + n * _ID_SIZE
    return attribute != _ACTIONS or end - pos == _ACTIONS_SIZE


def _set_profile(q, buf, pos: int, end: int) -> int:
    # The time may come as a date-time; it is kept as octet-string.
    made = bytearray(buf[pos:end])
    if made[_TIME_AT - 2] == _DATE_TIME:
        made[_TIME_AT - 2 : _TIME_AT - 1] = bytes((_OCTETS, _MOMENT_SIZE))
    fields = array("i", bytes(40))
    if len(made) == _PROFILE_SIZE:
        axdr.get_date_time(made, _TIME_AT, fields)
    if len(made) != _PROFILE_SIZE or fields[0] != 0xFFFF and not date.is_time(fields):
        return _OTHER_REASON
    return value.keep(q, made, 0, _PROFILE_SIZE)
