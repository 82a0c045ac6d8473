// Translated code against the package's interpreter: the same random instructions on the same
// random state must leave the same registers, flags and memory.
import assert from 'node:assert/strict';
import test from 'node:test';
import { RP2040 } from 'rp2040js';
import { SimClock } from '../clock.mjs';
import { Generator } from '../converter.mjs';
import { Core } from '../core.mjs';

const RAM = 0x20000000;
const CODE = RAM + 0x1000;
const DATA = RAM + 0x2000;
const random = new Generator(7);
const below = (n) => random.next() % n;

function machine() {
  const chip = new RP2040(new SimClock());
  chip.logger = { debug() {}, info() {}, warn() {}, error() {} };
  chip.core = new Core(chip);
  chip.core.time[0] = 1 << 28;
  return chip;
}

const EDGES = [0, 1, 2, 31, 32, 33, 0x7f, 0x80, 0xff, 0x7fffffff, 0x80000000, 0xffffffff];
const word = () => (below(2) ? EDGES[below(EDGES.length)] : random.next());

/** Same registers, flags and data in both machines. Low registers r4..r7 hold addresses. */
function load(chips) {
  const values = Array.from({ length: 15 }, word);
  for (let n = 4; n < 8; n++) values[n] = DATA + 4 * below(64);
  values[13] = DATA + 0x200 + 4 * below(32);
  const flags = [below(2), below(2), below(2)].map(Boolean);
  const bytes = Uint8Array.from({ length: 0x400 }, () => below(256));
  for (const { core, sram } of chips) {
    values.forEach((value, n) => { core.registers[n] = value; });
    [core.C, core.V] = flags;
    core.N = flags[2] && !flags[0];
    core.Z = !core.N && flags[1];
    core.PM = false;
    sram.set(bytes, DATA - RAM);
  }
}

/** High-register forms, Dmmmmddd; r4..r7 are never written, they hold addresses. */
const hi = (base) => {
  const d = [0, 1, 2, 3, 8, 9, 10, 11, 12][below(9)];
  return base | (d & 7) | ((d & 8) << 4) | (below(13) << 3);
};
const address = () => 4 + below(4);
const low = () => below(4);

/** Makers of one instruction each (half-words). */
const KINDS = {
  shift: () => [below(3) << 11 | below(32) << 6 | low() << 3 | low()],
  add_sub: () => [0x1800 | below(4) << 9 | below(8) << 6 | low() << 3 | low()],
  immediate: () => [0x2000 | below(4) << 11 | low() << 8 | below(256)],
  data: () => [0x4000 | [0, 1, 8, 9, 10, 11, 12, 13, 14, 15][below(10)] << 6 | low() << 3 | low()],
  high_add: () => [hi(0x4400)],
  high_compare: () => [hi(0x4500)],
  high_move: () => [hi(0x4600)],
  literal: () => [0x4800 | low() << 8 | below(16)],
  word: () => [0x6000 | below(2) << 11 | below(32) << 6 | address() << 3 | low()],
  byte: () => [0x7000 | below(2) << 11 | below(32) << 6 | address() << 3 | low()],
  half: () => [0x8000 | below(2) << 11 | below(32) << 6 | address() << 3 | low()],
  stack: () => [0x9000 | below(2) << 11 | low() << 8 | below(16)],
  address_of: () => [0xa000 | below(2) << 11 | low() << 8 | below(256)],
  adjust: () => [0xb000 | below(2) << 7 | below(8)],
  extend: () => [0xb200 | below(4) << 6 | low() << 3 | low()],
  reverse: () => [0xba00 | [0, 1, 3][below(3)] << 6 | low() << 3 | low()],
  push: () => [0xb400 | (1 + below(15))],
  pop: () => [0xbc00 | (1 + below(15))],
  store_many: () => [0xc000 | address() << 8 | (1 + below(15))],
  load_many: () => [0xc800 | address() << 8 | (1 + below(15))],
  barrier: () => [0xf3bf, 0x8f5f],
  branch_if: () => [0xd000 | below(14) << 8 | below(4)],
  branch: () => [0xe000 | below(4)],
};

/** Offsets of loads with a register, kept small so that they stay in the data. */
function withOffset() {
  const [kind, base, offset] = [below(8), address(), low()];
  return [0x2000 | offset << 8 | 4 * below(32), 0x5000 | kind << 9 | offset << 6 | base << 3 |
    low()];
}

function place(chips, halves) {
  const code = [...halves, 0x4770, 0x4770, 0x4770, 0x4770, 0x4770, 0x4770];
  for (let i = 0; i < 48; i++) code.push(0x4770);
  for (const chip of chips) code.forEach((half, i) => chip.writeUint16(CODE + 2 * i, half));
}

function interpret({ core }) {
  core.registers[15] = CODE;
  core.registers[14] = 0x20000001;
  core.time[1] = 0;
  for (let guard = 0; guard < 100 && core.registers[15] >= CODE; guard++) {
    core.interpret(core.registers[15]);
  }
}

