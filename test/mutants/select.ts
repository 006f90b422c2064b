import { execFileSync } from 'node:child_process';
import type { Mutant } from './mutant';

/** Files that the tree at `root` changes since it left a revision, those without a commit too. @throws if git does */
export function changedSince(root: string, revision: string): Set<string> {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
      .split('\0')
      .filter(Boolean);
  return new Set([
    ...git('diff', '--name-only', '-z', '--merge-base', revision),
    ...git('ls-files', '-z', '--others', '--exclude-standard'),
  ]);
}

/** Those whose file, test or list is among the changed ones. */
export const touched = (mutants: readonly Mutant[], changed: ReadonlySet<string>): Mutant[] =>
  mutants.filter(({ file, test, subject }) =>
    [file, test, `test/mutants/list/${subject}.yaml`].some((path) => changed.has(path)),
  );

/** Those of a subject, or of the files under a path. */
export const under = (mutants: readonly Mutant[], places: readonly string[]): Mutant[] =>
  mutants.filter(({ subject, file }) =>
    places.some((place) => place === subject || `${file}/`.startsWith(`${place.replace(/\/$/, '')}/`)),
  );
