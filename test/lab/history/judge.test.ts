import { draw } from '../../../lab/history/drawing';
import { createRecorder } from '../../../lab/history/history';
import { inWords, judge } from '../../../lab/history/judge';
import { linearize } from '../../../lab/history/linearizability';
import { shortestPart } from '../../../lab/history/shortest-part';
import {
  describeStock,
  type StockAnswer,
  type StockCall,
  type StockRequest,
  stockModel,
} from '../../../lab/history/stock-model';
import { afterwards } from './histories';

const read = (pieces: number): [StockRequest, StockAnswer] => [
  { kind: 'read' },
  { kind: 'available', pieces },
];
const reserve = (id: string): [StockRequest, StockAnswer] => [
  { kind: 'reserve', quantity: 1 },
  { kind: 'reserved', id },
];
const judging = { modelOf: () => stockModel(2), describe: describeStock };

/** Of two pieces three were sold, among calls that are right. */
const oversold: StockCall[] = [
  {
    client: 'reader',
    key: 'mug',
    start: 0,
    end: 90,
    request: { kind: 'read' },
    answer: { kind: 'available', pieces: 2 },
  },
  {
    client: 'ann',
    key: 'mug',
    start: 10,
    end: 40,
    request: { kind: 'reserve', quantity: 1 },
    answer: { kind: 'reserved', id: 'r1' },
  },
  {
    client: 'ben',
    key: 'mug',
    start: 20,
    end: 30,
    request: { kind: 'reserve', quantity: 1 },
    answer: { kind: 'reserved', id: 'r2' },
  },
  {
    client: 'cem',
    key: 'mug',
    start: 25,
    end: Infinity,
    request: { kind: 'confirm', id: 'r2' },
    answer: undefined,
  },
  {
    client: 'dan',
    key: 'mug',
    start: 50,
    end: 60,
    request: { kind: 'reserve', quantity: 1 },
    answer: { kind: 'reserved', id: 'r3' },
  },
  {
    client: 'ann',
    key: 'mug',
    start: 70,
    end: 80,
    request: { kind: 'confirm', id: 'r1' },
    answer: { kind: 'done' },
  },
];

test('the shortest part holds the calls that contradict each other and no others', () => {
  expect(shortestPart(stockModel(2), oversold).map(({ client }) => client)).toEqual(['ann', 'ben', 'dan']);
});

test('a stale read is explained by the write that it misses', () => {
  const sold = Array.from({ length: 30 }, (_, n) => reserve(`r${n}`));
  const calls = afterwards([], ...sold.slice(0, 20), read(11), ...sold.slice(20));
  const part = shortestPart(stockModel(30), calls);
  expect(linearize(stockModel(30), calls)).toBe('not linearizable');
  expect(part.at(-1)?.request.kind).toBe('read');
  expect(part).toHaveLength(21);
});

test('a drawing has a row for each client, and fits a terminal', () => {
  const drawn = draw(oversold, describeStock);
  expect(drawn).toMatchInlineSnapshot(`
"ann          |B----------------------|                 |F----|
ben                |C----------|
cem                      |D · · · · · · · · · · · · · · · · · · · · · · ·
dan                                        |E----|
reader |A----------------------------------------------------------|

A  0 to 90  read: available 2
B  10 to 40  reserve 1: reserved r1
C  20 to 30  reserve 1: reserved r2
D  25 to ?  confirm r2: no answer
E  50 to 60  reserve 1: reserved r3
F  70 to 80  confirm r1: done"
`);
  const many = Array.from({ length: 200 }, (_, n) => reserve(`reservation-with-a-long-id-${n}`.repeat(3)));
  const lines = draw(afterwards([], ...many), describeStock).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('each key is judged by itself, and a wrong one is drawn', () => {
  const right = afterwards([], reserve('a'), read(1)).map((call) => ({ ...call, key: 'cup' }));
  const verdict = judge([...oversold, ...right], judging);
  expect(verdict).toMatchObject({ calls: 8, unknown: 1, keys: 2, undecided: [] });
  expect(verdict.wrong).toHaveLength(1);
  expect(verdict.wrong[0]).toContain('no order explains 3 of the 6 calls of mug');
  expect(inWords(verdict)).toBe('8 calls (1 without an answer) of 2 keys: no order explains those of 1 key');
  expect(inWords(judge(right, judging))).toBe('2 calls (0 without an answer) of 1 key: linearizable');
});

test('what takes too many steps is undecided, and said to be', () => {
  const verdict = judge(oversold, { ...judging, most: 3 });
  expect(verdict).toMatchObject({ wrong: [], undecided: ['mug'] });
  expect(inWords(verdict)).toContain('too many to decide');
});

test('a recorder keeps what was not answered as unknown', () => {
  let time = 0;
  const recorder = createRecorder<StockRequest, StockAnswer>(() => ++time);
  const answered = recorder.begin('ann', 'mug', { kind: 'read' });
  recorder.begin('ben', 'mug', { kind: 'read' });
  answered({ kind: 'available', pieces: 2 });
  expect(recorder.calls()).toMatchObject([
    { client: 'ann', start: 1, end: 3, answer: { pieces: 2 } },
    { client: 'ben', start: 2, end: Infinity, answer: undefined },
  ]);
});
