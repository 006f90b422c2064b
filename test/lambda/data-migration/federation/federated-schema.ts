import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { FencedAccount, FenceOptions } from '../../../../lambda/data-migration/federation/fence';
import type { Home } from '../../../../lambda/data-migration/federation/home';
import { cleanup } from '../../../support/cleanup';
import { answering } from '../../../support/database-server';
import { mariaDb, type ServerEngine, serverEngines } from '../../../support/engines';
import { hasMariaDb } from '../../../support/mariadb';

/** Describes moves from a shared MariaDB to another MariaDB, and to MySQL. */
export function describeFederation(name: string, suite: (own: ServerEngine) => void): void {
  if (hasMariaDb()) describe.each(serverEngines())(`${name}, from MariaDB to $name`, suite);
  else describe.skip(`${name}, from MariaDB`, () => suite(mariaDb()));
}

export interface FederatedSchema {
  readonly fences: Readonly<Record<Home, FenceOptions>>;
  /** The schema's URL as root. */
  readonly admin: Readonly<Record<Home, string>>;
  /** The same with the account of the service. */
  readonly app: Readonly<Record<Home, string>>;
  readonly folder: string;
}

const GRANTS = 'SELECT, INSERT, UPDATE, DELETE';

/** A schema on two servers, with these tables and an account of a service on both. */
export async function federatedSchema(
  own: ServerEngine,
  tables: readonly string[],
): Promise<FederatedSchema> {
  const id = randomBytes(4).toString('hex');
  const account: FencedAccount = { name: `app_${id}`, host: 'localhost', grants: GRANTS };
  const folder = mkdtempSync(join(tmpdir(), 'shop-federation-'));
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  const side = async (socketPath: string) => {
    await answering(socketPath);
    const schema = `users_${id}`;
    const root = await createConnection({ socketPath, user: 'root' });
    await root.query(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    await root.query(`CREATE USER ${account.name}@localhost IDENTIFIED BY 'app'`);
    await root.query(`GRANT ${GRANTS} ON \`${schema}\`.* TO ${account.name}@localhost`);
    await root.query(`USE ${schema}`);
    for (const table of tables) await root.query(table);
    await root.end();
    const url = (who: string) =>
      `mysql://${who}@localhost/${schema}?socketPath=${encodeURIComponent(socketPath)}`;
    return { admin: url('root'), writer: url(`${account.name}:app`), accounts: [account] };
  };
  const second = own.launch();
  const [shared, owned] = await Promise.all([side(mariaDb().socketPath), side(second.socket)]);
  return {
    fences: { shared, own: owned },
    admin: { shared: shared.admin, own: owned.admin },
    app: { shared: shared.writer, own: owned.writer },
    folder,
  };
}

const TEXT = 'VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
export const NOTES = `CREATE TABLE notes (id ${TEXT} PRIMARY KEY, text ${TEXT} UNIQUE)`;
export const COUNTERS = `CREATE TABLE counters (id ${TEXT} PRIMARY KEY, value BIGINT NOT NULL)`;
