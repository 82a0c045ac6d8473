// A real MicroPython image on the emulated board, driven through its doors. Runs when there is an
// image: MICROCOSEM_IMAGE names one, or the board's own firmware has been built.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { Rig, imagePath } from '../testkit/rig.mjs';

const image = imagePath();
const near = (value, want, by) => (
  assert.ok(Math.abs(value - want) <= by, `${value}, not ${want} +- ${by}`));

/** Declares a test with a running board at its raw REPL. */
function boardTest(name, words, body) {
  if (image === null) return;
  test(name, async () => {
    const rig = await Rig.start(image, ...words);
    try {
      await rig.openPrompt();
      await body(rig);
    } finally {
      assert.equal(await rig.stop(), 0);
    }
  });
}

boardTest('the board counts the simulated microseconds', [], async (rig) => {
  const out = await rig.run(`
import time
a = time.ticks_us()
time.sleep_ms(2000)
print(time.ticks_diff(time.ticks_us(), a))`);
  near(Number(out), 2000000, 200);
  const before = await rig.control({ cmd: 'time' });
  const after = await rig.control({ cmd: 'wait', us: 123456 });
  assert.ok(after.time_us - before.time_us >= 123456);
  const load = await rig.control({ cmd: 'cpu' });
  assert.ok(load.idle_us > load.busy_us, 'a sleeping board is mostly idle');
});

boardTest('the depth of the stack is told', [], async (rig) => {
  const deepest = async () => (await rig.control({ cmd: 'cpu', restack: true })).stack_bytes;
  const calls = async (n) => {
    await rig.run(`f = lambda k: k and f(k - 1)\nf(${n})`);
    return deepest();
  };
  await deepest();
  const [few, many, again] = [await calls(1), await calls(11), await calls(1)];
  assert.ok(many - few > 10 * 64, `${few} ${many}`); // a call saves nine registers at least twice
  assert.equal(again, few);
  assert.ok(many < 0x2000, 'the stack of the port');
});

boardTest('floating point goes through the ROM tables', [], async (rig) => {
  const out = await rig.run(`
import math
print(1/3, math.sqrt(2), math.sin(1), int(-2.7), 7e20 > 6e20, round(2.5),
      2**0.5 == math.sqrt(2))`);
  assert.equal(out, '0.3333333 1.414214 0.841471 -2 True 2 True');
});

const ECHO = (baud, bits, parity) => `
import machine, time
u = machine.UART(0, ${baud}, bits=${bits}, parity=${parity}, stop=1, tx=machine.Pin(0),
                 rx=machine.Pin(1), timeout=500)
print('ready')
n = 0
while n < 12:
    b = u.read(u.any() or 1)
    if b:
        u.write(b)
        n += len(b)
u.flush()
print('done')`;

async function echo(rig, baud, bits, parity, text) {
  const optical = await rig.line('optical');
  await rig.begin(ECHO(baud, bits, parity));
  await rig.prompt.text('ready');
  optical.write(Buffer.from(text, 'latin1'));
  assert.equal((await optical.count(12)).toString('latin1'), text);
  assert.match(await rig.end(), /done/);
  const state = await rig.control({ cmd: 'uart', port: 'optical' });
  near(state.baud, baud, baud * 0.005);
  assert.equal(state.bits, bits);
  assert.deepEqual([state.rx, state.tx, state.overruns], [12, 12, 0]);
  assert.deepEqual([state.parity_errors, state.framing_errors], [0, 0]);
  optical.socket.destroy();
  return state;
}

boardTest('machine.UART at 300 7E1, there and back at the speed of the line', [], async (rig) => {
  const state = await echo(rig, 300, 7, 0, '/?!0123456\r\n');
  assert.equal(state.parity, 'even');
  assert.ok(state.last_tx_end_us - state.last_rx_end_us > 30e3); // a character takes 33 ms
});

boardTest('machine.UART at 9600 8N1', [], async (rig) => {
  const state = await echo(rig, 9600, 8, 'None', '\x7e\xa0\x07\xff\x00\x80abc\x7e\x7e\x7e');
  assert.equal(state.parity, 'none');
});

