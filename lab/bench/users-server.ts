import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { FenceOptions } from '../../lambda/data-migration/federation/fence';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';
import { usersMigrations } from '../../lambda/users/migrations';
import { answering } from '../../test/support/database-server';
import { launchMariaDb } from '../../test/support/mariadb';

const ACCOUNT = { name: 'users_app', host: 'localhost', grants: 'SELECT, INSERT, UPDATE, DELETE' };
const MEMORY = '512M';

/** A MariaDB with the schema of the users, migrated and empty, and an account of the service. */
export interface UsersServer {
  readonly pid: number;
  /** The URL of the schema with all rights. */
  readonly admin: string;
  /** The same with the account of the service. */
  readonly app: string;
  readonly fence: FenceOptions;
  stop(): Promise<void>;
}

export async function startUsersServer(): Promise<UsersServer> {
  const { socket, stop } = launchMariaDb(
    `--innodb-buffer-pool-size=${MEMORY}`,
    '--innodb-log-file-size=512M',
  );
  await answering(socket);
  const root = await createConnection({ socketPath: socket, user: 'root' });
  await root.query('CREATE DATABASE users CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
  await root.query(`CREATE USER ${ACCOUNT.name}@localhost IDENTIFIED BY 'app'`);
  await root.query(`GRANT ${ACCOUNT.grants} ON users.* TO ${ACCOUNT.name}@localhost`);
  await root.end();
  const url = (who: string) => `mysql://${who}@localhost/users?socketPath=${encodeURIComponent(socket)}`;
  const [admin, app] = [url('root'), url(`${ACCOUNT.name}:app`)];
  const sql = await openSql(admin, { use: 'maintenance' });
  await migrate(sql, usersMigrations);
  await sql.close();
  return {
    ...{ admin, app, stop, fence: { admin, writer: app, accounts: [ACCOUNT] } },
    pid: Number(readFileSync(join(dirname(socket), 'pid'), 'utf8')),
  };
}
