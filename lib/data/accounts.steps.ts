import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Tls } from '../../lambda/shared/rds-tls';
import type { Credentials } from '../../lambda/shared/secrets';
import type { DatabaseUser, Schema } from './schemas';

/** How to reach the server: `mysql://host:3306`, without a user. */
export interface Server {
  readonly url: string;
  readonly tls: Tls | null;
}

type Login = Pick<Credentials, 'user' | 'password'>;

/** ER_ACCESS_DENIED_ERROR */
const ACCESS_DENIED = 1045;

function connect({ url, tls }: Server, { user, password }: Login, database?: string): Promise<Connection> {
  return createConnection({ uri: url, user, password, database, ssl: tls ? { ...tls } : undefined });
}

/** Whether the server knows the user with this password. */
export async function knows(server: Server, login: Login): Promise<boolean> {
  try {
    const connection = await connect(server, login);
    await connection.end();
    return true;
  } catch (error) {
    if ((error as { errno?: number }).errno === ACCESS_DENIED) return false;
    throw error;
  }
}

/**
 * A schema and a user of it, who may do there what its grants say and nothing else. A user whose password works keeps
 * it: a rotation may be between the server and the secret.
 */
export async function provide(
  server: Server,
  master: Login,
  { name: schema }: Schema,
  user: DatabaseUser,
  account: Login,
): Promise<void> {
  if (account.user !== user.name) {
    throw new Error(`The secret of ${schema} is for ${account.user}, not ${user.name}`);
  }
  const connection = await connect(server, master);
  try {
    const who = `${connection.escape(account.user)}@'%'`;
    const password = connection.escape(account.password);
    await connection.query(
      `CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    );
    await connection.query(`CREATE USER IF NOT EXISTS ${who} IDENTIFIED BY ${password}`);
    await connection.query(`GRANT ${user.grants} ON ${schema}.* TO ${who}`);
    if (!(await knows(server, account)))
      await connection.query(`ALTER USER ${who} IDENTIFIED BY ${password}`);
  } finally {
    await connection.end();
  }
}

/** A user changes its own password, in the words of the server that it is: MariaDB and MySQL differ. */
export async function changePassword(server: Server, account: Login, next: string): Promise<void> {
  const connection = await connect(server, account);
  try {
    const password = connection.escape(next);
    const [[row]] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
    const mariaDb = String(row?.version).includes('MariaDB');
    await connection.query(`SET PASSWORD = ${mariaDb ? `PASSWORD(${password})` : password}`);
  } finally {
    await connection.end();
  }
}
