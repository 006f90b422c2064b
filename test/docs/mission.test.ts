import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const rows = readFileSync(join(root, 'docs/mission.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| [A-Z]\d \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, id = '', , state = '', files = '', tests = '']) => ({ id, state, files, tests }));

const pathsIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);

it('has every row once', () => {
  expect(rows.length).toBe(53);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
});

it('names files and tests that exist', () => {
  const gone = rows.flatMap(({ id, files, tests }) =>
    [...pathsIn(files), ...pathsIn(tests)]
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${id}: ${path}`),
  );
  expect(gone).toEqual([]);
});

it('has a file and a test in every row', () => {
  const hollow = rows.filter(({ files, tests }) => !(pathsIn(files)[0] && pathsIn(tests)[0]));
  expect(hollow).toEqual([]);
});

it('plans nothing: a row is built, or says what is missing', () => {
  const others = rows.filter(({ state }) => !/^(built|in part: )/.test(state));
  expect(others.map(({ id, state }) => `${id}: ${state}`)).toEqual([]);
});
