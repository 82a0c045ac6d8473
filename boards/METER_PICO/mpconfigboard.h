// METER_PICO: pins and names. The wiring is in README.md, the pin names are in pins.csv.
#define MICROPY_HW_BOARD_NAME          "Microcosem METER_PICO"

// The upper 1408 KB of the 2 MB flash are storage; the image has the 640 KB below.
#define MICROPY_HW_FLASH_STORAGE_BYTES (1408 * 1024)

// Default of machine.I2C(0): display, external clock. The port's own defaults of machine.UART(0) and
// machine.UART(1) are the pins of the optical head and of RS-485.
#define MICROPY_HW_I2C0_SDA            (20)
#define MICROPY_HW_I2C0_SCL            (21)