boardTest('a far end with another parity makes errors that the board can see', [], async (rig) => {
  const rs485 = await rig.line('rs485');
  await rig.run(`
import machine, time
u = machine.UART(1, 9600, bits=7, parity=0, stop=1, tx=machine.Pin(4), rx=machine.Pin(5))
machine.mem32[0x40038038] &= ~(1 << 6) # no time-out interrupt: the port clears the error flags`);
  const format = { cmd: 'far_end', port: 'rs485', baud: 9600, bits: 7, parity: 'odd' };
  await rig.control(format);
  rs485.write('A');
  await rig.control({ cmd: 'wait', us: 10000 });
  // UARTRIS: bit 8 parity error
  assert.equal(await rig.run("print(machine.mem32[0x4003803c] >> 8 & 1, u.read())"), "1 b'A'");
  await rig.control({ cmd: 'far_end', port: 'rs485', auto: true });
  const state = await rig.control({ cmd: 'uart', port: 'rs485' });
  assert.deepEqual([state.parity_errors, state.framing_errors], [1, 0]);
});

boardTest('the RS-485 line is driven only while pin 3 is high', [], async (rig) => {
  const rs485 = await rig.line('rs485');
  await rig.run(`
import machine
de = machine.Pin(3, machine.Pin.OUT, value=0)
u = machine.UART(1, 9600, tx=machine.Pin(4), rx=machine.Pin(5))
u.write('lost')
u.flush()
de(1)
u.write('heard')
u.flush()
de(0)`);
  assert.equal((await rs485.count(5)).toString(), 'heard');
  assert.equal((await rig.control({ cmd: 'uart', port: 'rs485' })).undriven, 4);
});

const SAMPLING = `
import rp2, machine, array, time, uctypes
from machine import mem32
for pin in (26, 27, 28): machine.ADC(pin)
space = bytearray(65536)
ring = (uctypes.addressof(space) + 32767) & ~32767
ADC = 0x4004C000
mem32[ADC] = 1 | 7 << 16
mem32[ADC + 8] = 1 | 1 << 3 | 1 << 24
mem32[ADC + 16] = 1999 << 8
main, again = rp2.DMA(), rp2.DMA()
reload = array.array('I', [16384])
main.config(read=ADC + 12, write=ring, count=16384, trigger=True, ctrl=main.pack_ctrl(
    size=1, inc_read=False, ring_sel=True, ring_size=15, treq_sel=36, chain_to=again.channel))
again.config(read=reload, write=0x50000000 + 0x40 * main.channel + 0x1c, count=1,
             ctrl=again.pack_ctrl(size=2, inc_read=False, inc_write=False))
mem32[ADC] = 1 | 7 << 16 | 1 << 3
t = time.ticks_us()`;

boardTest('three channels through ADC, FIFO and a DMA ring', ['--ideal-adc'], async (rig) => {
  await rig.control({ cmd: 'set', channel: 'v', rms: 230 });
  await rig.control({ cmd: 'set', channel: 'i1', rms: 20, phase_deg: 60 });
  await rig.control({ cmd: 'set', channel: 'i2', rms: 0, dc: 2 });
  await rig.run(SAMPLING);
  // 500 ms hold 12 000 samples: the ring has not gone round, sample i is channel i % 3.
  const out = await rig.run(`
time.sleep_ms(500 - time.ticks_diff(time.ticks_us(), t) // 1000)
n = 16384 - main.count
late = time.ticks_diff(time.ticks_us(), t)
d = uctypes.bytearray_at(ring, 2 * n)
print(n, late, end=' ')
for k in range(0, 24000, 2000): print(bytes(d[k:k + 2000]).hex(), end='')
print()`);
  const [n, late, hex] = out.split(' ');
  near(Number(n), Number(late) * 0.024, 3);
  const samples = new Uint16Array(Uint8Array.from(Buffer.from(hex, 'hex')).buffer);
  checkSamples(samples, 3.75e-3, 18.75e-3);
  const later = await rig.run(`
time.sleep_ms(2000 - time.ticks_diff(time.ticks_us(), t) // 1000)
a = main.count, main.write - ring, time.ticks_diff(time.ticks_us(), t)
print(*a)`);
  const [count, offset, micros] = later.split(' ').map(Number);
  near(16384 - count, (micros * 0.024) % 16384, 4); // it has been reloaded on the way
  near(offset / 2, 16384 - count, 3);
});

