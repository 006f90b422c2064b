import type { Item, Table, TableDefinition } from '../../shared/tables/table';
import { BUCKETS } from './buckets';

/** Holds the map, in one item, and the directory of e-mails. */
export const DIRECTORY_TABLE: TableDefinition = { partition: { name: 'key', type: 'text' } };

const KEY = { key: 'MAP' };

/** The shard of each bucket. */
export interface ShardMap {
  /** Counts up with each change. 0: there is no map yet. */
  readonly version: number;
  /** Names of shards, such as `users-1`; a bucket refers to them by index. One leaves without a bucket, before a deploy. */
  readonly shards: readonly string[];
  /** By bucket: the index of its shard. */
  readonly homes: readonly number[];
  /** Buckets on their way: the index of the shard that they go to, and the name of this move among all. */
  readonly moving: Readonly<Record<number, { readonly to: number; readonly id: string }>>;
  /** False while accounts of before the directory may be missing in it. */
  readonly directoryComplete: boolean;
}

/** Another process changed the map after it was read. */
class MapChangedError extends Error {
  override name = 'MapChangedError';
}

const NO_MAP: ShardMap = {
  version: 0,
  shards: [],
  homes: [],
  moving: {},
  directoryComplete: false,
};

/** Every bucket on one shard: how sharding begins. */
export const mapOfOne = (shard: string): ShardMap => ({
  ...NO_MAP,
  shards: [shard],
  homes: Array.from({ length: BUCKETS }, () => 0),
});

export async function readMap(table: Table): Promise<ShardMap> {
  const item = await table.get(KEY, { consistent: true });
  return item ? mapFrom(item) : NO_MAP;
}

/**
 * Stores a change of the map that was read, which gets the next version.
 * @throws MapChangedError if it is not the newest any more
 */
export async function changeMap(table: Table, read: ShardMap, change: Partial<ShardMap>): Promise<ShardMap> {
  const next: ShardMap = { ...read, ...change, version: read.version + 1 };
  const condition = read.version === 0 ? ('free' as const) : { version: read.version };
  if (await table.put(itemFrom(next), condition)) return next;
  // The answer to the same change may have been lost: then it is stored as it was sent.
  const found = await readMap(table);
  if (found.version === next.version && JSON.stringify(found) === JSON.stringify(next)) return next;
  throw new MapChangedError('The map of shards has changed since it was read: run this again');
}

/**
 * The same as often as another process changes the map meanwhile. `change` gets the newest map; undefined: nothing is to be
 * changed any more.
 */
export async function keepChanging(
  table: Table,
  change: (map: ShardMap) => Partial<ShardMap> | undefined,
): Promise<ShardMap> {
  for (;;) {
    const map = await readMap(table);
    const wanted = change(map);
    if (!wanted) return map;
    try {
      return await changeMap(table, map, wanted);
    } catch (error) {
      if (!(error instanceof MapChangedError)) throw error;
    }
  }
}

/** @throws Error if the map has no such shard */
export function indexOf({ shards }: ShardMap, shard: string): number {
  const index = shards.indexOf(shard);
  if (index < 0) throw new Error(`There is no shard "${shard}": the map has ${shards.join(', ') || 'none'}`);
  return index;
}

/** 2 KB: one byte for each bucket, in hex. */
const itemFrom = ({ version, shards, homes, moving, directoryComplete }: ShardMap): Item => ({
  ...KEY,
  version,
  shards: shards.join(' '),
  homes: Buffer.from(homes).toString('hex'),
  moving: JSON.stringify(moving),
  directory: directoryComplete ? 'complete' : 'incomplete',
});

const mapFrom = ({ version, shards, homes, moving, directory }: Item): ShardMap => ({
  version: Number(version),
  shards: String(shards).split(' ').filter(Boolean),
  homes: [...Buffer.from(String(homes), 'hex')],
  moving: JSON.parse(String(moving)),
  directoryComplete: directory === 'complete',
});
