import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { openSql, type Sql } from '../../lambda/shared/sql';
import { answering, hasMariaDb } from './mariadb';

export interface Engine {
  readonly name: string;
  /** An empty schema of the test's own; `url` opens it again (as another process would). */
  open(schema: string): Promise<Sql & { url: string }>;
  /** Removes what was stored: in afterAll. */
  stop(): Promise<void>;
}

/** The engines that this machine has: SQLite always, MariaDB when it is installed. For `describe.each(engines())`. */
export function engines(): Engine[] {
  return hasMariaDb() ? [sqlite(), mariaDb()] : [sqlite()];
}

function sqlite(): Engine {
  const folder = mkdtempSync(join(tmpdir(), 'shop-sqlite-'));
  return {
    name: 'SQLite',
    open: (schema) => opened(`file:${join(folder, `${unique(schema)}.db`)}`),
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A MariaDB that is running or starting; by default the one that `global-setup.ts` launched for the whole run. */
export function mariaDb(socketPath = process.env.TEST_MARIADB_SOCKET ?? ''): Engine {
  return {
    name: 'MariaDB',
    open: async (schema) => {
      const name = unique(schema);
      await answering(socketPath);
      const admin = await createConnection({ socketPath, user: 'root' });
      await admin.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
      await admin.end();
      return opened(`mysql://root@localhost/${name}?socketPath=${encodeURIComponent(socketPath)}`);
    },
    stop: async () => undefined,
  };
}

const unique = (schema: string) => `${schema}_${randomBytes(4).toString('hex')}`;

async function opened(url: string): Promise<Sql & { url: string }> {
  return Object.assign(await openSql(url), { url });
}
