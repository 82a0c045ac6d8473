// The processor: the package's Cortex-M0+ with exceptions, its hot code run as translated blocks
// (see translate.mjs), and time kept on the simulated clock.
//
// An address is run by the package's interpreter until it has been branched to HOT times; then the
// code from there is translated. A write to RAM that holds translated code drops what it covers.
import { RP2040 } from 'rp2040js';
import { LINE_SHIFT, translate } from './translate.mjs';

const HOT = 16;
const MAX_SLICE = 1 << 28; // cycles
const MAX_DROPS = 50; // a line of RAM rewritten this often is never translated again
const RAM = 0x20000000;
const RAM_SIZE = 0x42000;
const ROM_SIZE = 0x4000;
export const STACK_TOP = 0x20042000; // SRAM5, core 0
const APB = 0x4;
const SIO = 0xd;
const ENTRY_CYCLES = 15; // Cortex-M0+ manual 3.3: exception entry, and return
const RETURN_CYCLES = 13;
const FLASH_MASK = 0x1fffff;
const BKPT = 0xbe00;
const SEV = 0xbf40;
const DATA_PROCESSING = 0x4000;
// LSLS, LSRS, ASRS, ADCS, SBCS and RORS with registers: the package errs in C for shifts by 0 or
// by more than 32, and in V when operand and carry together leave 32 bits.
const INEXACT = 0b0000000011111100;

/** The package does not export its core's class. */
const { constructor: CortexM0Core } = new RP2040().core;

/** Blocks and visit counts of one region of memory, by half-word. */
class Region {
  constructor(size, enabled) {
    this.blocks = new Array(size >> 1).fill(null);
    this.visits = new Uint8Array(size >> 1);
    this.enabled = enabled;
    this.lines = new Map(); // line -> half-word indexes of the blocks that cover it
  }

  note(index, lines) {
    for (const line of lines) {
      if (!this.lines.has(line)) this.lines.set(line, new Set());
      this.lines.get(line).add(index);
    }
  }

  /** Drops the blocks that cover a line. */
  drop(line) {
    for (const index of this.lines.get(line) ?? []) {
      this.blocks[index] = null;
      this.visits[index] = 0;
    }
    this.lines.delete(line);
  }
}

export class Core extends CortexM0Core {
  /**
   * @param {object} chip the package's RP2040; its flash must be in place
   * @param {{translated?: boolean}} options translated: false interprets all code
   */
  constructor(chip, { translated = true } = {}) {
    super(chip);
    this.clock = chip.clock;
    this.time = new Int32Array(2); // [limit, spent], cycles of this slice
    this.signed = new Int32Array(this.registers.buffer);
    this.marks = new Uint8Array(RAM_SIZE >> LINE_SHIFT);
    this.drops = new Uint8Array(RAM_SIZE >> LINE_SHIFT);
    this.flash = new Region(chip.flash.length, translated);
    this.ram = new Region(RAM_SIZE, translated);
    this.exact = new Map(); // instruction -> block of one
    this.deepest = STACK_TOP; // the lowest that the stack pointer has been
    this.cycleNanos = 8;
    this.originNanos = 0;
    this.limitNanos = 0;
    this.bind(chip);
  }

  /** What translated code sees. */
  bind(chip) {
    const { buffer: ram } = chip.sram;
    const { buffer: flash } = chip.flash;
    this.views = {
      S8: new Uint8Array(ram), S16: new Uint16Array(ram), S32: new Int32Array(ram),
      F8: new Uint8Array(flash), F16: new Uint16Array(flash), F32: new Int32Array(flash),
    };
    this.environment = {
      ...this.views, K: this, R: this.signed, T: this.time, CP: this.marks,
      L8: (address, cycles) => this.load(address >>> 0, 1, cycles),
      L16: (address, cycles) => this.load(address >>> 0, 2, cycles),
      L32: (address, cycles) => this.load(address >>> 0, 4, cycles),
      W8: (address, value, cycles) => this.store(address >>> 0, value, 1, cycles),
      W16: (address, value, cycles) => this.store(address >>> 0, value, 2, cycles),
      W32: (address, value, cycles) => this.store(address >>> 0, value, 4, cycles),
    };
  }

  // Memory outside the fast paths of translated code

  /** Brings the clock to the instruction under way, alarms on the way included. */
  synchronise(cycles) {
    const now = this.originNanos + (this.time[1] + cycles) * this.cycleNanos;
    if (now >= this.clock.nextNanos) this.clock.advanceTo(now);
    else this.clock.nanos = now;
  }

