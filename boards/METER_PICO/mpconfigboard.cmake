# METER_PICO: a Raspberry Pi Pico (RP2040, 2 MB flash) with a meter's front end.
set(PICO_BOARD "pico")
set(PICO_PLATFORM "rp2040")
set(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest.py)

# Where firmware/manifest.py finds the generated files; a release names another place.
if(NOT DEFINED MICROPY_MANIFEST_GENERATED_DIR)
    set(MICROPY_MANIFEST_GENERATED_DIR ${MICROPY_BOARD_DIR}/../..)
endif()
