import type { Call } from './history';

const COLUMNS = 80;
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];

/**
 * Draws calls as text of 80 columns: a row a client, from left to right in the order of starts and ends (not to scale),
 * and below it what each call asked and was answered. A client with several calls at a time has several rows.
 */
export function draw<Request, Answer>(
  calls: readonly Call<Request, Answer>[],
  describe: (call: Call<Request, Answer>) => string,
): string {
  const ordered = [...calls].sort((a, b) => a.start - b.start || a.end - b.end).slice(-LETTERS.length);
  const named = ordered.map((call, place) => ({ call, letter: LETTERS[place] ?? '?' }));
  const width = Math.min(20, Math.max(0, ...ordered.map(({ client }) => client.length)) + 1);
  const columnOf = createScale(ordered, COLUMNS - width);
  const rows: { readonly client: string; last: number; text: string }[] = [];
  for (const { call, letter } of named) {
    const [from, to] = [columnOf(call.start), columnOf(call.end)];
    let row = rows.find(({ client, last }) => client === call.client && last < from);
    if (!row) {
      row = { client: call.client, last: -1, text: '' };
      rows.push(row);
    }
    row.text = row.text.padEnd(from) + span(letter, to - from + 1, call.answer === undefined);
    row.last = Math.max(to, row.text.length - 1);
  }
  const sorted = rows.sort((a, b) => (a.client < b.client ? -1 : a.client > b.client ? 1 : 0));
  const picture = sorted.map(({ client, text }) =>
    `${client.slice(0, width - 1).padEnd(width)}${text}`.slice(0, COLUMNS).trimEnd(),
  );
  const words = named.map(({ call, letter }) =>
    `${letter}  ${times(call)}  ${describe(call)}`.slice(0, COLUMNS),
  );
  const left = calls.length - ordered.length;
  return [...(left > 0 ? [`(${left} earlier calls are not drawn)`] : []), ...picture, '', ...words].join(
    '\n',
  );
}

/** `|A---|`, and `|A · ·` of a call that was not answered. */
const span = (letter: string, length: number, isOpen: boolean): string =>
  isOpen ? `|${letter}`.padEnd(length, ' ·') : `|${letter}`.padEnd(Math.max(2, length) - 1, '-').concat('|');

/** Starts and ends at even distances, so that a short call can be seen beside a long one. */
function createScale(calls: readonly Call<unknown, unknown>[], columns: number): (time: number) => number {
  const all = calls.flatMap(({ start, end }) => [start, end]).filter(Number.isFinite);
  const times = [...new Set(all)].sort((a, b) => a - b);
  const places = new Map(times.map((time, place) => [time, place]));
  const step = Math.min(6, (columns - 1) / Math.max(1, times.length));
  return (time) =>
    Math.floor(step * (Number.isFinite(time) ? (places.get(time) ?? 0) : time < 0 ? 0 : times.length));
}

const times = ({ start, end }: Call<unknown, unknown>) => `${rounded(start)} to ${rounded(end)}`;
const rounded = (time: number) => (Number.isFinite(time) ? String(Math.round(time * 100) / 100) : '?');
