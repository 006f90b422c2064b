import type { Sql } from '../../shared/sql/sql';
import type { Table } from '../../shared/tables/table';
import { bucketsByShard } from '../../users/sharding/balance';
import { keepChanging, readMap, type ShardMap } from '../../users/sharding/shard-map';
import type { Home } from '../federation/home';
import { addShard } from './begin-sharding';
import { type BucketMove, createBucketMover } from './bucket-mover';

export interface ShardControlOptions {
  /** With the map and the directory. */
  readonly table: Table;
  /** By their names, as their service's account. The first one is the cluster of the users. */
  readonly shards: Readonly<Record<string, Sql>>;
  /** The place of the users: they are divided from the cluster of their own on. */
  readonly home: () => Promise<Home>;
  /** True when the call has to end. Default: never. */
  readonly late?: () => boolean;
  /** For registrations of before the map. Default: longer than any request. */
  readonly settleMs?: number;
  /** For processes to hear of a move. Default: as long as they may use a map. */
  readonly leaseMs?: number;
}

interface ListedShard {
  readonly name: string;
  /** Buckets on their way count where they go to. */
  readonly buckets: number;
  /** False while no bucket can come here: it is deployed, and not added. */
  readonly added: boolean;
}

interface ShardList {
  /** 0: users are not divided. */
  readonly version: number;
  readonly complete: boolean;
  readonly moving: number;
  readonly shards: readonly ListedShard[];
}

/** The progress of adding a shard: a call may end before all accounts are in the directory. */
interface Added {
  readonly done: boolean;
  readonly entered: number;
  /** The account to go on after. */
  readonly after: string;
}

interface Moved {
  readonly moves: readonly BucketMove[];
  /** Buckets that the call had no time for. */
  readonly left: readonly number[];
}

interface ShardSkew {
  readonly name: string;
  readonly accounts: number;
  readonly sessions: number;
  /** The buckets with the most accounts. */
  readonly largest: readonly { readonly bucket: number; readonly accounts: number }[];
}

/** The commands on the shards of a shop, in calls that may be repeated. Here, or in a function. */
export interface ShardControl {
  list(): Promise<ShardList>;
  /** The buckets of each shard, by its name. */
  buckets(): Promise<Record<string, number[]>>;
  /** @throws UsersNotMovedError, UnknownShardError */
  add(name: string, after: string): Promise<Added>;
  /** @throws UnknownShardError */
  move(buckets: readonly number[], to: string): Promise<Moved>;
  skew(): Promise<ShardSkew[]>;
  /**
   * Takes all other shards off the map, before their clusters leave a deploy: no bucket goes there until they are added
   * again. Changes nothing if one still has buckets, or some are on their way, and returns the numbers of these by shard.
   */
  keepOnly(names: readonly string[]): Promise<Record<string, number>>;
}

/** The users are still beside inventory. */
export class UsersNotMovedError extends Error {
  override name = 'UsersNotMovedError';
}

/** No cluster of that name is deployed. */
export class UnknownShardError extends Error {
  override name = 'UnknownShardError';
}

class LateError extends Error {
  override name = 'LateError';
}

const LARGEST = 3;

export function openShardControl(options: ShardControlOptions): ShardControl {
  const { table, shards, home, late = () => false, settleMs, leaseMs } = options;
  const deployed = Object.keys(shards);
  const at = (name: string): Sql => {
    const sql = shards[name];
    if (sql) return sql;
    throw new UnknownShardError(`There is no cluster "${name}": deployed are ${deployed.join(', ')}`);
  };

  return {
    list: async () => {
      const map = await readMap(table);
      const held = bucketsByShard(map);
      const names = [...new Set([...map.shards, ...deployed])];
      return {
        version: map.version,
        complete: map.directoryComplete,
        moving: Object.keys(map.moving).length,
        shards: names.map((name) => ({
          ...{ name, buckets: held[name]?.length ?? 0, added: map.shards.includes(name) },
        })),
      };
    },
    buckets: async () => bucketsByShard(await readMap(table)),
    add: async (name, from) => {
      const sql = at(name);
      const { version } = await readMap(table);
      if (version === 0 && name !== deployed[0])
        throw new UnknownShardError(`Add "${deployed[0]}" first: all users are there`);
      if (version === 0 && (await home()) !== 'own')
        throw new UsersNotMovedError(
          'The users are beside inventory: move them first, npm run federate -- run',
        );
      let [entered, after] = [0, from];
      try {
        await addShard(table, name, sql, {
          ...{ from, ...(settleMs !== undefined && { settleMs }) },
          onEntries: async (count, last) => {
            [entered, after] = [count, last];
            if (late()) throw new LateError();
          },
        });
        return { done: true, entered, after };
      } catch (error) {
        if (!(error instanceof LateError)) throw error;
        return { done: false, entered, after };
      }
    },
    move: async (buckets, to) => {
      at(to);
      const mover = createBucketMover({ table, shards, ...(leaseMs !== undefined && { leaseMs }) });
      const moves: BucketMove[] = [];
      const moved = new Set<number>();
      for await (const move of mover.move(buckets, to)) {
        moves.push(move);
        moved.add(move.bucket);
        if (late()) break;
      }
      const { moving, homes, shards: names } = await readMap(table);
      const isThere = (bucket: number) => !moving[bucket] && names[homes[bucket] ?? -1] === to;
      return { moves, left: buckets.filter((bucket) => !moved.has(bucket) && !isThere(bucket)) };
    },
    keepOnly: async (kept) => {
      let held: Record<string, number> = {};
      await keepChanging(table, (map) => {
        held = heldElsewhere(map, kept);
        const left = map.shards.filter((name) => kept.includes(name));
        if (Object.keys(held).length > 0 || left.length === map.shards.length) return undefined;
        return { shards: left, homes: map.homes.map((home) => left.indexOf(map.shards[home] ?? '')) };
      });
      return held;
    },
    skew: async () => {
      const { shards: names } = await readMap(table);
      return Promise.all(names.map((name) => skewOf(name, at(name))));
    },
  };
}

/** The buckets that are on other shards than these, or that go to or from anywhere. */
function heldElsewhere({ shards, homes, moving }: ShardMap, kept: readonly string[]): Record<string, number> {
  const held: Record<string, number> = {};
  homes.forEach((home, bucket) => {
    const name = shards[moving[bucket]?.to ?? home] ?? '';
    if (moving[bucket] || !kept.includes(name)) held[name] = (held[name] ?? 0) + 1;
  });
  return held;
}

/** Two counts by an index, and no row is read. */
async function skewOf(name: string, sql: Sql): Promise<ShardSkew> {
  const counted = await sql.query<{ bucket: number; accounts: number }>(
    'SELECT bucket, COUNT(*) AS accounts FROM users GROUP BY bucket',
  );
  const [row] = await sql.query<{ sessions: number }>('SELECT COUNT(*) AS sessions FROM sessions');
  const buckets = counted.map(({ bucket, accounts }) => ({
    bucket: Number(bucket),
    accounts: Number(accounts),
  }));
  return {
    name,
    accounts: buckets.reduce((sum, { accounts }) => sum + accounts, 0),
    sessions: Number(row?.sessions ?? 0),
    largest: buckets.sort((one, other) => other.accounts - one.accounts).slice(0, LARGEST),
  };
}
