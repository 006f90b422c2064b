import { forceIndex, limit, type Sql, type SqlValue } from './sql';

const ROWS = 128;

export interface Batches {
  readonly table: string;
  readonly key: string;
  /** A condition on rows, and the index that finds them. A row that was changed must no longer match. */
  readonly where: string;
  readonly values: readonly SqlValue[];
  readonly index: string;
}

/**
 * Runs `DELETE FROM …` or `UPDATE … SET …` on all rows that a condition finds, a few with each statement, so that none
 * holds locks for long, nor the thread that SQLite shares with requests.
 */
export async function inBatches(
  sql: Sql,
  change: string,
  { table, key, where, values, index }: Batches,
): Promise<void> {
  for (;;) {
    const rows = await sql.query<{ id: string }>(
      `SELECT ${key} AS id FROM ${table} ${forceIndex(index)} WHERE ${where} ${limit(ROWS)}`,
      values,
    );
    const last = rows.at(-1);
    if (!last) return;
    // One statement for any number of rows: unused parameters repeat the last id.
    const ids = Array.from({ length: ROWS }, (_, n) => (rows[n] ?? last).id);
    const marks = ids.map(() => '?').join(', ');
    await sql.execute(`${change} WHERE ${key} IN (${marks}) AND ${where}`, [...ids, ...values]);
    if (rows.length < ROWS) return;
  }
}
