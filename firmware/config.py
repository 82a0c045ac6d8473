# Generated from firmware/meter.toml by tools/gen_table.py; do not edit.

# manufacturer, serial number, firmware version
IDENTITY = (b"MCM", b"10000001", b"0.1.0")

# identification, device address, reaction time in ms: dlms.signon.SignOn
OPTICAL_SIGN_ON = (b"/MCM5\\2MICROCOSEM\r\n", b"10000001", 200)

# back to the sign-on when no link was opened for so long
OPTICAL_UNUSED_MS = 10000

# lower address, max info, window, inter-octet ms, inactivity ms (0 = never)
OPTICAL_LINK = (17, 2030, 7, 200, 120000)

# bits 0-2 baud code of IEC 62056-21 (7 = 115200), 0x10 = 8N1, else 7E1
RS485_LINE = 21

# as OPTICAL_LINK
RS485_LINK = (17, 2030, 7, 200, 120000)

# largest APDU taken, largest APDU sent
PDU = (1024, 2048)

# zone in minutes to UTC, DST enabled, begin, end (ten fields each), DST minutes
CLOCK = (
    -60,
    True,
    (65535, 3, 254, 7, 2, 0, 0, 0, -32768, 0),
    (65535, 10, 254, 7, 3, 0, 0, 0, -32768, 0),
    60,
)

# nominal, from the analogue front end of the board; see meter/quantities.py
CALIBRATION = ()
