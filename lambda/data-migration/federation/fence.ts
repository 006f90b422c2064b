import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { errno } from '../../shared/sql/mysql-errors';
import type { Tls } from '../../shared/sql/rds-tls';
import { lock } from '../mover-lock';
import { openProbe, type Probe } from './probe';

/** A database user of a schema, with the privileges that it has there while the schema is open. */
export interface FencedAccount {
  readonly name: string;
  /** `%` or `localhost`. */
  readonly host: string;
  /** `SELECT, INSERT, UPDATE, DELETE` */
  readonly grants: string;
}

export interface FenceOptions {
  /** The URL of the schema, with a user that may change grants and end connections. */
  readonly admin: string;
  /** The URL of the schema with an account that writes. */
  readonly writer: string;
  /** Every account of the schema but the administrator. */
  readonly accounts: readonly FencedAccount[];
  readonly tls?: Tls | null;
  /** To wait for another mover to end. Default 20. */
  readonly lockWaitSeconds?: number;
}

/** A connection that was open before still writes, or still reads: nothing may be copied past such a fence. */
export class FenceNotProvenError extends Error {
  override name = 'FenceNotProvenError';
}

/**
 * Decides in the database which statements of the services' accounts a schema takes, however many processes send them.
 * Each change is proven on connections that were open before it. The lock of the schema belongs to the connection that
 * makes the changes, so a mover that lost it changes nothing any more.
 */
export interface Fence {
  /** Reads only. @throws FenceNotProvenError */
  refuseWrites(): Promise<void>;
  /** Nothing. @throws FenceNotProvenError */
  refuseAll(): Promise<void>;
  /** Everything that the accounts may do. @throws FenceNotProvenError */
  admit(): Promise<void>;
  /** Drops the schema. */
  drop(): Promise<void>;
  close(): Promise<void>;
}

/** Connections at work get this time to finish a statement before they are ended. */
const IDLE_WAIT_MS = 2000;
/** ER_NONEXISTING_GRANT: there is nothing left to revoke. */
const NO_SUCH_GRANT = 1141;
/** ER_PARSE_ERROR: MariaDB has no read-only schemas. */
const UNKNOWN_STATEMENT = new Set([1064]);
/** ER_LOCK_WAIT_TIMEOUT */
const LOCK_WAIT_TIMEOUT = 1205;
/** Meanwhile, new transactions wait too. */
const TRANSACTIONS_WAIT_SECONDS = 3;
/** ER_NO_SUCH_THREAD */
const NO_SUCH_CONNECTION = 1094;

