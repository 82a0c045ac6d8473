// The small parts: watchdog, real-time clock, resets, pins, boot ROM. RP2040 datasheet throughout.
import assert from 'node:assert/strict';
import test from 'node:test';
import { RP2040 } from 'rp2040js';
import { BootRom, bootEntry } from '../bootrom.mjs';
import { Resets } from '../chipparts.mjs';
import { SimClock } from '../clock.mjs';
import { Core } from '../core.mjs';
import { Flash } from '../flash.mjs';
import { Gpio } from '../gpio.mjs';
import { Rtc } from '../rtc.mjs';
import { DOUBLE_TABLE, FLOAT_TABLE } from '../softfloat.mjs';
import { Watchdog, freshSurvivor } from '../watchdog.mjs';
import { fakeChip } from '../testkit/fakes.mjs';

const SECOND = 1e9;
const ENABLE = 0x40000000;
const CTRL = 0x00;
const LOAD = 0x04;

function watchdog() {
  const chip = fakeChip();
  const survivor = freshSurvivor();
  let resets = 0;
  const model = new Watchdog(chip, 'WATCHDOG', survivor, () => { resets += 1; });
  const write = (offset, value, kind = 0) => model.writeUint32Atomic(offset, value, kind);
  return { chip, model, survivor, write, resets: () => resets };
}

test('a starved watchdog resets after its time, two counts a microsecond (E1)', () => {
  const { chip, write, survivor, resets } = watchdog();
  write(LOAD, 1000 * 1000 * 2);
  write(CTRL, ENABLE, 2);
  chip.clock.advanceTo(SECOND - 1000);
  assert.equal(resets(), 0);
  chip.clock.advanceTo(SECOND + 1000);
  assert.equal(resets(), 1);
  assert.equal(survivor.reason, 1);
});

test('a fed watchdog does not, and its enable bit can be cleared', () => {
  const { chip, model, write, resets } = watchdog();
  write(LOAD, 2e6);
  write(CTRL, ENABLE, 2);
  for (let k = 1; k < 5; k++) {
    chip.clock.advanceTo(k * 0.9 * SECOND);
    write(LOAD, 2e6);
  }
  assert.equal(model.readUint32(CTRL) & 0xffffff, 2e6);
  write(CTRL, ENABLE, 3);
  chip.clock.advanceTo(20 * SECOND);
  assert.equal(resets(), 0);
  assert.equal(model.readUint32(CTRL) & ENABLE, 0);
});

test('a forced reset says so, and the scratch words outlive it', () => {
  const { write, survivor, resets } = watchdog();
  write(0x0c + 4 * 4, 0x6ab73121);
  write(CTRL, 0x80000000, 2);
  assert.equal(resets(), 1);
  assert.equal(survivor.reason, 2);
  assert.equal(survivor.scratch[4], 0x6ab73121);
});

const setRtc = (rtc, y, mo, d, dow, h, mi, s) => {
  rtc.writeUint32(0x0c, 0);
  rtc.writeUint32(0x04, (y << 12) | (mo << 8) | d);
  rtc.writeUint32(0x08, (dow << 24) | (h << 16) | (mi << 8) | s);
  rtc.writeUint32(0x0c, 1 << 4);
  rtc.writeUint32(0x0c, 1);
};

const readRtc = (rtc) => {
  const time = rtc.readUint32(0x1c);
  const date = rtc.readUint32(0x18);
  return [date >> 12, (date >> 8) & 15, date & 31, time >> 24, (time >> 16) & 31,
    (time >> 8) & 63, time & 63];
};

test('the real-time clock counts through a leap day and the turn of a year', () => {
  const chip = fakeChip();
  const rtc = new Rtc(chip, 'RTC');
  setRtc(rtc, 2028, 2, 28, 1, 23, 59, 58);
  chip.clock.advanceTo(3.5 * SECOND);
  assert.deepEqual(readRtc(rtc), [2028, 2, 29, 2, 0, 0, 1]);
  setRtc(rtc, 2027, 12, 31, 5, 23, 59, 59);
  chip.clock.advanceTo(4.6 * SECOND);
  assert.deepEqual(readRtc(rtc), [2028, 1, 1, 6, 0, 0, 0]);
  assert.equal(rtc.readUint32(0x0c), 3);
});

