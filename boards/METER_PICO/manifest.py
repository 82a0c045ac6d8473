# What the METER_PICO image holds: the port's start-up code and the meter.
freeze("$(PORT_DIR)/modules")  # _boot.py mounts the flash file system; rp2.py
include("$(BOARD_DIR)/../../firmware/manifest.py", application=True)
