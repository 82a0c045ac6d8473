// Small parts of the RP2040 that the package leaves out or answers with a constant: the reset
// controller, the ring oscillator with its random bit, and the record of why the chip started.
import { BasePeripheral } from 'rp2040js';

const RESET = 0x00;
const RESET_WDSEL = 0x04;
const RESET_DONE = 0x08;
const RESET_MASK = 0x1ffffff;

/** Reset controller (datasheet 2.14): a bit going up puts a peripheral back to its start. */
export class Resets extends BasePeripheral {
  /** @param {Record<number, {reset: () => void}>} models by bit number */
  constructor(chip, name, models) {
    super(chip, name);
    this.models = models;
    this.held = RESET_MASK;
    this.watchdogSelect = 0;
  }

  readUint32(address) {
    switch (address & 0xfff) {
      case RESET: return this.held;
      case RESET_WDSEL: return this.watchdogSelect;
      case RESET_DONE: return ~this.held & RESET_MASK;
      default: return 0;
    }
  }

  writeUint32(offset, value) {
    if (offset === RESET_WDSEL) this.watchdogSelect = value & RESET_MASK;
    if (offset !== RESET) return;
    const rising = value & ~this.held & RESET_MASK;
    this.held = value & RESET_MASK;
    for (const [bit, model] of Object.entries(this.models)) {
      if (rising & (1 << bit)) model.reset();
    }
  }
}

const ROSC_CTRL = 0x00;
const ROSC_STATUS = 0x18;
const ROSC_RANDOMBIT = 0x1c;
const ROSC_STABLE = 0x80000000;
const ROSC_ENABLED = 1 << 12;

/** Ring oscillator (datasheet 2.17): a few stored words, always stable, one random bit a read. */
export class RingOscillator extends BasePeripheral {
  /** @param {import('./converter.mjs').Generator} generator */
  constructor(chip, name, generator) {
    super(chip, name);
    this.generator = generator;
    this.words = new Uint32Array(8);
    this.words[0] = 0xfabaa0;
  }

  readUint32(address) {
    const offset = address & 0xfff;
    if (offset === ROSC_STATUS) return (ROSC_STABLE | ROSC_ENABLED) >>> 0;
    if (offset === ROSC_RANDOMBIT) return this.generator.next() >>> 31;
    return offset < ROSC_STATUS && offset >= ROSC_CTRL ? this.words[offset >> 2] : 0;
  }

  writeUint32(offset, value) {
    if (offset < ROSC_STATUS) this.words[offset >> 2] = value;
  }
}

const VREG = 0x00;
const CHIP_RESET = 0x08;
const VREG_OK = 1 << 12;
const HAD_POR = 1 << 8;

/** Regulator and chip-level reset (datasheet 2.10.6): only power-on ever resets all of it. */
export class ChipReset extends BasePeripheral {
  constructor(chip, name) {
    super(chip, name);
    this.words = new Uint32Array(4);
    this.words[0] = 0xb1;
  }

  readUint32(address) {
    const offset = address & 0xfff;
    if (offset === VREG) return this.words[0] | VREG_OK;
    return offset === CHIP_RESET ? HAD_POR : this.words[(offset >> 2) & 3];
  }

  writeUint32(offset, value) {
    this.words[(offset >> 2) & 3] = value;
  }
}
