import type { Table } from '../../shared/tables/table';
import { readMap, type ShardMap } from './shard-map';

/** A move is announced for longer than this before a bucket changes its shard. In milliseconds. */
export const LEASE_MS = 1000;

/** The map as a process follows it. */
export interface FollowedMap {
  /** At most a lease old; older while the table does not answer. @throws TableUnavailableError before the first answer */
  current(): Promise<ShardMap>;
  /** False if a move may have begun since that map was read. */
  isCertain(map: ShardMap): boolean;
  /** Reads the map again. */
  refresh(): Promise<ShardMap>;
}

/** A failed read is repeated after this time. */
const RETRY_MS = 200;

/** Read when it is needed and older than a lease; concurrent calls share a read. */
export function followMap(table: Table, leaseMs = LEASE_MS): FollowedMap {
  let known: { readonly map: ShardMap; readonly at: number } | undefined;
  let loading: Promise<ShardMap> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  const refresh = (): Promise<ShardMap> => {
    const at = performance.now();
    loading ??= readMap(table)
      .then((map) => {
        if (!known || map.version >= known.map.version) known = { map, at };
        return known.map;
      })
      .catch((error: unknown) => {
        failedAt = performance.now();
        throw error;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
  const isFresh = () => known !== undefined && performance.now() - known.at < leaseMs;

  return {
    refresh,
    isCertain: (map) => known?.map === map && isFresh(),
    current: async () => {
      if (known && (isFresh() || performance.now() - failedAt < RETRY_MS)) return known.map;
      return refresh().catch((error: unknown) => {
        if (known) return known.map;
        throw error;
      });
    },
  };
}
