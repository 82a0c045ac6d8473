# Board METER_PICO: pins, time and sleep. boards/METER_PICO/README.md has the wiring.
#
# The only room that knows machine, rp2 and uctypes is this one, port/.
import time

import machine

NAME = "METER_PICO"  # what an image must be made for

OPTICAL_UART = 0  # GPIO0 TX, GPIO1 RX
RS485_UART = 1  # GPIO4 TX, GPIO5 RX
RS485_DE = 3  # driver enable, high while sending
BUTTON = 14  # to ground
RELAY = 15  # high = closed
SDA = 20  # I2C0
SCL = 21
LED = 25
ADC_V = 26  # ADC input 0
ADC_I1 = 27
ADC_I2 = 28
POWER_FAIL = 22  # low when the supply begins to fail

# Octets of the storage area, the last 1408 KB of the flash: the file system, then the memory.
MEMORY_START = 640 * 1024
MEMORY_SIZE = 768 * 1024

# Milliseconds modulo 2**30; differences with (a - b) & 0x3FFFFFFF.
ticks_ms = time.ticks_ms

# Start anew, as after a power cut.
reset = machine.reset


def sleep_until_interrupt() -> None:
    """Stop the core until an interrupt, 1 ms at most (machine.idle of the rp2 port).

    It waits for an event, and the port's own locks have set one since the last sleep: the first
    call only takes that one away."""
    machine.idle()
    machine.idle()
