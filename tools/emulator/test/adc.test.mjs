// The converter and its free run: RP2040 datasheet 4.9 for the registers and times, the ladder as
// boards/METER_PICO/front_end.toml describes it, sine waves by their formula.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Adc } from '../adc.mjs';
import { Converter, FRONT_END, Ladder, normalTable, readNumbers } from '../converter.mjs';
import { Mains } from '../waveform.mjs';
import { fakeChip } from '../testkit/fakes.mjs';

const CS = 0x00;
const FCS = 0x08;
const FIFO = 0x0c;
const DIV = 0x10;
const READY = 1 << 8;
const EN = 1;
const ONCE = 1 << 2;
const MANY = 1 << 3;
const THREE = 7 << 16;
const FIFO_ON = 1 | (1 << 3) | (1 << 24); // EN, DREQ_EN, THRESH 1

function setUp({ base = 0 } = {}) {
  const chip = fakeChip();
  const asked = [];
  const converter = {
    skew: true,
    code(input, nanos) {
      asked.push([input, Math.round(nanos)]);
      return 0x100 * input + asked.length;
    },
  };
  const adc = new Adc(chip, 'ADC', converter, base);
  const write = (offset, value) => adc.writeUint32Atomic(offset, value, 0);
  return { chip, adc, write, asked, converter };
}

test('one conversion: 96 cycles of 48 MHz, READY before and after', () => {
  const { chip, adc, write } = setUp();
  write(CS, EN | (2 << 12));
  assert.ok(adc.readUint32(CS) & READY);
  write(CS, EN | ONCE | (2 << 12));
  assert.equal(adc.readUint32(CS) & READY, 0);
  chip.clock.advanceTo(1999);
  assert.equal(adc.readUint32(CS) & READY, 0);
  chip.clock.advanceTo(2001);
  assert.ok(adc.readUint32(CS) & READY);
  assert.equal(adc.readUint32(0x04), 0x201);
});

test('a free round robin of three at 24 000/s: order, spacing, no drift, real delay', () => {
  const { chip, adc, write, asked } = setUp({ base: 5e9 });
  write(DIV, 1999 << 8);
  write(CS, EN | MANY | THREE);
  chip.clock.advanceTo(1e9 + 2000);
  assert.equal(adc.conversions, 24001);
  const spacing = 1e9 / 24000;
  for (const k of [0, 1, 2, 3, 4, 12345, 24000]) {
    assert.deepEqual(asked[k], [k % 3, Math.round(5e9 + k * spacing)]);
  }
});

test('skew off: all of a set are held together', () => {
  const { chip, write, asked, converter } = setUp();
  converter.skew = false;
  write(DIV, 1999 << 8);
  write(CS, EN | MANY | THREE);
  chip.clock.advanceTo(300e3);
  assert.deepEqual(asked.slice(0, 6).map(([, nanos]) => nanos), [0, 0, 0, 125e3, 125e3, 125e3]);
});

test('a divider below 96 gives back-to-back conversions, 500 000/s', () => {
  const { chip, adc, write } = setUp();
  write(CS, EN | MANY);
  chip.clock.advanceTo(1e6);
  assert.equal(adc.conversions, 500);
});

test('the FIFO holds four, then marks the overflow; an empty one marks the underflow', () => {
  const { chip, adc, write } = setUp();
  write(FCS, FIFO_ON);
  write(CS, EN | MANY | THREE);
  chip.clock.advanceTo(2000 * 6 + 1);
  assert.equal((adc.readUint32(FCS) >> 16) & 15, 4);
  assert.ok(adc.readUint32(FCS) & (1 << 11));
  assert.ok(chip.requests.has(36));
  const codes = [0, 0, 0, 0].map(() => adc.readUint32(FIFO));
  assert.deepEqual(codes, [0x001, 0x102, 0x203, 0x004]);
  assert.ok(!chip.requests.has(36));
  adc.readUint32(FIFO);
  assert.ok(adc.readUint32(FCS) & (1 << 10));
  write(FCS, FIFO_ON | (3 << 10));
  assert.equal(adc.readUint32(FCS) & (3 << 10), 0);
});