/** The 4000 sets of 500 ms: rms and mean product of whole periods against what was set. */
function checkSamples(samples, perVolt, perAmpere) {
  const scale = 3.3 / 4096;
  const value = (i, gain) => ((samples[i] + 0.5) * scale - 1.65) / gain;
  let [v2, i2, p, dc] = [0, 0, 0, 0];
  const sets = 4000;
  for (let k = 0; k < sets; k++) {
    const v = value(3 * k, perVolt);
    const i = value(3 * k + 1, perAmpere);
    v2 += v * v;
    i2 += i * i;
    p += v * i;
    dc += value(3 * k + 2, perAmpere);
  }
  near(Math.sqrt(v2 / sets), 230, 0.05);
  near(Math.sqrt(i2 / sets), 20, 0.01);
  near(dc / sets, 2, 0.03);
  // i1 is taken 1/24000 s after v: 0.75 degrees at 50 Hz less lag.
  near(p / sets, 230 * 20 * Math.cos(((60 - 0.75) * Math.PI) / 180), 2);
}

boardTest('a starved watchdog restarts the board, and the board knows', [], async (rig) => {
  const fed = await rig.run(`
import machine, time
w = machine.WDT(timeout=1000)
for _ in range(5):
    w.feed()
    time.sleep_ms(600)
print('alive')`);
  assert.equal(fed, 'alive');
  await rig.control({ cmd: 'wait', us: 1100000 });
  const { watchdog_resets: resets, last_reset: last } = await rig.control({ cmd: 'time' });
  assert.equal(resets, 1);
  // The prompt waits for a key, asleep, somewhere in the flash.
  assert.deepEqual([last.reason, last.asleep], [1, true]);
  assert.match(last.pc, /^0x10[0-9a-f]{6}$/);
  assert.ok(last.calls.length > 4 && last.calls.every((at) => /^0x10[0-9a-f]{6}$/.test(at)));
  await rig.openPrompt();
  assert.equal(await rig.run('import machine; print(machine.reset_cause())'), '3');
  assert.equal(await rig.run("print('w' in globals())"), 'False');
});

boardTest('the watchdog can be stopped at its enable bit', [], async (rig) => {
  await rig.run(`
import machine
w = machine.WDT(timeout=1000)
machine.mem32[0x4005b000] = 1 << 30`);
  await rig.control({ cmd: 'wait', us: 5000000 });
  assert.equal((await rig.control({ cmd: 'time' })).watchdog_resets, 0);
});

boardTest('machine.RTC is set, counts, and is lost with the power', [], async (rig) => {
  const out = await rig.run(`
import machine, time
r = machine.RTC()
r.datetime((2028, 2, 28, 0, 23, 59, 58, 0))
time.sleep_ms(2500)
print(r.datetime())`);
  assert.equal(out, '(2028, 2, 29, 1, 0, 0, 0, 0)');
});

boardTest('pins: output, level driven from outside, pull', [], async (rig) => {
  await rig.run(`
import machine
a = machine.Pin(3, machine.Pin.OUT, value=1)
b = machine.Pin(14, machine.Pin.IN, machine.Pin.PULL_UP)`);
  assert.deepEqual(await rig.control({ cmd: 'gpio', pin: 3 }),
    { ok: true, level: 1, output: true, function: 5 });
  assert.equal(await rig.run('a.value(0); print(a.value(), b.value())'), '0 1');
  assert.equal((await rig.control({ cmd: 'gpio', pin: 3 })).level, 0);
  await rig.control({ cmd: 'gpio', pin: 14, drive: 0 });
  assert.equal(await rig.run('print(b.value())'), '0');
  await rig.control({ cmd: 'gpio', pin: 14, drive: null });
  assert.equal(await rig.run('print(b.value())'), '1');
});

const FLASH = `
import rp2
size = rp2.Flash().ioctl(4, 0) * rp2.Flash().ioctl(5, 0)
f = rp2.Flash(start=size - 0x10000, len=0x10000)
buf = bytearray(16)
def show():
    f.readblocks(0, buf, 0)
    print(bytes(buf[:4]), bytes(buf[12:]))`;

