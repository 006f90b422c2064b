import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The tests of one run, by the part of their titles that was asked for. */
export interface TestRun {
  /** Titles that passed or failed, each behind the names of its groups. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Why a file of tests could not be loaded. */
  readonly broken: string | undefined;
  readonly isOverdue: boolean;
}

interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** A test that waits in vain ends by jest's limit, of minutes; a mutant that loops is ended by this one. */
const OVERDUE_MS = 10 * 60_000;

/** Runs the tests of these files whose titles contain one of the texts, in the tree at `root`. */
export async function runTests(
  root: string,
  files: readonly string[],
  titles: readonly string[],
): Promise<TestRun> {
  const output = join(root, '.mutant-tests.json');
  rmSync(output, { force: true });
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules/jest/bin/jest.js'),
      ...['--json', `--outputFile=${output}`, '--ci', '--testNamePattern', titles.map(escaped).join('|')],
      ...['--runTestsByPath', ...files],
    ],
    { cwd: root, stdio: 'ignore', env: { ...process.env, ROUNDS: process.env.ROUNDS ?? '1' } },
  );
  let isOverdue = false;
  const timer = setTimeout(() => {
    isOverdue = true;
    child.kill('SIGKILL');
  }, OVERDUE_MS);
  await once(child, 'exit');
  clearTimeout(timer);
  if (!existsSync(output)) return { passed: [], failed: [], broken: 'jest wrote no report', isOverdue };
  return { ...runOf(JSON.parse(readFileSync(output, 'utf8'))), isOverdue };
}

function runOf({ testResults }: JestReport): Omit<TestRun, 'isOverdue'> {
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (status: string) =>
    all.filter((one) => one.status === status).map(({ fullName }) => fullName);
  // A file that cannot be loaded has a message and no tests.
  const [broken] = testResults.filter((one) => one.assertionResults.length === 0 && one.message);
  return { passed: named('passed'), failed: named('failed'), broken: broken?.message };
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
