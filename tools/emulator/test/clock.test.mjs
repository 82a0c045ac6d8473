import assert from 'node:assert/strict';
import test from 'node:test';
import { SimClock } from '../clock.mjs';

test('alarms fire in order of time, each at its own time', () => {
  const clock = new SimClock();
  const seen = [];
  for (const at of [30, 10, 20]) {
    clock.createAlarm(() => seen.push([at, clock.nanos])).schedule(at);
  }
  clock.advanceTo(25);
  assert.deepEqual(seen, [[10, 10], [20, 20]]);
  assert.equal(clock.nanos, 25);
  assert.equal(clock.nextNanos, 30);
});

test('alarms of one instant fire in the order in which they were scheduled', () => {
  const clock = new SimClock();
  const seen = [];
  for (const name of ['a', 'b', 'c']) clock.createAlarm(() => seen.push(name)).schedule(5);
  clock.tick(5);
  assert.deepEqual(seen, ['a', 'b', 'c']);
});

test('an alarm can move, be cancelled, and schedule itself again', () => {
  const clock = new SimClock();
  let count = 0;
  const alarm = clock.createAlarm(() => {
    count += 1;
    if (count < 3) alarm.schedule(10);
  });
  const other = clock.createAlarm(() => { count += 100; });
  other.schedule(15);
  other.cancel();
  alarm.schedule(50);
  alarm.schedule(10);
  clock.advanceTo(100);
  assert.equal(count, 3);
  assert.equal(clock.nextNanos, Infinity);
});
