import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/until';
import { folder, removeFolders } from './shop-process';

afterAll(removeFolders);

/** Writes a program of two files, and resolves to how this process would start it. */
function program(place: string, thrown: string): string[] {
  writeFileSync(join(place, 'thrower.ts'), `\n\nexport const fail = (): never => {\n  ${thrown};\n};\n`);
  writeFileSync(join(place, 'program.ts'), "import { fail } from './thrower';\n\nfail();\n");
  return compiled(join(place, 'program.ts'));
}

/** As a process that starts now. */
function compiled(entry: string): string[] {
  let args: string[] = [];
  jest.isolateModules(() => {
    args = require('../../local/compiled').compiled(entry);
  });
  return args;
}

const errorsOf = (args: readonly string[]): string =>
  spawnSync(process.execPath, args, { encoding: 'utf8' }).stderr;

test('a compiled program names its sources in stack traces', () => {
  const place = folder();
  const errors = errorsOf(program(place, "throw new Error('planted')"));
  expect(errors).toContain('Error: planted');
  expect(errors).toContain(`${join(place, 'thrower.ts')}:4:9`);
  expect(errors).toContain(`${join(place, 'program.ts')}:3:1`);
});

test('a process that starts after a change of a source runs the changed one', () => {
  const place = folder();
  const [before, after] = ["throw 'before'", "throw 'after'"].map((thrown) => program(place, thrown));
  expect(errorsOf(after ?? [])).toContain('after');
  expect(errorsOf(before ?? [])).toContain('before');
  expect(program(place, "throw 'before'")).toEqual(before);
});

test('a program that cannot be compiled is refused, with the place of the mistake', () => {
  const place = folder();
  expect(() => program(place, 'throw (')).toThrow('thrower.ts:4:');
});

/** Those of this process. One that has ended is listed as Z. */
const compilers = (): string[] =>
  execFileSync('ps', ['-o', 'pid=,stat=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => /^ *\d+ +[^Z].*esbuild/.test(line));

test('no process of the compiler goes on', async () => {
  // Of suites that ran in this process before.
  const others = compilers();
  program(folder(), "throw 'planted'");
  await eventually(async () => expect(compilers().filter((one) => !others.includes(one))).toEqual([]));
});
