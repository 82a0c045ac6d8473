// METER_PICO: pins and names. The wiring is in README.md, the pin names are in pins.csv.
#define MICROPY_HW_BOARD_NAME          "Microcosem METER_PICO"

// The upper 1408 KB of the 2 MB flash are storage; the image has the 640 KB below.
#define MICROPY_HW_FLASH_STORAGE_BYTES (1408 * 1024)

// Default of machine.I2C(0): display, external clock. The port's own defaults of machine.UART(0) and
// machine.UART(1) are the pins of the optical head and of RS-485.
#define MICROPY_HW_I2C0_SDA            (20)
#define MICROPY_HW_I2C0_SCL            (21)

// Frames of Python functions on a stack of their own. Else every call of a function with more than
// eleven words of locals takes its frame from the heap, which costs 22 us in an empty heap and more
// than 100 us in a full one; about ten such calls make up a GET. 8 KB: a GET at its deepest needs
// less than 2 KB, and what is too deep raises RuntimeError.
#define MICROPY_ENABLE_PYSTACK         (1)
#define MICROPY_PORT_INIT_FUNC         do { \
        static mp_obj_t pystack[2048]; \
        mp_pystack_init(pystack, pystack + 2048); \
} while (0)

// The C stack: 16 KB, of which the last 1.5 KB are not for Python. The port gives 8 KB and keeps 256
// octets of them back for what runs on top of the deepest call. That is too little: a collection
// with an interrupt in it, or the USB task, takes more, and what lies below the stack is the heap.
// Every call of a Python function by another takes some 200 octets; what the meter needs is
// measured and bounded by host_tests/e2e/test_stack.py. The symbol is for `make size`.
#define METER_PICO_STACK_BYTES         0x4000
#define METER_PICO_STACK_MARGIN        1536
#define MICROPY_BOARD_EARLY_INIT() do { \
        __asm__ (".globl __MeterStackBytes\n.set __MeterStackBytes, %c0" \
        : : "i" (METER_PICO_STACK_BYTES)); \
        mp_cstack_init_with_top(&__StackTop, METER_PICO_STACK_BYTES - METER_PICO_STACK_MARGIN); \
        gc_init(&__GcHeapStart, (void *)((uintptr_t)&__StackTop - METER_PICO_STACK_BYTES)); \
} while (0)