  /** Cycles of a bus access beyond those of RAM. */
  busCycles(address, write) {
    const page = address >>> 28;
    if (page === SIO) return -1;
    return page === APB ? (write ? 3 : 2) : 0;
  }

  load(address, size, cycles) {
    const { rp2040 } = this;
    if (address >= ROM_SIZE) {
      this.synchronise(cycles);
      this.time[1] += this.busCycles(address, false);
    }
    const value = size === 4 ? rp2040.readUint32(address)
      : size === 2 ? rp2040.readUint16(address) : rp2040.readUint8(address);
    if (this.clock.nextNanos < this.limitNanos) this.time[0] = 0;
    return value | 0;
  }

  /** @returns {boolean} true when the block should end here: an interrupt, an earlier alarm */
  store(address, value, size, cycles) {
    this.synchronise(cycles);
    this.time[1] += this.busCycles(address, true);
    if (size === 4) this.writeUint32(address, value >>> 0);
    else if (size === 2) this.writeUint16(address, value);
    else this.writeUint8(address, value);
    if (this.clock.nextNanos < this.limitNanos) this.time[0] = 0;
    return this.interruptsUpdated || this.time[0] === 0;
  }

  writeUint32(address, value) {
    this.touch(address);
    this.rp2040.writeUint32(address, value);
  }

  writeUint16(address, value) {
    this.touch(address);
    this.rp2040.writeUint16(address, value);
  }

  writeUint8(address, value) {
    this.touch(address);
    this.rp2040.writeUint8(address, value);
  }

  /** Before a write: translated code there is no longer true. */
  touch(address) {
    const offset = (address >>> 0) - RAM;
    if (offset < 0 || offset >= RAM_SIZE) return;
    const line = offset >>> LINE_SHIFT;
    if (this.marks[line] === 0) return;
    this.marks[line] = 0;
    if (this.drops[line] < MAX_DROPS) this.drops[line] += 1;
    this.ram.drop(line);
  }

  /** The flash changed between two offsets. */
  flashChanged(start, end) {
    for (let line = start >>> LINE_SHIFT; line <= (end - 1) >>> LINE_SHIFT; line++) {
      this.flash.drop(line);
    }
  }

  // Exceptions

  /** As the package's, but a masked interrupt wakes from WFI without being taken. */
  setInterrupt(irq, value) {
    const bit = 1 << irq;
    if (!value) {
      this.pendingInterrupts &= ~bit;
      return;
    }
    if (this.pendingInterrupts & bit) return;
    this.pendingInterrupts |= bit;
    this.interruptsUpdated = true;
    if (this.enabledInterrupts & bit) this.waiting = false;
  }

  exceptionEntry(number) {
    this.time[1] += ENTRY_CYCLES;
    super.exceptionEntry(number);
  }

  exceptionReturn(kind) {
    this.time[1] += RETURN_CYCLES;
    super.exceptionReturn(kind);
  }

  // Running

  /** Runs from now until the next alarm, `until`, a sleep, or `leave()`. */
  slice(until) {
    const { clock, time, rp2040 } = this;
    this.cycleNanos = 1e9 / rp2040.clkSys;
    this.originNanos = clock.nanos;
    this.limitNanos = Math.min(until, clock.nextNanos);
    const cycles = (this.limitNanos - clock.nanos) / this.cycleNanos;
    time[0] = Math.min(Math.ceil(cycles), MAX_SLICE);
    time[1] = 0;
    while (time[1] < time[0] && !this.waiting) {
      if (this.interruptsUpdated) this.checkForInterrupts();
      this.go();
    }
    clock.advanceTo(this.originNanos + time[1] * this.cycleNanos);
    if (this.waiting) this.wake();
  }

  /** Ends a WFI or WFE when something is pending that is enabled, masked or not. */
  wake() {
    const interrupt = (this.pendingInterrupts & this.enabledInterrupts) !== 0;
    if (interrupt || this.pendingSystick || this.pendingPendSV || this.pendingNMI) {
      this.waiting = false;
    }
  }

  /** Ends the slice as soon as the block under way is done. */
  leave() {
    this.time[0] = 0;
  }

  /** Charges time that is no instruction's (a ROM call, a flash operation). */
  charge(nanos) {
    this.time[1] += Math.round(nanos / this.cycleNanos);
  }

