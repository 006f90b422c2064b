import type { Result, Status } from './mailbox';
import type { Place } from './placement';
import { type CheckResult, type MoveResult, noticed, type Progress, type Step } from './progress';

/** What the command says, in lines of at most 80 characters. */

const PLACES: Readonly<Record<Place, string>> = {
  box: 'on the box',
  managed: 'in Aurora and S3',
};

const STEPS: Readonly<Record<Step, string>> = {
  start: 'Reads what tables there are',
  rows: 'Rows',
  recheck: 'Looks again at rows that differ',
  photos: 'Photos',
  freeze: 'Holds writes',
  'last rows': 'Last rows',
  verify: 'Verifies',
  switch: 'Switches',
};

/** One line about where it is. */
export function progressLine({ step, pass, table, done, total }: Progress): string {
  const parts = [pass > 0 ? `${pass}.` : '', STEPS[step], table ?? ''];
  if (total > 0)
    parts.push(`${count(done)} of ${count(total)}`, `${Math.min(100, Math.floor((done / total) * 100))} %`);
  return parts.filter(Boolean).join('  ').slice(0, 79);
}

export const noticeLine = ({ step }: Progress): string =>
  `What a shopper notices now: ${noticed(step)}`.slice(0, 80);

/** Whether the command did what was asked, for its exit code. */
export const succeeded = ({ state, result }: Status): boolean =>
  state === 'done' && !(result?.kind === 'checked' && !result.same);

/** The last words. */
export function outcome({ state, result, error, data, final }: Status): string[] {
  if (state === 'failed' || !result) {
    const where = data ? ` The data is ${PLACES[data]}, complete.` : '';
    const next = final ? '' : ' The same command goes on from here.';
    return wrapped(`It did not work: ${error}.${where}${next}`);
  }
  return result.kind === 'moved' ? moved(result) : checked(result);
}

function moved(result: MoveResult & { kind: Result['kind'] }): string[] {
  const { to, tables, passes, rowsCarried, files, bytes, frozenMs, held, refused } = result;
  if (!result.moved) return [`The data is ${PLACES[to]} already. Nothing was moved.`];
  return [
    ...table(
      ['table', 'rows', 'checksum on both sides'],
      tables.map(({ name, rows, hash }) => [name, count(rows), hash.padStart(16, '0')]),
    ),
    '',
    ...wrapped(
      `The data is ${PLACES[to]} now. ${tables.length} tables are the same on both sides, and ${count(files)} files of ${count(Math.ceil(bytes / 1e6))} MB. ${count(rowsCarried)} rows were written in ${passes} passes.`,
    ),
    ...wrapped(
      `Writes were held for ${(frozenMs / 1000).toFixed(2)} s. Meanwhile ${count(held)} waited and went on; ${refused === 0 ? 'none was refused' : `${count(refused)} were refused`}.`,
    ),
  ];
}

function checked({ data, same, tables, files, differentFiles, ms }: CheckResult): string[] {
  const different = tables.filter((compared) => compared.different + compared.inMotion > 0);
  return [
    ...table(
      ['table', 'rows', 'other side', 'differ', 'moving'],
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
        ? `Both sides are the same: ${tables.length} tables, ${count(files)} files. The data is ${PLACES[data]}.`
        : `Both sides are not the same; the data is ${PLACES[data]}. ${count(differentFiles)} of ${count(files)} files differ. What differs is what the shop wrote since the last move: "moving" are rows that changed while this looked.`,
    ),
    `It took ${(ms / 1000).toFixed(1)} s, and changed nothing.`,
  ];
}

const count = (n: number): string => n.toLocaleString('en-US');

/** The first column to the left, numbers to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join('  '),
  );
}

function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length >= 80) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}
