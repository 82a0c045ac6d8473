// DMA controller of the RP2040 (datasheet 2.5), in place of the package's.
//
// A channel moves one datum per request. A peripheral's request line is a level: while it is up,
// an active channel on it moves data at once; unpaced channels move one datum per system clock in
// small bursts; the four pacing timers give X/Y of the system clock.
import { BasePeripheral } from 'rp2040js';

const CHANNELS = 12;
const TREQ_TIMER0 = 59;
const TREQ_PERMANENT = 63;
const BURST = 64; // unpaced data moved per alarm; time is charged for each of them

// CTRL bits
const EN = 1 << 0;
const DATA_SIZE_SHIFT = 2;
const INCR_READ = 1 << 4;
const INCR_WRITE = 1 << 5;
const RING_SIZE_SHIFT = 6;
const RING_SEL = 1 << 10;
const CHAIN_TO_SHIFT = 11;
const TREQ_SHIFT = 15;
const IRQ_QUIET = 1 << 21;
const BSWAP = 1 << 22;
const BUSY = 1 << 24;
const ERRORS = (1 << 29) | (1 << 30); // write 1 to clear
const CTRL_WRITABLE = 0xffffff;

// The four aliases of a channel's registers; the last column starts the channel.
const READ = 0;
const WRITE = 1;
const COUNT = 2;
const CTRL = 3;
const LAYOUT = [
  [READ, WRITE, COUNT, CTRL],
  [CTRL, READ, WRITE, COUNT],
  [CTRL, COUNT, READ, WRITE],
  [CTRL, WRITE, COUNT, READ],
];

// Controller registers
const INTR = 0x400;
const INTE0 = 0x404;
const INTF0 = 0x408;
const INTS0 = 0x40c;
const INTE1 = 0x414;
const INTF1 = 0x418;
const INTS1 = 0x41c;
const TIMER0 = 0x420;
const TIMER3 = 0x42c;
const MULTI_CHAN_TRIGGER = 0x430;
const CHAN_ABORT = 0x444;
const N_CHANNELS = 0x448;
const IRQ_DMA0 = 11;

