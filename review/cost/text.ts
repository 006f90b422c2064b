import { type BillRow, byService, totalsOf } from './bill';
import { PRICES, type Price, priceOf } from './prices';

/** The mark of a price that nobody compared with a page of AWS. */
export const UNCHECKED = '?';
const ABOUT = 46;

/** A bill of at most 80 columns: what is always paid, then what comes with use, each with the largest first. */
export function billText(title: string, rows: readonly BillRow[]): string {
  const { fixed, usage, freeTiers } = totalsOf(rows);
  const part = (name: string, kind: BillRow['kind'], sum: number) => [
    `${name.padEnd(68)}${money(sum)}`,
    ...rows
      .filter((row) => row.kind === kind)
      .sort((one, other) => other.usd - one.usd)
      .map(rowText),
    '',
  ];
  return [
    title,
    '',
    ...part('Fixed: paid whether anybody comes or not', 'fixed', fixed),
    ...part('With use', 'usage', usage),
    `${'Together'.padEnd(68)}${money(fixed + usage)}`,
    `${'Free tiers, if nothing else in the account uses them'.padEnd(68)}${money(-freeTiers)}`,
    '',
    ...priceNotes(rows),
  ].join('\n');
}

function rowText({ about, units, usd, price, checked }: BillRow): string {
  const amount = `${amountOf(units)} ${priceOf(price).per}`;
  return `  ${clipped(about, ABOUT).padEnd(ABOUT)} ${amount.padEnd(19)}${money(usd)}${checked ? '' : ` ${UNCHECKED}`}`;
}

/** USD a month by service. */
export function serviceRows(rows: readonly BillRow[]): string[][] {
  return byService(rows).map(({ service, fixed, usage }) => [service, dollars(fixed), dollars(usage)]);
}

/** The date and the number of unchecked prices of a bill; each output ends with it. */
export function priceNotes(rows: readonly Pick<BillRow, 'price' | 'checked'>[]): string[] {
  const names = [...new Set(rows.map(({ price }) => price))];
  const unchecked = names.filter((name) => !(PRICES[name] as Price).checked);
  const dates = names.map((name) => PRICES[name].date).sort();
  return [
    `USD a month in us-east-1 on demand, list prices of ${dates[0] ?? 'no date'}; no real bill.`,
    `${UNCHECKED} not compared with a page of AWS: ${unchecked.length} of ${names.length} prices (review/cost/prices.ts)`,
  ];
}

/** Two digits after the point up to a thousand, none beyond. */
export const dollars = (usd: number): string =>
  Math.abs(usd) < 1000 ? usd.toFixed(2) : Math.round(usd).toLocaleString('en');

const money = (usd: number): string => dollars(usd).padStart(10);

const amountOf = (units: number): string =>
  Math.abs(units) >= 100 ? Math.round(units).toLocaleString('en') : String(Number(units.toPrecision(3)));

const clipped = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`;
