import fc from 'fast-check';
import {
  type CounterAnswer,
  type CounterCall,
  type CounterRequest,
  counterModel,
  describeCounter,
} from '../../../lab/history/counter-model';
import { judge } from '../../../lab/history/judge';
import { linearize } from '../../../lab/history/linearizability';
import { afterwards, rightCounters } from './histories';

type Asked = [CounterRequest, CounterAnswer];
const outcome = (calls: readonly CounterCall[]) => linearize(counterModel, calls);
const increment: Asked = [{ kind: 'increment' }, { kind: 'done' }];
const refused: Asked = [{ kind: 'increment' }, { kind: 'refused' }];
const incrementTo = (value: number): Asked => [{ kind: 'increment' }, { kind: 'value', value }];
const read = (value: number): Asked => [{ kind: 'read' }, { kind: 'value', value }];
const answered = rightCounters({ mayBeLost: false });
const sum = (calls: readonly CounterCall[]) =>
  calls.filter(({ request, answer }) => request.kind === 'increment' && answer?.kind !== 'refused').length;

test('the history of a counter that is right is linearizable, whatever overlaps and is lost', () => {
  fc.assert(fc.property(rightCounters(), (calls) => outcome(calls) === 'linearizable'));
});

test.each([
  ['a lost increment', -1],
  ['an increment too many', 1],
])('%s is noticed', (_, by) => {
  fc.assert(
    fc.property(answered, (calls) => {
      expect(outcome(afterwards(calls, read(sum(calls))))).toBe('linearizable');
      return outcome(afterwards(calls, read(sum(calls) + by))) === 'not linearizable';
    }),
  );
});

test('a read that goes back is noticed', () => {
  fc.assert(
    fc.property(answered, (calls) => {
      const value = sum(calls);
      return (
        outcome(afterwards(calls, increment, read(value + 1), read(value))) === 'not linearizable' &&
        outcome(afterwards(calls, increment, read(value))) === 'not linearizable'
      );
    }),
  );
});

test('two increments to the same value are noticed', () => {
  expect(outcome(afterwards([], incrementTo(1), incrementTo(2)))).toBe('linearizable');
  expect(outcome(afterwards([], incrementTo(1), incrementTo(1)))).toBe('not linearizable');
});

test('an increment that was refused and happened is noticed', () => {
  expect(outcome(afterwards([], refused, read(0)))).toBe('linearizable');
  expect(outcome(afterwards([], refused, read(1)))).toBe('not linearizable');
});

const lost: CounterCall = {
  ...{ client: 'lost', key: 'one', start: 0, end: Infinity },
  ...{ request: { kind: 'increment' }, answer: undefined },
};

test('an increment without an answer may have happened late, once or never, and not before its start', () => {
  const late = afterwards([], read(0), read(1), read(1));
  expect(outcome([...late, lost])).toBe('linearizable');
  expect(outcome([...late, { ...lost, start: 4.5 }])).toBe('not linearizable');
  expect(outcome([...afterwards([], read(0)), lost])).toBe('linearizable');
  expect(outcome([...afterwards([], read(2)), lost])).toBe('not linearizable');
});

test('a wrong history is drawn, and its shortest part is found though it is long and some answers are missing', () => {
  const many = Array.from({ length: 2000 }, () => increment);
  const unknown = Array.from({ length: 20 }, (_, n) => ({ ...lost, start: 200 * n }));
  const calls = [...unknown, ...afterwards([], ...many, read(2005), read(2004))];
  const { wrong } = judge(calls, { modelOf: () => counterModel, describe: describeCounter });
  expect(wrong).toEqual([
    `no order explains 2 of the 2022 calls of one:
auditor |A----|     |B----|

A  4001 to 4002  read: value 2005
B  4003 to 4004  read: value 2004`,
  ]);
});