/** @throws MoverRunningError */
export async function openFence(options: FenceOptions): Promise<Fence> {
  const { admin: url, writer, accounts, tls, lockWaitSeconds = 20 } = options;
  const schema = new URL(url).pathname.slice(1);
  // Without a schema, which may be dropped already.
  const admin = await connectTo(Object.assign(new URL(url), { pathname: '/' }).href, tls);
  try {
    await lock(admin, `move ${schema}`, lockWaitSeconds);
  } catch (error) {
    admin.destroy();
    throw error;
  }
  await admin.query(`SET SESSION lock_wait_timeout = ${TRANSACTIONS_WAIT_SECONDS}`);
  const say = (statement: string) => admin.query(statement);
  const quoted = `\`${schema}\``;
  const who = ({ name, host }: FencedAccount) => `${admin.escape(name)}@${admin.escape(host)}`;

  const revoke = async (privileges: string) => {
    for (const account of accounts) {
      await say(`REVOKE ${privileges} ON ${quoted}.* FROM ${who(account)}`).catch(unless(NO_SUCH_GRANT));
    }
  };

  /** False on engines without it. Waits for transactions that have used the schema. */
  const setReadOnly = async (on: boolean): Promise<boolean> => {
    try {
      await say(`ALTER SCHEMA ${quoted} READ ONLY = ${on ? 1 : 0}`);
      return true;
    } catch (error) {
      // A transaction that does not end is ended with its connection.
      if (UNKNOWN_STATEMENT.has(errno(error)) || (on && errno(error) === LOCK_WAIT_TIMEOUT)) return false;
      throw error;
    }
  };

  /** Ends every connection of the accounts that is open now: privileges of a schema are checked when it is opened. */
  const cut = async () => {
    const [[newest]] = await admin.query<RowDataPacket[]>('SELECT CONNECTION_ID() AS id');
    const connections = async () => {
      const [found] = await admin.query<RowDataPacket[]>('SHOW PROCESSLIST');
      return found.filter(({ User }) => accounts.some(({ name }) => name === User));
    };
    // Those that come later were opened under the new privileges. Ids count up.
    const newestId = Math.max(Number(newest?.id), ...(await connections()).map(({ Id }) => Number(Id)));
    const idleUntil = performance.now() + IDLE_WAIT_MS;
    for (;;) {
      const old = (await connections()).filter(({ Id }) => Number(Id) <= newestId);
      if (old.length === 0) return;
      const idle = old.filter(({ Command }) => Command === 'Sleep');
      for (const { Id } of performance.now() > idleUntil ? old : idle) {
        await say(`KILL CONNECTION ${Number(Id)}`).catch(unless(NO_SUCH_CONNECTION));
      }
      await sleep(5);
    }
  };

  const withProbe = async <Result>(work: (probe: Probe) => Promise<Result>): Promise<Result> => {
    const probe = await openProbe(() => connectTo(writer, tls), await anyTable(admin, schema));
    try {
      return await work(probe);
    } finally {
      probe.close();
    }
  };
  /** On a connection from before the change, and on a new one. */
  const refuses = async (before: Probe, kind: 'writes' | 'reads') =>
    (await before[kind]()) === 'refused' && (await withProbe((now) => now[kind]())) === 'refused';

  const hasGrants = async (account: FencedAccount) => {
    const [rows] = await admin.query<RowDataPacket[]>(`SHOW GRANTS FOR ${who(account)}`);
    return rows.some((row) => Object.values(row).join().includes(`${account.grants} ON ${quoted}.*`));
  };

  return {
    refuseWrites: () =>
      withProbe(async (probe) => {
        if ((await setReadOnly(true)) && (await refuses(probe, 'writes'))) return;
        await revoke(WRITES);
        await cut();
        if (!(await refuses(probe, 'writes'))) throw new FenceNotProvenError(NOT_PROVEN);
      }),

    refuseAll: async () => {
      if (!(await isThere(admin, schema))) return;
      await withProbe(async (probe) => {
        await revoke('ALL PRIVILEGES');
        await cut();
        if (!((await refuses(probe, 'writes')) && (await refuses(probe, 'reads'))))
          throw new FenceNotProvenError(NOT_PROVEN);
        // From here on only the administrator writes: the mover does, on the way back.
        await setReadOnly(false);
      });
    },

    admit: async () => {
      await setReadOnly(false);
      const held = await Promise.all(accounts.map(hasGrants));
      if (held.includes(false)) {
        for (const account of accounts) {
          await say(`GRANT ${account.grants} ON ${quoted}.* TO ${who(account)}`);
        }
        // Connections that were opened meanwhile keep the privileges of that time.
        await cut();
      }
      if ((await withProbe((probe) => probe.writes())) === 'refused')
        throw new FenceNotProvenError(`The accounts of ${schema} cannot write there again`);
    },

    drop: async () => {
      await say(`DROP SCHEMA IF EXISTS ${quoted}`);
    },

    close: async () => {
      await admin.end().catch(() => admin.destroy());
    },
  };
}

const WRITES = 'INSERT, UPDATE, DELETE';
const NOT_PROVEN =
  'A connection that was open before the fence still passes it: nothing is copied, and the fence is opened again';

async function connectTo(url: string, tls: Tls | null | undefined): Promise<Connection> {
  const connection = await createConnection({ uri: url, ssl: tls ? { ...tls } : undefined });
  // Otherwise the driver throws an error that no caller handles when a connection is ended.
  connection.on('error', () => undefined);
  return connection;
}

async function isThere(admin: Connection, schema: string): Promise<boolean> {
  const [found] = await admin.query<RowDataPacket[]>(
    'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [schema],
  );
  return found.length > 0;
}

async function anyTable(admin: Connection, schema: string): Promise<string> {
  const [[row]] = await admin.query<RowDataPacket[]>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME LIMIT 1`,
    [schema],
  );
  if (!row) throw new Error(`The schema ${schema} has no tables: apply its migrations first`);
  return `\`${schema}\`.\`${row.name}\``;
}

const unless = (expected: number) => (error: unknown) => {
  if (errno(error) !== expected) throw error;
};
