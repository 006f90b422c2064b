import type { QuestionName, Sums } from './questions';

/** An answer for people: a table, and one number of each of its rows for a chart. */
export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly bars: readonly { readonly label: string; readonly value: number }[];
}

const MOST_ROWS = 20;

/** `names`: of products by id. */
export function answerOf(question: QuestionName, sums: Sums, names: ReadonlyMap<string, string>): Answer {
  if (question === 'sold') return sold(sums);
  return question === 'turnover' ? turnover(sums, names) : unbought(sums, names);
}

const month = (day: unknown) => new Date(Number(day)).toISOString().slice(0, 7);
const number = (row: Sums['rows'][number], name: string) => Number(row[name] ?? 0);

/** By months, the oldest first; amounts in whole units. */
function sold({ rows }: Sums): Answer {
  const months = new Map<string, { pieces: number; amount: number }>();
  for (const row of rows) {
    const key = `${month(row.sold_on)} ${row.currency}`;
    const { pieces, amount } = months.get(key) ?? { pieces: 0, amount: 0 };
    months.set(key, { pieces: pieces + number(row, 'pieces'), amount: amount + number(row, 'amount') });
  }
  const sorted = [...months].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    columns: ['month', 'pieces', 'amount'],
    rows: sorted.map(([key, { pieces, amount }]) => [
      key.slice(0, 7),
      String(pieces),
      `${(amount / 100).toFixed(2)} ${key.slice(8)}`,
    ]),
    bars: sorted.map(([label, { pieces: value }]) => ({ label, value })),
  };
}

/** Sold pieces of a year, divided by the mean of the stock at its beginning and at its end; the fastest first. */
function turnover({ rows }: Sums, names: ReadonlyMap<string, string>): Answer {
  const found = rows
    .map((row) => ({ row, mean: (number(row, 'opening') + number(row, 'closing')) / 2 }))
    .map(({ row, mean }) => ({ row, mean, turns: mean > 0 ? number(row, 'sold') / mean : 0 }))
    .sort((a, b) => b.turns - a.turns)
    .slice(0, MOST_ROWS);
  return {
    columns: ['product', 'sold in a year', 'mean stock', 'turns'],
    rows: found.map(({ row, mean, turns }) => [
      nameOf(row, names),
      String(number(row, 'sold')),
      mean.toFixed(1),
      turns.toFixed(2),
    ]),
    bars: found.map(({ row, turns: value }) => ({ label: nameOf(row, names), value })),
  };
}

/** The most pieces that came back first. */
function unbought({ rows }: Sums, names: ReadonlyMap<string, string>): Answer {
  const found = [...rows].sort((a, b) => number(b, 'returned') - number(a, 'returned')).slice(0, MOST_ROWS);
  return {
    columns: ['product', 'reserved', 'never bought', 'share'],
    rows: found.map((row) => [
      nameOf(row, names),
      String(number(row, 'reserved')),
      String(number(row, 'returned')),
      `${Math.round((100 * number(row, 'returned')) / Math.max(1, number(row, 'reserved')))} %`,
    ]),
    bars: found.map((row) => ({ label: nameOf(row, names), value: number(row, 'returned') })),
  };
}

const nameOf = (row: Sums['rows'][number], names: ReadonlyMap<string, string>) =>
  names.get(String(row.product_id)) ?? String(row.product_id);

const BAR_WIDTH = 40;
const LABEL_WIDTH = 28;

/** The table, and below it a chart of bars: each `█` is a fortieth of the largest value. */
export function answerText({ columns, rows, bars }: Answer): string {
  if (rows.length === 0) return 'Nothing was found.\n';
  const widths = columns.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  const most = Math.max(...bars.map(({ value }) => value), 0);
  const bar = (value: number) => (most > 0 ? '█'.repeat(Math.round((value / most) * BAR_WIDTH)) : '');
  return [
    line(columns),
    ...rows.map(line),
    '',
    ...bars.map(
      ({ label, value }) =>
        `${label.slice(0, LABEL_WIDTH).padEnd(LABEL_WIDTH)} ${bar(value)} ${Number(value.toFixed(2))}`,
    ),
    '',
  ].join('\n');
}
