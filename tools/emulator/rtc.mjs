// Real-time clock of the RP2040 (datasheet 4.8): calendar seconds on the simulated clock.
// It counts in universal time, so the host's time zone has no say (the package's model has one).
import { BasePeripheral } from 'rp2040js';

const CLKDIV_M1 = 0x00;
const SETUP_0 = 0x04;
const SETUP_1 = 0x08;
const CTRL = 0x0c;
const IRQ_SETUP_0 = 0x10;
const IRQ_SETUP_1 = 0x14;
const RTC_1 = 0x18;
const RTC_0 = 0x1c;

const CTRL_ENABLE = 1 << 0;
const CTRL_ACTIVE = 1 << 1;
const CTRL_LOAD = 1 << 4;
const NANOS_PER_SECOND = 1e9;

/** @returns {number} milliseconds since 1970 of SETUP_0 (y12 m4 d5) and SETUP_1 (dow h m s) */
export function decode(setup0, setup1) {
  const date = new Date(0);
  date.setUTCFullYear((setup0 >>> 12) & 0xfff, ((setup0 >>> 8) & 0xf) - 1, setup0 & 0x1f);
  date.setUTCHours((setup1 >>> 16) & 0x1f, (setup1 >>> 8) & 0x3f, setup1 & 0x3f);
  return date.getTime();
}

/** @returns {[number, number]} [RTC_1 = year month day, RTC_0 = day of week, h, m, s] */
export function encode(millis, dayOfWeek) {
  const date = new Date(millis);
  return [
    (date.getUTCFullYear() << 12) | ((date.getUTCMonth() + 1) << 8) | date.getUTCDate(),
    (dayOfWeek << 24) | (date.getUTCHours() << 16) | (date.getUTCMinutes() << 8) |
      date.getUTCSeconds(),
  ];
}

export class Rtc extends BasePeripheral {
  constructor(chip, name) {
    super(chip, name);
    this.reset();
  }

  reset() {
    this.divider = 0;
    this.setup = [0, 0];
    this.alarmSetup = [0, 0];
    this.enabled = false;
    this.loadWanted = false;
    this.startMillis = Date.UTC(2021, 0, 1);
    this.startDay = 5;
    this.startNanos = 0;
    this.latched = 0;
  }

  /** Whole seconds since it was set (or last enabled). */
  get seconds() {
    if (!this.enabled) return 0;
    return Math.floor((this.rp2040.clock.nanos - this.startNanos) / NANOS_PER_SECOND);
  }

  /** [RTC_1, RTC_0] now; the day of the week goes on from the one that was set. */
  get words() {
    const millis = this.startMillis + 1000 * this.seconds;
    const days = Math.floor(millis / 86400e3) - Math.floor(this.startMillis / 86400e3);
    return encode(millis, (this.startDay + days) % 7);
  }

  readUint32(address) {
    switch (address & 0xfff) {
      case CLKDIV_M1: return this.divider;
      case SETUP_0: return this.setup[0];
      case SETUP_1: return this.setup[1];
      case CTRL: return this.enabled ? CTRL_ENABLE | CTRL_ACTIVE : 0;
      case IRQ_SETUP_0: return this.alarmSetup[0];
      case IRQ_SETUP_1: return this.alarmSetup[1];
      case RTC_1: return this.latched;
      case RTC_0: return this.readTime();
      default: return 0;
    }
  }

  /** Reading the time latches the date that belongs to it (datasheet 4.8.4). */
  readTime() {
    const [date, time] = this.words;
    this.latched = date;
    return time;
  }

  writeUint32(offset, value) {
    switch (offset) {
      case CLKDIV_M1: this.divider = value & 0xffff; break;
      case SETUP_0: this.setup[0] = value; break;
      case SETUP_1: this.setup[1] = value; break;
      case CTRL: this.writeControl(value); break;
      case IRQ_SETUP_0: this.alarmSetup[0] = value & 0x0fffffff; break;
      case IRQ_SETUP_1: this.alarmSetup[1] = value; break;
      default:
    }
  }

  /** LOAD may come in a write of its own, before the one that enables. */
  writeControl(value) {
    if (this.enabled && (value & CTRL_ENABLE) === 0) this.hold();
    if (value & CTRL_LOAD) this.loadWanted = true;
    if ((value & CTRL_ENABLE) === 0) return;
    if (this.loadWanted) this.load();
    if (!this.enabled) this.startNanos = this.rp2040.clock.nanos;
    this.enabled = true;
  }

  load() {
    this.loadWanted = false;
    this.startMillis = decode(...this.setup);
    this.startDay = (this.setup[1] >>> 24) & 7;
    this.startNanos = this.rp2040.clock.nanos;
  }

  /** Stopped: it keeps the time it has. */
  hold() {
    const [, time] = this.words;
    this.startMillis += 1000 * this.seconds;
    this.startDay = (time >>> 24) & 7;
    this.enabled = false;
  }
}
