import { setTimeout as sleep } from 'node:timers/promises';
import type { ResultSetHeader } from 'mysql2';
import { type Connection, LIMITS, type Limits, openConnections, UNHURRIED } from './mysql-connections';
import { errno, isLost, isReadOnly, isRolledBack, isUnsent } from './mysql-faults';
import type { Tls } from './rds-tls';
import {
  AlreadyExistsError,
  DatabaseUnavailableError,
  DuplicateKeyError,
  OutcomeUnknownError,
  type Sql,
  type SqlValue,
  type Statements,
} from './sql';

/** ER_TABLE_EXISTS_ERROR, ER_DUP_FIELDNAME, ER_DUP_KEYNAME. */
const ALREADY_EXISTS = new Set([1050, 1060, 1061]);
const ER_DUP_ENTRY = 1062;
const ATTEMPTS = 8;
const LOCK_WAIT_SECONDS = 60;

/**
 * MySQL 8, Aurora MySQL or MariaDB 10.11, through a pool of connections. What a lost server certainly has not done is
 * done again for a moment, and nothing else is (docs/decisions/0062).
 */
export function openMysql(url: string, tls?: Tls, limits = LIMITS): Sql {
  const { use, close } = openConnections(url, tls, limits);
  const insist = <Result>(work: (connection: Connection) => Promise<Result>) =>
    insisting(() => use(work), limits);

  /** A deadlock ends a transaction, or a statement that is one by itself, as if it had never begun. */
  const whole = async <Result>(work: (connection: Connection) => Promise<Result>) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await insist(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !isRolledBack(error)) throw error;
        await sleep(Math.random() * 2 ** attempt * 5);
      }
    }
  };

  return {
    query: (statement, values) => insist((connection) => statements(connection).query(statement, values)),
    execute: (statement, values) =>
      whole((connection) => certain(statements(connection).execute(statement, values))),
    transaction: (work) => whole((connection) => once(connection, work)),
    // What runs under a name may change whole tables.
    exclusively: (name, work) => use((connection) => locked(connection, name, work), UNHURRIED.statement),
    close,
  };
}

/** READ COMMITTED takes no gap locks: fewer deadlocks, and every statement here is right under it. */
async function once<Result>(connection: Connection, work: (tx: Statements) => Promise<Result>) {
  await connection.say('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
  await connection.say('START TRANSACTION');
  try {
    const result = await work(statements(connection));
    await certain(connection.say('COMMIT'));
    return result;
  } catch (error) {
    // A connection that cannot roll back is not fit for the pool.
    await connection.say('ROLLBACK').catch(connection.destroy);
    throw error;
  }
}

async function locked<Result>(
  connection: Connection,
  name: string,
  work: (session: Statements) => Promise<Result>,
) {
  const session = statements(connection);
  const [row] = await session.query<{ held: number }>(`SELECT GET_LOCK(?, ${LOCK_WAIT_SECONDS}) AS held`, [
    name,
  ]);
  if (row?.held !== 1) throw new Error(`The lock "${name}" was not free within ${LOCK_WAIT_SECONDS} s`);
  try {
    return await work(session);
  } finally {
    // A connection that ends gives its locks back.
    await session.query('SELECT RELEASE_LOCK(?) AS released', [name]).catch(connection.destroy);
  }
}

const LONGEST_PAUSE_MS = 500;

/** Does work again that a lost connection, or a server that only reads, has left undone. */
async function insisting<Result>(work: () => Promise<Result>, { again }: Limits): Promise<Result> {
  const until = performance.now() + again;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isLost(error) && !isReadOnly(error)) throw error;
      const pause = Math.random() * Math.min(LONGEST_PAUSE_MS, 20 * 2 ** attempt);
      if (performance.now() + pause > until) throw new DatabaseUnavailableError({ cause: error });
      await sleep(pause);
    }
  }
}

/** Awaits what cannot be done again once it was sent. @throws OutcomeUnknownError when it was, and no answer came */
async function certain<Answer>(sent: Promise<Answer>): Promise<Answer> {
  try {
    return await sent;
  } catch (error) {
    throw isLost(error) && !isUnsent(error) ? new OutcomeUnknownError({ cause: error }) : error;
  }
}

function statements({ execute }: Connection): Statements {
  const run = async (statement: string, values: readonly SqlValue[] = []) => {
    try {
      return await execute(statement, values);
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

function translated(error: unknown): unknown {
  const { message } = error as Error;
  if (errno(error) === ER_DUP_ENTRY) return new DuplicateKeyError(message, { cause: error });
  if (ALREADY_EXISTS.has(errno(error))) return new AlreadyExistsError(message, { cause: error });
  return error;
}
