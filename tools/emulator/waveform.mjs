// The mains as formulas: what the three channels carry at a time, and what is true about it.
//
//   channel(t) = dc + sqrt2 * rms * ( sin(a) + sum over harmonics of fraction * sin(n * a - psi) )
//   a = theta(t) - phase, theta = 2 pi integral of f dt
// A positive phase is a lag. A harmonic is [order, fraction of the fundamental's rms, degrees of
// lag], its angle counted from the channel's own fundamental. Volts for v, amperes for i1 and i2.

const TWO_PI = 2 * Math.PI;
const DEGREE = Math.PI / 180;
const NANOS_PER_HOUR = 3600e9;
export const CHANNELS = ['v', 'i1', 'i2'];

class Signal {
  constructor() {
    this.set({ rms: 0 });
  }

  /** @param {{rms?: number, phase_deg?: number, harmonics?: number[][], dc?: number}} values */
  set({ rms = 0, phase_deg: phase = 0, harmonics = [], dc = 0 }) {
    this.rms = rms;
    this.dc = dc;
    this.phase = phase * DEGREE;
    this.peak = Math.SQRT2 * rms;
    this.harmonics = harmonics.map(([order, fraction, lag = 0]) => ({
      order, peak: this.peak * fraction, lag: lag * DEGREE,
    }));
  }

  /** @param {number} theta the mains angle @returns {number} volts or amperes */
  at(theta) {
    const angle = theta - this.phase;
    let value = this.dc + this.peak * Math.sin(angle);
    for (const { order, peak, lag } of this.harmonics) {
      value += peak * Math.sin(order * angle - lag);
    }
    return value;
  }

  /** Amplitude and angle per order, orders given twice added as phasors: Map order -> [re, im]. */
  phasors() {
    const out = new Map([[0, [this.dc * Math.SQRT2, 0]]]);
    const add = (order, peak, angle) => {
      const [re, im] = out.get(order) ?? [0, 0];
      out.set(order, [re + peak * Math.cos(angle), im + peak * Math.sin(angle)]);
    };
    add(1, this.peak, -this.phase);
    for (const { order, peak, lag } of this.harmonics) add(order, peak, -order * this.phase - lag);
    return out;
  }

  /** True rms of the whole signal, dc and harmonics included. */
  trueRms() {
    let square = 0;
    for (const [re, im] of this.phasors().values()) square += (re * re + im * im) / 2;
    return Math.sqrt(square);
  }
}

/** Mean power of two signals of one mains: only equal orders give any (watts). */
export function meanPower(voltage, current) {
  const currents = current.phasors();
  let sum = 0;
  for (const [order, [re, im]] of voltage.phasors()) {
    const [cre, cim] = currents.get(order) ?? [0, 0];
    sum += (re * cre + im * cim) / 2;
  }
  return sum;
}

export class Mains {
  constructor() {
    this.v = new Signal();
    this.i1 = new Signal();
    this.i2 = new Signal();
    this.signals = [this.v, this.i1, this.i2];
    this.v.set({ rms: 230 });
    this.hz = 50;
    this.startNanos = 0; // where the present frequency began,
    this.startAngle = 0; // and the angle it began with
    this.resetEnergy(0);
  }

  /** @param {number} nanos simulated time @returns {number} the mains angle, radians */
  angle(nanos) {
    return this.startAngle + TWO_PI * (this.hz * 1e-9 * (nanos - this.startNanos));
  }

  /** Changes a channel from now on; the energy up to now is taken with what was before. */
  setChannel(name, values, nanos) {
    this.integrate(nanos);
    this[name].set(values);
  }

  /** Changes the frequency; the angle goes on without a step. */
  setFrequency(hz, nanos) {
    this.startAngle = this.angle(nanos) % TWO_PI;
    this.startNanos = nanos;
    this.hz = hz;
  }

  resetEnergy(nanos) {
    this.energyNanos = nanos;
    this.energy = { i1: { import: 0, export: 0 }, i2: { import: 0, export: 0 } };
  }

  /** Adds mean power x time since the last call, by direction (Wh). */
  integrate(nanos) {
    const hours = (nanos - this.energyNanos) / NANOS_PER_HOUR;
    this.energyNanos = nanos;
    for (const name of ['i1', 'i2']) {
      const energy = meanPower(this.v, this[name]) * hours;
      this.energy[name][energy >= 0 ? 'import' : 'export'] += Math.abs(energy);
    }
  }

  /** What is true now, from the formulas alone. */
  injected(nanos) {
    this.integrate(nanos);
    const out = { frequency_hz: this.hz };
    for (const name of CHANNELS) out[`${name}_rms`] = this[name].trueRms();
    for (const name of ['i1', 'i2']) {
      out[`${name}_power_w`] = meanPower(this.v, this[name]);
      out[`${name}_import_wh`] = this.energy[name].import;
      out[`${name}_export_wh`] = this.energy[name].export;
    }
    return out;
  }
}
