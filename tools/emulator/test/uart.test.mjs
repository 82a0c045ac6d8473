// The PL011 model and the line between it and the far end. Expected values: Arm DDI 0183 (PL011
// manual) for levels and flags, arithmetic for the times.
import assert from 'node:assert/strict';
import test from 'node:test';
import { FarEnd } from '../farend.mjs';
import { Uart } from '../uart.mjs';
import { fakeChip } from '../testkit/fakes.mjs';

const DR = 0x00;
const RSR = 0x04;
const FR = 0x18;
const IBRD = 0x24;
const FBRD = 0x28;
const LCR_H = 0x2c;
const CR = 0x30;
const IFLS = 0x34;
const IMSC = 0x38;
const RIS = 0x3c;
const ICR = 0x44;
const BUSY = 1 << 3;
const TXFF = 1 << 5;
const RX = 1 << 4;
const TX = 1 << 5;
const RT = 1 << 6;
const FE = 1 << 7;
const PE = 1 << 8;
const BE = 1 << 9;
const OE = 1 << 10;
const LCR_8N1 = 0x70; // with FIFOs
const LCR_7E1 = 0x56;

/** 48 MHz / (16 * 312.5) = 9600 baud; 48 MHz / (16 * 10000) = 300 baud. */
function setUp({ lcr = LCR_8N1, ibrd = 312, fbrd = 32 } = {}) {
  const chip = fakeChip();
  const uart = new Uart(chip, 'UART0', { irq: 20, txDreq: 20, rxDreq: 21 });
  const heard = [];
  const far = new FarEnd((bytes) => heard.push(...bytes));
  far.attach(uart, 0);
  uart.writeUint32(IBRD, ibrd);
  uart.writeUint32(FBRD, fbrd);
  uart.writeUint32(LCR_H, lcr);
  uart.writeUint32(CR, 0x301);
  return { chip, uart, far, heard, clock: chip.clock };
}

const us = (value) => value * 1000;
const near = (value, want) => (
  assert.ok(Math.abs(value - want) < 0.01, `${value}, not ${want}`));

test('a character takes its bits: 10 bit times at 9600 8N1, and BUSY lasts to the stop bit', () => {
  const { uart, heard, clock, far } = setUp();
  uart.writeUint32(DR, 0x55);
  clock.advanceTo(us(10e6 / 9600) - 10);
  assert.equal(uart.readUint32(FR) & BUSY, BUSY);
  clock.advanceTo(us(10e6 / 9600) + 10);
  assert.equal(uart.readUint32(FR) & BUSY, 0);
  assert.deepEqual(heard, [0x55]);
  near(far.times.last_tx_end_us, 10e6 / 9600);
});

test('7E1 sends seven bits and even parity, in ten bit times at 300 baud', () => {
  const { uart, heard, clock, far } = setUp({ lcr: LCR_7E1, ibrd: 10000, fbrd: 0 });
  for (const byte of [0xaf, 0x3f]) uart.writeUint32(DR, byte);
  clock.advanceTo(us(1e5));
  assert.deepEqual(heard, [0x2f, 0x3f]);
  near(far.times.last_tx_end_us, 20e6 / 300);
});

test('the divisor is taken with LCR_H, not before', () => {
  const { uart } = setUp();
  uart.writeUint32(IBRD, 10000);
  uart.writeUint32(FBRD, 0);
  assert.equal(Math.round(uart.format.baud), 9600);
  uart.writeUint32(LCR_H, LCR_8N1);
  assert.equal(Math.round(uart.format.baud), 300);
});

test('the sending FIFO holds 32 and its interrupt comes at the level of IFLS, and goes', () => {
  const { uart, clock } = setUp();
  uart.writeUint32(IFLS, 0); // 1/8: 4 entries
  for (let i = 0; i < 33; i++) uart.writeUint32(DR, i); // one is in the shift register at once
  assert.equal(uart.readUint32(FR) & TXFF, TXFF);
  clock.advanceTo(us(28.5 * 10e6 / 9600) - us(10e6 / 9600)); // 27 have left, 5 wait
  assert.equal(uart.readUint32(RIS) & TX, 0);
  clock.advanceTo(us(28.5 * 10e6 / 9600)); // 4 wait
  assert.equal(uart.readUint32(RIS) & TX, TX);
  uart.writeUint32(ICR, TX);
  assert.equal(uart.readUint32(RIS) & TX, 0);
});

test('the receive interrupt comes at the level of IFLS, the time-out after 32 bit times', () => {
  const { uart, far, clock, chip } = setUp();
  uart.writeUint32(IFLS, 0); // 4 entries
  uart.writeUint32(IMSC, RX | RT);
  const bit = 1e6 / 9600;
  far.send(Uint8Array.of(1, 2, 3));
  clock.advanceTo(us(31 * bit));
  assert.equal(uart.readUint32(RIS) & (RX | RT), 0);
  assert.ok(!chip.interrupts.has(20));
  clock.advanceTo(us((29.5 + 32) * bit - 1));
  assert.equal(uart.readUint32(RIS) & RT, 0);
  clock.advanceTo(us((29.5 + 32) * bit + 1));
  assert.equal(uart.readUint32(RIS) & (RX | RT), RT);
  assert.ok(chip.interrupts.has(20));
  far.send(Uint8Array.of(4));
  clock.advanceTo(us(75 * bit));
  assert.equal(uart.readUint32(RIS) & RX, RX);
  for (const want of [1, 2, 3, 4]) assert.equal(uart.readUint32(DR), want);
  assert.equal(uart.readUint32(RIS) & (RX | RT), 0);
  assert.ok(!chip.interrupts.has(20));
});

