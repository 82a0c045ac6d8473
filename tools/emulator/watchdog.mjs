// Watchdog of the RP2040 (datasheet 4.7). What outlives a reset of the chip (the scratch registers
// and the reason) lies in a record that the board keeps and hands to the next start.
import { BasePeripheral } from 'rp2040js';

const CTRL = 0x00;
const LOAD = 0x04;
const REASON = 0x08;
const SCRATCH0 = 0x0c;
const SCRATCH7 = 0x28;
const TICK = 0x2c;

const TIME_MASK = 0xffffff;
const PAUSE_BITS = 7 << 24;
const ENABLE = 0x40000000;
const TRIGGER = 0x80000000;
const TICK_ENABLE = 1 << 9;
const TICK_RUNNING = 1 << 10;
const REASON_TIMER = 1;
const REASON_FORCE = 2;
const NANOS_PER_COUNT = 500; // RP2040-E1: the counter falls by two per microsecond

/** @typedef {{reason: number, scratch: Uint32Array}} Survivor */

/** @returns {Survivor} as it is after power came on */
export const freshSurvivor = () => ({ reason: 0, scratch: new Uint32Array(8) });

export class Watchdog extends BasePeripheral {
  /**
   * @param {object} chip
   * @param {string} name
   * @param {Survivor} survivor
   * @param {() => void} onReset asks for a reset of the chip
   */
  constructor(chip, name, survivor, onReset) {
    super(chip, name);
    this.survivor = survivor;
    this.onReset = onReset;
    this.alarm = chip.clock.createAlarm(() => this.fire(REASON_TIMER));
    this.control = PAUSE_BITS;
    this.tick = TICK_ENABLE;
    this.loaded = 0; // counter when it was last set or stopped,
    this.loadedNanos = 0; // and when that was
  }

  fire(reason) {
    this.survivor.reason = reason;
    this.onReset();
  }

  get running() {
    return (this.control & ENABLE) !== 0 && (this.tick & TICK_ENABLE) !== 0;
  }

  get counter() {
    if (!this.running) return this.loaded;
    const passed = (this.rp2040.clock.nanos - this.loadedNanos) / NANOS_PER_COUNT;
    return Math.max(0, Math.ceil(this.loaded - passed));
  }

  /** Sets the counter and, when running, the time at which it will be zero. */
  setCounter(count) {
    this.loaded = count;
    this.loadedNanos = this.rp2040.clock.nanos;
    if (this.running) this.alarm.schedule(count * NANOS_PER_COUNT);
    else this.alarm.cancel();
  }

  readUint32(address) {
    const offset = address & 0xfff;
    if (offset >= SCRATCH0 && offset <= SCRATCH7) {
      return this.survivor.scratch[(offset - SCRATCH0) >> 2];
    }
    switch (offset) {
      case CTRL: return (this.control | this.counter) >>> 0;
      case REASON: return this.survivor.reason;
      case TICK: return this.tick | (this.tick & TICK_ENABLE ? TICK_RUNNING : 0);
      default: return 0;
    }
  }

  writeUint32(offset, value) {
    if (offset >= SCRATCH0 && offset <= SCRATCH7) {
      this.survivor.scratch[(offset - SCRATCH0) >> 2] = value;
    } else if (offset === LOAD) {
      this.setCounter(value & TIME_MASK);
    } else if (offset === CTRL) {
      this.writeControl(value);
    } else if (offset === TICK) {
      const left = this.counter;
      this.tick = value & (TICK_ENABLE | 0x1ff);
      this.setCounter(left);
    }
  }

  writeControl(value) {
    const left = this.counter;
    this.control = value & (ENABLE | PAUSE_BITS);
    this.setCounter(left);
    if (value & TRIGGER) this.fire(REASON_FORCE);
  }
}
