# Live values by slot number: the seam between measuring and serving. A leaf.
#
# One slot is 8 octets, big-endian two's complement: the order of the wire, so a reader copies
# the last n octets of a slot and has an A-XDR integer of n octets. A value must fit the width
# its object announces; the widths below leave room (36 A are 36000 of 2**32 mA).
import struct

import micropython
from micropython import const

_SLOT_VOLTAGE = const(0)  # 10 mV
_SLOT_CURRENT_1 = const(1)  # mA, phase conductor, the channel that is billed
_SLOT_CURRENT_2 = const(2)  # mA, neutral
_SLOT_POWER = const(3)  # 0.1 W, positive = import
_SLOT_POWER_IMPORT = const(4)  # 0.1 W, 0 while exporting
_SLOT_POWER_EXPORT = const(5)  # 0.1 W, 0 while importing
_SLOT_POWER_2 = const(6)  # 0.1 W, signed, from the neutral's current
_SLOT_POWER_FACTOR = const(7)  # 0.001, signed as the power; 0 without load
_SLOT_FREQUENCY = const(8)  # 10 mHz, 0 without voltage
_SLOT_ENERGY_IMPORT = const(9)  # Wh
_SLOT_ENERGY_EXPORT = const(10)  # Wh
_SLOT_OPERATING_TIME_S = const(11)  # s of sampling since the start
_SLOT_SAMPLE_OVERRUNS = const(12)  # times that samples were lost
_SLOT_FRAMES_DROPPED = const(13)  # bad frames on all lines, counted by the link layers
_SLOT_APPARENT = const(14)  # 0.1 VA
_SLOT_PROFILE_STATUS_1 = const(15)  # AMR profile status, meter/profile_status.py
_SLOT_PROFILE_STATUS_2 = const(16)
_SLOT_ENERGY_IMPORT_1 = const(17)  # Wh by rate, see tariffs.py
_SLOT_ENERGY_IMPORT_2 = const(18)  # Wh
_SLOT_ENERGY_IMPORT_3 = const(19)  # Wh
_SLOT_ENERGY_IMPORT_4 = const(20)  # Wh
_SLOT_ENERGY_EXPORT_1 = const(21)  # Wh
_SLOT_ENERGY_EXPORT_2 = const(22)  # Wh
_SLOT_ENERGY_EXPORT_3 = const(23)  # Wh
_SLOT_ENERGY_EXPORT_4 = const(24)  # Wh
_SLOT_EVENT_STANDARD = const(25)  # code of the last event of log n at 25 + n, see events.py
_SLOT_EVENT_FRAUD = const(26)
_SLOT_EVENT_DISCONNECTOR = const(27)
_SLOT_EVENT_QUALITY = const(29)
_SLOT_EVENT_COMMUNICATION = const(30)
_SLOT_POWER_FAILURES = const(31)
_SLOT_CONFIGURATION_CHANGES = const(32)  # by clients, see cosem/configuration.py
_SLOT_LAST_DEMAND_IMPORT = const(33)  # 0.1 W, last average, see cosem/demand_register.py
_SLOT_LAST_DEMAND_EXPORT = const(34)  # 0.1 W
_SLOT_REACTIVE_IMPORT = const(35)  # 0.1 var, 0 while capacitive
_SLOT_REACTIVE_EXPORT = const(36)  # 0.1 var, 0 while inductive
_SLOT_REACTIVE_ENERGY_Q1 = const(37)  # varh by quadrant, see meter/reactive.py
_SLOT_REACTIVE_ENERGY_Q2 = const(38)  # varh
_SLOT_REACTIVE_ENERGY_Q3 = const(39)  # varh
_SLOT_REACTIVE_ENERGY_Q4 = const(40)  # varh
_SLOT_REACTIVE_ENERGY_IMPORT = const(41)  # varh, Q1 and Q2
_SLOT_REACTIVE_ENERGY_EXPORT = const(42)  # varh, Q3 and Q4
_SLOT_APPARENT_ENERGY_IMPORT = const(43)  # VAh
_SLOT_APPARENT_ENERGY_EXPORT = const(44)  # VAh
# What a three-phase front end would fill; firmware/three_phase.toml has objects for it. Nothing
# measures these yet, so they are 0.
_SLOT_L2_VOLTAGE = const(50)  # 10 mV
_SLOT_L3_VOLTAGE = const(51)  # 10 mV
_SLOT_L2_CURRENT = const(52)  # mA
_SLOT_L3_CURRENT = const(53)  # mA
_SLOT_L2_POWER = const(54)  # 0.1 W, positive = import
_SLOT_L3_POWER = const(55)  # 0.1 W, positive = import
_SLOT_L2_POWER_IMPORT = const(56)  # 0.1 W
_SLOT_L3_POWER_IMPORT = const(57)  # 0.1 W
_SLOT_L2_POWER_EXPORT = const(58)  # 0.1 W
_SLOT_L3_POWER_EXPORT = const(59)  # 0.1 W
_SLOT_L2_APPARENT = const(60)  # 0.1 VA
_SLOT_L3_APPARENT = const(61)  # 0.1 VA
_SLOT_L2_POWER_FACTOR = const(62)  # 0.001, signed as the power
_SLOT_L3_POWER_FACTOR = const(63)  # 0.001, signed as the power
_SLOT_L2_ENERGY_IMPORT = const(64)  # Wh
_SLOT_L3_ENERGY_IMPORT = const(65)  # Wh
_SLOT_L2_ENERGY_EXPORT = const(66)  # Wh
_SLOT_L3_ENERGY_EXPORT = const(67)  # Wh
_SLOT_REACTIVE_ENERGY_IMPORT_1 = const(71)  # varh
_SLOT_REACTIVE_ENERGY_IMPORT_2 = const(72)  # varh
_SLOT_REACTIVE_ENERGY_IMPORT_3 = const(73)  # varh
_SLOT_REACTIVE_ENERGY_IMPORT_4 = const(74)  # varh
_SLOT_REACTIVE_ENERGY_EXPORT_1 = const(76)  # varh
_SLOT_REACTIVE_ENERGY_EXPORT_2 = const(77)  # varh
_SLOT_REACTIVE_ENERGY_EXPORT_3 = const(78)  # varh
_SLOT_REACTIVE_ENERGY_EXPORT_4 = const(79)  # varh
_SLOT_ANGLE_U2_U1 = const(86)  # 1 deg
_SLOT_ANGLE_U3_U1 = const(87)  # 1 deg
_SLOTS = const(45)  # that every meter has

_WIDTH = const(8)
_values = bytearray(_SLOTS * _WIDTH)


def room(slots: int) -> None:
    """Make room for this many slots: the object table has objects for them."""
    global _values
    missing = slots * _WIDTH - len(_values)
    if missing > 0:
        _values = _values + bytearray(missing)


def put(slot: int, number: int) -> None:
    """Store number, -2**63..2**63-1, in a slot."""
    struct.pack_into(">q", _values, slot * _WIDTH, number)


def value(slot: int) -> int:
    """Number in a slot."""
    return struct.unpack_from(">q", _values, slot * _WIDTH)[0]


def copy(slot: int, size: int, out, pos: int) -> int:
    """Write the last size octets (1..8) of a slot to out[pos:]; the position behind them."""
    return _copy(_values, slot * _WIDTH + _WIDTH - size, size, out, pos)


# Bounds: slot < _SLOTS and size <= 8 by the object table, which the generator checks; the
# caller has room for size octets at out[pos:]. Width: octets and indices only.
# Twin: host_tests/twins/registers.py.
@micropython.viper
def _copy(values: ptr8, at: int, size: int, out: ptr8, pos: int) -> int:
    end = at + size
    while at < end:
        out[pos] = values[at]
        at += 1
        pos += 1
    return pos
