// The mains: what the formulas say is true is checked by summing the waveform itself.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Mains, meanPower } from '../waveform.mjs';

/** Mean of a function of time over whole seconds of the mains, by plain summation. */
function mean(of, seconds = 1, points = 200000) {
  let sum = 0;
  for (let k = 0; k < points; k++) sum += of((k * seconds * 1e9) / points);
  return sum / points;
}

const near = (value, want, by = 1e-6) => (
  assert.ok(Math.abs(value - want) < by, `${value}, not ${want}`));

function both(mains, nanos) {
  const angle = mains.angle(nanos);
  return [mains.v.at(angle), mains.i1.at(angle)];
}

test('rms and power of a lagging current', () => {
  const mains = new Mains();
  mains.setChannel('i1', { rms: 5, phase_deg: 60 }, 0);
  near(meanPower(mains.v, mains.i1), 230 * 5 * 0.5);
  near(mean((t) => both(mains, t)[0] * both(mains, t)[1]), 575, 1e-6);
  // It lags: its rising zero crossing is a sixth of a period after the voltage's.
  near(mains.i1.at(mains.angle(20e6 / 6)), 0, 1e-9);
  assert.ok(mains.i1.at(mains.angle(20e6 / 6 + 1e5)) > 0);
});

test('harmonics and dc: rms, and power from equal orders only', () => {
  const mains = new Mains();
  mains.setChannel('v', { rms: 230, harmonics: [[5, 0.1]], dc: 1 }, 0);
  mains.setChannel('i1', { rms: 30, harmonics: [[5, 0.4], [3, 0.2, 40]], dc: 0.5 }, 0);
  near(meanPower(mains.v, mains.i1), 230 * 30 * 1.04 + 0.5); // IEC 62053-21: P = 1.04 P1
  near(mean((t) => both(mains, t)[0] * both(mains, t)[1]), 230 * 30 * 1.04 + 0.5, 1e-4);
  near(mains.i1.trueRms(), Math.sqrt(900 * (1 + 0.16 + 0.04) + 0.25));
  near(Math.sqrt(mean((t) => both(mains, t)[1] ** 2)), mains.i1.trueRms(), 1e-6);
});

test('phase shifted channels with harmonics agree with the sum over the waveform', () => {
  const mains = new Mains();
  mains.setChannel('v', { rms: 230, phase_deg: 10, harmonics: [[3, 0.05, 20]] }, 0);
  mains.setChannel('i1', { rms: 8, phase_deg: -35, harmonics: [[3, 0.3, 90], [7, 0.1]] }, 0);
  near(mean((t) => both(mains, t)[0] * both(mains, t)[1]), meanPower(mains.v, mains.i1), 1e-4);
});

test('a change of frequency does not step the waveform', () => {
  const mains = new Mains();
  const before = mains.v.at(mains.angle(123.4e6));
  mains.setFrequency(51, 123.4e6);
  near(mains.v.at(mains.angle(123.4e6)), before, 1e-6);
  const period = 1e9 / 51;
  near(mains.v.at(mains.angle(123.4e6 + period)), before, 1e-6);
});

test('energy by direction, through changes of the load', () => {
  const mains = new Mains();
  mains.setChannel('i1', { rms: 10 }, 0);
  mains.setChannel('i1', { rms: 10, phase_deg: 180 }, 3600e9);
  mains.setChannel('i1', { rms: 0 }, 1.5 * 3600e9);
  const out = mains.injected(2 * 3600e9);
  near(out.i1_import_wh, 2300);
  near(out.i1_export_wh, 1150);
  near(out.v_rms, 230);
  mains.resetEnergy(2 * 3600e9);
  near(mains.injected(3 * 3600e9).i1_import_wh, 0);
});
