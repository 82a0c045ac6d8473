import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { Flash, PowerCut } from '../flash.mjs';

const SIZE = 0x10000;
const page = (value) => new Uint8Array(256).fill(value);

test('programming only clears bits, erasing sets a whole sector', () => {
  const flash = new Flash(SIZE);
  flash.program(0x1000, page(0x0f));
  flash.program(0x1000, page(0xf1));
  assert.equal(flash.bytes[0x10ff], 0x01);
  assert.equal(flash.bytes[0x1100], 0xff);
  flash.erase(0x1000, 0x1000);
  assert.equal(flash.bytes[0x1000], 0xff);
});

test('operations take 45 ms a sector and 0.7 ms a page, or nothing when not charged', () => {
  const flash = new Flash(SIZE);
  assert.equal(flash.erase(0, 0x2000).nanos, 90e6);
  assert.equal(flash.program(0, new Uint8Array(512)).nanos, 1.4e6);
  flash.charged = false;
  assert.equal(flash.erase(0, 0x2000).nanos, 0);
  assert.deepEqual([flash.erases, flash.programs, flash.operations], [4, 2, 6]);
});

test('the power falls before, in the middle of, or after the planned operation', () => {
  const cleared = { before: 0, middle: 128, after: 256 };
  for (const [phase, low] of Object.entries(cleared)) {
    const flash = new Flash(SIZE);
    flash.cutAt(2, phase);
    flash.program(0, page(0x55)); // the first one is not touched
    assert.throws(() => flash.program(0x100, new Uint8Array(768).fill(0x00)), PowerCut);
    const count = flash.bytes.subarray(0x100, 0x200).filter((byte) => byte === 0).length;
    assert.equal(count, low, phase);
    assert.equal(flash.bytes[0x200], 0xff);
    assert.equal(flash.bytes[0], 0x55);
    flash.program(0x300, page(0)); // the plan is used up
  }
});

test('an interrupted page keeps a byte between its old and its new value', () => {
  const flash = new Flash(SIZE);
  flash.cutAt(1, 'middle');
  assert.throws(() => flash.program(0, page(0x00)), PowerCut);
  assert.equal(flash.bytes[128], 0xf0);
  assert.equal(flash.bytes[129], 0xff);
});

test('an interrupted erase leaves the rest of the sector as it was', () => {
  const flash = new Flash(SIZE);
  for (let at = 0; at < 0x1000; at += 256) flash.program(at, page(0));
  flash.cutAt(1, 'middle');
  assert.throws(() => flash.erase(0, 0x1000), PowerCut);
  assert.deepEqual([flash.bytes[0], flash.bytes[0x7ff], flash.bytes[0x800]], [0xff, 0xff, 0]);
});

test('a plan that makes no sense is refused', () => {
  const flash = new Flash(SIZE);
  assert.throws(() => flash.cutAt(0), RangeError);
  assert.throws(() => flash.cutAt(1, 'later'), RangeError);
});

test('the file behind the flash holds every change, and is read at the next start', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'flash-')), 'flash.bin');
  const one = new Flash(SIZE);
  one.open(file);
  one.load(Uint8Array.of(1, 2, 3));
  one.program(0x8000, page(0x42));
  assert.equal(fs.readFileSync(file)[0x8000], 0x42);
  one.close();
  const two = new Flash(SIZE);
  two.open(file);
  assert.deepEqual([...two.bytes.subarray(0, 4)], [1, 2, 3, 0xff]);
  assert.equal(two.bytes[0x80ff], 0x42);
  two.close();
  fs.rmSync(path.dirname(file), { recursive: true });
});
