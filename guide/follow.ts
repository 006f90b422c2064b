import type { Chapter, Step } from './chapter';
import { type Figures, figuresIn, objection, type Seen } from './checks';
import type { Shell } from './shell';

/** The place where a reader stopped: the number of steps that are done, and the figures that were seen in them. */
export interface Progress {
  readonly done: number;
  readonly figures: Figures;
}

export const AT_FIRST: Progress = { done: 0, figures: {} };

export interface FollowOptions {
  readonly shell: Shell;
  readonly say: (line: string) => void;
  /** Asks the reader for a number before a step; undefined for none. Default: nobody is asked. */
  readonly ask?: (question: string) => Promise<number | undefined>;
  readonly from?: Progress;
  /** Called after each step. */
  readonly keep?: (progress: Progress) => void;
}

/** A step whose output is not what must be seen. */
export class NotAsWrittenError extends Error {
  override name = 'NotAsWrittenError';
}

/** Runs the steps of a chapter in page order and judges each. @throws NotAsWrittenError at the first that is not as written */
export async function follow(chapter: Chapter, options: FollowOptions): Promise<void> {
  const { shell, say, ask, from = AT_FIRST, keep } = options;
  const first = resumedAt(chapter.steps, from.done);
  let { figures } = from;
  let section = '';
  if (first > 0) say(`Going on at line ${chapter.steps[first]?.line}.`);
  for (const [at, step] of chapter.steps.entries()) {
    if (at < first) continue;
    if (step.section !== section) say(`\n${step.section}`);
    section = step.section;
    const predicted = step.asks && (await ask?.(step.asks.question));
    for (const line of step.command.split('\n')) say(`  $ ${line}`);
    const seen = await (step.opens === undefined
      ? shell.run(step.command)
      : shell.open(step.command, step.opens));
    figures = { ...figures, ...figuresIn(step.checks, seen) };
    judge(step, seen, figures, say);
    if (step.asks && predicted !== undefined)
      say(`    ${verdict(predicted, figures[step.asks.figure] ?? 0)}`);
    keep?.({ done: at + 1, figures });
  }
}

/** Programs do not outlive a stop, so a chapter goes on at the last step that opened one. */
function resumedAt(steps: readonly Step[], done: number): number {
  const opened = steps.slice(0, done).findLastIndex(({ opens }) => opens !== undefined);
  return Math.max(0, opened);
}

function judge(step: Step, seen: Seen, figures: Figures, say: (line: string) => void): void {
  const { opens, checks } = step;
  const fails = (reason: string, otherwise?: string) =>
    new NotAsWrittenError(
      [
        `Line ${step.line}: ${reason}.`,
        ...(otherwise ? [otherwise] : []),
        'It said:',
        lastLines(seen.output),
      ].join('\n'),
    );
  // A program that ended instead, or a command that failed: the check that explains it comes first.
  for (const { statement, otherwise } of checks) {
    const reason = objection(statement, seen, figures);
    if (reason) throw fails(reason, otherwise);
    say(`    as written: ${wordsOf(statement, figures)}`);
  }
  if (opens !== undefined && seen.code !== undefined) throw fails(`it ended instead of saying "${opens}"`);
  const wanted = checks.some(({ statement }) => statement.kind === 'exit');
  if (opens === undefined && !wanted && seen.code !== 0)
    throw fails(`it ended with the exit code ${seen.code}`);
}

function wordsOf(statement: Parameters<typeof objection>[0], figures: Figures): string {
  switch (statement.kind) {
    case 'says':
      return `"${statement.text}"`;
    case 'says not':
      return `no "${statement.text}"`;
    case 'exit':
      return `exit code ${statement.code}`;
    case 'figure':
      return `${statement.figure.name} is ${figures[statement.figure.name]}`;
    case 'ratio':
      return `${statement.of} is ${timesOf(statement.of, statement.to, figures)} times ${statement.to}`;
  }
}

const timesOf = (of: string, to: string, figures: Figures): number =>
  Number(((figures[of] ?? 0) / (figures[to] ?? 1)).toPrecision(2));

/** Within a factor of two is a good guess: what counts is the order of magnitude. */
function verdict(predicted: number, seen: number): string {
  const factor = Math.max(predicted, seen) / Math.max(Math.min(predicted, seen), Number.EPSILON);
  const words = factor <= 2 ? 'a good guess' : `off by a factor of ${Number(factor.toPrecision(2))}`;
  return `You predicted ${predicted}, and it is ${seen}: ${words}.`;
}

const lastLines = (output: string): string =>
  output
    .trimEnd()
    .split('\n')
    .slice(-8)
    .map((line) => `  ${line}`)
    .join('\n');
