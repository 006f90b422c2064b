import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Tls } from '../../lambda/shared/sql/rds-tls';
import type { Credentials } from '../../lambda/shared/sql/secrets';
import type { DatabaseUser, Schema } from './schemas';

/** The address of the server: `mysql://host:3306`, without a user. */
export interface Server {
  readonly url: string;
  readonly tls: Tls | null;
}

type Login = Pick<Credentials, 'user' | 'password'>;

/** The passwords that a user may have while its secret is being rotated. */
export interface AccountSecret {
  current(): Promise<Login>;
  /** Undefined while no rotation is under way. */
  pending(): Promise<Login | undefined>;
}

/** ER_ACCESS_DENIED_ERROR */
const ACCESS_DENIED = 1045;

function connect({ url, tls }: Server, { user, password }: Login, database?: string): Promise<Connection> {
  return createConnection({ uri: url, user, password, database, ssl: tls ? { ...tls } : undefined });
}

/** True if the server accepts the login. */
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

export interface ProvidedAccount {
  readonly user: DatabaseUser;
  readonly secret: AccountSecret;
  /** False where a fence decides what the user may do. */
  readonly letIn: boolean;
}

/**
 * A schema and a user of it, who may do there what its grants say and nothing else. A user keeps a password that the
 * secret knows as current or as pending: a rotation may be between the server and the secret.
 */
export async function provide(
  server: Server,
  master: Login,
  { name: schema }: Schema,
  { user, secret, letIn }: ProvidedAccount,
): Promise<void> {
  const account = await secret.current();
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
    if (letIn) await connection.query(`GRANT ${user.grants} ON ${schema}.* TO ${who}`);
    if (!(await knowsAny(server, account, secret)))
      await connection.query(`ALTER USER ${who} IDENTIFIED BY ${password}`);
  } finally {
    await connection.end();
  }
}

/**
 * True if the server accepts a password of the user's secret. A rotation stores a password before it sets it on the
 * server, so a refusal is followed by the pending version of the secret, and then by the current one, read again: the
 * end of the rotation may have replaced it meanwhile.
 */
async function knowsAny(server: Server, account: Login, secret: AccountSecret): Promise<boolean> {
  if (await knows(server, account)) return true;
  const pending = await secret.pending();
  if (pending && (await knows(server, pending))) return true;
  return knows(server, await secret.current());
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
