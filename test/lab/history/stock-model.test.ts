import fc from 'fast-check';
import type { Call } from '../../../lab/history/history';
import { linearize } from '../../../lab/history/linearizability';
import {
  type StockAnswer,
  type StockCall,
  type StockRequest,
  stockModel,
  withExpiry,
} from '../../../lab/history/stock-model';
import { seeded } from '../../../lab/load/random';
import { afterwards, rightStock } from './histories';

const PIECES = 12;
const model = stockModel(PIECES);
const outcome = (calls: readonly StockCall[]) => linearize(model, calls);

/** The pieces left after a history in which every answer arrived. */
const left = (calls: readonly StockCall[]): number => {
  const quantities = new Map(
    calls.flatMap(({ request, answer }) =>
      request.kind === 'reserve' && answer?.kind === 'reserved'
        ? [[answer.id, request.quantity] as const]
        : [],
    ),
  );
  const released = new Set(
    calls.flatMap(({ request, answer }) =>
      request.kind === 'release' && answer?.kind === 'done' ? [request.id] : [],
    ),
  );
  const added = calls.reduce((sum, { request }) => sum + (request.kind === 'add' ? request.pieces : 0), 0);
  const gone = [...quantities].reduce((sum, [id, quantity]) => sum + (released.has(id) ? 0 : quantity), 0);
  return PIECES + added - gone;
};
const read = (pieces: number): [StockRequest, StockAnswer] => [
  { kind: 'read' },
  { kind: 'available', pieces },
];
const reserve = (quantity: number, id?: string): [StockRequest, StockAnswer] => [
  { kind: 'reserve', quantity },
  id ? { kind: 'reserved', id } : { kind: 'refused' },
];
const answered = rightStock(PIECES, { mayBeLost: false });

test('the history of a shop that is right is linearizable, whatever overlaps and is lost', () => {
  fc.assert(fc.property(rightStock(PIECES), (calls) => outcome(calls) === 'linearizable'));
});

test('the last pieces are as many as were left', () => {
  fc.assert(
    fc.property(answered, (calls) => outcome(afterwards(calls, read(left(calls)))) === 'linearizable'),
  );
});

test('a lost update is noticed: pieces that were reserved are on the shelf again', () => {
  const lost = answered.filter((calls) => calls.some(({ answer }) => answer?.kind === 'reserved'));
  fc.assert(
    fc.property(lost, (calls) => outcome(afterwards(calls, read(left(calls) + 1))) === 'not linearizable'),
  );
});

test('a double sale is noticed: one piece more than there are', () => {
  fc.assert(
    fc.property(answered, (calls) => {
      const rest = left(calls);
      const all = rest === 0 ? [] : [reserve(rest, 'rest')];
      return outcome(afterwards(calls, ...all, reserve(1, 'double'))) === 'not linearizable';
    }),
  );
});

test('a stale read is noticed: it shows what was there before an answered write', () => {
  fc.assert(
    fc.property(answered, (calls) => {
      const before = left(calls) + 1;
      const history = afterwards(
        calls,
        [{ kind: 'add', pieces: 1 }, { kind: 'done' }],
        reserve(1, 'new'),
        read(before),
      );
      return outcome(history) === 'not linearizable';
    }),
  );
});

test('a refusal while there are enough is noticed', () => {
  fc.assert(
    fc.property(answered, (calls) => {
      const rest = left(calls);
      fc.pre(rest > 0);
      return outcome(afterwards(calls, reserve(rest))) === 'not linearizable';
    }),
  );
});

test('a reservation that both was sold and went back is noticed', () => {
  const [confirm, release] = (['confirm', 'release'] as const).map((kind) => ({ kind, id: 'x' }));
  const calls = afterwards(
    [],
    reserve(1, 'x'),
    [confirm as StockRequest, { kind: 'done' }],
    [release as StockRequest, { kind: 'done' }],
  );
  expect(outcome(calls)).toBe('not linearizable');
});

test('two buyers with the same reservation are noticed', () => {
  expect(outcome(afterwards([], reserve(1, 'x'), reserve(1, 'x')))).toBe('not linearizable');
});

