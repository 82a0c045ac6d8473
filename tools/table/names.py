"""Names and numbers of the standard for the source. IEC 62056-6-2, 62056-5-3, 62056-61."""

from __future__ import annotations

import re

# Class id -> version served, name, attributes from 1, methods from 1, attributes nobody may read.
# classes.py names their files.
CLASSES = {
    1: (0, "Data", ("logical_name", "value"), (), ()),
    3: (0, "Register", ("logical_name", "value", "scaler_unit"), ("reset",), ()),
    4: (0, "Extended register",
        ("logical_name", "value", "scaler_unit", "status", "capture_time"), ("reset",), ()),
    5: (0, "Demand register",
        ("logical_name", "current_average_value", "last_average_value", "scaler_unit", "status",
         "capture_time", "start_time_current", "period", "number_of_periods"),
        ("reset", "next_period"), ()),
    6: (0, "Register activation",
        ("logical_name", "register_assignment", "mask_list", "active_mask"),
        ("add_register", "add_mask", "delete_mask"), ()),
    7: (1, "Profile generic",
        ("logical_name", "buffer", "capture_objects", "capture_period", "sort_method",
         "sort_object", "entries_in_use", "profile_entries"), ("reset", "capture"), ()),
    8: (0, "Clock",
        ("logical_name", "time", "time_zone", "status", "daylight_savings_begin",
         "daylight_savings_end", "daylight_savings_deviation", "daylight_savings_enabled",
         "clock_base"),
        ("adjust_to_quarter", "adjust_to_measuring_period", "adjust_to_minute",
         "adjust_to_preset_time", "preset_adjusting_time", "shift_time"), ()),
    9: (0, "Script table", ("logical_name", "scripts"), ("execute",), ()),
    10: (0, "Schedule", ("logical_name", "entries"), ("enable_disable", "insert", "delete"), ()),
    11: (0, "Special days table", ("logical_name", "entries"), ("insert", "delete"), ()),
    15: (1, "Association LN",
         ("logical_name", "object_list", "associated_partners_id", "application_context_name",
          "xDLMS_context_info", "authentication_mechanism_name", "secret", "association_status",
          "security_setup_reference"),
         ("reply_to_HLS_authentication", "change_HLS_secret", "add_object", "remove_object"),
         (7,)),
    17: (0, "SAP assignment", ("logical_name", "SAP_assignment_list"),
         ("connect_logical_device",), ()),
    18: (0, "Image transfer",
         ("logical_name", "image_block_size", "image_transferred_blocks_status",
          "image_first_not_transferred_block_number", "image_transfer_enabled",
          "image_transfer_status", "image_to_activate_info"),
         ("image_transfer_initiate", "image_block_transfer", "image_verify", "image_activate"),
         ()),
    19: (1, "IEC local port setup",
         ("logical_name", "default_mode", "default_baud", "prop_baud", "response_time",
          "device_addr", "pass_p1", "pass_p2", "pass_w5"), (), (7, 8, 9)),
    20: (0, "Activity calendar",
         ("logical_name", "calendar_name_active", "season_profile_active",
          "week_profile_table_active", "day_profile_table_active", "calendar_name_passive",
          "season_profile_passive", "week_profile_table_passive", "day_profile_table_passive",
          "activate_passive_calendar_time"),
         ("activate_passive_calendar",), ()),
    22: (0, "Single action schedule",
         ("logical_name", "executed_script", "type", "execution_time"), (), ()),
    21: (0, "Register monitor",
         ("logical_name", "thresholds", "monitored_value", "actions"), (), ()),
    23: (1, "IEC HDLC setup",
         ("logical_name", "comm_speed", "window_size_transmit", "window_size_receive",
          "max_info_field_length_transmit", "max_info_field_length_receive",
          "inter_octet_time_out", "inactivity_time_out", "device_address"),
         (), ()),
    70: (0, "Disconnect control",
         ("logical_name", "output_state", "control_state", "control_mode"),
         ("remote_disconnect", "remote_reconnect"), ()),
    71: (0, "Limiter",
         ("logical_name", "monitored_value", "threshold_active", "threshold_normal",
          "threshold_emergency", "min_over_threshold_duration", "min_under_threshold_duration",
          "emergency_profile", "emergency_profile_group_id_list", "emergency_profile_active",
          "actions"), (), ()),
    24: (1, "IEC twisted pair (1) setup",
         ("logical_name", "mode", "speed", "primary_address_list", "tabi_list"), (), ()),
    26: (0, "Utility tables", ("logical_name", "table_ID", "length", "buffer"), (), ()),
    27: (1, "PSTN modem configuration",
         ("logical_name", "comm_speed", "initialization_string", "modem_profile"), (), ()),
    28: (0, "Auto answer",
         ("logical_name", "mode", "listening_window", "status", "number_of_calls",
          "number_of_rings"), (), ()),
    29: (0, "Auto connect",
         ("logical_name", "mode", "repetitions", "repetition_delay", "calling_window",
          "destination_list"), (), ()),
    61: (0, "Register table",
         ("logical_name", "table_cell_values", "table_cell_definition", "scaler_unit"),
         ("reset", "capture"), ()),
    63: (0, "Status mapping", ("logical_name", "status_word", "mapping_table"), (), ()),
    8192: (0, "Echo", ("logical_name", "value"), ("echo",), ()),
}
# Class id -> attributes the firmware sets, methods it calls; a test compares with the files.
SERVED = {
    1: ((2,), ()),
    4: ((), (1,)),
    5: ((8, 9), (1, 2)),
    6: ((2, 3, 4), (1, 2, 3)),
    7: ((3, 4, 5, 6, 8), (1, 2)),
    8: ((2, 3, 5, 6, 7, 8), (1, 2, 3, 4, 5, 6)),
    15: ((7,), ()),
    18: ((2, 5), (1, 2, 3, 4)),
    19: ((2, 3, 4, 5, 6), ()),
    23: ((2, 3, 4, 5, 6, 7, 8, 9), ()),
    9: ((2,), (1,)),
    10: ((2,), (1, 2, 3)),
    11: ((2,), (1, 2)),
    20: ((6, 7, 8, 9, 10), (1,)),
    22: ((2, 3, 4), ()),
    21: ((2, 3, 4), ()),
    70: ((4,), (1, 2)),
    71: ((2, 4, 5, 6, 7, 8, 9, 11), ()),
    24: ((2, 3, 4, 5), ()),
    26: ((4,), ()),
    27: ((2, 3, 4), ()),
    28: ((2, 3, 5, 6), ()),
    29: ((2, 3, 4, 5, 6), ()),
    61: ((3, 4), (1, 2)),
    63: ((3,), ()),
    8192: ((2,), (1,)),
}

