import { createWriteThrough } from '../../../../lambda/inventory/catalog/write-through';
import { createLog } from '../../../../lambda/shared/runtime/log';

const lines: string[] = [];
const log = createLog({ write: (line) => void lines.push(line) });
beforeEach(() => {
  lines.length = 0;
});

test('is over when all products are in the cache', async () => {
  const done: string[] = [];
  await createWriteThrough(async (id) => void done.push(id), log)(['a', 'b']);
  expect(done).toEqual(['a', 'b']);
});

afterEach(() => jest.useRealTimers());

test('holds up the answer for 50 ms at most when the cache or the database does not answer', async () => {
  jest.useFakeTimers();
  let over = false;
  void createWriteThrough(
    () => new Promise(() => undefined),
    log,
  )(['a']).then(() => {
    over = true;
  });
  await jest.advanceTimersByTimeAsync(49);
  expect(over).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(over).toBe(true);
});

test('fails no change, and complains once a minute at most', async () => {
  const writeThrough = createWriteThrough(() => Promise.reject(new Error('gone')), log);
  for (let n = 0; n < 100; n++) await writeThrough(['a', 'b']);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    ...{ level: 'warn', msg: 'a change was not written through: the relay will repair the cache' },
    err: { message: 'gone' },
  });
});