test('the hour of a daylight saving change exists: the clock counts universal time', () => {
  const chip = fakeChip();
  const rtc = new Rtc(chip, 'RTC');
  setRtc(rtc, 2026, 3, 29, 0, 2, 30, 0);
  assert.deepEqual(readRtc(rtc), [2026, 3, 29, 0, 2, 30, 0]);
});

test('a reset bit going up resets its peripheral, and RESET_DONE mirrors the bits', () => {
  const chip = fakeChip();
  let count = 0;
  const resets = new Resets(chip, 'RESETS', { 22: { reset: () => { count += 1; } } });
  const write = (value, kind) => resets.writeUint32Atomic(0, value, kind);
  write(0x1ffffff, 3);
  assert.equal(resets.readUint32(8), 0x1ffffff);
  write(1 << 22, 2);
  assert.equal(count, 1);
  assert.equal(resets.readUint32(8) & (1 << 22), 0);
  write(1 << 22, 3);
  assert.equal(count, 1);
});

test('a pin reads what is driven from outside, else its pull, else what it puts out', () => {
  const chip = new RP2040(new SimClock());
  chip.logger = fakeChip().logger;
  const gpio = new Gpio(chip);
  const pin = chip.gpio[14];
  const input = () => (chip.gpioValues >> 14) & 1;
  pin.ctrl = 5; // SIO
  chip.writeUint32(0x4001c000 + 4 + 4 * 14, 0x48); // input enable, pull-up
  assert.equal(input(), 1);
  gpio.drive(14, 0);
  assert.equal(input(), 0);
  gpio.drive(14, null);
  assert.equal(input(), 1);
  chip.writeUint32(0xd0000024, 1 << 14); // output enable, low
  assert.equal(input(), 0);
  chip.writeUint32(0xd0000014, 1 << 14); // high
  assert.deepEqual(gpio.state(14), { level: 1, output: true, function: 5 });
});

function romChip() {
  const chip = new RP2040(new SimClock());
  chip.core = new Core(chip);
  const rom = new BootRom(new Flash(0x10000));
  chip.bootrom.set(rom.words());
  return { chip, rom };
}

/** Finds a ROM function as the SDK does: table pointer at 0x14, rows {code, address}. */
function callRom({ chip, rom }, name, ...args) {
  const code = name.charCodeAt(0) | (name.charCodeAt(1) << 8);
  let at = chip.readUint16(0x14);
  while (chip.readUint16(at) !== code) at += 4;
  const address = chip.readUint16(at + 2) & ~1;
  args.forEach((value, n) => { chip.core.registers[n] = value; });
  chip.core.PC = address;
  const cycles = rom.call(chip.readUint16(address) & 0xff, chip);
  assert.equal(chip.readUint16(address + 2), 0x4770); // BX LR
  return { r0: chip.core.registers[0], cycles };
}

test('the boot ROM: magic, version, and its functions through the tables', () => {
  const machine = romChip();
  const { chip } = machine;
  assert.equal(chip.readUint32(0x10) & 0xffffff, 0x01754d);
  assert.equal(callRom(machine, 'P3', 0xf00f0001).r0, 9);
  assert.equal(callRom(machine, 'R3', 0x80000001).r0, 0x80000001);
  assert.equal(callRom(machine, 'R3', 0x00000006).r0, 0x60000000);
  assert.equal(callRom(machine, 'L3', 0x00010000).r0, 15);
  assert.equal(callRom(machine, 'T3', 0x00010000).r0, 16);
  assert.equal(callRom(machine, 'T3', 0).r0, 32);
  callRom(machine, 'MS', 0x20000100, 0xab, 5);
  assert.equal(chip.readUint32(0x20000104) & 0xffff, 0x00ab);
  callRom(machine, 'MC', 0x20000201, 0x20000100, 5);
  assert.equal(chip.readUint8(0x20000205), 0xab);
  assert.equal(chip.readUint8(0x20000206), 0);
});

