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

test('does not hold up the answer when the cache or the database does not answer', async () => {
  const began = performance.now();
  await createWriteThrough(() => new Promise(() => undefined), log)(['a']);
  expect(performance.now() - began).toBeGreaterThan(45);
});

test('fails no change, and complains once a minute at most', async () => {
  const writeThrough = createWriteThrough(() => Promise.reject(new Error('gone')), log);
  for (let n = 0; n < 100; n++) await writeThrough(['a', 'b']);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('gone');
});
