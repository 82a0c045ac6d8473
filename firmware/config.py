# Generated from firmware/meter.toml by tools/gen_table.py; do not edit.

# manufacturer, serial number, firmware version
IDENTITY = (b"MCM", b"10000001", b"0.1.0")

# message of the sign-on, IEC 62056-21; the octet behind the letters is Z
IDENTIFICATION = b"/MCM5\\2MICROCOSEM\r\n"

# who is meant by a sign-on with an address
DEVICE_ADDRESS = b"10000001"

# from a request of the sign-on to its answer
REACTION_MS = 200

# back to the sign-on when no link was opened for so long
UNUSED_MS = 10000

# lower HDLC address
OPTICAL_PHYSICAL = 17

# octets of the HDLC address, 0 = as the client likes
OPTICAL_ADDRESS_OCTETS = 0

# bits 0-2 baud code of IEC 62056-21 (7 = 115200), 0x10 = 8N1, else 7E1
RS485_LINE = 21

# lower HDLC address
RS485_PHYSICAL = 17

# octets of the HDLC address, 0 = as the client likes
RS485_ADDRESS_OCTETS = 0

# the wrapper listens on this address of the machine
WRAPPER_ADDRESS = "0.0.0.0"

# for TCP and UDP; 0 = there is no network
WRAPPER_PORT = 0

# octets of the information field, both ways
MAX_INFO = 512

# frames, both ways
WINDOW = 7

# a frame with a longer gap is dropped
INTER_OCTET_MS = 200

# a link silent for so long is closed, 0 = never
INACTIVITY_MS = 120000

# octets of the longest APDU, both ways
MAX_PDU = 1024

# where the time comes from: internal, ds3231
RTC = "internal"

# zone in minutes to UTC, DST enabled, begin, end (ten fields each), DST minutes
CLOCK = (
    -60,
    True,
    (65535, 3, 254, 7, 2, 0, 0, 0, -32768, 0),
    (65535, 10, 254, 7, 3, 0, 0, 0, -32768, 0),
    60,
)

# nominal, from the analogue front end of the board; see meter/quantities.py
CALIBRATION = (26624068, 5324814, 5324814, 41667, 83333, 71, 69, 575, 20)