boardTest('rp2.Flash outlives a power cut, RAM does not', [], async (rig) => {
  await rig.run(`${FLASH}
f.ioctl(6, 0)
f.writeblocks(0, b'energy registers', 0)
kept = 1`);
  await rig.control({ cmd: 'power', on: false });
  assert.equal((await rig.control({ cmd: 'time' })).power, false);
  await rig.control({ cmd: 'power', on: true });
  await rig.openPrompt();
  assert.equal(await rig.run(`${FLASH}\nshow()`), "b'ener' b'ters'");
  assert.equal(await rig.run("print('kept' in globals())"), 'False');
});

boardTest('an erase takes 45 ms of the board, and power can be cut in it', [], async (rig) => {
  const took = await rig.run(`${FLASH}
import time
a = time.ticks_us()
f.ioctl(6, 0)
print(time.ticks_diff(time.ticks_us(), a))`);
  near(Number(took), 45000, 200);
  await rig.run("f.writeblocks(0, b'x' * 4096)");
  await rig.control({ cmd: 'power', on: false, at: { flash_op: 1, phase: 'middle' } });
  await rig.begin('f.ioctl(6, 0)');
  while ((await rig.control({ cmd: 'time' })).power) await rig.control({ cmd: 'wait', us: 1000 });
  await rig.control({ cmd: 'power', on: true });
  await rig.openPrompt();
  await rig.run(FLASH);
  assert.equal(await rig.run('f.readblocks(0, buf, 2040); print(bytes(buf))'),
    "b'\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xffxxxxxxxx'");
});

boardTest('a quiet pin shows noise until that is switched off', [], async (rig) => {
  const code = `
import machine
a = machine.ADC(27)
print([a.read_u16() >> 4 for _ in range(40)])`;
  const noisy = JSON.parse(await rig.run(code));
  assert.ok(new Set(noisy).size > 2, `${noisy}`);
  near(noisy.reduce((sum, x) => sum + x, 0) / 40, 2048, 1);
  await rig.control({ cmd: 'adc', noise: false });
  assert.deepEqual(JSON.parse(await rig.run(code)), new Array(40).fill(2048));
});

if (image !== null) {
  test('the flash file keeps what the board wrote, from one process to the next', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'board-'));
    const file = path.join(dir, 'flash.bin');
    const steps = [["f = open('/note.txt', 'w'); f.write('kept'); f.close()", ''],
      ["print(open('/note.txt').read())", 'kept']];
    for (const [code, want] of steps) {
      const rig = await Rig.start(image, '--flash', file);
      try {
        await rig.openPrompt();
        assert.equal(await rig.run(code), want);
      } finally {
        await rig.stop();
      }
    }
    fs.rmSync(dir, { recursive: true });
  });

  test('--real-time holds the simulated clock to the real one', async () => {
    const rig = await Rig.start(image, '--real-time');
    await rig.control({ cmd: 'wait', us: 300000 });
    const [from, real] = [(await rig.control({ cmd: 'time' })).time_us, performance.now()];
    await rig.control({ cmd: 'wait', us: 500000 });
    const to = (await rig.control({ cmd: 'time' })).time_us;
    const passed = (performance.now() - real) * 1000;
    await rig.stop();
    assert.ok(to - from <= passed + 60000, `${to - from} us simulated in ${passed} us`);
  });

  test('--patient holds the clock of a silent board, and not that of one waited for', async () => {
    const rig = await Rig.start(image, '--patient');
    await rig.openPrompt();
    const [from, real] = [(await rig.control({ cmd: 'time' })).time_us, performance.now()];
    await new Promise((go) => setTimeout(go, 300));
    const silent = (await rig.control({ cmd: 'time' })).time_us - from;
    const passed = (performance.now() - real) * 1000;
    const start = performance.now();
    await rig.control({ cmd: 'wait', us: 20e6 });
    const waited = (performance.now() - start) * 1000;
    await rig.stop();
    assert.ok(silent <= passed + 60000, `${silent} us simulated in ${passed} us`);
    assert.ok(waited < 15e6, `20 s simulated in ${waited} us`);
  });

  test('SIGTERM ends it cleanly', async () => {
    const rig = await Rig.start(image);
    const ended = new Promise((resolve) => rig.process.on('exit', resolve));
    rig.process.kill('SIGTERM');
    assert.equal(await ended, 0);
  });
}
