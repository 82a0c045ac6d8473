// The flash chip: 2 MB of bytes, a file behind them, the time its operations take, and a power
// switch that can fall before, in the middle of, or after any operation.
import fs from 'node:fs';

export const SECTOR = 4096;
export const PAGE = 256;
const ERASE_NANOS = 45e6; // typical 4 KB sector erase of the Pico's W25Q16JV
const PROGRAM_NANOS = 0.7e6; // typical 256-byte page program
const PHASES = ['before', 'middle', 'after'];

/** Thrown out of a ROM call when the plan cuts the power there. */
export class PowerCut extends Error {}

export class Flash {
  /**
   * @param {number} size bytes
   * @param {{charged?: boolean}} options charged: operations take their time on the clock
   */
  constructor(size, { charged = true } = {}) {
    this.bytes = new Uint8Array(size).fill(0xff);
    this.charged = charged;
    this.erases = 0; // sectors
    this.programs = 0; // pages
    this.erasesInFrames = 0; // sectors, while a serial line carried something
    /** Says whether a serial line carries something. */
    this.inFrame = () => false;
    this.plan = null;
    this.fd = -1;
    /** Called with (start, end) after the bytes of a range changed. */
    this.onChange = () => {};
  }

  /** Operations so far: one per sector erased and one per page programmed. */
  get operations() {
    return this.erases + this.programs;
  }

  /** Opens (or creates) the file behind the flash and takes its content. @param {string} path */
  open(path) {
    this.fd = fs.openSync(path, fs.existsSync(path) ? 'r+' : 'w+');
    fs.readSync(this.fd, this.bytes, 0, this.bytes.length, 0);
    this.save(0, this.bytes.length);
  }

  close() {
    if (this.fd >= 0) fs.closeSync(this.fd);
    this.fd = -1;
  }

  /** Puts an image at an offset as a programmer would: no time, no operation counted. */
  load(image, offset = 0) {
    this.bytes.set(image, offset);
    this.changed(offset, offset + image.length);
  }

  save(start, end) {
    if (this.fd >= 0) fs.writeSync(this.fd, this.bytes, start, end - start, start);
  }

  changed(start, end) {
    this.save(start, end);
    this.onChange(start, end);
  }

  /**
   * Plans a power cut at the n-th operation from now (1 is the next one).
   * @param {number} n @param {'before'|'middle'|'after'} phase
   */
  cutAt(n, phase = 'middle') {
    if (!Number.isInteger(n) || n < 1) throw new RangeError('flash_op is a whole number from 1');
    if (!PHASES.includes(phase)) throw new RangeError(`phase is one of ${PHASES.join(', ')}`);
    this.plan = { at: this.operations + n, phase };
  }

  /** True when operation number `n` is the planned one and the power falls in `phase`. */
  cutHere(phase) {
    return this.plan !== null && this.plan.at === this.operations + (phase === 'after' ? 0 : 1) &&
      this.plan.phase === phase;
  }

  cut() {
    this.plan = null;
    throw new PowerCut('power cut in a flash operation');
  }

  /**
   * Runs one operation under the plan. `half` is what the chip holds when power falls inside.
   * @param {() => void} whole @param {() => void} half @param {() => void} count
   */
  operate(whole, half, count) {
    if (this.cutHere('before')) this.cut();
    if (this.cutHere('middle')) {
      half();
      count();
      this.cut();
    }
    whole();
    count();
    if (this.cutHere('after')) this.cut();
  }

  /** Erases whole sectors. @returns {{nanos: number}} the time to charge */
  erase(offset, count) {
    const end = Math.min(offset + count, this.bytes.length);
    for (let at = offset; at < end; at += SECTOR) this.eraseSector(at);
    return this.time((end - offset) / SECTOR, ERASE_NANOS);
  }

  eraseSector(at) {
    const fill = (size) => {
      this.bytes.fill(0xff, at, at + size);
      this.changed(at, at + SECTOR);
    };
    // An interrupted erase leaves cells in between; here: the first half reads erased.
    this.operate(() => fill(SECTOR), () => fill(SECTOR / 2), () => {
      this.erases += 1;
      this.erasesInFrames += this.inFrame() ? 1 : 0;
    });
  }

  /** Programs pages; a programmed bit can only fall. */
  program(offset, data) {
    const end = Math.min(data.length, this.bytes.length - offset);
    for (let at = 0; at < end; at += PAGE) {
      this.programPage(offset + at, data.subarray(at, Math.min(at + PAGE, end)));
    }
    return this.time(end / PAGE, PROGRAM_NANOS);
  }

  programPage(at, data) {
    const put = (count, last) => {
      for (let i = 0; i < count; i++) this.bytes[at + i] &= data[i];
      if (last >= 0) this.bytes[at + count] &= data[count] | last;
      this.changed(at, at + data.length);
    };
    const half = data.length >>> 1;
    // Interrupted: the first half is there, the next byte only its low bits, the rest not.
    this.operate(() => put(data.length, -1), () => put(half, 0xf0), () => { this.programs += 1; });
  }

  /** What the ROM call charges to the clock. */
  time(count, nanos) {
    return { nanos: this.charged ? count * nanos : 0 };
  }
}