function swap(value, size) {
  if (size === 2) return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
  if (size === 4) {
    return ((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) |
      (value >>> 24);
  }
  return value;
}

class Channel {
  constructor(dma, index) {
    this.dma = dma;
    this.index = index;
    this.alarm = dma.rp2040.clock.createAlarm(() => this.paced());
    this.reset();
  }

  reset() {
    this.read = 0;
    this.write = 0;
    this.count = 0; // transfers left
    this.reload = 0; // what COUNT takes when the channel starts
    this.alarm.cancel();
    this.setControl(this.index << CHAIN_TO_SHIFT, true);
  }

  get active() {
    return (this.ctrl & (EN | BUSY)) === (EN | BUSY);
  }

  /** Takes a CTRL word apart once, so that a transfer does not have to. */
  setControl(value, fresh = false) {
    const kept = fresh ? 0 : this.ctrl & ~CTRL_WRITABLE & ~(value & ERRORS);
    this.ctrl = kept | (value & CTRL_WRITABLE);
    this.size = [1, 2, 4, 1][(value >>> DATA_SIZE_SHIFT) & 3];
    this.treq = (value >>> TREQ_SHIFT) & 0x3f;
    this.chainTo = (value >>> CHAIN_TO_SHIFT) & 0xf;
    const ringBits = (value >>> RING_SIZE_SHIFT) & 0xf;
    const ring = ringBits === 0 ? -1 : (1 << ringBits) - 1;
    this.readStep = value & INCR_READ ? this.size : 0;
    this.writeStep = value & INCR_WRITE ? this.size : 0;
    this.readRing = value & RING_SEL ? -1 : ring;
    this.writeRing = value & RING_SEL ? ring : -1;
  }

  /** A trigger: takes the reload count and runs; a busy or disabled channel ignores it. */
  start() {
    if ((this.ctrl & EN) === 0 || (this.ctrl & BUSY) !== 0) return;
    this.ctrl |= BUSY;
    this.count = this.reload;
    if (this.count === 0) this.finish();
    else this.resume();
  }

  resume() {
    if (!this.active) return;
    if (this.treq < TREQ_TIMER0) this.dma.serve(this);
    else this.schedule();
  }

  /** An unpaced or timer-paced channel: when the next data is due. */
  schedule() {
    const period = this.dma.periodNanos(this.treq);
    if (period === 0) return;
    this.burst = this.treq === TREQ_PERMANENT ? Math.min(this.count, BURST) : 1;
    this.alarm.schedule(period * this.burst);
  }

  paced() {
    for (let n = this.burst; n > 0 && this.active; n--) this.transfer();
    if (this.active) this.schedule();
  }

  abort() {
    this.ctrl &= ~BUSY;
    this.alarm.cancel();
  }

  transfer() {
    this.move();
    const { readStep, writeStep } = this;
    if (readStep !== 0) this.read = this.step(this.read, readStep, this.readRing);
    if (writeStep !== 0) this.write = this.step(this.write, writeStep, this.writeRing);
    this.count -= 1;
    if (this.count === 0) this.finish();
  }

  step(address, size, ring) {
    const next = address + size;
    return ring === -1 ? next >>> 0 : ((address & ~ring) | (next & ring)) >>> 0;
  }

  move() {
    const chip = this.dma.rp2040;
    const { read, write, size } = this;
    let value = size === 2 ? chip.readUint16(read)
      : size === 4 ? chip.readUint32(read) : chip.readUint8(read);
    if (this.ctrl & BSWAP) value = swap(value, size);
    if (size === 2) chip.writeUint16(write, value);
    else if (size === 4) chip.writeUint32(write, value);
    else chip.writeUint8(write, value);
  }

  finish() {
    this.ctrl &= ~BUSY;
    if ((this.ctrl & IRQ_QUIET) === 0) this.dma.raise(this.index);
    if (this.chainTo !== this.index) this.dma.channels[this.chainTo]?.start();
  }

  readRegister(offset) {
    switch (LAYOUT[offset >> 4][(offset >> 2) & 3]) {
      case READ: return this.read;
      case WRITE: return this.write;
      case COUNT: return this.count;
      default: return this.ctrl;
    }
  }

  writeRegister(offset, value) {
    switch (LAYOUT[offset >> 4][(offset >> 2) & 3]) {
      case READ: this.read = value >>> 0; break;
      case WRITE: this.write = value >>> 0; break;
      case COUNT: this.reload = value >>> 0; break;
      default: this.writeControl(value);
    }
    if (((offset >> 2) & 3) === 3) this.trigger(value);
  }

  /** Enabling a channel that is in the middle of its work lets it go on; disabling pauses it. */
  writeControl(value) {
    const ran = this.active;
    this.setControl(value);
    if (!this.active) this.alarm.cancel();
    else if (!ran) this.resume();
  }

  /** Zero written to a trigger register is a null trigger: no start, but an IRQ when quiet. */
  trigger(value) {
    if (value !== 0) this.start();
    else if (this.ctrl & IRQ_QUIET) this.dma.raise(this.index);
  }
}

export class Dma extends BasePeripheral {
  constructor(chip, name) {
    super(chip, name);
    this.requests = new Uint8Array(64); // level of each request line
    this.channels = [];
    for (let i = 0; i < CHANNELS; i++) this.channels.push(new Channel(this, i));
    this.clear();
  }

  reset() {
    for (const channel of this.channels) channel.reset();
    this.clear();
  }

  clear() {
    this.raw = 0;
    this.enable = [0, 0];
    this.force = [0, 0];
    this.timers = [0, 0, 0, 0];
    this.update();
  }

  /** A request line went up (names as the package's peripherals call them). */
  setDREQ(line) {
    if (this.requests[line] !== 0) return;
    this.requests[line] = 1;
    for (const channel of this.channels) {
      if (channel.treq === line && channel.active) this.serve(channel);
    }
  }

  clearDREQ(line) {
    this.requests[line] = 0;
  }

  /** Moves data while the channel's request line stays up. */
  serve(channel) {
    while (this.requests[channel.treq] !== 0 && channel.active) channel.transfer();
  }

  /** Nanoseconds per datum of a pacing timer (X/Y of the system clock) or of no pacing at all. */
  periodNanos(treq) {
    const cycle = 1e9 / this.rp2040.clkSys;
    if (treq === TREQ_PERMANENT) return cycle;
    const timer = this.timers[treq - TREQ_TIMER0];
    const x = timer >>> 16;
    const y = timer & 0xffff;
    return x === 0 ? 0 : (cycle * y) / x;
  }

  raise(index) {
    this.raw |= 1 << index;
    this.update();
  }

  status(n) {
    return (this.raw & this.enable[n]) | this.force[n];
  }

  update() {
    this.rp2040.setInterrupt(IRQ_DMA0, this.status(0) !== 0);
    this.rp2040.setInterrupt(IRQ_DMA0 + 1, this.status(1) !== 0);
  }

  readUint32(address) {
    const offset = address & 0xfff;
    if (offset < CHANNELS * 0x40) return this.channels[offset >> 6].readRegister(offset & 0x3f);
    if (offset >= TIMER0 && offset <= TIMER3) return this.timers[(offset - TIMER0) >> 2];
    switch (offset) {
      case INTR: return this.raw;
      case INTE0: return this.enable[0];
      case INTF0: return this.force[0];
      case INTS0: return this.status(0);
      case INTE1: return this.enable[1];
      case INTF1: return this.force[1];
      case INTS1: return this.status(1);
      case N_CHANNELS: return CHANNELS;
      default: return 0;
    }
  }

  writeUint32(offset, value) {
    if (offset < CHANNELS * 0x40) {
      this.channels[offset >> 6].writeRegister(offset & 0x3f, value);
    } else if (offset >= TIMER0 && offset <= TIMER3) {
      this.timers[(offset - TIMER0) >> 2] = value >>> 0;
    } else {
      this.writeControl(offset, value);
    }
  }

  writeControl(offset, value) {
    switch (offset) {
      case INTR: case INTS0: case INTS1: this.raw &= ~this.rawWriteValue; break;
      case INTE0: this.enable[0] = value & 0xffff; break;
      case INTF0: this.force[0] = value & 0xffff; break;
      case INTE1: this.enable[1] = value & 0xffff; break;
      case INTF1: this.force[1] = value & 0xffff; break;
      case MULTI_CHAN_TRIGGER: this.each(value, (channel) => channel.start()); break;
      case CHAN_ABORT: this.each(value, (channel) => channel.abort()); break;
      default:
    }
    this.update();
  }

  each(bits, act) {
    for (const channel of this.channels) if (bits & (1 << channel.index)) act(channel);
  }
}
