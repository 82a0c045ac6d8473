// The board: a chip that can be powered up and down, the mains it measures, the far ends of its
// two serial lines, and the run loop that keeps all of it on one simulated time.
import { Chip } from './chip.mjs';
import { Converter, Generator } from './converter.mjs';
import { STACK_TOP } from './core.mjs';
import { FarEnd } from './farend.mjs';
import { PowerCut } from './flash.mjs';
import { Mains } from './waveform.mjs';
import { freshSurvivor } from './watchdog.mjs';

export const LINES = ['optical', 'rs485']; // UART0, UART1
const RS485_ENABLE = 3; // the transceiver's driver enable (boards/METER_PICO/pins.csv)
const SLICE_NANOS = 1e6; // simulated time between two looks at the sockets
const RAM_START = 0x20000000; // a stack pointer that was lost may lie below
const STACK_CALLS = 24; // code addresses told of a stack
const MAX_LAG_MS = 50; // what a held clock may catch up after a slow stretch

const hex = (word) => `0x${(word >>> 0).toString(16)}`;

export class Board {
  /**
   * @param {object} parts
   * @param {import('./flash.mjs').Flash} parts.flash
   * @param {object} parts.frontEnd gains of the analogue board
   * @param {number} parts.seed
   * @param {'free'|'patient'|'real'} [parts.pace] free: as fast as the host can; real: no faster
   *   than the real clock; patient: the same, but free while there is traffic or somebody waits
   */
  constructor({ flash, frontEnd, seed, pace = 'free' }) {
    this.flash = flash;
    this.pace = pace;
    this.mains = new Mains();
    this.converter = new Converter(this.mains, frontEnd, seed);
    this.random = new Generator(seed + 1);
    this.onPrompt = () => {};
    this.onLine = { optical: () => {}, rs485: () => {} };
    this.farEnds = {};
    for (const line of LINES) this.farEnds[line] = new FarEnd((bytes) => this.onLine[line](bytes));
    this.farEnds.rs485.driven = () => this.chip.gpio.level(RS485_ENABLE) === 1;
    flash.inFrame = () => LINES.some((line) => !this.farEnds[line].silent);
    this.driven = new Map(); // pins driven from outside, kept over a power cycle
    this.waits = []; // [deadline, resolve]
    this.chip = null;
    this.nanos = 0; // simulated time while there is no power
    this.resets = 0; // by the watchdog, since the board was made
    this.lastReset = null;
    this.busyNanos = 0; // of power-ups that are over
    this.idleNanos = 0;
    this.running = false;
  }

  /** Simulated time since the board was made, power cuts included. */
  get time() {
    return this.chip === null ? this.nanos : this.chip.baseNanos + this.chip.clock.nanos;
  }

  powerOn(survivor = freshSurvivor()) {
    if (this.chip !== null) return;
    const { flash, converter, random } = this;
    this.survivor = survivor;
    const onPrompt = (bytes) => this.onPrompt(bytes);
    this.chip = new Chip({ flash, converter, random, survivor, onPrompt }, this.nanos);
    LINES.forEach((line, n) => this.farEnds[line].attach(this.chip.rp.uart[n], this.nanos));
    for (const [pin, level] of this.driven) this.chip.gpio.drive(pin, level);
  }

  /** RAM and all registers are gone; the flash stays. */
  powerOff() {
    if (this.chip === null) return;
    this.nanos = this.time;
    this.busyNanos += this.chip.busyNanos;
    this.idleNanos += this.chip.idleNanos;
    for (const line of LINES) this.farEnds[line].detach();
    this.chip = null;
  }

  /** A reset by the watchdog: all but its own record starts anew. */
  resetChip() {
    this.resets += 1;
    this.lastReset = this.whereabouts();
    const { survivor } = this;
    this.powerOff();
    this.powerOn(survivor);
  }

  /** What the core was doing; calls: what looks like code addresses on its stack, newest first. */
  whereabouts() {
    const { core } = this.chip.rp;
    const calls = [];
    const start = Math.max(core.SP & ~3, RAM_START);
    for (let at = start; at < STACK_TOP && calls.length < STACK_CALLS; at += 4) {
      const word = this.chip.rp.readUint32(at);
      if (word >>> 24 === 0x10 && (word & 1) === 1) calls.push(hex(word - 1));
    }
    const { survivor: { reason }, time } = this;
    return { time_us: time / 1e3, reason, pc: hex(core.PC), asleep: core.waiting, calls };
  }

  drive(pin, level) {
    if (level === null) this.driven.delete(pin);
    else this.driven.set(pin, level);
    this.chip?.gpio.drive(pin, level);
  }

  /** Time the processor worked and slept, in all power-ups so far (ns). */
  get load() {
    return {
      busy: this.busyNanos + (this.chip?.busyNanos ?? 0),
      idle: this.idleNanos + (this.chip?.idleNanos ?? 0),
    };
  }

  /** @returns {Promise<void>} kept when `nanos` of simulated time have passed */
  wait(nanos) {
    return new Promise((resolve) => this.waits.push([this.time + nanos, resolve]));
  }

  /** Runs to a simulated time, through resets and power cuts. */
  runTo(target) {
    while (this.chip !== null && this.time < target) {
      try {
        this.chip.run(target - this.chip.baseNanos);
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
        this.powerOff();
        return;
      }
      if (this.chip.resetWanted) this.resetChip();
    }
  }

  /** One turn of the loop: a slice of simulated time, cut short by the next wait that is due. */
  slice(limit) {
    const due = this.waits.reduce((first, [at]) => Math.min(first, at), Infinity);
    const target = Math.min(this.time + SLICE_NANOS, due, limit);
    this.runTo(target);
    // Without power nothing runs: time only passes for those who wait (or on the real clock).
    if (this.chip === null && (due !== Infinity || limit !== Infinity)) {
      this.nanos = Math.max(this.nanos, Math.min(target, limit));
    }
    this.settleWaits();
  }

  settleWaits() {
    if (this.waits.length === 0) return;
    const now = this.time;
    const ready = this.waits.filter(([at]) => at <= now);
    this.waits = this.waits.filter(([at]) => at > now);
    for (const [, resolve] of ready) resolve();
  }

  /** Nothing on the lines or in the queues towards the board, and nobody waits. */
  get quiet() {
    const silent = (line) => this.farEnds[line].silent;
    return this.waits.length === 0 && LINES.every(silent) && (this.chip?.usb.silent ?? true);
  }

  /** Starts the loop. Sockets are served between the slices. */
  start() {
    this.running = true;
    this.anchor = null;
    setImmediate(() => this.turn());
  }

  stop() {
    this.running = false;
  }

  turn() {
    if (!this.running) return;
    const held = this.pace === 'real' || (this.pace === 'patient' && this.quiet);
    if (!held) this.anchor = null;
    const limit = held ? this.realLimit() : Infinity;
    if (this.time < limit) this.slice(limit);
    const nothingToDo = this.chip === null && this.waits.length === 0;
    if (this.time >= limit || nothingToDo) setTimeout(() => this.turn(), 1);
    else setImmediate(() => this.turn());
  }

  /** The simulated time that the real clock allows; a board that fell far behind stays behind. */
  realLimit() {
    const real = performance.now();
    this.anchor ??= { real, simulated: this.time };
    const limit = this.anchor.simulated + (real - this.anchor.real) * 1e6;
    if (limit - this.time <= MAX_LAG_MS * 1e6) return limit;
    this.anchor = { real: real - MAX_LAG_MS, simulated: this.time };
    return this.time + MAX_LAG_MS * 1e6;
  }
}
