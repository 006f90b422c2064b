import { alignedTable } from '../../review/table';
import type { Outcome, Verdict } from './run-mutants';

const WIDTH = 80;

/** One outcome as a line; of a mutant that was not killed, with what was planted and which test should have failed. */
export function outcomeLine({ mutant, verdict, seconds, reason }: Outcome): string {
  const head = `${verdict.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s  ${mutant.subject}: ${mutant.why}`;
  if (verdict === 'killed') return cut(head);
  const { file, test, title, replace, by } = mutant;
  return [
    cut(head),
    ...[`file ${file}`, `- ${replace}`, `+ ${by}`, `test ${test}`, `"${title}"`, ...(reason ? [reason] : [])]
      .flatMap((text) => text.split('\n'))
      .map((line) => cut(`  ${line}`)),
  ].join('\n');
}

/** The counts by subject, of at most 80 columns. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const subjects = [...new Set(outcomes.map(({ mutant }) => mutant.subject))];
  const row = (name: string, some: readonly Outcome[]) => {
    const count = (verdict: Verdict) => String(some.filter((one) => one.verdict === verdict).length);
    const seconds = some.reduce((sum, one) => sum + one.seconds, 0);
    return [
      ...[name, String(some.length), count('killed'), count('survived')],
      ...[count('not loaded'), count('no test'), seconds.toFixed(0)],
    ];
  };
  const rows = subjects.map((subject) =>
    row(
      subject,
      outcomes.filter(({ mutant }) => mutant.subject === subject),
    ),
  );
  return alignedTable(
    ['', 'planted', 'killed', 'survived', 'not loaded', 'no test', 'seconds'],
    [...rows, row('all', outcomes)],
  );
}

const cut = (line: string): string => (line.length <= WIDTH ? line : `${line.slice(0, WIDTH - 1)}…`);
