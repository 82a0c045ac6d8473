// ADC of the RP2040 (datasheet 4.9), in place of the package's: free-running round robin with
// exact spacing, the four-entry FIFO, its threshold, and the request to the DMA.
//
// A conversion takes 96 cycles of the 48 MHz clock. It holds the input at its start, and the
// converter is asked for the input at that simulated time, so the delay from channel to channel is
// the real one.
import { BasePeripheral } from 'rp2040js';

const CS = 0x00;
const RESULT = 0x04;
const FCS = 0x08;
const FIFO = 0x0c;
const DIV = 0x10;
const INTR = 0x14;
const INTE = 0x18;
const INTF = 0x1c;
const INTS = 0x20;

const CS_EN = 1 << 0;
const CS_START_ONCE = 1 << 2;
const CS_START_MANY = 1 << 3;
const CS_READY = 1 << 8;
const CS_STORED = 0x0b; // EN, TS_EN, START_MANY
const AINSEL_SHIFT = 12;
const RROBIN_SHIFT = 16;
const FCS_EN = 1 << 0;
const FCS_SHIFT = 1 << 1;
const FCS_DREQ_EN = 1 << 3;
const FCS_EMPTY = 1 << 8;
const FCS_FULL = 1 << 9;
const FCS_UNDER = 1 << 10;
const FCS_OVER = 1 << 11;
const FCS_STORED = 0x0f00000f;
const LEVEL_SHIFT = 16;
const THRESHOLD_SHIFT = 24;

const DEPTH = 4;
const INPUTS = 5;
const TICK_NANOS = 1e9 / 48e6;
const CONVERSION_TICKS = 96;
const CONVERSION_NANOS = CONVERSION_TICKS * TICK_NANOS;
const IRQ_ADC = 22;
const DREQ_ADC = 36;

export class Adc extends BasePeripheral {
  /**
   * @param {object} chip
   * @param {string} name
   * @param {import('./converter.mjs').Converter} converter
   * @param {number} baseNanos simulated time at which the chip's clock reads 0
   */
  constructor(chip, name, converter, baseNanos) {
    super(chip, name);
    this.converter = converter;
    this.baseNanos = baseNanos;
    this.fifo = new Uint16Array(DEPTH);
    this.alarm = chip.clock.createAlarm(() => this.converted());
    this.conversions = 0;
    this.reset();
  }

  reset() {
    this.alarm.cancel();
    this.control = 0;
    this.channel = 0;
    this.roundRobin = 0;
    this.fifoControl = 0;
    this.sticky = 0; // UNDER and OVER
    this.divider = 0;
    this.result = 0;
    this.interruptEnable = 0;
    this.interruptForce = 0;
    this.first = 0; // oldest FIFO entry
    this.used = 0;
    this.start = 0; // of the conversion under way or due next
    this.holdNanos = 0; // when its input was held
    this.update();
  }

  /** Nanoseconds from one free-running conversion to the next: 1 + INT + FRAC / 256 ticks. */
  get periodNanos() {
    const ticks = this.divider === 0 ? 0 : 1 + this.divider / 256;
    return Math.max(ticks, CONVERSION_TICKS) * TICK_NANOS;
  }

  get threshold() {
    return (this.fifoControl >>> THRESHOLD_SHIFT) & 0xf;
  }

  get interruptRaw() {
    return this.used >= this.threshold ? 1 : 0;
  }

  get interruptStatus() {
    return (this.interruptRaw & this.interruptEnable) | this.interruptForce;
  }

  /** Carries the FIFO level to the interrupt and request lines. */
  update() {
    this.rp2040.setInterrupt(IRQ_ADC, this.interruptStatus !== 0);
    const request = (this.fifoControl & FCS_DREQ_EN) !== 0 && this.used >= this.threshold &&
      this.used > 0;
    if (request) this.rp2040.dma.setDREQ(DREQ_ADC);
    else this.rp2040.dma.clearDREQ(DREQ_ADC);
  }

