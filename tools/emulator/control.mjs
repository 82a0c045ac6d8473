// The control door: JSON lines in, one JSON line out for each, any number of connections.
import net from 'node:net';
import { LINES } from './board.mjs';
import { STACK_TOP } from './core.mjs';
import { listenOn } from './door.mjs';
import { CHANNELS } from './waveform.mjs';

const US = 1000;
const PARITIES = ['none', 'even', 'odd'];
const PINS = 30;

/** A request that cannot be done, with the sentence that says why. */
class Refusal extends Error {}

function need(condition, sentence) {
  if (!condition) throw new Refusal(sentence);
}

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

function checkHarmonics(harmonics) {
  need(Array.isArray(harmonics), 'harmonics is a list of [order, fraction, degrees]');
  for (const one of harmonics) {
    const fits = Array.isArray(one) && one.length >= 2 && one.every(isNumber) && one[0] >= 2;
    need(fits, 'a harmonic is [order from 2, fraction of the fundamental, degrees of lag]');
  }
}

function setChannel(board, request) {
  const { channel, rms = 0, phase_deg = 0, harmonics = [], dc = 0 } = request;
  need(CHANNELS.includes(channel), `channel is one of ${CHANNELS.join(', ')}`);
  need([rms, phase_deg, dc].every(isNumber), 'rms, phase_deg and dc are numbers');
  checkHarmonics(harmonics);
  board.mains.setChannel(channel, { rms, phase_deg, harmonics, dc }, board.time);
}

function setFrequency(board, { hz }) {
  need(isNumber(hz) && hz >= 0, 'hz is a number, not below 0');
  board.mains.setFrequency(hz, board.time);
}

const CONVERTER_SWITCHES = { wide_codes: 'wideCodes', noise: 'noise', skew: 'skew' };

function setConverter(board, request) {
  const out = {};
  for (const [name, field] of Object.entries(CONVERTER_SWITCHES)) {
    if (name in request) board.converter[field] = Boolean(request[name]);
    out[name] = board.converter[field];
  }
  return out;
}

async function wait(board, { us }) {
  need(isNumber(us) && us >= 0, 'us is a number of microseconds, not below 0');
  await board.wait(us * US);
  return { time_us: board.time / US };
}

function injected(board, { reset = false }) {
  const out = board.mains.injected(board.time);
  if (reset) board.mains.resetEnergy(board.time);
  return out;
}

function farEnd(board, port) {
  need(LINES.includes(port), `port is one of ${LINES.join(', ')}`);
  return board.farEnds[port];
}

/** Statistics of one serial line; counts since power came on. */
function uartState(board, { port }) {
  const far = farEnd(board, port);
  const { uart } = far;
  const { baud, bits, parity } = uart?.enabled ? uart.format : far.last;
  return {
    enabled: uart?.enabled ?? false, baud: Math.round(baud), bits, parity,
    ...uart?.counts, far_end_errors: far.errors, undriven: far.undriven,
    waiting: far.queue.length, ...far.times,
  };
}

function setFarEnd(board, request) {
  const far = farEnd(board, request.port);
  if (request.auto === true) {
    far.fixed = null;
    return;
  }
  const { baud, bits = 8, parity = 'none', stops = 1 } = request;
  need(isNumber(baud) && baud > 0, 'baud is a number above 0, or auto is true');
  need([5, 6, 7, 8].includes(bits), 'bits is 5 to 8');
  need(PARITIES.includes(parity), `parity is one of ${PARITIES.join(', ')}`);
  need(stops === 1 || stops === 2, 'stops is 1 or 2');
  far.fixed = { baud, bits, parity, stops };
}

function gpio(board, request) {
  const { pin } = request;
  need(Number.isInteger(pin) && pin >= 0 && pin < PINS, `pin is 0 to ${PINS - 1}`);
  if ('drive' in request) {
    need([0, 1, null].includes(request.drive), 'drive is 0, 1 or null');
    board.drive(pin, request.drive);
  }
  need(board.chip !== null, 'the board has no power');
  return board.chip.gpio.state(pin);
}

function power(board, { on, at = 'now' }) {
  if (typeof at === 'object' && at !== null) {
    need(on === false, 'only a power cut can wait for a flash operation');
    need(Number.isInteger(at.flash_op) && at.flash_op >= 1, 'flash_op is a whole number from 1');
    try {
      board.flash.cutAt(at.flash_op, at.phase);
    } catch (error) {
      throw new Refusal(error.message);
    }
    return;
  }
  need(at === 'now', 'at is "now" or {"flash_op": n, "phase": "before"|"middle"|"after"}');
  need(typeof on === 'boolean', 'on is true or false');
  if (on) board.powerOn();
  else board.powerOff();
}

function flashState(board, request) {
  const { flash } = board;
  if ('charged' in request) flash.charged = Boolean(request.charged);
  const { erases, erasesInFrames, programs, charged, operations } = flash;
  return { erases, erases_in_frames: erasesInFrames, programs, operations, charged };
}

function cpu(board, { restack }) {
  const { busy, idle } = board.load;
  const core = board.chip?.rp.core;
  const stack_bytes = core ? STACK_TOP - core.deepest : 0;
  if (core && restack === true) core.deepest = STACK_TOP;
  return { busy_us: busy / US, idle_us: idle / US, stack_bytes };
}

const state = (board) => ({
  time_us: board.time / US, power: board.chip !== null, watchdog_resets: board.resets,
  last_reset: board.lastReset,
});

/** Every command: (board, request) -> fields of the answer, or nothing. */
const COMMANDS = {
  set: setChannel,
  frequency: setFrequency,
  adc: setConverter,
  time: state,
  wait,
  injected,
  uart: uartState,
  far_end: setFarEnd,
  gpio,
  power,
  flash: flashState,
  cpu,
};

/** @param {string} line one request @returns {Promise<object>} the answer */
export async function answer(board, line) {
  try {
    const request = parse(line);
    const command = Object.hasOwn(COMMANDS, request.cmd) ? COMMANDS[request.cmd] : null;
    need(command, `cmd is one of ${[...Object.keys(COMMANDS), 'stop'].join(', ')}`);
    return { ok: true, ...await command(board, request) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, error: error.message };
  }
}

function parse(line) {
  let request = null;
  try {
    request = JSON.parse(line);
  } catch {
    // answered below, as anything else that is no object
  }
  need(request !== null && typeof request === 'object', 'a request is one JSON object on a line');
  return request;
}

export class Control {
  /** @param {import('./board.mjs').Board} board @param {() => void} onStop */
  constructor(board, onStop) {
    this.board = board;
    this.onStop = onStop;
    this.sockets = new Set();
    this.server = net.createServer((socket) => this.connected(socket));
  }

  listen(port) {
    return listenOn(this.server, port, 'control');
  }

  connected(socket) {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
    let rest = '';
    let turn = Promise.resolve(); // answers leave in the order of the requests
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) turn = turn.then(() => this.serve(socket, line));
    });
  }

  async serve(socket, line) {
    if (line.trim() === '') return;
    const stop = isStop(line);
    const reply = stop ? { ok: true } : await answer(this.board, line);
    if (!socket.writable) return;
    socket.write(`${JSON.stringify(reply)}\n`, () => { if (stop) this.onStop(); });
  }

  close() {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

function isStop(line) {
  try {
    return JSON.parse(line)?.cmd === 'stop';
  } catch {
    return false;
  }
}