test('the 33rd character is an overrun: 32 are kept, the next one after carries the mark', () => {
  const { uart, far, clock } = setUp();
  far.send(Uint8Array.from({ length: 33 }, (_, i) => i));
  clock.advanceTo(us(40 * 10e6 / 9600));
  assert.equal(uart.readUint32(RIS) & OE, OE);
  assert.equal(uart.counts.overruns, 1);
  for (let i = 0; i < 32; i++) assert.equal(uart.readUint32(DR), i);
  far.send(Uint8Array.of(0x41));
  clock.advanceTo(us(45 * 10e6 / 9600));
  assert.equal(uart.readUint32(DR), 0x41 | (1 << 11));
  assert.equal(uart.readUint32(RSR), 8);
});

test('wrong parity: the flag is set and the data bits are those on the line', () => {
  const { uart, far, clock } = setUp({ lcr: LCR_7E1, ibrd: 312, fbrd: 32 });
  far.fixed = { baud: 9600, bits: 7, parity: 'odd', stops: 1 };
  far.send(Uint8Array.of(0x41));
  clock.advanceTo(us(2e3));
  assert.equal(uart.readUint32(RIS) & (PE | FE), PE);
  assert.equal(uart.readUint32(DR), 0x41 | (1 << 9));
  assert.equal(uart.counts.parity_errors, 1);
});

test('8N1 heard as 7E1: the eighth bit is taken for the parity', () => {
  const { uart, far, clock } = setUp({ lcr: LCR_7E1, ibrd: 312, fbrd: 32 });
  far.fixed = { baud: 9600, bits: 8, parity: 'none', stops: 1 };
  far.send(Uint8Array.of(0x41, 0x43, 0xc1)); // even, odd number of ones below a low eighth bit
  clock.advanceTo(us(5e3));
  const entries = [0, 0, 0].map(() => uart.readUint32(DR));
  assert.deepEqual(entries, [0x41, 0x43 | (1 << 9), 0x41 | (1 << 9)]);
});

test('a far end at a quarter of our speed: the bits and the errors of the samples', () => {
  const { uart, far, clock } = setUp();
  far.fixed = { baud: 2400, bits: 8, parity: 'none', stops: 1 };
  far.send(Uint8Array.of(0xff));
  // Its start bit is four of our bit times low: start, three data bits 0; then all ones.
  clock.advanceTo(us(10e6 / 2400));
  assert.equal(uart.readUint32(DR), 0b11111000);
  assert.equal(uart.counts.rx, 1);
  // A zero is 36 of our bits low: a break, and nothing more until the line has been high.
  far.send(Uint8Array.of(0x00));
  clock.advanceTo(us(25e6 / 2400));
  assert.equal(uart.readUint32(DR), (1 << 10) | (1 << 8));
  assert.equal(uart.readUint32(RIS) & (BE | FE), BE | FE);
  assert.equal(uart.counts.rx, 2);
});

test('a far end four times as fast: it sees our start bit as a character', () => {
  const { uart, far, heard, clock } = setUp({ ibrd: 1250, fbrd: 0 }); // 2400 baud
  far.fixed = { baud: 9600, bits: 8, parity: 'none', stops: 1 };
  uart.writeUint32(DR, 0xff);
  clock.advanceTo(us(10e6 / 2400));
  assert.deepEqual(heard, [0b11111000]);
});

test('the times of question and answer', () => {
  const { uart, far, clock } = setUp();
  const character = 10e6 / 9600;
  far.send(Uint8Array.of(1, 2));
  clock.advanceTo(us(2 * character + 500));
  near(far.times.last_rx_end_us, 2 * character);
  assert.equal(far.times.first_tx_start_us, null);
  uart.writeUint32(DR, 3);
  uart.writeUint32(DR, 4);
  clock.advanceTo(us(6 * character));
  near(far.times.first_tx_start_us, 2 * character + 500);
  near(far.times.last_tx_end_us, 4 * character + 500);
});

test('a UART that is off hears nothing, and the far end goes on all the same', () => {
  const { uart, far, clock } = setUp();
  far.send(Uint8Array.of(0));
  clock.advanceTo(us(2e3));
  uart.writeUint32(CR, 0);
  far.send(Uint8Array.of(1, 2, 3));
  clock.advanceTo(us(7e3));
  uart.writeUint32(CR, 0x301);
  assert.equal(uart.counts.rx, 1);
  assert.equal(far.queue.length, 0);
});

test('DMA requests follow the FIFOs when DMACR asks for them', () => {
  const { uart, far, clock, chip } = setUp();
  uart.writeUint32(0x48, 3);
  assert.ok(chip.requests.has(20));
  assert.ok(!chip.requests.has(21));
  far.send(Uint8Array.of(9));
  clock.advanceTo(us(2e3));
  assert.ok(chip.requests.has(21));
  uart.readUint32(DR);
  assert.ok(!chip.requests.has(21));
});

test('a character is lost when the driver enable is late or drops too early', () => {
  const { uart, far, heard, clock } = setUp();
  let enable = false;
  far.driven = () => enable;
  const character = 10e6 / 9600;
  for (const byte of [1, 2, 3]) uart.writeUint32(DR, byte);
  clock.advanceTo(us(0.5 * character));
  enable = true; // too late for the first
  clock.advanceTo(us(2.9 * character));
  enable = false; // too early for the third, by less than its last bit
  clock.advanceTo(us(4 * character));
  assert.deepEqual(heard, [2]);
  assert.equal(far.undriven, 2);
});
