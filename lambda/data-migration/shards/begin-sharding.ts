import { setTimeout as sleep } from 'node:timers/promises';
import { limit, type Sql } from '../../shared/sql/sql';
import type { Table } from '../../shared/tables/table';
import { settleAllBuckets } from '../../users/sharding/bucket-fence';
import { enterAccount } from '../../users/sharding/directory';
import { keepChanging, mapOfOne, readMap, type ShardMap } from '../../users/sharding/shard-map';

export interface AddShardOptions {
  /**
   * Called with the number of accounts that were entered in the directory, and the id of the last one. A rejection ends
   * it there.
   */
  readonly onEntries?: (entered: number, last: string) => Promise<void>;
  /** The id of the account to go on after. Default: from the first. */
  readonly from?: string;
  /** Default: longer than any request. */
  readonly settleMs?: number;
}

const SETTLE_MS = 20_000;
const PAGE = 500;
const CONCURRENT = 16;

/**
 * Adds a shard to the map, without a bucket. The first one gets all buckets, and its accounts are entered in the directory,
 * which is complete from then on. Idempotent.
 */
export async function addShard(
  table: Table,
  name: string,
  sql: Sql,
  { onEntries = async () => undefined, from = '', settleMs = SETTLE_MS }: AddShardOptions = {},
): Promise<ShardMap> {
  if ((await readMap(table)).version === 0) {
    await settleAllBuckets(sql);
    await keepChanging(table, (map) => (map.version === 0 ? mapOfOne(name) : undefined));
    // Registrations that began without the map end by then.
    await sleep(settleMs);
  }
  const map = await keepChanging(table, ({ shards }) =>
    shards.includes(name) ? undefined : { shards: [...shards, name] },
  );
  if (map.directoryComplete) return map;
  if (map.shards[0] !== name)
    throw new Error(`Run this for ${map.shards[0]} first: its accounts are not entered yet`);
  await enterAccounts(table, sql, from, onEntries);
  return keepChanging(table, (found) => (found.directoryComplete ? undefined : { directoryComplete: true }));
}

/** From the oldest account to the newest; new ones enter themselves. */
async function enterAccounts(
  table: Table,
  sql: Sql,
  from: string,
  onEntries: (entered: number, last: string) => Promise<void>,
): Promise<void> {
  let after = from;
  for (let entered = 0; ; ) {
    const page = await sql.query<{ id: string; email: string }>(
      `SELECT id, email FROM users WHERE id > ? ORDER BY id ${limit(PAGE)}`,
      [after],
    );
    for (let start = 0; start < page.length; start += CONCURRENT) {
      const some = page.slice(start, start + CONCURRENT);
      await Promise.all(some.map(({ id, email }) => enterAccount(table, email, id)));
    }
    entered += page.length;
    after = page.at(-1)?.id ?? after;
    if (page.length < PAGE) return;
    await onEntries(entered, after);
  }
}
