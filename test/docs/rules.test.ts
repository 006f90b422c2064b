import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const ID = /\b(?:CDK|ELB|SQS|DATA|EDGE|OPS)-\d+\b/g;
const rows = [...read('docs/rules.md').matchAll(/^\| ([A-Z]+-\d+) \|.*\| (.+) \|$/gm)].map(
  ([, id = '', holders = '']) => ({ id, holders }),
);

const cited = execFileSync(
  'git',
  ['grep', '-lE', '(CDK|ELB|SQS|DATA|EDGE|OPS)-[0-9]', '--', ':!docs/rules.md'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((file) => file && existsSync(join(root, file)))
  .flatMap((file) => [...new Set(read(file).match(ID))].map((id) => ({ file, id })));

/** The title of a test begins with the ids of the rules and rows that it holds, and a colon. */
const named = cited
  .filter(({ file }) => file.endsWith('.test.ts'))
  .filter(({ file, id }) =>
    new RegExp(`['"\`][A-Z0-9, -]*\\b${id}\\b[A-Z0-9, -]*(?:and [A-Z0-9-]+)?: `).test(read(file)),
  );

test('every rule has one row, with a test or the reason that there is none yet', () => {
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(rows.filter(({ holders }) => !/`test\/[^`]+`|not yet/.test(holders))).toEqual([]);
});

test('every cited rule has a row', () => {
  expect(cited.length).toBeGreaterThan(0);
  const known = new Set(rows.map(({ id }) => id));
  expect(cited.filter(({ id }) => !known.has(id))).toEqual([]);
});

test('the row of a rule has every test that is named after it', () => {
  const missing = named.filter(
    ({ file, id }) => !rows.some((row) => row.id === id && row.holders.includes(`\`${file}\``)),
  );
  expect(missing).toEqual([]);
});