test('ROM flash functions reach the flash', () => {
  const machine = romChip();
  const { chip } = machine;
  chip.sram.fill(0x5a, 0, 256);
  assert.deepEqual(callRom(machine, 'RP', 0x1000, 0x20000000, 256).cycles, { nanos: 0.7e6 });
  assert.deepEqual(callRom(machine, 'RE', 0x1000, 0x1000, 0xd8).cycles, { nanos: 45e6 });
});

const bits = new DataView(new ArrayBuffer(8));
const floatWord = (value) => { bits.setFloat32(0, value); return bits.getUint32(0); };
const wordFloat = (word) => { bits.setUint32(0, word); return bits.getFloat32(0); };
const doubleWords = (value) => {
  bits.setFloat64(0, value);
  return [bits.getUint32(4), bits.getUint32(0)];
};

function callTable(table, name, ...words) {
  const registers = new Uint32Array(4);
  words.forEach((word, n) => { registers[n] = word; });
  const core = {};
  table.find(([row]) => row === name)[2](registers, core);
  return { registers, core };
}

const float = (name, ...values) => callTable(FLOAT_TABLE, name, ...values.map(floatWord));

test('float functions: rounding to float, floor and saturation, denormals as zero', () => {
  const result = (call) => wordFloat(call.registers[0]);
  assert.equal(result(float('fadd', 16777216, 1)), 16777216); // 2^24 + 1 does not fit
  assert.equal(result(float('fdiv', 1, 3)), Math.fround(1 / 3));
  assert.equal(float('float2int', -1.5).registers[0] | 0, -2);
  assert.equal(float('float2int', 3e9).registers[0], 0x7fffffff);
  assert.equal(float('float2uint', -3).registers[0], 0);
  assert.equal(callTable(FLOAT_TABLE, 'fadd', 0x00000001, 0).registers[0], 0);
  assert.equal(callTable(FLOAT_TABLE, 'uint642float', 0xffffffff, 0xffffffff).registers[0],
    floatWord(2 ** 64));
  // 2^40 + 2^16 + 1 is just above the middle between two floats: it rounds up.
  const word = callTable(FLOAT_TABLE, 'uint642float', 0x00010001, 0x100).registers[0];
  assert.equal(wordFloat(word), 2 ** 40 + 2 ** 17);
  assert.equal(callTable(FLOAT_TABLE, 'fix2float', -3, 1).registers[0], floatWord(-1.5));
  const { core } = float('fcmp_flags', 2, 2);
  assert.deepEqual([core.Z, core.C], [true, true]);
});

test('double functions take and give their words low first', () => {
  const call = (name, ...values) => callTable(DOUBLE_TABLE, name, ...values.flatMap(doubleWords));
  assert.deepEqual([...call('dadd', 0.1, 0.2).registers.subarray(0, 2)], doubleWords(0.1 + 0.2));
  assert.deepEqual([...call('dsqrt', 2).registers.subarray(0, 2)], doubleWords(Math.SQRT2));
  assert.equal(call('double2float', 0.1).registers[0], floatWord(0.1));
  assert.deepEqual([...call('double2int64', -1.5).registers.subarray(0, 2)],
    [0xfffffffe, 0xffffffff]);
  assert.deepEqual([...callTable(FLOAT_TABLE, 'float2double', floatWord(0.5)).registers]
    .slice(0, 2), doubleWords(0.5));
});

test('both soft-float tables have the 32 entries of sf_table.h', () => {
  assert.equal(FLOAT_TABLE.length, 32);
  assert.equal(DOUBLE_TABLE.length, 32);
});

test('after a reset the boot ROM goes where the scratch words say, else into flash', () => {
  const scratch = new Uint32Array(8);
  assert.equal(bootEntry(scratch).pc, 0x10000000);
  const pc = 0x20001235;
  scratch[4] = 0xb007c0d3;
  scratch[5] = pc ^ -0xb007c0d3;
  scratch[6] = 0x20040000;
  scratch[7] = pc;
  assert.deepEqual(bootEntry(scratch), { pc: 0x20001234, sp: 0x20040000 });
  scratch[5] ^= 1;
  assert.equal(bootEntry(scratch).pc, 0x10000000);
});
