import { createLog } from '../../../../lambda/shared/runtime/log';
import { sparseWarnings } from '../../../../lambda/shared/runtime/sparse-log';

afterEach(() => jest.useRealTimers());

it('warns of the first failure at once, then once a minute, with the number of those between', () => {
  jest.useFakeTimers();
  const lines: { err: { message: string }; times: number }[] = [];
  const warn = sparseWarnings(
    createLog({ write: (line: string) => lines.push(JSON.parse(line)) }),
    'the cache failed',
  );
  const fail = (message: string, afterMs = 0) => {
    jest.advanceTimersByTime(afterMs);
    warn(new Error(message));
    return lines.map(({ err, times }) => [err.message, times]);
  };
  expect(fail('first')).toEqual([['first', 1]]);
  fail('second', 1000);
  expect(fail('third', 58_999)).toHaveLength(1);
  expect(fail('fourth', 1)).toEqual([
    ['first', 1],
    ['fourth', 3],
  ]);
  expect(fail('fifth', 60_000).at(-1)).toEqual(['fifth', 1]);
  expect(lines[0]).toMatchObject({ level: 'warn', msg: 'the cache failed' });
});
