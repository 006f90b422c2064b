import fc from 'fast-check';
import { counterModel } from '../../../lab/history/counter-model';
import type { Call } from '../../../lab/history/history';
import { linearize, type Model } from '../../../lab/history/linearizability';
import { stockModel } from '../../../lab/history/stock-model';
import { rightCounters, rightStock } from './histories';

/** Tries every order. */
function hasOrder<State, Request, Answer>(
  model: Model<State, Request, Answer>,
  state: State,
  left: readonly Call<Request, Answer>[],
): boolean {
  if (left.every(({ end }) => end === Infinity)) return true;
  return left.some((call) => {
    if (left.some((other) => other !== call && other.end <= call.start)) return false;
    const next = model.apply(state, call.request, call.answer);
    const rest = left.filter((other) => other !== call);
    return next !== undefined && hasOrder(model, next, rest);
  });
}

/** Lets go of calls of right histories, and makes answers wrong, or earlier, so that calls that overlapped have an order. */
function compare<State, Request, Answer>(
  model: Model<State, Request, Answer>,
  right: fc.Arbitrary<Call<Request, Answer>[]>,
  falsified: (answer: Answer) => Answer,
): void {
  const changes = fc.array(fc.record({ place: fc.nat(6), by: fc.integer({ min: -40, max: 40 }) }), {
    maxLength: 3,
  });
  let wrong = 0;
  fc.assert(
    fc.property(right, changes, (history, some) => {
      const calls = history.slice(0, 7);
      for (const { place, by } of some) {
        const call = calls[place];
        if (call) calls[place] = { ...call, end: Math.max(call.start + 1, call.end - Math.abs(by)) };
        if (call && by < -30) calls[place] = { ...call, start: -Infinity, end: Infinity };
        if (call?.answer && by > 20) calls[place] = { ...call, answer: falsified(call.answer) };
      }
      const expected = hasOrder(model, model.initial, calls) ? 'linearizable' : 'not linearizable';
      if (expected === 'not linearizable') wrong++;
      return linearize(model, calls) === expected;
    }),
    { numRuns: 500 },
  );
  expect(wrong).toBeGreaterThan(0);
}

test('what the search leaves out changes no verdict about stock, of right histories and of wrong ones', () =>
  compare(stockModel(4), rightStock(4), (answer) =>
    answer.kind === 'available' ? { ...answer, pieces: answer.pieces - 1 } : answer,
  ));

test('nor one about a counter', () =>
  compare(counterModel, rightCounters(), (answer) =>
    answer.kind === 'value' ? { ...answer, value: answer.value - 1 } : answer,
  ));
