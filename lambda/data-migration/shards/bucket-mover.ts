import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../../shared/sql/sql';
import type { Table } from '../../shared/tables/table';
import { changeState, expectBucket, type FenceRow, lockedState } from '../../users/sharding/bucket-fence';
import { DIVIDED } from '../../users/sharding/buckets';
import { LEASE_MS } from '../../users/sharding/followed-map';
import { indexOf, keepChanging, readMap, type ShardMap } from '../../users/sharding/shard-map';
import { VerificationFailedError } from '../passes';
import { bothSums, CHUNK_ROWS, type Pair, same, syncTable } from '../sync/sync-table';
import { tablesOfBoth } from '../sync/tables';

export interface BucketMoverOptions {
  /** With the map. */
  readonly table: Table;
  /** By the names in the map, as their service's account. */
  readonly shards: Readonly<Record<string, Sql>>;
  /** Default one second. */
  readonly leaseMs?: number;
  /** Called before each step; a rejection ends the move there. */
  readonly onStep?: (step: BucketStep, bucket: number) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** From `fence` to `admit`, the bucket's users wait. */
export type BucketStep =
  | 'announce'
  | 'take'
  | 'copy'
  | 'fence'
  | 'last rows'
  | 'verify'
  | 'leave'
  | 'flip'
  | 'admit'
  | 'delete'
  | 'end';

export interface BucketMove {
  readonly bucket: number;
  readonly rows: number;
  /** The time for which its users waited, in milliseconds. */
  readonly pausedMs: number;
}

/** Another mover has taken the bucket over: it goes on there. */
class BucketTakenError extends Error {
  override name = 'BucketTakenError';
}

/** The bucket is on its way to another shard: run that move again first. */
class BucketMovingError extends Error {
  override name = 'BucketMovingError';
}

/** A pass that changed at most this many rows is followed by the last one. */
const FEW_ROWS = 20;
const PASSES = 5;
/** Rows that a sweep deletes meanwhile make the sides differ for a moment. */
const VERIFICATIONS = 3;

/** Moves buckets, one at a time, while the users of all others notice nothing. Run again, it continues (decision 0204). */
export function createBucketMover(options: BucketMoverOptions) {
  const { table, shards, leaseMs = LEASE_MS, onStep = async () => undefined } = options;
  const { signal = new AbortController().signal } = options;
  const at = ({ shards: names }: ShardMap, index: number): Sql => {
    const sql = shards[names[index] ?? ''];
    if (!sql) throw new Error(`There is no way to the shard "${names[index]}"`);
    return sql;
  };

  /** From a lease later on, every process looks at the fence of these buckets when it reads. */
  const announce = async (buckets: readonly number[], to: string): Promise<number[]> => {
    const map = await keepChanging(table, (found) => {
      if (!found.directoryComplete)
        throw new Error('The directory is not complete: add the first shard again');
      const target = indexOf(found, to);
      const elsewhere = buckets.find((bucket) => (found.moving[bucket]?.to ?? target) !== target);
      if (elsewhere !== undefined)
        throw new BucketMovingError(
          `Bucket ${elsewhere} is on its way to another shard: end that move first`,
        );
      const fresh = buckets.filter((bucket) => !found.moving[bucket] && found.homes[bucket] !== target);
      if (fresh.length === 0) return undefined;
      const more = fresh.map((bucket) => [bucket, { to: target, id: randomUUID() }]);
      return { moving: { ...found.moving, ...Object.fromEntries(more) } };
    });
    const moving = buckets.filter((bucket) => map.moving[bucket]);
    // Half as much again: clocks do not run at the same speed.
    if (moving.length > 0) await sleep(leaseMs * 1.5, undefined, { signal });
    return moving;
  };

  const moveOne = async (bucket: number): Promise<BucketMove> => {
    const owner = randomUUID();
    const map = await readMap(table);
    const move = map.moving[bucket];
    if (!move) return { bucket, rows: 0, pausedMs: 0 };
    const step = async (name: BucketStep) => {
      signal.throwIfAborted();
      await onStep(name, bucket);
    };
    const target = at(map, move.to);
    const home = map.homes[bucket] ?? move.to;
    const isOn = async () => (await readMap(table)).moving[bucket]?.id === move.id;
    let [rows, pausedMs] = [0, 0];
    await step('take');
    if (home !== move.to) {
      const source = at(map, home);
      const { state } = await take(source, target, bucket, owner);
      // Once it is `gone` the copy was verified, and there is only the way forward.
      const left =
        state === 'gone'
          ? { since: performance.now(), rows: 0 }
          : await leave({ source, target, bucket, owner, step });
      await step('flip');
      await keepChanging(table, (found) =>
        found.moving[bucket]?.id === move.id && found.homes[bucket] === home
          ? { homes: found.homes.with(bucket, move.to) }
          : undefined,
      );
      await step('admit');
      await admit({ target, bucket, owner }, isOn);
      [rows, pausedMs] = [left.rows, performance.now() - left.since];
    } else {
      await step('admit');
      await admit({ target, bucket, owner }, isOn);
    }
    await step('delete');
    for (const [index] of map.shards.entries())
      if (index !== move.to) await deleteLeft(at(map, index), bucket, owner);
    await step('end');
    await keepChanging(table, ({ moving }) => {
      if (moving[bucket]?.id !== move.id) return undefined;
      const { [bucket]: _, ...others } = moving;
      return { moving: others };
    });
    return { bucket, rows, pausedMs: Math.round(pausedMs) };
  };

  return {
    /** Moves buckets to a shard; those that are there already stay. Yields each that is done. */
    move: async function* (buckets: readonly number[], to: string): AsyncGenerator<BucketMove> {
      for (const bucket of buckets) await onStep('announce', bucket);
      for (const bucket of await announce(buckets, to)) yield await moveOne(bucket);
    },
  };
}

/** Takes the bucket from whoever moved it before, on both sides. */
async function take(source: Sql, target: Sql, bucket: number, owner: string): Promise<FenceRow> {
  const row = await source.transaction(async (tx) => {
    await changeState(tx, bucket, { from: ['here', 'leaving', 'gone'], owner });
    return lockedState(tx, bucket);
  });
  if (!row || row.owner !== owner || !(await expectBucket(target, bucket, owner)))
    throw new BucketTakenError(
      `Bucket ${bucket} is not where the map says, or is being moved: run this again`,
    );
  return row;
}

interface Leaving {
  readonly source: Sql;
  readonly target: Sql;
  readonly bucket: number;
  readonly owner: string;
  readonly step: (name: BucketStep) => Promise<void>;
}

/** Copies, fences, copies the rest and verifies; then the source gives the bucket up. */
async function leave({ source, target, bucket, owner, step }: Leaving) {
  const pairs = await pairsOf(source, onlyWhileOwned(target, bucket, owner), bucket);
  let rows = 0;
  for (let pass = 1; pass <= PASSES; pass++) {
    await step('copy');
    const changed = await sync(pairs);
    rows += changed;
    if (changed <= FEW_ROWS) break;
  }
  await step('fence');
  const since = performance.now();
  const mine = { owner, owned: true } as const;
  try {
    const isFenced = await changeState(source, bucket, { from: ['here', 'leaving'], to: 'leaving', ...mine });
    if (!isFenced) throw new BucketTakenError(`Bucket ${bucket} was taken over by another mover`);
    for (let attempt = 1; ; attempt++) {
      await step('last rows');
      rows += await sync(pairs);
      await step('verify');
      if (await isSame(pairs)) break;
      if (attempt === VERIFICATIONS)
        throw new VerificationFailedError(`Bucket ${bucket} differs between the shards: it has not moved`);
    }
    await step('leave');
    if (!(await changeState(source, bucket, { from: ['leaving'], to: 'gone', ...mine })))
      throw new BucketTakenError(`Bucket ${bucket} was taken over by another mover`);
  } catch (error) {
    await changeState(source, bucket, { from: ['leaving'], to: 'here', ...mine }).catch(() => undefined);
    throw error;
  }
  return { since, rows };
}

async function sync(pairs: readonly Pair[]): Promise<number> {
  let changed = 0;
  const never = new AbortController().signal;
  for (const pair of pairs)
    changed += await syncTable(pair, never, { chunkRows: CHUNK_ROWS, onChunk: async () => undefined });
  return changed;
}

async function isSame(pairs: readonly Pair[]): Promise<boolean> {
  for (const pair of pairs) if (!same(...(await bothSums(pair)))) return false;
  return true;
}

async function pairsOf(from: Sql, to: Sql, bucket: number): Promise<Pair[]> {
  const tables = await tablesOfBoth(from, to);
  return tables
    .filter(({ name }) => name in DIVIDED)
    .map((table) => ({ table: { ...table, only: { column: 'bucket', value: bucket } }, from, to }));
}

/** Transactions of a mover that lost the bucket store nothing: users may have written there since. */
const onlyWhileOwned = (sql: Sql, bucket: number, owner: string): Sql => ({
  ...sql,
  transaction: (work) =>
    sql.transaction(async (tx) => {
      const row = await lockedState(tx, bucket);
      if (row?.state !== 'arriving' || row.owner !== owner)
        throw new BucketTakenError(`Bucket ${bucket} was taken over by another mover`);
      return work(tx);
    }),
});

/**
 * Admits a bucket to which the map has flipped. A mover that lost the source may take the target over as late as here,
 * so the bucket is taken again, and admitted if the move was not ended by others: then it would be that of a later move.
 */
async function admit(
  { target, bucket, owner }: Pick<Leaving, 'target' | 'bucket' | 'owner'>,
  isOn: () => Promise<boolean>,
): Promise<void> {
  while (await changeState(target, bucket, { from: ['arriving'], owner })) {
    if (!(await isOn())) throw new BucketTakenError(`Bucket ${bucket} was moved by another mover`);
    if (await changeState(target, bucket, { from: ['arriving'], to: 'here', owner, owned: true })) return;
  }
}

const DELETED_AT_ONCE = 500;

/** Deletes what a bucket left behind, if it is still gone from there. */
async function deleteLeft(sql: Sql, bucket: number, owner: string): Promise<void> {
  if (!(await changeState(sql, bucket, { from: ['gone'], owner }))) return;
  for (const table of Object.keys(DIVIDED)) {
    for (let deleted = DELETED_AT_ONCE; deleted === DELETED_AT_ONCE; ) {
      deleted = await sql.transaction(async (tx) => {
        const row = await lockedState(tx, bucket);
        if (row?.state !== 'gone' || row.owner !== owner) return 0;
        return tx.execute(`DELETE FROM ${table} WHERE bucket = ? LIMIT ${DELETED_AT_ONCE}`, [bucket]);
      });
    }
  }
  await sql.execute("DELETE FROM buckets WHERE bucket = ? AND state = 'gone' AND owner = ?", [bucket, owner]);
}
