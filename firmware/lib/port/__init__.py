"""The port room: the only one that imports machine, rp2 and uctypes.

uart (octets, line formats, driver enable), adc (ring of samples), rtc (UTC), flash (a raw
partition), watchdog, led, board (pins, ticks). channel joins a UART with the door of a protocol
and imports nothing.
"""
