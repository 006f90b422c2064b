import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutant, planted } from './mutant';
import { runTests } from './run-tests';
import { copyOf } from './tree-copy';

/**
 * `killed`: the test failed. `survived`: it passed. `not loaded`: the mutant is no program, or none that its test can
 * load, which says nothing about the test. `no test`: without the mutant no such test passed.
 */
export type Verdict = 'killed' | 'survived' | 'not loaded' | 'no test';

export interface Outcome {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
  readonly seconds: number;
  /** The reason of a verdict that is neither `killed` nor `survived`. */
  readonly reason?: string | undefined;
}

/** Plants each mutant in a copy of the tree, and runs its test there. The tree itself is only read. */
export async function runMutants(
  root: string,
  mutants: readonly Mutant[],
  onOutcome: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const copy = copyOf(root);
  const remove = () => copy.remove();
  process.once('exit', remove);
  try {
    const sound = await runTests(copy.root, unique(mutants.map(({ test }) => test)), titlesOf(mutants));
    const outcomes: Outcome[] = [];
    for (const mutant of mutants) {
      const outcome = sound.passed.some((name) => name.includes(mutant.title))
        ? await runMutant(copy.root, mutant)
        : { mutant, verdict: 'no test' as const, seconds: 0, reason: withoutPass(sound, mutant) };
      outcomes.push(outcome);
      onOutcome(outcome);
    }
    return outcomes;
  } finally {
    process.off('exit', remove);
    remove();
  }
}

async function runMutant(root: string, mutant: Mutant): Promise<Outcome> {
  const path = join(root, mutant.file);
  const text = readFileSync(path, 'utf8');
  const began = performance.now();
  writeFileSync(path, planted(text, mutant));
  try {
    const { failed, broken, isOverdue } = await runTests(root, [mutant.test], [mutant.title]);
    const seconds = (performance.now() - began) / 1000;
    if (failed.length > 0 || isOverdue) return { mutant, verdict: 'killed', seconds };
    if (broken) return { mutant, verdict: 'not loaded', seconds, reason: broken };
    return { mutant, verdict: 'survived', seconds };
  } finally {
    writeFileSync(path, text);
  }
}

function withoutPass({ failed, broken }: Awaited<ReturnType<typeof runTests>>, { title }: Mutant): string {
  if (failed.some((name) => name.includes(title))) return 'it fails without the mutant, too';
  return broken ?? 'none was run: this machine may lack a server that it needs';
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
const titlesOf = (mutants: readonly Mutant[]): string[] => unique(mutants.map(({ title }) => title));
