// What is on each pin: the board's own output, a level driven from outside, or the pad's pull.
// The package keeps outputs and inputs apart; a pin that reads back what it drives needs this.
import { GPIOPinState } from 'rp2040js';

export class Gpio {
  /** @param {object} chip */
  constructor(chip) {
    this.pins = chip.gpio;
    this.driven = new Array(this.pins.length).fill(null);
    this.pins.forEach((pin, n) => pin.addListener(() => this.refresh(n)));
  }

  /** @returns {0|1} the level on the pin */
  level(n) {
    switch (this.pins[n].value) {
      case GPIOPinState.Low: return 0;
      case GPIOPinState.High: return 1;
      default: return this.driven[n] ?? (this.pins[n].pullupEnabled ? 1 : 0);
    }
  }

  refresh(n) {
    const level = this.level(n) === 1;
    if (this.pins[n].rawInputValue !== level) this.pins[n].setInputValue(level);
  }

  /** @param {number} n pin @param {0|1|null} level null lets go of the pin */
  drive(n, level) {
    this.driven[n] = level;
    this.refresh(n);
  }

  state(n) {
    const pin = this.pins[n];
    return { level: this.level(n), output: pin.outputEnable, function: pin.functionSelect };
  }
}
