import { DuplicateKeyError, type Sql, type Statements } from '../../shared/sql/sql';
import {
  checksum,
  counting,
  deletion,
  insertion,
  type Key,
  keyAt,
  type Range,
  type Row,
  rowsIn,
  rowsWith,
  type Statement,
} from './statements';
import type { Table } from './tables';

/** Rows per comparison. A difference costs reading as many on both sides. */
export const CHUNK_ROWS = 1000;

/** One table on the source side and on the target side. */
export interface Pair {
  readonly table: Table;
  readonly from: Sql;
  readonly to: Sql;
}

export interface Sum {
  readonly n: number;
  readonly hash: string;
}

/** The differences in a range: rows to delete from `to`, and rows of `from` to insert. */
export interface Difference {
  readonly gone: readonly Key[];
  readonly missing: readonly Row[];
}

export interface SyncOptions {
  readonly chunkRows: number;
  /** Called after each chunk; an error ends the work. */
  readonly onChunk: (rows: number) => Promise<void>;
}

/** Makes `to` equal to `from` and returns the number of rows that differed. Resumable after any interruption. */
export async function syncTable(pair: Pair, signal: AbortSignal, options: SyncOptions): Promise<number> {
  let changed = 0;
  await differingRanges(pair, options, async (range) => {
    const difference = await differenceIn(pair, range);
    await repair(pair, difference, signal);
    changed += size(pair.table, difference);
  });
  return changed;
}

/** Makes the rows with these keys equal, and returns the number of those that differed. */
export async function syncKeys(pair: Pair, keys: readonly Key[], signal: AbortSignal): Promise<number> {
  let changed = 0;
  for (const some of batches(keys)) {
    const difference = await differenceOf(pair, some);
    await repair(pair, difference, signal);
    changed += size(pair.table, difference);
  }
  return changed;
}

/** Visits each chunk that differs. */
export async function differingRanges(
  pair: Pair,
  { chunkRows, onChunk }: SyncOptions,
  visit: (range: Range) => Promise<void>,
): Promise<void> {
  const { table, from, to } = pair;
  let after: Key | undefined;
  do {
    let range: Range = { after, upTo: await nth(from, table, { after }, chunkRows) };
    let [ours, theirs] = await bothSums(pair, range);
    // Surplus rows on the target are taken in chunks too, since a chunk is read into memory.
    if (theirs.n > 2 * chunkRows) {
      range = { after, upTo: (await nth(to, table, range, chunkRows)) ?? range.upTo };
      [ours, theirs] = await bothSums(pair, range);
    }
    if (!same(ours, theirs)) await visit(range);
    await onChunk(ours.n);
    after = range.upTo;
  } while (after);
}

export const differenceIn = (pair: Pair, range: Range): Promise<Difference> =>
  differenceBy(pair, rowsIn(pair.table, range));

/** Of the rows with these keys: 256 at most, and one at least. */
const differenceOf = (pair: Pair, keys: readonly Key[]): Promise<Difference> =>
  differenceBy(pair, rowsWith(pair.table, keys));

async function differenceBy({ table, from, to }: Pair, rows: Statement): Promise<Difference> {
  const [wanted, found] = await Promise.all([from, to].map((side) => run<Row>(side, rows)));
  return difference(table, wanted ?? [], found ?? []);
}

function difference(table: Table, wanted: readonly Row[], found: readonly Row[]): Difference {
  const right = new Set(wanted.map((row) => JSON.stringify(row)));
  const there = new Set(found.map((row) => JSON.stringify(row)));
  return {
    gone: found.filter((row) => !right.has(JSON.stringify(row))).map((row) => keyOf(table, row)),
    missing: wanted.filter((row) => !there.has(JSON.stringify(row))),
  };
}

/** Number of differing rows; a changed row is both deleted and inserted, but counts once. */
export const size = (table: Table, { gone, missing }: Difference): number =>
  keysOf(table, { gone, missing }).length;

/** The keys of all differing rows. */
export function keysOf(table: Table, { gone, missing }: Difference): Key[] {
  const keys = [...gone, ...missing.map((row) => keyOf(table, row))];
  return [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
}

const keyOf = ({ key }: Table, row: Row): Key => key.map((name) => row[name] ?? '');

/** The checksums of a range, or of the whole table, on both sides. */
export async function bothSums({ table, from, to }: Pair, range: Range = {}): Promise<[Sum, Sum]> {
  return Promise.all([sumOf(from, table, range), sumOf(to, table, range)]);
}

/** The numbers of rows on both sides. */
export async function counts({ table, from, to }: Pair): Promise<[number, number]> {
  const count = async (side: Statements) => {
    const [row] = await run<{ n: number }>(side, counting(table));
    return Number(row?.n ?? 0);
  };
  return Promise.all([count(from), count(to)]);
}

export const same = (one: Sum, other: Sum): boolean => one.n === other.n && one.hash === other.hash;

async function sumOf(side: Statements, table: Table, range: Range): Promise<Sum> {
  const [sum] = await run<Sum>(side, checksum(table, range));
  return sum ?? { n: 0, hash: '' };
}

async function nth(side: Statements, table: Table, range: Range, n: number): Promise<Key | undefined> {
  const [row] = await run<Row>(side, keyAt(table, range, n));
  return row && keyOf(table, row);
}

const run = <Found>(side: Statements, { sql, values }: Statement) => side.query<Found>(sql, values);

/** Repairs a chunk in one transaction, which never commits after the signal. */
async function repair(
  { table, to }: Pair,
  { gone, missing }: Difference,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  await to.transaction(async (tx) => {
    for (const keys of batches(gone)) await execute(tx, deletion(table, table.key, keys));
    for (const rows of batches(missing)) await insert(tx, table, rows);
    signal.throwIfAborted();
  });
}

/**
 * A unique value that moved to another row may still be taken on the target, by a row of another chunk.
 * That row is outdated too: it is deleted here, and inserted again with its own chunk.
 */
async function insert(tx: Statements, table: Table, rows: readonly Row[]): Promise<void> {
  const insert = insertion(table, rows);
  try {
    await execute(tx, insert);
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    for (const unique of table.uniques) {
      const taken = rows.map((row) => unique.map((name) => row[name] ?? null)).filter(withoutNull);
      if (taken.length > 0) await execute(tx, deletion(table, unique, taken));
    }
    await execute(tx, insert);
  }
}

const execute = (tx: Statements, { sql, values }: Statement) => tx.execute(sql, values);

/** NULLs are never equal, so they do not violate a unique key. */
const withoutNull = (tuple: (string | null)[]): tuple is string[] => !tuple.includes(null);

/** Powers of two up to 256, so that a table needs few prepared statements and not one per number of rows. */
function* batches<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; ) {
    const most = Math.min(256, 2 ** Math.floor(Math.log2(items.length - start)));
    yield items.slice(start, start + most);
    start += most;
  }
}
