# A meter that lives through simulated time: the clock of Central Europe, the objects of the
# table, and a record of every script that was started. Octets are made here, not by the firmware.
from cosem import due, dispatch, internal, live, value
from cosem.activity_calendar import ActivityCalendar
from cosem.schedule import Schedule
from cosem.single_action_schedule import SingleActionSchedule
from cosem_reading import CONFIGURATOR, descriptor, obis, request
from meter import date as date_of

TARIFF = b"\x00\x00\x60\x0e\x00\xff"  # active tariff: what the scripts write
TABLE = obis("0-0:10.0.100")
NEVER = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\x00\xff"
ANY_DATE = b"\xff\xff\xff\xff\xff"
_NONE = -0x8000
_EU = (
    -60, True, (65535, 3, 254, 7, 2, 0, 0, 0, _NONE, 0),
    (65535, 10, 254, 7, 3, 0, 0, 0, _NONE, 0), 60,
)


def array(*elements):
    assert len(elements) < 128
    return bytes([1, len(elements)]) + b"".join(elements)


def structure(*elements):
    return bytes([2, len(elements)]) + b"".join(elements)


def octets(content):
    return bytes([9, len(content)]) + bytes(content)


def u16(number):
    return bytes([18, number >> 8, number & 255])


def u8(number):
    return bytes([17, number])


def hour(text):
    """'06:30' or '06:30:15' as the four octets of a time."""
    parts = [int(part) for part in text.split(":")]
    return bytes(parts + [0] * (4 - len(parts)))


def date(year, month, day, weekday=255):
    return bytes([year >> 8, year & 255, month, day, weekday])


def date_time(year, month, day, time="00:00", deviation=0x8000):
    return date(year, month, day) + hour(time) + bytes([deviation >> 8, deviation & 255, 255])


def put(class_id, code, attribute, content, who=CONFIGURATOR):
    """Set an attribute as a client; the result."""
    q = request(who)
    result = dispatch.open(q, descriptor(class_id, code, attribute), 0, 1)
    return result or dispatch.set(q, b"\xff" + content + b"\xff", 1, 1 + len(content))


def call(class_id, code, method, content=b"", who=CONFIGURATOR):
    """Call a method as a client; the result."""
    q = request(who)
    result = dispatch.open(q, descriptor(class_id, code, method), 0, 2)
    return result or dispatch.act(q, b"\xff" + content + b"\xff", 1, 1 + len(content))


def _attributes():
    """(row, attribute, content) of all that these tests may change."""
    found = []
    for class_id, code, last in (
        (1, "0-0:96.13.0", 2), (1, "0-0:96.14.0", 2), (9, "0-0:10.0.100", 2),
        (10, "0-0:12.0.0", 3), (11, "0-0:11.0.0", 2), (20, "0-0:13.0.0", 11),
        (22, "0-0:15.0.0", 5),
    ):
        row = internal.find(class_id, obis(code))
        for number in range(2, last + 1):
            found.append((row, number, value.octets(row, number)))
    return found


class Life:
    """Time of a meter. started: (month, day, hour, minute, selector) of each script."""

    def __init__(self, *when):
        self.now_s = 0
        self.invalid = 0
        self.started = []
        self.moments = []  # with the year and the second, of the same scripts
        self._real = due.start
        due.start = self._start
        self.before = _attributes()
        self.zone = date_of.Zone(*_EU)
        self.now_s = self.utc(*when)
        self.start()

    def end(self):
        due.start = self._real
        for row, number, content in self.before:
            value.store(row, number, content)
        dispatch.start()

    def utc(self, *when):
        """Seconds of a local time (year, month, day, hour, minute, second)."""
        when = tuple(when) + (0,) * (6 - len(when))
        minute = date_of.days(*when[:3]) * 1440 + when[3] * 60 + when[4]
        summer = self.zone.deviation(minute - 120) == -120
        return (minute - (120 if summer else 60)) * 60 + when[5]

    def default(self, class_id, code, **attributes):
        """Set attributes (a2=..) from inside, without a look at rights."""
        row = internal.find(class_id, obis(code))
        assert row >= 0
        for name in sorted(attributes):
            assert value.store(row, int(name[1:]), attributes[name]) == 0

    def _start(self, table, selector):
        f = self.fields()
        self.started.append((f[1], f[2], f[4], f[5], selector))
        self.moments.append((f[0], f[1], f[2], f[4], f[5], f[6], table, selector))
        self._real(table, selector)

    def fields(self):
        fields = [0] * 10
        deviation = self.zone.deviation(self.now_s // 60)
        date_of.put_minute(fields, self.now_s // 60 - deviation)
        fields[6:] = [self.now_s % 60, 255, deviation, self.invalid]
        return fields

    def start(self):
        dispatch.start()
        self.alive = self.parts()

    def parts(self):
        """The schedules and calendars, in the order of the rows; nothing else lives here."""
        kinds = (Schedule, ActivityCalendar, SingleActionSchedule)
        return [live.made[row] for row in sorted(live.made) if isinstance(live.made[row], kinds)]

    def tick(self):
        fields = self.fields()
        for part in self.alive:
            while part.second(self.now_s, fields):
                pass

    def run(self, seconds, step=1):
        """Live on; the last tick is at the end."""
        end = self.now_s + seconds
        while self.now_s < end:
            self.now_s = min(end, self.now_s + step)
            self.tick()

    def until(self, *when, step=60):
        self.run(self.utc(*when) - self.now_s, step)

    def set_clock(self, *when):
        old = self.now_s
        self.now_s = self.utc(*when)
        for part in self.alive:
            part.jumped(old, self.now_s)

    def power_cut(self, *until):
        """Off at once, on again at a local time."""
        self.now_s = self.utc(*until)
        self.start()

    def take(self):
        """What was started since the last time."""
        found = self.started
        self.started = []
        self.moments = []
        return found
