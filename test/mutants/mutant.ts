import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** A fault to plant in a file, and the test that must find it (decision 0230). */
export interface Mutant {
  /** Of what must never break: the name of its list. */
  readonly subject: string;
  readonly why: string;
  /** Both paths are those of the tree. */
  readonly file: string;
  readonly test: string;
  /** A part of the title of the test, as its file has it. */
  readonly title: string;
  /** Is in the file exactly once. */
  readonly replace: string;
  readonly by: string;
}

/** The list is not what it has to be, or the sources have changed below it. */
export class MutantListError extends Error {
  override name = 'MutantListError';
}

const List = z.array(
  z.strictObject({
    why: z.string().min(10),
    file: z.string().min(1),
    test: z.string().endsWith('.test.ts'),
    title: z.string().min(5),
    replace: z.string().min(1),
    by: z.string(),
  }),
);

/** The mutants of every list in a folder: `stock.yaml` has those of the subject `stock`. @throws MutantListError */
export function readMutants(folder: string): Mutant[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const subject = name.replace(/\.yaml$/, '');
      const parsed = List.safeParse(parse(readFileSync(join(folder, name), 'utf8')));
      if (!parsed.success) throw new MutantListError(`${name}: ${z.prettifyError(parsed.error)}`);
      return parsed.data.map((mutant) => ({ subject, ...mutant }));
    });
}

/** Why a mutant cannot be planted in a tree, or its test cannot be there; undefined if both can. */
export function problemOf({ file, test, title, replace, by }: Mutant, root: string): string | undefined {
  for (const path of [file, test]) if (!existsSync(join(root, path))) return `there is no ${path}`;
  if (replace === by) return 'it changes nothing';
  const times = countOf(readFileSync(join(root, file), 'utf8'), replace);
  if (times !== 1) return `${file} has ${JSON.stringify(replace)} ${times} times, and must have it once`;
  if (/%|\$/.test(title))
    return `${JSON.stringify(title)} is filled in when the test runs: name another part`;
  if (!readFileSync(join(root, test), 'utf8').includes(title))
    return `${test} has no test named ${JSON.stringify(title)}`;
  return undefined;
}

/** @throws MutantListError with every mutant that cannot be planted */
export function refuseUnplantable(mutants: readonly Mutant[], root: string): void {
  const problems = mutants.flatMap((mutant) => {
    const problem = problemOf(mutant, root);
    return problem ? [`${mutant.subject}: ${mutant.why}: ${problem}`] : [];
  });
  if (problems.length > 0) throw new MutantListError(problems.join('\n'));
}

/** The text of a file with the fault. */
export const planted = (text: string, { replace, by }: Mutant): string => text.split(replace).join(by);

const countOf = (text: string, part: string): number => text.split(part).length - 1;
