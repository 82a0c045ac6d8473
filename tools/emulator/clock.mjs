// The simulated clock of one power-up: nanoseconds since power came on, and the alarms on it.
// It offers what the package's peripherals expect of their clock (nanos, micros, createAlarm).

/** One entry of the clock's time-ordered list; re-usable, scheduled at most once at a time. */
class Alarm {
  /**
   * @param {SimClock} clock
   * @param {() => void} callback runs with clock.nanos at the alarm's own time
   */
  constructor(clock, callback) {
    this.clock = clock;
    this.callback = callback;
    this.next = null;
    this.nanos = 0;
    this.scheduled = false;
  }

  /** @param {number} deltaNanos from now */
  schedule(deltaNanos) {
    this.scheduleAt(this.clock.nanos + deltaNanos);
  }

  /** @param {number} nanos absolute; a time already past fires at the next occasion */
  scheduleAt(nanos) {
    if (this.scheduled) this.cancel();
    this.nanos = nanos;
    this.clock.link(this);
  }

  cancel() {
    if (this.scheduled) this.clock.unlink(this);
  }
}

export class SimClock {
  constructor() {
    this.nanos = 0;
    /** Time of the first alarm; Infinity when there is none. */
    this.nextNanos = Infinity;
    this.first = null;
  }

  get micros() {
    return this.nanos / 1000;
  }

  /** @param {() => void} callback @returns {Alarm} */
  createAlarm(callback) {
    return new Alarm(this, callback);
  }

  /** Alarms of the same instant fire in the order in which they were scheduled. */
  link(alarm) {
    let before = null;
    let after = this.first;
    while (after !== null && after.nanos <= alarm.nanos) {
      before = after;
      after = after.next;
    }
    alarm.next = after;
    if (before === null) this.setFirst(alarm);
    else before.next = alarm;
    alarm.scheduled = true;
  }

  unlink(alarm) {
    let before = null;
    let item = this.first;
    while (item !== null && item !== alarm) {
      before = item;
      item = item.next;
    }
    alarm.scheduled = false;
    if (item === null) return;
    if (before === null) this.setFirst(item.next);
    else before.next = item.next;
  }

  setFirst(alarm) {
    this.first = alarm;
    this.nextNanos = alarm === null ? Infinity : alarm.nanos;
  }

  /** Moves time to `nanos` (never back) and fires every alarm due on the way, each at its time. */
  advanceTo(nanos) {
    while (this.nextNanos <= nanos) {
      const alarm = this.first;
      this.setFirst(alarm.next);
      alarm.scheduled = false;
      if (alarm.nanos > this.nanos) this.nanos = alarm.nanos;
      alarm.callback();
    }
    if (nanos > this.nanos) this.nanos = nanos;
  }

  /** @param {number} deltaNanos */
  tick(deltaNanos) {
    this.advanceTo(this.nanos + deltaNanos);
  }
}
