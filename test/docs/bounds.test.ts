import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const text = (file: string) => readFileSync(join(root, file), 'utf8');

/** The rows of the table: cells without their backticks. */
const rows = text('docs/bounds.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| what'))
  .map((line) => {
    const [what = '', bound = '', file = '', whenFull = '', told = '', alarm = '', filledBy = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', ''));
    const [test = '', title = ''] = filledBy.split(': ', 2);
    return { what, bound, file, whenFull, told, alarm, test, title };
  });

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));

/** The titles of the tests of a file: a comment or an import fills nothing. */
const titlesIn = (file: string): string[] =>
  [...text(file).matchAll(/\b(?:it|test)(?:\.each\(.*?\))?\(\s*(['"`])(.*?)\1,/gs)].map(
    ([, , title = '']) => title,
  );

it.each(rows)('F8: $what: the bound is that of the code, and a test fills it', (row) => {
  expect([row.file, text(row.file).includes(row.bound)]).toEqual([row.file, true]);
  expect([row.test, titlesIn(row.test).some((title) => title.includes(row.title))]).toEqual([row.test, true]);
  expect([row.whenFull, row.told].every(Boolean)).toBe(true);
});

it('F8: the alarms exist', () => {
  const operations = sources('lib/operations').map(text).join('\n');
  for (const { alarm } of rows.filter(({ alarm: name }) => name !== '–'))
    expect([alarm, operations.includes(alarm)]).toEqual([alarm, true]);
});

it('F8: no queue, pool or buffer of the code is missing', () => {
  const makes =
    /new LRUCache|createSemaphore\(|createQueueBound\(|createInProcessJobs<|createBatcher\(|createBudget\(|maxSockets|(MOST_WAITING|MAX_CONCURRENT) = /;
  /** Their own rows are those of who makes them, or of what they are made of. */
  const elsewhere = [
    'lambda/shared/runtime/queue-bound.ts',
    'lambda/shared/runtime/batcher.ts',
    'lambda/inventory/photos/pipeline.ts',
    // Stands for the shared cache in tests.
    'lambda/shared/cache/memory-cache.ts',
  ];
  const listed = new Set([...rows.map(({ file }) => file), ...elsewhere]);
  const missing = sources('lambda').filter((file) => makes.test(text(file)) && !listed.has(file));
  expect(missing).toEqual([]);
});
