"""The port room: the only one that imports machine, rp2 and uctypes.

uart (octets, line formats, driver enable), adc (ring of samples), rtc and ds3231 (UTC), flash (a
raw partition), power (the power-fail pin), watchdog, led, board (pins, ticks). channel joins a
UART with the door of a protocol and imports nothing.
"""