test('clearing START_MANY lets the conversion under way be the last', () => {
  const { chip, adc, write } = setUp();
  write(DIV, 1999 << 8);
  write(CS, EN | MANY | THREE);
  chip.clock.advanceTo(1000);
  write(CS, EN | THREE | (adc.readUint32(CS) & 0x7000));
  chip.clock.advanceTo(1e6);
  assert.equal(adc.conversions, 1);
  write(CS, EN | MANY | THREE | (adc.readUint32(CS) & 0x7000));
  chip.clock.advanceTo(1e6 + 2001);
  assert.equal(adc.conversions, 2);
  assert.equal(adc.result, 0x102); // the second channel's turn
});

test('the ladder: wide codes are 9.9 steps, the others one, half scale starts code 2048', () => {
  const ladder = new Ladder(FRONT_END);
  const width = (code) => ladder.edge(code + 1) - ladder.edge(code);
  assert.ok(Math.abs(ladder.steps - 4131.6) < 1e-9);
  for (const code of [512, 1536, 2560, 3584]) assert.ok(Math.abs(width(code) - 9.9) < 1e-9);
  for (const code of [0, 511, 513, 2048, 4000]) assert.ok(Math.abs(width(code) - 1) < 1e-9);
  for (const code of [0, 1, 511, 512, 513, 1535, 1536, 1537, 2048, 3584, 3585, 4095]) {
    assert.equal(ladder.code(ladder.edge(code) + 1e-6), code);
    assert.equal(ladder.code(ladder.edge(code + 1) - 1e-6), code);
  }
  assert.equal(ladder.code(ladder.steps / 2 + 1e-6), 2048);
  assert.equal(ladder.code(-5), 0);
  assert.equal(ladder.code(5000), 4095);
});

test('the noise is normal: variance 1, and 68.3 % within one sigma', () => {
  const table = normalTable(4096);
  const mean = table.reduce((sum, x) => sum + x, 0) / 4096;
  const within = table.filter((x) => Math.abs(x) < 1).length / 4096;
  assert.ok(Math.abs(mean) < 1e-9);
  assert.ok(Math.abs(table.reduce((sum, x) => sum + x * x, 0) / 4096 - 1) < 1e-9);
  assert.ok(Math.abs(within - 0.6827) < 0.002, `${within}`);
});

test('one seed gives one sequence, another seed another', () => {
  const codes = (seed) => {
    const converter = new Converter(new Mains(), FRONT_END, seed);
    return Array.from({ length: 50 }, (_, k) => converter.code(k % 3, k * 41667));
  };
  assert.deepEqual(codes(3), codes(3));
  assert.notDeepEqual(codes(3), codes(4));
});

test('an ideal converter: 1.65 V is 2048, 230 V peak is 325.27 x 3.75 mV above it', () => {
  const mains = new Mains();
  const converter = new Converter(mains, FRONT_END, 1);
  Object.assign(converter, { wideCodes: false, noise: false });
  assert.equal(converter.code(1, 0), 2048);
  const peak = 1.65 + Math.SQRT2 * 230 * 0.00375;
  assert.equal(converter.code(0, 5e6), Math.floor((peak / 3.3) * 4096)); // a quarter period on
  mains.setChannel('i1', { rms: 5, phase_deg: 90 }, 0);
  assert.equal(converter.code(1, 5e6), 2048); // the lagging current crosses zero here
});

test('leads of the transducers: i1 shows what comes later', () => {
  const mains = new Mains();
  mains.setChannel('i1', { rms: 10 }, 0);
  const converter = new Converter(mains, { ...FRONT_END, lead_ns: [1e6, 0] }, 1);
  assert.equal(converter.volts(1, 4e6), 1.65 + 0.01875 * mains.i1.at(mains.angle(5e6)));
});

test('front_end.toml: numbers and lists of numbers, units of underscores, comments', () => {
  const text = '[adc]\nreference_v = 3.3 # volts\nwide_codes = [512, 1_536]\nname = ["v", "i"]\n' +
    'x = -2.5e-3\nlead_ns = []\n';
  assert.deepEqual(readNumbers(text), {
    reference_v: 3.3, wide_codes: [512, 1536], x: -0.0025, lead_ns: [],
  });
});
