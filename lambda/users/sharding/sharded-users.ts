import { setTimeout as sleep } from 'node:timers/promises';
import { ReadOnlyMomentError } from '../../shared/runtime/retry-later';
import { DatabaseUnavailableError, type Sql, type SqlValue, type Statements } from '../../shared/sql/sql';
import { isReadable, lockedState } from './bucket-fence';
import { bucketOf } from './buckets';
import type { Directory } from './directory';
import type { FollowedMap } from './followed-map';
import type { ShardMap } from './shard-map';
import type { UserShards } from './user-shards';

export interface ShardedUsersOptions {
  /** By the names in the map. */
  readonly shards: Readonly<Record<string, Sql>>;
  readonly map: FollowedMap;
  readonly directory: Directory;
  /** The schema with all users while there is no map yet. */
  readonly alone: Sql;
  /** A statement that a moving bucket holds up for longer fails. Default 10 s. */
  readonly waitMs?: number;
}

/** The bucket has left the shard, is about to, or has not arrived. */
class BucketAwayError extends Error {
  override name = 'BucketAwayError';
}

/** The map names a shard that this process has no way to: its settings are older than the map. */
class UnknownShardError extends Error {
  override name = 'UnknownShardError';
}

const RETRY_MS = 10;

/** Users on several schemas, by the bucket of their id (decision 0203). */
export function shardedUsers({
  shards,
  map: followed,
  directory,
  alone,
  waitMs = 10_000,
}: ShardedUsersOptions): UserShards {
  const named = (name: string): Sql => {
    const sql = shards[name];
    if (!sql)
      throw new UnknownShardError(`The map names the shard "${name}", which this process does not know`);
    return sql;
  };
  const shardOf = ({ version, shards: names, homes }: ShardMap, bucket: number): Sql =>
    version === 0 ? alone : named(names[homes[bucket] ?? -1] ?? '');

  /** Repeats work on the shard that the map names, until the bucket is there. */
  const insisting = async <Result>(
    bucket: number,
    work: (sql: Sql, map: ShardMap) => Promise<Result>,
    late: () => Error,
  ): Promise<Result> => {
    const until = performance.now() + waitMs;
    for (;;) {
      const map = await followed.current();
      try {
        return await work(shardOf(map, bucket), map);
      } catch (error) {
        if (!(error instanceof BucketAwayError)) throw error;
        if (performance.now() > until) throw late();
        await sleep(RETRY_MS * (0.5 + Math.random()));
        await followed.refresh().catch(() => undefined);
      }
    }
  };

  /** Reads of a bucket that may be moving look at its fence afterwards; others cost nothing more. */
  const query = <Row>(bucket: number, statement: string, values?: readonly SqlValue[]): Promise<Row[]> =>
    insisting(
      bucket,
      async (sql, map) => {
        const rows = await sql.query<Row>(statement, values);
        const still = map.moving[bucket] === undefined && followed.isCertain(map);
        if (still || (await isReadable(sql, bucket))) return rows;
        throw new BucketAwayError();
      },
      () => new DatabaseUnavailableError(),
    );

  const transaction = <Result>(bucket: number, work: (tx: Statements) => Promise<Result>): Promise<Result> =>
    insisting(
      bucket,
      (sql, map) =>
        sql.transaction(async (tx) => {
          if (map.version > 0 && (await lockedState(tx, bucket))?.state !== 'here')
            throw new BucketAwayError();
          return work(tx);
        }),
      () => new ReadOnlyMomentError(),
    );

  const atBucket = (bucket: number): Sql => ({
    query: (statement, values) => query(bucket, statement, values),
    execute: (statement, values) => transaction(bucket, (tx) => tx.execute(statement, values)),
    transaction: (work) => transaction(bucket, work),
    exclusively: () => Promise.reject(new Error('Nothing locks a bucket by name')),
    close: async () => undefined,
  });
  const each = async () => {
    const map = await followed.current();
    return map.version === 0 ? [alone] : map.shards.map(named);
  };

  return {
    at: (key) => atBucket(bucketOf(key)),
    atBucket,
    groupOf: bucketOf,
    each,
    directory: async () => ((await followed.current()).version === 0 ? undefined : directory),
    undivided: async () => {
      const { version, shards: [first] = [], directoryComplete } = await followed.current();
      if (version === 0) return alone;
      return directoryComplete || first === undefined ? undefined : named(first);
    },
    stalenessMs: () =>
      Math.max(0, ...[alone, ...Object.values(shards)].map((sql) => sql.stalenessMs?.() ?? 0)),
  };
}
