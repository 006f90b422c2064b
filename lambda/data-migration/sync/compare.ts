import type { TableComparison } from '../control/progress';
import { type Key, type Row, rowsWith } from './statements';
import {
  bothSums,
  differenceIn,
  differingRanges,
  keysOf,
  type Pair,
  type SyncOptions,
  size,
} from './sync-table';
import type { Table } from './tables';

/** Maximum number of differing rows that are compared again. */
const LOOKED_AT_AGAIN = 100;
const EXAMPLES = 5;

/** Compares a table of a shop that may be running: differing rows are compared again after a pause. */
export async function compareTable(
  pair: Pair,
  options: SyncOptions,
  lookAgain: () => Promise<void>,
): Promise<Omit<TableComparison, 'name'>> {
  const keys: Key[] = [];
  let found = 0;
  await differingRanges(pair, options, async (range) => {
    const difference = await differenceIn(pair, range);
    found += size(pair.table, difference);
    keys.push(...keysOf(pair.table, difference).slice(0, LOOKED_AT_AGAIN - keys.length));
  });
  const still = keys.length > 0 ? await stillDifferent(pair, keys, lookAgain) : [];
  const [ours, theirs] = await bothSums(pair);
  const inMotion = keys.length - still.length;
  return {
    ...{ rows: ours.n, otherRows: theirs.n, different: found - inMotion, inMotion },
    examples: still.slice(0, EXAMPLES).map((key) => key.join(' ')),
  };
}

/** Describes the differences, for a person who looks for the cause. */
export async function describeDifferences(name: string, pair: Pair, chunkRows: number): Promise<string> {
  const options = { chunkRows, onChunk: async () => undefined };
  const { rows, otherRows, different, examples } = await compareTable(pair, options, async () => undefined);
  return `${name} differs between the sides: ${rows} rows here, ${otherRows} there, ${different} different (${examples.join(', ')})`;
}

/** The keys whose rows did not change on the source side during the pause and still differ. */
async function stillDifferent({ table, from, to }: Pair, keys: readonly Key[], pause: () => Promise<void>) {
  const { sql, values } = rowsWith(table, keys);
  const look = async (side: Pair['from']) => byKey(table, await side.query<Row>(sql, values));
  const before = await look(from);
  await pause();
  const [after, other] = await Promise.all([look(from), look(to)]);
  return keys.filter((key) => {
    const id = JSON.stringify(key);
    return before.get(id) === after.get(id) && after.get(id) !== other.get(id);
  });
}

const byKey = (table: Table, rows: readonly Row[]): Map<string, string> =>
  new Map(rows.map((row) => [JSON.stringify(table.key.map((name) => row[name])), JSON.stringify(row)]));
