import fc from 'fast-check';
import { linearize } from '../../../lab/history/linearizability';
import { type Stock, type StockCall, stockModel } from '../../../lab/history/stock-model';
import { rightStock } from './histories';

const model = stockModel(4);

/** Tries every order. */
function hasOrder(state: Stock, left: readonly StockCall[]): boolean {
  if (left.every(({ end }) => end === Infinity)) return true;
  return left.some((call) => {
    if (left.some((other) => other !== call && other.end <= call.start)) return false;
    const next = model.apply(state, call.request, call.answer);
    return (
      next !== undefined &&
      hasOrder(
        next,
        left.filter((other) => other !== call),
      )
    );
  });
}

test('what the search leaves out changes no verdict, of right histories and of wrong ones', () => {
  const changes = fc.array(fc.record({ place: fc.nat(6), by: fc.integer({ min: -40, max: 40 }) }), {
    maxLength: 3,
  });
  let wrong = 0;
  fc.assert(
    fc.property(rightStock(4), changes, (history, some) => {
      const calls = history.slice(0, 7);
      for (const { place, by } of some) {
        const call = calls[place];
        // An answer comes earlier, so that calls that overlapped have an order.
        if (call) calls[place] = { ...call, end: Math.max(call.start + 1, call.end - Math.abs(by)) };
        if (call?.answer?.kind === 'available' && by > 20)
          calls[place] = { ...call, answer: { kind: 'available', pieces: call.answer.pieces - 1 } };
      }
      const expected = hasOrder(model.initial, calls) ? 'linearizable' : 'not linearizable';
      if (expected === 'not linearizable') wrong++;
      return linearize(model, calls) === expected;
    }),
    { numRuns: 500 },
  );
  expect(wrong).toBeGreaterThan(0);
});
