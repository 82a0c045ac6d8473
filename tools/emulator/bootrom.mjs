// A stand-in for the RP2040's boot ROM, which the emulator package does not bring.
//
// Layout (datasheet 2.8): 0x00 initial SP, 0x10 'M' 'u' 1 version, 0x14 function table,
// 0x16 data table, 0x18 table look-up; half-word pointers. A table is a row of {u16 code,
// u16 address}, ended by 0. Every function is two instructions, BKPT #n; BX LR, and the work is
// done here, on the host, from the core's registers.
import { DOUBLE_TABLE, FLOAT_TABLE } from './softfloat.mjs';

const INITIAL_SP = 0x20041f00;
const ROM_VERSION = 3;
const CODE_BASE = 0x200; // first ROM function
const TABLE_BASE = 0x800; // SF and SD, 32 words each
const FUNCTION_TABLE = 0xa00;
const DATA_TABLE = 0xb00;
const BKPT = 0xbe00;
const BX_LR = 0x4770;
const XIP_BASE = 0x10000000;

const code = (name) => name.charCodeAt(0) | (name.charCodeAt(1) << 8);

function bitReverse(word) {
  let out = 0;
  for (let i = 0; i < 32; i++) out = (out << 1) | ((word >>> i) & 1);
  return out >>> 0;
}

function popCount(word) {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function trailingZeros(word) {
  return word === 0 ? 32 : 31 - Math.clz32(word & -word);
}

/** memset(r0, r1, r2); the result is the pointer, left in r0. @returns {number} cycles */
function memset(chip, r) {
  chip.core.fill(r[0], r[1] & 0xff, r[2]);
  return 20 + (r[2] >>> 1);
}

/** memcpy(r0, r1, r2). @returns {number} cycles */
function memcpy(chip, r) {
  chip.core.copy(r[0], r[1], r[2]);
  return 20 + r[2];
}

/** Half-word look-up used by the SDK: (table, code) -> address or 0. @returns {number} cycles */
function tableLookup(chip, r) {
  for (let at = r[0]; ; at += 4) {
    const found = chip.readUint16(at);
    if (found === 0 || found === (r[1] & 0xffff)) {
      r[0] = found === 0 ? 0 : chip.readUint16(at + 2);
      return 40;
    }
  }
}

/** The data of a RAM or flash range, copied out. */
function readBytes(chip, address, count) {
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) out[i] = chip.readUint8(address + i);
  return out;
}

/** @param {import('./flash.mjs').Flash} flash @returns the ROM's functions: [name, work] */
function functionTable(flash) {
  const nothing = () => 10;
  return [
    ['P3', (chip, r) => { r[0] = popCount(r[0]); return 24; }],
    ['R3', (chip, r) => { r[0] = bitReverse(r[0]); return 40; }],
    ['L3', (chip, r) => { r[0] = Math.clz32(r[0]); return 20; }],
    ['T3', (chip, r) => { r[0] = trailingZeros(r[0]); return 20; }],
    ['MS', memset],
    ['S4', memset],
    ['MC', memcpy],
    ['C4', memcpy],
    ['IF', nothing],
    ['EX', nothing],
    ['CX', nothing],
    ['FC', nothing],
    ['RE', (chip, r) => flash.erase(r[0], r[1])],
    ['RP', (chip, r) => flash.program(r[0], readBytes(chip, r[1], r[2]))],
  ];
}

/** Writes the ROM's words and answers its BKPT instructions. */
export class BootRom {
  /** @param {import('./flash.mjs').Flash} flash */
  constructor(flash) {
    this.handlers = [];
    this.image = new DataView(new ArrayBuffer(0x4000));
    this.functions(functionTable(flash));
    this.floatTable(0, FLOAT_TABLE);
    this.floatTable(1, DOUBLE_TABLE);
    this.header();
  }

  /** Places `BKPT #n; BX LR`. @returns {number} its address with the Thumb bit */
  place(handler) {
    const n = this.handlers.push(handler) - 1;
    const address = CODE_BASE + 4 * n;
    this.image.setUint16(address, BKPT | n, true);
    this.image.setUint16(address + 2, BX_LR, true);
    return address | 1;
  }

  functions(rows) {
    rows.forEach(([name, work], i) => {
      this.image.setUint16(FUNCTION_TABLE + 4 * i, code(name), true);
      this.image.setUint16(FUNCTION_TABLE + 4 * i + 2, this.place(work), true);
    });
    this.lookup = this.place(tableLookup);
  }

  floatTable(which, rows) {
    const base = TABLE_BASE + 0x80 * which;
    rows.forEach(([, cycles, work], i) => {
      const handler = (chip, r) => { work(r, chip.core); return cycles; };
      this.image.setUint32(base + 4 * i, this.place(handler), true);
    });
    this.image.setUint16(DATA_TABLE + 4 * which, code(which ? 'SD' : 'SF'), true);
    this.image.setUint16(DATA_TABLE + 4 * which + 2, base, true);
  }

  header() {
    this.image.setUint32(0, INITIAL_SP, true);
    this.image.setUint32(4, XIP_BASE | 1, true);
    [0x4d, 0x75, 1, ROM_VERSION].forEach((byte, i) => this.image.setUint8(0x10 + i, byte));
    this.image.setUint16(0x14, FUNCTION_TABLE, true);
    this.image.setUint16(0x16, DATA_TABLE, true);
    this.image.setUint16(0x18, this.lookup, true);
  }

  /** @returns {Uint32Array} the ROM as words */
  words() {
    return new Uint32Array(this.image.buffer);
  }

  /** Does the work of BKPT #n. @returns {number} cycles to charge; 0 for a BKPT of the program */
  call(n, chip) {
    const handler = this.handlers[n];
    const inRom = chip.core.PC < 0x4000;
    return handler && inRom ? handler(chip, chip.core.registers) : 0;
  }
}

const REBOOT_MAGIC = 0xb007c0d3;

/**
 * Where the boot ROM would go after a reset: to the entry point left in the watchdog's scratch
 * registers (datasheet 2.8.1.1: magic, pc ^ -magic, sp, pc), else into flash.
 * @param {Uint32Array} scratch @returns {{pc: number, sp: number}}
 */
export function bootEntry(scratch) {
  const pc = scratch[7];
  const asked = scratch[4] === REBOOT_MAGIC && scratch[5] === ((pc ^ -REBOOT_MAGIC) >>> 0);
  return asked ? { pc: pc & ~1, sp: scratch[6] } : { pc: XIP_BASE, sp: INITIAL_SP };
}