test('of a hundred buyers at a time one too many is noticed', () => {
  const calls = Array.from(
    { length: 100 },
    (_, n): StockCall => ({
      ...{ client: `buyer ${n}`, key: 'one', start: n / 100, end: 2 + n, request: reserve(1)[0] },
      answer: { kind: 'reserved', id: `r${n}` },
    }),
  );
  expect(linearize(stockModel(100), calls)).toBe('linearizable');
  expect(linearize(stockModel(99), calls)).toBe('not linearizable');
});

const lost = (start: number, request: StockRequest): StockCall => ({
  ...{ client: 'lost', key: 'one', start, end: Infinity, request, answer: undefined },
});

test('a call without an answer may have happened late, once or never, and not before its start', () => {
  const all = afterwards([], read(12), read(12), read(9), read(9));
  const once = lost(0, { kind: 'reserve', quantity: 3 });
  expect(outcome([...all, once])).toBe('linearizable');
  expect(outcome(all)).toBe('not linearizable');
  expect(outcome([...all, { ...once, start: 6.5 }])).toBe('not linearizable');
  expect(outcome([...afterwards(all, read(6)), once])).toBe('not linearizable');
  expect(outcome([...afterwards([], read(12)), once])).toBe('linearizable');
});

test('a reservation whose time is over is refused, and goes back once, at some time after that', () => {
  const refused: [StockRequest, StockAnswer] = [{ kind: 'confirm', id: 'x' }, { kind: 'refused' }];
  const calls = afterwards([], reserve(2, 'x'), refused, read(10), read(12), read(12));
  expect(outcome(withExpiry(calls, 1.5))).toBe('linearizable');
  expect(outcome(withExpiry(calls, 4))).toBe('not linearizable');
  expect(outcome(calls)).toBe('not linearizable');
});

/** The history of a shop with this many products: calls are 1 apart and take up to `longest`. */
function largeHistory(
  products: number,
  calls: number,
  longest: number,
  random: () => number,
  reads: number,
): Map<string, StockCall[]> {
  const keys = new Map<string, { left: number; calls: StockCall[]; held: string[] }>();
  for (let at = 0; at < calls; at++) {
    const key = `product ${Math.floor(random() * products)}`;
    const product = keys.get(key) ?? { left: (calls / products) * 0.3, calls: [], held: [] };
    keys.set(key, product);
    const times = { start: at - random() * longest, end: at + random() * longest };
    const call = { client: `client ${at % 50}`, key, ...times };
    const id = random() < 0.3 ? product.held.pop() : undefined;
    const answer = (request: StockRequest, answer: StockAnswer): Call<StockRequest, StockAnswer> => {
      // One in fifty answers is lost.
      return at % 50 === 0
        ? { ...call, end: Infinity, request, answer: undefined }
        : { ...call, request, answer };
    };
    if (id) product.calls.push(answer({ kind: 'confirm', id }, { kind: 'done' }));
    else if (random() < reads) {
      product.calls.push(answer(...read(product.left)));
    } else if (product.left > 0) {
      product.left--;
      if (at % 50 !== 0) product.held.push(`r${at}`);
      product.calls.push(answer(...reserve(1, `r${at}`)));
    } else product.calls.push(answer(...reserve(1)));
  }
  return new Map([...keys].map(([key, one]) => [key, one.calls]));
}

test.each([
  ['10,000 calls of 100 products, 50 at a time,', 100, 10_000, 50, 0.4],
  ['5,000 sales of one product, 100 at a time,', 1, 5000, 100, 0],
])('%s are decided in a moment', (name, products, calls, longest, reads) => {
  const histories = [...largeHistory(products, calls, longest, seeded(7), reads)];
  const cpu = process.cpuUsage();
  for (const [key, own] of histories) {
    const pieces = (calls / products) * 0.3;
    expect([key, linearize(stockModel(pieces), own)]).toEqual([key, 'linearizable']);
  }
  // Of CPU time, and generous, since others use this machine.
  const ms = process.cpuUsage(cpu).user / 1000;
  expect(ms).toBeLessThan(10_000);
  if (process.env.MEASURE) process.stderr.write(`${name} ${Math.round(ms)} ms\n`);
});
