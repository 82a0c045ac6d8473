// The other end of a serial line: it has a line format of its own, sends what the door gives it,
// character by character at line speed, and hands what it hears back to the door.
import { Receiver } from './line.mjs';

const US = 1000;
/** Before the board has ever set its UART there is nothing to follow. */
const DEFAULT_FORMAT = { baud: 300, bits: 7, parity: 'even', stops: 1 };

export class FarEnd {
  /** @param {(bytes: Uint8Array) => void} deliver what this end heard, data bits only */
  constructor(deliver) {
    this.deliver = deliver;
    this.fixed = null;
    this.last = DEFAULT_FORMAT;
    this.queue = [];
    this.errors = 0; // parity and framing errors that this end saw
    /** Says whether the board drives the line now; RS-485 has an enable pin for that. */
    this.driven = () => true;
    this.undriven = 0; // characters lost because it did not
    this.startDriven = true;
    this.times = { last_rx_end_us: null, first_tx_start_us: null, last_tx_end_us: null };
    this.uart = null;
  }

  /**
   * Joins the UART of a board that was just powered.
   * @param {import('./uart.mjs').Uart} uart
   * @param {number} baseNanos simulated time at which its clock reads 0
   */
  attach(uart, baseNanos) {
    this.uart = uart;
    this.baseNanos = baseNanos;
    this.sending = false;
    this.sendAlarm = uart.clock.createAlarm(() => this.sent());
    this.receiver = new Receiver(uart.clock, uart.outgoing, () => this.format,
      (character) => this.heard(character));
    uart.onStart = (start) => this.started(start);
    uart.onSent = (end) => { this.times.last_tx_end_us = this.micros(end); };
    this.startNext();
  }

  /** Power is off: what this end still sends is heard by nobody. */
  detach() {
    this.uart = null;
    this.queue.length = 0;
  }

  /** Nothing is on the line or about to be, in either direction. */
  get silent() {
    return this.uart === null || (!this.sending && this.queue.length === 0 && !this.uart.sending);
  }

  micros(nanos) {
    return (this.baseNanos + nanos) / US;
  }

  /** The fixed format, else the UART's own, else the last one it had. */
  get format() {
    if (this.fixed !== null) return this.fixed;
    if (this.uart !== null && this.uart.enabled) this.last = this.uart.format;
    return this.last;
  }

  /** @param {Uint8Array} bytes to be sent; bits beyond the format's data bits do not go out */
  send(bytes) {
    if (this.uart === null) return;
    for (const byte of bytes) this.queue.push(byte);
    this.startNext();
  }

  startNext() {
    if (this.sending || this.queue.length === 0) return;
    this.sending = true;
    this.sendAlarm.scheduleAt(this.uart.hear(this.queue.shift(), this.format));
  }

  sent() {
    this.sending = false;
    this.times.last_rx_end_us = this.micros(this.uart.clock.nanos);
    this.times.first_tx_start_us = null;
    this.startNext();
  }

  started(start) {
    this.startDriven = this.driven();
    if (this.times.first_tx_start_us === null) this.times.first_tx_start_us = this.micros(start);
    this.receiver.notice();
  }

  /** In the middle of the stop bit: from here on an undriven line looks the same. */
  heard({ data, parityError, framingError }) {
    if (!this.startDriven || !this.driven()) {
      this.undriven += 1;
      return;
    }
    if (parityError || framingError) this.errors += 1;
    this.deliver(Uint8Array.of(data));
  }
}