# Type name -> tag, and lowest and highest value of the integers.
TYPES = {
    "null-data": 0, "array": 1, "structure": 2, "boolean": 3, "bit-string": 4, "double-long": 5,
    "double-long-unsigned": 6, "octet-string": 9, "visible-string": 10, "utf8-string": 12,
    "bcd": 13, "integer": 15, "long": 16, "unsigned": 17, "long-unsigned": 18,
    "compact-array": 19, "long64": 20, "long64-unsigned": 21, "enum": 22, "float32": 23,
    "float64": 24, "date-time": 25, "date": 26, "time": 27, "dont-care": 255,
}
SIGNED = {"integer": 1, "long": 2, "double-long": 4, "long64": 8}
UNSIGNED = {"unsigned": 1, "long-unsigned": 2, "double-long-unsigned": 4, "long64-unsigned": 8,
            "enum": 1, "bcd": 1}
NUMERIC = {**SIGNED, **{k: v for k, v in UNSIGNED.items() if k != "enum"}, "float32": 4,
           "float64": 8}

# Unit enumeration of scaler_unit; "none" is 255, a number without unit or a count.
UNITS = {
    "a": 1, "mo": 2, "wk": 3, "d": 4, "h": 5, "min": 6, "s": 7, "deg": 8, "degC": 9, "m": 11,
    "m/s": 12, "m3": 13, "m3/h": 15, "l": 19, "kg": 20, "N": 21, "Nm": 22, "Pa": 23, "bar": 24,
    "J": 25, "J/h": 26, "W": 27, "VA": 28, "var": 29, "Wh": 30, "VAh": 31, "varh": 32, "A": 33,
    "C": 34, "V": 35, "V/m": 36, "F": 37, "ohm": 38, "Wb": 40, "T": 41, "A/m": 42, "H": 43,
    "Hz": 44, "1/Wh": 45, "1/varh": 46, "1/VAh": 47, "V2h": 48, "A2h": 49, "kg/s": 50, "S": 51,
    "K": 52, "1/V2h": 53, "1/A2h": 54, "1/m3": 55, "%": 56, "Ah": 57, "dBm": 70, "dB": 72,
    "none": 255,
}

# Conformance block: bit 0 is the first, 0x800000 of the 24 bits.
CONFORMANCE = (
    "reserved-zero", "general-protection", "general-block-transfer", "read", "write",
    "unconfirmed-write", "delta-value-encoding", "reserved-seven", "attribute0-supported-with-set",
    "priority-mgmt-supported", "attribute0-supported-with-get",
    "block-transfer-with-get-or-read", "block-transfer-with-set-or-write",
    "block-transfer-with-action", "multiple-references", "information-report",
    "data-notification", "access", "parameterized-access", "get", "set", "selective-access",
    "event-notification", "action",
)

CONTEXTS = {"LN": 1}
MECHANISMS = {"lowest": 0, "low": 1}
BAUD_RATES = (300, 600, 1200, 2400, 4800, 9600, 19200, 115200)

# What 1-b:C.D.E.F measures, phases folded (C below 80: L1 L2 L3 are 20, 40, 60 higher).
_POWER = {1: "W", 2: "W", 3: "var", 4: "var", 9: "VA", 10: "VA", 15: "W", 16: "W"}
_OTHER = {11: "A", 12: "V", 13: "none", 14: "Hz", 91: "A", 92: "V"}
_OBIS = re.compile(r"(\d+)-(\d+):(\d+)\.(\d+)\.(\d+)(?:\.(\d+))?$")


def obis(text: str) -> bytes | None:
    """'1-0:1.8.0.255' or '1-0:1.8.0' -> six octets; None when it is none."""
    match = _OBIS.match(text)
    if not match:
        return None
    parts = [255 if part is None else int(part) for part in match.groups()]
    return bytes(parts) if max(parts) < 256 else None


def show_obis(code: bytes) -> str:
    """Six octets -> '1-0:1.8.0.255'."""
    return "{}-{}:{}.{}.{}.{}".format(*code)


def unit_of(code: bytes) -> str | None:
    """The unit IEC 62056-61 gives a quantity of electricity; None when it leaves it open."""
    a, _, c, d, e, _ = code
    if a != 1:
        return None
    quantity = c % 20 if 20 < c < 80 else c
    if d == 7 and e == 0:
        return _POWER.get(quantity) or _OTHER.get(quantity)
    if d == 8 and quantity in _POWER:
        return _POWER[quantity] + "h"
    return None
