import { randomBytes } from 'node:crypto';
import { type Cache, MAX_FILL_AGE_MS } from '../../shared/cache/cache';
import { REPAIR } from '../../shared/cache/cache-policy';
import { forceIndex, type Sql } from '../../shared/sql/sql';
import { type CacheState, isWanted, readState, writeState } from './cache-state';

/** All processes together repair about once in this time. */
const LOCK_MS = 0.9 * REPAIR.everyMs;
const LOCK_KEY = 'catalog:relay';

export interface ChangeRelayOptions {
  readonly sql: Sql;
  readonly cache: Cache;
  /** The key of a product under an epoch. */
  readonly keyOf: (epoch: string, productId: string) => string;
  readonly now: () => number;
}

/**
 * Repairs the cache: removes what was changed and not written through, by a process that died, or was cut off from the
 * cache. One call is one repair, to be repeated about every second, in any number of processes.
 * @throws CacheUnavailableError
 */
export function createChangeRelay({ sql, cache, keyOf, now }: ChangeRelayOptions): () => Promise<void> {
  return async () => {
    if (!(await cache.lock(LOCK_KEY, LOCK_MS))) return;
    const began = now();
    // A value whose load began before that is refused by the cache from now on.
    const watermark = began - MAX_FILL_AGE_MS;
    const state = await readState(cache, began);
    if (state) {
      await repair(state);
      await writeState(cache, { ...state, watermark }, now());
    } else if (await isWanted(cache)) await writeState(cache, { epoch: newEpoch(), watermark }, now());
  };

  async function repair({ epoch, watermark }: CacheState): Promise<void> {
    const changes = await changesSince(sql, watermark - REPAIR.overlapMs);
    if (changes.length > 0)
      await cache.expire(new Map(changes.map(({ id, revision }) => [keyOf(epoch, id), revision])));
  }
}

const newEpoch = () => randomBytes(6).toString('base64url');

const changesSince = ({ query }: Sql, since: number) =>
  query<{ id: string; revision: number }>(
    `SELECT product_id AS id, revision FROM stock ${forceIndex('stock_by_change')} WHERE changed_at >= ?`,
    [since],
  );
