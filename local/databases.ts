import { constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'libsql';
import { inventoryMigrations } from '../lambda/inventory/migrations';
import { type Migration, migrate } from '../lambda/shared/migrations';
import { openSql, type Sql } from '../lambda/shared/sql';
import { usersMigrations } from '../lambda/users/migrations';
import { CannotRunError } from './errors';

export interface Databases {
  readonly usersSql: Sql;
  readonly inventorySql: Sql;
  close(): Promise<void>;
}

/**
 * The two schemas as SQLite files in a folder, migrated.
 * @throws CannotRunError when a file is there and is no healthy database; it is left as it is
 */
export async function openDatabases(folder: string): Promise<Databases> {
  const file = (schema: string) => join(folder, `${schema}.db`);
  for (const path of [file('users'), file('inventory')]) if (existsSync(path)) assertHealthy(path);
  const usersSql = await opened(file('users'), usersMigrations);
  const inventorySql = await opened(file('inventory'), inventoryMigrations);
  return {
    usersSql,
    inventorySql,
    close: async () => {
      await Promise.all([usersSql.close(), inventorySql.close()]);
    },
  };
}

async function opened(path: string, migrations: readonly Migration[]): Promise<Sql> {
  const sql = await openSql(`file:${path}`);
  await migrate(sql, migrations);
  return sql;
}

/** Looks at a copy, since libsql opens files for writing even when asked not to: what is damaged must stay as it is. */
function assertHealthy(path: string): void {
  const copies = mkdtempSync(join(dirname(path), 'check-'));
  const copy = join(copies, 'copy.db');
  try {
    for (const part of ['', '-wal'].filter((suffix) => existsSync(path + suffix))) {
      copyFileSync(path + part, copy + part, constants.COPYFILE_FICLONE);
    }
    const found = checked(copy);
    if (found !== 'ok') throw damaged(path, found);
  } finally {
    rmSync(copies, { recursive: true, force: true });
  }
}

/** "ok", or what is wrong. */
function checked(file: string): string {
  try {
    const database = new Database(file);
    try {
      const [row] = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
      return row?.quick_check ?? 'it does not answer';
    } finally {
      database.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}

const damaged = (path: string, found: string) =>
  new CannotRunError(
    `The database ${path} is damaged: ${found}. Nothing was changed. Put a good copy in its place, or start over with an empty shop: npm run reset.`,
  );
