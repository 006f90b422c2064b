import { type BillRow, totalOf, totalsOf } from './bill';
import { dollars, priceNotes, UNCHECKED } from './text';

/** A line of the bill that a step changes. */
interface ChangedRow {
  readonly about: string;
  readonly price: BillRow['price'];
  readonly kind: BillRow['kind'];
  readonly checked: boolean;
  /** USD a month more, or less if negative. */
  readonly by: number;
}

/** All that a step changes in a bill, the largest change first. */
export function billDifference(before: readonly BillRow[], after: readonly BillRow[]): ChangedRow[] {
  const keyOf = ({ kind, price, about }: BillRow) => `${kind} ${price} ${about}`;
  const was = new Map(before.map((row) => [keyOf(row), row]));
  const is = new Map(after.map((row) => [keyOf(row), row]));
  return [...new Set([...was.keys(), ...is.keys()])]
    .flatMap((key) => {
      const row = is.get(key) ?? was.get(key);
      const by = (is.get(key)?.usd ?? 0) - (was.get(key)?.usd ?? 0);
      if (!row || Math.abs(by) < 0.005) return [];
      const { about, price, kind, checked } = row;
      return [{ about, price, kind, checked, by }];
    })
    .sort((one, other) => Math.abs(other.by) - Math.abs(one.by));
}

/** A step on a terminal of 80 columns. */
export function differenceText(title: string, before: readonly BillRow[], after: readonly BillRow[]): string {
  const [was, is] = [totalOf(totalsOf(before)), totalOf(totalsOf(after))];
  return [
    title,
    '',
    ...billDifference(before, after).map(
      ({ about, by, kind, checked }) =>
        `  ${about.slice(0, 55).padEnd(55)} ${kind.padEnd(6)}${signed(by).padStart(11)}${checked ? '' : ` ${UNCHECKED}`}`,
    ),
    '',
    `  ${'before'.padEnd(62)}${dollars(was).padStart(11)}`,
    `  ${'after'.padEnd(62)}${dollars(is).padStart(11)}`,
    `  ${'the step'.padEnd(62)}${signed(is - was).padStart(11)}`,
    '',
    ...priceNotes([...before, ...after]),
  ].join('\n');
}

export const signed = (usd: number): string => `${usd < 0 ? '-' : '+'}${dollars(Math.abs(usd))}`;
