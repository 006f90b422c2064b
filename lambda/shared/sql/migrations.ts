import { AlreadyDroppedError, AlreadyExistsError, type Sql } from './sql';

/**
 * One step of a schema. Statements run in order. Each must tolerate that it already ran, since MySQL commits DDL
 * implicitly and a crash can leave a step half done. Each must keep the previous release working.
 */
export interface Migration {
  /** Sorts after all earlier ones and never changes: `0001-accounts`. */
  readonly id: string;
  readonly statements: readonly string[];
}

/** The end of each CREATE TABLE. Only MySQL and MariaDB read it; SQLite compares text by bytes anyway. */
export const TABLE_OPTIONS = '/*! ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */';

/**
 * Brings a schema up to date and returns the ids of the steps that it applied.
 * Concurrent processes take turns; the later ones find nothing to do.
 */
export async function migrate(sql: Sql, migrations: readonly Migration[]): Promise<string[]> {
  assertOrdered(migrations);
  return sql.exclusively('migrations', async ({ query, execute }) => {
    await execute(
      'CREATE TABLE IF NOT EXISTS migrations (id VARCHAR(100) PRIMARY KEY, applied_at BIGINT NOT NULL)',
    );
    const done = new Set((await query<{ id: string }>('SELECT id FROM migrations')).map(({ id }) => id));
    const pending = migrations.filter(({ id }) => !done.has(id));
    for (const { id, statements } of pending) {
      for (const statement of statements) await execute(statement).catch(unlessAlreadyDone);
      await execute('INSERT INTO migrations (id, applied_at) VALUES (?, ?)', [id, Date.now()]);
    }
    return pending.map(({ id }) => id);
  });
}

function assertOrdered(migrations: readonly Migration[]): void {
  const ids = migrations.map(({ id }) => id);
  const sorted = [...new Set(ids)].sort();
  if (ids.join() !== sorted.join()) {
    throw new Error(`Migration ids must be unique and in order: ${ids.join(', ')}`);
  }
}

function unlessAlreadyDone(error: unknown): void {
  if (!(error instanceof AlreadyExistsError || error instanceof AlreadyDroppedError)) throw error;
}
