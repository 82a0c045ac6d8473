// A running emulator for tests: its process, a control connection, lines, and the prompt's raw
// REPL (MicroPython: Ctrl-A enters it, Ctrl-D runs, answers are "OK" output \x04 errors \x04 ">").
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BUILT = path.join(HERE, '../../../build/METER_PICO/firmware.bin');

/** The image to test with, or null: MICROCOSEM_IMAGE, else the board's own when it is built. */
export function imagePath() {
  const { MICROCOSEM_IMAGE: given } = process.env;
  if (given) return given;
  return fs.existsSync(BUILT) ? BUILT : null;
}

/** Bytes of a socket, to be awaited. */
class Stream {
  constructor(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    this.wake = () => {};
    socket.on('data', (chunk) => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
      this.wake();
    });
    socket.on('error', () => {});
  }

  write(data) {
    this.socket.write(data);
  }

  /** @returns {Promise<Buffer>} everything up to where `done` says (-1: not yet) */
  async until(done, seconds = 60) {
    const deadline = performance.now() + seconds * 1000;
    let end = done(this.bytes);
    while (end < 0) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`waited in vain; there is ${this.bytes.toString('latin1')}`);
      await new Promise((go) => {
        const timer = setTimeout(go, left);
        this.wake = () => { clearTimeout(timer); go(); };
      });
      end = done(this.bytes);
    }
    const out = this.bytes.subarray(0, end);
    this.bytes = this.bytes.subarray(end);
    return out;
  }

  count(n) {
    return this.until((bytes) => (bytes.length >= n ? n : -1));
  }

  text(ending) {
    return this.until((bytes) => {
      const at = bytes.indexOf(ending);
      return at < 0 ? -1 : at + ending.length;
    });
  }
}

export class Rig {
  /** @param {string} image @param {string[]} words further options */
  static async start(image, ...words) {
    const rig = new Rig();
    const command = [path.join(HERE, '../emulator.mjs'), '--image', image, ...words];
    rig.process = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(readline.createInterface(rig.process.stdout), 'line');
    rig.ports = JSON.parse(line);
    rig.answers = [];
    rig.controlSocket = await rig.connect('control');
    readline.createInterface(rig.controlSocket).on('line', (text) => {
      rig.answers.shift()(JSON.parse(text));
    });
    return rig;
  }

  async connect(door) {
    const socket = net.connect(this.ports[door], '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }

  async line(door) {
    return new Stream(await this.connect(door));
  }

  /** One request at the control door. */
  control(request) {
    return new Promise((resolve) => {
      this.answers.push(resolve);
      this.controlSocket.write(`${JSON.stringify(request)}\n`);
    });
  }

  /** Opens the prompt and enters the raw REPL, whatever ran before. */
  async openPrompt() {
    this.prompt ??= await this.line('prompt');
    await this.control({ cmd: 'wait', us: 300000 });
    this.prompt.write('\r\x03\x03');
    await this.prompt.text('>>> ');
    await this.control({ cmd: 'wait', us: 300000 });
    this.prompt.bytes = Buffer.alloc(0);
    this.prompt.write('\x01');
    await this.prompt.text('raw REPL; CTRL-B to exit\r\n>');
  }

  /** Sends code without waiting for its end. */
  async begin(code) {
    this.prompt.write(`${code}\x04`);
    await this.prompt.text('OK');
  }

  /** @returns {Promise<string>} what the code begun before printed; throws what it raised */
  async end() {
    const out = (await this.prompt.text('\x04')).subarray(0, -1).toString();
    const error = (await this.prompt.text('\x04')).subarray(0, -1).toString();
    await this.prompt.text('>');
    if (error !== '') throw new Error(error);
    return out.trim();
  }

  async run(code) {
    await this.begin(code);
    return this.end();
  }

  async stop() {
    const ended = once(this.process, 'exit');
    await this.control({ cmd: 'stop' });
    const [code] = await ended;
    this.controlSocket.destroy();
    this.prompt?.socket.destroy();
    return code;
  }
}
