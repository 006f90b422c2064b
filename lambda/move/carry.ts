import { DuplicateKeyError, type Sql, type Statements } from '../shared/sql';
import {
  checksum,
  deletion,
  insertion,
  type Key,
  keyAt,
  type Range,
  type Row,
  rowsIn,
  type Statement,
} from './statements';
import type { Table } from './tables';

/** Rows that are compared at once. A difference costs reading as many on both sides. */
export const CHUNK_ROWS = 1000;

/** One table on the side that is right and on the side that is made like it. */
export interface Pair {
  readonly table: Table;
  readonly from: Sql;
  readonly to: Sql;
}

export interface Sum {
  readonly n: number;
  readonly hash: string;
}

/** What differs between the two sides of a range: rows of `to` that must go, rows of `from` that must come. */
export interface Difference {
  readonly gone: readonly Key[];
  readonly missing: readonly Row[];
}

export interface CarryOptions {
  readonly chunkRows: number;
  /** After each chunk. What it throws ends the work. */
  readonly onChunk: (rows: number) => Promise<void>;
}

/** Makes `to` like `from` and returns how many rows were not; begins anew from whatever is there. */
export async function carryTable(pair: Pair, signal: AbortSignal, options: CarryOptions): Promise<number> {
  let changed = 0;
  await differingRanges(pair, options, async (range) => {
    const difference = await differenceIn(pair, range);
    await repair(pair, difference, signal);
    changed += size(pair.table, difference);
  });
  return changed;
}

/** Visits each chunk that is not the same on both sides. */
export async function differingRanges(
  pair: Pair,
  { chunkRows, onChunk }: CarryOptions,
  visit: (range: Range) => Promise<void>,
): Promise<void> {
  const { table, from, to } = pair;
  let after: Key | undefined;
  do {
    let range: Range = { after, upTo: await nth(from, table, { after }, chunkRows) };
    let [ours, theirs] = await bothSums(pair, range);
    // What is too much on the other side is taken in chunks too, since a chunk is read into memory.
    if (theirs.n > 2 * chunkRows) {
      range = { after, upTo: (await nth(to, table, range, chunkRows)) ?? range.upTo };
      [ours, theirs] = await bothSums(pair, range);
    }
    if (!same(ours, theirs)) await visit(range);
    await onChunk(ours.n);
    after = range.upTo;
  } while (after);
}

export async function differenceIn({ table, from, to }: Pair, range: Range): Promise<Difference> {
  const [wanted, found] = await Promise.all([from, to].map((side) => run<Row>(side, rowsIn(table, range))));
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

/** How many rows differ: one that changed both goes and comes. */
export const size = (table: Table, { gone, missing }: Difference): number =>
  keysOf(table, { gone, missing }).length;

/** The keys of all rows that differ. */
export function keysOf(table: Table, { gone, missing }: Difference): Key[] {
  const keys = [...gone, ...missing.map((row) => keyOf(table, row))];
  return [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
}

const keyOf = ({ key }: Table, row: Row): Key => key.map((name) => row[name] ?? '');

/** Both sides of a range, or of the whole table. */
export async function bothSums({ table, from, to }: Pair, range: Range = {}): Promise<[Sum, Sum]> {
  return Promise.all([sumOf(from, table, range), sumOf(to, table, range)]);
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

/** All of a chunk or nothing; nothing once the signal came, however late the last answer is. */
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
 * A unique value that moved from one row to another may still be held on this side by a row of another chunk.
 * That row is not as it should be either: it goes, and comes back with its own chunk.
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

/** NULLs are never equal, so they hold nothing. */
const withoutNull = (tuple: (string | null)[]): tuple is string[] => !tuple.includes(null);

/** In powers of two up to 256, so that a table has a few prepared statements and not one for each number of rows. */
function* batches<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; ) {
    const most = Math.min(256, 2 ** Math.floor(Math.log2(items.length - start)));
    yield items.slice(start, start + most);
    start += most;
  }
}
