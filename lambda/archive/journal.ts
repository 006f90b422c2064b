import { uuidv7 } from 'uuidv7';
import { DuplicateKeyError, type Sql, type Statements } from '../shared/sql/sql';
import type { Kind } from './kinds';

/**
 * `leaving`: its rows are being exported. `exported`: the warehouse may load it. `carried`: the warehouse has it, and
 * its balances are carried forward. `done`: its rows are gone from here.
 */
export type BatchState = 'leaving' | 'exported' | 'carried' | 'done';

/** Rows that leave together: a month, or those that came late. */
export interface Batch {
  readonly id: string;
  /** Its rows have lower ids. */
  readonly below: string;
  readonly state: BatchState;
}

/** A file of a batch, as it was written or as the warehouse says that it is. */
export interface FileTotals {
  /** The key in the bucket, and the value of the column `file` in the warehouse. */
  readonly name: string;
  readonly kind: Kind;
  readonly firstKey: string;
  readonly lastKey: string;
  readonly rows: number;
  /** The sum of `total` of the kind. */
  readonly total: number;
  /** The sum of the first 32 bits of the SHA-256 of each line. */
  readonly checksum: number;
}

const SELECT = 'SELECT id, below, state FROM archive_batches';

export async function openBatch({ query }: Statements): Promise<Batch | undefined> {
  const [batch] = await query<Batch>(`${SELECT} WHERE state <> 'done' ORDER BY id LIMIT 1`);
  return batch;
}

/** A new batch, unless another process has begun one. */
export const beginBatch = (sql: Sql, below: string, at: number): Promise<void> =>
  sql.exclusively('archive', async (session) => {
    if (await openBatch(session)) return;
    await session.execute(
      "INSERT INTO archive_batches (id, below, state, created_at) VALUES (?, ?, 'leaving', ?)",
      [uuidv7(), below, at],
    );
  });

/** False if it was not in the state `from` any more. */
export async function advanceBatch(
  { execute }: Statements,
  { id }: Batch,
  from: BatchState,
  to: BatchState,
): Promise<boolean> {
  const matched = await execute('UPDATE archive_batches SET state = ? WHERE id = ? AND state = ?', [
    to,
    id,
    from,
  ]);
  return matched === 1;
}

/** Idempotent: the rows of a batch do not change, so the same file has the same totals. */
export async function recordFile({ execute }: Statements, { id }: Batch, file: FileTotals): Promise<void> {
  const { name, kind, firstKey, lastKey, rows, total, checksum } = file;
  await execute(
    `INSERT INTO archive_files (name, batch_id, kind, first_key, last_key, line_count, total, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    [name, id, kind, firstKey, lastKey, rows, total, checksum],
  ).catch((error) => {
    if (!(error instanceof DuplicateKeyError)) throw error;
  });
}

/** In the order of their names. */
export async function filesOf({ query }: Statements, { id }: Batch): Promise<FileTotals[]> {
  const found = await query<Omit<FileTotals, 'rows'> & { line_count: number }>(
    `SELECT name, kind, first_key AS firstKey, last_key AS lastKey, line_count, total, checksum
     FROM archive_files WHERE batch_id = ? ORDER BY name`,
    [id],
  );
  return found.map(({ line_count: rows, ...file }) => ({ ...file, rows }));
}

export interface Progress {
  readonly batches: number;
  readonly files: number;
  readonly rows: number;
}

/** All that was exported until now. */
export async function exported({ query }: Statements): Promise<Progress> {
  const [sum] = await query<Progress>(
    `SELECT COUNT(DISTINCT batch_id) AS batches, COUNT(*) AS files, COALESCE(SUM(line_count), 0) AS line_count
     FROM archive_files`,
  );
  const { line_count: rows = 0, batches = 0, files = 0 } = { ...sum } as Progress & { line_count?: number };
  return { batches, files, rows };
}
