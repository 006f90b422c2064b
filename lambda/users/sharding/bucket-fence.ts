import { DuplicateKeyError, type Statements } from '../../shared/sql/sql';
import { BUCKETS } from './buckets';

/**
 * The state of a bucket in one shard, which decides there. `here`: takes reads and writes. `leaving`: reads. `gone` and
 * `arriving`: neither. No row: the bucket was never here, or left it completely.
 */
type BucketState = 'here' | 'leaving' | 'gone' | 'arriving';

/** A transaction takes a shared lock of the row, so that the mover's change of it waits for transactions under way. */
const SHARED = '/*! LOCK IN SHARE MODE */';

export interface FenceRow {
  readonly state: BucketState;
  /** The mover that changes it. */
  readonly owner: string;
}

/** Undefined if there is no row. Within a transaction the state stays until its end. */
export async function lockedState(tx: Statements, bucket: number): Promise<FenceRow | undefined> {
  const [row] = await tx.query<FenceRow>(`SELECT state, owner FROM buckets WHERE bucket = ? ${SHARED}`, [
    bucket,
  ]);
  return row;
}

/** True if what was read before this was not out of date. */
export async function isReadable(sql: Pick<Statements, 'query'>, bucket: number): Promise<boolean> {
  const rows = await sql.query(
    "SELECT bucket FROM buckets WHERE bucket = ? AND state IN ('here', 'leaving')",
    [bucket],
  );
  return rows.length > 0;
}

export interface Change {
  readonly from: readonly BucketState[];
  readonly to?: BucketState;
  readonly owner: string;
  /** Only if this mover had it before. Default: whoever had it. */
  readonly owned?: boolean;
}

/** Changes a bucket's state and its owner. False if it is in none of these states, or has another owner. */
export async function changeState(sql: Statements, bucket: number, change: Change): Promise<boolean> {
  const { from, to, owner, owned = false } = change;
  const states = from.map((state) => `'${state}'`).join(', ');
  const changed = await sql.execute(
    `UPDATE buckets SET owner = ?${to ? `, state = '${to}'` : ''}
      WHERE bucket = ? AND state IN (${states})${owned ? ' AND owner = ?' : ''}`,
    [owner, bucket, ...(owned ? [owner] : [])],
  );
  return changed > 0;
}

/** Makes room for a bucket that arrives. False if it is here, or is leaving. */
export async function expectBucket(sql: Statements, bucket: number, owner: string): Promise<boolean> {
  try {
    await sql.execute("INSERT INTO buckets (bucket, state, owner) VALUES (?, 'arriving', ?)", [
      bucket,
      owner,
    ]);
    return true;
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    return changeState(sql, bucket, { from: ['gone', 'arriving'], to: 'arriving', owner });
  }
}

/** The shard with which sharding begins has all buckets. Idempotent. */
export async function settleAllBuckets(sql: Statements): Promise<void> {
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    await sql
      .execute("INSERT INTO buckets (bucket, state, owner) VALUES (?, 'here', '')", [bucket])
      .catch((error: unknown) => {
        if (!(error instanceof DuplicateKeyError)) throw error;
      });
  }
}
