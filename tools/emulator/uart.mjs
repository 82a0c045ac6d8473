// PL011 UART of the RP2040 (Arm DDI 0183, RP2040 datasheet 4.2), with true character times.
//
// The package's own model sends at once and knows no FIFO levels or errors. Here characters are
// shifted in and out on the simulated clock, in the format that LCR_H holds when each one starts.
import { BasePeripheral } from 'rp2040js';
import { Receiver, Wire, characterBits } from './line.mjs';

const DR = 0x00;
const RSR = 0x04;
const FR = 0x18;
const IBRD = 0x24;
const FBRD = 0x28;
const LCR_H = 0x2c;
const CR = 0x30;
const IFLS = 0x34;
const IMSC = 0x38;
const RIS = 0x3c;
const MIS = 0x40;
const ICR = 0x44;
const DMACR = 0x48;
const PERIPHERAL_ID = 0xfe0; // eight bytes, one per word
const ID_BYTES = [0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1];

const FR_BUSY = 1 << 3;
const FR_RXFE = 1 << 4;
const FR_TXFF = 1 << 5;
const FR_RXFF = 1 << 6;
const FR_TXFE = 1 << 7;
const LCR_PEN = 1 << 1;
const LCR_EPS = 1 << 2;
const LCR_STP2 = 1 << 3;
const LCR_FEN = 1 << 4;
const CR_UARTEN = 1 << 0;
const CR_TXE = 1 << 8;
const CR_RXE = 1 << 9;
const CR_RESET = CR_TXE | CR_RXE;
const INT_RX = 1 << 4;
const INT_TX = 1 << 5;
const INT_RT = 1 << 6;
const INT_FE = 1 << 7;
const INT_PE = 1 << 8;
const INT_BE = 1 << 9;
const INT_OE = 1 << 10;
const DR_FE = 1 << 8;
const DR_PE = 1 << 9;
const DR_BE = 1 << 10;
const DR_OE = 1 << 11;
const DMA_RX = 1 << 0;
const DMA_TX = 1 << 1;
const DEPTH = 32;
const LEVELS = [4, 8, 16, 24, 28]; // IFLS codes: 1/8, 1/4, 1/2, 3/4, 7/8 of the FIFO
const TIMEOUT_BITS = 32;

export class Uart extends BasePeripheral {
  /**
   * @param {object} chip the package's RP2040
   * @param {string} name
   * @param {{irq: number, rxDreq: number, txDreq: number}} lines
   */
  constructor(chip, name, lines) {
    super(chip, name);
    this.lines = lines;
    this.clock = chip.clock;
    /** Called with the start time (ns) of each character sent, and with its end, last stop bit. */
    this.onStart = () => {};
    this.onSent = () => {};
    // Since power came on; a reset of the peripheral does not touch the observer's counts.
    this.counts = {
      rx: 0, tx: 0, overruns: 0, parity_errors: 0, framing_errors: 0, breaks: 0,
    };
    this.outgoing = new Wire();
    this.incoming = new Wire();
    this.receiver = new Receiver(this.clock, this.incoming, () => this.format,
      (character) => this.received(character));
    this.shiftAlarm = this.clock.createAlarm(() => this.shifted());
    this.timeoutAlarm = this.clock.createAlarm(() => this.raise(INT_RT));
    this.reset();
  }

  reset() {
    this.control = CR_RESET;
    this.lineControl = 0;
    this.intDivisor = 0;
    this.fracDivisor = 0;
    this.divisor = 0; // latched by a write to LCR_H
    this.fifoLevels = 0x12;
    this.mask = 0;
    this.raw = 0;
    this.dmaControl = 0;
    this.status = 0;
    this.rx = [];
    this.tx = [];
    this.overrun = false;
    this.shifting = false;
    this.shiftAlarm.cancel();
    this.timeoutAlarm.cancel();
    this.update();
  }

  get enabled() {
    return (this.control & CR_UARTEN) !== 0 && this.divisor > 0;
  }

  /** The format of the next character. @returns {import('./line.mjs').Format} */
  get format() {
    const { lineControl } = this;
    return {
      baud: this.divisor > 0 ? this.rp2040.clkPeri / (16 * this.divisor) : 0,
      bits: 5 + ((lineControl >>> 5) & 3),
      parity: (lineControl & LCR_PEN) === 0 ? 'none' : lineControl & LCR_EPS ? 'even' : 'odd',
      stops: lineControl & LCR_STP2 ? 2 : 1,
    };
  }

  get depth() {
    return this.lineControl & LCR_FEN ? DEPTH : 1;
  }

  get txTrigger() {
    return this.depth === 1 ? 0 : LEVELS[this.fifoLevels & 7] ?? DEPTH / 2;
  }

  get rxTrigger() {
    return this.depth === 1 ? 1 : LEVELS[(this.fifoLevels >>> 3) & 7] ?? DEPTH / 2;
  }

  get sending() {
    return this.shifting || this.tx.length > 0;
  }

  get flags() {
    return (this.sending ? FR_BUSY : 0) |
      (this.rx.length === 0 ? FR_RXFE : 0) |
      (this.tx.length >= this.depth ? FR_TXFF : 0) |
      (this.rx.length >= this.depth ? FR_RXFF : 0) |
      (this.tx.length === 0 ? FR_TXFE : 0);
  }

  raise(bits) {
    this.raw |= bits;
    this.update();
  }

