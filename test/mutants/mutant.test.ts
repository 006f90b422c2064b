import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanup } from '../support/cleanup';
import { type Mutant, MutantListError, planted, problemOf, readMutants, refuseUnplantable } from './mutant';

const root = join(__dirname, '../..');
const mutants = readMutants(join(__dirname, 'list'));

test('every mutant of the lists can be planted, and has its test', () => {
  expect(() => refuseUnplantable(mutants, root)).not.toThrow();
});

test('there are mutants of all that must never break, and none twice', () => {
  expect(new Set(mutants.map(({ subject }) => subject))).toEqual(
    new Set([
      ...['stock', 'sessions', 'fences', 'ports', 'permissions', 'caching'],
      ...['limits', 'moving', 'releases'],
    ]),
  );
  expect(mutants.length).toBeGreaterThanOrEqual(60);
  const faults = mutants.map(({ file, replace, by }) => JSON.stringify([file, replace, by]));
  expect(new Set(faults).size).toBe(faults.length);
});

test('there are mutants in TypeScript, templates, shell and nginx', () => {
  const files = mutants.map(({ file }) => file);
  for (const kind of [/^lambda\/.*\.ts$/, /^lib\/.*\.ts$/, /\.sh$/, /nginx\.conf$/])
    expect([kind, files.some((file) => kind.test(file))]).toEqual([kind, true]);
});

describe('a mutant', () => {
  const tree = mkdtempSync(join(tmpdir(), 'tree-'));
  cleanup(() => rmSync(tree, { recursive: true }));
  mkdirSync(join(tree, 'list'));
  writeFileSync(join(tree, 'sum.sh'), 'echo $((a + b))\necho $((a + c))\n');
  writeFileSync(join(tree, 'sum.test.ts'), "test('adds two numbers', () => {});\n");
  const mutant: Mutant = {
    ...{ subject: 'sums', why: 'sums are sums', file: 'sum.sh', replace: 'a + b', by: 'a - b' },
    ...{ test: 'sum.test.ts', title: 'adds two' },
  };

  test('is planted in its place alone', () => {
    expect(problemOf(mutant, tree)).toBeUndefined();
    expect(planted('echo $((a + b)) $1', { ...mutant, by: '$1 $& b' })).toBe('echo $(($1 $& b)) $1');
  });

  test.each<[Partial<Mutant>, RegExp]>([
    [{ replace: 'a * b' }, /sum\.sh has "a \* b" 0 times/],
    [{ replace: 'echo' }, /sum\.sh has "echo" 2 times/],
    [{ by: 'a + b' }, /changes nothing/],
    [{ file: 'gone.sh' }, /no gone\.sh/],
    [{ test: 'gone.test.ts' }, /no gone\.test\.ts/],
    [{ title: 'adds %s' }, /name another part/],
    [{ title: 'multiplies' }, /sum\.test\.ts has no test named "multiplies"/],
  ])('is refused with %j, since its place or its test is not there', (change, says) => {
    expect(problemOf({ ...mutant, ...change }, tree)).toMatch(says);
    expect(() => refuseUnplantable([mutant, { ...mutant, ...change }], tree)).toThrow(MutantListError);
  });

  test('has all that it needs in its list, by the name of which it is known', () => {
    const { subject: _, ...entry } = mutant;
    writeFileSync(join(tree, 'list/sums.yaml'), JSON.stringify([entry]));
    expect(readMutants(join(tree, 'list'))).toEqual([mutant]);
    writeFileSync(join(tree, 'list/sums.yaml'), JSON.stringify([{ ...entry, replace: '', more: 1 }]));
    expect(() => readMutants(join(tree, 'list'))).toThrow(/sums\.yaml: .*replace.*|sums\.yaml: .*more.*/s);
  });
});
