import { styleText } from 'node:util';
import type { Row, Verdict } from './row';

/** The words are the message; colours only repeat them, so nothing is lost without them. */
const marks: Readonly<Record<Verdict, { word: string; color: 'green' | 'red' | 'yellow' | 'gray' }>> = {
  ok: { word: 'ok', color: 'green' },
  mend: { word: 'MEND', color: 'red' },
  look: { word: 'look', color: 'yellow' },
  unseen: { word: 'unseen', color: 'yellow' },
  skipped: { word: 'skip', color: 'gray' },
};

const WIDTH = 80;
/** Of the mark, the subject, what was found and what is needed; two spaces between columns. */
const columns = [6, 20, 24, 24] as const;

/** Rows as a table of 80 columns. The commands that mend a row stand below it, ready to be copied. */
export function table(rows: readonly Row[], colored: boolean): string {
  const head = line(['', 'looked at', 'found', 'needed']);
  return `${head}\n${rows.map((row) => block(row, colored)).join('')}`;
}

/** The end of a run in one sentence. */
export function summary(rows: readonly Row[]): string {
  const count = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length;
  const parts = [
    [count('mend'), 'to mend'],
    [count('look'), 'to look at by hand'],
    [count('unseen'), 'not seen'],
    [count('skipped'), 'skipped'],
  ] as const;
  const rest = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return `${count('ok')} as needed${rest.map((part) => `, ${part}`).join('')}.\nNothing in the account was changed.\n`;
}

function block(row: Row, colored: boolean): string {
  const { word, color } = marks[row.verdict];
  const cells = [[word], row.subject, row.found, row.needed].map((cell, index) =>
    typeof cell === 'string' ? wrap(cell, columns[index] as number) : cell,
  );
  const height = Math.max(...cells.map((lines) => lines.length));
  const lines = Array.from({ length: height }, (_, index) => line(cells.map((cell) => cell[index] ?? '')));
  if (colored) lines[0] = lines[0]?.replace(word, styleText(color, word, { validateStream: false })) ?? '';
  return `${[...lines, ...row.mend.flatMap(command)].join('\n')}\n`;
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(columns[index] as number))
    .join('  ')
    .trimEnd();
}

/** A command over as many lines as it needs, continued as a shell continues them. */
function command(text: string): string[] {
  const indent = ' '.repeat(columns[0] + 2);
  const lines = wrap(text, WIDTH - indent.length - 4, false);
  return lines.map((part, index) => {
    const start = index === 0 ? indent : `${indent}  `;
    return `${start}${part}${index < lines.length - 1 && /^(aws|npm|npx) /.test(text) ? ' \\' : ''}`;
  });
}

/** Lines of whole words; a word that is longer than a line is cut, unless it belongs to a command. */
function wrap(text: string, width: number, cut = true): string[] {
  const words = text
    .split(' ')
    .flatMap((word) => (cut ? (word.match(new RegExp(`.{1,${width}}`, 'g')) ?? ['']) : [word]));
  const lines = [''];
  for (const word of words) {
    const last = lines[lines.length - 1] as string;
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