  /** Carries the state to the interrupt and DMA request lines. */
  update() {
    const { rp2040, lines, dmaControl } = this;
    rp2040.setInterrupt(lines.irq, (this.raw & this.mask) !== 0);
    this.request(lines.rxDreq, (dmaControl & DMA_RX) !== 0 && this.rx.length > 0);
    this.request(lines.txDreq, (dmaControl & DMA_TX) !== 0 && this.tx.length < this.depth);
  }

  request(dreq, wanted) {
    if (wanted) this.rp2040.dma.setDREQ(dreq);
    else this.rp2040.dma.clearDREQ(dreq);
  }

  // Sending

  /** A write to DR; a character too many is lost, as in the hardware. */
  queue(value) {
    if (this.tx.length >= this.depth) return;
    this.tx.push(value);
    if (this.tx.length > this.txTrigger) this.raw &= ~INT_TX;
    this.startShift();
    this.update();
  }

  startShift() {
    const ready = this.enabled && (this.control & CR_TXE) !== 0;
    if (this.shifting || !ready || this.tx.length === 0) return;
    const value = this.tx.shift();
    if (this.tx.length === this.txTrigger) this.raw |= INT_TX;
    this.shifting = true;
    const start = this.clock.nanos;
    const end = this.outgoing.put(start, value, this.format);
    this.onStart(start);
    this.shiftAlarm.scheduleAt(end);
  }

  shifted() {
    this.shifting = false;
    this.counts.tx += 1;
    this.onSent(this.clock.nanos);
    this.startShift();
    this.update();
  }

  // Receiving

  /** A character of the other end goes on the line now. @returns {number} its end, ns */
  hear(value, format) {
    if (!this.enabled || (this.control & CR_RXE) === 0) {
      return this.clock.nanos + characterBits(format) * (1e9 / format.baud);
    }
    const end = this.incoming.put(this.clock.nanos, value, format);
    this.receiver.notice();
    return end;
  }

  received({ data, parityError, framingError, breakError }) {
    if (!this.enabled || (this.control & CR_RXE) === 0) return;
    this.counts.rx += 1;
    this.counts.parity_errors += parityError ? 1 : 0;
    this.counts.framing_errors += framingError ? 1 : 0;
    this.counts.breaks += breakError ? 1 : 0;
    this.raw |= (parityError ? INT_PE : 0) | (framingError ? INT_FE : 0) |
      (breakError ? INT_BE : 0);
    this.store(data | (parityError ? DR_PE : 0) | (framingError ? DR_FE : 0) |
      (breakError ? DR_BE : 0));
    this.timeoutAlarm.schedule(TIMEOUT_BITS * (1e9 / this.format.baud));
    this.update();
  }

  store(entry) {
    if (this.rx.length >= this.depth) {
      this.overrun = true;
      this.counts.overruns += 1;
      this.raw |= INT_OE;
      return;
    }
    this.rx.push(this.overrun ? entry | DR_OE : entry);
    this.overrun = false;
    if (this.rx.length === this.rxTrigger) this.raw |= INT_RX;
  }

  take() {
    const entry = this.rx.length > 0 ? this.rx.shift() : 0;
    this.status = (entry >>> 8) & 0xf;
    if (this.rx.length < this.rxTrigger) this.raw &= ~INT_RX;
    if (this.rx.length === 0) {
      this.raw &= ~INT_RT;
      this.timeoutAlarm.cancel();
    }
    this.update();
    return entry;
  }

  // Registers

  readUint32(address) {
    const offset = address & 0xfff;
    switch (offset) {
      case DR: return this.take();
      case RSR: return this.status;
      case FR: return this.flags;
      case IBRD: return this.intDivisor;
      case FBRD: return this.fracDivisor;
      case LCR_H: return this.lineControl;
      case CR: return this.control;
      case IFLS: return this.fifoLevels;
      case IMSC: return this.mask;
      case RIS: return this.raw;
      case MIS: return this.raw & this.mask;
      case ICR: return 0;
      case DMACR: return this.dmaControl;
      default:
        return offset >= PERIPHERAL_ID ? ID_BYTES[(offset - PERIPHERAL_ID) >> 2] : 0;
    }
  }

  writeUint32(offset, value) {
    switch (offset) {
      case DR: return this.queue(value & 0xff);
      case RSR: this.status = 0; return;
      case IBRD: this.intDivisor = value & 0xffff; return;
      case FBRD: this.fracDivisor = value & 0x3f; return;
      case LCR_H: return this.writeLineControl(value & 0xff);
      case CR: return this.writeControl(value & 0xffff);
      case IFLS: this.fifoLevels = value & 0x3f; return;
      case IMSC: this.mask = value & 0x7ff; return this.update();
      case ICR: this.raw &= ~value; return this.update();
      case DMACR: this.dmaControl = value & 7; return this.update();
      default:
    }
  }

  /** Also latches the divisor (DDI 0183, 3.3.6) and, with FEN low, empties the FIFOs. */
  writeLineControl(value) {
    this.lineControl = value;
    this.divisor = this.intDivisor + this.fracDivisor / 64;
    if ((value & LCR_FEN) === 0) {
      this.rx.length = 0;
      this.tx.length = 0;
      this.timeoutAlarm.cancel();
    }
    this.update();
  }

  writeControl(value) {
    this.control = value;
    this.startShift();
    this.update();
  }
}
