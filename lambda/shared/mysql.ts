import { setTimeout as sleep } from 'node:timers/promises';
import { createPool, type PoolConnection, type ResultSetHeader } from 'mysql2/promise';
import type { Tls } from './rds-tls';
import {
  AlreadyExistsError,
  DuplicateKeyError,
  PREPARED_STATEMENTS,
  type Sql,
  type SqlValue,
  type Statements,
} from './sql';

/** ER_LOCK_DEADLOCK, ER_LOCK_WAIT_TIMEOUT, and MariaDB's ER_CHECKREAD: the transaction is gone, try it again. */
const RETRYABLE = new Set([1213, 1205, 1020]);
/** ER_TABLE_EXISTS_ERROR, ER_DUP_FIELDNAME, ER_DUP_KEYNAME. */
const ALREADY_EXISTS = new Set([1050, 1060, 1061]);
const ER_DUP_ENTRY = 1062;
const ATTEMPTS = 8;
const LOCK_WAIT_SECONDS = 60;

/** MySQL 8, Aurora MySQL or MariaDB 10.11, through a pool of 10 connections. */
export function openMysql(url: string, tls?: Tls): Sql {
  const pool = createPool({
    uri: url,
    ssl: tls && { ...tls },
    connectionLimit: 10,
    // A server holds 16,382 prepared statements for all its clients; mysql2 would keep 16,000 on each connection.
    maxPreparedStatements: PREPARED_STATEMENTS,
    // SUM and AVG are DECIMAL, which would come as text.
    decimalNumbers: true,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
  });

  const session = async <Result>(work: (connection: PoolConnection) => Promise<Result>) => {
    const connection = await pool.getConnection();
    try {
      return await work(connection);
    } finally {
      connection.release();
    }
  };

  return {
    ...statements(pool),
    transaction: async (work) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await session((connection) => once(connection, work));
        } catch (error) {
          if (attempt === ATTEMPTS || !RETRYABLE.has(errno(error))) throw error;
          await sleep(Math.random() * 2 ** attempt * 5);
        }
      }
    },
    exclusively: (name, work) =>
      session(async (connection) => {
        const { query } = statements(connection);
        const [row] = await query<{ held: number }>(`SELECT GET_LOCK(?, ${LOCK_WAIT_SECONDS}) AS held`, [
          name,
        ]);
        if (row?.held !== 1) throw new Error(`The lock "${name}" was not free within ${LOCK_WAIT_SECONDS} s`);
        try {
          return await work(statements(connection));
        } finally {
          await query('SELECT RELEASE_LOCK(?) AS released', [name]);
        }
      }),
    close: () => pool.end(),
  };
}

/** READ COMMITTED takes no gap locks: fewer deadlocks, and every statement here is right under it. */
async function once<Result>(connection: PoolConnection, work: (tx: Statements) => Promise<Result>) {
  await connection.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
  await connection.beginTransaction();
  try {
    const result = await work(statements(connection));
    await connection.commit();
    return result;
  } catch (error) {
    // A connection that cannot roll back is not fit for the pool.
    await connection.rollback().catch(() => connection.destroy());
    throw error;
  }
}

type Executor = Pick<PoolConnection, 'execute'>;

function statements(executor: Executor): Statements {
  const run = async (statement: string, values: readonly SqlValue[] = []) => {
    try {
      const [result] = await executor.execute(statement, values as SqlValue[]);
      return result;
    } catch (error) {
      throw translated(error);
    }
  };
  return {
    query: async <Row>(statement: string, values?: readonly SqlValue[]) =>
      (await run(statement, values)) as unknown as Row[],
    execute: async (statement, values) => ((await run(statement, values)) as ResultSetHeader).affectedRows,
  };
}

const errno = (error: unknown): number => (error as { errno?: number }).errno ?? 0;

function translated(error: unknown): unknown {
  const { message } = error as Error;
  if (errno(error) === ER_DUP_ENTRY) return new DuplicateKeyError(message, { cause: error });
  if (ALREADY_EXISTS.has(errno(error))) return new AlreadyExistsError(message, { cause: error });
  return error;
}
