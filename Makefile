# Microcosem. `make help` lists what can be made; toolchain details are in tools/toolchain/.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:

# What may be set on the command line.
BOARD   ?= METER_PICO
TARGET  ?= pico
OPTICAL ?=
RS485   ?=
WRAPPER ?=
SOURCE  ?=
PORT    ?=
ARGS    ?=
RELEASE ?=
SECRETS ?=
MPY_DIR ?=
CACHE   ?=
export CACHE MPY_DIR

export PYTHONPATH := tools
export PYTHONDONTWRITEBYTECODE := 1
# In full because $(shell ...) does not see what is exported.
TOOLCHAIN = CACHE='$(CACHE)' MPY_DIR='$(MPY_DIR)' PYTHONPATH=tools python3 -m toolchain

# The toolchain's Python once it is there, else the machine's: the host target needs no more.
PY = $(shell $(TOOLCHAIN) where python)
NPM_BIN = $(shell $(TOOLCHAIN) where node)

# The generated files are committed; they are made anew when something they come from is younger.
TABLE_STAMP := build/table.stamp
TABLE_FROM := firmware/meter.toml boards/METER_PICO/front_end.toml tools/gen_table.py \
  $(wildcard tools/table/*.py) firmware/lib/meter/registers.py

.PHONY: help
help: ## This list
	@echo "Microcosem: a DLMS/COSEM electricity meter in MicroPython"
	@echo
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	      /^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Settings: BOARD=$(BOARD) TARGET=$(TARGET) (host, unix, pico) OPTICAL= RS485= (TCP ports)"
	@echo "  WRAPPER= (TCP and UDP port of the wrapper; host and unix)"
	@echo "  SOURCE= (another meter than firmware/meter.toml, for run on host and unix)"
	@echo "  PORT= (serial port of a board) ARGS= (for run, demo, bench, tests)"
	@echo "  RELEASE=1 SECRETS=file (an image without demo passwords: build/BOARD-release)"
	@echo "  MPY_DIR= (an upstream MicroPython checkout) CACHE= (default ~/.cache/microcosem)"

##@ Run (the host target needs Python 3.10 and nothing else)

.PHONY: run
run: $(TARGET:%=ready-%) ## Start a meter: TARGET=host, unix or pico (the image, emulated)
	@$(PY) -m microcosem.run --target $(TARGET) $(OPTICAL:%=--optical %) $(RS485:%=--rs485 %) \
	  $(WRAPPER:%=--wrapper %) $(SOURCE:%=--source %) $(ARGS)

.PHONY: demo
demo: python-ready ready-pico ## Start the emulated meter, read it, show what it says
	@$(PY) -m microcosem.demo $(ARGS)

.PHONY: read
read: python-ready ## Read a meter: ARGS="/dev/ttyUSB0", ARGS="socket://127.0.0.1:7001 --client 32 ..."
	@$(PY) -m microcosem.reader $(ARGS)

.PHONY: image
image: python-ready ## Change a meter's firmware by Image transfer: ARGS="build|send|info ..."
	@$(PY) -m microcosem.image $(ARGS)

.PHONY: emulator
emulator: ready-pico ## The emulated board alone, with its doors' port numbers
	@node tools/emulator/emulator.mjs --image build/$(BOARD)/firmware.bin $(OPTICAL:%=--optical %) \
	  $(RS485:%=--rs485 %) $(ARGS)

.PHONY: bench
bench: python-ready ready-pico ## Measure speed and memory on the emulated board: bench.md
	@$(PY) -m microcosem.bench $(ARGS)

.PHONY: accuracy
accuracy: python-ready unix ## Errors of the meter behind a simulated front end, class 0.5 S grid: accuracy.md
	@$(PY) host_tests/accuracy/run.py $(ARGS)

.PHONY: ready-host ready-unix ready-pico
ready-host:
ready-unix: unix
ready-pico: firmware
	@$(TOOLCHAIN) emulator

ready-%:
	@echo "make: TARGET is host, unix or pico, not '$*'." >&2; exit 1

##@ Build

.PHONY: toolchain
toolchain: ## Obtain and build compiler, sources, packages (once; again after a change of version)
	@$(TOOLCHAIN) toolchain

.PHONY: firmware
firmware: $(TABLE_STAMP) ## The image: build/BOARD/firmware.{elf,bin,uf2}, and its size
	@$(TOOLCHAIN) firmware --board $(BOARD) $(if $(RELEASE),--release $(SECRETS:%=--secrets %))

.PHONY: unix
unix: $(TABLE_STAMP) ## MicroPython for this machine with the same modules: build/unix/micropython
	@$(TOOLCHAIN) unix

.PHONY: table
table: ## Generate the object table, the configuration and docs/objects.md from meter.toml
	@$(PY) tools/gen_table.py

$(TABLE_STAMP): $(TABLE_FROM)
	@$(PY) tools/gen_table.py
	@mkdir -p $(@D) && touch $@

.PHONY: size
size: ## What the image holds, module by module, and what it adds to stock MicroPython
	@$(TOOLCHAIN) size --board $(BOARD)

.PHONY: clean
clean: ## Remove build/ and the tools' caches in this folder (not the toolchain's own)
	rm -rf build typings .pytest_cache .ruff_cache .hypothesis
	find firmware host_tests tools boards -name __pycache__ -type d -prune -exec rm -rf {} +

##@ Check

.PHONY: test
test: lint types table-check test-unit test-life test-fuzz test-conformance test-mpy test-emulator test-e2e ## Everything below, as CI runs it

.PHONY: lint
lint: python-ready ## ruff
	@$(PY) -m ruff check

.PHONY: types
types: tools-ready ## pyright: the tools, the firmware on rp2's stubs, its pure rooms on stm32's
	@$(NPM_BIN)/pyright --pythonpath $(PY)
	@$(NPM_BIN)/pyright --pythonpath $(PY) -p firmware
	@$(NPM_BIN)/pyright --pythonpath $(PY) -p firmware/lib

.PHONY: table-check
table-check: ## The generated files are what meter.toml makes
	@$(PY) tools/gen_table.py --check

.PHONY: test-unit
test-unit: python-ready ## The rules of the house and the unit tests on CPython
	@$(PY) -m pytest -q host_tests/unit host_tests/test_rules.py $(ARGS)

.PHONY: test-life
test-life: python-ready ## Weeks of a meter's life, with thousands of power cuts
	@$(PY) -m pytest -q host_tests/life $(ARGS)

.PHONY: year
year: python-ready ## A year of a meter's life, row by row: ARGS="--days 365 --seed 1"
	@$(PY) host_tests/life/course.py $(ARGS)

.PHONY: test-fuzz
test-fuzz: python-ready ## A short slice of the fuzzing, its corpus, and the fuzzer itself
	@$(PY) -m pytest -q host_tests/fuzz $(ARGS)

# The host unless TARGET is given on the command line: pico is the default of what runs a meter.
FUZZ_TARGET = $(if $(filter command line environment,$(origin TARGET)),$(TARGET),host)
.PHONY: fuzz
fuzz: $(FUZZ_TARGET:%=ready-%) ## 1000000 inputs on the host; TARGET=pico: 5000 on the emulated board
	@$(PY) host_tests/fuzz/run.py --target $(FUZZ_TARGET) $(ARGS)

.PHONY: test-mpy
test-mpy: unix ## The same unit tests on MicroPython's unix port
	@$(PY) host_tests/run_mpy.py $(ARGS)

.PHONY: test-emulator
test-emulator: ## Unit tests of the emulated board's own parts
	@$(TOOLCHAIN) emulator
	@node --test --test-reporter=spec $(wildcard tools/emulator/test/*.test.mjs)

.PHONY: test-e2e
test-e2e: tools-ready unix ready-pico ## Foreign clients, the emulated board, fresh processes
	@$(PY) -m pytest -q host_tests/e2e $(ARGS)

.PHONY: test-conformance
test-conformance: python-ready ready-pico ## The conformance cases, without the table
	@$(PY) -m pytest -q host_tests/conformance $(ARGS)

.PHONY: conformance
conformance: python-ready ready-pico ## The conformance cases, host and emulated board: conformance.md
	@$(PY) host_tests/conformance/report.py $(ARGS)

.PHONY: interop
interop: tools-ready unix ready-pico ## Foreign clients by feature and target: docs/interop.md
	@PYTHONPATH=tools:host_tests/e2e $(PY) -m pytest -q -p interop_report host_tests/e2e/test_matrix.py $(ARGS)

.PHONY: tools-ready python-ready
tools-ready:
	@$(TOOLCHAIN) tools
python-ready:
	@$(TOOLCHAIN) python

##@ A real board

.PHONY: flash
flash: python-ready ## Put the image onto a Pico on USB (PORT= if there are several)
	@$(TOOLCHAIN) flash --board $(BOARD) $(PORT:%=--port %)

.PHONY: deploy
deploy: python-ready ## Put the modules onto a board that runs stock MicroPython; needs no image
	@$(TOOLCHAIN) deploy $(PORT:%=--port %)