function runTranslated({ core }) {
  core.ram.blocks.fill(null, (CODE - RAM) >> 1, (CODE - RAM + 256) >> 1);
  core.registers[15] = CODE;
  core.registers[14] = 0x20000001;
  core.time[1] = 0;
  for (let guard = 0; guard < 100 && (core.registers[15] & ~1) >= CODE; guard++) {
    const pc = core.registers[15];
    const index = (pc - RAM) >> 1;
    if (core.ram.blocks[index] === null) core.compile(core.ram, pc, index);
    core.registers[15] = core.ram.blocks[index]();
  }
}

function state({ core, sram }) {
  const { N, Z, C, V, registers } = core;
  return {
    registers: [...registers.subarray(0, 15)].map((value) => value.toString(16)),
    pc: (registers[15] & ~1).toString(16),
    flags: [N, Z, C, V],
    cycles: core.time[1],
    data: Buffer.from(sram.subarray(DATA - RAM, DATA - RAM + 0x400)).toString('hex'),
  };
}

function check(makers, rounds) {
  const chips = [machine(), machine()];
  for (let round = 0; round < rounds; round++) {
    const halves = [];
    for (let i = 0; i < 6; i++) halves.push(...makers[below(makers.length)]());
    load(chips);
    place(chips, halves);
    interpret(chips[0]);
    runTranslated(chips[1]);
    const text = halves.map((half) => half.toString(16)).join(' ');
    assert.deepEqual(state(chips[1]), state(chips[0]), text);
  }
}

for (const [name, maker] of Object.entries(KINDS)) {
  test(`translated ${name} instructions do what interpreted ones do`, () => check([maker], 100));
}

test('translated loads and stores with a register offset', () => check([withOffset], 200));

test('translated mixtures of instructions', () => {
  check(Object.values(KINDS), 600);
});

test('translated mixtures without branches, with register offsets', () => {
  const { branch, branch_if, ...straight } = KINDS; // a skipped offset would be unaligned
  check([...Object.values(straight), withOffset], 400);
});

// The package's interpreter is no judge of these: shifts by a register and sums with carry are
// checked against the manual's pseudo-code (ARMv6-M ARM A2.2.1), written here with big integers.

const MASK = 0xffffffffn;

function addWithCarry(x, y, carry) {
  const unsigned = x + y + carry;
  const signed = BigInt.asIntN(32, x) + BigInt.asIntN(32, y) + carry;
  const result = unsigned & MASK;
  return { result, C: unsigned !== result, V: signed !== BigInt.asIntN(32, result) };
}

/** Bits of x, one place at a time, as Shift_C does; the last bit out is the carry. */
function shifted(kind, x, amount, C) {
  let [result, carry] = [x, C];
  for (let i = 0n; i < amount; i++) {
    carry = (kind === 'lsl' ? result >> 31n : result & 1n) === 1n;
    if (kind === 'lsl') result = (result << 1n) & MASK;
    else if (kind === 'lsr') result >>= 1n;
    else if (kind === 'asr') result = (result >> 1n) | (result & 0x80000000n);
    else result = (result >> 1n) | ((result & 1n) << 31n);
  }
  return { result, C: carry, V: undefined };
}

const EXACT = {
  2: (x, y, c) => shifted('lsl', x, y & 255n, c),
  3: (x, y, c) => shifted('lsr', x, y & 255n, c),
  4: (x, y, c) => shifted('asr', x, y & 255n, c),
  5: (x, y, c) => addWithCarry(x, y, BigInt(c)),
  6: (x, y, c) => addWithCarry(x, ~y & MASK, BigInt(c)),
  7: (x, y, c) => shifted('ror', x, y & 255n, c),
};

function checkExact(chip, run, kind) {
  load([chip]);
  place([chip], [0x4000 | kind << 6 | 1 << 3]);
  const { core } = chip;
  const before = [core.registers[0], core.registers[1], core.C];
  const V = core.V;
  const want = EXACT[kind](BigInt(before[0]), BigInt(before[1]), before[2]);
  run(chip);
  const got = { result: BigInt(core.registers[0]), C: core.C, V: core.V };
  assert.deepEqual(got, { ...want, V: want.V ?? V }, `kind ${kind} of ${before}`);
  assert.equal(core.N, want.result >> 31n === 1n);
  assert.equal(core.Z, want.result === 0n);
}

for (const [name, run] of [['translated', runTranslated], ['interpreted', interpret]]) {
  test(`${name} register shifts and sums with carry follow the manual`, () => {
    const chip = machine();
    for (let round = 0; round < 200; round++) {
      for (const kind of Object.keys(EXACT)) checkExact(chip, run, Number(kind));
    }
  });
}

test('a write to translated code in RAM drops it', () => {
  const chip = machine();
  place([chip], [0x2001]); // movs r0, #1
  runTranslated(chip);
  assert.equal(chip.core.registers[0], 1);
  const index = (CODE - RAM) >> 1;
  assert.notEqual(chip.core.ram.blocks[index], null);
  chip.core.writeUint16(CODE, 0x2002); // movs r0, #2
  assert.equal(chip.core.ram.blocks[index], null);
});

test('PUSH counts the link register too', () => {
  const chip = machine();
  load([chip]);
  place([chip], [0xb510]); // push {r4, lr}; bx lr
  runTranslated(chip);
  assert.equal(chip.core.time[1], 3 + 2);
});