  /** One block, or interpreted code up to the next branch. */
  go() {
    const pc = (this.registers[15] & ~1) >>> 0;
    if (this.registers[13] < this.deepest) this.deepest = this.registers[13];
    const page = pc >>> 28;
    if (page === 2) this.goIn(this.ram, pc, (pc - RAM) >>> 1);
    else if (page === 1) this.goIn(this.flash, pc, (pc & FLASH_MASK) >>> 1);
    else if (pc < ROM_SIZE) this.goRom(pc);
    else if (page === 15) this.exceptionReturn(this.registers[15] & 0x0fffffff);
    else this.interpret(pc);
  }

  goIn(region, pc, index) {
    const block = region.blocks[index];
    if (block !== null && block !== undefined) this.registers[15] = block();
    else if (region.enabled && ++region.visits[index] === HOT) this.compile(region, pc, index);
    else this.interpret(pc);
  }

  compile(region, pc, index) {
    const fetch = (address) => this.rp2040.readUint16(address >>> 0);
    const made = translate(fetch, pc);
    if (made === null || !this.mark(region, made.lines)) return;
    region.blocks[index] = this.build(made.text);
    const first = (region === this.ram ? RAM : pc & ~FLASH_MASK) >>> LINE_SHIFT;
    region.note(index, [...made.lines].map((line) => line - first));
  }

  /** Marks RAM lines as code; refuses lines that are written again and again. */
  mark(region, lines) {
    if (region !== this.ram) return true;
    const offsets = [...lines].map((line) => line - (RAM >>> LINE_SHIFT));
    if (offsets.some((line) => this.drops[line] >= MAX_DROPS)) return false;
    for (const line of offsets) this.marks[line] = 1;
    return true;
  }

  /** BKPT #n; BX LR: the host does the work of a ROM function. */
  goRom(pc) {
    const op = this.rp2040.readUint16(pc);
    if ((op & 0xff00) !== BKPT) {
      this.interpret(pc);
      return;
    }
    this.synchronise(0);
    this.registers[15] = pc + 2;
    this.time[1] += 3;
    this.rp2040.onBreak(op & 0xff);
    this.registers[15] = this.registers[14];
  }

  /** The package's interpreter, up to the next branch. */
  interpret(pc) {
    const { time, registers } = this;
    for (let at = pc; ;) {
      this.synchronise(0);
      registers[15] = at;
      this.step(this.rp2040.readUint16(at));
      const next = registers[15];
      const straight = next === at + 2 || next === at + 4;
      if (!straight || this.waiting || this.interruptsUpdated || time[1] >= time[0]) return;
      at = next;
    }
  }

  /** One instruction by the package, but for those that it gets wrong at the edges. */
  step(op) {
    if ((op & 0xfc00) === DATA_PROCESSING && (INEXACT & (1 << ((op >> 6) & 15))) !== 0) {
      this.stepExactly(op);
      return;
    }
    if (op === SEV) this.eventRegistered = true;
    this.time[1] += this.executeInstruction();
  }

  /** Runs the instruction as a block of one, kept for the next time. */
  stepExactly(op) {
    let run = this.exact.get(op);
    if (run === undefined) {
      run = this.build(translate(() => op, 0, 1).text);
      this.exact.set(op, run);
    }
    const at = this.registers[15];
    run();
    this.registers[15] = at + 2;
  }

  /** Makes the function of a translated text. */
  build(text) {
    const make = new Function(...Object.keys(this.environment), text);
    return make(...Object.values(this.environment));
  }

  // Bulk work of the ROM's memset and memcpy

  inRam(address, count) {
    return address >= RAM && address + count <= RAM + RAM_SIZE;
  }

  touchRange(address, count) {
    const step = 1 << LINE_SHIFT;
    for (let at = address & ~(step - 1); at < address + count; at += step) this.touch(at);
  }

  fill(address, value, count) {
    if (!this.inRam(address, count)) {
      for (let i = 0; i < count; i++) this.writeUint8(address + i, value);
      return;
    }
    this.touchRange(address, count);
    this.views.S8.fill(value, address - RAM, address - RAM + count);
  }

  copy(to, from, count) {
    if (this.inRam(to, count)) this.touchRange(to, count);
    const { S8, F8 } = this.views;
    if (this.inRam(to, count) && this.inRam(from, count)) {
      S8.copyWithin(to - RAM, from - RAM, from - RAM + count);
    } else if (this.inRam(to, count) && from >>> 24 === 0x10) {
      S8.set(F8.subarray(from & FLASH_MASK, (from & FLASH_MASK) + count), to - RAM);
    } else {
      for (let i = 0; i < count; i++) this.writeUint8(to + i, this.rp2040.readUint8(from + i));
    }
  }
}