  /** Begins a conversion; `start` may lie a little back, so that the spacing never drifts. */
  begin(start) {
    this.start = start;
    if (this.converter.skew || this.isFirstOfSet()) this.holdNanos = start;
    this.alarm.scheduleAt(start + CONVERSION_NANOS);
  }

  /** True at the lowest channel of the round robin (with it off: always). */
  isFirstOfSet() {
    return this.roundRobin === 0 || (this.roundRobin & ((1 << this.channel) - 1)) === 0;
  }

  /** The end of a conversion: result, FIFO, next channel, next start. */
  converted() {
    this.conversions += 1;
    this.result = this.converter.code(this.channel, this.baseNanos + this.holdNanos);
    if (this.fifoControl & FCS_EN) this.push(this.result);
    if (this.roundRobin !== 0) this.channel = this.nextChannel();
    if (this.control & CS_START_MANY) this.begin(this.start + this.periodNanos);
  }

  nextChannel() {
    let channel = this.channel;
    do channel = (channel + 1) % INPUTS; while ((this.roundRobin & (1 << channel)) === 0);
    return channel;
  }

  push(code) {
    if (this.used === DEPTH) {
      this.sticky |= FCS_OVER;
      return;
    }
    this.fifo[(this.first + this.used) % DEPTH] = this.fifoControl & FCS_SHIFT ? code >> 4 : code;
    this.used += 1;
    this.update();
  }

  pull() {
    if (this.used === 0) {
      this.sticky |= FCS_UNDER;
      return 0;
    }
    const code = this.fifo[this.first];
    this.first = (this.first + 1) % DEPTH;
    this.used -= 1;
    this.update();
    return code;
  }

  /** True while an input is being converted, not while a free run waits for its next start. */
  get busy() {
    return this.alarm.scheduled && this.rp2040.clock.nanos >= this.start;
  }

  get controlWord() {
    return this.control | (this.busy ? 0 : CS_READY) | (this.channel << AINSEL_SHIFT) |
      (this.roundRobin << RROBIN_SHIFT);
  }

  get fifoWord() {
    return this.fifoControl | this.sticky | (this.used << LEVEL_SHIFT) |
      (this.used === 0 ? FCS_EMPTY : 0) | (this.used === DEPTH ? FCS_FULL : 0);
  }

  readUint32(address) {
    switch (address & 0xfff) {
      case CS: return this.controlWord;
      case RESULT: return this.result;
      case FCS: return this.fifoWord;
      case FIFO: return this.pull();
      case DIV: return this.divider;
      case INTR: return this.interruptRaw;
      case INTE: return this.interruptEnable;
      case INTF: return this.interruptForce;
      case INTS: return this.interruptStatus;
      default: return 0;
    }
  }

  writeUint32(offset, value) {
    switch (offset) {
      case CS: return this.writeControl(value);
      case FCS: return this.writeFifoControl(value);
      case DIV: this.divider = value & 0xffffff; return;
      case INTE: this.interruptEnable = value & 1; break;
      case INTF: this.interruptForce = value & 1; break;
      default: return;
    }
    this.update();
  }

  /** Stopping a free run lets the conversion under way end; disabling stops at once. */
  writeControl(value) {
    this.channel = (value >>> AINSEL_SHIFT) & 7;
    this.roundRobin = (value >>> RROBIN_SHIFT) & 0x1f;
    this.control = value & CS_STORED;
    const run = (value & CS_START_MANY) !== 0;
    if ((value & CS_EN) === 0 || (!run && !this.busy)) this.alarm.cancel();
    const wanted = run || (value & CS_START_ONCE) !== 0;
    if ((value & CS_EN) !== 0 && wanted && !this.alarm.scheduled) {
      this.begin(this.rp2040.clock.nanos);
    }
  }

  /** UNDER and OVER clear when written 1. */
  writeFifoControl(value) {
    this.sticky &= ~(this.rawWriteValue & (FCS_UNDER | FCS_OVER));
    this.fifoControl = value & FCS_STORED;
    this.update();
  }
}
