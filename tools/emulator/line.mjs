// One direction of an asynchronous serial line, as levels over time, and a receiver that samples
// it. Both ends of both UARTs use it, so a mismatch of baud rate or format gives the very bits
// and errors that the mismatched receiver would see.
//
// A character: start bit 0, data bits low first, parity bit if any, one or two stop bits 1.

/**
 * @typedef {{baud: number, bits: number, parity: 'none'|'even'|'odd', stops: number}} Format
 */

const ones = (value) => {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count += 1;
  return count;
};

/** @returns {0|1} the parity bit of `value` */
export function parityBit(value, parity) {
  return (ones(value) & 1) ^ (parity === 'odd' ? 1 : 0);
}

/** Bits on the line per character, start and stop bits included. @param {Format} format */
export function characterBits(format) {
  return 1 + format.bits + (format.parity === 'none' ? 0 : 1) + format.stops;
}

/** The levels of a character as a bit string: bit 0 = start bit; all ones from the stop bit on. */
export function characterLevels(value, format) {
  const data = value & ((1 << format.bits) - 1);
  const withParity = format.parity === 'none' ? data
    : data | (parityBit(data, format.parity) << format.bits);
  const stopAt = format.bits + (format.parity === 'none' ? 0 : 1);
  return (withParity | (-1 << stopAt)) << 1;
}

/** The line between two ends: characters on it with their times; idle level 1. */
export class Wire {
  constructor() {
    this.characters = [];
  }

  /**
   * Puts one character on the line.
   * @param {number} start nanos of the leading edge @param {number} value @param {Format} format
   * @returns {number} nanos at which its last stop bit ends
   */
  put(start, value, format) {
    const bitNanos = 1e9 / format.baud;
    const count = characterBits(format);
    const end = start + count * bitNanos;
    const levels = characterLevels(value, format);
    this.characters.push({ start, end, bitNanos, count, levels });
    return end;
  }

  /** @returns {0|1} the level at a time; beyond the levels of a character the line is 1 */
  level(nanos) {
    for (let i = this.characters.length - 1; i >= 0; i--) {
      const it = this.characters[i];
      if (nanos >= it.start && nanos < it.end) {
        return (it.levels >>> Math.floor((nanos - it.start) / it.bitNanos)) & 1;
      }
    }
    return 1;
  }

  /** The first falling edge at or after `from`; Infinity when none is known yet. */
  fallingEdge(from) {
    for (const it of this.characters) {
      if (it.end <= from) continue;
      for (let n = 0, above = 1; n < it.count; n++) {
        const level = (it.levels >>> n) & 1;
        const edge = it.start + n * it.bitNanos;
        if (above === 1 && level === 0 && edge >= from) return edge;
        above = level;
      }
    }
    return Infinity;
  }

  /** Forgets what ended before `nanos`. */
  forget(nanos) {
    while (this.characters.length > 0 && this.characters[0].end <= nanos) this.characters.shift();
  }
}

/**
 * What a receiver makes of the line after a falling edge: a sample in the middle of each bit.
 * @param {Wire} wire @param {number} edge @param {Format} format
 * @returns {{data: number, parityError: boolean, framingError: boolean, breakError: boolean}|null}
 *   null when the start bit is not low any more in its middle (a glitch)
 */
export function sampleCharacter(wire, edge, format) {
  const bitNanos = 1e9 / format.baud;
  const sample = (n) => wire.level(edge + (n + 0.5) * bitNanos);
  if (sample(0) !== 0) return null;
  let data = 0;
  for (let i = 0; i < format.bits; i++) data |= sample(1 + i) << i;
  const hasParity = format.parity !== 'none';
  const parity = hasParity ? sample(1 + format.bits) : 0;
  const framingError = sample(1 + format.bits + (hasParity ? 1 : 0)) === 0;
  return {
    data,
    parityError: hasParity && parity !== parityBit(data, format.parity),
    framingError,
    breakError: framingError && data === 0 && parity === 0,
  };
}

/** Follows a wire: waits for a start edge, samples, hands the character over, and so on. */
export class Receiver {
  /**
   * @param {import('./clock.mjs').SimClock} clock
   * @param {Wire} wire
   * @param {() => Format} format asked at each start edge
   * @param {(character: object) => void} deliver called in the middle of the first stop bit
   */
  constructor(clock, wire, format, deliver) {
    this.clock = clock;
    this.wire = wire;
    this.format = format;
    this.deliver = deliver;
    this.edge = -1; // start edge of the character under way; -1 while idle
    this.alarm = clock.createAlarm(() => this.finish());
  }

  /** To be called when a character was put on the wire. */
  notice() {
    if (this.edge < 0) this.waitForEdge(this.clock.nanos);
  }

  waitForEdge(from) {
    const edge = this.wire.fallingEdge(from);
    if (edge === Infinity) {
      this.edge = -1;
      return;
    }
    this.edge = edge;
    this.current = this.format();
    this.alarm.scheduleAt(edge + this.lastSample() * (1e9 / this.current.baud));
  }

  /** Bit times from the start edge to the middle of the first stop bit. */
  lastSample() {
    const { bits, parity } = this.current;
    return 1.5 + bits + (parity === 'none' ? 0 : 1);
  }

  finish() {
    const bitNanos = 1e9 / this.current.baud;
    const character = sampleCharacter(this.wire, this.edge, this.current);
    const looked = character === null ? this.edge + 0.5 * bitNanos : this.clock.nanos;
    this.wire.forget(looked);
    this.edge = -1;
    if (character !== null) this.deliver(character);
    this.waitForEdge(looked);
  }
}
