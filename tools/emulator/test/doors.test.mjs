// Command line, TCP doors and control answers, without an image.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Board } from '../board.mjs';
import { answer } from '../control.mjs';
import { FRONT_END } from '../converter.mjs';
import { Door } from '../door.mjs';
import { Flash } from '../flash.mjs';
import { UsageError, parseOptions } from '../options.mjs';

const EMULATOR = fileURLToPath(new URL('../emulator.mjs', import.meta.url));

function board() {
  const flash = new Flash(2 << 20);
  return new Board({ flash, frontEnd: FRONT_END, seed: 1 });
}

const ask = (it, request) => answer(it, JSON.stringify(request));

async function refused(it, request) {
  const { ok, error } = await ask(it, request);
  assert.equal(ok, false);
  assert.match(error, /\w+ .*\w+/);
  return error;
}

test('options: values, defaults, both ways of writing them', () => {
  const options = parseOptions(['--image', 'a.bin', '--optical=4059', '--real-time']);
  assert.equal(options.image, 'a.bin');
  assert.equal(options.optical, 4059);
  assert.equal(options.rs485, 0);
  assert.equal(options['real-time'], true);
});

test('options: what is wrong is said', () => {
  for (const words of [[], ['--image'], ['--image', 'a', '--optical', 'x'], ['--image', 'a', 'b'],
    ['--image', 'a', '--optical', '70000'], ['--image', 'a', '--nonsense']]) {
    assert.throws(() => parseOptions(words), UsageError, words.join(' '));
  }
});

/** @returns {[number, string]} exit code and what went to stderr */
function run(...words) {
  const { status, stderr } = spawnSync(process.execPath, [EMULATOR, ...words], {
    encoding: 'utf8', timeout: 20000,
  });
  return [status, stderr];
}

test('a bad image, option or port: one sentence and exit code 2', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'emulator-'));
  const empty = path.join(dir, 'empty.bin');
  fs.writeFileSync(empty, '');
  const good = path.join(dir, 'good.bin');
  fs.writeFileSync(good, Buffer.alloc(512));
  const taken = net.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const cases = [
    [['--image', path.join(dir, 'none.bin')], /cannot read the image/],
    [['--image', empty], /no firmware image/],
    [['--image', good, '--optical', String(taken.address().port)], /is in use/],
    [['--image', good, '--flash', dir], /flash file/],
    [['--wrong'], /unknown option/],
  ];
  for (const [words, pattern] of cases) {
    const [status, stderr] = run(...words);
    assert.equal(status, 2, words.join(' '));
    assert.match(stderr, pattern);
    assert.equal(stderr.trim().split('\n').length, 1);
  }
  taken.close();
  fs.rmSync(dir, { recursive: true });
});

async function connect(port) {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

test('a door has one client at a time; the next waits until the first has left', async () => {
  const heard = [];
  const door = new Door('optical', (bytes) => heard.push(bytes.toString()));
  const port = await door.listen(0);
  const first = await connect(port);
  const second = await connect(port);
  second.write('two');
  first.write('one');
  while (heard.length < 1) await new Promise((go) => setTimeout(go, 5));
  await new Promise((go) => setTimeout(go, 50));
  assert.deepEqual(heard, ['one']);
  door.write(Buffer.from('for the first'));
  assert.equal((await once(first, 'data'))[0].toString(), 'for the first');
  first.destroy();
  while (heard.length < 2) await new Promise((go) => setTimeout(go, 5));
  assert.deepEqual(heard, ['one', 'two']);
  door.write(Buffer.from('for the second'));
  assert.equal((await once(second, 'data'))[0].toString(), 'for the second');
  second.destroy();
  door.close();
});

test('control: set, frequency and injected', async () => {
  const it = board();
  const set = { cmd: 'set', channel: 'i1', rms: 5, phase_deg: 60, harmonics: [[3, 0.1, 0]] };
  assert.deepEqual(await ask(it, set), { ok: true });
  assert.deepEqual(await ask(it, { cmd: 'frequency', hz: 49.5 }), { ok: true });
  const out = await ask(it, { cmd: 'injected' });
  assert.equal(out.ok, true);
  assert.equal(out.frequency_hz, 49.5);
  assert.ok(Math.abs(out.i1_power_w - 575) < 1e-9);
  assert.ok(Math.abs(out.i1_rms - 5 * Math.sqrt(1.01)) < 1e-9);
});

test('control: the converter can be made ideal part by part', async () => {
  const it = board();
  assert.deepEqual(await ask(it, { cmd: 'adc', noise: false }),
    { ok: true, wide_codes: true, noise: false, skew: true });
  await ask(it, { cmd: 'adc', wide_codes: false, skew: false });
  assert.deepEqual(await ask(it, { cmd: 'adc' }),
    { ok: true, wide_codes: false, noise: false, skew: false });
});

test('control: what cannot be done is refused in a sentence', async () => {
  const it = board();
  await refused(it, { cmd: 'dance' });
  await refused(it, { cmd: 'toString' });
  await refused(it, { cmd: 'set', channel: 'i3', rms: 1 });
  await refused(it, { cmd: 'set', channel: 'v', rms: '230' });
  await refused(it, { cmd: 'set', channel: 'v', rms: 230, harmonics: [[1, 0.5, 0]] });
  await refused(it, { cmd: 'frequency', hz: -1 });
  await refused(it, { cmd: 'wait', us: 'long' });
  await refused(it, { cmd: 'uart', port: 'usb' });
  await refused(it, { cmd: 'far_end', port: 'optical', bits: 8 });
  await refused(it, { cmd: 'far_end', port: 'optical', baud: 300, parity: 'some' });
  await refused(it, { cmd: 'gpio', pin: 30 });
  await refused(it, { cmd: 'gpio', pin: 3 }); // no power yet
  await refused(it, { cmd: 'power', on: true, at: { flash_op: 3 } });
  await refused(it, { cmd: 'power', on: false, at: { flash_op: 0 } });
  await refused(it, { cmd: 'power', on: false, at: { flash_op: 1, phase: 'never' } });
  assert.match((await answer(it, '{"cmd":')).error, /JSON/);
  assert.match((await answer(it, 'null')).error, /JSON/);
});

test('without power, time passes only for those who wait', async () => {
  const it = board();
  it.start();
  await new Promise((go) => setTimeout(go, 30));
  assert.equal(it.time, 0);
  const out = await ask(it, { cmd: 'wait', us: 2500000 });
  assert.equal(out.time_us, 2500000);
  it.stop();
});
