import type { Result, Status } from './mailbox';
import {
  type CheckResult,
  type MoveResult,
  noticed,
  type Progress,
  type Step,
  type TimedStep,
} from './progress';

/** The output of the command, in lines of at most 80 characters. */

export const PLACES: Readonly<Record<string, string>> = {
  box: 'on the box',
  managed: 'in Aurora and S3',
  shared: 'on the cluster that both services share',
  own: 'on the cluster of the user service',
};

const STEPS: Readonly<Record<Step, string>> = {
  start: 'Reading the tables',
  rows: 'Rows',
  recheck: 'Comparing differing rows again',
  photos: 'Photos',
  'catch up': 'Rows that changed meanwhile',
  freeze: 'Pausing writes',
  'last rows': 'Last rows',
  verify: 'Verifying',
  switch: 'Switching',
  drop: 'Dropping the side that was left',
};

/** One line of progress. */
export function progressLine({ step, pass, table, done, total }: Progress): string {
  const parts = [pass > 0 ? `${pass}.` : '', STEPS[step], table ?? ''];
  if (total > 0)
    parts.push(`${count(done)} of ${count(total)}`, `${Math.min(100, Math.floor((done / total) * 100))} %`);
  return parts.filter(Boolean).join('  ').slice(0, 79);
}

/** One line for a step that is over: `2.  Rows  0.41 s`. */
export const stepLine = ({ step, pass, ms }: TimedStep): string =>
  [pass > 0 ? `${pass}.` : '', STEPS[step], `${(ms / 1000).toFixed(2)} s`].filter(Boolean).join('  ');

export const noticeLine = ({ step }: Progress): string => `Effect on shoppers: ${noticed(step)}`.slice(0, 80);

/** True if the exit code must be 0. */
export const succeeded = ({ state, result }: Status): boolean =>
  state === 'done' && !(result?.kind === 'checked' && !result.same);

/** The final report. */
export function outcome({ state, result, error, data, final }: Status): string[] {
  if (state === 'failed' || !result) {
    const where = data ? ` The data is complete ${PLACES[data]}.` : '';
    const next = final ? '' : ' Run the same command again to continue.';
    return wrapped(`Failed: ${error}.${where}${next}`);
  }
  if (result.kind === 'dropped')
    return wrapped(`The schema that was left is dropped: the data is ${PLACES[result.data]} for good.`);
  return result.kind === 'moved' ? moved(result) : checked(result);
}

function moved(result: MoveResult & { kind: Result['kind'] }): string[] {
  const { to, tables, passes, rowsCarried, files, bytes, frozenMs, held, refused } = result;
  if (!result.moved) return [`The data is already ${PLACES[to]}. Nothing was moved.`];
  return [
    ...table(
      ['table', 'rows', 'checksum on both sides'],
      tables.map(({ name, rows, hash }) => [name, count(rows), hash?.padStart(16, '0') ?? 'equal in parts']),
    ),
    '',
    ...wrapped(
      `The data is now ${PLACES[to]}. ${tables.length} tables${files > 0 ? ` and ${count(files)} files (${count(Math.ceil(bytes / 1e6))} MB)` : ''} are identical on both sides. ${count(rowsCarried)} rows were written in ${passes} passes.`,
    ),
    ...wrapped(
      `Writes were paused for ${(frozenMs / 1000).toFixed(2)} s${held + refused > 0 ? `: ${count(held)} were delayed, ${refused === 0 ? 'none' : count(refused)} refused` : ''}.`,
    ),
  ];
}

function checked({ data, same, tables, files, differentFiles, ms }: CheckResult): string[] {
  const different = tables.filter((compared) => compared.different + compared.inMotion > 0);
  return [
    ...table(
      ['table', 'rows', 'other side', 'differ', 'changing'],
      tables.map((compared) => [
        compared.name,
        ...[compared.rows, compared.otherRows, compared.different, compared.inMotion].map(count),
      ]),
    ),
    '',
    ...different.flatMap(({ name, examples }) =>
      examples.length > 0 ? wrapped(`${name}: ${examples.join(', ')}`) : [],
    ),
    ...wrapped(
      same
        ? `Both sides are identical: ${tables.length} tables${files > 0 ? `, ${count(files)} files` : ''}. The data is ${PLACES[data]}.`
        : `The sides differ; the data is ${PLACES[data]}. ${files > 0 ? `${count(differentFiles)} of ${count(files)} files differ. ` : ''}The shop wrote the differences since the last move; "changing" rows changed during this check.`,
    ),
    `The check took ${(ms / 1000).toFixed(1)} s and changed nothing.`,
  ];
}

const count = (n: number): string => n.toLocaleString('en-US');

/** Aligns the first column left and numbers right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join('  '),
  );
}

export function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length >= 80) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}
