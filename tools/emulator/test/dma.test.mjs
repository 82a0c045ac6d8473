// The DMA controller against RP2040 datasheet 2.5: rings, chains, aliases, counts, pacing.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Dma } from '../dma.mjs';
import { fakeChip } from '../testkit/fakes.mjs';

const EN = 1;
const HALF = 1 << 2;
const WORD = 2 << 2;
const INCR_READ = 1 << 4;
const INCR_WRITE = 1 << 5;
const RING_WRITE = 1 << 10;
const PERMANENT = 63 << 15;
const BUSY = 1 << 24;
const ring = (bits) => bits << 6;
const chain = (n) => n << 11;
const treq = (n) => n << 15;
const channel = (n) => 0x40 * n;

function setUp() {
  const chip = fakeChip();
  const dma = new Dma(chip, 'DMA');
  chip.dma = dma;
  const write = (offset, value) => dma.writeUint32Atomic(offset, value, 0);
  return { chip, dma, write };
}

/** Reads at 0x2000 count up; each takes the request away, as a FIFO of one does. */
function source({ chip, dma }, line) {
  let next = 100;
  chip.peripheral = () => {
    dma.clearDREQ(line);
    return next++;
  };
  return () => dma.setDREQ(line);
}

test('a paced channel moves one datum per request, and its registers say so at once', () => {
  const board = setUp();
  const { chip, dma, write } = board;
  const request = source(board, 36);
  write(0x00, 0x2000);
  write(0x04, 0x100);
  write(0x08, 5);
  write(0x0c, EN | HALF | INCR_WRITE | treq(36) | chain(0));
  assert.equal(dma.readUint32(0x08), 5);
  request();
  request();
  assert.equal(dma.readUint32(0x08), 3);
  assert.equal(dma.readUint32(0x04), 0x104);
  assert.equal(dma.readUint32(0x0c) & BUSY, BUSY);
  assert.deepEqual([0x100, 0x102, 0x104].map((at) => chip.readUint16(at)), [100, 101, 0]);
  for (let i = 0; i < 3; i++) request();
  assert.equal(dma.readUint32(0x0c) & BUSY, 0);
  assert.equal(dma.readUint32(0x400), 1);
});

test('a write ring goes round, and a second channel starts the first again', () => {
  const board = setUp();
  const { chip, dma, write } = board;
  const request = source(board, 36);
  chip.writeUint32(0x800, 6); // what channel 1 writes into channel 0's AL1_TRANS_COUNT_TRIG
  const real = chip.writeUint32;
  chip.writeUint32 = (at, value) => (at === 0x50000000 + 0x1c ? write(0x1c, value)
    : real(at, value));
  write(channel(1) + 0x00, 0x800);
  write(channel(1) + 0x04, 0x50000000 + 0x1c);
  write(channel(1) + 0x08, 1);
  write(channel(1) + 0x10, EN | WORD | PERMANENT | chain(1)); // AL1_CTRL does not start it
  assert.equal(dma.readUint32(channel(1) + 0x0c) & BUSY, 0);
  write(0x00, 0x2000);
  write(0x04, 0x100);
  write(0x08, 6);
  write(0x0c, EN | HALF | INCR_WRITE | ring(3) | RING_WRITE | treq(36) | chain(1));
  for (let i = 0; i < 20; i++) {
    request();
    chip.clock.tick(1000);
  }
  // 20 half-words into a ring of 4: the last four are in it, the address is back at its start.
  assert.deepEqual([0, 1, 2, 3].map((n) => chip.readUint16(0x100 + 2 * n)), [116, 117, 118, 119]);
  assert.equal(dma.readUint32(0x04), 0x100);
  assert.equal(dma.readUint32(0x08), 6 - (20 % 6));
});

test('a write to TRANS_COUNT is for the next start; the count under way goes on', () => {
  const board = setUp();
  const { dma, write } = board;
  const request = source(board, 36);
  write(0x00, 0x2000);
  write(0x04, 0x100);
  write(0x08, 4);
  write(0x0c, EN | HALF | treq(36) | chain(0));
  request();
  write(0x08, 9);
  assert.equal(dma.readUint32(0x08), 3);
  for (let i = 0; i < 3; i++) request();
  write(0x1c, 9); // AL1_TRANS_COUNT_TRIG
  assert.equal(dma.readUint32(0x08), 9);
});

test('the aliases show the same registers in the orders of table 121', () => {
  const { dma, write } = setUp();
  write(0x00, 0x11);
  write(0x04, 0x22);
  write(0x08, 0x33);
  write(0x10, HALF);
  const orders = { 0x10: 'crwn', 0x20: 'cnrw', 0x30: 'cwnr' };
  const values = { c: HALF, r: 0x11, w: 0x22, n: 0 }; // n: nothing has started yet
  for (const [base, order] of Object.entries(orders)) {
    [...order].forEach((letter, i) => {
      assert.equal(dma.readUint32(Number(base) + 4 * i), values[letter], `${base} ${letter}`);
    });
  }
});

test('unpaced copying takes a system clock per datum', () => {
  const { chip, dma, write } = setUp();
  for (let i = 0; i < 100; i++) chip.writeUint32(4 * i, i * 3);
  write(0x00, 0);
  write(0x04, 0x800);
  write(0x08, 100);
  write(0x0c, EN | WORD | INCR_READ | INCR_WRITE | PERMANENT | chain(0));
  chip.clock.advanceTo(99 * 8);
  assert.equal(dma.readUint32(0x0c) & BUSY, BUSY);
  chip.clock.advanceTo(100 * 8);
  assert.equal(dma.readUint32(0x0c) & BUSY, 0);
  for (let i = 0; i < 100; i++) assert.equal(chip.readUint32(0x800 + 4 * i), i * 3);
});

test('a pacing timer gives X/Y of the system clock', () => {
  const { chip, dma, write } = setUp();
  write(0x420, (1 << 16) | 1250); // 125 MHz / 1250 = 100 kHz
  write(0x00, 0);
  write(0x04, 0x800);
  write(0x08, 10);
  write(0x0c, EN | WORD | treq(59) | chain(0));
  chip.clock.advanceTo(45000);
  assert.equal(dma.readUint32(0x08), 6);
  chip.clock.advanceTo(100001);
  assert.equal(dma.readUint32(0x08), 0);
});

test('clearing EN pauses, setting it goes on, an abort ends', () => {
  const board = setUp();
  const { dma, write } = board;
  const request = source(board, 36);
  const ctrl = HALF | treq(36) | chain(0);
  write(0x00, 0x2000);
  write(0x04, 0x100);
  write(0x08, 4);
  write(0x0c, EN | ctrl);
  write(0x10, ctrl);
  request();
  assert.equal(dma.readUint32(0x08), 4);
  write(0x10, EN | ctrl);
  assert.equal(dma.readUint32(0x08), 3);
  write(0x444, 1);
  assert.equal(dma.readUint32(0x0c) & BUSY, 0);
});

test('interrupts: raw, enabled on either line, cleared by a write of 1', () => {
  const { chip, dma, write } = setUp();
  write(0x414, 1); // INTE1
  write(0x00, 0);
  write(0x04, 0x800);
  write(0x08, 1);
  write(0x0c, EN | WORD | PERMANENT | chain(0));
  chip.clock.tick(8);
  assert.ok(chip.interrupts.has(12));
  assert.ok(!chip.interrupts.has(11));
  assert.equal(dma.readUint32(0x41c), 1);
  write(0x41c, 1);
  assert.ok(!chip.interrupts.has(12));
});
