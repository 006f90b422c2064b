import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { openSql, type Sql } from '../../lambda/shared/sql';
import { hasMariaDb, type MariaDb, startMariaDb } from './mariadb';

export interface Engine {
  readonly name: string;
  /** An empty schema of the test's own; `url` opens it again (as another process would). */
  open(schema: string): Promise<Sql & { url: string }>;
  /** Ends the servers and removes what was stored: in afterAll. */
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

function mariaDb(): Engine {
  let server: Promise<MariaDb> | undefined;
  return {
    name: 'MariaDB',
    open: async (schema) => {
      server ??= startMariaDb();
      const { socket } = await server;
      const name = unique(schema);
      const admin = await createConnection({ socketPath: socket, user: 'root' });
      await admin.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
      await admin.end();
      return opened(`mysql://root@localhost/${name}?socketPath=${encodeURIComponent(socket)}`);
    },
    stop: async () => (await server)?.stop(),
  };
}

const unique = (schema: string) => `${schema}_${randomBytes(4).toString('hex')}`;

async function opened(url: string): Promise<Sql & { url: string }> {
  return Object.assign(await openSql(url), { url });
}
