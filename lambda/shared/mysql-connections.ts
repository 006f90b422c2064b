import type { Duplex } from 'node:stream';
import { createPool, type PoolConnection, type QueryError, type QueryResult } from 'mysql2';
import { isLost, isReadOnly } from './mysql-faults';
import type { Tls } from './rds-tls';
import { DatabaseUnavailableError, PREPARED_STATEMENTS, type SqlValue } from './sql';

/** In milliseconds. */
export interface Limits {
  /** Until a connection stands. */
  readonly connect: number;
  /** Until a statement is answered: a server that vanished says nothing, and no pool shall hang on it. */
  readonly statement: number;
  /** Until one of the pool's connections is free. */
  readonly wait: number;
  /** For how long work is begun again that a lost server has not done. */
  readonly again: number;
  /** How long a connection lives at least; twice as long at most, so that not all are made anew at once. */
  readonly life: number;
}

export const LIMITS: Limits = { connect: 2_000, statement: 10_000, wait: 10_000, again: 3_000, life: 60_000 };
/** For maintenance, whose statements read or change whole tables. */
export const UNHURRIED: Limits = { ...LIMITS, statement: 24 * 3_600_000 };

/** One connection of the pool, while it is used. What ends it takes it out of the pool. */
export interface Connection {
  /** Prepared, once on each connection. */
  execute(statement: string, values: readonly SqlValue[]): Promise<QueryResult>;
  /** What cannot be prepared: the frame of a transaction. */
  say(statement: string): Promise<void>;
  destroy(): void;
}

export interface Connections {
  /** Runs work on one connection. @throws DatabaseUnavailableError when none is free in time */
  use<Result>(work: (connection: Connection) => Promise<Result>, statementMs?: number): Promise<Result>;
  close(): Promise<void>;
}

/**
 * A pool of 10. Connections end after a minute or two: after a failover, one that was made while the name still led to the
 * former writer would go on reading there (rule D4). When one connection is lost or leads to a server that only
 * reads, no other as old is used again.
 */
export function openConnections(url: string, tls: Tls | undefined, limits: Limits): Connections {
  const pool = createPool({
    uri: url,
    ssl: tls && { ...tls },
    connectionLimit: 10,
    connectTimeout: limits.connect,
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
    // mysql2 would keep 16,000 on each connection.
    maxPreparedStatements: PREPARED_STATEMENTS,
    // SUM and AVG are DECIMAL, which would come as text.
    decimalNumbers: true,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
  });
  /** The age in which each open connection was made, and until when it is used. */
  const open = new Map<PoolConnection, { readonly age: number; readonly until: number }>();
  let age = 0;
  pool.on('connection', (connection) => {
    open.set(connection, { age, until: performance.now() + limits.life * (1 + Math.random()) });
    // The driver listens for one error; a second one, and any after it was dropped, would end the process.
    connection.on('error', () => undefined);
    socketOf(connection).once('close', () => open.delete(connection));
  });

  const acquire = async (): Promise<PoolConnection> => {
    const connection = await free();
    const made = open.get(connection);
    if (made?.age !== age) drop(connection);
    else if (performance.now() < made.until) return connection;
    // It says goodbye: there is somebody to hear it.
    else connection.destroy();
    return acquire();
  };

  const free = () =>
    new Promise<PoolConnection>((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(new DatabaseUnavailableError());
      }, limits.wait);
      pool.getConnection((error, connection) => {
        clearTimeout(timer);
        if (error) reject(error);
        else if (late) connection.release();
        else resolve(connection);
      });
    });

  const noteEndOf = (connection: PoolConnection, error: unknown): void => {
    if (!isLost(error) && !isReadOnly(error)) return;
    if (open.get(connection)?.age === age) age++;
    drop(connection);
  };

  return {
    use: async (work, statementMs = limits.statement) => {
      const connection = await acquire();
      const answered = <Answer>(send: (done: Done<Answer>) => unknown) =>
        inTime(statementMs, send, (error) => noteEndOf(connection, error));
      try {
        return await work({
          execute: (statement, values) =>
            answered((done) => connection.execute(statement, values as SqlValue[], done)),
          say: (statement) =>
            answered((done) => connection.query(statement, (error) => done(error, undefined))),
          destroy: () => drop(connection),
        });
      } finally {
        connection.release();
      }
    },
    close: async () => {
      // A server that is gone does not answer a goodbye.
      await inTime<void>(limits.connect, (done) => pool.end((error) => done(error, undefined))).catch(
        () => undefined,
      );
      for (const connection of open.keys()) socketOf(connection).destroy();
    },
  };
}

function drop(connection: PoolConnection): void {
  connection.destroy();
  // The driver says goodbye and waits, for minutes when nobody is there to hear it.
  socketOf(connection).destroy();
}

/** The driver's typings leave it out. */
const socketOf = (connection: PoolConnection): Duplex => (connection as unknown as { stream: Duplex }).stream;

type Done<Answer> = (error: QueryError | NodeJS.ErrnoException | null | undefined, answer: Answer) => void;

/** The answer, or ETIMEDOUT. One promise and the driver's callbacks: its promises cost a fifth of what a read does. */
function inTime<Answer>(
  ms: number,
  send: (done: Done<Answer>) => unknown,
  onError: (error: unknown) => void = () => undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      onError(error);
      reject(error);
    };
    const timer = setTimeout(
      () => fail(Object.assign(new Error('The database did not answer in time'), { code: 'ETIMEDOUT' })),
      ms,
    );
    const done: Done<Answer> = (error, answer) => {
      clearTimeout(timer);
      if (error) fail(error);
      else resolve(answer);
    };
    try {
      send(done);
    } catch (error) {
      // The driver throws at once what it cannot bind.
      clearTimeout(timer);
      reject(error);
    }
  });
}
