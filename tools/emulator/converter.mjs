// From the mains to a code: the analogue front end, the converter's wide codes and its noise.
//
// The ladder: full scale is `codes` + wide codes x extra equal steps. A code is one step wide, a
// wide code 1 + extra. A pin at v volts stands at step v / reference * steps; code c begins at
// step c + extra * (wide codes below c).
import fs from 'node:fs';

const NOISE_BITS = 12;
const OTHER_INPUT_V = 0.706; // pin 29 and the temperature sensor: 27 degrees C

/**
 * The analogue board when there is no front_end.toml. The defects are published measurements of
 * RP2040 chips: wide codes of erratum RP2040-E11, 8.9 LSB too wide, and about 1 LSB rms of noise.
 */
export const FRONT_END = {
  bias_v: 1.65,
  reference_v: 3.3,
  voltage_v_per_v: 0.00375,
  current_v_per_a: 0.01875,
  lead_ns: [0, 0], // how far the transducers of i1 and i2 run ahead of the current
  codes: 4096,
  wide_codes: [512, 1536, 2560, 3584],
  wide_extra_steps: 8.9,
  noise_steps_rms: 1.0,
};

const toNumber = (text) => Number(text.replaceAll('_', ''));

/** Reads `NAME = number` and `NAME = [numbers]` lines; anything else is passed over. */
export function readNumbers(text) {
  const out = {};
  for (const line of text.split('\n')) {
    const found = /^\s*(\w+)\s*=\s*(\[[^\]"]*\]|[-+.\d][\w.+-]*)\s*(?:#.*)?$/.exec(line);
    if (!found) continue;
    const [, name, value] = found;
    out[name] = value.startsWith('[')
      ? value.slice(1, -1).split(',').filter((item) => item.trim() !== '').map(toNumber)
      : toNumber(value);
  }
  return out;
}

/** The front end of a board file, its missing names filled from the above. */
export function loadFrontEnd(path) {
  if (!fs.existsSync(path)) return { ...FRONT_END };
  return { ...FRONT_END, ...readNumbers(fs.readFileSync(path, 'utf8')) };
}

/** A shift-register generator of 32 bits: one seed, one sequence, on every machine. */
export class Generator {
  constructor(seed) {
    this.state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  }

  /** @returns {number} 32 bits, never 0 */
  next() {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state;
  }
}

/**
 * Equally likely values of the normal distribution, mean 0 and variance 1: the quantiles, found
 * by following dx = dp / density(x) from the median outwards.
 */
export function normalTable(size) {
  const half = size / 2;
  const density = (x) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  const upper = new Float64Array(half);
  for (let k = 0, x = 0; k < half; k++) {
    const step = 1 / size;
    const middle = x + step / 2 / density(x);
    upper[k] = middle;
    x += step / density(middle);
  }
  const scale = Math.sqrt(upper.reduce((sum, x) => sum + x * x, 0) / half);
  const table = new Float64Array(size);
  upper.forEach((x, k) => { table[half + k] = x / scale; table[half - 1 - k] = -x / scale; });
  return table;
}

/** The steps of a converter and the code at each of them. */
export class Ladder {
  /** @param {{codes: number, wide_codes: number[], wide_extra_steps: number}} figures */
  constructor({ codes, wide_codes: wide, wide_extra_steps: extra }) {
    this.codes = codes;
    this.wide = [...wide].sort((a, b) => a - b);
    this.extra = extra;
    this.steps = codes + wide.length * extra;
    this.wideEdges = this.wide.map((c) => this.edge(c));
  }

  /** The step at which code `c` begins. */
  edge(c) {
    return c + this.extra * this.wide.filter((wide) => wide < c).length;
  }

  /** The code at a step; beyond the ends the first or the last one. */
  code(step) {
    let passed = 0;
    while (passed < this.wide.length && step >= this.wideEdges[passed]) passed += 1;
    let code = Math.floor(step - passed * this.extra);
    if (passed > 0 && code < this.wide[passed - 1]) code = this.wide[passed - 1];
    return Math.min(Math.max(code, 0), this.codes - 1);
  }
}

export class Converter {
  /**
   * @param {import('./waveform.mjs').Mains} mains
   * @param {typeof FRONT_END} frontEnd
   * @param {number} seed of the noise
   */
  constructor(mains, frontEnd, seed) {
    this.mains = mains;
    this.frontEnd = frontEnd;
    this.ladders = [new Ladder({ ...frontEnd, wide_codes: [] }), new Ladder(frontEnd)];
    this.generator = new Generator(seed);
    this.normal = normalTable(1 << NOISE_BITS).map((x) => x * frontEnd.noise_steps_rms);
    const { voltage_v_per_v: voltage, current_v_per_a: current, lead_ns: lead } = frontEnd;
    this.gains = [voltage, current, current];
    this.leads = [0, ...lead];
    this.noise = true;
    this.skew = true;
    this.wideCodes = true;
  }

  get wideCodes() {
    return this.ladder === this.ladders[1];
  }

  set wideCodes(on) {
    this.ladder = this.ladders[on ? 1 : 0];
    this.stepsPerVolt = this.ladder.steps / this.frontEnd.reference_v;
  }

  /** Volts at the pin of input 0..4. @param {number} nanos simulated time */
  volts(input, nanos) {
    if (input > 2) return OTHER_INPUT_V;
    const { mains } = this;
    const signal = mains.signals[input].at(mains.angle(nanos + this.leads[input]));
    return this.frontEnd.bias_v + this.gains[input] * signal;
  }

  /** @param {number} input 0..4 @param {number} nanos simulated time @returns {number} the code */
  code(input, nanos) {
    let step = this.volts(input, nanos) * this.stepsPerVolt;
    if (this.noise) step += this.normal[this.generator.next() >>> (32 - NOISE_BITS)];
    return this.ladder.code(step);
  }
}
