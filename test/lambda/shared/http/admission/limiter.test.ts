import fc from 'fast-check';
import {
  createLimiter,
  MOST_UNDER_WAY,
  REQUEST_CLASSES,
  type RequestClass,
} from '../../../../../lambda/shared/http/admission/limiter';
import { random, runs } from '../../../../support/rounds';

const BOUNDS = { read: 5, write: 8, 'log-in': 10, critical: 12 } as const;

type Event = { readonly enter: RequestClass } | { readonly works: number } | 'leave' | 'turn';
const events = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...REQUEST_CLASSES).map((enter): Event => ({ enter })) },
    { weight: 4, arbitrary: fc.constant<Event>('leave') },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 60 }).map((works): Event => ({ works })) },
    { weight: 1, arbitrary: fc.constant<Event>('turn') },
  ),
  { maxLength: 400 },
);

/** A limiter with a clock and turns of the test's own. */
function pretended(mostUnderWay = MOST_UNDER_WAY) {
  let now = 0;
  let ends: (() => void) | undefined;
  const limiter = createLimiter({
    mostUnderWay,
    ticks: () => now,
    atEndOfTurn: (callback) => {
      ends = callback;
    },
  });
  return {
    limiter,
    works: (ms: number) => {
      now += ms;
    },
    endTurn: () => {
      ends?.();
      ends = undefined;
    },
    now: () => now,
  };
}

function play(
  sequence: readonly Event[],
  arrived: (given: RequestClass, admitted: boolean, underWay: number) => void,
  bounds?: typeof MOST_UNDER_WAY,
) {
  const { limiter, works, endTurn } = pretended(bounds);
  for (const event of sequence) {
    if (event === 'turn') endTurn();
    else if (event === 'leave') {
      if (limiter.underWay > 0) limiter.leave();
    } else if ('works' in event) works(event.works);
    else {
      const before = limiter.underWay;
      arrived(event.enter, limiter.enter(event.enter), before);
    }
  }
}

it('bounds the requests under way, and keeps the room above the bound of a class for more important ones', () => {
  const property = fc.property(events, (sequence) => {
    const assertBound = (given: RequestClass, admitted: boolean, before: number) => {
      if (admitted) expect(before).toBeLessThan(BOUNDS[given]);
    };
    play(sequence, assertBound, BOUNDS);
  });
  fc.assert(property, runs(100));
});

it('refuses a critical request only when as many are under way as there may be', () => {
  const property = fc.property(events, (sequence) => {
    const assertAdmitted = (given: RequestClass, admitted: boolean, before: number) => {
      if (given === 'critical') expect(admitted).toBe(before < BOUNDS.critical);
    };
    play(sequence, assertAdmitted, BOUNDS);
  });
  fc.assert(property, runs(100));
});

it('refuses no write at a moment at which it would admit a read', () => {
  const property = fc.property(events, (sequence) => {
    const { limiter, works, endTurn } = pretended(BOUNDS);
    for (const event of sequence) {
      if (event === 'turn') endTurn();
      else if (typeof event === 'object' && 'works' in event) works(event.works);
      else {
        const write = limiter.enter('write');
        if (write) limiter.leave();
        if (limiter.enter('read')) {
          expect(write).toBe(true);
          limiter.leave();
        }
      }
    }
  });
  fc.assert(property, runs(100));
});

it('admits so many of each class under way, the most to what a buyer has begun', () => {
  const most = REQUEST_CLASSES.map((given) => {
    const { limiter } = pretended();
    while (limiter.enter(given));
    return [given, limiter.underWay];
  });
  expect(Object.fromEntries(most)).toEqual({ critical: 1000, 'log-in': 850, write: 750, read: 500 });
});

it.each([
  ['read', 50],
  ['write', 200],
  ['log-in', 300],
] as const)(
  'admits a %s for %i ms of a turn after a long one, and a quarter of a second longer after a short one',
  (given, ms) => {
    const { limiter, works, endTurn } = pretended();
    const admitsAfter = (worked: number) => {
      for (let n = 0; n < 50; n++) limiter.enter(given);
      works(worked);
      const admitted = limiter.enter(given);
      while (limiter.underWay > 0) limiter.leave();
      endTurn();
      return admitted;
    };
    expect([admitsAfter(ms + 250), admitsAfter(ms)]).toEqual([true, true]);
    // Short again: nothing was done in this turn.
    limiter.enter(given);
    limiter.leave();
    endTurn();
    expect([admitsAfter(ms + 251), admitsAfter(ms + 1)]).toEqual([false, false]);
  },
);

it('refuses nothing of a burst that comes once, nor of what came during a pause', () => {
  const { limiter, works, endTurn } = pretended();
  for (let burst = 0; burst < 20; burst++) {
    for (let n = 0; n < 200; n++) {
      expect(limiter.enter('read')).toBe(true);
      works(1);
      limiter.leave();
    }
    endTurn();
    for (let n = 0; n < 3; n++) expect(limiter.enter('read')).toBe(true);
    for (let n = 0; n < 3; n++) limiter.leave();
    works(1);
    endTurn();
  }
});

it('refuses nothing of few clients, however slow the machine is', () => {
  const { limiter, works, endTurn } = pretended();
  for (let turn = 0; turn < 50; turn++) {
    for (let n = 0; n < 50; n++) {
      expect(limiter.enter('read')).toBe(true);
      works(100);
      limiter.leave();
    }
    endTurn();
  }
});

/** Right answers a second and the longest wait of a thread that is asked for `overload` times what it can answer. */
function goodput(overload: number, costMs: number, refusalMs: number) {
  const { limiter, works, endTurn, now } = pretended();
  const seconds = 10;
  let [due, answered, longestMs] = [0, 0, 0];
  while (now() < seconds * 1000) {
    const begun = now();
    while (due <= begun) {
      if (limiter.enter('read')) {
        works(costMs * 2 * random());
        limiter.leave();
        answered++;
        longestMs = Math.max(longestMs, now() - due);
      } else works(refusalMs);
      due += (-Math.log(1 - random()) * costMs) / overload;
    }
    endTurn();
    if (now() === begun) works(due - begun);
  }
  return { ofPeak: (answered / seconds) * (costMs / 1000), longestMs };
}

it('answers nine tenths of what it can at three times the load, and all of it in time', () => {
  for (const [costMs, refusalMs] of [
    [0.3, 0.01],
    [0.6, 0.015],
    [3, 0.03],
  ] as const) {
    const { ofPeak, longestMs } = goodput(3, costMs, refusalMs);
    expect(ofPeak).toBeGreaterThan(0.9);
    expect(longestMs).toBeLessThan(1000);
  }
  expect(goodput(0.8, 0.6, 0.015).ofPeak).toBeGreaterThan(0.75);
});
