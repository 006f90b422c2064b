import { constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'libsql';
import { inventoryMigrations } from '../lambda/inventory/migrations';
import { type Migration, migrate } from '../lambda/shared/sql/migrations';
import { openSql } from '../lambda/shared/sql/open';
import type { Sql } from '../lambda/shared/sql/sql';
import { usersMigrations } from '../lambda/users/migrations';
import { CannotRunError } from './errors';

export interface Databases {
  readonly usersSql: Sql;
  readonly inventorySql: Sql;
  close(): Promise<void>;
}

/** The files of the two schemas. */
export const databaseFiles = (folder: string) => ({
  users: join(folder, 'users.db'),
  inventory: join(folder, 'inventory.db'),
});

/**
 * The two schemas of a shop that was there before, brought up to date.
 * @throws CannotRunError when a file is missing or is not a healthy database of a shop; all is left as it is
 */
export async function openDatabases(folder: string): Promise<Databases> {
  const { users, inventory } = databaseFiles(folder);
  assertHealthy(users, usersMigrations);
  assertHealthy(inventory, inventoryMigrations);
  return createDatabases(folder);
}

/** The two schemas as SQLite files in a folder. */
export async function createDatabases(folder: string): Promise<Databases> {
  const files = databaseFiles(folder);
  const usersSql = await opened(files.users, usersMigrations);
  const inventorySql = await opened(files.inventory, inventoryMigrations);
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

/** Checks a copy, since libsql opens files for writing even in read-only mode, and a damaged file must not change. */
function assertHealthy(path: string, migrations: readonly Migration[]): void {
  if (!existsSync(path)) throw damaged(path, 'it is missing');
  const copies = mkdtempSync(join(dirname(path), 'check-'));
  const copy = join(copies, 'copy.db');
  try {
    for (const part of ['', '-wal'].filter((suffix) => existsSync(path + suffix))) {
      copyFileSync(path + part, copy + part, constants.COPYFILE_FICLONE);
    }
    const fault = faultOf(copy, migrations);
    if (fault) throw damaged(path, fault);
  } finally {
    rmSync(copies, { recursive: true, force: true });
  }
}

/** Undefined for a sound database that was once migrated: to SQLite, an empty file is a sound one too. */
function faultOf(file: string, [first]: readonly Migration[]): string | undefined {
  try {
    const database = new Database(file);
    try {
      const [row] = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
      if (row?.quick_check !== 'ok') return row?.quick_check ?? 'it does not answer';
      const tables = database.prepare(`SELECT name FROM sqlite_master WHERE name = 'migrations'`).all();
      const migrated =
        tables.length > 0 && database.prepare('SELECT id FROM migrations WHERE id = ?').get(first?.id);
      return migrated ? undefined : 'it is empty, without the tables of a shop';
    } finally {
      database.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}

const damaged = (path: string, found: string) =>
  new CannotRunError(
    `The database ${path} is damaged: ${found}. Nothing was changed. Restore a good copy, or start over with a new shop: npm run reset.`,
  );
