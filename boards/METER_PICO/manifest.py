# What the METER_PICO image holds: the port's start-up code and the meter.
freeze("$(PORT_DIR)/modules", "rp2.py")
freeze("$(BOARD_DIR)", "_boot.py")  # mounts the file system in its part of the flash
include("$(BOARD_DIR)/../../firmware/manifest.py", application=True)
