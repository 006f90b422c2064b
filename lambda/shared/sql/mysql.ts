import { setTimeout as sleep } from 'node:timers/promises';
import type { ResultSetHeader } from 'mysql2';
import {
  type Connection,
  LIMITS,
  type Limits,
  MAINTENANCE_LIMITS,
  openConnections,
} from './mysql-connections';
import { errno, isLost, isReadOnly, isRolledBack, isUnsent } from './mysql-errors';
import type { Tls } from './rds-tls';
import {
  AlreadyDroppedError,
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
/** ER_BAD_TABLE_ERROR, ER_CANT_DROP_FIELD_OR_KEY. */
const ALREADY_DROPPED = new Set([1051, 1091]);
const ER_DUP_ENTRY = 1062;
const ATTEMPTS = 8;
const LOCK_WAIT_SECONDS = 60;
const ER_LOCK_WAIT_TIMEOUT = 1205;
/** For a lock on a table, and between two attempts: about three minutes in all. */
const METADATA_WAIT_SECONDS = 3;
const METADATA_ATTEMPTS = 30;

/**
 * MySQL 8, Aurora MySQL or MariaDB 10.11, through a pool of connections. Work that a lost server has certainly not done
 * is retried for a few seconds, and nothing else (decision 0062).
 */
export function openMysql(url: string, tls?: Tls, limits = LIMITS): Sql {
  const { use, close } = openConnections(url, tls, limits);
  const retryUntilSent = <Result>(work: (connection: Connection) => Promise<Result>) =>
    insisting(() => use(work), limits);

  /**
   * Retries after a deadlock, which rolls back the transaction, or a single statement, completely.
   * @throws DatabaseUnavailableError after the last attempt: nothing was done
   */
  const whole = async <Result>(work: (connection: Connection) => Promise<Result>) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await retryUntilSent(work);
      } catch (error) {
        if (!isRolledBack(error)) throw error;
        if (attempt === ATTEMPTS) throw new DatabaseUnavailableError({ cause: error });
        await sleep(Math.random() * 2 ** attempt * 5);
      }
    }
  };

  return {
    query: (statement, values) => whole((connection) => statements(connection).query(statement, values)),
    execute: (statement, values) =>
      whole((connection) => certain(statements(connection).execute(statement, values))),
    transaction: (work) => whole((connection) => once(connection, work)),
    // Work under a lock, such as a migration, may change whole tables.
    exclusively: (name, work) =>
      use((connection) => locked(connection, name, work), MAINTENANCE_LIMITS.statement),
    close,
  };
}

async function once<Result>(connection: Connection, work: (tx: Statements) => Promise<Result>) {
  await connection.say('START TRANSACTION');
  try {
    const result = await work(statements(connection));
    await certain(connection.say('COMMIT'));
    return result;
  } catch (error) {
    // A connection that cannot roll back must not return to the pool.
    await connection.say('ROLLBACK').catch(connection.destroy);
    throw error;
  }
}

async function locked<Result>(
  connection: Connection,
  name: string,
  work: (session: Statements) => Promise<Result>,
) {
  const session = patient(statements(connection));
  await connection.say(`SET SESSION lock_wait_timeout = ${METADATA_WAIT_SECONDS}`);
  const [row] = await session.query<{ held: number }>(`SELECT GET_LOCK(?, ${LOCK_WAIT_SECONDS}) AS held`, [
    name,
  ]);
  if (row?.held !== 1) throw new Error(`The lock "${name}" was not free within ${LOCK_WAIT_SECONDS} s`);
  try {
    return await work(session);
  } finally {
    // Closing the connection releases its locks.
    await session.query('SELECT RELEASE_LOCK(?) AS released', [name]).catch(connection.destroy);
    await connection.say('SET SESSION lock_wait_timeout = DEFAULT').catch(connection.destroy);
  }
}

/**
 * A change of a table that waits for a long transaction makes every later statement on that table wait behind it: it
 * gives up soon, lets them pass, and is tried again.
 */
function patient({ query, execute }: Statements): Statements {
  return {
    query,
    execute: async (statement, values) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await execute(statement, values);
        } catch (error) {
          if (errno(error) !== ER_LOCK_WAIT_TIMEOUT || attempt === METADATA_ATTEMPTS) throw error;
          await sleep(METADATA_WAIT_SECONDS * 1000 * (0.5 + Math.random()));
        }
      }
    },
  };
}

const MAX_DELAY_MS = 500;

/** Retries work that was not done because of a lost connection or a read-only server. */
async function insisting<Result>(work: () => Promise<Result>, { again }: Limits): Promise<Result> {
  const until = performance.now() + again;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isLost(error) && !isReadOnly(error)) throw error;
      const pause = Math.random() * Math.min(MAX_DELAY_MS, 20 * 2 ** attempt);
      if (performance.now() + pause > until) throw new DatabaseUnavailableError({ cause: error });
      await sleep(pause);
    }
  }
}

/** For statements that must not be sent twice. @throws OutcomeUnknownError if it was sent and no response arrived */
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
  if (ALREADY_DROPPED.has(errno(error))) return new AlreadyDroppedError(message, { cause: error });
  return error;
}
