import fc from 'fast-check';
import { createQueueBound } from '../../../../lambda/shared/runtime/queue-bound';
import { runs } from '../../../support/rounds';

/** A bound that has seen a queue of 100 move at a pace. */
function moving(everyMs: number, times = 200, options = { waiting: 250, waitMs: 100 }) {
  let now = 0;
  const bound = createQueueBound(options, () => now);
  const move = (ms: number, count: number) => {
    for (let n = 0; n < count; n++) {
      now += ms;
      bound.moved(100);
    }
  };
  move(everyMs, times);
  /** The number at which it is full. */
  const most = (room?: number) => {
    let waiting = 0;
    while (!bound.isFull(waiting, room)) waiting++;
    return waiting;
  };
  return { bound, move, most, pass: (ms: number) => (now += ms) };
}

it('bounds the length of a queue that moves fast', () => {
  expect(moving(0.1).most()).toBe(250);
  expect(moving(0.1).most(2)).toBe(500);
});

it('admits as many as will be served in time, by the pace of the queue', () => {
  const property = fc.property(fc.double({ min: 0.5, max: 9, noNaN: true }), (everyMs) => {
    const most = moving(everyMs).most();
    expect(most * everyMs).toBeGreaterThan(90);
    expect((most - 1) * everyMs).toBeLessThan(110);
  });
  fc.assert(property, runs(100));
});

it('lets a few wait however slow it is, and twice as many of what is urgent', () => {
  expect(moving(90).most()).toBe(10);
  expect(moving(90).most(2)).toBe(20);
});

it('takes an outage for no pace: those who wait for its end are not refused', () => {
  const { bound, most, pass } = moving(0.5);
  const before = most();
  pass(60_000);
  expect(most()).toBe(before);
  bound.moved(100);
  expect(most()).toBe(before);
});

it('forgets a slow time soon after it', () => {
  const { move, most } = moving(20);
  expect(most()).toBe(10);
  move(0.2, 60);
  expect(most()).toBe(250);
});

it('learns nothing from a queue that was empty meanwhile', () => {
  const { bound, most, pass } = moving(0.2);
  bound.moved(0);
  pass(90);
  bound.moved(5);
  expect(most()).toBe(250);
});
