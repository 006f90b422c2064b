import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanup } from '../support/cleanup';
import type { Mutant } from './mutant';
import { outcomeLine, outcomeTable } from './report';
import { type Outcome, runMutants } from './run-mutants';
import { changedSince, touched, under } from './select';

const PRICE = 'exports.sum = (a, b) => a + b;\nexports.half = (a) => a / 2;\n';
const PRICE_TEST = `const { half, sum } = require('./price');
describe('prices', () => {
  test('are added (up)', () => expect(sum(1, 2)).toBe(3));
  test('are halved', () => expect(half(4)).toBeGreaterThan(0));
  test('are never right', () => expect(sum(1, 2)).toBe(4));
});
`;

const mutant = (title: string, replace: string, by: string): Mutant => ({
  ...{ subject: 'prices', why: `a price is right: ${title}`, file: 'price.js', test: 'price.test.js' },
  ...{ title, replace, by },
});
const MUTANTS = [
  mutant('are added (up)', 'a + b', 'a - b'),
  mutant('are halved', 'a / 2', 'a / 4'),
  mutant('are added (up)', 'a + b;', 'a + (b;'),
  mutant('are never right', 'a + b', 'b + a'),
  mutant('are sold', 'a + b', 'b + a'),
];

describe('planting mutants', () => {
  const tree = mkdtempSync(join(tmpdir(), 'tree-'));
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: tree, stdio: 'pipe', encoding: 'utf8' });
  const commit = () => {
    git('add', '.');
    git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'tree');
  };
  const said: string[] = [];
  let outcomes: Outcome[];

  beforeAll(async () => {
    cleanup(() => rmSync(tree, { recursive: true }));
    writeFileSync(join(tree, 'price.js'), PRICE);
    writeFileSync(join(tree, 'price.test.js'), PRICE_TEST);
    writeFileSync(join(tree, 'package.json'), '{}');
    writeFileSync(
      join(tree, 'jest.config.js'),
      "module.exports = { transform: {}, testEnvironment: 'node' };",
    );
    writeFileSync(join(tree, '.gitignore'), 'node_modules\n');
    symlinkSync(join(__dirname, '../../node_modules'), join(tree, 'node_modules'));
    git('init', '-q', '-b', 'main');
    commit();
    outcomes = await runMutants(tree, MUTANTS, (outcome) => said.push(outcomeLine(outcome)));
  });

  test('tells those that a test finds from those that it does not, and from those that say nothing of it', () => {
    expect(outcomes.map(({ verdict }) => verdict)).toEqual([
      ...['killed', 'survived', 'not loaded', 'no test', 'no test'],
    ]);
    expect(outcomes.map(({ reason = '' }) => reason)).toEqual([
      ...['', '', expect.stringContaining('SyntaxError')],
      ...['it fails without the mutant, too', expect.stringContaining('none was run')],
    ]);
  });

  test('changes nothing in the tree, and leaves no copy of it', () => {
    expect(git('status', '--porcelain')).toBe('');
    expect(readFileSync(join(tree, 'price.js'), 'utf8')).toBe(PRICE);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('shop-mutants-'))).toEqual([]);
  });

  test('says what was planted where a test should have failed, in 80 columns', () => {
    expect(said[0]).toMatch(/^killed {5,}\d+\.\d s {2}prices: a price is right: are added \(up\)$/);
    expect(said[1]).toMatch(/^survived .*\n {2}file price\.js\n {2}- a \/ 2\n {2}\+ a \/ 4\n {2}test price/);
    const text = `${said.join('\n')}\n${outcomeTable(outcomes)}`;
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(outcomeTable(outcomes)).toMatch(/^prices +5 +1 +1 +1 +2 +\d+$/m);
  });

  test('is asked for by a change, by a subject or by a path', () => {
    expect(touched(MUTANTS, changedSince(tree, 'main'))).toEqual([]);
    writeFileSync(join(tree, 'new.js'), '');
    expect(changedSince(tree, 'main')).toEqual(new Set(['new.js']));
    git('checkout', '-q', '-b', 'work');
    writeFileSync(join(tree, 'price.js'), `${PRICE}\n`);
    commit();
    expect(touched(MUTANTS, changedSince(tree, 'main'))).toEqual(MUTANTS);
    expect(touched(MUTANTS, new Set(['test/mutants/list/prices.yaml']))).toEqual(MUTANTS);
    expect([under(MUTANTS, ['prices']), under(MUTANTS, ['price.js']), under(MUTANTS, ['price'])]).toEqual([
      ...[MUTANTS, MUTANTS, []],
    ]);
    expect(() => changedSince(tree, 'nothing')).toThrow();
  });
});
